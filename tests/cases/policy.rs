//! The policy layer on policies of the live service and on ones written by hand: reading them never
//! fails, and an edit changes one array, by one member, and can be taken back to the byte.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails says where"
)]

use std::ops::Range;
use std::path::Path;

use serde_json::Value;
use tailgrant::policy::{Holder, Intent, List, ListId, Outcome, Policy, Wish, parse, plan};

use crate::{cases, records, report};

const NEWCOMER: &str = "Newcomer@example.com";

/// HuJSON for judging what the crate writes, without asking the crate: blanks comments and trailing
/// commas, and lets another parser decode the rest.
fn decode(text: &[u8]) -> Value {
    let mut plain = text.to_vec();
    let (mut at, mut comma) = (0, None);
    while at < text.len() {
        let length = match &text[at..] {
            [b'"', rest @ ..] => string_length(rest) + 1,
            [b'/', b'/', rest @ ..] => rest.iter().position(|byte| *byte == b'\n').unwrap() + 2,
            [b'/', b'*', rest @ ..] => rest.windows(2).position(|pair| pair == b"*/").unwrap() + 4,
            _ => 1,
        };
        match text[at] {
            b'/' => plain[at..at + length].fill(b' '),
            b',' => comma = Some(at),
            b']' | b'}' => {
                if let Some(comma) = comma.take() {
                    plain[comma] = b' ';
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at += length;
    }
    serde_json::from_slice(&plain).unwrap()
}

/// Up to and with the closing quote.
fn string_length(text: &[u8]) -> usize {
    let mut at = 0;
    while text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The lists that admit a user, with the bytes of their arrays.
fn open_lists(text: &[u8]) -> Result<Vec<(ListId, Range<usize>)>, String> {
    let document = parse(text).map_err(|error| error.to_string())?;
    let policy = Policy::read(&document).map_err(|error| error.to_string())?;
    let mut lists = Vec::new();
    let mut open = |id: ListId, holder: Holder<'_>, list: &Option<List<'_>>| {
        if let Some(list) = list
            && holder.admits().users
            && lists.iter().all(|(known, _)| *known != id)
        {
            lists.push((id, list.value.span()));
        }
    };
    for group in policy.groups.iter().filter(|group| !group.name.contains('@')) {
        open(ListId::Group(group.name.to_string()), Holder::Group, &group.list);
    }
    for tag in &policy.tags {
        open(ListId::TagOwners(tag.name.to_string()), Holder::TagOwners, &tag.list);
    }
    for rule in &policy.rules {
        open(ListId::Rule(rule.section, rule.id.clone()), Holder::Rule(rule), &rule.sources);
    }
    Ok(lists)
}

/// Carries out one intent that must be an edit.
fn carry_out(text: &[u8], intent: Intent) -> Result<Vec<u8>, String> {
    let plan = plan(text, &[intent]).map_err(|error| error.to_string())?;
    if plan.outcomes != [Outcome::Edited] {
        return Err(format!("{:?}", plan.outcomes));
    }
    plan.prove().map_err(|error| error.to_string())?.ok_or_else(|| "nothing to write".to_owned())
}

/// Adds the newcomer to a list and takes them out again.
fn add_and_remove(text: &[u8], meaning: &Value, list: &ListId, array: &Range<usize>) -> Result<(), String> {
    let added = carry_out(text, Intent::new(list.clone(), Wish::Add { text: NEWCOMER.to_owned() }))?;
    if !added.starts_with(&text[..=array.start]) || !added.ends_with(&text[array.end - 1..]) {
        return Err("bytes outside the array differ".to_owned());
    }
    let (gone, come) = changed_lines(text, &added);
    if gone > 1 || come > 2 {
        return Err(format!("{gone} lines became {come}"));
    }
    let mut newcomers = 0;
    if without_newcomer(decode(&added), &mut newcomers) != *meaning || newcomers != 1 {
        return Err(format!("the meaning differs by more than one newcomer ({newcomers})"));
    }
    let texts = vec![NEWCOMER.to_ascii_uppercase()];
    let removed = carry_out(&added, Intent::new(list.clone(), Wish::Remove { texts, person: None }))?;
    if removed == text { Ok(()) } else { Err("the original bytes do not come back".to_owned()) }
}

/// How many lines of the old text became how many lines of the new one.
fn changed_lines(old: &[u8], new: &[u8]) -> (usize, usize) {
    let lines = |text| <[u8]>::split(text, |byte| *byte == b'\n');
    let (old_count, new_count) = (lines(old).count(), lines(new).count());
    let head = lines(old).zip(lines(new)).take_while(|(old, new)| old == new).count();
    let tail = lines(old).rev().zip(lines(new).rev()).take_while(|(old, new)| old == new).count();
    let tail = tail.min(old_count.min(new_count) - head);
    (old_count - head - tail, new_count - head - tail)
}

/// A value without the strings that name the newcomer, counting them.
fn without_newcomer(value: Value, count: &mut usize) -> Value {
    match value {
        Value::Array(mut elements) => {
            let before = elements.len();
            elements.retain(|element| *element != NEWCOMER);
            *count += before - elements.len();
            elements.into_iter().map(|element| without_newcomer(element, count)).collect()
        }
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, without_newcomer(value, count))).collect()
        }
        other => other,
    }
}

/// What goes wrong with a policy, one line for each list.
fn differences(name: &str, text: &[u8]) -> Vec<String> {
    let lists = match open_lists(text) {
        Ok(lists) => lists,
        Err(error) => return vec![format!("{name}: {error}")],
    };
    let meaning = decode(text);
    let wrong = |(list, array): &(ListId, Range<usize>)| {
        add_and_remove(text, &meaning, list, array).err().map(|error| format!("{name}, {list}: {error}"))
    };
    lists.iter().filter_map(wrong).collect()
}

#[test]
fn policies_written_by_hand() {
    let Some(directory) = cases() else { return };
    for directory in [directory.join("policies"), directory.join("policies/formatted")] {
        let mut files: Vec<_> =
            std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "hujson"));
        files.sort();
        assert!(!files.is_empty(), "{}", directory.display());
        for file in &files {
            let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            report(&name, 1, &differences(&name, &read(file)));
        }
    }
}

#[test]
fn policies_of_the_live_service() {
    let Some(records) = records("policy-accept.jsonl") else { return };
    let mut wrong = Vec::new();
    for record in &records {
        let text = match record["policy_hujson"].as_str() {
            Some(text) => text.to_owned(),
            None => serde_json::to_string_pretty(&record["policy"]).unwrap(),
        };
        let differences = differences(record["id"].as_str().unwrap(), text.as_bytes());
        wrong.extend((!differences.is_empty()).then(|| differences.join("\n")));
    }
    report("policy-accept.jsonl", records.len(), &wrong);
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
