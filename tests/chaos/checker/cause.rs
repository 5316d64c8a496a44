//! Whose doing a change is. A change that a replica wrote without a cause is an intent that took effect when it must
//! not: refused, answered long ago, undone, or nobody's.

use super::history::{Answer, By, Call, History, Op, Stored};
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
        || has_twin(history, change)
}

/// The known limit of the law: a replica whose answer was lost reads exactly the text that it sent and takes that for
/// its own doing, but somebody else had stored the same. Then its own request, sent before the answer, still lives.
pub(crate) fn has_twin(history: &History, change: Change<'_>) -> bool {
    let Some(stored) = history.stored.get(change.index) else { return false };
    let run = &history.run;
    let mut earlier = history.stored.iter().take(change.index);
    earlier.any(|twin| {
        let open = |call: &Call| {
            let answered = call.answered.unwrap_or(u64::MAX).saturating_add(run.slack);
            (call.called..=answered).contains(&twin.at) && stored.at <= answered.saturating_add(run.lifetime)
        };
        let (replica, by_another) = match stored.by {
            By::Tailgrant { replica: Some(replica), .. } => {
                let other =
                    |by| !matches!(by, By::Tailgrant { replica: Some(other), .. } if other == replica);
                (Some(replica), other(twin.by))
            }
            By::Tailgrant { replica: None, .. } => (None, true),
            By::Foreign => return false,
        };
        by_another
            && twin.text == stored.text
            && history.calls.iter().any(|call| {
                replica.is_none_or(|replica| replica == call.replica)
                    && call.concerns(change.place)
                    && call.op.makes_of(change.from) == Some(change.to)
                    && open(call)
            })
    })
}

/// The end of a lease had come, by the fastest clock that is allowed.
pub(crate) fn is_end(history: &History, change: Change<'_>) -> bool {
    let (State::Until(until), State::Absent) = (change.from, change.to) else { return false };
    let run = &history.run;
    let at = history.stored.get(change.index).map_or(0, |stored| stored.at);
    at + run.clock_tolerance + run.slack >= history.run.time_of(until)
}

/// A lease that had vanished was put back: nobody but others changed how the member stands since.
pub(crate) fn is_restoration(history: &History, timeline: &Timeline, change: Change<'_>) -> bool {
    let by_others = |index: usize| history.stored.get(index).is_some_and(|stored| stored.by == By::Foreign);
    let earlier = timeline.changes(change.place).iter().rev().filter(|(index, _)| *index < change.index);
    let mut lease = earlier.skip_while(|(index, state)| *state != change.to && by_others(*index));
    history.run.restores
        && change.from == State::Member
        && lease.next().is_some_and(|(_, state)| *state == change.to)
}

/// The calls that could make a change when it was made.
pub(crate) fn causes<'h>(
    history: &'h History,
    timeline: &'h Timeline,
    change: Change<'h>,
) -> impl Iterator<Item = &'h Call> {
    history.calls.iter().filter(move |call| {
        let Some(stored) = history.stored.get(change.index) else { return false };
        call.may_be_of(stored)
            && call.concerns(change.place)
            && !matches!(call.op, Op::End { .. })
            && call.op.makes_of(change.from) == Some(change.to)
            && may_take_effect(history, call, stored)
            && (call.answer != Answer::Refused || was_undone(history, timeline, call, change))
            && !is_superseded(history, call, change, stored.at)
    })
}

/// Whether somebody may have asked for an end that is there already: then it is told in that caller's words.
pub(crate) fn may_reword(history: &History, stored: &Stored, place: &Place, until: Option<i64>) -> bool {
    history.calls.iter().any(|call| {
        matches!(call.op, Op::Lease { until: wanted } if Some(wanted) == until)
            && call.concerns(place)
            && call.may_be_of(stored)
            && may_take_effect(history, call, stored)
    })
}

impl Call {
    /// Whether its replica may have written a text.
    pub(crate) fn may_be_of(&self, stored: &Stored) -> bool {
        match stored.by {
            By::Tailgrant { replica, .. } => replica.is_none_or(|replica| replica == self.replica),
            By::Foreign => false,
        }
    }
}

/// Whether the request that brought a text may have carried the call: nothing is sent for a caller that was answered
/// or is gone.
fn may_take_effect(history: &History, call: &Call, stored: &Stored) -> bool {
    let run = &history.run;
    let heard = match (call.answered, call.answer) {
        (None, _) => history.end_of(call.replica, call.called),
        (answered, _) => answered,
    };
    let sent = match stored.by {
        By::Tailgrant { request: Some(request), .. } => history.sent.get(&request),
        _ => None,
    };
    let last = match call.answer {
        Answer::Changed | Answer::Held | Answer::Refused => heard,
        Answer::Unknown | Answer::Gone => heard.map(|heard| heard + run.lifetime),
    };
    let in_time = |at: u64, last: Option<u64>| {
        call.called <= at + run.slack && last.is_none_or(|last| at <= last + run.slack)
    };
    in_time(stored.at, last) && sent.is_none_or(|sent| in_time(*sent, heard))
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
            && later.answered.is_some_and(|answered| answered + history.run.slack < at)
            && !matches!(later.op, Op::End { .. })
            && later.concerns(change.place)
            && !later.op.holds_in(change.to)
    })
}

impl History {
    /// Whether one process took both calls, this one first: it had been answered when the later one came, or it
    /// takes calls in the order of their ids.
    pub(crate) fn keeps_order(&self, earlier: &Call, later: &Call) -> bool {
        let apart = earlier.answered.is_some_and(|answered| answered + self.run.slack < later.called);
        (apart || self.run.ordered && earlier.id < later.id)
            && earlier.replica == later.replica
            && self.end_of(earlier.replica, earlier.called).is_none_or(|end| later.called <= end)
    }

    /// When the process that ran at a time ended, if it did.
    pub(crate) fn end_of(&self, replica: u32, running: u64) -> Option<u64> {
        let mut ends =
            self.lives.iter().filter(|(at, which, starts)| !starts && *which == replica && *at >= running);
        ends.next().map(|(at, ..)| *at)
    }
}
