//! What the service would say to an edit, before it is sent.

use super::assertion::{self, Failure};
use super::topology::Topology;
use super::verdict::{Rejection, judge};
use super::view::{Policy, ReadError, Sections, parse};
use crate::hujson::Position;
use std::collections::{HashMap, HashSet};

/// Whether a text has a test in `tests` or `sshTests`, so that the people and devices of the tailnet decide
/// what the service says to it.
///
/// # Errors
///
/// Fails when the text is no policy.
pub fn has_tests(text: &[u8]) -> Result<bool, ReadError> {
    let document = parse(text)?;
    let sections = Sections::of(&document)?;
    Ok(["tests", "sshtests"]
        .iter()
        .flat_map(|name| sections.all(name))
        .any(|it| it.elements().next().is_some()))
}

/// What is known of a text before it is edited: whether the service would take it as it is, by all that
/// can be told from here.
///
/// A prediction may be wrong, so it is one-sided: only what an edit makes wrong for certain counts
/// against it.
#[derive(Debug)]
pub struct Forecast<'t> {
    topology: &'t Topology,
    rejection: Option<Rejection>,
    /// The tests that fail already, certainly or not.
    failing: HashSet<Place>,
    /// Where the tests stand in this text.
    positions: HashMap<Place, Position>,
}

/// A test's section and place in it.
type Place = (&'static str, usize);

impl<'t> Forecast<'t> {
    /// Judges a text that nobody has edited yet. The topology does not matter where there are no tests.
    ///
    /// # Errors
    ///
    /// Fails when the text is no policy.
    pub fn of(text: &[u8], topology: &'t Topology) -> Result<Self, ReadError> {
        let document = parse(text)?;
        let policy = Policy::read(&document)?;
        let rejection = judge(&policy, topology).err();
        let failing = assertion::failures(&policy, topology).iter().map(place).collect();
        let tests = policy.tests.iter().map(|test| (("tests", test.index), test.position));
        let ssh_tests = policy.ssh_tests.iter().map(|test| (("sshTests", test.index), test.position));
        Ok(Self { topology, rejection, failing, positions: tests.chain(ssh_tests).collect() })
    }

    /// What the service would say to the text as it is, if it would refuse it.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        self.rejection.as_ref()
    }

    /// What the service would certainly say against an edited text, and did not have against the text before.
    /// Nothing where that seems to be broken already: then only the service can tell. Tests are told where
    /// they stand in the text before.
    ///
    /// # Errors
    ///
    /// Fails when the edited text is no policy.
    pub fn objection(&self, edited: &[u8]) -> Result<Option<Rejection>, ReadError> {
        if self.rejection.is_some() {
            return Ok(None);
        }
        let document = parse(edited)?;
        let Err(mut rejection) = judge(&Policy::read(&document)?, self.topology) else { return Ok(None) };
        if rejection.failures.is_empty() {
            // Where the service would stumble, it may as well not.
            return Ok(Some(rejection).filter(|rejection| rejection.certain && rejection.status == 400));
        }
        rejection.failures.retain(|failure| failure.certain && !self.failing.contains(&place(failure)));
        for failure in &mut rejection.failures {
            failure.position = self.positions.get(&place(failure)).copied().unwrap_or(failure.position);
        }
        Ok(Some(rejection).filter(|rejection| !rejection.failures.is_empty()))
    }
}

fn place(failure: &Failure) -> Place {
    (failure.section, failure.index)
}
