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

use super::error::{self, Error};
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

impl Answer {
    /// The answer that was printed. It stays what it is where the reader had enough and closed the pipe.
    fn printed(self, outcome: Result<(), Error>) -> Result<Self, Error> {
        match outcome {
            Err(error) if !error.is_closed_pipe() => Err(error),
            _ => Ok(self),
        }
    }
}

/// What to do about an empty file, or a list.
const NO_POLICY: &str = "a policy is an object; the smallest one is {}, which allows everything";

/// The exit status where there is no answer, whatever the reason.
const NO_ANSWER: u8 = 2;

/// The subcommand and those below it.
pub(super) fn command() -> Command {
    Command::new("policy")
        .about("Read, judge and lay out policy files")
        .long_about(
            "Reads, judges and lays out tailnet policy files.\n\nFILE is a path, or - for standard input. Results go \
             to standard output, everything else to standard error. The exit status is 0 for yes or done, 1 for no \
             (refused, differs, cannot be laid out), and 2 where there is no answer: a flag or file cannot be used, a \
             file is no policy, the tailnet does not answer.",
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

/// Runs the subcommand that the flags name. Unlike elsewhere, each failure exits with 2: 1 is an answer.
pub(super) fn run(flags: &ArgMatches, environment: Environment<'_>, output: &mut Output) -> ExitCode {
    match answer(flags, environment, output) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::FAILURE,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            error::complain(&error);
            ExitCode::from(NO_ANSWER)
        }
    }
}

fn answer(flags: &ArgMatches, environment: Environment<'_>, output: &mut Output) -> Result<Answer, Error> {
    match flags.subcommand() {
        Some(("check", flags)) => check::run(flags, environment, output),
        Some(("reach", flags)) => reach::run(flags, environment, output),
        Some(("compile", flags)) => compile::run(flags, environment, output),
        Some(("format", flags)) => format::run(flags, output),
        Some(("show", flags)) => show::run(flags, environment, output),
        Some(("diff", flags)) => diff::run(flags, environment, output),
        Some(("pin", flags)) => pin::run(flags, environment, output),
        _ => Ok(Answer::Yes),
    }
}

/// The positional argument that names a policy file.
fn file_argument(name: &'static str) -> Arg {
    Arg::new(name).value_name(name.to_uppercase()).help("Policy file; - is standard input")
}

/// A text as a JSON string can have it.
///
/// # Errors
///
/// Fails when it is not UTF-8, which the service takes, but JSON cannot carry.
fn text_for_json(text: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(text).map_err(|_| {
        let problem = "the text is not UTF-8, so JSON cannot carry it; leave the flag out".to_owned();
        Error::Flag { flag: "json", problem }
    })
}

/// `--json`
fn json_argument() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON for programs, on one line")
}
