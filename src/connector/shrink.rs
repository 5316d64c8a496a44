//! Guard against lists that shrink for the wrong reason.
//!
//! A service in trouble, or a credential that lost its view, may answer with a short list and status
//! 200. Passed on, every account missing from it would look deleted. So a list that shrinks much is
//! believed only when a second read some time later agrees.

use std::time::{Duration, Instant};

/// Shorter lists may shrink as they like.
const SMALLEST: usize = 20;

/// What one list has looked like in this process.
#[derive(Debug, Default)]
pub(super) struct Guard {
    accepted: usize,
    suspect: Option<Suspect>,
}

#[derive(Clone, Copy, Debug)]
struct Suspect {
    count: usize,
    first_seen: Instant,
}

/// A list that is not believed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shrunk {
    /// Entries when it was last believed.
    pub(super) from: usize,
    /// Entries now.
    pub(super) to: usize,
    /// A read that begins after this time and agrees is believed.
    pub(super) wait: Duration,
}

impl Guard {
    /// Judges a list of `count` entries, read at `now`.
    pub(super) fn judge(&mut self, count: usize, now: Instant, recheck: Duration) -> Result<(), Shrunk> {
        let agreeing = self.suspect.filter(|suspect| agree(suspect.count, count));
        let first_seen = agreeing.map_or(now, |suspect| suspect.first_seen);
        let waited = now.saturating_duration_since(first_seen);
        if is_believable(self.accepted, count) || (agreeing.is_some() && waited >= recheck) {
            self.accept(count);
            return Ok(());
        }
        self.suspect = Some(Suspect { count, first_seen });
        Err(Shrunk { from: self.accepted, to: count, wait: recheck.saturating_sub(waited) })
    }

    /// Believes a list whatever its length.
    pub(super) fn accept(&mut self, count: usize) {
        *self = Self { accepted: count, suspect: None };
    }
}

fn is_believable(before: usize, now: usize) -> bool {
    before < SMALLEST || (now > 0 && now.saturating_mul(2) >= before)
}

/// Two short lists tell the same story when neither is more than twice the other.
fn agree(one: usize, other: usize) -> bool {
    one.max(other) <= one.min(other).saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECHECK: Duration = Duration::from_secs(60);

    /// Judges reads given as (second, entries) and returns which were believed.
    fn believed(reads: &[(u64, usize)]) -> Vec<bool> {
        let (mut guard, start) = (Guard::default(), Instant::now());
        reads
            .iter()
            .map(|(second, count)| guard.judge(*count, start + Duration::from_secs(*second), RECHECK).is_ok())
            .collect()
    }

    #[track_caller]
    fn check(reads: &[(u64, usize)], expected: &[bool]) {
        assert_eq!(believed(reads), expected, "{reads:?}");
    }

    #[test]
    fn short_lists_and_small_losses_are_believed() {
        check(&[(0, 0)], &[true]);
        check(&[(0, 19), (1, 0)], &[true, true]);
        check(&[(0, 20), (1, 10)], &[true, true]);
        check(&[(0, 100), (1, 50), (2, 25), (3, 13)], &[true, true, true, true]);
    }

    #[test]
    fn a_great_loss_is_believed_when_a_later_read_agrees() {
        check(&[(0, 20), (1, 9)], &[true, false]);
        check(&[(0, 20), (1, 0)], &[true, false]);
        check(&[(0, 100), (1, 10), (60, 10), (61, 10)], &[true, false, false, true]);
        check(&[(0, 100), (1, 0), (61, 0), (62, 0)], &[true, false, true, true]);
    }

    #[test]
    fn a_list_that_comes_back_is_believed_and_clears_the_suspicion() {
        check(&[(0, 100), (1, 0), (2, 100), (62, 0), (63, 0)], &[true, false, true, false, false]);
    }

    #[test]
    fn reads_that_disagree_begin_the_wait_anew() {
        check(&[(0, 1000), (1, 400), (61, 100), (62, 100), (121, 100)], &[true, false, false, false, true]);
        check(&[(0, 1000), (1, 100), (61, 400), (121, 400)], &[true, false, false, true]);
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let (mut guard, start) = (Guard::default(), Instant::now());
        guard.accept(100);
        assert_eq!(guard.judge(3, start, RECHECK), Err(Shrunk { from: 100, to: 3, wait: RECHECK }));
        let later = start + Duration::from_secs(20);
        assert_eq!(
            guard.judge(3, later, RECHECK),
            Err(Shrunk { from: 100, to: 3, wait: Duration::from_secs(40) })
        );
    }
}
