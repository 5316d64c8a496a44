//! What the rules of a policy might grant at all, whoever and whatever is not known here.

use super::stage::selector;
use super::unfit::Unfit;
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use crate::policy::selector::Selector;
use crate::policy::view::Policy;
use std::collections::HashSet;

/// What cannot be granted, because no rule is there that could do it.
pub(super) struct Granted {
    packets: bool,
    logins: bool,
    /// `None`: rules name addresses, and one of them may be a service's.
    services: Option<HashSet<String>>,
}

impl Granted {
    pub(super) fn new(policy: &Policy<'_>) -> Self {
        let in_use = |rule: &&Rule<'_>| rule.source_items().next().is_some() && !rule.destinations.is_empty();
        let (ssh, network): (Vec<_>, Vec<_>) =
            policy.rules.iter().filter(in_use).partition(|rule| rule.section == Section::Ssh);
        let mut services = (!policy.allows_everything).then(HashSet::new);
        for (section, text) in network
            .iter()
            .flat_map(|rule| rule.destinations.iter().map(move |destination| (rule.section, destination)))
        {
            match selector(section, text) {
                Selector::Service(name) => {
                    services.as_mut().map(|services| services.insert(name));
                }
                Selector::Network(_) | Selector::Range(_) | Selector::IpSet(_) | Selector::Host(_) => {
                    services = None;
                }
                // Neither `*` nor what stands for devices covers a service.
                _ => {}
            }
        }
        Self { packets: policy.allows_everything || !network.is_empty(), logins: !ssh.is_empty(), services }
    }

    /// No packets get through from or to the selector, which is unfit for tests here.
    pub(super) fn no_packets(&self, selector: &str, unfit: Unfit) -> bool {
        let no_service = || {
            let Selector::Service(name) = Selector::parse(selector) else { return false };
            self.services.as_ref().is_some_and(|services| !services.contains(&name))
        };
        !self.packets || unfit == Unfit::Nobody || no_service()
    }

    /// Nobody can log in from or to the selector, which is unfit for tests here.
    pub(super) fn no_logins(&self, unfit: Unfit) -> bool {
        !self.logins || unfit == Unfit::Nobody
    }
}
