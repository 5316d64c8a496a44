//! Who asks for a change.

use std::sync::Arc;

/// Who asks for a change. Matters for turns between callers, for the log and for the journal, never for the
/// outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// In words for the log, perhaps with the connection that was used; empty when unknown.
    pub words: Arc<str>,
    /// What stays the same from one connection to the next: calls with the same identity share their turns.
    pub identity: Arc<str>,
}

/// Somebody who is known by these words alone.
impl From<&str> for Caller {
    fn from(words: &str) -> Self {
        let words: Arc<str> = words.into();
        Self { identity: Arc::clone(&words), words }
    }
}
