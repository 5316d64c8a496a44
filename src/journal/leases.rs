//! The leases that the journal tells of, so that one that vanishes from the policy is noticed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::entry::{Action, Intent, Outcome};
use super::line::{Past, PastIntent};
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
            Content::Remark(remark) if remark.stage.holds() => (&remark.tailnet, &remark.intents),
            Content::Change(_) | Content::Remark(_) | Content::Repair { .. } => return,
        };
        for intent in intents {
            self.apply(tailnet, intent);
        }
    }

    /// What a line of the file changes.
    pub(super) fn replay(&mut self, line: Past) {
        let counts = match line.kind.as_str() {
            "policy" => line.outcome == Outcome::Stored.word(),
            "settled" => {
                Stage::ALL.iter().any(|stage| stage.holds() && stage.outcome() == Some(&line.outcome))
            }
            _ => false,
        };
        for intent in line.intents.into_iter().filter(|_| counts).filter_map(PastIntent::into_intent) {
            self.apply(&line.tailnet, &intent);
        }
    }

    /// Whether there are any of one tailnet.
    pub(super) fn has(&self, tailnet: &str) -> bool {
        let from = (tailnet.to_owned(), String::new(), String::new());
        self.outstanding.range(from..).next().is_some_and(|((of, ..), _)| of == tailnet)
    }

    /// The one that an intent concerns, by any of its ids and spellings.
    pub(super) fn of_intent(&self, tailnet: &str, intent: &Intent) -> Option<&OutstandingLease> {
        keys(tailnet, intent).find_map(|key| self.outstanding.get(&key))
    }

    /// Whether this one is still outstanding.
    pub(super) fn tell(&self, tailnet: &str, lease: &OutstandingLease) -> bool {
        self.outstanding.get(&key(tailnet, &lease.entitlement, &lease.principal)) == Some(lease)
    }

    /// Those of one tailnet, by list and principal.
    pub(super) fn of(&self, tailnet: &str) -> Vec<OutstandingLease> {
        let from = (tailnet.to_owned(), String::new(), String::new());
        let of_it = self.outstanding.range(from..).take_while(|((of, ..), _)| of == tailnet);
        of_it.map(|(_, lease)| lease.clone()).collect()
    }

    fn apply(&mut self, tailnet: &str, intent: &Intent) {
        // A renewal that has not passed is not ended.
        let ended = intent.passed.or(intent.until);
        for key in keys(tailnet, intent) {
            let goes = match intent.action {
                Action::Grant | Action::Revoke => true,
                Action::Restore => intent.until.is_some(),
                Action::End => {
                    let over = |lease: &OutstandingLease| ended.is_none_or(|ended| lease.until <= ended);
                    self.outstanding.get(&key).is_some_and(over)
                }
            };
            if goes {
                self.outstanding.remove(&key);
            }
        }
        if let (Action::Grant | Action::Restore, Some(until)) = (intent.action, intent.until) {
            let lease = OutstandingLease {
                entitlement: intent.entitlement.clone(),
                principal: intent.principal.clone(),
                until,
                by: intent.by.clone(),
            };
            self.outstanding.insert(key(tailnet, &intent.entitlement, &intent.principal), lease);
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

fn key(tailnet: &str, entitlement: &str, principal: &str) -> Key {
    (tailnet.to_owned(), entitlement.to_owned(), compared_by(principal))
}

/// Each list and spelling of an intent.
fn keys(tailnet: &str, intent: &Intent) -> impl Iterator<Item = Key> {
    let lists = std::iter::once(&intent.entitlement).chain(&intent.other_ids);
    let texts = || std::iter::once(&intent.principal).chain(&intent.aliases);
    lists.flat_map(move |list| texts().map(move |text| key(tailnet, list, text)))
}

/// Logins are compared without case.
fn compared_by(principal: &str) -> String {
    let text = principal.trim();
    if text.contains('@') { text.to_ascii_lowercase() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
