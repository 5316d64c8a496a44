//! Who reaches what through the rules: gained and lost.
//!
//! Each piece that rules open has the selectors of those rules as its sources, in both versions. Only pieces
//! whose sources differ, or name a group that changed, are looked at; equal ones cancel out without anybody
//! being counted. What is left is expanded through groups, and shown together where the same people gained or
//! lost it.

mod sources;

use super::targets::{self, Reach, Target};
use super::{AccessChange, Reached};
use crate::hujson::{Position, Value};
use crate::policy::people::People;
use crate::policy::rule::Rule;
use crate::policy::topology::Topology;
use crate::policy::view::{Policy, Sections};
use sources::{Set, Side, Sources};
use std::collections::HashMap;

/// The pieces of both versions, each with a number.
#[derive(Default)]
struct Pieces {
    numbers: HashMap<Target, usize>,
    reaches: Vec<Reach>,
}

/// The rules that open a piece in one version.
#[derive(Default)]
struct Opened<'p, 'd> {
    /// Each with its sources; no rule is the default that opens everything.
    by: Vec<(Option<&'p Rule<'d>>, Set)>,
    sources: Set,
}

/// The changes, what was gained first.
pub(super) fn compare(
    old: (&Policy<'_>, &Sections<'_>),
    new: (&Policy<'_>, &Sections<'_>),
    topology: Option<&Topology>,
) -> Vec<AccessChange> {
    let people = |policy| People::new(policy, topology);
    let mut sources = Sources::new(people(old.0), people(new.0), topology);
    let mut pieces = Pieces::default();
    let before = opened(old, &mut sources, &mut pieces);
    let after = opened(new, &mut sources, &mut pieces);
    let everything = pieces.numbers.get(&Target::everything()).copied();
    let everything =
        |version: &[Opened<'_, '_>]| Some(version.get(everything?).map_or(Set::default(), |all| all.sources));
    let (all_before, all_after) = (everything(&before), everything(&after));

    let (mut gained, mut lost) = (Together::new(true), Together::new(false));
    for (target, number) in &pieces.numbers {
        let nothing = Opened::default();
        let before = before.get(*number).unwrap_or(&nothing);
        let after = after.get(*number).unwrap_or(&nothing);
        if before.sources == after.sources && !sources.have_changed(after.sources) {
            continue;
        }
        let is_covered = pieces.reaches.get(*number) == Some(&Reach::Packets);
        let covered = |all: Option<Set>| all.filter(|_| is_covered);
        let who = sources.difference(after.sources, before.sources, covered(all_before), Side::New);
        let rule = after.because_of(&who, Side::New, &sources);
        gained.note(who, target, rule);
        let who = sources.difference(before.sources, after.sources, covered(all_after), Side::Old);
        let rule = before.because_of(&who, Side::Old, &sources);
        lost.note(who, target, rule);
    }
    [gained, lost].into_iter().flat_map(|together| together.finish(&sources)).collect()
}

/// What each piece is opened by, by the pieces' numbers.
fn opened<'p, 'd>(
    (policy, sections): (&'p Policy<'d>, &Sections<'_>),
    sources: &mut Sources<'_>,
    pieces: &mut Pieces,
) -> Vec<Opened<'p, 'd>> {
    let default_posture: Vec<String> = sections
        .all("defaultsrcposture")
        .flat_map(Value::elements)
        .filter_map(|name| name.as_str().map(std::borrow::Cow::into_owned))
        .collect();
    let mut opened: Vec<Opened<'p, 'd>> = Vec::new();
    let mut open = |target: Target, rule, set: Set| {
        let number = pieces.number(target);
        if number >= opened.len() {
            opened.resize_with(number + 1, Opened::default);
        }
        if let Some(piece) = opened.get_mut(number) {
            piece.by.push((rule, set));
        }
    };
    if policy.allows_everything {
        let everybody = sources.set(std::iter::once("*"));
        open(Target::everything(), None, everybody);
    }
    for rule in &policy.rules {
        let set = sources.set(rule.source_items().map(|item| &*item.text));
        for target in targets::of(rule, &default_posture) {
            open(target, Some(rule), set);
        }
    }
    // Once for each piece: a set for each rule on the way there would make rules times sources.
    for piece in &mut opened {
        piece.sources = sources.union(piece.by.iter().map(|(_, set)| *set));
    }
    opened
}

impl Pieces {
    fn number(&mut self, target: Target) -> usize {
        let (next, reach) = (self.reaches.len(), target.reach);
        let number = *self.numbers.entry(target).or_insert(next);
        if number == next {
            self.reaches.push(reach);
        }
        number
    }
}

impl Opened<'_, '_> {
    /// The rule through which they reach the piece: the first one that has the first of them.
    fn because_of(&self, who: &[u32], side: Side, sources: &Sources<'_>) -> Option<(String, Position)> {
        let first = who.first()?;
        let by = self.by.iter().find(|(_, set)| sources.has(*set, *first, side));
        by.or(self.by.first()).and_then(|(rule, _)| *rule).map(|rule| (rule.id.clone(), rule.position))
    }
}

/// Pieces by who gained or lost them.
struct Together {
    gained: bool,
    by_who: HashMap<Vec<u32>, Vec<Reached>>,
}

impl Together {
    fn new(gained: bool) -> Self {
        Self { gained, by_who: HashMap::new() }
    }

    fn note(&mut self, who: Vec<u32>, target: &Target, rule: Option<(String, Position)>) {
        if !who.is_empty() {
            self.by_who.entry(who).or_default().push(Reached { target: target.text.clone(), rule });
        }
    }

    /// In the order of the rules.
    fn finish(self, sources: &Sources<'_>) -> Vec<AccessChange> {
        let place = |reached: &Reached| {
            (reached.rule.as_ref().map(|(_, position)| *position), reached.target.clone())
        };
        let change = |(who, mut what): (Vec<u32>, Vec<Reached>)| {
            what.sort_by_cached_key(place);
            let mut who: Vec<String> = who.into_iter().map(|id| sources.text(id).to_owned()).collect();
            who.sort_by_cached_key(|text| text.to_ascii_lowercase());
            AccessChange { gained: self.gained, who, what }
        };
        let mut changes: Vec<_> = self.by_who.into_iter().map(change).collect();
        changes.sort_by_cached_key(|change| (change.what.first().map(place), change.who.clone()));
        changes
    }
}
