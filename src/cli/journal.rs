//! `tailgrant journal`: proves that a journal is as it was written.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde::Serialize;

use super::error::{self, Error};
use super::output::Output;
use crate::journal::{Hash, Summary, Verification, verify};

/// The subcommand and the one below it.
pub(super) fn command() -> Command {
    Command::new("journal")
        .about("Verify the journal of changes")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(verify_command())
}

fn verify_command() -> Command {
    Command::new("verify")
        .about("Prove that a journal was not altered")
        .long_about(
            "Proves that no line of a journal (`serve --journal FILE`) was altered, removed or moved since it was \
             written.\n\nLines that are missing at the end leave no trace in the file. The daemon logs the hash of each \
             line that tells an end: give the last one from its log as --expect. A `sending` line may follow it.\n\nA \
             request that was being sent when the daemon was killed, or is being sent now, is counted; that is no \
             damage.\n\nThe exit status is 0 if everything is in order, 1 if not, and 2 if the file cannot be read.",
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The journal"),
        )
        .arg(
            Arg::new("expect")
                .long("expect")
                .value_name("HASH")
                .value_parser(value_parser!(Hash))
                .help("Hash of a line that has to be there"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON for programs, on one line"))
}

/// Runs the subcommand that the flags name. Each failure exits with 2: 1 is an answer.
pub(super) fn run(flags: &ArgMatches, output: &mut Output) -> Result<ExitCode, Error> {
    // Neither is possible; what was not verified is not in order.
    let Some(("verify", flags)) = flags.subcommand() else { return Ok(ExitCode::from(2)) };
    let Some(path) = flags.get_one::<PathBuf>("file") else { return Ok(ExitCode::from(2)) };
    let unread = |cause| Error::JournalUnread { path: path.display().to_string(), cause };
    let journal = File::open(path).map_err(unread)?;
    let found = verify(BufReader::with_capacity(1 << 16, journal), flags.get_one("expect").copied())
        .map_err(unread)?;
    let code = if matches!(found, Verification::Sound(_)) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    match show(path, &found, flags.get_flag("json"), output) {
        // The answer stays what it is where the reader had enough.
        Err(error) if error.is_closed_pipe() => Ok(code),
        Err(error) => {
            error::complain(&error);
            Ok(ExitCode::from(2))
        }
        Ok(()) => Ok(code),
    }
}

/// The answer for programs.
#[derive(Serialize)]
struct Answer<'a> {
    sound: bool,
    /// Why not, in a word: `broken`, `torn`, `missing`.
    verdict: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    summary: Option<&'a Summary>,
    /// The first line that is wrong, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

fn show(path: &Path, found: &Verification, json: bool, output: &mut Output) -> Result<(), Error> {
    let (summary, line) = match found {
        Verification::Sound(summary) | Verification::Missing { there: summary, .. } => (Some(summary), None),
        Verification::Torn { line, there, .. } => (Some(there), Some(*line)),
        Verification::Broken { line, .. } => (None, Some(*line)),
    };
    let problem = problem(found);
    if json {
        output.json(&Answer { sound: problem.is_none(), verdict: found.word(), summary, line, problem })?;
        return Ok(());
    }
    match (problem, line) {
        (Some(problem), Some(line)) => {
            output.line(format_args!("{}, line {line}: {problem}", path.display()))?;
        }
        (Some(problem), None) => output.line(format_args!("{}: {problem}", path.display()))?,
        (None, _) => {}
    }
    if let Some(Summary { lines, from, to, under_way, head }) = summary {
        match from.as_ref().zip(to.as_ref()) {
            Some((from, to)) => {
                output.line(format_args!("{lines} lines, from {from} to {to}, head {head}"))?;
            }
            None => output.line(format_args!("0 lines, head {head}"))?,
        }
        match under_way {
            0 => {}
            1 => output.line("1 request was being sent when the daemon was killed, or is now")?,
            more => output.line(format_args!(
                "{more} requests were being sent when the daemon was killed, or are now"
            ))?,
        }
    }
    Ok(())
}

/// What is wrong.
fn problem(found: &Verification) -> Option<String> {
    match found {
        Verification::Sound(_) => None,
        Verification::Broken { flaw, .. } => Some(flaw.to_string()),
        Verification::Torn { bytes, .. } => Some(format!(
            "it has no line end after {bytes} bytes, as a crash leaves it; the next start of the daemon repairs that"
        )),
        Verification::Missing { head, torn, .. } => {
            let cut = match torn {
                Some(bytes) => format!(", and the last line has no line end after {bytes} bytes"),
                None => String::new(),
            };
            Some(format!(
                "no line has the hash {head}: lines at the end were removed, or it is another journal{cut}"
            ))
        }
    }
}
