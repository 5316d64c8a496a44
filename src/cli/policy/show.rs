//! `tailgrant policy show`: what a policy says, at a glance.

use std::borrow::Cow;

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::input::Source;
use super::lines::{count, cut, line, listed};
use super::subject::{self, Subject};
use super::{Answer, Error, Output, file_argument, json_argument};
use crate::cli::excerpt::harmless;
use crate::cli::output::{BAD, FAINT, HEADING, WIDTH};
use crate::config::Environment;
use crate::policy::{Behind, ElementDirectives, Item, Lease, Named, People, Policy, Rule, Section};

/// Most groups, tags, rules of a section and findings that are shown to people.
const MOST: usize = 200;
/// Where the lists of a rule begin.
const LISTS: usize = 14;

pub(super) fn command() -> Command {
    Command::new("show")
        .about("Show groups, tags and rules, with the people behind each rule")
        .long_about(
            "Shows groups with their members, tags with their owners, and rules with their ids, sources, destinations \
             and the people behind the sources. With a topology, or a tailnet to read, autogroups and domains are \
             followed to their people, too. Without FILE the tailnet's own policy is shown.",
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
    let document = source.parse()?;
    let policy = source.policy(&document)?;
    let people = People::new(&policy, topology.as_ref());
    if flags.get_flag("json") {
        output.json(&to_json(&policy, &people))?;
    } else {
        show(&source, &policy, &people, output)?;
    }
    Ok(Answer::Yes)
}

/// The people behind a rule's sources, and whether there may be more than are known.
struct Reached {
    people: Vec<String>,
    complete: bool,
}

impl Reached {
    fn by(rule: &Rule<'_>, people: &People<'_>) -> Self {
        let (mut reached, mut complete) = (Vec::new(), true);
        for item in rule.source_items() {
            match people.behind(&item.text) {
                Behind::People(mut logins) => reached.append(&mut logins),
                Behind::NotKnown => complete = false,
                Behind::NoPeople => {}
            }
        }
        let mut seen = std::collections::HashSet::new();
        reached.retain(|login| seen.insert(login.to_ascii_lowercase()));
        Self { people: reached, complete }
    }
}

fn show(source: &Source, policy: &Policy<'_>, people: &People<'_>, output: &mut Output) -> Result<(), Error> {
    let rules = |section| policy.rules.iter().filter(move |rule| rule.section == section);
    let counts: Vec<String> = [
        count(policy.groups.len(), "group"),
        count(policy.tags.len(), "tag"),
        count(policy.hosts.len(), "host"),
        count(policy.ipsets.len(), "address set"),
        count(rules(Section::Acls).count(), "ACL rule"),
        count(rules(Section::Ssh).count(), "SSH rule"),
        count(rules(Section::Grants).count(), "grant rule"),
        count(policy.tests.len() + policy.ssh_tests.len(), "test"),
        count(policy.findings.len(), "finding"),
    ]
    .into_iter()
    .filter(|count| !count.starts_with("0 "))
    .collect();
    let counts = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    output.line(format_args!("{}: {counts}", harmless(&source.name)))?;
    if policy.allows_everything {
        let why = "neither acls nor grants is there: everybody may reach everything";
        output.styled(BAD, why)?;
    }
    named("Groups", &policy.groups, output)?;
    named("Tags and their owners", &policy.tags, output)?;
    for section in Section::ALL {
        let rules: Vec<&Rule<'_>> = rules(section).collect();
        if rules.is_empty() {
            continue;
        }
        heading(&format!("Rules of {section}"), output)?;
        for rule in rules.iter().take(MOST) {
            show_rule(rule, people, output)?;
        }
        more(rules.len(), output)?;
    }
    if !policy.findings.is_empty() {
        heading("Findings", output)?;
        for finding in policy.findings.iter().take(MOST) {
            let position = finding.position;
            let message = harmless(&finding.message);
            output.line(format_args!("  line {}, column {}: {message}", position.line, position.column))?;
        }
        more(policy.findings.len(), output)?;
    }
    Ok(())
}

fn heading(text: &str, output: &mut Output) -> Result<(), Error> {
    output.line("")?;
    Ok(output.styled(HEADING, text)?)
}

fn more(all: usize, output: &mut Output) -> Result<(), Error> {
    match all.checked_sub(MOST).filter(|more| *more > 0) {
        Some(more) => Ok(output.styled(FAINT, format_args!("  … and {more} more; --json lists them all"))?),
        None => Ok(()),
    }
}

fn named(title: &str, lists: &[Named<'_>], output: &mut Output) -> Result<(), Error> {
    if lists.is_empty() {
        return Ok(());
    }
    heading(title, output)?;
    let shown = lists.iter().take(MOST);
    let names: Vec<String> = shown.map(|list| cut(&harmless(&list.name), WIDTH / 3).into_owned()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (list, name) in lists.iter().zip(&names) {
        let texts: Vec<Cow<'_, str>> = list.items().map(with_end).collect();
        let start = format!("  {name:<width$}  {:<10} {:>5}  ", line(list.position), texts.len());
        let items = listed(&texts, start.chars().count());
        output.line(format_args!("{}", [start, items].concat().trim_end()))?;
    }
    more(lists.len(), output)
}

/// A selector, with its end if it has one.
fn with_end<'l>(item: &'l Item<'_>) -> Cow<'l, str> {
    match Lease::of(&item.directives()) {
        Some(lease) => format!("{} (until {})", item.text, lease.until).into(),
        None => Cow::Borrowed(&item.text),
    }
}

fn show_rule(rule: &Rule<'_>, people: &People<'_>, output: &mut Output) -> Result<(), Error> {
    let style = HEADING;
    output.line(format_args!("  {style}{}{style:#}  {}", harmless(&rule.id), line(rule.position)))?;
    let mut row = |name: &str, text: &str| -> Result<(), Error> {
        if !text.is_empty() {
            output.line(format_args!("    {name:<9} {text}"))?;
        }
        Ok(())
    };
    if let Some(words) = rule.directives.name.as_deref().or(rule.description.lines().next()) {
        row("about", &cut(&harmless(words), WIDTH - LISTS))?;
    }
    let sources: Vec<Cow<'_, str>> = rule.source_items().map(with_end).collect();
    row("from", if sources.is_empty() { "nobody" } else { "" })?;
    row("from", &listed(&sources, LISTS))?;
    row("to", &listed(&rule.destinations, LISTS))?;
    match rule.section {
        Section::Acls => row("protocol", &harmless(&rule.proto))?,
        Section::Ssh => {
            row("accounts", &listed(&rule.ssh_users, LISTS))?;
            row("action", harmless(&[&*rule.action, &*rule.check_period].join(" ")).trim())?;
        }
        Section::Grants => {
            row("ports", &listed(&rule.ip, LISTS))?;
            row("apps", &listed(&rule.app, LISTS))?;
            row("through", &listed(&rule.via, LISTS))?;
        }
    }
    row("posture", &listed(&rule.source_posture, LISTS))?;
    let Reached { people, complete } = Reached::by(rule, people);
    let others = if complete { "" } else { " and others" };
    match people.len() {
        0 if complete => Ok(()),
        0 => row("people", "not known without the tailnet"),
        number => {
            let count = format!("{number}{others}: ");
            row("people", &format!("{count}{}", listed(&people, LISTS + count.len())))
        }
    }
}

fn to_json(policy: &Policy<'_>, people: &People<'_>) -> Value {
    let rules: Vec<Value> = policy.rules.iter().map(|rule| rule_json(rule, people)).collect();
    let findings = policy.findings.iter().map(|finding| {
        json!({
            "line": finding.position.line,
            "column": finding.position.column,
            "message": finding.message,
        })
    });
    json!({
        "allows_everything": policy.allows_everything,
        "groups": policy.groups.iter().map(|group| named_json(group, "members")).collect::<Vec<_>>(),
        "tags": policy.tags.iter().map(|tag| named_json(tag, "owners")).collect::<Vec<_>>(),
        "rules": rules,
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn named_json(list: &Named<'_>, items: &str) -> Value {
    json!({
        "name": list.name,
        "line": list.position.line,
        "directives": list.directives.to_string(),
        "description": list.description,
        items: texts(list.items()),
        "noted": noted(list.items()),
    })
}

/// The selectors of a list.
fn texts<'l>(items: impl Iterator<Item = &'l Item<'l>>) -> Vec<String> {
    items.map(|item| item.text.to_string()).collect()
}

/// What the directives of elements say, where they say something.
fn noted<'l>(items: impl Iterator<Item = &'l Item<'l>>) -> Vec<Value> {
    let noted = items.map(|item| (item, item.directives())).filter(|(_, directives)| !directives.is_empty());
    let note = |(item, directives): (&Item<'_>, ElementDirectives)| json!({ "selector": item.text, "until": directives.until, "by": directives.by });
    noted.map(note).collect()
}

fn rule_json(rule: &Rule<'_>, people: &People<'_>) -> Value {
    let reached = Reached::by(rule, people);
    json!({
        "section": rule.section.name(),
        "id": rule.id,
        "pin": rule.directives.id,
        "form_id": rule.form_id,
        "line": rule.position.line,
        "column": rule.position.column,
        "action": rule.action,
        "sources": texts(rule.source_items()),
        "noted": noted(rule.source_items()),
        "people": reached.people,
        "people_complete": reached.complete,
        "destinations": rule.destinations,
        "proto": rule.proto,
        "ssh_users": rule.ssh_users,
        "ip": rule.ip,
        "app": rule.app.iter().map(|app| &app.name).collect::<Vec<_>>(),
        "via": rule.via,
        "posture": rule.source_posture,
        "directives": rule.directives.to_string(),
        "description": rule.description,
    })
}
