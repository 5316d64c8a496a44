//! The answer for people.

use std::collections::BTreeSet;
use std::io;

use comfy_table::{ContentArrangement, Table, presets};

use super::Answered;
use super::question::Way;
use crate::cli::excerpt::harmless;
use crate::cli::output::{BAD, FAINT, GOOD, Output, WIDTH};
use crate::cli::policy::words;
use crate::policy::reach::{Origin, SshDecision};

/// Most ways that are listed.
const MOST: usize = 200;

/// Shows the answer, then the ways if there are several, then the rules.
pub(super) fn show(answered: &Answered<'_, '_>, name: &str, output: &mut Output) -> io::Result<()> {
    match answered.ways {
        [] => {
            let [from, to] = answered.words.map(harmless);
            output.line(format_args!("{from} and {to} are one and the same device"))
        }
        [way] => {
            one(answered, way, output)?;
            rules(answered, answered.ways, name, output)
        }
        ways => {
            several(answered, output)?;
            let listed = ways.get(..MOST).unwrap_or(ways);
            output.line(format_args!("\n{}", table(answered, listed)))?;
            if listed.len() < ways.len() {
                let more = ways.len() - listed.len();
                output.styled(FAINT, format_args!("… and {more} more; --json lists them all"))?;
            }
            if listed.iter().any(Way::is_open) {
                output.line("")?;
            }
            rules(answered, listed, name, output)
        }
    }
}

fn one(answered: &Answered<'_, '_>, way: &Way<'_>, output: &mut Output) -> io::Result<()> {
    let (from, to) = (harmless(&way.from.name), harmless(&way.to.name));
    let what = harmless(&answered.question.words());
    if way.is_open() {
        let (check, remark) = (after_check(way), family_remark(way));
        return output.line(format_args!("{GOOD}yes{GOOD:#}: {from} reaches {to}{what}{check}{remark}"));
    }
    let why = match (way.ssh, way.rules.is_empty()) {
        (Some(SshDecision::Refused), true) => ": no SSH rule admits it, and no rule opens port 22",
        (Some(SshDecision::Refused), false) => ": no SSH rule admits it, though port 22 is open",
        (Some(_), _) => ": an SSH rule admits it, but no rule opens port 22",
        (None, _) => "",
    };
    output.line(format_args!("{BAD}no{BAD:#}: {from} does not reach {to}{what}{why}"))
}

fn several(answered: &Answered<'_, '_>, output: &mut Output) -> io::Result<()> {
    let (open, all) = (answered.ways.iter().filter(|way| way.is_open()).count(), answered.ways.len());
    let [from, to] = answered.words.map(harmless);
    // The port is a part of the word already.
    let what = if answered.question.port.is_none() { answered.question.words() } else { String::new() };
    let what = harmless(&what);
    match open {
        0 => output.line(format_args!("{BAD}no{BAD:#}: {from} does not reach {to}{what}; 0 of {all} ways")),
        open if open == all => {
            output.line(format_args!("{GOOD}yes{GOOD:#}: {from} reaches {to}{what}; all {all} ways"))
        }
        open => {
            output.line(format_args!("{GOOD}partly{GOOD:#}: {from} reaches {to}{what}; {open} of {all} ways"))
        }
    }
}

fn table(answered: &Answered<'_, '_>, ways: &[Way<'_>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(WIDTH).unwrap_or(u16::MAX));
    table.set_header(["from", "to", "reached", "by"]);
    for way in ways {
        let (answer, by) = if way.is_open() { ("yes", by(answered, way)) } else { ("no", String::new()) };
        table.add_row([harmless(&way.from.name), harmless(&way.to.name), answer.to_owned(), by]);
    }
    table.trim_fmt()
}

/// The lines of the rules that open a way.
fn by(answered: &Answered<'_, '_>, way: &Way<'_>) -> String {
    let line = |origin: Origin| {
        let rule = words::rule(answered.policy, origin);
        rule.map_or("no rule".to_owned(), |rule| format!("line {}", rule.position.line))
    };
    let packets = way.rules.iter().map(|(origin, opens)| match &**opens {
        [] => line(*origin),
        opens => format!("{} ({})", line(*origin), opens.join(", ")),
    });
    let check = if matches!(way.ssh, Some(SshDecision::Checked(_))) { " (after a check)" } else { "" };
    let login = way.ssh_origin().map(|origin| format!("ssh {}{check}", line(origin)));
    login.into_iter().chain(packets).collect::<Vec<_>>().join(", ") + family_remark(way)
}

fn after_check(way: &Way<'_>) -> &'static str {
    match way.ssh {
        Some(SshDecision::Checked(_)) => ", after a check",
        _ => "",
    }
}

/// What is so over one IP version only.
fn family_remark(way: &Way<'_>) -> &'static str {
    match way.families {
        [Some(true), Some(false)] => ", over IPv4 only",
        [Some(false), Some(true)] => ", over IPv6 only",
        _ => "",
    }
}

/// Every rule that opens one of the ways, once, with its first words. For a single way also what it opens,
/// and what does its part though the way is not open.
fn rules(answered: &Answered<'_, '_>, ways: &[Way<'_>], name: &str, output: &mut Output) -> io::Result<()> {
    let single = if let [way] = ways { Some(way) } else { None };
    let mut origins = BTreeSet::new();
    for way in ways.iter().filter(|way| way.is_open() || single.is_some()) {
        origins.extend(way.rules.keys().copied().chain(way.ssh_origin()));
    }
    for origin in origins {
        let rule = words::rule(answered.policy, origin);
        let place = words::place(name, rule.map(|rule| rule.position));
        let words = rule.map(|rule| words::first_words(answered.policy, rule)).unwrap_or_default();
        let opens = single.and_then(|way| way.rules.get(&origin)).map(|opens| opens.join(", "));
        let opens = opens.filter(|opens| !opens.is_empty()).map(|opens| format!("  {opens}"));
        let opens = opens.unwrap_or_default();
        output.line(format_args!("  {place}{opens}  {FAINT}{words}{FAINT:#}"))?;
    }
    Ok(())
}
