//! The leases that the journal tells of, so that one that vanishes from the policy is noticed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::entry::{Action, Outcome};
use super::line::Past;
use super::queue::Content;
use super::remark::Stage;

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

/// One change that counts.
struct Step<'a> {
    tailnet: &'a str,
    action: Action,
    entitlement: &'a str,
    other_ids: &'a [String],
    principal: &'a str,
    aliases: &'a [String],
    until: Option<Timestamp>,
    passed: Option<Timestamp>,
    by: Option<&'a String>,
}

/// The leases of all tailnets that share a journal.
#[derive(Debug, Default)]
pub(super) struct Leases {
    outstanding: BTreeMap<Key, OutstandingLease>,
}

impl Leases {
    /// What a line that is to be written changes. A request that was not stored, or of which nobody knows yet,
    /// changes nothing.
    pub(super) fn note(&mut self, content: &Content) {
        let (tailnet, intents) = match content {
            Content::Change(entry) if entry.outcome == Outcome::Stored => (&entry.tailnet, &entry.intents),
            Content::Remark(remark) if remark.stage == Stage::InEffect => (&remark.tailnet, &remark.intents),
            Content::Change(_) | Content::Remark(_) | Content::Repair { .. } => return,
        };
        for intent in intents {
            self.apply(&Step {
                tailnet,
                action: intent.action,
                entitlement: &intent.entitlement,
                other_ids: &intent.other_ids,
                principal: &intent.principal,
                aliases: &intent.aliases,
                until: intent.until,
                passed: intent.passed,
                by: intent.by.as_ref(),
            });
        }
    }

    /// What a line of the file changes.
    pub(super) fn replay(&mut self, line: &Past) {
        let counts = match line.kind.as_str() {
            "policy" => line.outcome == Outcome::Stored.word(),
            "settled" => Some(line.outcome.as_str()) == Stage::InEffect.outcome(),
            _ => false,
        };
        for intent in line.intents.iter().filter(|_| counts) {
            let known = [Action::Grant, Action::Revoke, Action::End, Action::Restore];
            let Some(action) = known.into_iter().find(|action| action.word() == intent.action) else {
                continue;
            };
            self.apply(&Step {
                tailnet: &line.tailnet,
                action,
                entitlement: &intent.entitlement,
                other_ids: &intent.other_ids,
                principal: &intent.principal,
                aliases: &intent.aliases,
                until: intent.until,
                passed: intent.passed,
                by: intent.by.as_ref(),
            });
        }
    }

    /// Those of one tailnet, by list and principal.
    pub(super) fn of(&self, tailnet: &str) -> Vec<OutstandingLease> {
        let from = (tailnet.to_owned(), String::new(), String::new());
        let of_it = self.outstanding.range(from..).take_while(|((of, ..), _)| of == tailnet);
        of_it.map(|(_, lease)| lease.clone()).collect()
    }

    fn apply(&mut self, step: &Step<'_>) {
        let key = |id: &str, text: &str| (step.tailnet.to_owned(), id.to_owned(), compared_by(text));
        // A renewal that has not passed is not ended.
        let ended = step.passed.or(step.until);
        for id in std::iter::once(step.entitlement).chain(step.other_ids.iter().map(String::as_str)) {
            for text in std::iter::once(step.principal).chain(step.aliases.iter().map(String::as_str)) {
                let key = key(id, text);
                let goes = match step.action {
                    Action::Grant | Action::Revoke => true,
                    Action::Restore => step.until.is_some(),
                    Action::End => self
                        .outstanding
                        .get(&key)
                        .is_some_and(|lease| ended.is_none_or(|ended| lease.until <= ended)),
                };
                if goes {
                    self.outstanding.remove(&key);
                }
            }
        }
        if let (Action::Grant | Action::Restore, Some(until)) = (step.action, step.until) {
            let lease = OutstandingLease {
                entitlement: step.entitlement.to_owned(),
                principal: step.principal.to_owned(),
                until,
                by: step.by.cloned(),
            };
            self.outstanding.insert(key(step.entitlement, step.principal), lease);
            if self.outstanding.len() > MOST {
                self.forget();
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
