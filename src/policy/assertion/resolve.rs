//! What the selectors of tests stand for.

use super::cast::{Cast, Party};
use super::unfit::Unfit;
use crate::policy::inheritance::reaches_person;
use crate::policy::list::Named;
use crate::policy::prefix::Prefix;
use crate::policy::selector::{Selector, login_key};
use crate::policy::topology::Topology;
use crate::policy::view::Policy;
use std::collections::{HashMap, HashSet};

/// Finds the devices that selectors stand for, and lets them take part.
pub(super) struct Resolver<'t> {
    topology: &'t Topology,
    groups: HashMap<&'t str, &'t Named<'t>>,
    tags: HashSet<&'t str>,
    hosts: HashMap<&'t str, &'t str>,
    people: HashMap<String, usize>,
    owned: HashMap<usize, Vec<usize>>,
    tagged: HashMap<&'t str, Vec<usize>>,
    cast: Cast<'t>,
}

impl<'t> Resolver<'t> {
    pub(super) fn new(policy: &'t Policy<'t>, topology: &'t Topology) -> Self {
        let mut people = HashMap::new();
        for (index, person) in topology.people.iter().enumerate() {
            people.extend(person.logins.iter().map(|login| (login_key(login), index)));
        }
        let (mut owned, mut tagged) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (index, device) in topology.devices.iter().enumerate() {
            if let Some(owner) = device.owner {
                owned.entry(owner).or_default().push(index);
            }
            for tag in &device.tags {
                tagged.entry(tag.as_str()).or_default().push(index);
            }
        }
        Self {
            topology,
            groups: policy.groups.iter().map(|group| (&*group.name, group)).collect(),
            tags: policy.tags.iter().map(|tag| &*tag.name).collect(),
            hosts: policy.hosts.iter().map(|host| (&*host.name, &*host.address)).collect(),
            people,
            owned,
            tagged,
            cast: Cast::new(topology),
        }
    }

    pub(super) fn into_topology(self) -> Topology {
        self.cast.into_topology()
    }

    /// What a selector of a test stands for; at least one party.
    pub(super) fn resolve(&mut self, text: &str) -> Result<Vec<Party>, Unfit> {
        let selector = Selector::parse(text);
        match &selector {
            Selector::Host(name) => self.host(name),
            // A prefix is none here, even if it is as long as an address.
            Selector::Network(_) if text.contains('/') => Err(Unfit::Several),
            Selector::Network(network) => self.address(network),
            Selector::Login(login) => {
                let person = self.people.get(&login_key(login)).copied();
                person.map(|person| self.devices_of(&[person])).ok_or(self.missing(Unfit::UnknownUser))
            }
            Selector::Group(name) => self.group(name),
            Selector::Tag(name) if self.tags.contains(name.as_str()) => Ok(self.devices_with(name)),
            Selector::Tag(_) => Err(Unfit::UnknownTag),
            Selector::Autogroup(name) => self.autogroup(name, &selector),
            Selector::Domain(_) if self.topology.domains.is_empty() => Err(Unfit::Domain),
            Selector::Domain(_) => self.everybody_in(&selector),
            Selector::SyncedGroup(_) => Err(Unfit::SyncedGroup),
            Selector::Service(_) => Err(Unfit::Service),
            Selector::Everybody
            | Selector::Range(_)
            | Selector::IpSet(_)
            | Selector::HostReference(_)
            | Selector::LocalPart(_) => Err(Unfit::NotForTests),
        }
    }

    fn address(&mut self, text: &str) -> Result<Vec<Party>, Unfit> {
        let prefix: Prefix = text.parse().map_err(|_| Unfit::UnknownHost)?;
        if !prefix.is_single() {
            return Err(Unfit::Several);
        }
        // Whose address it is decides what rules say of it.
        if self.topology.devices.is_empty() {
            return Err(Unfit::Tailnet);
        }
        Ok(vec![self.cast.address(prefix.address())])
    }

    fn host(&mut self, name: &str) -> Result<Vec<Party>, Unfit> {
        match self.hosts.get(name) {
            _ if name.is_empty() => Err(Unfit::Missing),
            Some(address) => self.address(address),
            None => Err(Unfit::UnknownHost),
        }
    }

    fn group(&mut self, name: &str) -> Result<Vec<Party>, Unfit> {
        let group = *self.groups.get(name).ok_or(Unfit::UnknownGroup)?;
        let people: Vec<usize> =
            group.items().filter_map(|item| self.people.get(&login_key(&item.text)).copied()).collect();
        if !people.is_empty() {
            return Ok(self.devices_of(&people));
        }
        let defined_empty = group.items().next().is_none();
        Err(if defined_empty { Unfit::EmptyGroup } else { self.missing(Unfit::EmptyGroup) })
    }

    fn autogroup(&mut self, name: &str, selector: &Selector) -> Result<Vec<Party>, Unfit> {
        match name.strip_prefix("autogroup:").unwrap_or(name) {
            "tagged" => {
                let devices = self.topology.devices.iter().enumerate();
                let tagged = devices.filter(|(_, device)| !device.tags.is_empty());
                let parties: Vec<Party> = tagged.map(|(index, _)| self.cast.device(index)).collect();
                if parties.is_empty() { Err(Unfit::NothingTagged) } else { Ok(parties) }
            }
            "self" | "internet" | "nonroot" | "shared" | "danger-all" => Err(Unfit::NotForTests),
            "member" | "members" | "owner" | "admin" | "it-admin" | "network-admin" | "billing-admin"
            | "auditor" => self.everybody_in(selector),
            _ => Err(Unfit::UnknownAutogroup),
        }
    }

    /// The devices of everybody whom an autogroup or a domain selects.
    fn everybody_in(&mut self, selector: &Selector) -> Result<Vec<Party>, Unfit> {
        let people = self.topology.people.iter().enumerate();
        let chosen = people.filter(|(_, person)| reaches_person(selector, person, |_| false));
        let people: Vec<usize> = chosen.map(|(index, _)| index).collect();
        if people.is_empty() { Err(self.missing(Unfit::Nobody)) } else { Ok(self.devices_of(&people)) }
    }

    /// The devices of these people. Where none of them has one, each is given one.
    fn devices_of(&mut self, people: &[usize]) -> Vec<Party> {
        let people: HashSet<usize> = people.iter().copied().collect();
        let mut devices: Vec<usize> =
            people.iter().filter_map(|person| self.owned.get(person)).flatten().copied().collect();
        if devices.is_empty() {
            return people.into_iter().map(|person| self.cast.device_of(person)).collect();
        }
        devices.sort_unstable();
        devices.into_iter().map(|index| self.cast.device(index)).collect()
    }

    fn devices_with(&mut self, tag: &str) -> Vec<Party> {
        match self.tagged.get(tag) {
            Some(devices) => devices.iter().map(|index| self.cast.device(*index)).collect(),
            None => vec![self.cast.device_with(tag)],
        }
    }

    /// Where nobody at all is known, who is missing may well exist.
    fn missing(&self, unfit: Unfit) -> Unfit {
        if self.topology.people.is_empty() { Unfit::Tailnet } else { unfit }
    }
}
