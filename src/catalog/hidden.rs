//! What the `hide` directive takes off the list.

use std::collections::HashSet;

use crate::policy::{Named, Policy, Rule};

/// Groups and tags that are hidden and that nothing else names. A hidden one that a listed rule, a group or
/// a tag names stays: hiding a group must not hide the access of its people.
pub(super) fn unlisted<'p>(policy: &'p Policy<'_>) -> HashSet<&'p str> {
    let named = || policy.groups.iter().chain(&policy.tags);
    let mut hidden: HashSet<&str> =
        named().filter(|named| named.directives.hide).map(|named| named.name.as_ref()).collect();
    if hidden.is_empty() {
        return hidden;
    }
    let hidden_rules = rules(policy);
    let listed_rules = policy.rules.iter().filter(|rule| !hidden_rules.contains(rule.id.as_str()));
    for item in listed_rules.flat_map(Rule::source_items).chain(named().flat_map(Named::items)) {
        hidden.remove(item.text.as_ref());
    }
    hidden
}

/// The ids of hidden rules: of rules with one id, one that is hidden hides all.
pub(super) fn rules<'p>(policy: &'p Policy<'_>) -> HashSet<&'p str> {
    policy.rules.iter().filter(|rule| rule.directives.hide).map(|rule| rule.id.as_str()).collect()
}

/// How many rules, groups and tags carry the directive.
pub(super) fn count(policy: &Policy<'_>) -> usize {
    let rules = policy.rules.iter().map(|rule| &rule.directives);
    let named = policy.groups.iter().chain(&policy.tags).map(|named| &named.directives);
    rules.chain(named).filter(|directives| directives.hide).count()
}
