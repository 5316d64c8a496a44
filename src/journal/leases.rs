//! The leases that the journal tells of, so that one that vanishes from the policy is noticed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::entry::{Action, Entry, Outcome};
use super::line::Past;

/// Most leases that are remembered. Beyond it those that end first are forgotten.
const MOST: usize = 100_000;

/// Access with an end that was stored, and neither revoked nor ended since, as far as this journal knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutstandingLease {
    /// The list: `group:eng`, `tag:db`, or a rule's id.
    pub entitlement: String,
    /// The member, as it was granted.
    pub principal: String,
    /// The end.
    pub until: Timestamp,
    /// The request that it names.
    pub by: Option<String>,
}

/// Tailnet, list, and what the principal is compared by.
type Key = (String, String, String);

/// The leases of all tailnets that share a journal.
#[derive(Debug, Default)]
pub(super) struct Leases {
    outstanding: BTreeMap<Key, OutstandingLease>,
}

impl Leases {
    /// What an entry changes. One that was not stored, or of which nobody knows, changes nothing.
    pub(super) fn note(&mut self, entry: &Entry) {
        if entry.outcome != Outcome::Stored {
            return;
        }
        for intent in &entry.intents {
            let aliases = intent.aliases.iter().map(String::as_str);
            self.apply(
                &entry.tailnet,
                intent.action,
                &intent.entitlement,
                (&intent.principal, aliases),
                intent.until,
                intent.by.clone(),
            );
        }
    }

    /// What a line of the file changes.
    pub(super) fn replay(&mut self, line: &Past) {
        if line.kind != "policy" || line.outcome != Outcome::Stored.word() {
            return;
        }
        for intent in &line.intents {
            let known = [Action::Grant, Action::Revoke, Action::End, Action::Restore];
            let Some(action) = known.into_iter().find(|action| action.word() == intent.action) else {
                continue;
            };
            let aliases = intent.aliases.iter().map(String::as_str);
            self.apply(
                &line.tailnet,
                action,
                &intent.entitlement,
                (&intent.principal, aliases),
                intent.until,
                intent.by.clone(),
            );
        }
    }

    /// Those of one tailnet, by list and principal.
    pub(super) fn of(&self, tailnet: &str) -> Vec<OutstandingLease> {
        let from = (tailnet.to_owned(), String::new(), String::new());
        let of_it = self.outstanding.range(from..).take_while(|((of, ..), _)| of == tailnet);
        of_it.map(|(_, lease)| lease.clone()).collect()
    }

    fn apply<'a>(
        &mut self,
        tailnet: &str,
        action: Action,
        entitlement: &str,
        (principal, aliases): (&'a str, impl Iterator<Item = &'a str>),
        until: Option<Timestamp>,
        by: Option<String>,
    ) {
        let key = |text: &str| (tailnet.to_owned(), entitlement.to_owned(), compared_by(text));
        match (action, until) {
            (Action::Grant | Action::Restore, Some(until)) => {
                let (entitlement, principal) = (entitlement.to_owned(), principal.to_owned());
                let lease = OutstandingLease { entitlement, principal: principal.clone(), until, by };
                self.outstanding.insert(key(&principal), lease);
                if self.outstanding.len() > MOST {
                    self.forget();
                }
            }
            (Action::Restore, None) => {}
            (Action::Grant | Action::Revoke | Action::End, _) => {
                for text in std::iter::once(principal).chain(aliases) {
                    self.outstanding.remove(&key(text));
                }
            }
        }
    }

    /// Forgets a tenth, so that this is rarely done.
    fn forget(&mut self) {
        let mut ends: Vec<Timestamp> = self.outstanding.values().map(|lease| lease.until).collect();
        let (_, end, _) = ends.select_nth_unstable(MOST / 10);
        let end = *end;
        self.outstanding.retain(|_, lease| lease.until > end);
        let left = self.outstanding.len();
        tracing::warn!(left, "too many leases are outstanding; those that end first are no longer watched");
    }
}

/// Logins are compared without case.
fn compared_by(principal: &str) -> String {
    let text = principal.trim();
    if text.contains('@') { text.to_ascii_lowercase() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
