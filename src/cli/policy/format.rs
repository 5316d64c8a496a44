//! `tailgrant policy format`: the canonical layout of a file.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::Serialize;

use super::input::Source;
use super::replace::replace;
use super::{Answer, Error, NO_POLICY, Output, file_argument, json_argument};
use crate::cli::excerpt::harmless;
use crate::cli::{error, output};
use crate::hujson::{self, Kind};

pub(super) fn command() -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("format")
        .about("Print a file in the canonical layout")
        .long_about(
            "Prints a file in the canonical layout, the one in which the service stores policies: TABs, one member a \
             line or all on one, aligned values, no needless escapes. Comments stay.\n\n\
             Exit status 0: done. 1: the text cannot be parsed, or with --check, its layout is another. With --json, \
             also with --check and --write: {\"canonical\":BOOL,\"formatted\":TEXT|null,\"error\":MESSAGE|null}",
        )
        .arg(file_argument("file").required(true))
        .arg(json_argument())
        .arg(switch("check", "Print nothing; exit with 1 and name the file if its layout is another"))
        .arg(switch("write", "Lay the file out where it is, instead of printing it").conflicts_with("check"))
}

pub(super) fn run(flags: &ArgMatches, output: &mut Output) -> Result<Answer, Error> {
    let path = flags.get_one::<String>("file").map_or("-", String::as_str);
    if path == "-" && flags.get_flag("write") {
        let problem = "standard input cannot be written; leave the flag out to print".to_owned();
        return Err(Error::Flag { flag: "write", problem });
    }
    let source = Source::read(path)?;
    let is_json = flags.get_flag("json");
    let canonical = match hujson::format(&source.text) {
        Ok(canonical) => canonical,
        Err(error) => {
            error::complain(&source.broken(&error));
            let problem = error.to_string();
            let json = Json { canonical: false, formatted: None, error: Some(&problem) };
            let printed = if is_json { output.json(&json) } else { Ok(()) };
            return Answer::No.printed(printed.map_err(Error::Output));
        }
    };
    if hujson::parse(&source.text).is_ok_and(|document| document.root().kind() != Kind::Object) {
        output::remark(format_args!("{}: {NO_POLICY}", harmless(&source.name)));
    }
    let differs = canonical != source.text;
    if flags.get_flag("write") && differs {
        replace(Path::new(path), &source.text, &canonical)
            .map_err(|cause| Error::Write { path: path.to_owned(), cause })?;
    }
    let is_checked = flags.get_flag("check");
    let answer = if is_checked && differs { Answer::No } else { Answer::Yes };
    let printed = if is_json {
        let formatted = super::text_for_json(&canonical)?;
        output.json(&Json { canonical: !differs, formatted: Some(formatted), error: None })
    } else if is_checked {
        if differs {
            output::remark(format_args!("{} is not in the canonical layout", harmless(&source.name)));
        }
        Ok(())
    } else if flags.get_flag("write") {
        Ok(())
    } else {
        output.bytes(&canonical)
    };
    answer.printed(printed.map_err(Error::Output))
}

/// The outside form; do not rename.
#[derive(Serialize)]
struct Json<'t> {
    /// Whether the text was in the canonical layout before.
    canonical: bool,
    formatted: Option<&'t str>,
    error: Option<&'t str>,
}
