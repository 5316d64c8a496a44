//! Texts as Go writes and reads them: the service is a Go program, and its messages show it.

mod duration;
mod quote;

pub(super) use duration::{Duration, DurationError};
pub(super) use quote::Quoted;
