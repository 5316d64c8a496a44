//! What became of the intents that lost requests carried, for the journal.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::connector::writer::queue::Ticket;
use crate::journal::{Intent, Stage};
use crate::policy::member_key;

/// Intents whose callers wait and of which the journal only says that a request which carried them was lost.
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    lost: HashMap<Ticket, Lost>,
    /// Those that concern a list and somebody in it, so that many cost each a logarithm.
    by_key: BTreeMap<Key, BTreeSet<Ticket>>,
}

/// A list, and what somebody in it is compared by.
type Key = (String, String);

#[derive(Debug)]
struct Lost {
    intent: Intent,
    /// A later change of the same is in effect.
    superseded: bool,
}

impl Unsettled {
    /// A request that carried this was lost.
    pub(super) fn lost(&mut self, ticket: Ticket, intent: Intent) {
        if let Entry::Vacant(place) = self.lost.entry(ticket) {
            for key in keys(&intent) {
                self.by_key.entry(key).or_default().insert(ticket);
            }
            place.insert(Lost { intent, superseded: false });
        }
    }

    /// A request that carried this was stored, which the journal tells.
    pub(super) fn stored(&mut self, ticket: Ticket, intent: &Intent) {
        self.forget(ticket);
        self.supersede(ticket, intent);
    }

    /// Nobody waits for it any more.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        let _ = self.take(ticket);
    }

    /// Its caller is told that it is done: what the journal has to say before.
    pub(super) fn done(&mut self, ticket: Ticket) -> Option<(Stage, Intent)> {
        let Lost { intent, superseded } = self.take(ticket)?;
        if superseded {
            return Some((Stage::Superseded, intent));
        }
        self.supersede(ticket, &intent);
        Some((Stage::InEffect, intent))
    }

    fn take(&mut self, ticket: Ticket) -> Option<Lost> {
        let lost = self.lost.remove(&ticket)?;
        for key in keys(&lost.intent) {
            if let Some(tickets) = self.by_key.get_mut(&key) {
                tickets.remove(&ticket);
                if tickets.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
        Some(lost)
    }

    /// Those that came before and concern the same list and principal say nothing of how it stands now.
    fn supersede(&mut self, ticket: Ticket, intent: &Intent) {
        for key in keys(intent) {
            for earlier in self.by_key.get(&key).into_iter().flat_map(|tickets| tickets.range(..ticket)) {
                if let Some(lost) = self.lost.get_mut(earlier) {
                    lost.superseded = true;
                }
            }
        }
    }
}

fn keys(intent: &Intent) -> impl Iterator<Item = Key> {
    let texts = std::iter::once(&intent.principal).chain(&intent.aliases);
    texts.map(|text| (intent.entitlement.clone(), member_key(text).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Action;

    fn intent(action: Action, entitlement: &str, principal: &str) -> Intent {
        Intent::new(action, entitlement.to_owned(), principal.to_owned())
    }

    fn stage(unsettled: &mut Unsettled, ticket: Ticket) -> Option<Stage> {
        unsettled.done(ticket).map(|(stage, _)| stage)
    }

    #[test]
    fn what_was_lost_is_settled_once() {
        let mut unsettled = Unsettled::default();
        for ticket in 1..4 {
            unsettled.lost(ticket, intent(Action::Grant, "group:eng", &format!("user{ticket}@example.com")));
        }
        unsettled.stored(2, &intent(Action::Grant, "group:eng", "user2@example.com"));
        unsettled.forget(3);
        assert_eq!(stage(&mut unsettled, 1), Some(Stage::InEffect));
        for ticket in 1..5 {
            assert_eq!(stage(&mut unsettled, ticket), None, "{ticket}");
        }
    }

    #[test]
    fn a_later_change_of_the_same_has_taken_its_place() {
        let (grant, revoke) = (Action::Grant, Action::Revoke);
        let mut unsettled = Unsettled::default();
        unsettled.lost(1, intent(grant, "group:eng", "ada@example.com"));
        unsettled.lost(2, intent(grant, "group:ops", "ada@example.com"));
        unsettled.lost(4, intent(grant, "group:eng", "ada@example.com"));
        unsettled.stored(3, &intent(revoke, "group:eng", "Ada@Example.com"));
        assert_eq!(stage(&mut unsettled, 1), Some(Stage::Superseded));
        assert_eq!(stage(&mut unsettled, 2), Some(Stage::InEffect));
        assert_eq!(stage(&mut unsettled, 4), Some(Stage::InEffect), "it came after");
    }

    #[test]
    fn of_two_that_are_settled_the_later_one_counts() {
        let mut unsettled = Unsettled::default();
        unsettled.lost(1, intent(Action::Grant, "group:eng", "ada@example.com"));
        unsettled.lost(2, intent(Action::Revoke, "group:eng", "ada@example.com"));
        assert_eq!(stage(&mut unsettled, 2), Some(Stage::InEffect));
        assert_eq!(stage(&mut unsettled, 1), Some(Stage::Superseded));
    }

    /// Each looked for among all of them, this takes minutes.
    #[test]
    fn thousands_that_were_lost_are_settled_at_once() {
        const LOST: u64 = 4096;
        let one = |ticket: u64| intent(Action::Grant, "group:eng", &format!("user{ticket}@example.com"));
        let mut unsettled = Unsettled::default();
        for ticket in 0..LOST {
            unsettled.lost(ticket, one(ticket));
        }
        let begun = std::time::Instant::now();
        for ticket in (0..LOST).rev() {
            unsettled.stored(LOST, &one(LOST));
            assert_eq!(stage(&mut unsettled, ticket), Some(Stage::InEffect));
        }
        let took = begun.elapsed();
        assert!(took < std::time::Duration::from_secs(10), "{took:?}");
        assert!(unsettled.by_key.is_empty());
    }
}
