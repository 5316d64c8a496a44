//! The assertions of a policy about itself: `tests` and `sshTests`, run at every save.

use super::topology::Topology;
use super::view::Policy;
use crate::hujson::Position;

/// A test that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `tests` or `sshTests`.
    pub section: &'static str,
    /// Its place in the section, from 0.
    pub index: usize,
    /// Where it stands.
    pub position: Position,
    /// Its `src`, as the service names it.
    pub source: String,
    /// What was wanted and what was found, in the service's words where they are known:
    /// `address "2.2.2.2:22": want: Drop, got: Accept`.
    pub errors: Vec<String>,
    /// Everything that decides the test is known. Not so where it hangs on a synced group, a posture, or
    /// something else that is not in the topology: then the service may see it otherwise.
    pub certain: bool,
}

/// The tests that fail, in the order of the text, `tests` before `sshTests`.
#[must_use]
pub fn failures(_policy: &Policy<'_>, _topology: &Topology) -> Vec<Failure> {
    todo!()
}
