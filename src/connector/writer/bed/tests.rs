//! Runs by the thousand, and the planted bugs.
#![expect(clippy::print_stdout, reason = "a summary for people")]

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::checker::{Answer, check};
use super::fault::Fault;
use super::sabotage::Sabotage;
use super::summary::Summary;
use super::world::World;

/// Runs that every change has to pass; `TAILGRANT_SEEDS` asks for more.
const SEEDS: u64 = 400;

/// Within so many runs each planted bug has to be caught.
const CAUGHT_WITHIN: u64 = 200;

/// From so many runs on each fault has to strike 1,000 POSTs.
const MANY: u64 = 20_000;

/// A line for people.
pub(super) fn show(line: &str) {
    println!("{line}");
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|number| number.parse().expect("a number"))
}

/// Runs a seed; what is wrong with it, in words.
fn run(seed: u64, trace: bool) -> (World, Vec<String>) {
    let world = World::new(seed, None, trace).run();
    let violations = check(&world.history);
    let words = violations.iter().map(ToString::to_string).chain(world.complaints.iter().cloned());
    let words = words.map(|words| format!("seed {seed}: {words}")).collect();
    (world, words)
}

/// Runs every seed below `seeds` on all processors.
fn run_all(seeds: u64) -> (Summary, Vec<String>) {
    let (next, total) = (AtomicU64::new(0), Mutex::new((Summary::default(), Vec::new())));
    let work = || {
        let (mut summary, mut words) = (Summary::default(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                break;
            }
            let (world, violations) = run(seed, false);
            summary.add(&world, violations.len());
            words.extend(violations);
        }
        let mut total = total.lock().unwrap();
        total.0.merge(&summary);
        total.1.extend(words);
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    total.into_inner().unwrap()
}

#[test]
fn an_answered_change_is_in_effect_exactly_once() {
    if let Some(seed) = number("TAILGRANT_SEED") {
        let (_, violations) = run(seed, true);
        assert!(violations.is_empty(), "{}", violations.join("\n"));
        return;
    }
    let seeds = number("TAILGRANT_SEEDS").unwrap_or(SEEDS);
    let (summary, violations) = run_all(seeds);
    show(&summary.to_string());
    let few: Vec<&String> = violations.iter().take(5).collect();
    assert!(few.is_empty(), "{} violations, such as {few:#?}", violations.len());
    assert!(summary.fewest >= Some(50), "{:?} intents", summary.fewest);
    // Runs are worth nothing if they only ever end in one way.
    for told in [Answer::Changed, Answer::Held, Answer::Refused, Answer::Unknown, Answer::Gone] {
        let calls = summary.answers.iter().filter(|((_, answer), _)| *answer == told);
        let count: u64 = calls.map(|(_, count)| count).sum();
        assert!(count >= seeds, "{told:?}: {count}");
    }
    if seeds >= MANY {
        for fault in Fault::of_writes() {
            assert!(summary.post_hits(fault) >= 1_000, "{fault}: {}", summary.post_hits(fault));
        }
    }
}

#[test]
fn a_seed_reproduces_a_run() {
    for seed in 0..5 {
        assert_eq!(run(seed, false).0.history.write(), run(seed, false).0.history.write());
    }
}

#[test]
fn planted_bugs_are_caught() {
    for sabotage in Sabotage::ALL {
        let caught = (0..CAUGHT_WITHIN).find_map(|seed| {
            let violations = check(&World::new(seed, Some(sabotage), false).run().history);
            let mut broken = violations.into_iter().filter(|it| sabotage.breaks().contains(&it.rule));
            Some((seed, broken.next()?))
        });
        let (seed, violation) = caught.unwrap_or_else(|| panic!("{sabotage:?} is not caught"));
        show(&format!(
            "planted bug {sabotage:?}: caught at seed {seed} ({:?}: {})",
            violation.rule, violation.what
        ));
    }
}

#[test]
fn a_judgement_by_what_was_before_is_caught() {
    let is_caught = |seed| {
        let world = World::new(seed, Some(Sabotage::JudgesByWhatWasBefore), false).run();
        world.complaints.iter().any(|complaint| complaint.contains("foreseen by what was before"))
    };
    assert!((0..CAUGHT_WITHIN).any(is_caught));
}
