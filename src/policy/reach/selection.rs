//! What selectors stand for, for those who ask about a tailnet.

use super::names::{Names, Selected};
use crate::policy::address_set::Network;
use crate::policy::selector::Selector;
use crate::policy::topology::Topology;
use crate::policy::view::Policy;

/// What a selector stands for in a tailnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Devices, as indexes in [`Topology::devices`], in order; none for what nobody is in.
    Devices(Vec<usize>),
    /// Addresses that the policy or the selector itself names, whoever has them.
    Networks(Vec<Network>),
    /// What means something in a rule only: `autogroup:self`, `autogroup:internet`, `autogroup:danger-all`.
    InRulesOnly,
}

/// Resolves selectors, each of them once.
pub struct Selections<'p> {
    policy: &'p Policy<'p>,
    names: Names<'p>,
}

impl<'p> Selections<'p> {
    /// Costs time for each device, group and host.
    #[must_use]
    pub fn new(policy: &'p Policy<'_>, topology: &'p Topology) -> Self {
        Self { policy, names: Names::new(policy, topology) }
    }

    /// Resolves a selector. `*` is every device. `None`: it is a word that the policy does not define.
    pub fn of(&mut self, selector: &str) -> Option<Selection> {
        if let Selector::Host(name) = Selector::parse(selector)
            && !self.policy.hosts.iter().any(|host| host.name == name)
        {
            return None;
        }
        Some(match &*self.names.resolve(selector) {
            Selected::Everybody => Selection::Devices((0..self.names.topology().devices.len()).collect()),
            Selected::Devices(devices) => Selection::Devices(devices.clone()),
            Selected::Networks(literal) => Selection::Networks(literal.networks.to_vec()),
            Selected::AnyAddress | Selected::OwnDevices | Selected::Internet => Selection::InRulesOnly,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Device, Person, parse};

    #[track_caller]
    fn check(selector: &str, expected: impl Into<Option<Selection>>) {
        let document = parse(
            br#"{"groups": {"group:eng": ["ada@example.com"]}, "hosts": {"web": "10.0.0.7", "lan": "10.0.0.0/8"}}"#,
        )
        .unwrap();
        let policy = Policy::read(&document).unwrap();
        let ada = Person { logins: vec!["Ada@example.com".to_owned()], member: true, ..Person::default() };
        let device = |name: &str, owner, tags: &[&str]| Device {
            name: name.to_owned(),
            owner,
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..Device::default()
        };
        let topology = Topology {
            people: vec![ada],
            devices: vec![device("laptop", Some(0), &[]), device("db", None, &["tag:db"])],
            domains: vec!["example.com".to_owned()],
        };
        assert_eq!(Selections::new(&policy, &topology).of(selector), expected.into(), "{selector}");
    }

    #[test]
    fn selectors_are_resolved() {
        let devices = |devices: &[usize]| Some(Selection::Devices(devices.to_vec()));
        let network = |text: &str| Some(Selection::Networks(vec![Network::Prefix(text.parse().unwrap())]));
        check("*", devices(&[0, 1]));
        check("ada@example.com", devices(&[0]));
        check("group:eng", devices(&[0]));
        check("tag:db", devices(&[1]));
        check("tag:web", devices(&[]));
        check("web", network("10.0.0.7"));
        check("lan", network("10.0.0.0/8"));
        check("192.0.2.1", network("192.0.2.1"));
        check("autogroup:self", Some(Selection::InRulesOnly));
        check("laptop", None);
    }
}
