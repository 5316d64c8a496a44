//! `ipsets`.

use super::definitions::begins_with;
use super::mistake::{Checked, Mistake, Wrong};
use super::vocabulary::Vocabulary;
use crate::policy::place::Place;
use crate::policy::selector::IpSetEntry;
use crate::policy::{Policy, Selector};
use std::collections::{HashMap, HashSet};

pub(super) fn check(policy: &Policy<'_>, names: &Vocabulary<'_>) -> Checked {
    for set in &policy.ipsets {
        begins_with("ipset:", "ipsets", set)?;
        for item in set.items() {
            let admitted = names.admit(Place::IpSetEntry, IpSetEntry::parse(&item.text).selector);
            admitted.map_err(|mistake| mistake.under("ipsets", &set.name).at(item.value))?;
        }
    }
    acyclic(policy)
}

/// The set that an entry adds or removes, if it is one.
fn part(entry: &str) -> Option<String> {
    match IpSetEntry::parse(entry).selector {
        Selector::IpSet(name) => Some(name),
        _ => None,
    }
}

/// Takes away, again and again, the sets that name no other one; what is left goes in circles.
fn acyclic(policy: &Policy<'_>) -> Checked {
    let mut named_by: HashMap<String, Vec<&str>> = HashMap::new();
    let mut open: HashMap<&str, usize> = HashMap::new();
    for set in &policy.ipsets {
        let parts: HashSet<String> = set.items().filter_map(|item| part(&item.text)).collect();
        let count = parts.into_iter().map(|part| named_by.entry(part).or_default().push(&set.name)).count();
        open.insert(&set.name, count);
    }
    let mut done: Vec<&str> = open.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    while let Some(name) = done.pop() {
        open.remove(name);
        for user in named_by.remove(name).unwrap_or_default() {
            if let Some(count) = open.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    done.push(user);
                }
            }
        }
    }
    match policy.ipsets.iter().find(|set| open.contains_key(&*set.name)) {
        None => Ok(()),
        Some(set) => {
            let mistake = Mistake::RecursiveIpSet.under("ipsets", &set.name);
            Err(Wrong { mistake, position: set.position })
        }
    }
}
