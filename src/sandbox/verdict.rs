//! What the service says of a policy that somebody wants to store: what [`judge`](policy::judge) predicts for
//! the simulated tailnet, and what a test declared to be refused.

mod topology;

use std::collections::HashSet;

use http::StatusCode;
use serde::Serialize;

use super::world::{User, World};
use crate::hujson::{self, SyntaxError};
use crate::policy::assertion::{self, Failure};
use crate::policy::{self, Policy, Rejection, login_key};

/// What becomes of a policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Cannot be read at all: 400 everywhere.
    Unreadable(String),
    /// Can be read and is wrong: refused on set, 200 with the message on validate.
    Refused {
        message: String,
        /// The tests that fail.
        tests: Vec<FailedTest>,
    },
    /// The service stumbles over it: 500 everywhere.
    Stumbled(String),
    /// Can be stored.
    Passed {
        /// What validate says nevertheless.
        warnings: Vec<Warnings>,
    },
}

/// Warnings about one group, as the service shapes them.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Warnings {
    user: String,
    warnings: [&'static str; 1],
}

/// A test that fails, as the service shapes it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct FailedTest {
    /// Its `src`, whatever that is.
    user: String,
    errors: Vec<String>,
}

/// What the service says when tests fail.
const TESTS_FAILED: &str = "test(s) failed";

/// Judges a text that is to be stored.
pub(super) fn judge(world: &World, text: &[u8]) -> Verdict {
    let document = match hujson::parse(text) {
        Ok(document) => document,
        Err(error) => return Verdict::Unreadable(syntax(&error)),
    };
    let Ok(policy) = Policy::read(&document) else {
        return Verdict::Unreadable("the policy file is not an object".to_owned());
    };
    let lossy = String::from_utf8_lossy(text);
    if let Some((_, message)) = world.refused.iter().find(|(needle, _)| lossy.contains(needle.as_str())) {
        return Verdict::Refused { message: message.clone(), tests: Vec::new() };
    }
    match policy::judge(&policy, &topology::of(world)) {
        Ok(()) => Verdict::Passed { warnings: unsynced_groups(&policy, &world.synced_groups) },
        Err(Rejection { status, message, .. }) if status == StatusCode::INTERNAL_SERVER_ERROR => {
            Verdict::Stumbled(message)
        }
        Err(Rejection { message, failures, .. }) => {
            Verdict::Refused { message, tests: failures.into_iter().map(FailedTest::from).collect() }
        }
    }
}

/// Runs an array of tests against the stored policy instead of its own.
pub(super) fn run_tests(world: &World, tests: &[u8]) -> Verdict {
    let wrapped = [b"{\"tests\":", tests, b"\n}"].concat();
    let (stored, wrapped) = match (hujson::parse(world.policy().text()), hujson::parse(&wrapped)) {
        (Ok(stored), Ok(wrapped)) => (stored, wrapped),
        (Err(error), _) | (_, Err(error)) => return Verdict::Unreadable(syntax(&error)),
    };
    let (Ok(mut policy), Ok(tests)) = (Policy::read(&stored), Policy::read(&wrapped)) else {
        return Verdict::Unreadable("the policy file is not an object".to_owned());
    };
    policy.tests = tests.tests;
    policy.ssh_tests = Vec::new();
    let failures = assertion::failures(&policy, &topology::of(world));
    let failed: Vec<_> =
        failures.into_iter().filter(|failure| failure.certain).map(FailedTest::from).collect();
    if failed.is_empty() {
        Verdict::Passed { warnings: Vec::new() }
    } else {
        Verdict::Refused { message: TESTS_FAILED.to_owned(), tests: failed }
    }
}

impl From<Failure> for FailedTest {
    fn from(failure: Failure) -> Self {
        Self { user: failure.source, errors: failure.errors }
    }
}

/// The service's words for a syntax error.
pub(super) fn syntax(error: &SyntaxError) -> String {
    format!("hujson: {error}")
}

/// Synced groups that rules name and no directory pushes.
fn unsynced_groups(policy: &Policy<'_>, synced: &[String]) -> Vec<Warnings> {
    let mut seen = HashSet::new();
    let sources = policy.rules.iter().filter_map(|rule| rule.sources.as_ref()).flat_map(|list| &list.items);
    sources
        .map(|item| item.text.as_ref())
        .filter(|name| name.strip_prefix("group:").is_some_and(|name| name.contains('@')))
        .filter(|name| !synced.iter().any(|synced| synced == name) && seen.insert(name.to_owned()))
        .map(|name| Warnings {
            user: name.to_owned(),
            warnings: ["group is not syncing from SCIM and will be ignored by rules in the policy file"],
        })
        .collect()
}

/// Group members who are no users of the tailnet, in the service's words.
pub(super) fn unknown_members(text: &[u8], users: &[User]) -> Vec<String> {
    let Ok(document) = hujson::parse(text) else { return Vec::new() };
    let Ok(policy) = Policy::read(&document) else { return Vec::new() };
    let known: HashSet<String> = users.iter().map(|user| login_key(&user.login_name)).collect();
    let mut warnings = Vec::new();
    for group in &policy.groups {
        for member in group.list.iter().flat_map(|list| &list.items) {
            if !known.contains(&login_key(&member.text)) {
                warnings.push(format!("{:?}: user not found: {:?}", group.name, member.text));
            }
        }
    }
    warnings
}
