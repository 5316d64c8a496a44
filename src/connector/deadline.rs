//! Until when a call is answered, and what is repeated until then.
//!
//! Platforms do not repeat a Grant or Revoke that failed, so tailgrant does while the caller waits.

use std::time::{Duration, Instant};

use super::pace::Pace;
use super::{Error, Unavailable};

/// How long before its deadline a call is answered, so that the answer arrives in time.
const ANSWERED_EARLY: Duration = Duration::from_millis(200);

/// When a call with this deadline is answered at the latest.
pub(super) fn answer_by(deadline: Instant) -> Instant {
    deadline.checked_sub(ANSWERED_EARLY).unwrap_or(deadline)
}

/// Repeats something that changes nothing until it succeeds, fails for good, or `by` comes.
///
/// # Errors
///
/// The final error; else the last one that may pass, as soon as no repetition would begin before `by`. A
/// rate limit that lasts longer is so told at once.
pub(super) async fn repeat_until<T, F>(
    by: Instant,
    tailnet: &str,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let (mut pace, mut chance) = (Pace::default(), fastrand::Rng::new());
    let mut last = None;
    loop {
        let Ok(outcome) = tokio::time::timeout_at(by.into(), attempt()).await else {
            return Err(last.unwrap_or_else(|| unanswered(tailnet)));
        };
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let pause = match &error {
            // A service that says "at once" is not taken at its word for ever.
            Error::RateLimited { retry_after, .. } => pace.pause(&mut chance).max(*retry_after),
            Error::Unavailable { reason: Unavailable::Upstream, .. } => pace.pause(&mut chance),
            _ => return Err(error),
        };
        if by.saturating_duration_since(Instant::now()) <= pause {
            return Err(error);
        }
        tracing::warn!(tailnet, pause_ms = pause.as_millis(), %error, "trying again before the deadline");
        tokio::time::sleep(pause).await;
        last = Some(error);
    }
}

fn unanswered(tailnet: &str) -> Error {
    Error::Unavailable {
        tailnet: tailnet.to_owned(),
        reason: Unavailable::Upstream,
        message: "Tailscale gave no good answer before the deadline, nothing was written; try again later"
            .to_owned(),
        cause: None,
    }
}
