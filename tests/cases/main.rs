//! Runs the shared cases: recorded behaviour of the service and of the reference libraries.
//!
//! They are no part of the repository. `TAILGRANT_CASES` names their directory; without it the
//! tests say so and pass.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says where")]

mod access;
mod hujson;
mod patch;
mod policy;
mod topology;
mod verdict;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Once;

/// The directory of the cases, if there is one.
fn cases() -> Option<PathBuf> {
    let directory = std::env::var_os("TAILGRANT_CASES").map(PathBuf::from);
    if directory.is_none() {
        static SAID: Once = Once::new();
        SAID.call_once(|| say("TAILGRANT_CASES is not set: the shared cases were not run"));
    }
    directory
}

/// Says something to whoever runs the tests. What the printing macros print is hidden when a test passes.
fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// The records of a file with one JSON value a line; `None` without cases.
fn records(file: &str) -> Option<Vec<serde_json::Value>> {
    let path = cases()?.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Says how many records of a file agree, and fails if not all do.
#[track_caller]
fn report(file: &str, total: usize, differences: &[String]) {
    say(&format!("{file}: {} of {total}", total - differences.len()));
    assert!(differences.is_empty(), "{file}:\n{}", differences.join("\n"));
}
