//! Stopping in good order: signals become one token that everything selects on.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The two steps of a stop. The first signal cancels `drain`; a second one cancels `now`.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Take no new work; finish what is under way.
    pub drain: CancellationToken,
    /// Stop waiting for what is under way.
    pub now: CancellationToken,
}

/// Watches for SIGTERM and SIGINT in a task of its own.
///
/// # Errors
///
/// Fails when the signal handlers cannot be installed.
pub fn on_signals() -> std::io::Result<Stop> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = Stop::default();
    let tokens = stop.clone();
    tokio::spawn(async move {
        for (token, step) in [(tokens.drain, "stopping"), (tokens.now, "stopping at once")] {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            // First, so that the log tells things in the order in which they happen.
            tracing::info!(signal = name, "{step}");
            token.cancel();
        }
    });
    Ok(stop)
}
