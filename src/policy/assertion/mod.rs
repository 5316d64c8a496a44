//! The assertions of a policy about itself: `tests` and `sshTests`, run at every save.

mod cast;
mod complaint;
mod granted;
mod network;
mod resolve;
mod section;
mod ssh;
mod stage;
mod unfit;

use super::topology::Topology;
use super::view::Policy;
use crate::hujson::Position;
use complaint::Complaint;
use resolve::Resolver;
use stage::Stage;
use std::fmt;

pub use section::{NetworkTest, SshTest};

/// What the service says where tests fail, or cannot be run.
pub const FAILED: &str = "test(s) failed";

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

impl Failure {
    /// A failed test; none if there is nothing to complain about. What is certain hides what is not.
    fn of(
        section: &'static str,
        index: usize,
        position: Position,
        source: &str,
        mut complaints: Vec<Complaint>,
    ) -> Option<Self> {
        let certain = complaints.iter().any(|complaint| complaint.certain);
        complaints.retain(|complaint| complaint.certain == certain);
        if complaints.is_empty() {
            return None;
        }
        let errors = complaints.into_iter().map(|complaint| complaint.text).collect();
        Some(Self { section, index, position, source: source.to_owned(), errors, certain })
    }
}

/// What the assertions have against a policy.
pub(super) struct Objection {
    /// The service's `message`.
    pub(super) message: String,
    /// Where it stands, or the first test that fails.
    pub(super) position: Position,
    /// The tests that fail for certain; none where the service would not even run them.
    pub(super) failures: Vec<Failure>,
}

/// What the service would object to, once everything else about the policy is found to be in order. What
/// hangs on something that is not known is taken to hold.
pub(super) fn objection(policy: &Policy<'_>, topology: &Topology) -> Option<Objection> {
    if let Some((message, position)) = ssh::malformed(policy) {
        return Some(Objection { message, position, failures: Vec::new() });
    }
    let mut failures = failures(policy, topology);
    failures.retain(|failure| failure.certain);
    let position = failures.first()?.position;
    Some(Objection { message: FAILED.to_owned(), position, failures })
}

/// The tests that fail, in the order of the text, `tests` before `sshTests`. Costs nothing where there
/// are no tests.
///
/// The rules are those of the policy reference, section 7: every source device must get through to every
/// device of an `accept`, and none to any of a `deny`. What cannot be tested (more than one port or
/// address, a name that is not there) fails in `accept` and in `deny`.
#[must_use]
pub fn failures(policy: &Policy<'_>, topology: &Topology) -> Vec<Failure> {
    if policy.tests.is_empty() && policy.ssh_tests.is_empty() {
        return Vec::new();
    }
    let mut resolver = Resolver::new(policy, topology);
    let network = policy.tests.iter().map(|test| network::Prepared::new(test, &mut resolver));
    let network: Vec<_> = network.collect();
    let ssh: Vec<_> = policy.ssh_tests.iter().map(|test| ssh::Prepared::new(test, &mut resolver)).collect();
    let stage = Stage::new(policy, resolver.into_topology());
    let network = network.iter().filter_map(|test| test.run(&stage));
    network.chain(ssh.iter().filter_map(|test| test.run(&stage))).collect()
}

#[cfg(test)]
mod tests;
