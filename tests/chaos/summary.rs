//! What many runs come to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::checker::{By, Op};
use crate::plan::{OF_WRITES, Signal};
use crate::planted::Bug;
use crate::roles::OF_ROLES;
use crate::run::Outcome;

/// From so many runs on each fault has to have struck changes of roles, too, of which a run has few.
const SOME: u64 = 24;

/// From so many runs on each fault has to have struck as many writes: 1,000 in 1,000 runs.
const MANY: u64 = 100;

/// Counts over all runs.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) seeds: u64,
    replicas: u64,
    calls: u64,
    /// Of them: for good, with an end, revokes.
    grants: u64,
    leases: u64,
    revokes: u64,
    /// Fewest calls of a seed.
    fewest: Option<u64>,
    answers: BTreeMap<String, u64>,
    role_answers: BTreeMap<String, u64>,
    roles_set: u64,
    /// By fault: all that struck, those that struck a write, and those that struck a change of a role.
    faults: BTreeMap<String, Struck>,
    written: u64,
    edited: u64,
    kills: u64,
    terminations: u64,
    planted: BTreeMap<Bug, u64>,
    held_up: Duration,
    pub(crate) violations: usize,
}

/// How often a fault struck.
#[derive(Debug, Default)]
struct Struck {
    all: u64,
    writes: u64,
    roles: u64,
}

impl Summary {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        let history = &outcome.history;
        let calls = history.calls.len() as u64;
        self.seeds += 1;
        self.replicas += history.lives.iter().filter(|(_, _, started)| *started).count() as u64;
        self.calls += calls;
        for call in &history.calls {
            *match call.op {
                Op::Grant => &mut self.grants,
                Op::Lease { .. } => &mut self.leases,
                Op::Revoke | Op::End { .. } => &mut self.revokes,
            } += 1;
        }
        self.fewest = Some(self.fewest.map_or(calls, |fewest| fewest.min(calls)));
        for (word, number) in &outcome.answers {
            *self.answers.entry(word.clone()).or_default() += number;
        }
        for (word, number) in &outcome.role_answers {
            *self.role_answers.entry(word.clone()).or_default() += number;
        }
        self.roles_set += outcome.roles_set;
        for (name, number) in &outcome.hits {
            let (scope, fault) = name.split_once(':').unwrap_or(("", name));
            let struck = self.faults.entry(fault.to_owned()).or_default();
            struck.all += number;
            match scope {
                "acl.post" => struck.writes += number,
                "role" => struck.roles += number,
                _ => {}
            }
        }
        let foreign = history.stored.iter().skip(1).filter(|stored| stored.by == By::Foreign).count() as u64;
        self.edited += foreign;
        self.written += history.stored.len() as u64 - 1 - foreign;
        self.kills += outcome.blows.iter().filter(|signal| **signal == Signal::Kill).count() as u64;
        self.terminations +=
            outcome.blows.iter().filter(|signal| **signal == Signal::Terminate).count() as u64;
        for (bug, number) in &outcome.planted {
            *self.planted.entry(*bug).or_default() += number;
        }
        self.held_up = self.held_up.max(outcome.held_up);
        self.violations += outcome.violations.len() + outcome.oddities.len();
    }

    /// What so many runs must have shown, and did not.
    pub(crate) fn lacks(&self) -> Vec<String> {
        let answers = ["changed", "held"].into_iter().filter(|word| {
            let number = self.answers.get(*word).copied().unwrap_or_default();
            number * 10 < self.calls
        });
        let hits = |fault: &str, of: fn(&Struck) -> u64| self.faults.get(fault).map_or(0, of);
        let writes = if self.seeds >= MANY { self.seeds } else { 1 };
        let faults = OF_WRITES.into_iter().filter(|fault| hits(fault, |struck| struck.writes) < writes);
        let of_roles = OF_ROLES.map(|fault| fault.strip_suffix("/0").unwrap_or(fault)).into_iter();
        let of_roles = of_roles.filter(|fault| self.seeds >= SOME && hits(fault, |struck| struck.roles) == 0);
        let bugs = Bug::ALL.into_iter().filter(|bug| !self.planted.contains_key(bug));
        let answers = answers.map(|word| format!("less than a tenth of the intents were told {word}"));
        let faults = faults.map(|fault| format!("fewer than {writes} writes were struck by {fault}"));
        let of_roles = of_roles.map(|fault| format!("no change of a role was struck by {fault}"));
        answers
            .chain(faults)
            .chain(of_roles)
            .chain(bugs.map(|bug| format!("{bug:?} was planted nowhere")))
            .collect()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seeds, replicas, calls, written, edited, kills, terminations, .. } = self;
        writeln!(out, "seeds                 {seeds}")?;
        writeln!(
            out,
            "daemons started       {replicas} ({kills} killed at work, {terminations} terminated)"
        )?;
        let (Self { grants, leases, revokes, .. }, fewest) = (self, self.fewest.unwrap_or_default());
        writeln!(
            out,
            "intents               {calls} (at least {fewest} a seed): {grants} grants, {leases} leases, {revokes} revokes",
        )?;
        for (word, number) in &self.answers {
            writeln!(out, "  {word:<22}{number}")?;
        }
        writeln!(out, "policy texts stored   {written}, and {edited} by somebody else")?;
        let (asked, set) = (self.role_answers.values().sum::<u64>(), self.roles_set);
        writeln!(out, "intents for roles     {asked}, and {set} roles set")?;
        for (word, number) in &self.role_answers {
            writeln!(out, "  {word:<22}{number}")?;
        }
        writeln!(out, "faults                       all   of writes    of roles")?;
        for (fault, Struck { all, writes, roles }) in &self.faults {
            writeln!(out, "  {fault:<20}{all:>10}{writes:>12}{roles:>12}")?;
        }
        writeln!(out, "planted bugs, each to be found")?;
        for (bug, number) in &self.planted {
            writeln!(out, "  {:<20}{number:>10}", format!("{bug:?}"))?;
        }
        writeln!(out, "longest standstill    {} ms", self.held_up.as_millis())?;
        write!(out, "violations            {}", self.violations)
    }
}
