//! What the service says of a policy that somebody wants to store, as far as it is simulated: text that
//! is no HuJSON, a policy that is no object, the mistakes that are cheap to find and whose messages are
//! known word for word, and what a test declared to be refused.

use std::collections::HashSet;

use serde::Serialize;

use super::world::{User, World};
use crate::hujson::{self, Kind, SyntaxError};
use crate::policy::{Policy, login_key};

/// What becomes of a policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Cannot be read at all: 400 everywhere.
    Unreadable(String),
    /// Can be read and is wrong: 400 on set, 200 with the message on validate.
    Refused(String),
    /// Can be stored.
    Passed {
        /// What validate says nevertheless.
        warnings: Vec<Warnings>,
    },
}

/// Warnings about one group, as the service shapes them.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Warnings {
    user: String,
    warnings: [&'static str; 1],
}

/// Judges a text that is to be stored.
pub(super) fn judge(world: &World, text: &[u8]) -> Verdict {
    let document = match hujson::parse(text) {
        Ok(document) => document,
        Err(error) => return Verdict::Unreadable(syntax(&error)),
    };
    if document.root().kind() != Kind::Object {
        return Verdict::Unreadable("the policy file is not an object".to_owned());
    }
    let lossy = String::from_utf8_lossy(text);
    if let Some((_, message)) = world.refused.iter().find(|(needle, _)| lossy.contains(needle.as_str())) {
        return Verdict::Refused(message.clone());
    }
    let Ok(policy) = Policy::read(&document) else { return Verdict::Passed { warnings: Vec::new() } };
    match mistake(&policy) {
        Some(message) => Verdict::Refused(message),
        None => Verdict::Passed { warnings: unsynced_groups(&policy, &world.synced_groups) },
    }
}

/// The service's words for a syntax error.
pub(super) fn syntax(error: &SyntaxError) -> String {
    format!("hujson: {error}")
}

/// The first mistake with a known message.
fn mistake(policy: &Policy<'_>) -> Option<String> {
    for group in &policy.groups {
        for member in group.list.iter().flat_map(|list| &list.items) {
            if member.text.starts_with("group:") {
                return Some(format!(
                    "groups[{:?}]: {:?}: group members cannot be recursive",
                    group.name, member.text
                ));
            }
        }
    }
    let tags: HashSet<&str> = policy.tags.iter().map(|tag| tag.name.as_ref()).collect();
    policy.rules.iter().find_map(|rule| rules::mistake(rule, &tags))
}

mod rules {
    use std::collections::HashSet;

    use crate::policy::{Rule, Section};

    /// What is wrong with one rule.
    pub(super) fn mistake(rule: &Rule<'_>, tags: &HashSet<&str>) -> Option<String> {
        let sources = || rule.sources.iter().flat_map(|list| &list.items);
        match rule.section {
            Section::Acls if rule.action != "accept" => {
                Some(format!("action={:?} is not supported", rule.action))
            }
            Section::Grants if rule.ip.is_empty() && rule.app.is_empty() => {
                Some("ip and app can not both be empty".to_owned())
            }
            Section::Ssh if rule.action.is_empty() => Some("action must be specified".to_owned()),
            Section::Ssh if rule.action != "accept" && rule.action != "check" => {
                Some(format!("{:?} is not a valid action", rule.action))
            }
            Section::Ssh if rule.ssh_users.is_empty() => Some("users must be specified".to_owned()),
            Section::Ssh => None,
            Section::Acls | Section::Grants => sources().find_map(|source| match source.text.as_ref() {
                "autogroup:self" => Some("\"autogroup:self\" not valid on the src side of a rule".to_owned()),
                tag if tag.starts_with("tag:") && !tags.contains(tag) => {
                    Some(format!("src=tag not found: {tag:?}"))
                }
                _ => None,
            }),
        }
    }
}

/// Synced groups that rules name and no directory pushes.
fn unsynced_groups(policy: &Policy<'_>, synced: &[String]) -> Vec<Warnings> {
    let mut seen = HashSet::new();
    let sources = policy.rules.iter().filter_map(|rule| rule.sources.as_ref()).flat_map(|list| &list.items);
    sources
        .map(|item| item.text.as_ref())
        .filter(|name| name.strip_prefix("group:").is_some_and(|name| name.contains('@')))
        .filter(|name| !synced.iter().any(|synced| synced == name) && seen.insert(name.to_owned()))
        .map(|name| Warnings {
            user: name.to_owned(),
            warnings: ["group is not syncing from SCIM and will be ignored by rules in the policy file"],
        })
        .collect()
}

/// Group members who are no users of the tailnet, in the service's words.
pub(super) fn unknown_members(text: &[u8], users: &[User]) -> Vec<String> {
    let Ok(document) = hujson::parse(text) else { return Vec::new() };
    let Ok(policy) = Policy::read(&document) else { return Vec::new() };
    let known: HashSet<String> = users.iter().map(|user| login_key(&user.login_name)).collect();
    let mut warnings = Vec::new();
    for group in &policy.groups {
        for member in group.list.iter().flat_map(|list| &list.items) {
            if !known.contains(&login_key(&member.text)) {
                warnings.push(format!("{:?}: user not found: {:?}", group.name, member.text));
            }
        }
    }
    warnings
}
