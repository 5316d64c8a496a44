//! Whether each line follows from the one before.

use super::hash::Hash;
use super::line::{Past, read};

/// The end of a chain: what the next line has to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// Number of the last line; 0 before the first.
    pub(super) seq: u64,
    /// Its hash.
    pub(super) hash: Hash,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It cannot be read as a line of a journal.
    #[error("it is no line of a journal; it was altered or damaged")]
    NotALine,
    /// Its hash is not that of its content.
    #[error("it was altered: its hash is not that of its content")]
    Altered,
    /// Lines before it are missing.
    #[error("{count} lines before it were removed: it is number {found}, and number {expected} was due")]
    Removed {
        /// How many.
        count: u64,
        /// Its own number.
        found: u64,
        /// The number that was due.
        expected: u64,
    },
    /// It stands after lines that were written later.
    #[error("it was moved or copied here: it is number {found}, and number {expected} was due")]
    Reordered {
        /// Its own number.
        found: u64,
        /// The number that was due.
        expected: u64,
    },
    /// It follows another line than the one that stands before it.
    #[error("it does not follow from the line before it, which was replaced")]
    Replaced,
}

impl Chain {
    pub(super) const EMPTY: Self = Self { seq: 0, hash: Hash::ZERO };

    /// Follows a line, also where it is not as it should be: then the chain goes on from what the line says
    /// of itself, and from the line before where it says nothing.
    pub(super) fn follow(&mut self, line: &[u8]) -> (Option<Past>, Option<Flaw>) {
        let Some((past, right)) = read(line) else { return (None, Some(Flaw::NotALine)) };
        let expected = self.seq.saturating_add(1);
        let found = past.seq;
        let flaw = if !right {
            Some(Flaw::Altered)
        } else if found > expected {
            Some(Flaw::Removed { count: found - expected, found, expected })
        } else if found < expected {
            Some(Flaw::Reordered { found, expected })
        } else if past.prev != self.hash {
            Some(Flaw::Replaced)
        } else {
            None
        };
        *self = Self { seq: found, hash: past.hash };
        (Some(past), flaw)
    }
}
