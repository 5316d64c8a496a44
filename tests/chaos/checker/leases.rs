//! Whether leases ended in time. That none ended early is a matter of [`cause`](super::cause).

use super::history::{By, History, Run};
use super::timeline::{State, Timeline};
use super::{Rule, Violation};

pub(crate) fn check(history: &History, timeline: &Timeline) -> Vec<Violation> {
    let disturbances = disturbances(history);
    let mut violations = Vec::new();
    for ((list, member), changes) in &timeline.places {
        for (at, (index, state)) in changes.iter().enumerate() {
            let (State::Until(until), Some(stored)) = (state, history.stored.get(*index)) else { continue };
            let next = changes.get(at + 1).and_then(|(next, _)| history.stored.get(*next));
            let left = next.map_or(history.run.duration, |next| next.at);
            let begins = history.run.time_of(*until).max(stored.at);
            let due = due(&history.run, &disturbances, begins);
            if due < left {
                let end = next.map_or("it is there to the end".to_owned(), ToString::to_string);
                violations.push(Violation {
                    rule: Rule::NoLeaseIsLate,
                    what: format!("{member} of {list} had to leave by {due}"),
                    events: vec![format!("{stored}: {state:?}"), end],
                });
            }
        }
    }
    violations
}

impl Run {
    /// The time of the run, in milliseconds, at a moment in Unix seconds; 0 before its beginning.
    pub(crate) fn time_of(&self, seconds: i64) -> u64 {
        u64::try_from(seconds * 1000 - self.epoch).unwrap_or(0)
    }
}

/// By when a lease has to be gone that ran out, or was written late, at `begins`.
fn due(run: &Run, disturbances: &[(u64, u64)], begins: u64) -> u64 {
    let delay = run.lease_delay + run.clock_tolerance + run.slack;
    disturbances.iter().fold(begins.saturating_add(delay), |due, (from, to)| {
        let after = to.saturating_add(run.recovery).saturating_add(delay);
        if *from < due { due.max(after) } else { due }
    })
}

/// Times for which, and some time after, ends may be late: faults, edits by others, replicas that come and go, and
/// while none runs, since nobody can end anything then.
fn disturbances(history: &History) -> Vec<(u64, u64)> {
    let faults = history.faults.iter().map(|(at, _)| *at);
    let edits =
        history.stored.iter().skip(1).filter(|stored| stored.by == By::Foreign).map(|stored| stored.at);
    let mut disturbances: Vec<(u64, u64)> = faults.chain(edits).map(|at| (at, at)).collect();
    let mut running = 0_usize;
    for (number, (at, _, starts)) in history.lives.iter().enumerate() {
        running = if *starts { running + 1 } else { running.saturating_sub(1) };
        let next = history.lives.get(number + 1).map_or(u64::MAX, |(next, ..)| *next);
        disturbances.push((*at, if running == 0 { next } else { *at }));
    }
    disturbances.sort_unstable();
    disturbances
}
