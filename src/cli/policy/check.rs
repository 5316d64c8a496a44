//! `tailgrant policy check`: what the service would say to a policy, and what it would not.

use clap::{ArgMatches, Command};
use serde::Serialize;

use super::input::Source;
use super::subject::{self, Subject};
use super::{Answer, Error, NO_POLICY, Output, file_argument, json_argument};
use crate::cli::excerpt::{Excerpt, Severity};
use crate::cli::output::{BAD, FAINT, GOOD};
use crate::config::Environment;
use crate::hujson::Position;
use crate::policy::{self, Policy, ReadError, Rejection, Topology, Warning, WarningKind, assertion};

/// Most warnings that are shown to people.
const MOST: usize = 50;

pub(super) fn command() -> Command {
    Command::new("check")
        .about("Say whether the service would take a policy, and warn of what is odd in it")
        .long_about(
            "Says whether the service would take a policy, with its very message where it would not, and warns of \
             what is odd: unknown users, rules that reach nothing or are there twice, directives that do not count.\n\n\
             What the policy's tests say, and who is in the tailnet, takes its users and devices: from --topology, or \
             from the tailnet itself where there is a credential for it. Then FILE can be left out, too: the \
             tailnet's own policy is checked. Without either, tests are not judged.\n\n\
             Exit status 0: accepted. 1: refused. With --json: \
             {\"status\":200|400|500,\"error\":MESSAGE|null,\"warnings\":[{\"kind\",\"line\",\"column\",\"message\"}]}",
        )
        .arg(file_argument("file"))
        .arg(json_argument())
        .args(subject::arguments())
}

pub(super) fn run(
    flags: &ArgMatches,
    environment: Environment<'_>,
    output: &mut Output,
) -> Result<Answer, Error> {
    let Subject { source, topology } = Subject::gather(flags, "file", environment)?;
    let verdict = Verdict::of(&source.text, topology.as_ref());
    let answer = if verdict.rejection.is_none() { Answer::Yes } else { Answer::No };
    answer.printed(if flags.get_flag("json") {
        output.json(&verdict.json()).map_err(Error::Output)
    } else {
        show(&verdict, &source, output)
    })
}

/// What is to be said about a policy.
struct Verdict {
    rejection: Option<Rejection>,
    /// What would be right at the place, where the text breaks the grammar.
    expected: String,
    warnings: Vec<Warning>,
}

impl Verdict {
    fn of(text: &[u8], topology: Option<&Topology>) -> Self {
        let document = match policy::parse(text) {
            Ok(document) => document,
            Err(error) => return Self::unreadable(&error),
        };
        let policy = match Policy::read(&document) {
            Ok(policy) => policy,
            Err(error) => return Self::unreadable(&error),
        };
        let rejection = match topology {
            Some(topology) => policy::judge(&policy, topology).err(),
            // Tests hang on who is there; nothing else does.
            None => policy::judge(&policy, &Topology::default())
                .err()
                .filter(|rejection| rejection.message != assertion::FAILED),
        };
        Self { rejection, expected: String::new(), warnings: policy::warnings(&policy, topology) }
    }

    fn unreadable(error: &ReadError) -> Self {
        let expected = match error {
            ReadError::Syntax(error) => format!("expected {}", error.expected),
            ReadError::NotAnObject | ReadError::Empty => NO_POLICY.to_owned(),
        };
        Self { rejection: Some(Rejection::of_unreadable(error)), expected, warnings: Vec::new() }
    }

    fn json(&self) -> Json<'_> {
        let remark = |warning: &Warning| Remark {
            kind: warning.kind.word(),
            line: warning.position.line,
            column: warning.position.column,
            message: warning.message.clone(),
        };
        Json {
            status: self.rejection.as_ref().map_or(200, |rejection| rejection.status),
            error: self.rejection.as_ref().map(|rejection| rejection.message.as_str()),
            warnings: self.warnings.iter().map(remark).collect(),
        }
    }
}

/// The outside form; do not rename.
#[derive(Serialize)]
struct Json<'v> {
    status: u16,
    error: Option<&'v str>,
    warnings: Vec<Remark>,
}

#[derive(Serialize)]
struct Remark {
    kind: &'static str,
    line: usize,
    column: usize,
    message: String,
}

/// Warnings first, so that the verdict is what a person sees last.
fn show(verdict: &Verdict, source: &Source, output: &mut Output) -> Result<(), Error> {
    for warning in verdict.warnings.iter().take(MOST) {
        let severity = match warning.kind {
            WarningKind::TestsNotJudged => Severity::Note,
            _ => Severity::Warning,
        };
        excerpt(source, warning.position, severity, &warning.message, "", output)?;
    }
    if let Some(more) = verdict.warnings.len().checked_sub(MOST).filter(|more| *more > 0) {
        output.styled(FAINT, format_args!("… and {more} more; --json lists them all\n"))?;
    }
    let real = verdict.warnings.iter().filter(|warning| warning.kind != WarningKind::TestsNotJudged);
    let warnings = match real.count() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        count => format!(", {count} warnings"),
    };
    let name = &source.name;
    match &verdict.rejection {
        None => output.line(format_args!("{name}: {GOOD}accepted{GOOD:#}{warnings}"))?,
        Some(rejection) => {
            show_rejection(rejection, &verdict.expected, source, output)?;
            let Rejection { status, message, failures, .. } = rejection;
            let tests = match failures.len() {
                0 => String::new(),
                count => format!(": {message} ({count})"),
            };
            output.line(format_args!("{name}: {BAD}refused{BAD:#} with status {status}{tests}{warnings}"))?;
        }
    }
    Ok(())
}

fn show_rejection(
    rejection: &Rejection,
    expected: &str,
    source: &Source,
    output: &mut Output,
) -> Result<(), Error> {
    for failure in rejection.failures.iter().take(MOST) {
        let title = format!("test failed: {failure}");
        excerpt(source, failure.position, Severity::Error, &title, &failure.errors.join("; "), output)?;
    }
    if rejection.failures.is_empty() {
        excerpt(source, rejection.position, Severity::Error, &rejection.message, expected, output)?;
    }
    Ok(())
}

fn excerpt(
    source: &Source,
    position: Position,
    severity: Severity,
    title: &str,
    label: &str,
    output: &mut Output,
) -> Result<(), Error> {
    let mut excerpt = Excerpt::at(&source.name, &source.text, position, severity, title);
    excerpt.label = label;
    Ok(output.line(format_args!("{excerpt}\n"))?)
}
