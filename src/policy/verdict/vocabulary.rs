//! What the policy defines, for those who ask whether a name means anything.

use super::mistake::Mistake;
use crate::policy::place::{Place, Validity};
use crate::policy::{Policy, Selector, Topology};
use std::collections::HashSet;

/// The names that selectors may use.
pub(super) struct Vocabulary<'p> {
    groups: HashSet<&'p str>,
    tags: HashSet<&'p str>,
    hosts: HashSet<&'p str>,
    ip_sets: HashSet<&'p str>,
    postures: HashSet<&'p str>,
    /// Empty: not known.
    domains: &'p [String],
}

impl<'p> Vocabulary<'p> {
    pub(super) fn of(policy: &'p Policy<'_>, topology: &'p Topology) -> Self {
        Self {
            groups: policy.groups.iter().map(|group| group.name.trim()).collect(),
            tags: policy.tags.iter().map(|tag| tag.name.trim()).collect(),
            hosts: policy.hosts.iter().map(|host| host.name.trim()).collect(),
            ip_sets: policy.ipsets.iter().map(|set| set.name.trim()).collect(),
            postures: policy.postures.iter().map(|posture| posture.name.trim()).collect(),
            domains: &topology.domains,
        }
    }

    /// Whether a selector may stand in a place, and what it names is defined.
    pub(super) fn admit(&self, place: Place, selector: Selector) -> Result<(), Mistake> {
        if place.validity(&selector) == Validity::Invalid {
            return Err(Mistake::Misplaced { place, selector });
        }
        self.defined(selector)
    }

    /// Whether what a selector names is defined. Users need not be known, and synced groups never are.
    pub(super) fn defined(&self, selector: Selector) -> Result<(), Mistake> {
        match selector {
            Selector::Tag(name) if !self.has_tag(&name) => Err(Mistake::UndefinedTag(name)),
            Selector::Group(name) if !self.groups.contains(&*name) => Err(Mistake::UndefinedGroup(name)),
            Selector::IpSet(name) if !self.ip_sets.contains(&*name) => Err(Mistake::UndefinedIpSet(name)),
            Selector::Host(name) if !self.hosts.contains(&*name) => Err(Mistake::InvalidAddress(name)),
            Selector::HostReference(text)
                if !text.strip_prefix("host:").is_some_and(|name| self.hosts.contains(name)) =>
            {
                Err(Mistake::InvalidAddress(text))
            }
            Selector::Domain(text) => self.associated(text.strip_prefix("user:*@").unwrap_or(&text)),
            _ => Ok(()),
        }
    }

    pub(super) fn has_tag(&self, name: &str) -> bool {
        self.tags.contains(name)
    }

    pub(super) fn has_posture(&self, name: &str) -> bool {
        self.postures.contains(name)
    }

    /// Whether a login domain belongs to the tailnet, as it is spelt.
    pub(super) fn associated(&self, domain: &str) -> Result<(), Mistake> {
        if self.domains.is_empty() || self.domains.iter().any(|known| known == domain) {
            Ok(())
        } else {
            Err(Mistake::ForeignDomain(domain.to_owned()))
        }
    }
}
