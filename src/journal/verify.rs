//! Proof that a journal was not altered.

use std::collections::HashSet;
use std::io::{self, BufRead};

use serde::Serialize;

use super::chain::{Chain, Flaw, Link};
use super::hash::Hash;
use super::line::read;
use super::lines::Lines;

/// What a journal holds that is in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many lines.
    pub lines: u64,
    /// The time in the first line.
    pub from: Option<String>,
    /// The time in the last line.
    pub to: Option<String>,
    /// Requests that were about to be sent and of whose end no line tells.
    pub under_way: u64,
    /// The hash of the last line; of an empty journal, zeros.
    pub head: Hash,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Every line is there as it was written.
    Sound(Summary),
    /// A line is wrong: the first one.
    Broken {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        flaw: Flaw,
    },
    /// Everything is in order but the last line, which has no line end: a crash, and the next start repairs it.
    Torn {
        /// Counted from 1.
        line: u64,
        /// How much of it is there.
        bytes: u64,
        /// What is before it.
        there: Summary,
    },
    /// Everything that is there is in order, but a line that was there is not: lines at the end were removed,
    /// or it is another journal.
    Missing {
        /// The hash of the line.
        head: Hash,
        /// What is there.
        there: Summary,
        /// Of a last line that has no line end, how much of it is there.
        torn: Option<u64>,
    },
}

impl Verification {
    /// A word for programs.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sound(_) => "sound",
            Self::Broken { .. } => "broken",
            Self::Torn { .. } => "torn",
            Self::Missing { .. } => "missing",
        }
    }
}

/// Reads a journal and follows its chain. `expected` is the hash of a line that has to be there; only so is it
/// seen that lines at the end are gone.
///
/// # Errors
///
/// Fails when it cannot be read.
pub fn verify(journal: impl BufRead, expected: Option<Hash>) -> io::Result<Verification> {
    let mut lines = Lines::new(journal);
    let mut line = Vec::new();
    let mut chain = Chain::EMPTY;
    let mut summary = Summary { lines: 0, from: None, to: None, under_way: 0, head: Hash::ZERO };
    let mut open: HashSet<u64> = HashSet::new();
    let mut met = expected.is_none_or(|head| head == Hash::ZERO);
    let mut torn = None;
    while let Some(span) = lines.next(&mut line)? {
        let number = summary.lines + 1;
        if !span.ended {
            // Where only the line end is missing, the line is there.
            met |= read(&line).is_some_and(|past| past.sealed && Some(past.hash) == expected);
            torn = Some(span.length);
            break;
        }
        let follows = if span.too_long { Link::UNREADABLE } else { chain.follow(&line) };
        let past = match follows {
            Link::Follows(past) => past,
            Link::Broken { flaw, .. } => return Ok(Verification::Broken { line: number, flaw }),
        };
        let time = format!("{:.3}", past.time);
        summary.from.get_or_insert_with(|| time.clone());
        summary.to = Some(time);
        if past.kind == "sending" && past.is_last_part() {
            open.insert(past.seq);
        }
        if let Some(sending) = past.of {
            open.remove(&sending);
        }
        summary.lines = number;
        summary.head = chain.hash;
        met |= expected == Some(chain.hash);
    }
    summary.under_way = open.len() as u64;
    Ok(match (expected, torn) {
        (Some(head), torn) if !met => Verification::Missing { head, there: summary, torn },
        (_, Some(bytes)) => Verification::Torn { line: summary.lines + 1, bytes, there: summary },
        _ => Verification::Sound(summary),
    })
}

#[cfg(test)]
mod tests;
