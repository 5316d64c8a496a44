//! `tailgrant policy diff`: what changed in meaning, and who reaches what because of it.

use std::fmt;

use anstyle::Style;
use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::input::Source;
use super::lines::{count, cut, listed};
use super::subject::{self, Subject};
use super::{Answer, Error, Output, file_argument, json_argument};
use crate::cli::excerpt::harmless;
use crate::cli::output::{BAD, FAINT, GOOD, HEADING, PLACE, WIDTH};
use crate::config::Environment;
use crate::hujson::Position;
use crate::policy::difference::{
    AccessChange, DefaultChange, DeviceAccess, DeviceChange, Difference, DirectiveChange, Fate, ListChange,
    Reached, RuleChange, RuleRef, ValueChange,
};

/// Most changes of one kind that are shown to people.
const MOST: usize = 100;
/// Most destinations that are shown of one change of access.
const MOST_REACHED: usize = 12;

pub(super) fn command() -> Command {
    Command::new("diff")
        .about("Tell what changed in meaning between two policies")
        .long_about(
            "Tells what changed in meaning from policy A to policy B: members, owners, rules, every other section, \
             and who gains or loses which access through the rules, expanded through groups; with a topology, or a \
             tailnet to read, also through autogroups and domains. Layout, comments and order where it means nothing \
             are no change. Rules are matched by their pin (tailgrant policy pin), then by what they say, then by \
             their sources.\n\n\
             Exit status 0: no change. 1: there are changes; directives count, though they change only what \
             tailgrant does.",
        )
        .arg(file_argument("a").required(true))
        .arg(file_argument("b").required(true))
        .arg(json_argument())
        .args(subject::arguments())
}

pub(super) fn run(
    flags: &ArgMatches,
    environment: Environment<'_>,
    output: &mut Output,
) -> Result<Answer, Error> {
    let paths = ["a", "b"].map(|name| flags.get_one::<String>(name).map_or("-", String::as_str));
    let topology = flags.get_one::<String>("topology").map(String::as_str);
    if paths.into_iter().chain(topology).filter(|path| *path == "-").count() > 1 {
        return Err(Error::TwiceStandardInput);
    }
    let old = Source::read(paths[0])?;
    let Subject { source: new, topology } = Subject::gather(flags, "b", environment)?;
    let (before, after) = (old.parse()?, new.parse()?);
    // Told apart by who is at fault.
    old.policy(&before)?;
    let difference = Difference::between(&before, &after, topology.as_ref())
        .map_err(|cause| Error::Policy { file: new.name.clone(), cause })?;
    let answer = if difference.is_empty() { Answer::Yes } else { Answer::No };
    answer.printed(if flags.get_flag("json") {
        output.json(&to_json(&difference)).map_err(Error::Output)
    } else {
        Report { output }.all(&difference, &old, &new)
    })
}

struct Report<'o> {
    output: &'o mut Output,
}

impl Report<'_> {
    fn all(&mut self, difference: &Difference, old: &Source, new: &Source) -> Result<(), Error> {
        let Difference { default, lists, rules, values, directives, access, devices } = difference;
        let (old, new) = (harmless(&old.name), harmless(&new.name));
        if difference.means_the_same() {
            self.output.line(format_args!("{old} → {new}: no change in meaning"))?;
        } else {
            self.output.line(format_args!("{old} → {new}: what changed in meaning"))?;
        }
        match default {
            Some(DefaultChange::AllowsEverything) => self.shout(
                "EVERYTHING IS ALLOWED: acls and grants are both gone, so everybody reaches everything.",
                "To allow nothing, keep an empty list: \"acls\": [].",
            )?,
            Some(DefaultChange::AllowsRules) => self.shout(
                "The tailnet is closed: only what rules allow is allowed from now on.",
                "Before, neither acls nor grants were there, and everybody reached everything.",
            )?,
            None => {}
        }
        self.section("Lists", lists, Self::list)?;
        self.section("Rules", rules, Self::rule)?;
        self.section("Other settings", values, Self::value)?;
        let (gained, lost): (Vec<_>, Vec<_>) = access.iter().partition(|change| change.gained);
        self.section("Access gained", &gained, |report, change| report.access(change))?;
        self.section("Access lost", &lost, |report, change| report.access(change))?;
        if let Some(devices) = devices {
            self.devices(devices)?;
        }
        self.section("Directives (for tailgrant only)", directives, Self::directive)
    }

    fn shout(&mut self, what: &str, hint: &str) -> Result<(), Error> {
        self.output.styled(BAD.bold().invert(), format_args!(" {what} "))?;
        Ok(self.output.line(hint)?)
    }

    fn section<T>(
        &mut self,
        title: &str,
        changes: &[T],
        show: impl Fn(&mut Self, &T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        self.output.line("")?;
        self.output.styled(HEADING, title)?;
        changes.iter().take(MOST).try_for_each(|change| show(self, change))?;
        self.more(2, changes.len(), MOST)
    }

    fn more(&mut self, indent: usize, all: usize, shown: usize) -> Result<(), Error> {
        match all.checked_sub(shown).filter(|more| *more > 0) {
            Some(more) => {
                let text = format_args!("{:indent$}… and {more} more; --json lists them all", "");
                Ok(self.output.styled(FAINT, text)?)
            }
            None => Ok(()),
        }
    }

    /// A line with a sign before it.
    fn signed(&mut self, indent: usize, fate: Fate, text: impl fmt::Display) -> Result<(), Error> {
        let (sign, style) = match fate {
            Fate::Added => ('+', GOOD),
            Fate::Removed => ('-', BAD),
            Fate::Changed => ('~', Style::new()),
        };
        Ok(self.output.line(format_args!("{:indent$}{style}{sign} {text}{style:#}", ""))?)
    }

    /// What has come and what has gone, a line each.
    fn came_and_went(&mut self, name: &str, gained: &[String], lost: &[String]) -> Result<(), Error> {
        for (fate, texts) in [(Fate::Added, gained), (Fate::Removed, lost)] {
            if !texts.is_empty() {
                let name = if name.is_empty() { String::new() } else { format!("{}: ", harmless(name)) };
                let number = if texts.len() > 2 { format!("{} ", texts.len()) } else { String::new() };
                let start = [name, number].concat();
                let texts = listed(texts, 8 + start.chars().count());
                self.signed(6, fate, format_args!("{start}{texts}"))?;
            }
        }
        Ok(())
    }

    fn list(&mut self, change: &ListChange) -> Result<(), Error> {
        let name = match change.section {
            "groups" | "tagOwners" | "postures" | "ipsets" => change.name.clone(),
            section if section == change.name => section.to_owned(),
            section => format!("{section} {}", change.name),
        };
        let kind = if change.section == "tagOwners" { "owners of " } else { "" };
        let place = place(change.before, change.after);
        let empty = if change.gained.len() + change.lost.len() == 0 { ", empty" } else { "" };
        let note = if change.reordered {
            ", in another order"
        } else if change.fate == Fate::Changed {
            ""
        } else {
            empty
        };
        self.signed(2, change.fate, format_args!("{kind}{}{place}{note}", cut(&harmless(&name), WIDTH / 2)))?;
        self.came_and_went("", &change.gained, &change.lost)
    }

    fn rule(&mut self, change: &RuleChange) -> Result<(), Error> {
        let RuleChange { fate, before, after, sources_gained, sources_lost, fields, .. } = change;
        let Some(rule) = after.as_ref().or(before.as_ref()) else { return Ok(()) };
        let position = |rule: &Option<RuleRef>| rule.as_ref().map(|rule| rule.position);
        let place = place(position(before), position(after));
        self.signed(2, *fate, format_args!("{}{place}", harmless(&rule.id)))?;
        let summary = if *fate == Fate::Changed { before.as_ref().unwrap_or(rule) } else { rule };
        self.output.styled(FAINT, format_args!("      {}", cut(&harmless(&summary.summary), WIDTH - 6)))?;
        self.came_and_went("sources", sources_gained, sources_lost)?;
        fields.iter().try_for_each(|field| self.came_and_went(&field.name, &field.gained, &field.lost))
    }

    fn value(&mut self, change: &ValueChange) -> Result<(), Error> {
        let ValueChange { path, before, after } = change;
        let fate = match (before, after) {
            (None, _) => Fate::Added,
            (_, None) => Fate::Removed,
            _ => Fate::Changed,
        };
        let position = |side: &Option<(Position, String)>| side.as_ref().map(|(position, _)| *position);
        let place = place(position(before), position(after));
        self.signed(2, fate, format_args!("{}{place}", cut(&harmless(path), WIDTH / 2)))?;
        let text = |side: &Option<(Position, String)>| -> Vec<String> {
            side.iter().map(|(_, text)| text.clone()).collect()
        };
        self.came_and_went("", &text(after), &text(before))
    }

    fn directive(&mut self, change: &DirectiveChange) -> Result<(), Error> {
        let place = place(None, Some(change.position));
        self.signed(2, Fate::Changed, format_args!("{}{place}", cut(&harmless(&change.on), WIDTH / 2)))?;
        let text = |text: &String| -> Vec<String> {
            Some(text.clone()).into_iter().filter(|text| !text.is_empty()).collect()
        };
        self.came_and_went("", &text(&change.after), &text(&change.before))
    }

    fn devices(&mut self, devices: &DeviceAccess) -> Result<(), Error> {
        let DeviceAccess { changes, affected, complete } = devices;
        self.section("Packets between devices", changes, |report, change| {
            let fate = if change.gained { Fate::Added } else { Fate::Removed };
            let from = listed(&change.from, 4);
            report.signed(2, fate, format_args!("{from}"))?;
            let ports = listed(&change.ports, WIDTH / 2);
            let to = listed(&change.to, 12 + ports.chars().count());
            Ok(report.output.line(format_args!("      to {to}: {ports}"))?)
        })?;
        if !complete {
            let devices = count(*affected, "device");
            let what = format_args!("{devices} told something else; too many pairs to tell them all");
            self.output.line("")?;
            self.output.styled(FAINT, what)?;
        }
        Ok(())
    }

    fn access(&mut self, change: &AccessChange) -> Result<(), Error> {
        let fate = if change.gained { Fate::Added } else { Fate::Removed };
        let number = if change.who.len() > 2 { format!("{}: ", change.who.len()) } else { String::new() };
        let who: Vec<String> = change.who.iter().map(|who| named(who)).collect();
        self.signed(2, fate, format_args!("{number}{}", listed(&who, 4 + number.len())))?;
        let shown = || change.what.iter().take(MOST_REACHED);
        let most = shown().map(|reached| harmless(&reached.target).chars().count()).max().unwrap_or(0);
        let width = most.min(WIDTH / 2);
        for Reached { target, rule } in shown() {
            let rule = match rule {
                Some((id, position)) => format!("{}, line {}", cut(&harmless(id), 44), position.line),
                None => "the default".to_owned(),
            };
            let target = cut(&harmless(target), WIDTH - 12).into_owned();
            self.output.line(format_args!("      {target:<width$}  {PLACE}{rule}{PLACE:#}"))?;
        }
        self.more(6, change.what.len(), MOST_REACHED)
    }
}

fn named(who: &str) -> String {
    if who == "*" { "everybody (*)".to_owned() } else { who.to_owned() }
}

/// ` (line 4)`, ` (was line 4)`, ` (line 4, was 3)`
fn place(before: Option<Position>, after: Option<Position>) -> String {
    match (before.map(|at| at.line), after.map(|at| at.line)) {
        (Some(before), Some(after)) if before != after => format!(" (line {after}, was {before})"),
        (_, Some(after)) => format!(" (line {after})"),
        (Some(before), None) => format!(" (was line {before})"),
        (None, None) => String::new(),
    }
}

fn to_json(difference: &Difference) -> Value {
    let Difference { default, lists, rules, values, directives, access: changes, devices } = difference;
    let line = |position: Option<Position>| position.map(|position| position.line);
    let rule_ref = |rule: &Option<RuleRef>| {
        rule.as_ref()
            .map(|rule| json!({ "id": rule.id, "line": rule.position.line, "summary": rule.summary }))
    };
    let side = |side: &Option<(Position, String)>| {
        side.as_ref().map(|(position, value)| json!({ "line": position.line, "value": value }))
    };
    let list = |change: &ListChange| {
        json!({
            "section": change.section, "name": change.name, "change": word(change.fate),
            "line_before": line(change.before), "line_after": line(change.after),
            "gained": change.gained, "lost": change.lost, "reordered": change.reordered,
        })
    };
    let rule = |change: &RuleChange| {
        let fields = change.fields.iter();
        let fields =
            fields.map(|field| json!({ "name": field.name, "gained": field.gained, "lost": field.lost }));
        json!({
            "section": change.section.name(), "change": word(change.fate),
            "before": rule_ref(&change.before), "after": rule_ref(&change.after),
            "sources_gained": change.sources_gained, "sources_lost": change.sources_lost,
            "fields": fields.collect::<Vec<_>>(),
        })
    };
    let value = |change: &ValueChange| json!({ "path": change.path, "before": side(&change.before), "after": side(&change.after) });
    let directive = |change: &DirectiveChange| {
        json!({
            "on": change.on, "line": change.position.line, "before": change.before, "after": change.after,
        })
    };
    let reached = |reached: &Reached| {
        let (id, position) = reached.rule.clone().unzip();
        json!({ "target": reached.target, "rule": id, "line": line(position) })
    };
    let access = |change: &AccessChange| {
        json!({
            "change": if change.gained { "gained" } else { "lost" },
            "who": change.who,
            "what": change.what.iter().map(reached).collect::<Vec<_>>(),
        })
    };
    let device = |change: &DeviceChange| {
        json!({
            "change": if change.gained { "gained" } else { "lost" },
            "from": change.from, "to": change.to, "ports": change.ports,
        })
    };
    json!({
        "same_meaning": difference.means_the_same(),
        "default": default.map(|default| match default {
            DefaultChange::AllowsEverything => "allows everything",
            DefaultChange::AllowsRules => "allows what rules allow",
        }),
        "lists": lists.iter().map(list).collect::<Vec<_>>(),
        "rules": rules.iter().map(rule).collect::<Vec<_>>(),
        "values": values.iter().map(value).collect::<Vec<_>>(),
        "directives": directives.iter().map(directive).collect::<Vec<_>>(),
        "devices": devices.as_ref().map(|devices| json!({
            "complete": devices.complete,
            "affected": devices.affected,
            "changes": devices.changes.iter().map(device).collect::<Vec<_>>(),
        })),
        "access": changes.iter().map(access).collect::<Vec<_>>(),
    })
}

const fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Added => "added",
        Fate::Removed => "removed",
        Fate::Changed => "changed",
    }
}
