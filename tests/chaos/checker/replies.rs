//! Whether callers were answered: once, and by the time at which that was due.

use super::history::{Call, History};
use super::{Rule, Violation};

pub(crate) fn check(history: &History) -> Vec<Violation> {
    let wrong = history.calls.iter().filter_map(|call| Some((call, what_is_wrong(history, call)?)));
    let violation = |(call, what): (&Call, String)| Violation {
        rule: Rule::OneAnswerInTime,
        what,
        events: vec![call.to_string()],
    };
    wrong.map(violation).collect()
}

/// A process that ends takes its callers with it, and whoever leaves waits no more.
fn what_is_wrong(history: &History, call: &Call) -> Option<String> {
    if call.again > 0 {
        return Some(format!("nobody waited any more, and it was answered {} times", call.again));
    }
    let due = call.due?.saturating_add(history.run.slack);
    let waited =
        call.answered.or_else(|| history.end_of(call.replica, call.called)).unwrap_or(history.run.duration);
    (waited > due).then(|| format!("its caller waited until {waited}, and was to wait until {due} at most"))
}
