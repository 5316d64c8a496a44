//! The program as its users run it: help, mistakes, signals, and output in a pipe.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as expected"
)]

mod daemon;
mod demo;
mod help;
mod journal;
mod log;
mod mistakes;
mod policy;
mod policy_meaning;

use std::process::{Command, Output, Stdio};

/// The program, with an environment of its own and nothing to read.
fn tailgrant(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tailgrant"));
    command.args(words).env_clear().stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What was printed where, and the exit code.
fn shown(output: &Output) -> String {
    let code = output.status.code().map_or("none".to_owned(), |code| code.to_string());
    format!("exit code {code}\n--- stdout\n{}--- stderr\n{}", text(&output.stdout), text(&output.stderr))
}
