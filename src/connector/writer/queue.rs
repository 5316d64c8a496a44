//! The intents that wait for an answer.
//!
//! Intents that share a [key](Key) keep their order: a later one is planned when the earlier ones are
//! answered. While a lost request may still change a key, an intent that holds cannot be answered, and would
//! hold up everybody behind it for a minute. So it lets later ones pass, and is checked again, in its place in
//! the order, when the lost request has ended. What must not happen then is that it writes again what a later
//! one has changed on purpose. What a later intent that holds means to an earlier one that holds and waits:
//!
//! | earlier \ later | add | lease until T₂ | remove | end of what passed by P | restore T₂ |
//! |---|---|---|---|---|---|
//! | **add** | both | both (1) | undone | both (2) | (3) |
//! | **lease until T₁** | renewed | renewed, if T₂ ≠ T₁ (4) | undone | undone, if T₁ ≤ P; else both (2) | (3) |
//! | **remove** | undone | undone | both | both | both (5) |
//! | **end of what passed by P** | both | both (6) | both | both | both |
//! | **restore T₁** | renewed (7) | renewed | both (8) | both | both |
//!
//! - *Both*: each is checked, in order, and answered when it holds.
//! - *Undone*: the earlier one is answered when the lost request has ended, without a check. It held, and
//!   what came since was wished. If the later one is given up, the earlier one is checked after all.
//! - *Renewed*: both want the membership, so the earlier one is answered when the later one is. If that is
//!   given up, the earlier one is checked after all.
//! - Where the later one would undo a part of an earlier one of several keys, it waits for its answer.
//! - Intents on lists that are spelled differently share a key if both are rules of one section. They are then
//!   planned one after the other, and mean nothing to each other.
//!
//! 1. A permanent member stays permanent: if the earlier one is found gone and written again, the later one
//!    finds it.
//! 2. An end that holds may hold because nothing had passed: it says nothing about a membership that has not
//!    ended. A lease that has is not given anew.
//! 3. Does not happen: where an add or a lease waits, a restore has nothing to do ([`Queue::is_granted`]).
//! 4. `by` counts as well. Leases that are equal both hold or both do not.
//! 5. A restore holds where nobody is listed: that does not undo a removal.
//! 6. The end looks at what the text says: a renewal has not passed.
//! 7. An add takes the end off; the restore would put it on again.
//! 8. The restore holds where nobody is listed.
//!
//! An earlier one that was not planned yet, or is due again, holds up all later ones of its keys, whatever
//! they wish.
//!
//! Taking one in, taking one out and finding the late ones costs the logarithm of the length; a batch costs
//! what may be planned.

mod batch;
mod lane;
mod overtaking;
mod turns;
mod waiter;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use self::batch::Kinds;
use self::lane::Lane;
use self::overtaking::Effect;
use self::turns::Turns;
pub(super) use self::waiter::{Company, Waiter};
use self::waiter::{Overtaken, Standing};
use super::Wanted;
use super::answer::Done;
use super::key::Key;
use super::lost::LostRequests;
use crate::connector::deadline::answer_by;
use crate::policy::{Intent, Wish};

/// Names an intent. Tickets are given in the order of arrival.
pub(super) type Ticket = u64;

/// Waiting intents, by ticket.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiters: BTreeMap<Ticket, Waiter>,
    lanes: HashMap<Key, Lane>,
    /// Due intents that no earlier one holds up.
    free: BTreeSet<Ticket>,
    /// Those that a lost request concerns, or that are undone.
    unsettled: BTreeSet<Ticket>,
    /// One was undone since they were looked at.
    undone: bool,
    deadlines: BTreeSet<(Instant, Ticket)>,
    grants: usize,
    next: Ticket,
    kinds: Kinds,
    turns: Turns,
    turns_alone: Turns,
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
    pub(super) fn push(&mut self, ticket: Ticket, wanted: Wanted, arrived: Instant) {
        let Wanted { intent, origin, deadline, ends } = wanted;
        let reply_by = answer_by(deadline);
        self.deadlines.insert((reply_by, ticket));
        self.grants += usize::from(intent.gives_access());
        let waiter = Waiter {
            ticket,
            keys: Key::of(&intent).into(),
            intent,
            origin,
            arrived,
            reply_by,
            ends,
            company: Company::Anybody,
            perhaps_written: false,
            failures: None,
            standing: Standing::Due,
            held: None,
            overtaken: None,
            contended: false,
            overtakes: false,
        };
        self.waiters.insert(ticket, waiter);
        self.place(ticket);
    }

    /// How many grants wait. Revokes are not counted: they are exempt from the bound.
    pub(super) fn grants(&self) -> usize {
        self.grants
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Waiter> {
        self.waiters.values()
    }

    pub(super) fn find(&self, ticket: Ticket) -> Option<&Waiter> {
        self.waiters.get(&ticket)
    }

    pub(super) fn find_mut(&mut self, ticket: Ticket) -> Option<&mut Waiter> {
        self.waiters.get_mut(&ticket)
    }

    /// Those that are to be answered by this time, the most urgent first.
    pub(super) fn late(&self, time: Instant) -> impl Iterator<Item = &Waiter> {
        let late = self.deadlines.range(..=(time, Ticket::MAX));
        late.filter_map(|(_, ticket)| self.waiters.get(ticket))
    }

    /// When the first of them is to be answered.
    pub(super) fn first_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(reply_by, _)| *reply_by)
    }

    /// Whether an add or a lease waits that has a key with this intent in common.
    pub(super) fn is_granted(&self, intent: &Intent) -> bool {
        let keys = Key::of(intent);
        let mut sharers = keys.iter().filter_map(|key| self.lanes.get(key)).flat_map(Lane::iter);
        sharers.any(|ticket| {
            let wish = self.waiters.get(&ticket).map(|waiter| &waiter.intent.wish);
            matches!(wish, Some(Wish::Add { .. } | Wish::Lease { .. }))
        })
    }

    /// Whether a batch could be made.
    pub(super) fn has_work(&self) -> bool {
        !self.free.is_empty()
    }

    /// It is left alone until the lost requests with its keys have ended.
    pub(super) fn wait(&mut self, ticket: Ticket) {
        if let Some(waiter) = self.waiters.get_mut(&ticket) {
            waiter.standing = Standing::Waiting;
            self.unsettled.insert(ticket);
            self.place(ticket);
        }
    }

    /// Notes that one holds, and what that means to earlier ones.
    pub(super) fn hold(&mut self, ticket: Ticket, done: Done) {
        let Some(waiter) = self.waiters.get_mut(&ticket) else { return };
        waiter.held = Some(done);
        self.place(ticket);
        for earlier in self.before(ticket) {
            self.overtake(earlier, ticket);
        }
    }

    /// Wakes those that waited for the end of lost requests, and takes out those for which nothing is left
    /// to check. Nothing can have changed for them unless one of the requests has `ended`.
    pub(super) fn wake(&mut self, lost: &LostRequests, ended: bool) -> Vec<Waiter> {
        if !std::mem::take(&mut self.undone) && !ended {
            return Vec::new();
        }
        let unsettled = self.unsettled.iter().filter_map(|ticket| self.waiters.get(ticket));
        let settled = unsettled.filter(|waiter| !lost.may_undo(&waiter.keys));
        let mut undone = Vec::new();
        for ticket in settled.map(|waiter| waiter.ticket).collect::<Vec<_>>() {
            self.unsettled.remove(&ticket);
            if let Some(waiter) = self.waiters.get_mut(&ticket) {
                waiter.standing = Standing::Due;
                if waiter.overtaken.is_some_and(|overtaken| overtaken.undone) {
                    undone.push(ticket);
                } else {
                    self.place(ticket);
                }
            }
        }
        undone.into_iter().flat_map(|ticket| self.take_done(ticket)).collect()
    }

    /// Takes one out that holds for good, and after those that it renewed and that hold with it.
    pub(super) fn take_done(&mut self, ticket: Ticket) -> Vec<Waiter> {
        let Some(waiter) = self.waiters.get(&ticket) else { return Vec::new() };
        let before = self.before(ticket);
        let earlier = before.into_iter().filter_map(|earlier| self.waiters.get(&earlier));
        let renewed = earlier.filter(|earlier| earlier.effect_of(waiter) == Effect::Renews);
        let done: Vec<Ticket> = renewed.map(|waiter| waiter.ticket).chain([ticket]).collect();
        done.into_iter().filter_map(|ticket| self.remove(ticket)).collect()
    }

    /// Takes one out of which nobody will be told that it holds: what it overtook has to be checked after all.
    pub(super) fn give_up(&mut self, ticket: Ticket) -> Option<Waiter> {
        let before = self.before(ticket);
        let given_up = self.remove(ticket)?;
        for earlier in before {
            let Some(waiter) = self.waiters.get_mut(&earlier) else { continue };
            if waiter.overtaken.take_if(|overtaken| overtaken.by == ticket).is_some() {
                for later in self.after(earlier) {
                    self.overtake(earlier, later);
                }
                self.place(earlier);
            }
        }
        Some(given_up)
    }

    /// Takes out everybody.
    pub(super) fn take_all(&mut self) -> Vec<Waiter> {
        let all: Vec<Ticket> = self.waiters.keys().copied().collect();
        all.into_iter().filter_map(|ticket| self.remove(ticket)).collect()
    }

    /// Notes what a later intent means to an earlier one, if both hold. Of several the last one renews, but
    /// what is undone stays undone.
    fn overtake(&mut self, earlier: Ticket, later: Ticket) {
        let Some(after) = self.waiters.get(&later).filter(|later| later.held.is_some()) else { return };
        let Some(before) = self.waiters.get(&earlier) else { return };
        let undone = match before.effect_of(after) {
            Effect::Nothing => return,
            Effect::Undoes => true,
            Effect::Renews => false,
        };
        if before.overtaken.is_some_and(|overtaken| overtaken.undone) {
            return;
        }
        if let Some(after) = self.waiters.get_mut(&later) {
            after.overtakes = true;
        }
        if let Some(before) = self.waiters.get_mut(&earlier) {
            before.overtaken = Some(Overtaken { by: later, undone });
            if undone {
                self.unsettled.insert(earlier);
                self.undone = true;
            }
            self.place(earlier);
        }
    }

    /// Those that came before one and share a key with it.
    fn before(&self, ticket: Ticket) -> Vec<Ticket> {
        self.sharers(ticket, |lane| lane.before(ticket).collect())
    }

    /// Those that came after one and share a key with it.
    fn after(&self, ticket: Ticket) -> Vec<Ticket> {
        self.sharers(ticket, |lane| lane.iter().filter(|other| *other > ticket).collect())
    }

    fn sharers(&self, ticket: Ticket, of: impl Fn(&Lane) -> Vec<Ticket>) -> Vec<Ticket> {
        let keys = self.waiters.get(&ticket).map(|waiter| &*waiter.keys).unwrap_or_default();
        let mut sharers: Vec<Ticket> =
            keys.iter().filter_map(|key| self.lanes.get(key)).flat_map(of).collect();
        sharers.sort_unstable();
        sharers.dedup();
        sharers
    }

    /// Puts one in the lanes of its keys, where it belongs now.
    fn place(&mut self, ticket: Ticket) {
        let Some(waiter) = self.waiters.get(&ticket) else { return };
        let (keys, lets_pass) = (Arc::clone(&waiter.keys), waiter.lets_pass());
        let mut concerned = vec![ticket];
        for key in &*keys {
            match self.lanes.get_mut(key) {
                Some(lane) => {
                    concerned.extend(lane.head());
                    lane.place(ticket, lets_pass);
                    concerned.extend(lane.head());
                }
                None => self.lanes.entry(key.clone()).or_default().place(ticket, lets_pass),
            }
        }
        self.review(&concerned);
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Waiter> {
        let waiter = self.waiters.remove(&ticket)?;
        self.free.remove(&ticket);
        self.unsettled.remove(&ticket);
        self.deadlines.remove(&(waiter.reply_by, ticket));
        self.grants -= usize::from(waiter.gives_access());
        let mut heads = Vec::new();
        for key in &*waiter.keys {
            let Some(lane) = self.lanes.get_mut(key) else { continue };
            lane.remove(ticket);
            heads.extend(lane.head());
            if lane.is_empty() {
                self.lanes.remove(key);
            }
        }
        self.review(&heads);
        Some(waiter)
    }

    /// Finds out anew which of these are free.
    fn review(&mut self, tickets: &[Ticket]) {
        for ticket in tickets {
            if self.waiters.get(ticket).is_some_and(|waiter| self.is_free(waiter)) {
                self.free.insert(*ticket);
            } else {
                self.free.remove(ticket);
            }
        }
    }

    fn is_free(&self, waiter: &Waiter) -> bool {
        let undoes_a_part =
            |earlier| self.waiters.get(&earlier).is_some_and(|earlier| earlier.is_undone_in_part_by(waiter));
        waiter.is_due()
            && waiter.overtaken.is_none()
            && waiter.keys.iter().filter_map(|key| self.lanes.get(key)).all(|lane| {
                lane.head() == Some(waiter.ticket) && !lane.passed_by(waiter.ticket).any(undoes_a_part)
            })
    }
}

#[cfg(test)]
mod tests;
