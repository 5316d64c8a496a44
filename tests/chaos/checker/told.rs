//! Whether callers were told rightly who made it so: `Changed` by the call itself, `Held` without it.

use super::cause::{Change, causes, is_end};
use super::history::{Answer, Call, History, Op, Stored};
use super::lists::Policy;
use super::timeline::{Place, State, Timeline};
use super::{Rule, Violation};

pub(crate) fn check(history: &History, timeline: &Timeline) -> Vec<Violation> {
    let mut violations = Vec::new();
    for call in &history.calls {
        let what = match call.answer {
            Answer::Changed if !call.places().any(|place| has_made(history, timeline, call, &place)) => {
                "was told as a change, and no write made it so between call and answer"
            }
            Answer::Held if call.places().any(|place| has_only_made(history, timeline, call, &place)) => {
                "was told as so already, and nothing but this call made it so"
            }
            _ => continue,
        };
        let changes = call.places().flat_map(|place| {
            timeline
                .changes(&place)
                .iter()
                .filter_map(|(index, state)| {
                    history.stored.get(*index).map(|stored| format!("{stored}: {state:?}"))
                })
                .collect::<Vec<_>>()
        });
        violations.push(Violation {
            rule: Rule::ChangedOrHeld,
            what: format!("{} of {} {what}", call.principal, call.list),
            events: std::iter::once(call.to_string()).chain(changes).collect(),
        });
    }
    violations
}

/// Whether a write of the call's replica brought about what it wants while it waited. If an answer to a write was
/// lost meanwhile, it need not have been its own, nor quite as late: the replica cannot tell whether its own was
/// carried out, too. Whoever does not record when requests are sent does not tell which were lost, either.
fn has_made(history: &History, timeline: &Timeline, call: &Call, place: &Place) -> bool {
    let to = call.answered.unwrap_or(u64::MAX);
    let struck =
        |(at, fault): &(u64, String)| (call.called..=to).contains(at) && fault.starts_with("acl.post");
    if history.sent.is_empty() || history.faults.iter().any(struck) {
        let since = call.called.saturating_sub(history.run.lifetime);
        return became_so(history, timeline, call, place, since).next().is_some()
            || has_reworded(history, timeline, call, place);
    }
    became_so(history, timeline, call, place, call.called).any(|(stored, _)| call.may_be_of(stored))
        || has_reworded(history, timeline, call, place)
}

/// Whether a lease that had the end already got the words of this call.
fn has_reworded(history: &History, timeline: &Timeline, call: &Call, place: &Place) -> bool {
    let Op::Lease { until } = call.op else { return false };
    let words = |policy: &Policy| -> Vec<Vec<String>> {
        let lists = policy.lists.iter().filter(|list| list.id == place.0);
        let items = lists.flat_map(|list| &list.items);
        let leased = items.filter(|item| item.key == place.1 && item.until == Some(until));
        leased.map(|item| item.words.clone()).collect()
    };
    let slack = history.run.slack;
    let waited = call.called..=call.answered.unwrap_or(u64::MAX).saturating_add(slack);
    timeline.policies.windows(2).zip(history.stored.iter().skip(1)).any(|(pair, stored)| {
        let [was, is] = pair else { return false };
        waited.contains(&(stored.at + slack)) && call.may_be_of(stored) && words(was) != words(is)
    })
}

/// Whether it was not so before, and became so while the call waited by what only this call can have done.
fn has_only_made(history: &History, timeline: &Timeline, call: &Call, place: &Place) -> bool {
    let slack = history.run.slack;
    let changes = timeline.changes(place);
    let called = changes
        .iter()
        .rev()
        .find(|(index, _)| history.stored.get(*index).is_some_and(|stored| stored.at <= call.called + slack));
    if called.is_none_or(|(_, state)| call.op.holds_in(*state)) {
        return false;
    }
    let mut became = became_so(history, timeline, call, place, call.called).peekable();
    became.peek().is_some()
        && became.all(|(_, change)| {
            let mut causes = causes(history, timeline, change).peekable();
            !is_end(history, change) && causes.peek().is_some() && causes.all(|cause| cause.id == call.id)
        })
}

/// The changes from what a call does not want to what it wants, from a time until its answer.
fn became_so<'h>(
    history: &'h History,
    timeline: &'h Timeline,
    call: &'h Call,
    place: &'h Place,
    since: u64,
) -> impl Iterator<Item = (&'h Stored, Change<'h>)> {
    let slack = history.run.slack;
    let to = call.answered.unwrap_or(u64::MAX).saturating_add(slack);
    timeline.changes(place).windows(2).filter_map(move |pair| {
        let [(_, from), (index, to_state)] = *pair else { return None };
        let stored = history.stored.get(index)?;
        let change = Change { place, index, from, to: to_state };
        let became = |from: State, to: State| !call.op.holds_in(from) && call.op.holds_in(to);
        (stored.at + slack >= since && stored.at <= to && became(from, to_state)).then_some((stored, change))
    })
}
