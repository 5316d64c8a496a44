//! What many runs came to.

use std::collections::BTreeMap;
use std::fmt;

use super::checker::{Answer, By, Op};
use super::fault::{Fault, Hits, On};
use super::world::World;

/// Counts over all runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) seeds: u64,
    pub(super) intents: u64,
    /// Fewest intents of a run.
    pub(super) fewest: Option<u64>,
    pub(super) answers: BTreeMap<(&'static str, Answer), u64>,
    pub(super) hits: Hits,
    pub(super) writes: u64,
    pub(super) foreign_edits: u64,
    pub(super) conflicts: u64,
    pub(super) replicas: u64,
    pub(super) kills: u64,
    pub(super) violations: u64,
}

impl Summary {
    pub(super) fn add(&mut self, world: &World, violations: usize) {
        let history = &world.history;
        let asked = history.calls.iter().filter(|call| !matches!(call.op, Op::End { .. })).count() as u64;
        self.seeds += 1;
        self.intents += history.calls.len() as u64;
        self.fewest = Some(self.fewest.map_or(asked, |fewest| fewest.min(asked)));
        for call in &history.calls {
            let op = match call.op {
                Op::Grant => "grant",
                Op::Lease { .. } => "lease",
                Op::Revoke => "revoke",
                Op::End { .. } => "end",
            };
            *self.answers.entry((op, call.answer)).or_default() += 1;
        }
        let foreign = history.stored.iter().skip(1).filter(|stored| stored.by == By::Foreign).count() as u64;
        self.foreign_edits += foreign;
        self.writes += history.stored.len() as u64 - 1 - foreign;
        self.conflicts += world.conflicts;
        self.replicas += u64::from(world.plan.replicas);
        self.kills += history.lives.iter().filter(|(.., starts)| !starts).count() as u64;
        self.violations += violations as u64;
        for (fault, count) in &world.hits {
            *self.hits.entry(*fault).or_default() += count;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.intents += other.intents;
        self.fewest = [self.fewest, other.fewest].into_iter().flatten().min();
        self.writes += other.writes;
        self.foreign_edits += other.foreign_edits;
        self.conflicts += other.conflicts;
        self.replicas += other.replicas;
        self.kills += other.kills;
        self.violations += other.violations;
        for (answer, count) in &other.answers {
            *self.answers.entry(*answer).or_default() += count;
        }
        for (fault, count) in &other.hits {
            *self.hits.entry(*fault).or_default() += count;
        }
    }

    /// How often a fault struck a POST.
    pub(super) fn post_hits(&self, fault: Fault) -> u64 {
        self.hits.get(&(fault, On::Post)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "seeds            {:>10}", self.seeds)?;
        writeln!(
            out,
            "replicas         {:>10}  ({} ended in the middle of a run)",
            self.replicas, self.kills
        )?;
        let fewest = self.fewest.unwrap_or_default();
        writeln!(
            out,
            "intents          {:>10}  (at least {fewest} a seed, ends of leases not counted)",
            self.intents
        )?;
        for op in ["grant", "lease", "revoke", "end"] {
            write!(out, "  {op:<15}")?;
            for answer in [Answer::Changed, Answer::Held, Answer::Refused, Answer::Unknown, Answer::Gone] {
                let count = self.answers.get(&(op, answer)).copied().unwrap_or_default();
                write!(out, " {:>10} {:<8}", count, format!("{answer:?}").to_lowercase())?;
            }
            writeln!(out)?;
        }
        writeln!(out, "policy writes    {:>10}", self.writes)?;
        writeln!(out, "conflicts (412)  {:>10}", self.conflicts)?;
        writeln!(out, "foreign edits    {:>10}", self.foreign_edits)?;
        writeln!(out, "faults               on GET    on POST on validate")?;
        let mut faults: Vec<Fault> = self.hits.keys().map(|(fault, _)| *fault).collect();
        faults.dedup();
        for fault in faults {
            write!(out, "  {:<15}", fault.to_string())?;
            for on in [On::Get, On::Post, On::Validate] {
                write!(out, " {:>10}", self.hits.get(&(fault, on)).copied().unwrap_or_default())?;
            }
            writeln!(out)?;
        }
        write!(out, "violations       {:>10}", self.violations)
    }
}
