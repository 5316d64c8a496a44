//! `tailgrant policy check`: what the service would say to a policy, and what it would not.

use clap::{ArgMatches, Command};
use serde::Serialize;

use super::input::Source;
use super::subject::{self, Subject};
use super::{Answer, Error, Output, file_argument, json_argument};
use crate::cli::excerpt::{Excerpt, Severity};
use crate::cli::output::{BAD, FAINT, GOOD};
use crate::config::Environment;
use crate::hujson::{self, Position, SyntaxError};
use crate::policy::assertion::Failure;
use crate::policy::{self, Policy, Topology, Warning, WarningKind};

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
    if flags.get_flag("json") {
        output.json(&verdict.json())?;
    } else {
        show(&verdict, &source, output)?;
    }
    Ok(if verdict.refusal.is_none() { Answer::Yes } else { Answer::No })
}

/// What is to be said about a policy.
struct Verdict {
    refusal: Option<Refusal>,
    warnings: Vec<Warning>,
}

/// What the service would refuse it with.
struct Refusal {
    status: u16,
    message: String,
    position: Position,
    /// What would be right there, for a text that breaks the grammar.
    expected: String,
    failures: Vec<Failure>,
}

impl Verdict {
    fn of(text: &[u8], topology: Option<&Topology>) -> Self {
        let document = match hujson::parse(text) {
            Ok(document) => document,
            Err(error) => return Self { refusal: Some(Refusal::syntax(&error)), warnings: Vec::new() },
        };
        let policy = match Policy::read(&document) {
            Ok(policy) => policy,
            Err(error) => {
                let refusal = Refusal::at(400, error.to_string(), document.root().position());
                return Self { refusal: Some(refusal), warnings: Vec::new() };
            }
        };
        let rejection = match topology {
            Some(topology) => policy::judge(&policy, topology).err(),
            // Tests hang on who is there; everything else does not.
            None => policy::judge(&policy, &Topology::default())
                .err()
                .filter(|rejection| rejection.message != "test(s) failed"),
        };
        let refusal = rejection.map(|rejection| Refusal {
            failures: rejection.failures,
            ..Refusal::at(rejection.status, rejection.message, rejection.position)
        });
        Self { refusal, warnings: policy::warnings(&policy, topology) }
    }

    fn json(&self) -> Json<'_> {
        let warning = |warning: &'_ Warning| Remark {
            kind: warning.kind.word(),
            line: warning.position.line,
            column: warning.position.column,
            message: warning.message.clone(),
        };
        Json {
            status: self.refusal.as_ref().map_or(200, |refusal| refusal.status),
            error: self.refusal.as_ref().map(|refusal| refusal.message.as_str()),
            warnings: self.warnings.iter().map(warning).collect(),
        }
    }
}

impl Refusal {
    fn at(status: u16, message: String, position: Position) -> Self {
        Self { status, message, position, expected: String::new(), failures: Vec::new() }
    }

    fn syntax(error: &SyntaxError) -> Self {
        let expected = format!("expected {}", error.expected);
        Self { expected, ..Self::at(400, format!("hujson: {error}"), error.position) }
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
    match &verdict.refusal {
        None => output.line(format_args!("{name}: {GOOD}accepted{GOOD:#}{warnings}"))?,
        Some(refusal) => {
            show_refusal(refusal, source, output)?;
            let Refusal { status, message, failures, .. } = refusal;
            let tests = match failures.len() {
                0 => String::new(),
                count => format!(": {message} ({count})"),
            };
            output.line(format_args!("{name}: {BAD}refused{BAD:#} with status {status}{tests}{warnings}"))?;
        }
    }
    Ok(())
}

fn show_refusal(refusal: &Refusal, source: &Source, output: &mut Output) -> Result<(), Error> {
    for failure in refusal.failures.iter().take(MOST) {
        let title = format!("test failed: {failure}");
        excerpt(source, failure.position, Severity::Error, &title, &failure.errors.join("; "), output)?;
    }
    if refusal.failures.is_empty() {
        let Refusal { message, position, expected, .. } = refusal;
        excerpt(source, *position, Severity::Error, message, expected, output)?;
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
