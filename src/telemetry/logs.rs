//! Logs: to standard error, for people on a terminal and as JSON lines elsewhere.

use std::io::IsTerminal;

pub use tracing::Level;
use tracing_subscriber::EnvFilter;

/// Shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Short lines for people; coloured on a terminal.
    Console,
    /// One JSON object a line.
    Json,
}

/// What to log and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Our own events from this level on; libraries log from `warn` on.
    pub level: Level,
    /// `None`: console on a terminal, else JSON.
    pub format: Option<Format>,
}

/// Starts logging for the process. A second call changes nothing.
pub fn start(settings: &Settings) {
    let terminal = std::io::stderr().is_terminal();
    let libraries = settings.level.min(Level::WARN);
    let filter = EnvFilter::new(format!("{libraries},tailgrant={}", settings.level));
    // Told of its own errors, the subscriber would print them to the very stream that just failed, and panic.
    let lines = tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A logger that is there already (a test's, an embedding program's) stays.
    let _ = match settings.format {
        Some(Format::Console) => lines.with_ansi(terminal).with_target(false).try_init(),
        None if terminal => lines.with_target(false).try_init(),
        // Every span is in the list, the current one too.
        Some(Format::Json) | None => lines.json().flatten_event(true).with_current_span(false).try_init(),
    };
}
