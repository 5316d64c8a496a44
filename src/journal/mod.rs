//! The journal: every attempted change as one line of a file that only grows.
//!
//! A line is one compact JSON object. `seq` counts the lines of the file from 1, `prev` is the `hash` of the
//! line before (64 zeros in the first), and `hash`, always the last field, is the SHA-256 in lower-case hex of
//! the line's bytes without that field: everything before `,"hash":"`, and the closing brace. So nobody can
//! alter, remove or reorder lines unseen, unless they compute everything after it anew; against that, and to
//! see that lines at the end are gone, a hash noted elsewhere is needed ([`verify()`] takes one, and the daemon
//! logs that of each line that tells an end).
//!
//! [`Journal::append`] returns when the line is on the disk. What cannot be written is kept, within
//! bounds, and written when that works again; meanwhile [`Journal::check`] tells what is wrong. A file whose
//! last line was cut off by a crash is repaired by [`Journal::open`], which never refuses a damaged journal.
//!
//! A request leaves a line before it is sent ([`Journal::remark`]) and one when it has ended, which names the
//! first; a process that is killed in between leaves the first. What became of a lost request is a further line
//! where somebody waited for it.
//!
//! Known limit: what is kept in memory when the process ends is in no journal.

mod chain;
mod diff;
mod entry;
mod error;
mod file;
mod hash;
mod leases;
mod line;
mod lines;
mod open;
mod queue;
mod remark;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub use chain::Flaw;
pub use diff::Diff;
pub use entry::{Action, Entry, Intent, Kind, Outcome};
pub use error::{Error, Trouble};
pub use file::Sink;
pub use hash::Hash;
pub use leases::OutstandingLease;
pub use remark::{Remark, Stage};
pub use verify::{Summary, Verification, verify};
pub use writer::{Journal, PATIENCE, Receipt};
