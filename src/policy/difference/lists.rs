//! Named lists: members gained and lost.

use super::{DirectiveChange, Fate, ListChange};
use crate::hujson::{Position, Value};
use crate::policy::directive::ElementDirectives;
use crate::policy::fields::{Fields, trimmed};
use crate::policy::list::{Item, Named};
use crate::policy::selector::member_key;
use crate::policy::view::{Policy, Sections};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A list with a name, of one version of the policy.
pub(super) struct Entry<'d> {
    name: Cow<'d, str>,
    position: Position,
    items: Vec<Cow<'d, str>>,
}

/// What lists of one kind are called, and how their items are told apart.
#[derive(Clone, Copy)]
struct Form {
    section: &'static str,
    key: for<'t> fn(&'t str) -> Cow<'t, str>,
    /// The order of the items means something.
    ordered: bool,
}

/// The changes of all kinds of lists.
pub(super) fn compare(
    (old, old_sections): (&Policy<'_>, &Sections<'_>),
    (new, new_sections): (&Policy<'_>, &Sections<'_>),
) -> Vec<ListChange> {
    let mut changes = Vec::new();
    let selectors = |section| Form { section, key: member_key, ordered: false };
    let words = |section, ordered| Form { section, key: |text| Cow::Borrowed(text), ordered };
    let mut named = |form: Form, old: &[Named<'_>], new: &[Named<'_>]| {
        changes.extend(changed(form, of_named(old), of_named(new)));
    };
    named(selectors("groups"), &old.groups, &new.groups);
    named(selectors("tagOwners"), &old.tags, &new.tags);
    named(words("ipsets", true), &old.ipsets, &new.ipsets);
    for (form, read) in [
        (words("postures", false), postures as for<'s, 'd> fn(&'s Sections<'d>) -> Vec<Entry<'d>>),
        (words("defaultSrcPosture", false), default_posture),
        (selectors("autoApprovers"), approvers),
    ] {
        changes.extend(changed(form, read(old_sections), read(new_sections)));
    }
    changes
}

fn of_named<'d>(lists: &[Named<'d>]) -> Vec<Entry<'d>> {
    let entry = |named: &Named<'d>| Entry {
        name: named.name.clone(),
        position: named.position,
        items: named.items().map(|item| item.text.clone()).collect(),
    };
    lists.iter().map(entry).collect()
}

fn entry<'d>(name: Cow<'d, str>, list: Value<'d>) -> Entry<'d> {
    let items = list.elements().filter_map(Value::as_str).map(trimmed);
    Entry { name, position: list.position(), items: items.collect() }
}

/// Conditions by the posture's name; some postures are objects with `assertions`.
fn postures<'d>(sections: &Sections<'d>) -> Vec<Entry<'d>> {
    let members = sections.all("postures").flat_map(|section| Fields::of(section).into_members());
    let conditions = |value| Fields::of(value).all("assertions").next().unwrap_or(value);
    members.map(|member| entry(member.spelling, conditions(member.value))).collect()
}

fn default_posture<'d>(sections: &Sections<'d>) -> Vec<Entry<'d>> {
    sections.all("defaultsrcposture").map(|list| entry("defaultSrcPosture".into(), list)).collect()
}

fn approvers<'d>(sections: &Sections<'d>) -> Vec<Entry<'d>> {
    let mut entries = Vec::new();
    for field in sections.all("autoapprovers").flat_map(|section| Fields::of(section).into_members()) {
        match &*field.name {
            "exitnode" => entries.push(entry("exitNode".into(), field.value)),
            kind @ ("routes" | "services") => {
                let members = Fields::of(field.value).into_members();
                entries.extend(
                    members.map(|member| entry(format!("{kind} {}", member.spelling).into(), member.value)),
                );
            }
            _ => entries.push(entry(field.spelling, field.value)),
        }
    }
    entries
}

/// Names in the order of the new version, then those that are gone. A name that is there twice counts with
/// all its items.
fn changed<'d>(form: Form, old: Vec<Entry<'d>>, new: Vec<Entry<'d>>) -> Vec<ListChange> {
    let (old, old_order) = by_name(old);
    let (mut new, new_order) = by_name(new);
    let mut changes = Vec::new();
    for name in &new_order {
        let Some(after) = new.get(name) else { continue };
        changes.extend(change(form, old.get(name), Some(after)));
    }
    for name in old_order.iter().filter(|name| new.remove(*name).is_none()) {
        changes.extend(change(form, old.get(name), None));
    }
    changes
}

/// The directives of groups, tags and elements of their lists, where they differ.
pub(super) fn directives(old: &Policy<'_>, new: &Policy<'_>) -> Vec<DirectiveChange> {
    let mut changes = Vec::new();
    for (old, new) in [(&old.groups, &new.groups), (&old.tags, &new.tags)] {
        let old: HashMap<&str, &Named<'_>> = old.iter().map(|named| (&*named.name, named)).collect();
        for after in new {
            let Some(before) = old.get(&*after.name) else { continue };
            let (said, says) = (before.directives.to_string(), after.directives.to_string());
            if said != says {
                let on = after.name.to_string();
                changes.push(DirectiveChange { on, position: after.position, before: said, after: says });
            }
            changes.extend(of_elements(&after.name, before.items(), after.items()));
        }
    }
    changes
}

/// The directives of elements, where they differ or have come with an element. What went with one is not
/// told.
pub(super) fn of_elements<'l, 'd: 'l>(
    list: &str,
    old: impl Iterator<Item = &'l Item<'d>>,
    new: impl Iterator<Item = &'l Item<'d>>,
) -> Vec<DirectiveChange> {
    let old: HashMap<_, _> = old.map(|item| (member_key(&item.text), item.directives())).collect();
    let change = |item: &Item<'_>| {
        let after = item.directives();
        let before = old.get(&member_key(&item.text)).map_or_else(ElementDirectives::default, Clone::clone);
        (before != after).then(|| DirectiveChange {
            on: format!("{} in {list}", item.text),
            position: item.value.position(),
            before: before.to_string(),
            after: after.to_string(),
        })
    };
    new.filter_map(change).collect()
}

type ByName<'d> = HashMap<String, Entry<'d>>;

fn by_name(entries: Vec<Entry<'_>>) -> (ByName<'_>, Vec<String>) {
    let (mut names, mut order) = (HashMap::new(), Vec::new());
    for mut entry in entries {
        let name = entry.name.to_string();
        match names.get_mut(&name) {
            None => {
                names.insert(name.clone(), entry);
                order.push(name);
            }
            Some(Entry { items, .. }) => items.append(&mut entry.items),
        }
    }
    (names, order)
}

fn change(form: Form, old: Option<&Entry<'_>>, new: Option<&Entry<'_>>) -> Option<ListChange> {
    let items = |entry: Option<&Entry<'_>>| -> Vec<String> {
        entry.into_iter().flat_map(|entry| &entry.items).map(ToString::to_string).collect()
    };
    let (before, after) = (items(old), items(new));
    let (gained, lost) = gained_and_lost(&before, &after, form.key);
    let fate = match (old, new) {
        (None, _) => Fate::Added,
        (_, None) => Fate::Removed,
        _ => Fate::Changed,
    };
    let reordered = form.ordered && gained.is_empty() && lost.is_empty() && before != after;
    if fate == Fate::Changed && gained.is_empty() && lost.is_empty() && !reordered {
        return None;
    }
    Some(ListChange {
        section: form.section,
        name: new.or(old)?.name.to_string(),
        fate,
        before: old.map(|entry| entry.position),
        after: new.map(|entry| entry.position),
        gained,
        lost,
        reordered,
    })
}

/// The texts of the new list whose keys the old one has not, and the other way round; each once.
pub(super) fn gained_and_lost(
    old: &[String],
    new: &[String],
    key: for<'t> fn(&'t str) -> Cow<'t, str>,
) -> (Vec<String>, Vec<String>) {
    let missing = |from: &[String], texts: &[String]| {
        let mut seen: HashSet<Cow<'_, str>> = from.iter().map(|text| key(text)).collect();
        texts.iter().filter(|text| seen.insert(key(text))).cloned().collect()
    };
    (missing(old, new), missing(new, old))
}
