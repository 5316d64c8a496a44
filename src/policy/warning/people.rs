//! Logins and groups that the tailnet does not know.

use super::{Warning, WarningKind};
use crate::hujson::{Position, Value};
use crate::policy::destination::Destination;
use crate::policy::fields::Fields;
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use crate::policy::selector::{Selector, login_key};
use crate::policy::topology::Topology;
use crate::policy::view::Policy;
use std::borrow::Cow;
use std::collections::HashSet;

/// Reports logins of nobody, wherever they stand, and each synced group where it is first named.
pub(super) fn unknown(policy: &Policy<'_>, topology: &Topology, warnings: &mut Vec<Warning>) {
    let logins = topology.people.iter().flat_map(|person| &person.logins);
    let mut search =
        Search { known: logins.map(|login| login_key(login)).collect(), synced: HashSet::new(), warnings };
    for group in &policy.groups {
        for item in group.items() {
            search.selector(&item.text, item.value.position(), Some(&group.name));
        }
    }
    for tag in &policy.tags {
        for item in tag.items() {
            search.selector(&item.text, item.value.position(), Some(&tag.name));
        }
    }
    for rule in &policy.rules {
        for item in rule.source_items() {
            search.selector(&item.text, item.value.position(), None);
        }
        for destination in destinations(rule) {
            let Some(text) = destination.as_str() else { continue };
            search.selector(&host(rule.section, &text), destination.position(), None);
        }
    }
}

/// The elements of a rule's destinations.
fn destinations<'d>(rule: &Rule<'d>) -> Vec<Value<'d>> {
    Fields::of_rule(rule.section, rule.value).all("dst").flat_map(Value::elements).collect()
}

/// A destination without its ports.
fn host(section: Section, text: &str) -> Cow<'_, str> {
    match section {
        Section::Acls => {
            Destination::parse(text.trim()).map_or(Cow::Borrowed(text), |destination| destination.host)
        }
        Section::Ssh | Section::Grants => Cow::Borrowed(text),
    }
}

struct Search<'w> {
    /// What the logins of the tailnet are compared by.
    known: HashSet<String>,
    /// The synced groups that were reported.
    synced: HashSet<String>,
    warnings: &'w mut Vec<Warning>,
}

impl Search<'_> {
    /// `list` names the group or tag that the selector stands in.
    fn selector(&mut self, text: &str, position: Position, list: Option<&str>) {
        let (kind, message) = match Selector::parse(text) {
            Selector::Login(login) if !self.known.contains(&login_key(&login)) => {
                let place = list.map(|list| format!("{list:?}: ")).unwrap_or_default();
                (WarningKind::UnknownUser, format!("{place}user not found: {login:?}"))
            }
            Selector::SyncedGroup(name) if !self.synced.contains(&name) => {
                let message = format!("{name:?} is synced from a directory: who is in it is not known here");
                self.synced.insert(name);
                (WarningKind::SyncedGroup, message)
            }
            _ => return,
        };
        self.warnings.push(Warning { kind, position, message });
    }
}
