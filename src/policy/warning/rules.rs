//! Rules that grant nothing, or nothing more than another one.

use super::{Warning, WarningKind};
use crate::policy::reach::{DeviceRules, Origin, Reach, Selection, Selections};
use crate::policy::rule::Rule;
use crate::policy::selector::{Selector, member_key};
use crate::policy::topology::Topology;
use crate::policy::verdict::mistaken_rules;
use crate::policy::view::Policy;
use std::collections::{HashMap, HashSet};

/// Reports rules that have nobody as a source or nothing as a destination, whatever the tailnet.
pub(super) fn empty(policy: &Policy<'_>, warnings: &mut Vec<Warning>) {
    let empty = empty_groups(policy);
    for rule in &policy.rules {
        let (kind, what) = match sources(rule, &empty) {
            Sources::Some if !rule.destinations.is_empty() => continue,
            Sources::Some => (WarningKind::NoDestinations, "this rule has no destinations"),
            Sources::None => (WarningKind::NoSources, "this rule has no sources"),
            Sources::EmptyGroups => (WarningKind::NoSources, "this rule's sources are empty groups"),
        };
        push(warnings, kind, rule, format!("{what}: it grants nothing"));
    }
}

/// Reports rules that say the same as one before them, but for their sources.
pub(super) fn twice(policy: &Policy<'_>, warnings: &mut Vec<Warning>) {
    let mut first_of: HashMap<&str, &Rule<'_>> = HashMap::new();
    for rule in &policy.rules {
        let Some(first) = first_of.get(rule.form_id.as_str()) else {
            first_of.insert(&rule.form_id, rule);
            continue;
        };
        let line = first.position.line;
        let before: HashSet<_> = first.source_items().map(|item| member_key(&item.text)).collect();
        let message = if rule.source_items().all(|item| before.contains(&member_key(&item.text))) {
            format!("this rule repeats the one of line {line}: it grants nothing more")
        } else if rule.id == first.id {
            format!("this rule is the one of line {line} with other sources: they can be one")
        } else {
            // Their authors gave them names of their own.
            continue;
        };
        push(warnings, WarningKind::Duplicate, rule, message);
    }
}

/// Reports rules that let nobody reach anything in a tailnet, though they have sources and destinations.
/// Of a rule with a mistake nothing is said: it is the mistake that matters.
pub(super) fn unreachable(policy: &Policy<'_>, topology: &Topology, warnings: &mut Vec<Warning>) {
    let reach = Reach::compile(policy, topology);
    let effective: HashSet<Origin> = reach.devices.iter().flat_map(in_effect).collect();
    let (empty, mut selections) = (empty_groups(policy), Selections::new(policy, topology));
    let mistaken = mistaken_rules(policy, topology);
    for (index, rule) in policy.rules.iter().enumerate() {
        let is_empty = rule.destinations.is_empty() || !matches!(sources(rule, &empty), Sources::Some);
        if effective.contains(&Origin::Rule(index))
            || is_empty
            || is_unknown(rule)
            || mistaken.contains(&index)
        {
            continue;
        }
        let mut is_nobody = |selector: &str| match selections.of(selector) {
            Some(Selection::Devices(devices)) => devices.is_empty(),
            Some(Selection::Networks(networks)) => networks.is_empty(),
            Some(Selection::InRulesOnly) => false,
            None => true,
        };
        let message = if rule.source_items().all(|item| is_nobody(&item.text)) {
            "nobody in this tailnet is among this rule's sources: it grants nothing"
        } else if rule.via.is_empty() {
            "nothing in this tailnet is among this rule's destinations: it grants nothing"
        } else {
            "nothing in this tailnet is among this rule's destinations, or none of its `via` devices routes there: \
             it grants nothing"
        };
        push(warnings, WarningKind::Unreachable, rule, message.to_owned());
    }
}

/// The rules by which somebody may do something on a device.
fn in_effect(device: &DeviceRules) -> impl Iterator<Item = Origin> {
    let filters = device.filters.iter().filter(|filter| !filter.sources.addresses().is_empty());
    let ssh = device.ssh.iter().filter(|rules| rules.rules.iter().any(|rule| !rule.principals.is_empty()));
    filters.map(|filter| filter.origin).chain(ssh.map(|rules| rules.origin))
}

/// It hangs on what no topology tells: who is in a synced group, where a service is.
fn is_unknown(rule: &Rule<'_>) -> bool {
    let is_synced = |text: &str| matches!(Selector::parse(text), Selector::SyncedGroup(_));
    rule.source_items().any(|item| is_synced(&item.text))
        || rule.destinations.iter().any(|destination| destination.starts_with("svc:"))
}

enum Sources {
    Some,
    None,
    EmptyGroups,
}

fn sources(rule: &Rule<'_>, empty_groups: &HashSet<&str>) -> Sources {
    let mut items = rule.source_items().peekable();
    if items.peek().is_none() {
        Sources::None
    } else if items.all(|item| empty_groups.contains(&*item.text)) {
        Sources::EmptyGroups
    } else {
        Sources::Some
    }
}

fn empty_groups<'p>(policy: &'p Policy<'_>) -> HashSet<&'p str> {
    let empty = policy.groups.iter().filter(|group| group.items().next().is_none());
    empty.map(|group| &*group.name).collect()
}

fn push(warnings: &mut Vec<Warning>, kind: WarningKind, rule: &Rule<'_>, message: String) {
    warnings.push(Warning { kind, position: rule.position, message });
}
