//! What a running process tells: logs on standard error, and metrics for whoever scrapes them.

mod logs;
mod metrics;

pub use logs::{Format, Level, Settings, start};
pub use metrics::Exposition;
