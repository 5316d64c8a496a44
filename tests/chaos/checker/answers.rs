//! Whether what callers were told was true.

use super::cause::{Change, causes, has_twin, is_end};
use super::history::{Answer, By, Call, History, Op};
use super::timeline::{Place, State, Timeline};
use super::{Rule, Violation};

pub(crate) fn check(history: &History, timeline: &Timeline) -> Vec<Violation> {
    let mut violations = Vec::new();
    for call in history.calls.iter().filter(|call| call.answer.is_ok()) {
        for place in call.places() {
            let Err(what) = was_in_effect(history, timeline, call, &place) else { continue };
            let changes = timeline.changes(&place).iter().filter_map(|(index, state)| {
                history.stored.get(*index).map(|stored| format!("{stored}: {state:?}"))
            });
            violations.push(Violation {
                rule: Rule::OkIsInEffect,
                what: format!("{} of {} {what}", place.1, place.0),
                events: std::iter::once(call.to_string()).chain(changes).collect(),
            });
        }
    }
    violations
}

fn was_in_effect(
    history: &History,
    timeline: &Timeline,
    call: &Call,
    place: &Place,
) -> Result<(), &'static str> {
    let slack = history.run.slack;
    let (from, to) = (call.called, call.answered.unwrap_or(u64::MAX).saturating_add(slack));
    let mut last_held: Option<State> = None;
    let mut first_held: Option<usize> = None;
    let mut gone_with: Option<Change<'_>> = None;
    let changes = timeline.changes(place);
    for (at, (index, state)) in changes.iter().enumerate() {
        let stored_at = |index: usize| history.stored.get(index).map_or(0, |stored| stored.at);
        let until = changes.get(at + 1).map_or(u64::MAX, |(next, _)| stored_at(*next).saturating_add(slack));
        if until < from || stored_at(*index) > to {
            continue;
        }
        if call.op.holds_in(*state) {
            (last_held, gone_with) = (Some(*state), None);
            first_held = first_held.or(Some(*index));
        } else if let (Some(held), None) = (last_held, gone_with) {
            let change = Change { place, index: *index, from: held, to: *state };
            if causes(history, timeline, change).any(|cause| history.keeps_order(call, cause)) {
                // Its time is over: what comes now has to be as the later one wants it.
                return Ok(());
            }
            gone_with = Some(change);
        }
    }
    let is_as_later = |change: &Change<'_>| {
        let later = history.calls.iter().filter(|later| {
            history.keeps_order(call, later)
                && later.concerns(place)
                && later.called <= to
                && later.answer != Answer::Refused
                && !matches!(later.op, Op::End { .. })
        });
        let since = changes.iter().filter(|(index, _)| Some(*index) > first_held);
        let mut since =
            since.filter_map(|(index, state)| Some((*index, *state, history.stored.get(*index)?)));
        // Its place in the order is before the later one's, which is in effect, was when others made it so, or is over
        // by itself.
        since.any(|(index, state, stored)| {
            let is_wanted = |later: &Call| {
                later.op.holds_in(state) && (index >= change.index || !call.op.holds_in(state))
                    || state == State::Absent && own_end_has_come(history, later, stored.at)
            };
            stored.at <= to && later.clone().any(is_wanted)
        })
    };
    match gone_with {
        _ if last_held.is_none() => Err("was never so between the call and its answer"),
        Some(change) if !may_undo(history, timeline, call, change) && !is_as_later(&change) => {
            Err("was undone before the answer by what was asked earlier, and not repaired")
        }
        _ => Ok(()),
    }
}

/// Whether somebody may have undone a call before it was answered who did not come earlier.
fn may_undo(history: &History, timeline: &Timeline, call: &Call, change: Change<'_>) -> bool {
    let Some(stored) = history.stored.get(change.index) else { return false };
    stored.by == By::Foreign
        || is_end(history, change)
        || has_twin(history, change)
        // By the time of the answer there was nothing to repair.
        || own_end_has_come(history, call, stored.at.max(call.answered.unwrap_or(u64::MAX)))
        || causes(history, timeline, change).any(|cause| !history.keeps_order(cause, call))
}

/// Whether the own end of a lease had come at a time, by the fastest clock that is allowed: then it is over.
fn own_end_has_come(history: &History, call: &Call, at: u64) -> bool {
    let run = &history.run;
    matches!(call.op, Op::Lease { until } if at + run.clock_tolerance + run.slack >= run.time_of(until))
}
