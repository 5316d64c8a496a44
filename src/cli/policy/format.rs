//! `tailgrant policy format`: the canonical layout of a file.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::input::Source;
use super::replace::replace;
use super::{Answer, Error, Output, file_argument};
use crate::cli::output;
use crate::hujson;

pub(super) fn command() -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("format")
        .about("Print a file in the canonical layout")
        .long_about(
            "Prints a file in the canonical layout, the one in which the service stores policies: TABs, one member a \
             line or all on one, aligned values, no needless escapes. Comments stay.",
        )
        .arg(file_argument("file").required(true))
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
    let canonical = hujson::format(&source.text).map_err(|error| source.broken(&error))?;
    let differs = canonical != source.text;
    if flags.get_flag("check") {
        if differs {
            output::remark(format_args!("{} is not in the canonical layout", source.name));
        }
        return Ok(if differs { Answer::No } else { Answer::Yes });
    }
    if flags.get_flag("write") {
        if differs {
            replace(Path::new(path), &canonical)
                .map_err(|cause| Error::Write { path: path.to_owned(), cause })?;
        }
        return Ok(Answer::Yes);
    }
    output.bytes(&canonical)?;
    Ok(Answer::Yes)
}
