//! Many seeds, or one history that was recorded.

use std::env;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::checker::check;
use crate::plan::Plan;
use crate::run::{Outcome, recorded, run};
use crate::summary::Summary;

/// How many seeds run when nobody says how many.
const SEEDS: u64 = 6;

/// How often a run that failed is repeated if the machine was too busy for what the law takes for granted: that a
/// request lives no longer than it may.
const AGAIN: u32 = 2;

/// `TAILGRANT_SEEDS=200` runs the seeds from 1 to 200, `TAILGRANT_SEED=7` one; `TAILGRANT_HISTORY=FILE` judges what was
/// recorded.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_an_answer_is_true_and_nothing_else_changes() {
    if let Some(path) = env::var_os("TAILGRANT_HISTORY") {
        let violations = check(&recorded(Path::new(&path)));
        for violation in &violations {
            println!("{violation}");
        }
        assert!(violations.is_empty(), "{} violations", violations.len());
        return;
    }
    let cores = available_parallelism().map_or(1, usize::from);
    // A run mostly waits for the time of lost writes.
    let turns = Arc::new(Semaphore::new(2 * cores));
    let mut runs = JoinSet::new();
    for seed in seeds() {
        let turns = Arc::clone(&turns);
        runs.spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            let plan = Plan::of(seed);
            let mut outcome = run(&plan).await;
            for _ in 0..AGAIN {
                if outcome.is_good() || !outcome.proves_nothing() {
                    break;
                }
                let held_up = outcome.held_up.as_millis();
                println!("seed {seed}: the machine stood still for {held_up} ms; once more");
                outcome = run(&plan).await;
            }
            outcome
        });
    }
    let mut summary = Summary::default();
    while let Some(outcome) = runs.join_next().await {
        let outcome = outcome.unwrap();
        summary.add(&outcome);
        if !outcome.is_good() {
            tell(outcome);
        }
    }
    println!("{summary}");
    assert_eq!(summary.violations, 0, "see above");
    if summary.seeds >= SEEDS {
        assert_eq!(summary.lacks(), Vec::<String>::new());
    }
}

fn seeds() -> RangeInclusive<u64> {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    match number("TAILGRANT_SEED") {
        Some(seed) => seed..=seed,
        None => 1..=number("TAILGRANT_SEEDS").unwrap_or(SEEDS),
    }
}

/// Says what is wrong, and keeps the evidence.
fn tell(outcome: Outcome) {
    let seed = outcome.history.run.seed;
    for violation in &outcome.violations {
        println!("seed {seed}: {violation}");
    }
    for oddity in &outcome.oddities {
        println!("seed {seed}: {oddity}");
    }
    println!("seed {seed}: judge it again with TAILGRANT_HISTORY={}", outcome.recording().display());
    println!("seed {seed}: what the replicas said is in {}", outcome.directory.keep().display());
}
