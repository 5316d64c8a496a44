//! What is odd about a policy that the service would take, or about what it says of a tailnet.
//!
//! A warning is never a reason to refuse: the policy may be right and the tailnet not there yet.

mod people;
mod rules;

#[cfg(test)]
mod tests;

use super::topology::Topology;
use super::view::Policy;
use crate::hujson::Position;

/// A remark about a place in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What kind of remark it is.
    pub kind: WarningKind,
    /// Where it stands.
    pub position: Position,
    /// What is odd, and what follows from it.
    pub message: String,
}

/// The kinds of remarks, for programs that want some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WarningKind {
    /// Something that was not understood, or is there twice; see [`Policy::findings`].
    Finding,
    /// A login that nobody in the tailnet has.
    UnknownUser,
    /// A group that comes from a directory: its members cannot be known.
    SyncedGroup,
    /// A rule without sources, or with empty groups only.
    NoSources,
    /// A rule without destinations.
    NoDestinations,
    /// A rule whose sources or destinations are nothing in the tailnet.
    Unreachable,
    /// A rule that is there twice but for its sources.
    Duplicate,
    /// Tests that nothing can be said about without a tailnet.
    TestsNotJudged,
}

impl WarningKind {
    /// The kind as one word with dashes, as programs read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::UnknownUser => "unknown-user",
            Self::SyncedGroup => "synced-group",
            Self::NoSources => "no-sources",
            Self::NoDestinations => "no-destinations",
            Self::Unreachable => "unreachable",
            Self::Duplicate => "duplicate",
            Self::TestsNotJudged => "tests-not-judged",
        }
    }
}

/// Everything odd about a policy, its findings included, in the order of the text. Without a topology
/// nothing is said about who and what is in the tailnet.
#[must_use]
pub fn warnings(policy: &Policy<'_>, topology: Option<&Topology>) -> Vec<Warning> {
    let finding = |finding: &super::Finding| Warning {
        kind: WarningKind::Finding,
        position: finding.position,
        message: finding.message.clone(),
    };
    let mut warnings: Vec<Warning> = policy.findings.iter().map(finding).collect();
    rules::empty(policy, &mut warnings);
    rules::twice(policy, &mut warnings);
    match topology {
        Some(topology) => {
            people::unknown(policy, topology, &mut warnings);
            rules::unreachable(policy, topology, &mut warnings);
        }
        None => not_judged(policy, &mut warnings),
    }
    warnings.sort_by_key(|warning| warning.position);
    warnings
}

fn not_judged(policy: &Policy<'_>, warnings: &mut Vec<Warning>) {
    let first = [
        ("tests", policy.tests.first().map(|test| test.position), policy.tests.len()),
        ("sshTests", policy.ssh_tests.first().map(|test| test.position), policy.ssh_tests.len()),
    ];
    for (section, position, count) in first {
        let Some(position) = position else { continue };
        let message = match count {
            1 => format!(
                "the test in {section} is not judged: that takes the users and devices of the tailnet"
            ),
            _ => format!(
                "the {count} tests in {section} are not judged: that takes the users and devices of the tailnet"
            ),
        };
        warnings.push(Warning { kind: WarningKind::TestsNotJudged, position, message });
    }
}
