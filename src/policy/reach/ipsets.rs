//! `ipsets`: named sets of addresses, built by adding and removing.

use super::wellknown::internet;
use crate::policy::address_set::{AddressRange, AddressSet, Network};
use crate::policy::list::Named;
use crate::policy::selector::trimmed;
use std::collections::HashMap;

/// How deep sets may stand in sets; what is deeper counts as empty.
const MAX_DEPTH: usize = 64;

/// The address sets of a policy, each worked out once.
pub(super) struct IpSets<'p> {
    items: HashMap<&'p str, Vec<&'p str>>,
    hosts: HashMap<&'p str, &'p str>,
    /// `None`: being worked out.
    known: HashMap<&'p str, Option<AddressSet>>,
}

impl<'p> IpSets<'p> {
    pub(super) fn new(ipsets: &'p [Named<'_>], hosts: HashMap<&'p str, &'p str>) -> Self {
        let items = |set: &'p Named<'_>| (&*set.name, set.items().map(|item| &*item.text).collect());
        Self { items: ipsets.iter().map(items).collect(), hosts, known: HashMap::new() }
    }

    /// The addresses of `ipset:NAME`. None are in a set that is not defined, nor in one as part of itself.
    pub(super) fn addresses(&mut self, name: &str) -> AddressSet {
        self.addresses_at(name, 0)
    }

    fn addresses_at(&mut self, name: &str, depth: usize) -> AddressSet {
        if let Some(known) = self.known.get(name) {
            return known.clone().unwrap_or_default();
        }
        let Some((name, items)) = self.items.get_key_value(name).filter(|_| depth < MAX_DEPTH) else {
            return AddressSet::default();
        };
        let (name, items) = (*name, items.clone());
        self.known.insert(name, None);
        let mut set = AddressSet::default();
        for run in items.chunk_by(|one, other| step(one).0 == step(other).0) {
            let named: Vec<AddressRange> =
                run.iter().flat_map(|item| self.ranges(step(item).1, depth)).collect();
            let named: AddressSet = named.into_iter().collect();
            let add = run.first().is_some_and(|item| step(item).0);
            set = if add { set.union(&named) } else { set.subtract(&named) };
        }
        self.known.insert(name, Some(set.clone()));
        set
    }

    fn ranges(&mut self, text: &str, depth: usize) -> Vec<AddressRange> {
        match text.split_once(':') {
            Some(("ipset", _)) => self.addresses_at(text, depth + 1).ranges().to_vec(),
            Some(("host", name)) => {
                let value = self.hosts.get(name).and_then(|value| trimmed(value).parse().ok());
                value.into_iter().collect()
            }
            _ if text == "autogroup:internet" => internet().flat_map(Network::ranges).collect(),
            _ => text.parse().into_iter().collect(),
        }
    }
}

/// Whether an item adds, and what: `add X`, `remove X`, or `X`.
fn step(item: &str) -> (bool, &str) {
    let word = |word| item.strip_prefix(word).filter(|rest| rest.starts_with([' ', '\t']));
    match (word("add"), word("remove")) {
        (Some(rest), _) => (true, trimmed(rest)),
        (_, Some(rest)) => (false, trimmed(rest)),
        _ => (true, item),
    }
}
