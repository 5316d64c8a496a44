//! Who waits for the writer, and for how long.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::histogram::Histogram;

use super::SECONDS;

/// The changes that wait for their answer, oldest first. Clones are the same queue.
#[derive(Clone, Debug)]
pub(in crate::connector) struct Queue {
    waiting: Arc<Mutex<BTreeMap<u64, Instant>>>,
    pub(super) wait: Histogram,
}

impl Default for Queue {
    fn default() -> Self {
        Self { waiting: Arc::default(), wait: Histogram::new(SECONDS) }
    }
}

impl Queue {
    /// A change has come. Its ticket is greater than those of all that came before.
    pub(in crate::connector) fn enter(&self, ticket: u64, now: Instant) {
        self.waiting().insert(ticket, now);
    }

    /// A change was answered, or its caller has gone.
    pub(in crate::connector) fn leave(&self, ticket: u64, now: Instant) {
        let arrived = self.waiting().remove(&ticket);
        if let Some(arrived) = arrived {
            self.wait.observe(now.saturating_duration_since(arrived).as_secs_f64());
        }
    }

    /// How many wait.
    pub(in crate::connector) fn length(&self) -> usize {
        self.waiting().len()
    }

    /// How long the one has waited that came first; `None` when nobody waits.
    pub(in crate::connector) fn oldest(&self, now: Instant) -> Option<Duration> {
        self.waiting().first_key_value().map(|(_, arrived)| now.saturating_duration_since(*arrived))
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Instant>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_the_one_that_came_first_and_still_waits() {
        let (queue, start) = (Queue::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        assert_eq!((queue.length(), queue.oldest(at(9))), (0, None));
        for (ticket, second) in [(1, 0), (2, 1), (3, 5)] {
            queue.enter(ticket, at(second));
        }
        queue.leave(2, at(6));
        assert_eq!((queue.length(), queue.oldest(at(9))), (2, Some(Duration::from_secs(9))));
        queue.leave(1, at(7));
        assert_eq!((queue.length(), queue.oldest(at(9))), (1, Some(Duration::from_secs(4))));
        queue.leave(3, at(8));
        assert_eq!((queue.length(), queue.oldest(at(9))), (0, None));
    }
}
