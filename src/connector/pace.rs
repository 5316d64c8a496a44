//! How long to wait before the same thing is tried again.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// For how long at most a service is left alone that limits the rate of calls. One page of a gateway, which may
/// say a day, must not leave somebody their access for so long; and who is asked once a minute is not flooded.
pub(super) const LONGEST_LIMIT: Duration = Duration::from_mins(1);

/// Growing, jittered pauses: several replicas that met each other must not meet again in step.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    failures: u32,
}

impl Pace {
    /// The pause after one more failure: 100 ms doubled with each one, at most 5 s, of which half is chance.
    pub(super) fn pause(&mut self, chance: &mut fastrand::Rng) -> Duration {
        let full = SHORTEST.saturating_mul(1 << self.failures.min(8)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        full.mul_f64(0.5 + chance.f64() / 2.0)
    }

    /// Like [`Pace::pause`], but the first failure is followed by another attempt at once.
    pub(super) fn pause_if_repeated(&mut self, chance: &mut fastrand::Rng) -> Duration {
        if self.failures == 0 {
            self.failures = 1;
            Duration::ZERO
        } else {
            self.pause(chance)
        }
    }

    /// Something went well.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}
