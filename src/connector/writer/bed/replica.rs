//! A replica: a machine, whose callers they are, and a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::checker::Run;
use crate::connector::writer::machine::{Limits, Machine};
use crate::connector::writer::queue::Ticket;

/// A replica that runs.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) machine: Machine,
    /// Tells what ran before under the same number.
    pub(super) incarnation: u32,
    /// By how many milliseconds its clock is ahead of the run's.
    pub(super) clock: i64,
    /// Which call waits for which ticket.
    pub(super) callers: BTreeMap<Ticket, usize>,
    /// Leases whose end was asked for and not answered.
    pub(super) ending: BTreeSet<(String, String)>,
    /// When the machine is to be told the time next.
    pub(super) wake: Option<u64>,
    /// Of when the people and devices are that it judged by last.
    pub(super) surveyed: u64,
}

impl Replica {
    pub(super) fn new(incarnation: u32, clock: i64, limits: Limits, seed: u64) -> Self {
        Self {
            machine: Machine::new("example.com".to_owned(), limits, fastrand::Rng::with_seed(seed)),
            incarnation,
            clock,
            callers: BTreeMap::new(),
            ending: BTreeSet::new(),
            wake: None,
            surveyed: 0,
        }
    }

    /// What its clock says, in Unix seconds.
    pub(super) fn seconds(&self, run: &Run, now: u64) -> i64 {
        (run.epoch + i64::try_from(now).unwrap_or(i64::MAX) + self.clock) / 1000
    }

    /// When its machine wants to be told the time, in milliseconds of the run.
    pub(super) fn wakes_at(&self, began: Instant) -> Option<u64> {
        let wait = self.machine.wake_at()?.saturating_duration_since(began);
        let whole = Duration::from_millis(wait.as_millis().try_into().unwrap_or(u64::MAX));
        u64::try_from(wait.as_millis()).ok().map(|millis| millis + u64::from(whole < wait))
    }
}
