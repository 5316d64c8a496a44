//! Which packets have come to pass between the devices of a tailnet, and which no longer do.
//!
//! Only receivers that are told something else than before are looked at. What is left is shown together
//! where the same senders reach the same ports.

use super::{DeviceAccess, DeviceChange};
use crate::policy::ports::{PortRange, Protocol};
use crate::policy::reach::{DeviceRules, Filter, Permission, Reach, Sender};
use crate::policy::topology::{Device, Topology};
use crate::policy::view::Policy;
use std::collections::{BTreeMap, BTreeSet};

/// Most filters of receivers that are held against senders.
const MOST_STEPS: usize = 20_000_000;

/// Lost, senders, ports: receivers of which all this is true are told of together.
type Alike<'t> = (bool, Vec<&'t str>, Vec<String>);

/// Open ports by protocol number: neither overlapping nor adjacent, in order.
type Open = BTreeMap<u8, Vec<(u16, u16)>>;

/// Compares what all devices are told.
pub(super) fn compare(old: &Policy<'_>, new: &Policy<'_>, topology: &Topology) -> DeviceAccess {
    within(MOST_STEPS, old, new, topology)
}

fn within(most: usize, old: &Policy<'_>, new: &Policy<'_>, topology: &Topology) -> DeviceAccess {
    let (before, after) = (Reach::compile(old, topology), Reach::compile(new, topology));
    let affected: Vec<(usize, &Device)> = topology
        .devices
        .iter()
        .enumerate()
        .filter(|(index, _)| !are_told_the_same(before.devices.get(*index), after.devices.get(*index)))
        .collect();
    let filters = |reach: &Reach| -> usize {
        affected
            .iter()
            .filter_map(|(index, _)| reach.devices.get(*index))
            .map(|told| told.filters.len())
            .sum()
    };
    let steps = (filters(&before) + filters(&after)).saturating_mul(topology.devices.len());
    if steps > most {
        return DeviceAccess { changes: Vec::new(), affected: affected.len(), complete: false };
    }

    // By direction, ports and receiver: the senders.
    let mut found: BTreeMap<(bool, Vec<String>, &str), BTreeSet<&str>> = BTreeMap::new();
    for from in &topology.devices {
        let senders = [&before, &after].map(|reach| -> Vec<_> {
            from.addresses.iter().map(|address| (address.is_ipv4(), reach.sender(*address))).collect()
        });
        for (index, to) in affected.iter().filter(|(_, to)| to.name != from.name) {
            let [had, have] = senders.each_ref().map(|senders| open(senders, *index, to));
            for (gained, ports) in [(true, without(&have, &had)), (false, without(&had, &have))] {
                let words = in_words(&ports);
                if !words.is_empty() {
                    found.entry((gained, words, &to.name)).or_default().insert(&from.name);
                }
            }
        }
    }
    // Receivers of the same from the same are one change.
    let mut together: BTreeMap<Alike<'_>, Vec<String>> = BTreeMap::new();
    for ((gained, what, to), from) in found {
        let key = (!gained, from.into_iter().collect(), what);
        together.entry(key).or_default().push(to.to_owned());
    }
    let change = |((lost, from, ports), to): (Alike<'_>, Vec<String>)| DeviceChange {
        gained: !lost,
        from: from.into_iter().map(|name| with_owner(name, topology)).collect(),
        to,
        ports,
    };
    DeviceAccess {
        changes: together.into_iter().map(change).collect(),
        affected: affected.len(),
        complete: true,
    }
}

/// `laptop (ada@example.com)`; a tagged device is its name.
fn with_owner(name: &str, topology: &Topology) -> String {
    let device = topology.devices.iter().find(|device| device.name == name);
    let owner = device.and_then(|device| topology.people.get(device.owner?)?.logins.first());
    owner.map_or_else(|| name.to_owned(), |login| format!("{name} ({login})"))
}

/// The same permissions for the same addresses, whichever rule they come from.
fn are_told_the_same(before: Option<&DeviceRules>, after: Option<&DeviceRules>) -> bool {
    fn packets(told: Option<&DeviceRules>) -> impl Iterator<Item = &Filter> {
        let filters = told.into_iter().flat_map(|told| &told.filters);
        filters.filter(|filter| matches!(filter.permission, Permission::Packets { .. }))
    }
    let said = |filter: &&Filter| (filter.sources.networks().to_vec(), filter.permission.clone());
    packets(before).count() == packets(after).count()
        && packets(before).zip(packets(after)).all(|(one, other)| said(&one) == said(&other))
}

/// What the senders, one for each address of a device, may send to the receiver's own addresses.
fn open(senders: &[(bool, Sender<'_>)], index: usize, to: &Device) -> Open {
    let mut open = Open::new();
    for (is_ipv4, sender) in senders {
        for filter in sender.filters(index) {
            let Permission::Packets { protocol, endpoints } = &filter.permission else { continue };
            let is_own = |address: &&std::net::IpAddr| address.is_ipv4() == *is_ipv4;
            let reached = endpoints.iter().filter(|endpoint| {
                let takes = |address| endpoint.networks.iter().any(|network| network.contains(address));
                to.addresses.iter().filter(is_own).any(|address| takes(*address))
            });
            let ports: Vec<PortRange> = reached.flat_map(|endpoint| endpoint.ports.iter().copied()).collect();
            let protocols = protocol.as_ref().map_or(&Protocol::DEFAULT[..], std::slice::from_ref);
            for protocol in protocols.iter().filter(|_| !ports.is_empty()) {
                let ranges = open.entry(protocol.number()).or_default();
                if protocol.has_ports() {
                    ranges.extend(ports.iter().map(|range| (range.first, range.last)));
                } else {
                    ranges.push((0, u16::MAX));
                }
            }
        }
    }
    for ranges in open.values_mut() {
        *ranges = merged(std::mem::take(ranges));
    }
    open
}

fn merged(mut ranges: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if u32::from(first) <= u32::from(*end) + 1 => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// The ports that are open in one and not in the other.
fn without(open: &Open, other: &Open) -> Open {
    let mut left = Open::new();
    for (protocol, ranges) in open {
        let mut rest = ranges.clone();
        for (first, last) in other.get(protocol).into_iter().flatten() {
            rest = rest.into_iter().flat_map(|range| cut_out(range, (*first, *last))).collect();
        }
        if !rest.is_empty() {
            left.insert(*protocol, rest);
        }
    }
    left
}

/// What is left of a range on both sides of another one.
fn cut_out((first, last): (u16, u16), (from, to): (u16, u16)) -> impl Iterator<Item = (u16, u16)> {
    let below = from.checked_sub(1).map(|end| (first, end.min(last)));
    let above = to.checked_add(1).map(|start| (start.max(first), last));
    [below, above].into_iter().flatten().filter(|(first, last)| first <= last)
}

/// `5432`, `443/tcp`, `all ports`, `icmp`: TCP and UDP together where they are alike, ICMP only by itself.
fn in_words(open: &Open) -> Vec<String> {
    const ICMP: [u8; 2] = [1, 58];
    let all = |ranges: &[(u16, u16)]| matches!(ranges, [(0 | 1, u16::MAX)]);
    let words = |ranges: &[(u16, u16)]| -> Vec<String> {
        let word = |(first, last): &(u16, u16)| {
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        };
        if all(ranges) { vec!["all ports".to_owned()] } else { ranges.iter().map(word).collect() }
    };
    let (tcp, udp) = (open.get(&6), open.get(&17));
    let mut texts = Vec::new();
    for (protocol, ranges) in open {
        let name = match protocol {
            6 if tcp == udp => "",
            17 if tcp == udp => continue,
            6 => "tcp",
            17 => "udp",
            132 => "sctp",
            number if ICMP.contains(number) => {
                if open.keys().all(|number| ICMP.contains(number)) && (*number == 1 || open.len() == 1) {
                    texts.push("icmp".to_owned());
                }
                continue;
            }
            number => {
                texts.push(format!("protocol {number}"));
                continue;
            }
        };
        let slash = if name.is_empty() { "" } else { "/" };
        texts.extend(words(ranges).into_iter().map(|ports| format!("{ports}{slash}{name}")));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::parse;

    fn open_of(ports: &[(u8, u16, u16)]) -> Open {
        let mut open = Open::new();
        for (protocol, first, last) in ports {
            open.entry(*protocol).or_default().push((*first, *last));
        }
        open.into_iter().map(|(protocol, ranges)| (protocol, merged(ranges))).collect()
    }

    #[track_caller]
    fn check(open: &[(u8, u16, u16)], other: &[(u8, u16, u16)], expected: &[&str]) {
        assert_eq!(in_words(&without(&open_of(open), &open_of(other))), expected);
    }

    #[test]
    fn only_affected_receivers_are_looked_at_and_work_is_bounded() {
        let device = |name: &str, tag: &str, last: u8| Device {
            name: name.to_owned(),
            tags: vec![tag.to_owned()],
            addresses: vec![std::net::IpAddr::from([100, 64, 0, last])],
            ..Device::default()
        };
        let devices = vec![device("a", "tag:a", 1), device("b", "tag:b", 2), device("c", "tag:c", 3)];
        let topology = Topology { devices, ..Topology::default() };
        let policy = |ports: &str| {
            format!(
                r#"{{"tagOwners": {{"tag:a": [], "tag:b": [], "tag:c": []}}, "acls": [
                {{"action": "accept", "src": ["tag:a"], "dst": ["tag:c:1"]}},
                {{"action": "accept", "src": ["tag:a"], "dst": ["tag:b:{ports}"]}}]}}"#
            )
        };
        let (old, new) = (policy("22,80"), policy("80-81"));
        let (old, new) = (parse(old.as_bytes()).unwrap(), parse(new.as_bytes()).unwrap());
        let (old, new) = (Policy::read(&old).unwrap(), Policy::read(&new).unwrap());
        let access = compare(&old, &new, &topology);
        assert_eq!((access.affected, access.complete), (1, true));
        let change = |gained, port: &str| DeviceChange {
            gained,
            from: vec!["a".to_owned()],
            to: vec!["b".to_owned()],
            ports: vec![port.to_owned()],
        };
        assert_eq!(access.changes, [change(true, "81"), change(false, "22")]);
        assert_eq!(
            within(0, &old, &new, &topology),
            DeviceAccess { changes: vec![], affected: 1, complete: false }
        );
        assert_eq!(compare(&old, &old, &topology).affected, 0);
    }

    #[test]
    fn ports_are_taken_apart() {
        const ANY: (u16, u16) = (0, u16::MAX);
        check(&[(6, 80, 80), (17, 80, 80), (1, ANY.0, ANY.1), (58, ANY.0, ANY.1)], &[], &["80"]);
        check(&[(6, 1, 100)], &[(6, 80, 80)], &["1-79/tcp", "81-100/tcp"]);
        check(&[(6, 80, 80), (6, 81, 90)], &[(6, 80, 85)], &["86-90/tcp"]);
        check(&[(6, 80, 80)], &[(6, ANY.0, ANY.1)], &[]);
        check(&[(6, ANY.0, ANY.1)], &[(6, 0, 79), (6, 81, u16::MAX)], &["80/tcp"]);
        check(&[(6, ANY.0, ANY.1), (17, ANY.0, ANY.1), (1, 0, 1)], &[], &["all ports"]);
        check(&[(6, 22, 22), (17, 53, 53), (47, ANY.0, ANY.1)], &[], &["22/tcp", "53/udp", "protocol 47"]);
        check(&[(1, ANY.0, ANY.1), (58, ANY.0, ANY.1)], &[], &["icmp"]);
        check(&[(58, ANY.0, ANY.1)], &[], &["icmp"]);
    }
}
