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

/// How a line stands in its chain.
#[derive(Debug)]
pub(super) enum Link {
    /// It follows from the line before.
    Follows(Past),
    /// It does not; what it says nevertheless, if it can be read.
    Broken { flaw: Flaw, past: Option<Past> },
}

impl Link {
    /// Of what is no line.
    pub(super) const UNREADABLE: Self = Self::Broken { flaw: Flaw::NotALine, past: None };
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
    #[error("{count} line(s) before it are missing: it is number {found}, and number {expected} was due")]
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
    pub(super) fn follow(&mut self, line: &[u8]) -> Link {
        let Some(past) = read(line) else { return Link::UNREADABLE };
        let expected = self.seq.saturating_add(1);
        let found = past.seq;
        let flaw = if !past.sealed {
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
        match flaw {
            Some(flaw) => Link::Broken { flaw, past: Some(past) },
            None => Link::Follows(past),
        }
    }
}
