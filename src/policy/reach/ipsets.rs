//! `ipsets`: named sets of addresses, built by adding and removing.

use super::wellknown::internet;
use crate::policy::address_set::{AddressRange, AddressSet, Cover, Network};
use crate::policy::list::Named;
use crate::policy::prefix::Prefix;
use crate::policy::selector::{IpSetEntry, Selector, trimmed};
use std::collections::{HashMap, HashSet};

/// The address sets of a policy, each worked out once.
pub(super) struct IpSets<'p> {
    entries: HashMap<&'p str, Vec<IpSetEntry>>,
    hosts: HashMap<&'p str, &'p str>,
    known: HashMap<String, AddressSet>,
}

impl<'p> IpSets<'p> {
    pub(super) fn new(ipsets: &'p [Named<'_>], hosts: HashMap<&'p str, &'p str>) -> Self {
        let entries = |set: &'p Named<'_>| set.items().map(|item| IpSetEntry::parse(&item.text)).collect();
        let entries = ipsets.iter().map(|set| (&*set.name, entries(set))).collect();
        Self { entries, hosts, known: HashMap::new() }
    }

    /// The addresses of `ipset:NAME`. None are in a set that is not defined, nor in one as part of itself.
    pub(super) fn addresses(&mut self, name: &str) -> AddressSet {
        self.work_out(name);
        self.known.get(name).cloned().unwrap_or_default()
    }

    /// Works out a set after all that are parts of it. They may stand in each other as deep as they like, so
    /// those that wait are on a stack of their own.
    fn work_out(&mut self, name: &str) {
        let mut waiting = vec![name.to_owned()];
        let mut begun: HashSet<String> = HashSet::new();
        while let Some(name) = waiting.pop() {
            let Some(entries) = self.entries.get(&*name).filter(|_| !self.known.contains_key(&name)) else {
                continue;
            };
            if begun.insert(name.clone()) {
                waiting.push(name);
                let parts = entries.iter().filter_map(|entry| match &entry.selector {
                    Selector::IpSet(part) => Some(part),
                    _ => None,
                });
                // What has begun and is not known is being worked out: it would be a part of itself.
                let parts = parts.filter(|part| !self.known.contains_key(*part) && !begun.contains(*part));
                waiting.extend(parts.cloned());
            } else {
                let set = self.combine(entries);
                self.known.insert(name, set);
            }
        }
    }

    /// What entries make one after the other: the last one that is about an address decides.
    fn combine(&self, entries: &[IpSetEntry]) -> AddressSet {
        let (mut decided, mut held) = (Cover::default(), Vec::new());
        for IpSetEntry { adds, selector } in entries.iter().rev() {
            let undecided = self.ranges(selector).into_iter().flat_map(|range| decided.cover(range));
            if *adds {
                held.extend(undecided);
            } else {
                undecided.for_each(drop);
            }
        }
        held.into_iter().collect()
    }

    /// The addresses that an entry is about. Parts are known by now.
    fn ranges(&self, selector: &Selector) -> Vec<AddressRange> {
        match selector {
            Selector::IpSet(name) => {
                self.known.get(name).map(|set| set.ranges().to_vec()).unwrap_or_default()
            }
            Selector::HostReference(text) => {
                let host = text.strip_prefix("host:").and_then(|name| self.hosts.get(name));
                let prefix: Option<Prefix> = host.and_then(|address| trimmed(address).parse().ok());
                prefix.map(AddressRange::from).into_iter().collect()
            }
            Selector::Autogroup(name) if name == "autogroup:internet" => {
                internet().flat_map(Network::ranges).collect()
            }
            Selector::Network(text) | Selector::Range(text) => text.parse().into_iter().collect(),
            _ => Vec::new(),
        }
    }
}
