//! Whose doing a change is. A change that a replica wrote without a cause is an intent that took effect when it must
//! not: refused, answered long ago, undone, or nobody's.

use super::history::{Answer, By, Call, History, Op};
use super::timeline::{Place, State, Timeline};
use super::{Rule, Violation};

/// A change of a membership.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'h> {
    pub(crate) place: &'h Place,
    /// The index of the text with which it came.
    pub(crate) index: usize,
    pub(crate) from: State,
    pub(crate) to: State,
}

pub(crate) fn check(history: &History, timeline: &Timeline) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (place, changes) in &timeline.places {
        for pair in changes.windows(2) {
            let [(_, from), (index, to)] = *pair else { continue };
            let change = Change { place, index, from, to };
            let Some(stored) = history.stored.get(index) else { continue };
            if stored.by != By::Foreign && !has_cause(history, timeline, change) {
                let (list, member) = place;
                violations.push(Violation {
                    rule: Rule::EveryChangeHasACause,
                    what: format!(
                        "{member} of {list} went from {from:?} to {to:?}, and nothing could do that"
                    ),
                    events: std::iter::once(stored.to_string())
                        .chain(history.calls.iter().filter(|call| call.concerns(place)).map(Call::to_string))
                        .collect(),
                });
            }
        }
    }
    violations
}

fn has_cause(history: &History, timeline: &Timeline, change: Change<'_>) -> bool {
    is_end(history, change)
        || is_restoration(history, timeline, change)
        || causes(history, timeline, change).next().is_some()
}

/// The end of a lease had come, by the fastest clock that is allowed.
pub(crate) fn is_end(history: &History, change: Change<'_>) -> bool {
    let (State::Until(until), State::Absent) = (change.from, change.to) else { return false };
    let run = &history.run;
    let at = history.stored.get(change.index).map_or(0, |stored| stored.at);
    at + run.clock_tolerance + run.slack >= history.run.time_of(until)
}

/// A lease that had vanished was put back.
fn is_restoration(history: &History, timeline: &Timeline, change: Change<'_>) -> bool {
    let earlier = timeline.changes(change.place);
    history.run.restores
        && change.from == State::Member
        && earlier.iter().any(|(index, state)| *index < change.index && *state == change.to)
}

/// The calls that could make a change when it was made.
pub(crate) fn causes<'h>(
    history: &'h History,
    timeline: &'h Timeline,
    change: Change<'h>,
) -> impl Iterator<Item = &'h Call> {
    history.calls.iter().filter(move |call| {
        let Some(stored) = history.stored.get(change.index) else { return false };
        let may_write = match stored.by {
            By::Tailgrant { replica, .. } => replica.is_none_or(|replica| replica == call.replica),
            By::Foreign => false,
        };
        may_write
            && call.concerns(change.place)
            && !matches!(call.op, Op::End { .. })
            && call.op.makes_of(change.from) == Some(change.to)
            && may_take_effect(history, call, stored.at)
            && (call.answer != Answer::Refused || was_undone(history, timeline, call, change))
            && !is_superseded(history, call, change, stored.at)
    })
}

/// Whether a request for the call may be carried out at a time.
fn may_take_effect(history: &History, call: &Call, at: u64) -> bool {
    let run = &history.run;
    let last = match (call.answered, call.answer) {
        (Some(answered), Answer::Changed | Answer::Held | Answer::Refused) => Some(answered),
        (Some(answered), Answer::Unknown | Answer::Gone) => Some(answered + run.lifetime),
        (None, _) => history.end_of(call.replica, call.called).map(|end| end + run.lifetime),
    };
    call.called <= at + run.slack && last.is_none_or(|last| at <= last + run.slack)
}

/// Whether a change had gone again when its call was refused.
fn was_undone(history: &History, timeline: &Timeline, call: &Call, change: Change<'_>) -> bool {
    let changes = timeline.changes(change.place);
    let next = changes.iter().find(|(index, _)| *index > change.index);
    let next = next.and_then(|(index, _)| history.stored.get(*index));
    let answered = call.answered.unwrap_or(u64::MAX);
    next.is_some_and(|next| next.at <= answered.saturating_add(history.run.slack))
}

/// Whether a later call to the same replica was told OK before the change, and wants something else.
fn is_superseded(history: &History, call: &Call, change: Change<'_>, at: u64) -> bool {
    history.calls.iter().any(|later| {
        history.keeps_order(call, later)
            && later.answer.is_ok()
            && later.answered.is_some_and(|answered| answered < at)
            && !matches!(later.op, Op::End { .. })
            && later.concerns(change.place)
            && !later.op.holds_in(change.to)
    })
}

impl History {
    /// Whether one process took both calls, this one first, and knows it.
    pub(crate) fn keeps_order(&self, earlier: &Call, later: &Call) -> bool {
        self.run.ordered
            && earlier.replica == later.replica
            && earlier.id < later.id
            && self.end_of(earlier.replica, earlier.called).is_none_or(|end| later.called <= end)
    }

    /// When the process that ran at a time ended, if it did.
    pub(crate) fn end_of(&self, replica: u32, running: u64) -> Option<u64> {
        let mut ends =
            self.lives.iter().filter(|(at, which, starts)| !starts && *which == replica && *at >= running);
        ends.next().map(|(at, ..)| *at)
    }
}
