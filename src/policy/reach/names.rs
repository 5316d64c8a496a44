//! What selectors stand for in a tailnet.

use super::ipsets::IpSets;
use crate::policy::address_set::{AddressSet, Network};
use crate::policy::list::Named;
use crate::policy::prefix::Prefix;
use crate::policy::selector::{Selector, login_key, trimmed};
use crate::policy::topology::{Device, Person, Topology};
use crate::policy::view::Policy;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// What a selector selects.
#[derive(Debug)]
pub(super) enum Selected {
    /// `*`
    Everybody,
    /// `autogroup:danger-all`: any address, also outside the tailnet.
    AnyAddress,
    /// `autogroup:self`: the devices of the user who asks.
    OwnDevices,
    /// `autogroup:internet`
    Internet,
    /// Devices, as indexes in [`Topology::devices`], in order. None is nobody.
    Devices(Vec<usize>),
    /// Addresses, whoever has them.
    Networks(Literal),
}

/// Addresses that the policy names itself.
#[derive(Debug)]
pub(super) struct Literal {
    /// As they are sent to devices.
    pub(super) networks: Arc<[Network]>,
    pub(super) set: AddressSet,
}

impl FromIterator<Network> for Literal {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        let networks: Arc<[Network]> = networks.into_iter().collect();
        Self { set: networks.iter().copied().collect(), networks }
    }
}

/// Resolves selectors, each of them once.
pub(super) struct Names<'p> {
    topology: &'p Topology,
    groups: HashMap<&'p str, Vec<&'p str>>,
    hosts: HashMap<&'p str, &'p str>,
    ipsets: IpSets<'p>,
    by_login: HashMap<String, Vec<usize>>,
    by_tag: HashMap<&'p str, Vec<usize>>,
    resolved: HashMap<String, Rc<Selected>>,
}

impl<'p> Names<'p> {
    pub(super) fn new(policy: &'p Policy<'_>, topology: &'p Topology) -> Self {
        let mut by_login: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_tag: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, device) in topology.devices.iter().enumerate() {
            let logins = owner(topology, device).map(|person| &*person.logins).unwrap_or_default();
            for login in logins.iter().map(|login| login_key(login)).collect::<BTreeSet<_>>() {
                by_login.entry(login).or_default().push(index);
            }
            for tag in device.tags.iter().collect::<BTreeSet<_>>() {
                by_tag.entry(tag).or_default().push(index);
            }
        }
        let members = |group: &'p Named<'_>| (&*group.name, group.items().map(|item| &*item.text).collect());
        let hosts: HashMap<_, _> = policy.hosts.iter().map(|host| (&*host.name, &*host.address)).collect();
        Self {
            topology,
            groups: policy.groups.iter().map(members).collect(),
            ipsets: IpSets::new(&policy.ipsets, hosts.clone()),
            hosts,
            by_login,
            by_tag,
            resolved: HashMap::new(),
        }
    }

    pub(super) fn topology(&self) -> &'p Topology {
        self.topology
    }

    /// What a selector stands for.
    pub(super) fn resolve(&mut self, text: &str) -> Rc<Selected> {
        let text = trimmed(text);
        if let Some(known) = self.resolved.get(text) {
            return Rc::clone(known);
        }
        let selected = Rc::new(self.select(text));
        self.resolved.insert(text.to_owned(), Rc::clone(&selected));
        selected
    }

    /// The devices with one of these tags, in order.
    pub(super) fn tagged_with<'t>(&self, tags: impl Iterator<Item = &'t str>) -> Vec<usize> {
        let devices = tags.filter_map(|tag| self.by_tag.get(trimmed(tag))).flatten().copied();
        devices.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn select(&mut self, text: &str) -> Selected {
        match Selector::parse(text) {
            Selector::Everybody => Selected::Everybody,
            Selector::Login(login) => Selected::Devices(self.devices_of(&login)),
            Selector::Group(name) => Selected::Devices(self.devices_of_group(&name)),
            Selector::Tag(tag) => Selected::Devices(self.tagged_with(std::iter::once(&*tag))),
            Selector::Autogroup(name) => self.autogroup(&name),
            Selector::Domain(text) => Selected::Devices(self.devices_in_domain(&text)),
            Selector::Network(text) => literal(&text),
            Selector::IpSet(name) => Selected::Networks(self.ipsets.addresses(&name).networks().collect()),
            // Who is in a synced group, or runs a service, is not in the policy.
            Selector::SyncedGroup(_) | Selector::Service(_)
            // These name nobody: they have their place elsewhere.
            | Selector::Range(_) | Selector::HostReference(_) | Selector::LocalPart(_) => nobody(),
            Selector::Host(name) => self.hosts.get(&*name).map_or_else(nobody, |value| literal(value)),
        }
    }

    fn devices_of(&self, login: &str) -> Vec<usize> {
        self.by_login.get(&login_key(login)).cloned().unwrap_or_default()
    }

    /// Members are full logins; anything else in a group is refused by the service, and selects nobody.
    fn devices_of_group(&self, name: &str) -> Vec<usize> {
        let members = self.groups.get(name).into_iter().flatten();
        let logins = members.filter(|member| matches!(Selector::parse(member), Selector::Login(_)));
        let devices = logins.flat_map(|login| self.devices_of(login));
        devices.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Domains are compared case by case, and are the tailnet's own.
    fn devices_in_domain(&self, selector: &str) -> Vec<usize> {
        let domain = selector.split_once('@').map_or("", |(_, domain)| domain);
        if !self.is_own_domain(domain) {
            return Vec::new();
        }
        self.devices_of_people(|person| {
            person.member && person.logins.iter().any(|login| domain_of(login) == Some(domain))
        })
    }

    /// The domain is one of the tailnet's, or these are not known.
    pub(super) fn is_own_domain(&self, domain: &str) -> bool {
        !domain.is_empty()
            && (self.topology.domains.is_empty() || self.topology.domains.iter().any(|own| own == domain))
    }

    fn autogroup(&self, name: &str) -> Selected {
        let role = match name {
            "autogroup:self" => return Selected::OwnDevices,
            "autogroup:internet" => return Selected::Internet,
            "autogroup:danger-all" => return Selected::AnyAddress,
            "autogroup:tagged" => {
                let tagged =
                    self.topology.devices.iter().enumerate().filter(|(_, device)| !device.tags.is_empty());
                return Selected::Devices(tagged.map(|(index, _)| index).collect());
            }
            "autogroup:member" | "autogroup:members" => {
                return Selected::Devices(self.devices_of_people(|person| person.member));
            }
            "autogroup:shared" => return Selected::Devices(self.devices_of_people(|person| person.shared)),
            "autogroup:admin" => "admin",
            "autogroup:owner" => "owner",
            "autogroup:it-admin" => "it-admin",
            "autogroup:network-admin" => "network-admin",
            "autogroup:billing-admin" => "billing-admin",
            "autogroup:auditor" => "auditor",
            _ => return nobody(),
        };
        // The owner counts among the admins.
        let has_role = |person: &Person| {
            person.member && (person.role == role || (role == "admin" && person.role == "owner"))
        };
        Selected::Devices(self.devices_of_people(has_role))
    }

    fn devices_of_people(&self, is_meant: impl Fn(&Person) -> bool) -> Vec<usize> {
        let meant: Vec<bool> = self.topology.people.iter().map(is_meant).collect();
        let devices = self.topology.devices.iter().enumerate();
        let of_them = devices.filter(|(_, device)| {
            device.owner.and_then(|owner| meant.get(owner)).copied().unwrap_or_default()
        });
        of_them.map(|(index, _)| index).collect()
    }
}

/// The person a device belongs to; nobody for a tagged one.
pub(super) fn owner<'t>(topology: &'t Topology, device: &Device) -> Option<&'t Person> {
    device.owner.and_then(|owner| topology.people.get(owner))
}

/// The routes that make a device a subnet router: the approved ones but exit routes.
pub(super) fn subnet_routes(device: &Device) -> impl Iterator<Item = Prefix> {
    device.approved_routes.iter().copied().filter(|route| !route.is_everything())
}

/// What follows the `@` of a login.
pub(super) fn domain_of(login: &str) -> Option<&str> {
    login.trim().split_once('@').map(|(_, domain)| domain)
}

fn nobody() -> Selected {
    Selected::Devices(Vec::new())
}

/// An address or prefix, as `hosts` and rules have them.
fn literal(text: &str) -> Selected {
    let prefix: Result<Prefix, _> = trimmed(text).parse();
    prefix.map_or_else(
        |_| nobody(),
        |prefix| Selected::Networks(std::iter::once(Network::Prefix(prefix)).collect()),
    )
}
