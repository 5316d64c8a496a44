//! The intents that wait for an answer, in the order of their arrival.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use super::Origin;
use super::answer::Done;
use super::key::Key;
use super::lost::LostRequests;
use crate::connector::deadline::answer_by;
use crate::policy::Intent;
use crate::tailscale::ETag;

/// Names an intent. Tickets are given in the order of arrival.
pub(super) type Ticket = u64;

/// Whether there is something to do for an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is to be read for, planned and, where needed, written.
    Due,
    /// It waits for the end of the lost requests that carried one of its keys.
    Waiting,
}

/// With whom an intent may share a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Company {
    Anybody,
    /// It was in a batch that the service refused: revokes and grants then take turns, revokes first.
    Suspect,
    /// Nobody: it was in batches that failed for reasons that could not be told.
    Nobody,
}

/// An intent whose caller waits.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) ticket: Ticket,
    pub(super) intent: Intent,
    pub(super) origin: Origin,
    pub(super) keys: Vec<Key>,
    pub(super) arrived: Instant,
    pub(super) reply_by: Instant,
    pub(super) standing: Standing,
    pub(super) company: Company,
    /// A lost request carried it, so what a read shows may be its doing.
    pub(super) perhaps_written: bool,
    /// It held once, in a 200 or a read; before it is answered it has to hold after the last lost request.
    pub(super) held: Option<Done>,
    /// It held, and since then this later intent, which wants the opposite of all of it: nothing is left to
    /// check.
    pub(super) superseded_by: Option<Ticket>,
    /// Another one counts as superseded because of it: if it is given up, that has to be told as uncertain.
    pub(super) supersedes: bool,
    /// Server errors in a row that it met alone, and the tag they were met on.
    pub(super) failures: Option<(ETag, u32)>,
}

impl Waiter {
    /// It was in a batch that the service refused.
    pub(super) fn suspect(&mut self) {
        if self.company == Company::Anybody {
            self.company = Company::Suspect;
        }
    }

    /// There is something to do for it now.
    pub(super) fn is_due(&self) -> bool {
        self.standing == Standing::Due
    }

    /// Nobody can say that it changed nothing.
    pub(super) fn may_count(&self) -> bool {
        self.perhaps_written || self.supersedes
    }

    /// This later intent would undo a part of it, and it has to be checked for all of it.
    fn is_undone_in_part_by(&self, later: &Self) -> bool {
        self.is_opposite_of(later) && !self.is_covered_by(later)
    }

    fn is_opposite_of(&self, other: &Self) -> bool {
        self.intent.is_removal() != other.intent.is_removal()
    }

    fn is_covered_by(&self, later: &Self) -> bool {
        self.keys.iter().all(|key| later.keys.contains(key))
    }

    /// Later intents with its keys need not wait for its answer, unless they would undo a part of it.
    fn lets_pass(&self) -> bool {
        self.superseded_by.is_some() || (self.standing == Standing::Waiting && self.held.is_some())
    }
}

/// Waiting intents, oldest first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiters: Vec<Waiter>,
    next: Ticket,
    /// Whether the next batch is one of those that go alone, so that neither kind starves the other.
    alone_next: bool,
    /// Whether it is the grants' turn, while suspects keep grants and revokes apart.
    grants_next: bool,
}

impl Queue {
    /// A ticket that no intent had before.
    pub(super) fn ticket(&mut self) -> Ticket {
        self.next += 1;
        self.next
    }

    /// The ticket that the next intent will get at the earliest: all that wait now have smaller ones.
    pub(super) fn horizon(&self) -> Ticket {
        self.next + 1
    }

    /// Takes an intent in.
    pub(super) fn push(
        &mut self,
        ticket: Ticket,
        intent: Intent,
        origin: Origin,
        arrived: Instant,
        deadline: Instant,
    ) {
        self.waiters.push(Waiter {
            ticket,
            keys: Key::of(&intent),
            intent,
            origin,
            arrived,
            reply_by: answer_by(deadline),
            standing: Standing::Due,
            company: Company::Anybody,
            perhaps_written: false,
            held: None,
            superseded_by: None,
            supersedes: false,
            failures: None,
        });
    }

    /// How many grants wait. Revokes are not counted: they are exempt from the bound.
    pub(super) fn grants(&self) -> usize {
        self.waiters.iter().filter(|waiter| !waiter.intent.is_removal()).count()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Waiter> {
        self.waiters.iter()
    }

    pub(super) fn find_mut(&mut self, ticket: Ticket) -> Option<&mut Waiter> {
        self.position(ticket).and_then(|at| self.waiters.get_mut(at))
    }

    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<Waiter> {
        self.position(ticket).map(|at| self.waiters.remove(at))
    }

    /// Takes out every waiter that `leaves` chooses.
    pub(super) fn remove_where(&mut self, leaves: impl FnMut(&mut Waiter) -> bool) -> Vec<Waiter> {
        self.waiters.extract_if(.., leaves).collect()
    }

    /// Whether a batch could be made.
    pub(super) fn has_work(&self) -> bool {
        self.free().next().is_some()
    }

    /// The intents that are planned and written together next, in the order of their arrival.
    ///
    /// No two of them share a key: so what one of them finds is what the text says, not what another one
    /// of the batch is about to write, and each grant that is revoked at once was in the policy once.
    pub(super) fn next_batch(&mut self) -> Vec<(Ticket, Intent)> {
        let (alone, together): (Vec<&Waiter>, Vec<&Waiter>) =
            self.free().partition(|waiter| waiter.company == Company::Nobody);
        let turn = !alone.is_empty() && (self.alone_next || together.is_empty());
        let mut grants_next = self.grants_next;
        let chosen: Vec<&Waiter> = if turn {
            let revoke = alone.iter().find(|waiter| waiter.intent.is_removal());
            revoke.or(alone.first()).copied().into_iter().collect()
        } else if together.iter().any(|waiter| waiter.company == Company::Suspect)
            && together.iter().any(|waiter| waiter.intent.is_removal())
            && together.iter().any(|waiter| !waiter.intent.is_removal())
        {
            let grants = grants_next;
            grants_next = !grants;
            together.into_iter().filter(|waiter| waiter.intent.is_removal() != grants).collect()
        } else {
            grants_next = false;
            together
        };
        let batch = chosen.into_iter().map(|waiter| (waiter.ticket, waiter.intent.clone())).collect();
        self.alone_next = !turn;
        self.grants_next = grants_next;
        batch
    }

    /// Wakes those that waited for the end of lost requests, and returns those for which nothing is left
    /// to check.
    pub(super) fn wake(&mut self, lost: &LostRequests) -> Vec<Waiter> {
        for waiter in &mut self.waiters {
            if !lost.may_undo(&waiter.keys) {
                waiter.standing = Standing::Due;
            }
        }
        self.remove_where(|waiter| waiter.superseded_by.is_some() && !lost.may_undo(&waiter.keys))
    }

    /// Notes that `ticket` holds: earlier intents that held and of which it undoes everything are superseded.
    ///
    /// One that wants the same is not: both say the same of the policy, and it has to be true for both.
    pub(super) fn supersede_before(&mut self, ticket: Ticket) {
        let Some((earlier, [later, ..])) =
            self.position(ticket).and_then(|at| self.waiters.split_at_mut_checked(at))
        else {
            return;
        };
        for waiter in earlier {
            if waiter.held.is_some() && waiter.is_opposite_of(later) && waiter.is_covered_by(later) {
                waiter.superseded_by = Some(ticket);
                later.supersedes = true;
            }
        }
    }

    /// Notes that nobody will be told that `ticket` holds: what it superseded has to be checked after all.
    pub(super) fn reinstate_before(&mut self, ticket: Ticket) {
        for waiter in &mut self.waiters {
            waiter.superseded_by.take_if(|later| *later == ticket);
        }
    }

    /// Due intents that no earlier one holds up by its keys.
    fn free(&self) -> impl Iterator<Item = &Waiter> {
        let mut taken: HashSet<&Key> = HashSet::new();
        let mut passable: HashMap<&Key, Vec<&Waiter>> = HashMap::new();
        self.waiters.iter().filter(move |waiter| {
            let undoes_a_part = |key| {
                let earlier = passable.get(key).into_iter().flatten();
                earlier.copied().any(|earlier| earlier.is_undone_in_part_by(waiter))
            };
            let free =
                waiter.is_due() && !waiter.keys.iter().any(|key| taken.contains(key) || undoes_a_part(key));
            if waiter.superseded_by.is_some() {
                return false;
            }
            if waiter.lets_pass() {
                // Whoever shares its only key covers it.
                for key in waiter.keys.iter().filter(|_| waiter.keys.len() > 1) {
                    passable.entry(key).or_default().push(waiter);
                }
                return false;
            }
            taken.extend(&waiter.keys);
            free
        })
    }

    fn position(&self, ticket: Ticket) -> Option<usize> {
        self.waiters.binary_search_by_key(&ticket, |waiter| waiter.ticket).ok()
    }
}
