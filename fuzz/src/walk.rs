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

/// All arrays of a document, in some order that only depends on the values.
#[must_use]
pub fn arrays<'d>(document: &'d Document<'_>) -> Vec<Value<'d>> {
    let (mut arrays, mut waiting) = (Vec::new(), vec![document.root()]);
    while let Some(value) = waiting.pop() {
        waiting.extend(value.elements().chain(value.members().map(|member| member.value)));
        if value.kind() == Kind::Array {
            arrays.push(value);
        }
    }
    arrays
}

/// The text with edits of one of its arrays: by where the array starts.
#[must_use]
pub fn edited(text: &[u8], start: usize, edits: impl Fn(Value<'_>) -> Vec<Edit>) -> Vec<u8> {
    let document = parse(text).expect("it was parsed before");
    let array = arrays(&document).into_iter().find(|array| array.span().start == start);
    apply(text, edits(array.expect("the array is where it was"))).expect("edits do not overlap")
}

/// The elements of the array that starts at `start`, as they are written; those with an escape, decoded.
#[must_use]
pub fn elements(text: &[u8], start: usize) -> Vec<Vec<u8>> {
    let document = parse(text).expect("an edit leaves HuJSON");
    let array = arrays(&document).into_iter().find(|array| array.span().start == start);
    let array = array.expect("an edit leaves the array where it was");
    let written = |element: Value<'_>| match element.as_str() {
        Some(text) if element.raw().contains(&b'\\') => quoted(&text),
        _ => element.raw().to_vec(),
    };
    array.elements().map(written).collect()
}

/// A text between quotes, not escaped.
#[must_use]
pub fn quoted(text: &str) -> Vec<u8> {
    format!("\"{text}\"").into_bytes()
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
