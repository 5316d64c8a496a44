//! An end that could not be carried out.

use std::time::{Duration, Instant};

use super::words;
use crate::connector::leases::ends::End;
use crate::connector::{Error, with_causes};

/// Longest pause between two attempts at an end that is refused.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// An end that could not be carried out, and when it is tried again.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    end: End,
    reason: String,
    /// Nobody says no to it: it fails for a reason that has nothing to do with it.
    passes: bool,
    attempts: u32,
    /// How many of them were refused.
    refusals: u32,
    again_at: Instant,
}

impl Failing {
    /// One more attempt has failed. What is refused is tried ever more rarely; what could not be asked, after an
    /// `interval` of polls.
    pub(super) fn new(
        end: End,
        error: &Error,
        before: Option<&Self>,
        now: Instant,
        interval: Duration,
    ) -> Self {
        let passes = passes(error);
        let (attempts, refusals) = before.map_or((0, 0), |before| (before.attempts, before.refusals));
        let pause =
            if passes { interval } else { interval.saturating_mul(1 << refusals.min(16)).min(LONGEST_PAUSE) };
        Self {
            end,
            reason: reason(error),
            passes,
            attempts: attempts.saturating_add(1),
            refusals: refusals.saturating_add(u32::from(!passes)),
            again_at: now + pause,
        }
    }

    pub(super) const fn end(&self) -> &End {
        &self.end
    }

    /// The next attempt is worth making as soon as the service answers.
    pub(super) const fn passes(&self) -> bool {
        self.passes
    }

    pub(super) const fn again_at(&self) -> Instant {
        self.again_at
    }

    /// It is tried again at `at`, unless it is tried before.
    pub(super) fn try_at(&mut self, at: Instant) {
        self.again_at = self.again_at.min(at);
    }

    /// For people.
    pub(super) fn words(&self) -> String {
        let Self { end, reason, attempts, .. } = self;
        let times = if *attempts == 1 { String::new() } else { format!(" after {attempts} attempts") };
        let next = if self.passes {
            "it is tried again as soon as the policy file can be read"
        } else {
            "it is tried again when the policy file changes, and at least every half hour; to end it now, remove \
             the member in the admin console"
        };
        format!(
            "the access of {:?} to {} should have ended at {} and stands{times}: {reason}; {next}",
            end.text,
            words(&end.member.list),
            end.until
        )
    }
}

/// Whether the next attempt may succeed though neither the policy nor what the service makes of it changes.
const fn passes(error: &Error) -> bool {
    match error {
        Error::Unavailable { .. } | Error::RateLimited { .. } | Error::Credential { .. } => true,
        Error::NotFound { .. }
        | Error::Invalid(_)
        | Error::Refused { .. }
        | Error::ProvisioningOff { .. }
        | Error::Internal { .. } => false,
    }
}

/// The tailnet is known where it is read.
fn reason(error: &Error) -> String {
    match error {
        Error::Refused { reason, .. } => reason.clone(),
        error => with_causes(error),
    }
}
