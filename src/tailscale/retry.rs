//! Waiting and repeating: the one policy for all calls that are safe to repeat, and the only place that
//! sleeps.
//!
//! A call is repeated after 429, 5xx, and answers that never came, were cut off or hold nonsense. It
//! waits as long as the service asks (`Retry-After`), else ever longer with jitter, and gives up when
//! the wait would reach past the client's patience: a caller that could not be served in time learns so
//! at once, with the time the service asked for.

use std::time::{Duration, Instant};

use tracing::{Instrument, debug_span, warn};

use super::Error;

/// Most attempts of one call, however patient the caller.
const ATTEMPTS: u32 = 12;
/// Wait before the first repetition; doubled for each one after it.
const FIRST: Duration = Duration::from_millis(100);
/// Longest wait of our own choice.
const LONGEST: Duration = Duration::from_secs(5);

/// Runs `attempt` until it succeeds, fails for good, or no repetition fits into `patience`. `repeated` is told
/// of each repetition.
pub(super) async fn repeat<T, F>(
    patience: Duration,
    repeated: impl Fn(),
    mut attempt: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let begun = Instant::now();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match attempt().instrument(debug_span!("attempt", number = attempts)).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let Some(wait) = wait(&error, attempts, patience.saturating_sub(begun.elapsed()), fastrand::f64())
        else {
            return Err(error);
        };
        warn!(attempt = attempts, wait_ms = wait.as_millis(), %error, "repeating the call");
        tokio::time::sleep(wait).await;
        repeated();
    }
}

/// How long to wait before the next attempt; `None` where there is none. `left` is what remains of the
/// patience, `jitter` a number from 0 to 1 that keeps clients which failed together from coming back together.
fn wait(error: &Error, attempts: u32, left: Duration, jitter: f64) -> Option<Duration> {
    if !error.may_pass() || attempts >= ATTEMPTS {
        return None;
    }
    let own = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(LONGEST);
    let wait = match error.retry_after() {
        // Never sooner than asked, and hardly later.
        Some(asked) => asked.max(FIRST) + FIRST.mul_f64(jitter),
        None => own.mul_f64(0.5 + jitter / 2.0),
    };
    (wait <= left).then_some(wait)
}

#[cfg(test)]
mod tests;
