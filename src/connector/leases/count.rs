//! How many leases there are, by the time that is left to them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::ends::Ends;

/// An end is late by at most so much while somebody carries it out: the default interval of reads, and 5 s.
const LATE: SignedDuration = SignedDuration::from_secs(65);

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Leases by the time that is left to them; each is counted once, but those that are late also as overdue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::connector) struct Counts {
    /// Their end has come.
    pub(in crate::connector) overdue: usize,
    /// Their end had come over 65 s before the text was seen: nobody carries it out.
    pub(in crate::connector) late: usize,
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
    /// Counts at `now` what a text tells that was seen `age` ago.
    pub(super) fn of(ends: &Ends, age: Duration, now: Timestamp) -> Self {
        let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
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
            counts.late += usize::from(left.saturating_add(age) < -LATE);
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
        check_seen(0, until, expected);
    }

    /// The same for a text that was seen so many seconds ago.
    #[track_caller]
    fn check_seen(ago: u64, until: &str, expected: Counts) {
        let text = "ada@example.com".to_owned();
        let member = Member::new(ListId::Group("group:eng".to_owned()), &text);
        let ends =
            Ends { members: vec![End { member, text, until: until.parse().unwrap() }], ..Ends::default() };
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(Counts::of(&ends, Duration::from_secs(ago), now), expected, "{until}");
    }

    #[test]
    fn a_lease_is_counted_by_the_time_it_has_left() {
        let none = Counts::default();
        check("2026-02-01T12:00:00Z", Counts { overdue: 1, late: 1, ..none });
        check("2026-03-01T11:58:55Z", Counts { overdue: 1, ..none });
        check("2026-03-01T12:00:00Z", Counts { overdue: 1, ..none });
        check("2026-03-01T12:00:01Z", Counts { hour: 1, ..none });
        check("2026-03-01T13:00:00Z", Counts { hour: 1, ..none });
        check("2026-03-01T13:00:01Z", Counts { day: 1, ..none });
        check("2026-03-02T12:00:01Z", Counts { week: 1, ..none });
        check("2026-03-08T12:00:01Z", Counts { later: 1, ..none });
    }

    #[test]
    fn a_lease_is_late_only_by_what_was_seen() {
        let overdue = Counts { overdue: 1, ..Counts::default() };
        check_seen(60, "2026-03-01T11:57:54Z", Counts { late: 1, ..overdue });
        check_seen(60, "2026-03-01T11:57:55Z", overdue);
        check_seen(u64::MAX, "2026-02-01T12:00:00Z", overdue);
    }

    #[test]
    fn ends_that_cannot_be_read_are_counted_by_themselves() {
        let ends =
            Ends { unreadable: vec!["line 1: …".to_owned(), "line 2: …".to_owned()], ..Ends::default() };
        let counts = Counts::of(&ends, Duration::ZERO, Timestamp::now());
        assert_eq!(counts, Counts { unreadable: 2, ..Counts::default() });
    }
}
