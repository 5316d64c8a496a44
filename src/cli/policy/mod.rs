//! `tailgrant policy`: reads, judges and lays out policy files. One file per subcommand.

mod check;
mod compile;
mod diff;
mod format;
mod input;
mod lines;
mod pin;
mod reach;
mod replace;
mod show;
mod subject;
mod topology_file;
mod words;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::error::Error;
use super::output::Output;
use crate::config::Environment;

/// How a command ends that could do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Done, or: yes. Exit status 0.
    Yes,
    /// The policy is refused, the file differs, …: exit status 1.
    No,
}

/// The subcommand and those below it.
pub(super) fn command() -> Command {
    Command::new("policy")
        .about("Read, judge and lay out policy files")
        .long_about(
            "Reads, judges and lays out tailnet policy files.\n\nFILE is a path, or - for standard input. Results go \
             to standard output, everything else to standard error. The exit status is 0 for yes or done, 1 for no \
             (refused, differs) and where a file is no policy, 2 where a flag or file cannot be used.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(check::command())
        .subcommand(format::command())
        .subcommand(reach::command())
        .subcommand(compile::command())
        .subcommand(show::command())
        .subcommand(diff::command())
        .subcommand(pin::command())
}

/// Runs the subcommand that the flags name.
pub(super) fn run(
    flags: &ArgMatches,
    environment: Environment<'_>,
    output: &mut Output,
) -> Result<ExitCode, Error> {
    let answer = match flags.subcommand() {
        Some(("check", flags)) => check::run(flags, environment, output)?,
        Some(("reach", flags)) => reach::run(flags, environment, output)?,
        Some(("compile", flags)) => compile::run(flags, environment, output)?,
        Some(("format", flags)) => format::run(flags, output)?,
        Some(("show", flags)) => show::run(flags, environment, output)?,
        Some(("diff", flags)) => diff::run(flags, environment, output)?,
        Some(("pin", flags)) => pin::run(flags, environment, output)?,
        _ => Answer::Yes,
    };
    Ok(match answer {
        Answer::Yes => ExitCode::SUCCESS,
        Answer::No => ExitCode::FAILURE,
    })
}

/// The positional argument that names a policy file.
fn file_argument(name: &'static str) -> Arg {
    Arg::new(name).value_name(name.to_uppercase()).help("Policy file; - is standard input")
}

/// `--json`
fn json_argument() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON for programs, on one line")
}
