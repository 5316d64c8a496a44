//! What the service says to a policy.
//!
//! It reports one mistake, whatever else is wrong: first what does not decode, then the sections that
//! define names, then the rules in the order of their sections, and last the tests. The checks of each
//! section are a list in that order; all that is said about them is in [`mistake`].

mod acls;
mod approvers;
mod attributes;
mod definitions;
mod grants;
mod ip_sets;
mod mistake;
mod shape;
mod sides;
mod spellings;
mod ssh;
mod vocabulary;

use super::assertion::{self, Failure, Objection};
use super::fields::Fields;
use super::rule::Rule;
use super::section::Section;
use super::topology::Topology;
use super::view::{Policy, ReadError};
use crate::hujson::{Kind, Position, Value};
use mistake::{Checked, Mistake, Wrong};
use std::collections::HashSet;
use vocabulary::Vocabulary;

/// Why the service refuses a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status of the answer: 400, or 500 where the service itself stumbles.
    pub status: u16,
    /// The `message` of the answer, word for word where it is known (policy reference, section 6).
    pub message: String,
    /// Where in the text the mistake is.
    pub position: Position,
    /// The tests that fail; empty when something else is wrong.
    pub failures: Vec<Failure>,
    /// The service is known to refuse this. Not so where that is only concluded: then it may accept.
    pub certain: bool,
}

impl Rejection {
    /// What the service says to a text that is no policy.
    #[must_use]
    pub fn of_unreadable(error: &ReadError) -> Self {
        let start = Position { line: 1, column: 1 };
        let (message, position) = match error {
            ReadError::Syntax(error) => (format!("hujson: {error}"), error.position),
            ReadError::NotAnObject => ("the policy file is not an object".to_owned(), start),
            ReadError::Empty => ("hujson: line 1, column 1: parsing value: unexpected EOF".to_owned(), start),
        };
        Self { status: 400, message, position, failures: Vec::new(), certain: true }
    }
}

impl From<Wrong> for Rejection {
    fn from(Wrong { mistake, position }: Wrong) -> Self {
        Self {
            status: mistake.status(),
            message: mistake.to_string(),
            position,
            failures: Vec::new(),
            certain: mistake.is_known(),
        }
    }
}

/// Predicts the service's answer to a policy. The service tells one mistake, so does this.
///
/// Where it is not known what the service does, the policy is taken to be in order.
///
/// # Errors
///
/// Fails with what the service would say to a policy that it refuses.
pub fn judge(policy: &Policy<'_>, topology: &Topology) -> Result<(), Rejection> {
    structure(policy, &Vocabulary::of(policy, topology))?;
    match assertion::objection(policy, topology) {
        Some(Objection { message, position, failures }) => {
            Err(Rejection { status: 400, message, position, failures, certain: true })
        }
        None => Ok(()),
    }
}

/// A check of one section, or of everything.
type Check = fn(&Policy<'_>, &Vocabulary<'_>) -> Checked;

/// The order is a guess where no capture has two mistakes: what decodes, what defines, what uses.
const CHECKS: [Check; 13] = [
    shape::check,
    definitions::groups,
    definitions::tags,
    definitions::hosts,
    ip_sets::check,
    definitions::postures,
    spellings::check,
    |policy, names| rules(policy, names, Section::Acls),
    |policy, names| rules(policy, names, Section::Grants),
    |policy, names| rules(policy, names, Section::Ssh),
    attributes::check,
    approvers::check,
    definitions::settings,
];

fn structure(policy: &Policy<'_>, names: &Vocabulary<'_>) -> Checked {
    CHECKS.iter().try_for_each(|check| check(policy, names))
}

/// A check of one rule.
type RuleCheck = fn(&Rule<'_>, &Vocabulary<'_>) -> Checked;

fn rules(policy: &Policy<'_>, names: &Vocabulary<'_>, section: Section) -> Checked {
    let sections = Fields::of(policy.root);
    let mut elements = sections.all(section.name()).flat_map(Value::elements).enumerate();
    let null = elements.find(|(_, element)| element.kind() == Kind::Null);
    let before_null = |rule: &&Rule<'_>| null.is_none_or(|(index, _)| rule.index < index);
    let mut rules = policy.rules.iter().filter(|rule| rule.section == section).filter(before_null);
    rules.try_for_each(|rule| own_mistake(rule, names))?;
    match null {
        None => Ok(()),
        Some((_, value)) => Err(of_an_empty_rule(section).at(value)),
    }
}

/// What is wrong with a rule, whatever else the policy holds.
fn own_mistake(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    let checks = match rule.section {
        Section::Acls => acls::CHECKS,
        Section::Grants => grants::CHECKS,
        Section::Ssh => ssh::CHECKS,
    };
    checks.iter().try_for_each(|check| check(rule, names))
}

/// What is wrong with `{}`. The service decodes `null` as that.
const fn of_an_empty_rule(section: Section) -> Mistake {
    match section {
        Section::Acls => Mistake::AclAction(String::new()),
        Section::Grants => Mistake::EmptyGrant,
        Section::Ssh => Mistake::NoSshAction,
    }
}

/// The rules that would be refused for a mistake of their own, as indices in [`Policy::rules`].
pub(super) fn mistaken_rules(policy: &Policy<'_>, topology: &Topology) -> HashSet<usize> {
    let names = Vocabulary::of(policy, topology);
    let rules = policy.rules.iter().enumerate();
    rules.filter(|(_, rule)| own_mistake(rule, &names).is_err()).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests;
