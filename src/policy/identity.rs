//! Which rules are one resource, and what they are called.

use super::baton::hex;
use super::canonical;
use super::fields::Fields;
use super::finding::Findings;
use super::rule::Rule;
use super::section::Section;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// What an id names. All of `rules` have one native id: they are one resource.
#[derive(Clone)]
pub(super) enum RuleMatch<'p, 'd> {
    /// No rule of the section.
    Unknown,
    /// The native id of a rule.
    Native(Vec<&'p Rule<'d>>),
    /// The Go connector's id, and it means this one resource.
    Baton(Vec<&'p Rule<'d>>),
    /// The Go connector's id, and it means several resources: their native ids.
    Ambiguous(Vec<String>),
}

/// A well-formed pin: `[a-z0-9][a-z0-9._-]{0,63}`, and nothing that looks like a hash.
pub(super) fn is_pin(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let looks_hashed = matches!(text.len(), 32 | 64)
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    text.len() <= 64
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'))
        && !looks_hashed
}

/// The native id of a rule without a pin: prefix and the first 16 bytes of the SHA-256 of its form.
pub(super) fn form_id(section: Section, fields: &Fields<'_>) -> String {
    let hash = Sha256::digest(canonical::form(section, fields));
    let (head, _) = hash.split_at(16);
    format!("{}{}", section.id_prefix(), hex(head))
}

/// Decides the final ids of one section's rules: pins where they are unique, and where the Go connector's
/// ids are.
pub(super) fn assign(rules: &mut [Rule<'_>], findings: &mut Findings<'_>) {
    let mut pins: HashMap<&str, &str> = HashMap::new();
    let mut contested: HashSet<String> = HashSet::new();
    for rule in &*rules {
        let Some(pin) = &rule.directives.id else { continue };
        if *pins.entry(pin).or_insert(&rule.form_id) != rule.form_id {
            contested.insert(pin.clone());
            findings.report(
                rule.value,
                format!("id {pin:?} is on rules that differ: it does not count on any of them"),
            );
        }
    }
    for rule in &mut *rules {
        rule.id = match &rule.directives.id {
            Some(pin) if !contested.contains(pin) => format!("{}{pin}", rule.section.id_prefix()),
            _ => rule.form_id.clone(),
        };
    }

    let mut owners: HashMap<&str, &str> = HashMap::new();
    let mut shared: HashSet<String> = HashSet::new();
    for rule in &*rules {
        let Some(baton_id) = &rule.baton_id else { continue };
        if *owners.entry(baton_id).or_insert(&rule.id) != rule.id {
            shared.insert(baton_id.clone());
        }
    }
    for rule in rules {
        rule.baton_id_unique = rule.baton_id.as_ref().is_some_and(|id| !shared.contains(id));
    }
}

/// Finds the rules that an id of either scheme names.
pub(super) fn resolve<'p, 'd>(rules: &'p [Rule<'d>], section: Section, id: &str) -> RuleMatch<'p, 'd> {
    let in_section = || rules.iter().filter(move |rule| rule.section == section);
    let native: Vec<_> = in_section().filter(|rule| rule.id == id).collect();
    if !native.is_empty() {
        return RuleMatch::Native(native);
    }
    let baton: Vec<_> = in_section().filter(|rule| rule.baton_id.as_deref() == Some(id)).collect();
    match baton.first() {
        None => RuleMatch::Unknown,
        Some(first) if first.baton_id_unique => RuleMatch::Baton(baton),
        Some(_) => {
            let mut ids: Vec<String> = Vec::new();
            for rule in baton {
                if !ids.contains(&rule.id) {
                    ids.push(rule.id.clone());
                }
            }
            RuleMatch::Ambiguous(ids)
        }
    }
}

#[cfg(test)]
mod tests;
