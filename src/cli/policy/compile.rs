//! `tailgrant policy compile`: what the service would send to each device.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use clap::{ArgMatches, Command};

use super::subject::{self, Subject};
use super::{Answer, Error, Output, file_argument, json_argument, words};
use crate::cli::excerpt::harmless;
use crate::cli::output::{self, FAINT, HEADING};
use crate::config::Environment;
use crate::policy::reach::{
    DeviceRules, Endpoint, Filter, Origin, Permission, Reach, SshAction, SshRule, SshRules,
};
use crate::policy::{self, Device, Network, Policy, Topology};

/// Most sources, destinations or accounts of one rule that are shown to people.
const MOST: usize = 6;

pub(super) fn command() -> Command {
    Command::new("compile")
        .about("Print what the service would send to each device")
        .long_about(
            "Prints what the service would send to each device: packet filters, application capabilities and SSH \
             rules. Users and devices come from --topology, or from the tailnet itself where there is a credential \
             for it; then FILE can be left out, too.\n\nWith --json: \
             {\"filters\":{DEVICE:[…]},\"ssh\":{DEVICE:[…]}}, in the service's own form.",
        )
        .arg(file_argument("file"))
        .arg(json_argument())
        .args(subject::arguments())
}

pub(super) fn run(
    flags: &ArgMatches,
    environment: Environment<'_>,
    output: &mut Output,
) -> Result<Answer, Error> {
    let subject = Subject::gather(flags, "file", environment)?;
    let topology = subject.topology()?;
    let document = subject.source.parse()?;
    let policy = subject.source.policy(&document)?;
    if let Err(rejection) = policy::judge(&policy, topology) {
        let message = harmless(&rejection.message);
        let line = rejection.position.line;
        let name = harmless(&subject.source.name);
        output::remark(format_args!("note: the service would refuse {name}: line {line}: {message}"));
    }
    let reach = Reach::compile(&policy, topology);
    if flags.get_flag("json") {
        output.json(&reach)?;
        return Ok(Answer::Yes);
    }
    let listing = Listing { policy: &policy, names: names(topology) };
    for (rules, device) in reach.devices.iter().zip(&topology.devices) {
        let owner = device.owner.and_then(|owner| topology.people.get(owner));
        let login = owner.and_then(|person| person.logins.first());
        let about = login.into_iter().chain(&device.tags).cloned().collect::<Vec<_>>().join(" ");
        let (name, about) = (harmless(&device.name), harmless(&about));
        output.line(format_args!("{HEADING}{name}{HEADING:#}  {FAINT}{about}{FAINT:#}"))?;
        for line in listing.lines(rules, device) {
            output.line(format_args!("  {}", harmless(&line)))?;
        }
    }
    Ok(Answer::Yes)
}

/// The device that has an address.
fn names(topology: &Topology) -> HashMap<IpAddr, &str> {
    let mut names = HashMap::new();
    for device in &topology.devices {
        names.extend(device.addresses.iter().map(|address| (*address, &*device.name)));
    }
    names
}

struct Listing<'p, 'd> {
    policy: &'p Policy<'d>,
    names: HashMap<IpAddr, &'p str>,
}

impl Listing<'_, '_> {
    /// What a device is told, a line for each thing.
    fn lines(&self, rules: &DeviceRules, device: &Device) -> Vec<String> {
        let filters = rules.filters.iter().flat_map(|filter| self.filter(filter, device));
        let ssh = rules.ssh.iter().flat_map(|rules| self.ssh(rules));
        let lines: Vec<String> = filters.chain(ssh).collect();
        if lines.is_empty() { vec!["nothing".to_owned()] } else { lines }
    }

    fn filter(&self, filter: &Filter, device: &Device) -> Vec<String> {
        let line = self.line(filter.origin);
        let sources = match filter.sources.networks() {
            [] => "nobody".to_owned(),
            networks => self.networks(networks, None),
        };
        match &filter.permission {
            Permission::Packets { protocol, endpoints } => {
                let endpoint = |endpoint: &Endpoint| {
                    let there = self.networks(&endpoint.networks, Some(device));
                    let traffic = words::traffic(*protocol, &endpoint.ports);
                    format!("{line}: {sources} → {there} {traffic}")
                };
                endpoints.iter().map(endpoint).collect()
            }
            Permission::Capabilities { scope, capabilities } => {
                let there = self.networks(scope, Some(device));
                let names = words::some_of(capabilities.keys().cloned(), MOST);
                vec![format!("{line}: {sources} → {there} may {names}")]
            }
        }
    }

    fn ssh(&self, rules: &SshRules) -> Vec<String> {
        let line = self.line(rules.origin);
        let action = match rules.action {
            SshAction::Check => "ssh, checked",
            SshAction::Accept => "ssh",
        };
        let of = |rule: &SshRule| {
            let principals = self.addresses(rule.principals.iter().copied());
            let accounts = words::some_of(accounts(rule), MOST);
            format!("{line}: {action}: {principals} as {accounts}")
        };
        rules.rules.iter().map(of).collect()
    }

    fn line(&self, origin: Origin) -> String {
        words::rule(self.policy, origin)
            .map_or_else(|| "no rule".to_owned(), |rule| format!("line {}", rule.position.line))
    }

    /// Networks, with the names of devices for their addresses. `own` is the device that is told.
    fn networks(&self, networks: &[Network], own: Option<&Device>) -> String {
        let word = |network: &Network| match network {
            Network::Prefix(prefix) if prefix.is_single() => {
                let address = prefix.address();
                match own {
                    Some(own) if own.addresses.contains(&address) => "here".to_owned(),
                    _ => self.name(address),
                }
            }
            network => network.to_string(),
        };
        words::some_of(once_each(networks.iter().map(word)), MOST)
    }

    fn addresses(&self, addresses: impl Iterator<Item = IpAddr>) -> String {
        words::some_of(once_each(addresses.map(|address| self.name(address))), MOST)
    }

    fn name(&self, address: IpAddr) -> String {
        self.names.get(&address).map_or_else(|| address.to_string(), |name| (*name).to_owned())
    }
}

/// The accounts that a rule admits. What it refuses is told only where it admits all others.
fn accounts(rule: &SshRule) -> impl Iterator<Item = String> {
    let any = rule.accounts.contains_key("*");
    rule.accounts.iter().filter_map(move |(asked, given)| match (&**asked, &**given) {
        ("*", _) => Some("any account".to_owned()),
        (asked, "") => any.then(|| format!("not {asked}")),
        (asked, _) => (!any).then(|| asked.to_owned()),
    })
}

/// A device has two addresses, and is to be named once.
fn once_each(words: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let mut seen = HashSet::new();
    words.filter(move |word| seen.insert(word.clone()))
}
