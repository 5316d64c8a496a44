//! Where tests are run: the compiled policy, and which of its rules hang on what is not known here.

use super::cast::Party;
use super::granted::Granted;
use crate::policy::destination::Destination;
use crate::policy::prefix::Prefix;
use crate::policy::reach::{Origin, Reach, Sender, SshDecision};
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use crate::policy::selector::Selector;
use crate::policy::topology::{Device, Topology};
use crate::policy::view::Policy;
use std::net::IpAddr;

/// A policy compiled for those who take part in its tests.
pub(super) struct Stage<'p> {
    policy: &'p Policy<'p>,
    topology: Topology,
    reach: Reach,
    pub(super) granted: Granted,
}

impl<'p> Stage<'p> {
    pub(super) fn new(policy: &'p Policy<'p>, topology: Topology) -> Self {
        Self { policy, reach: Reach::compile(policy, &topology), topology, granted: Granted::new(policy) }
    }

    /// Prepares for questions about packets from an address.
    pub(super) fn sender(&self, from: IpAddr) -> Sender<'_> {
        self.reach.sender(from)
    }

    /// What becomes of a login from any of the source's addresses.
    pub(super) fn log_in(&self, source: &Party, device: &Party, account: &str) -> SshDecision {
        let Some(device) = device.device else { return SshDecision::Refused };
        let decisions = source.addresses.iter().map(|from| self.reach.ssh(*from, device, account));
        decisions
            .into_iter()
            .find(|decision| *decision != SshDecision::Refused)
            .unwrap_or(SshDecision::Refused)
    }

    /// The rule does not hang on the posture of the source.
    pub(super) fn is_sure(&self, origin: Origin) -> bool {
        let Origin::Rule(index) = origin else { return true };
        let by_default =
            || self.policy.default_source_posture.iter().flat_map(|list| &list.items).count() == 0;
        self.policy.rules.get(index).is_some_and(|rule| rule.source_posture.is_empty() && by_default())
    }

    /// A network rule might let the source through to the device, if more were known.
    pub(super) fn may_let_through(&self, source: &Party, device: &Party) -> bool {
        let rules = self.policy.rules.iter().filter(|rule| rule.section != Section::Ssh);
        rules.into_iter().any(|rule| self.may_apply(rule, source, device))
    }

    /// An SSH rule might apply to a login from the source to the device, if more were known.
    pub(super) fn may_let_in(&self, source: &Party, device: &Party) -> bool {
        let rules = self.policy.rules.iter().filter(|rule| rule.section == Section::Ssh);
        rules.into_iter().any(|rule| self.may_apply(rule, source, device))
    }

    /// The rule has selectors of which it is not known whether they stand for the source or the device.
    fn may_apply(&self, rule: &Rule<'_>, source: &Party, device: &Party) -> bool {
        let belongs_to_somebody = |party| self.device(party).is_some_and(|device| device.owner.is_some());
        let (source, owned) = (belongs_to_somebody(source), belongs_to_somebody(device));
        let mut destinations =
            rule.destinations.iter().map(|destination| selector(rule.section, destination));
        let unknown_source = || rule.source_items().any(|item| self.is_unknown(&Selector::parse(&item.text)));
        source
            && destinations.clone().any(|destination| self.may_hold(&destination, device))
            && unknown_source()
            || owned && destinations.any(|destination| self.is_unknown(&destination))
    }

    /// It is not known for whom a selector stands.
    fn is_unknown(&self, selector: &Selector) -> bool {
        match selector {
            Selector::SyncedGroup(_) => true,
            Selector::Domain(_) => self.topology.domains.is_empty(),
            _ => false,
        }
    }

    /// A destination may hold a device; only what is cheap to tell is told.
    fn may_hold(&self, destination: &Selector, party: &Party) -> bool {
        let device = self.device(party);
        match destination {
            Selector::Tag(tag) => device.is_some_and(|device| device.tags.contains(tag)),
            Selector::Login(_) | Selector::Group(_) | Selector::SyncedGroup(_) | Selector::Domain(_) => {
                device.is_some_and(|device| device.owner.is_some())
            }
            Selector::Network(network) => {
                let network: Option<Prefix> = network.parse().ok();
                network
                    .is_some_and(|network| party.addresses.iter().any(|address| network.contains(*address)))
            }
            _ => true,
        }
    }

    fn device(&self, party: &Party) -> Option<&Device> {
        self.topology.devices.get(party.device?)
    }
}

/// The selector of a destination. What cannot be read stands for nothing.
pub(super) fn selector(section: Section, destination: &str) -> Selector {
    if section == Section::Acls {
        Destination::parse(destination)
            .map_or(Selector::Host(String::new()), |read| Selector::parse(&read.host))
    } else {
        Selector::parse(destination)
    }
}
