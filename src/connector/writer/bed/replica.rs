//! A replica: a machine, whose callers they are, the schedule of its leases, and a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::checker::Run;
use super::world::POLL;
use crate::connector::leases::ends::End;
use crate::connector::leases::schedule::{Now, Schedule};
use crate::connector::writer::machine::{Limits, Machine};
use crate::connector::writer::queue::Ticket;

/// A replica that runs.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) machine: Machine,
    pub(super) schedule: Schedule,
    /// Tells what ran before under the same number.
    pub(super) incarnation: u32,
    /// By how many milliseconds its clock is ahead of the run's.
    pub(super) clock: i64,
    /// Which call has which ticket, and for which end of the schedule it is.
    pub(super) callers: BTreeMap<Ticket, (usize, Option<End>)>,
    /// Who waits no more.
    pub(super) served: BTreeSet<Ticket>,
    /// When the machine is to be told the time next.
    pub(super) wake: Option<u64>,
    /// When the schedule is.
    pub(super) looks_at: Option<u64>,
    /// It was asked to stop.
    pub(super) stopping: bool,
    /// Of when the people and devices are that it judged by last.
    pub(super) surveyed: u64,
}

impl Replica {
    /// One that starts at a time.
    pub(super) fn new(incarnation: u32, clock: i64, limits: Limits, start: Instant, seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        Self {
            schedule: Schedule::new(Duration::from_millis(POLL), false, start, chance.fork()),
            machine: Machine::new("example.com".to_owned(), limits, chance),
            incarnation,
            clock,
            callers: BTreeMap::new(),
            served: BTreeSet::new(),
            wake: None,
            looks_at: None,
            stopping: false,
            surveyed: 0,
        }
    }

    /// What both its clocks say at a time.
    pub(super) fn clocks(&self, run: &Run, began: Instant, now: u64) -> Now {
        let wall = run.epoch + i64::try_from(now).unwrap_or(i64::MAX) + self.clock;
        let wall = Timestamp::from_millisecond(wall).unwrap_or_default();
        Now { at: began + Duration::from_millis(now), wall }
    }

    /// When its clock says so, in milliseconds of the run; what has passed is 0.
    pub(super) fn time_of(&self, run: &Run, seconds: i64) -> u64 {
        u64::try_from(seconds * 1000 - run.epoch - self.clock).unwrap_or(0)
    }

    /// When its machine wants to be told the time, in milliseconds of the run.
    pub(super) fn wakes_at(&self, began: Instant) -> Option<u64> {
        self.machine.wake_at().map(|wake| millis(began, wake))
    }
}

/// A moment in milliseconds of the run, not before it.
pub(super) fn millis(began: Instant, moment: Instant) -> u64 {
    let since = moment.saturating_duration_since(began);
    let whole = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    whole + u64::from(Duration::from_millis(whole) < since)
}
