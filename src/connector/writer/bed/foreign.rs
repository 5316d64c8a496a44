//! Somebody else who edits the policy.

use super::checker::lists::{List, key, read};
use super::checker::tokens::{Kind, tokens};
use super::service::REFUSED;
use super::text::{LISTS, OTHERS, PEOPLE};

/// An edit of the text by somebody else; `earlier` are texts that it may take back.
pub(super) fn edit(text: &str, earlier: &[&str], chance: &mut fastrand::Rng) -> String {
    let lists = read(text).lists;
    let list = |chance: &mut fastrand::Rng| {
        let id = if chance.u8(..3) == 0 { OTHERS } else { LISTS[chance.usize(..LISTS.len())] };
        lists.iter().find(|list| list.id == id)
    };
    let edited = match chance.u8(..20) {
        0..5 => list(chance).map(|list| come_or_go(text, list, chance)),
        5..7 => Some(toggle(text, "\"hosts\": {", &format!("\"h{}\": \"100.64.0.9\",", chance.u8(1..4)))),
        7..10 => Some(comment(text, chance)),
        10..13 => Some(layout(text, chance)),
        13..16 => forget_end(text, chance),
        16..18 => earlier.get(chance.usize(..earlier.len().max(1))).map(|text| (*text).to_owned()),
        18 => lists.iter().find(|list| list.id == OTHERS).map(|list| spoil(text, list)),
        _ => list(chance).map(|list| comment_in(text, list, chance)),
    };
    edited.unwrap_or_else(|| comment(text, chance))
}

/// Somebody comes whom the service refuses in every text, or goes.
fn spoil(text: &str, list: &List) -> String {
    let repaired = repair(text);
    if repaired != text {
        return repaired;
    }
    splice(text, list.range.start + 1, list.range.start + 1, &format!("\"{}\",", spoiler()))
}

fn spoiler() -> String {
    format!("{REFUSED}x@example.com")
}

/// Takes away what makes the service refuse every text.
pub(super) fn repair(text: &str) -> String {
    let spoiler = Kind::Text(spoiler());
    match tokens(text).into_iter().find(|token| token.kind == spoiler) {
        Some(token) => splice(text, token.range.start, token.range.end + tail(text, token.range.end), ""),
        None => text.to_owned(),
    }
}

/// Somebody comes into a list, or whoever it is leaves it.
fn come_or_go(text: &str, list: &List, chance: &mut fastrand::Rng) -> String {
    let own = ["xan@example.com", "yul@example.com", "zoe@example.com"];
    let name = if chance.bool() { own[chance.usize(..3)] } else { PEOPLE[chance.usize(..PEOPLE.len())] };
    let is_it = |kind: &Kind| matches!(kind, Kind::Text(text) if key(text) == name);
    let mut inside = tokens(text).into_iter().filter(|token| list.range.contains(&token.range.start));
    match inside.find(|token| is_it(&token.kind)) {
        Some(token) => splice(text, token.range.start, token.range.end + tail(text, token.range.end), ""),
        None => splice(text, list.range.start + 1, list.range.start + 1, &format!("\n      \"{name}\",\n")),
    }
}

/// How much behind an element goes with it: comments on its line, and its comma.
fn tail(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or_default();
    let mut left = rest;
    let mut comma = false;
    loop {
        let next = left.trim_start_matches([' ', '\t']);
        if let Some(next) = next.strip_prefix(',').filter(|_| !std::mem::replace(&mut comma, true)) {
            left = next;
        } else if let Some((_, next)) = next.strip_prefix("/*").and_then(|next| next.split_once("*/")) {
            left = next;
        } else if next.starts_with("//") {
            return rest.len() - next.trim_start_matches(|letter| letter != '\n').len();
        } else {
            return rest.len() - left.len();
        }
    }
}

/// A comment line among the elements of a list comes.
fn comment_in(text: &str, list: &List, chance: &mut fastrand::Rng) -> String {
    let line = format!("\n\n      // Note {}.\n\n", chance.u8(..10));
    splice(text, list.range.start + 1, list.range.start + 1, &line)
}

/// A remark comes or goes.
pub(super) fn comment(text: &str, chance: &mut fastrand::Rng) -> String {
    toggle(text, "mind the comments.", &format!(" Remark {}.", chance.u8(..5)))
}

/// `what` comes behind `anchor`, or goes if it is there.
fn toggle(text: &str, anchor: &str, what: &str) -> String {
    if text.contains(what) {
        return text.replacen(what, "", 1);
    }
    match text.find(anchor) {
        Some(at) => splice(text, at + anchor.len(), at + anchor.len(), what),
        None => text.replacen(anchor, &format!("{anchor}{what}"), 1),
    }
}

/// Only the layout changes.
fn layout(text: &str, chance: &mut fastrand::Rng) -> String {
    let from = ["\n  \"acls\"", "\n    \"group:g1\"", "\n  \"tagOwners\"", "\n    \"group:g3\""];
    let from = from[chance.usize(..from.len())];
    let (line, name) = from.split_at(1);
    let to = format!("{line}{}{name}", " ".repeat(chance.usize(1..4)));
    text.replacen(from, &to, 1)
}

/// The words about an end vanish, and the member stays.
fn forget_end(text: &str, chance: &mut fastrand::Rng) -> Option<String> {
    let ends: Vec<usize> = text.match_indices("tailgrant: until=").map(|(at, _)| at).collect();
    let at = *ends.get(chance.usize(..ends.len().max(1)))?;
    let start = text.get(..at)?.rfind(['/', '*'])?.checked_sub(1)?;
    let rest = text.get(start..)?;
    let end = if rest.starts_with("/*") { rest.find("*/")? + 2 } else { rest.find(['\r', '\n'])? };
    Some(splice(text, start, start + end, ""))
}

fn splice(text: &str, from: usize, to: usize, new: &str) -> String {
    [text.get(..from), Some(new), text.get(to..)].into_iter().flatten().collect()
}
