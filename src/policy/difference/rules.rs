//! Rules that came, went and changed.

use super::lists::{gained_and_lost, of_elements};
use super::{DirectiveChange, Fate, FieldChange, RuleChange, RuleRef};
use crate::hujson::{Kind, Value};
use crate::policy::canonical;
use crate::policy::directive::Directives;
use crate::policy::fields::{Fields, trimmed};
use crate::policy::list::Item;
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use crate::policy::selector::member_key;
use crate::policy::view::Policy;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// How many selectors of each side a summary names.
const NAMED: usize = 4;
/// The longest value of a field that is shown, in bytes.
const SHOWN: usize = 120;

/// Rules with one id: one resource.
struct Resource<'p, 'd> {
    first: &'p Rule<'d>,
    rules: Vec<&'p Rule<'d>>,
}

impl<'p, 'd> Resource<'p, 'd> {
    fn items(&self) -> impl Iterator<Item = &'p Item<'d>> {
        self.rules.iter().flat_map(|rule| rule.source_items())
    }
}

/// The changes of rules, and those of their directives.
pub(super) fn compare(old: &Policy<'_>, new: &Policy<'_>) -> (Vec<RuleChange>, Vec<DirectiveChange>) {
    let (mut changes, mut directives) = (Vec::new(), Vec::new());
    for section in Section::ALL {
        let (old, new) = (resources(old, section), resources(new, section));
        let matched = matched(&old, &new);
        let mut is_left = vec![true; old.len()];
        for (resource, before) in new.iter().zip(matched) {
            let before = before.and_then(|index| {
                *is_left.get_mut(index)? = false;
                old.get(index)
            });
            if let Some(before) = before {
                changes.extend(change(before, resource));
                directives.extend(directive_change(before, resource));
                directives.extend(of_elements(&resource.first.id, before.items(), resource.items()));
            } else {
                changes.push(came_or_went(Fate::Added, resource));
            }
        }
        let gone = old.iter().zip(is_left).filter(|(_, is_left)| *is_left);
        changes.extend(gone.map(|(resource, _)| came_or_went(Fate::Removed, resource)));
    }
    (changes, directives)
}

fn resources<'p, 'd>(policy: &'p Policy<'d>, section: Section) -> Vec<Resource<'p, 'd>> {
    let mut resources: Vec<Resource<'p, 'd>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for rule in policy.rules.iter().filter(|rule| rule.section == section) {
        let index = *known.entry(&rule.id).or_insert(resources.len());
        match resources.get_mut(index) {
            Some(resource) => resource.rules.push(rule),
            None => resources.push(Resource { first: rule, rules: vec![rule] }),
        }
    }
    resources
}

/// For each new resource the old one that it was: by id, then by form, then by sources, each at most once.
fn matched(old: &[Resource<'_, '_>], new: &[Resource<'_, '_>]) -> Vec<Option<usize>> {
    let mut matched = vec![None; new.len()];
    let mut is_taken = vec![false; old.len()];
    let ways: [fn(&Resource<'_, '_>) -> String; 3] = [
        |resource| resource.first.id.clone(),
        |resource| resource.first.form_id.clone(),
        |resource| {
            let mut keys: Vec<Cow<'_, str>> =
                resource.first.source_items().map(|item| member_key(&item.text)).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.join("\n")
        },
    ];
    for way in ways {
        // The last comes first, so that `pop` gives them in the order of the text.
        let mut left: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, resource) in
            old.iter().enumerate().rev().filter(|(index, _)| is_taken.get(*index) == Some(&false))
        {
            left.entry(way(resource)).or_default().push(index);
        }
        for (resource, was) in new.iter().zip(&mut matched).filter(|(_, was)| was.is_none()) {
            *was = left.get_mut(&way(resource)).and_then(Vec::pop);
            if let Some(taken) = was.and_then(|index| is_taken.get_mut(index)) {
                *taken = true;
            }
        }
    }
    matched
}

fn change(old: &Resource<'_, '_>, new: &Resource<'_, '_>) -> Option<RuleChange> {
    let (sources_gained, sources_lost) = gained_and_lost(&sources(old), &sources(new), member_key);
    let fields =
        if old.first.form_id == new.first.form_id { Vec::new() } else { fields(old.first, new.first) };
    (!sources_gained.is_empty() || !sources_lost.is_empty() || !fields.is_empty()).then(|| RuleChange {
        section: new.first.section,
        fate: Fate::Changed,
        before: Some(rule_ref(old.first)),
        after: Some(rule_ref(new.first)),
        sources_gained,
        sources_lost,
        fields,
    })
}

fn came_or_went(fate: Fate, resource: &Resource<'_, '_>) -> RuleChange {
    let rule = Some(rule_ref(resource.first));
    let (before, after) = if fate == Fate::Added { (None, rule) } else { (rule, None) };
    RuleChange {
        section: resource.first.section,
        fate,
        before,
        after,
        sources_gained: Vec::new(),
        sources_lost: Vec::new(),
        fields: Vec::new(),
    }
}

fn sources(resource: &Resource<'_, '_>) -> Vec<String> {
    resource.items().map(|item| item.text.to_string()).collect()
}

/// The fields that differ, each as the set of what it says.
fn fields(old: &Rule<'_>, new: &Rule<'_>) -> Vec<FieldChange> {
    let mut names: BTreeMap<String, [Vec<String>; 2]> = BTreeMap::new();
    for (side, rule) in [old, new].into_iter().enumerate() {
        for field in Fields::of_rule(rule.section, rule.value).into_members() {
            if field.name == "src" {
                continue;
            }
            let sides = names.entry(field.name.into_owned()).or_default();
            if let Some(words) = sides.get_mut(side) {
                words.extend(said(field.value));
            }
        }
    }
    let change = |(name, [before, after]): (String, [Vec<String>; 2])| {
        let (gained, lost) = gained_and_lost(&before, &after, |text| Cow::Borrowed(text));
        (!gained.is_empty() || !lost.is_empty()).then_some(FieldChange { name, gained, lost })
    };
    names.into_iter().filter_map(change).collect()
}

/// What a field says, in words: the items of an array, the members of an object, or the value.
fn said(value: Value<'_>) -> Vec<String> {
    match value.kind() {
        Kind::Array => value.elements().map(word).collect(),
        Kind::Object => {
            let member = |member: crate::hujson::Member<'_>| {
                format!("{}: {}", member.name.as_str().unwrap_or_default(), word(member.value))
            };
            value.members().map(member).collect()
        }
        Kind::Null => Vec::new(),
        _ => vec![word(value)],
    }
}

/// A string as it is, anything else as compact JSON.
fn word(value: Value<'_>) -> String {
    match value.as_str() {
        Some(text) => trimmed(text).into_owned(),
        None => super::values::cut(&canonical::compact(value), SHOWN),
    }
}

fn directive_change(old: &Resource<'_, '_>, new: &Resource<'_, '_>) -> Option<DirectiveChange> {
    let all = |resource: &Resource<'_, '_>| {
        let mut directives = Directives::default();
        for rule in &resource.rules {
            directives.absorb(rule.directives.clone());
        }
        directives
    };
    let (before, after) = (all(old), all(new));
    (before != after).then(|| DirectiveChange {
        on: new.first.id.clone(),
        position: new.first.position,
        before: before.to_string(),
        after: after.to_string(),
    })
}

pub(super) fn rule_ref(rule: &Rule<'_>) -> RuleRef {
    let sources = listed(rule.source_items().map(|item| &*item.text), "nobody");
    let destinations = listed(rule.destinations.iter().map(|text| &**text), "nothing");
    let mut summary = format!("{sources} → {destinations}");
    let allowed = match rule.section {
        Section::Acls => vec![rule.proto.clone()],
        Section::Ssh => {
            vec![listed(rule.ssh_users.iter().map(|text| &**text), "nobody"), rule.action.clone()]
        }
        Section::Grants => {
            let capabilities = rule.app.iter().map(|capability| &capability.name);
            rule.ip.iter().chain(capabilities).map(ToString::to_string).collect()
        }
    };
    let allowed = listed(allowed.iter().map(String::as_str).filter(|text| !text.is_empty()), "");
    if !allowed.is_empty() {
        summary = format!("{summary} ({allowed})");
    }
    RuleRef { id: rule.id.clone(), position: rule.position, summary }
}

/// `a, b, c, d and 7 more`
fn listed<'t>(texts: impl Iterator<Item = &'t str>, none: &str) -> String {
    let texts: Vec<&str> = texts.collect();
    match texts.split_at_checked(NAMED) {
        _ if texts.is_empty() => none.to_owned(),
        Some((first, more)) if !more.is_empty() => format!("{} and {} more", first.join(", "), more.len()),
        _ => texts.join(", "),
    }
}
