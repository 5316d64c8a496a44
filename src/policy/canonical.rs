//! The canonical form of a rule: what its native id is the hash of.
//!
//! Two rules have one form when they differ in nothing but their sources, comments, layout, the case of
//! names, old names, and the order and repetition of strings in lists where neither means anything.

use super::fields::{Field, Fields, trimmed};
use super::section::Section;
use crate::hujson::{Elements, Kind, Members, Value};
use std::borrow::Cow;

/// Compact JSON. `fields` are those of the rule.
pub(super) fn form(section: Section, fields: &Fields<'_>) -> Vec<u8> {
    let is_set = |name: &str| {
        matches!(name, "dst" | "ip" | "via" | "srcposture" | "acceptenv")
            || (section == Section::Ssh && name == "users")
    };
    let is_word = |name: &str| matches!(name, "action" | "proto" | "checkperiod");
    object(fields.iter().filter(|field| field.name != "src"), is_set, is_word)
}

/// Compact JSON of an item that is no rule, such as a test: all its arrays are sets.
pub(super) fn item(fields: &Fields<'_>) -> Vec<u8> {
    object(fields.iter(), |_| true, |_| true)
}

/// A value as compact JSON.
pub(super) fn compact(value: Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    verbatim(value, &mut out);
    out
}

/// Members by name; which of them are sets, and which are words with space around that means nothing.
fn object<'f, 'd: 'f>(
    fields: impl Iterator<Item = &'f Field<'d>>,
    is_set: impl Fn(&str) -> bool,
    is_word: impl Fn(&str) -> bool,
) -> Vec<u8> {
    let mut members: Vec<&Field<'_>> = fields.collect();
    members.sort_by(|one, other| one.name.cmp(&other.name));
    let mut out = Vec::with_capacity(128);
    out.push(b'{');
    for (index, field) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        string(&field.name, &mut out);
        out.push(b':');
        match field.value.kind() {
            Kind::Array if is_set(&field.name) => set(field.value, &mut out),
            Kind::String if is_word(&field.name) => string(&trimmed(decoded(field.value)), &mut out),
            _ => verbatim(field.value, &mut out),
        }
    }
    out.push(b'}');
    out
}

fn decoded(value: Value<'_>) -> Cow<'_, str> {
    value.as_str().unwrap_or_default()
}

/// An array in which neither order nor repetition of strings means anything.
fn set(array: Value<'_>, out: &mut Vec<u8>) {
    let (strings, others): (Vec<_>, Vec<_>) =
        array.elements().partition(|element| element.kind() == Kind::String);
    let mut strings: Vec<_> = strings.into_iter().map(|element| trimmed(decoded(element))).collect();
    strings.sort_unstable();
    strings.dedup();
    out.push(b'[');
    let mut first = true;
    for text in &strings {
        separate(&mut first, out);
        string(text, out);
    }
    for other in others {
        separate(&mut first, out);
        verbatim(other, out);
    }
    out.push(b']');
}

/// What is left of an array or object that is being written.
enum Open<'d> {
    Array(Elements<'d>),
    Object(Members<'d>),
}

/// A value as it stands, without layout. Not by recursion: the nesting is somebody else's choice.
fn verbatim(value: Value<'_>, out: &mut Vec<u8>) {
    let mut open = Vec::new();
    let mut first = start(value, &mut open, out);
    while let Some(innermost) = open.last_mut() {
        let (next, closing) = match innermost {
            Open::Array(elements) => (elements.next().map(|element| (None, element)), b']'),
            Open::Object(members) => (members.next().map(|member| (Some(member.name), member.value)), b'}'),
        };
        if let Some((name, value)) = next {
            separate(&mut first, out);
            if let Some(name) = name {
                string(&decoded(name), out);
                out.push(b':');
            }
            first = start(value, &mut open, out);
        } else {
            out.push(closing);
            open.pop();
            first = false;
        }
    }
}

/// Writes a value up to its first element or member; tells whether it has some still to come.
fn start<'d>(value: Value<'d>, open: &mut Vec<Open<'d>>, out: &mut Vec<u8>) -> bool {
    match value.kind() {
        Kind::Null | Kind::Bool | Kind::Number => out.extend_from_slice(value.raw()),
        Kind::String => string(&decoded(value), out),
        Kind::Array => {
            out.push(b'[');
            open.push(Open::Array(value.elements()));
            return true;
        }
        Kind::Object => {
            out.push(b'{');
            open.push(Open::Object(value.members()));
            return true;
        }
    }
    false
}

fn separate(first: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::take(first) {
        out.push(b',');
    }
}

/// A JSON string in which nothing is escaped that need not be.
fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let must_be_escaped = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let mut rest = text.as_bytes();
    while let Some((plain, [escaped, behind @ ..])) =
        rest.iter().position(must_be_escaped).and_then(|at| rest.split_at_checked(at))
    {
        out.extend_from_slice(plain);
        match escaped {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *escaped]),
            0x08 => out.extend_from_slice(br"\b"),
            b'\t' => out.extend_from_slice(br"\t"),
            b'\n' => out.extend_from_slice(br"\n"),
            0x0c => out.extend_from_slice(br"\f"),
            b'\r' => out.extend_from_slice(br"\r"),
            _ => out.extend_from_slice(format!("\\u{escaped:04x}").as_bytes()),
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
