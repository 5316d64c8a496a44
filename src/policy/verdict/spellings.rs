//! Old and new names that must not stand side by side.

use super::mistake::{Checked, Mistake};
use super::vocabulary::Vocabulary;
use crate::hujson::{Kind, Value};
use crate::policy::fields::Fields;
use crate::policy::{Destination, Item, List, Named, Policy, Rule, Section};

/// `autogroup:members` is an old name of `autogroup:member`; a policy has one or the other.
pub(super) fn check(policy: &Policy<'_>, _names: &Vocabulary<'_>) -> Checked {
    let (mut old, mut new) = (None, None);
    let mut see = |text: &str, spot| match text {
        "autogroup:member" => new = Some(spot),
        "autogroup:members" => old = Some(spot),
        _ => {}
    };
    let named =
        policy.tags.iter().chain(&policy.auto_approvers.routes).chain(&policy.auto_approvers.services);
    let lists = policy.node_attributes.iter().filter_map(|attributes| attributes.targets.as_ref());
    let lists = lists.chain(policy.rules.iter().filter_map(|rule| rule.sources.as_ref()));
    let items = named.flat_map(Named::items).chain(lists.flat_map(|list: &List<'_>| &list.items));
    items.for_each(|Item { text, value }: &Item<'_>| see(text, Spot::Item(*value)));
    for rule in policy.rules.iter().filter(|rule| rule.section != Section::Ssh) {
        for (index, text) in rule.destinations.iter().enumerate() {
            if !text.contains("member") {
                continue;
            }
            let destination = Destination::parse(text);
            let host = destination.as_ref().map_or(&**text, |destination| &*destination.host);
            see(host, Spot::Destination(rule, index));
        }
    }
    match (old, new) {
        (Some(old), Some(new)) => {
            let (old, new) = (old.value(), new.value());
            let later = if old.span().start > new.span().start { old } else { new };
            Err(Mistake::BothSpellings.at(later))
        }
        _ => Ok(()),
    }
}

/// Where a name stands. To find a destination's value takes a walk through its rule.
enum Spot<'p, 'd> {
    Item(Value<'d>),
    Destination(&'p Rule<'d>, usize),
}

impl<'d> Spot<'_, 'd> {
    fn value(&self) -> Value<'d> {
        match self {
            Self::Item(value) => *value,
            Self::Destination(rule, index) => rule.string("dst", *index),
        }
    }
}

/// A rule has a field under its old name or under its new one.
pub(super) fn one_name(rule: Value<'_>, old: &'static str, new: &'static str) -> Checked {
    let fields = Fields::of(rule);
    let there = |name| fields.all(name).find(|value| value.kind() != Kind::Null);
    match (there(old), there(new)) {
        (Some(value), Some(_)) => Err(Mistake::OldAndNewName(new, old).at(value)),
        _ => Ok(()),
    }
}
