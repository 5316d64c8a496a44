//! What a rule is to be called: its own words, such as `eng-to-db-5432`.

use crate::policy::identity::is_pin;
use crate::policy::rule::{Capability, Rule};
use crate::policy::section::Section;
use crate::policy::selector::Selector;
use std::collections::{HashMap, HashSet};

/// The longest pin.
const LONGEST: usize = 64;

/// How many sources, or destinations, are named; more of them are counted.
const NAMED: usize = 2;

/// Names that are taken in a section, and the next one for each word that was asked for before.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// How often each name was wanted, so that many rules of one name cost no search.
    wanted: HashMap<String, usize>,
}

impl Names {
    /// Nobody else is to get this name.
    pub(super) fn take(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    /// A name for a rule that no other rule has: its words, with a number if need be.
    pub(super) fn invent(&mut self, rule: &Rule<'_>) -> String {
        let words = words(rule);
        let wanted = self.wanted.entry(words.clone()).or_default();
        loop {
            *wanted += 1;
            let name = match *wanted {
                1 => words.clone(),
                number => {
                    let end = format!("-{number}");
                    format!("{}{end}", cut(&words, LONGEST - end.len()))
                }
            };
            if is_pin(&name) && self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// Sources, destinations, and what is allowed there. People are not named: sources come and go while a pin
/// stays.
fn words(rule: &Rule<'_>) -> String {
    let sources = listed(rule.source_items().map(|item| source(&item.text)));
    let targets = listed(rule.destinations.iter().map(|text| destination(rule.section, text)));
    let mut words = match (sources, targets) {
        (None, None) => "rule".to_owned(),
        (sources, targets) => {
            let or_nobody = |words: Option<String>, none: &str| words.unwrap_or_else(|| none.to_owned());
            format!("{}-to-{}", or_nobody(sources, "nobody"), or_nobody(targets, "nothing"))
        }
    };
    let allowed = match rule.section {
        Section::Acls => Some(rule.proto.clone()).filter(|proto| !proto.is_empty()),
        Section::Ssh => listed(rule.ssh_users.iter().map(|account| account_word(account)))
            .map(|accounts| format!("as-{accounts}")),
        Section::Grants => listed(rule.ip.iter().map(|ports| ports_word(ports))).or_else(|| {
            let last = |app: &Capability<'_>| app.name.rsplit('/').next().unwrap_or_default().to_owned();
            listed(rule.app.iter().map(last))
        }),
    };
    for more in allowed.iter().map(|text| slug(text)).filter(|text| !text.is_empty()) {
        words = format!("{words}-{more}");
    }
    cut(&slug(&words), LONGEST).to_owned()
}

/// `eng`, `eng-and-ops`, `eng-and-2-more`; what has no word is left out, doubles too.
fn listed(items: impl Iterator<Item = String>) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for word in items.map(|item| slug(&item)).filter(|word| !word.is_empty()) {
        if seen.insert(word.clone()) {
            words.push(word);
        }
    }
    match words.as_slice() {
        [] => None,
        some if some.len() <= NAMED => Some(some.join("-and-")),
        [first, more @ ..] => Some(format!("{first}-and-{}-more", more.len())),
    }
}

fn source(text: &str) -> String {
    match Selector::parse(text) {
        Selector::Login(_) => "people".to_owned(),
        Selector::Everybody => "everybody".to_owned(),
        other => selector_word(&other),
    }
}

fn destination(section: Section, text: &str) -> String {
    let (target, ports) = match (section, text.rsplit_once(':')) {
        (Section::Acls, Some((target, ports))) => (target, ports),
        _ => (text, ""),
    };
    let target = target.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(target);
    let word = match Selector::parse(target) {
        Selector::Everybody => "everything".to_owned(),
        Selector::Login(_) => "people".to_owned(),
        other => selector_word(&other),
    };
    match ports_word(ports) {
        ports if ports.is_empty() => word,
        ports => format!("{word}-{ports}"),
    }
}

/// A selector's name, without what kind of name it is.
fn selector_word(selector: &Selector) -> String {
    let text = selector.text();
    match selector {
        Selector::SyncedGroup(_) => {
            let name = text.split_once(':').map_or(text, |(_, name)| name);
            name.split('@').next().unwrap_or(name).to_owned()
        }
        Selector::Domain(_) => text.rsplit('@').next().unwrap_or(text).to_owned(),
        Selector::Network(_) => text.to_owned(),
        _ => text.split_once(':').map_or(text, |(_, name)| name).to_owned(),
    }
}

/// `*` says nothing.
fn ports_word(ports: &str) -> String {
    if ports == "*" { String::new() } else { ports.trim_end_matches(":*").to_owned() }
}

fn account_word(account: &str) -> String {
    let account = account.strip_prefix("autogroup:").unwrap_or(account);
    account.split(':').next().unwrap_or(account).to_owned()
}

/// What of a text may stand in a pin; what lies between becomes one hyphen.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().map(|character| character.to_ascii_lowercase()) {
        match character {
            'a'..='z' | '0'..='9' | '_' => slug.push(character),
            '.' if !slug.is_empty() && !slug.ends_with(['-', '.']) => slug.push('.'),
            _ if !slug.is_empty() && !slug.ends_with(['-', '.']) => slug.push('-'),
            _ => {}
        }
        if slug.len() > 2 * LONGEST {
            break;
        }
    }
    let start = slug.trim_start_matches(['_', '-', '.']);
    start.trim_end_matches(['_', '-', '.']).to_owned()
}

/// The start of a slug, without a separator at its end.
fn cut(slug: &str, most: usize) -> &str {
    slug.get(..most).unwrap_or(slug).trim_end_matches(['_', '-', '.'])
}
