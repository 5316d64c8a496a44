//! How many leases there are, by the time that is left to them.

use jiff::{SignedDuration, Timestamp};

use super::ends::Ends;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Leases by the time that is left to them; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::connector) struct Counts {
    /// Their end has come.
    pub(in crate::connector) overdue: usize,
    /// At most an hour is left.
    pub(in crate::connector) hour: usize,
    /// At most a day is left.
    pub(in crate::connector) day: usize,
    /// At most a week is left.
    pub(in crate::connector) week: usize,
    /// More than a week is left.
    pub(in crate::connector) later: usize,
    /// Their end cannot be read: they never end.
    pub(in crate::connector) unreadable: usize,
}

impl Counts {
    pub(super) fn of(ends: &Ends, now: Timestamp) -> Self {
        let mut counts = Self { unreadable: ends.unreadable.len(), ..Self::default() };
        for end in &ends.members {
            let left = end.until.duration_since(now);
            let class = match left {
                _ if left <= SignedDuration::ZERO => &mut counts.overdue,
                _ if left <= HOUR => &mut counts.hour,
                _ if left <= DAY => &mut counts.day,
                _ if left <= WEEK => &mut counts.week,
                _ => &mut counts.later,
            };
            *class += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::leases::ends::{End, Member};
    use crate::policy::ListId;

    #[track_caller]
    fn check(until: &str, expected: Counts) {
        let text = "ada@example.com".to_owned();
        let member = Member::new(ListId::Group("group:eng".to_owned()), &text);
        let ends =
            Ends { members: vec![End { member, text, until: until.parse().unwrap() }], ..Ends::default() };
        assert_eq!(Counts::of(&ends, "2026-03-01T12:00:00Z".parse().unwrap()), expected, "{until}");
    }

    #[test]
    fn a_lease_is_counted_by_the_time_it_has_left() {
        let none = Counts::default();
        check("2026-02-01T12:00:00Z", Counts { overdue: 1, ..none });
        check("2026-03-01T12:00:00Z", Counts { overdue: 1, ..none });
        check("2026-03-01T12:00:01Z", Counts { hour: 1, ..none });
        check("2026-03-01T13:00:00Z", Counts { hour: 1, ..none });
        check("2026-03-01T13:00:01Z", Counts { day: 1, ..none });
        check("2026-03-02T12:00:01Z", Counts { week: 1, ..none });
        check("2026-03-08T12:00:01Z", Counts { later: 1, ..none });
    }

    #[test]
    fn ends_that_cannot_be_read_are_counted_by_themselves() {
        let ends =
            Ends { unreadable: vec!["line 1: …".to_owned(), "line 2: …".to_owned()], ..Ends::default() };
        assert_eq!(Counts::of(&ends, Timestamp::now()), Counts { unreadable: 2, ..Counts::default() });
    }
}
