//! SSH rules: who may log in where, and as whom.

use super::names::{Names, Selected};
use super::{Origin, SshDecision};
use crate::hujson::Value;
use crate::policy::fields::Fields;
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use crate::policy::selector::trimmed;
use crate::policy::topology::Person;
use crate::policy::view::Policy;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

/// What happens to a login that a rule admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SshAction {
    /// It is let in after the user has authenticated again.
    Check,
    /// It is let in.
    Accept,
}

/// What an SSH rule of the policy comes to on a device. All its rules have one action, so their order
/// matters only among themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshRules {
    /// Where they come from.
    pub origin: Origin,
    /// What they do.
    pub action: SshAction,
    /// Environment variables that may be sent along.
    pub accept_env: Arc<[String]>,
    /// In the order in which they are tried.
    pub rules: Vec<SshRule>,
    /// The rules that an address is a principal of. They are next to each other.
    by_address: HashMap<IpAddr, Range<usize>>,
}

/// Who may log in, as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshRule {
    /// Addresses of the sources.
    pub principals: Arc<[IpAddr]>,
    /// The account that is asked for, and the one that is given: `=` the same, empty none. `*` is any
    /// account that has no entry of its own.
    pub accounts: Arc<BTreeMap<String, String>>,
}

impl SshRules {
    /// What these rules say to a login; [`SshDecision::Refused`] if nothing, then others may admit it.
    pub(super) fn decide(&self, from: IpAddr, account: &str) -> SshDecision {
        let rules = self.by_address.get(&from).and_then(|range| self.rules.get(range.clone()));
        let admits = |rule: &SshRule| {
            rule.accounts
                .get(account)
                .or_else(|| rule.accounts.get("*"))
                .is_some_and(|local| !local.is_empty())
        };
        match self.action {
            _ if !rules.unwrap_or_default().iter().any(admits) => SshDecision::Refused,
            SshAction::Accept => SshDecision::Accepted(self.origin),
            SshAction::Check => SshDecision::Checked(self.origin),
        }
    }
}

/// What each device is told.
pub(super) fn compile(policy: &Policy<'_>, names: &mut Names<'_>) -> Vec<Vec<Arc<SshRules>>> {
    let mut told = vec![Vec::new(); names.topology().devices.len()];
    // Where a check and an acceptance apply, the check wins.
    for action in [SshAction::Check, SshAction::Accept] {
        for (index, rule) in policy.rules.iter().enumerate() {
            if let Some(login) = Login::read(Origin::Rule(index), rule).filter(|login| login.action == action)
            {
                login.tell(rule, names, &mut told);
            }
        }
    }
    told
}

/// What an SSH rule says, but for sources and destinations.
struct Login {
    origin: Origin,
    action: SshAction,
    accept_env: Arc<[String]>,
    /// For every source.
    accounts: Arc<BTreeMap<String, String>>,
    /// The domains of `localpart:*@DOMAIN`: whoever has a login there may log in as what stands before `@`.
    localpart: BTreeSet<String>,
}

/// The devices of one user among the sources, or all tagged ones.
struct Group<'t> {
    /// Nobody: tagged devices.
    user: Option<usize>,
    devices: Vec<usize>,
    logins: &'t [String],
}

impl Login {
    /// Nothing, if the service would refuse the rule.
    fn read(origin: Origin, rule: &Rule<'_>) -> Option<Self> {
        let action = match (rule.section, &*rule.action) {
            (Section::Ssh, "accept") => SshAction::Accept,
            (Section::Ssh, "check") => SshAction::Check,
            _ => return None,
        };
        let mut accounts = BTreeMap::from([("root".to_owned(), String::new())]);
        let mut localpart = BTreeSet::new();
        for user in &rule.ssh_users {
            match &**user {
                "" | "*" => return None,
                "autogroup:nonroot" => {
                    accounts.insert("*".to_owned(), "=".to_owned());
                }
                name => match name.strip_prefix("localpart:*@").filter(|domain| !domain.is_empty()) {
                    Some(domain) => {
                        localpart.insert(domain.to_owned());
                    }
                    None => {
                        accounts.insert(name.to_owned(), name.to_owned());
                    }
                },
            }
        }
        let fields = Fields::of_rule(rule.section, rule.value);
        let names = fields.all("acceptenv").flat_map(Value::elements);
        let accept_env = names.filter_map(Value::as_str).map(Cow::into_owned).collect();
        let accounts = Arc::new(accounts);
        (!rule.ssh_users.is_empty()).then_some(Self { origin, action, accept_env, accounts, localpart })
    }

    fn tell(&self, rule: &Rule<'_>, names: &mut Names<'_>, told: &mut [Vec<Arc<SshRules>>]) {
        let sources = devices(rule.source_items().map(|item| &*item.text), names);
        let destinations = || rule.destinations.iter().map(|text| trimmed(text));
        let others: Vec<&str> = destinations().filter(|text| *text != "autogroup:self").collect();
        let own = others.len() < rule.destinations.len();
        let there = devices(others.iter().copied(), names);
        let groups = groups(&sources, names);
        let mut tell = |device: usize, rules: &Arc<SshRules>| {
            if let Some(told) = told.get_mut(device) {
                told.push(Arc::clone(rules));
            }
        };
        let for_user: HashMap<usize, Arc<SshRules>> = groups
            .iter()
            .filter_map(|group| Some((group.user?, Arc::new(self.rules(std::slice::from_ref(group), names)))))
            .collect();
        if own {
            for (index, device) in names.topology().devices.iter().enumerate() {
                if let Some(rules) = device.owner.and_then(|owner| for_user.get(&owner)) {
                    tell(index, rules);
                }
            }
        }
        if groups.is_empty() || others.is_empty() {
            return;
        }
        let rules = Arc::new(self.rules(&groups, names));
        for device in &there {
            tell(*device, &rules);
        }
        if self.localpart.is_empty() {
            return;
        }
        // The service also tells sources, where accounts follow from logins: each user's devices that
        // user's rules, and each tagged device its own. No recorded rule has `autogroup:self` beside another
        // destination; those whom it has told that already are not told again.
        for index in sources.difference(&there) {
            let owner = names.topology().devices.get(*index).and_then(|device| device.owner);
            if let Some(rules) = owner.and_then(|owner| for_user.get(&owner)) {
                if !own {
                    tell(*index, rules);
                }
            } else {
                let alone = Group { user: None, devices: vec![*index], logins: &[] };
                tell(*index, &Arc::new(self.rules(&[alone], names)));
            }
        }
    }

    /// One rule for all sources; where accounts follow from logins, for each user by themselves.
    fn rules(&self, groups: &[Group<'_>], names: &Names<'_>) -> SshRules {
        let mut rules = SshRules {
            origin: self.origin,
            action: self.action,
            accept_env: Arc::clone(&self.accept_env),
            rules: Vec::new(),
            by_address: HashMap::new(),
        };
        let topology = names.topology();
        let addresses = |group: &Group<'_>| -> Vec<IpAddr> {
            let devices = group.devices.iter().filter_map(|index| topology.devices.get(*index));
            devices.flat_map(|device| &device.addresses).copied().collect()
        };
        if self.localpart.is_empty() {
            rules.add(groups.iter().flat_map(addresses).collect(), [Arc::clone(&self.accounts)]);
            return rules;
        }
        for group in groups {
            let own = group.logins.iter().filter_map(|login| login.trim().split_once('@'));
            let own: BTreeSet<&str> = own
                .filter(|(_, domain)| self.localpart.contains(*domain) && names.is_own_domain(domain))
                .map(|(account, _)| account)
                .collect();
            let own = own
                .into_iter()
                .map(|account| Arc::new(BTreeMap::from([(account.to_owned(), account.to_owned())])));
            rules.add(addresses(group), std::iter::once(Arc::clone(&self.accounts)).chain(own));
        }
        rules
    }
}

impl SshRules {
    /// Adds rules for some principals who have none yet.
    fn add(
        &mut self,
        principals: Vec<IpAddr>,
        accounts: impl IntoIterator<Item = Arc<BTreeMap<String, String>>>,
    ) {
        let start = self.rules.len();
        let principals: Arc<[IpAddr]> = principals.into();
        let rule = |accounts| SshRule { principals: Arc::clone(&principals), accounts };
        self.rules.extend(accounts.into_iter().map(rule));
        self.by_address.extend(principals.iter().map(|address| (*address, start..self.rules.len())));
    }
}

/// The devices that selectors stand for. SSH rules know no others.
fn devices<'t>(selectors: impl Iterator<Item = &'t str>, names: &mut Names<'_>) -> BTreeSet<usize> {
    let mut devices = BTreeSet::new();
    for selector in selectors {
        if let Selected::Devices(selected) = &*names.resolve(selector) {
            devices.extend(selected.iter().copied());
        }
    }
    devices
}

/// Devices by their users, tagged ones last.
fn groups<'t>(devices: &BTreeSet<usize>, names: &Names<'t>) -> Vec<Group<'t>> {
    let topology = names.topology();
    let mut by_user: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut tagged = Vec::new();
    for index in devices {
        match topology.devices.get(*index).and_then(|device| device.owner) {
            Some(owner) => by_user.entry(owner).or_default().push(*index),
            None => tagged.push(*index),
        }
    }
    let logins = |user: usize| topology.people.get(user).map(|person: &Person| &*person.logins);
    let mut groups: Vec<Group<'_>> = by_user
        .into_iter()
        .map(|(user, devices)| Group { user: Some(user), devices, logins: logins(user).unwrap_or_default() })
        .collect();
    if !tagged.is_empty() {
        groups.push(Group { user: None, devices: tagged, logins: &[] });
    }
    groups
}
