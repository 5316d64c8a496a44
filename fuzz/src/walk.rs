//! Walks over a document, through its public face.

use crate::hujson::{Document, Edit, Kind, Value, apply, parse};
use std::ops::Range;

/// What a value means, with the last of several members of one name.
#[must_use]
pub fn meaning(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool => value.as_bool().into(),
        Kind::Number => {
            serde_json::from_slice(value.raw()).expect("a number of the one grammar is one of the other")
        }
        Kind::String => value.as_str().expect("a string decodes").into_owned().into(),
        Kind::Array => value.elements().map(meaning).collect(),
        Kind::Object => {
            let name = |name: Value<'_>| name.as_str().expect("a name is a string").into_owned();
            value.members().map(|member| (name(member.name), meaning(member.value))).collect()
        }
    }
}

/// The scalars and brackets of a document, in the order in which it is walked.
#[must_use]
pub fn tokens(document: &Document<'_>) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    push_tokens(document.root(), &mut tokens);
    tokens
}

fn push_tokens(value: Value<'_>, tokens: &mut Vec<Range<usize>>) {
    let span = value.span();
    if !matches!(value.kind(), Kind::Array | Kind::Object) {
        tokens.push(span);
        return;
    }
    tokens.push(span.start..span.start + 1);
    value.elements().for_each(|element| push_tokens(element, tokens));
    for member in value.members() {
        push_tokens(member.name, tokens);
        push_tokens(member.value, tokens);
    }
    tokens.push(span.end - 1..span.end);
}

/// All arrays and objects of a document, in some order that only depends on the values.
#[must_use]
pub fn composites<'d>(document: &'d Document<'_>) -> Vec<Value<'d>> {
    let composites = values(document).into_iter();
    composites.filter(|value| matches!(value.kind(), Kind::Array | Kind::Object)).collect()
}

/// The value that starts at `start`.
#[must_use]
pub fn value_at<'d>(document: &'d Document<'_>, start: usize) -> Option<Value<'d>> {
    values(document).into_iter().find(|value| value.span().start == start)
}

fn values<'d>(document: &'d Document<'_>) -> Vec<Value<'d>> {
    let (mut values, mut waiting) = (Vec::new(), vec![document.root()]);
    while let Some(value) = waiting.pop() {
        waiting.extend(value.elements().chain(value.members().map(|member| member.value)));
        values.push(value);
    }
    values
}

/// The text with edits of the value that starts at `start`.
#[must_use]
pub fn edited(text: &[u8], start: usize, edits: impl Fn(Value<'_>) -> Vec<Edit>) -> Vec<u8> {
    let document = parse(text).expect("it was parsed before");
    let value = value_at(&document, start).expect("an edit leaves the value where it was");
    apply(text, edits(value)).expect("edits do not overlap")
}

/// An element of an array or a member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name of a member.
    pub name: Option<String>,
    /// What it means.
    pub meaning: serde_json::Value,
}

/// What is in the array or object that starts at `start`.
#[must_use]
pub fn entries(text: &[u8], start: usize) -> Vec<Entry> {
    let document = parse(text).expect("an edit leaves HuJSON");
    let value = value_at(&document, start).expect("an edit leaves the value where it was");
    let elements = value.elements().map(|element| Entry { name: None, meaning: meaning(element) });
    let members = value
        .members()
        .map(|member| Entry { name: member.name.as_str().map(Into::into), meaning: meaning(member.value) });
    elements.chain(members).collect()
}

/// What the comments of a document say, in order, without space.
#[must_use]
pub fn comments(document: &Document<'_>) -> Vec<Vec<u8>> {
    let text = document.text();
    let mut comments = Vec::new();
    let mut done = 0;
    for token in tokens(document).into_iter().chain([text.len()..text.len()]) {
        let mut gap = &text[done..token.start];
        while let Some(start) = gap.iter().position(|byte| *byte == b'/') {
            let comment = &gap[start..];
            let length = match comment {
                [b'/', b'/', ..] => {
                    comment.iter().position(|byte| *byte == b'\n').map_or(comment.len(), |lf| lf + 1)
                }
                _ => comment[2..].windows(2).position(|end| end == b"*/").map_or(comment.len(), |at| at + 4),
            };
            // Any Unicode space may go from the end of a line.
            let said = String::from_utf8_lossy(&comment[..length]);
            comments
                .push(said.chars().filter(|character| !character.is_whitespace()).collect::<String>().into());
            gap = &comment[length..];
        }
        done = token.end;
    }
    comments
}
