//! Proof of an edit: old and new text are both decoded and compared.
//!
//! It knows nothing of how the edits were made, only which members were to come and to go. So a defect
//! in planning an edit, in splicing it or in the array's layout is caught before anything is sent.

use super::selector::member_key;
use crate::hujson::{self, Comments, Document, Edit, Kind, Value};
use std::collections::HashSet;
use std::ops::Range;

/// What was to happen to the array that begins here.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) start: usize,
    /// Members that leave in all their spellings, by what they are compared by.
    pub(super) gone: Vec<String>,
    /// Strings that follow at the end.
    pub(super) come: Vec<String>,
}

/// The edits would do something else than was planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the edit could not be proved: {0}")]
pub struct Unproved(pub String);

/// The new text, if it is the old one with exactly these changes. `changes` are in the order of the text.
pub(super) fn apply_and_compare(
    old: &Document<'_>,
    edits: &[Edit],
    changes: &[Change],
) -> Result<Vec<u8>, Unproved> {
    let text = hujson::apply(old.text(), edits.to_vec()).map_err(|overlap| Unproved(overlap.to_string()))?;
    let new = hujson::parse(&text)
        .map_err(|error| Unproved(format!("the new text breaks the grammar: {error}")))?;
    let mut comparison = Comparison { changes, compared: Vec::with_capacity(changes.len()) };
    comparison.value(old.root(), new.root())?;
    if !comparison.changes.is_empty() {
        return Err(Unproved("an array that was to change is not where it was".to_owned()));
    }
    let compared = comparison.compared;
    same_elsewhere(old.text(), &text, &compared)?;
    Ok(text)
}

struct Comparison<'c> {
    /// Those still to be met.
    changes: &'c [Change],
    /// The arrays that were to change, in the old and in the new text.
    compared: Vec<(Range<usize>, Range<usize>)>,
}

impl Comparison<'_> {
    /// Walks both trees in parallel, down to the arrays that were to change.
    fn value(&mut self, old: Value<'_>, new: Value<'_>) -> Result<(), Unproved> {
        if let Some((change, rest)) = self.changes.split_first()
            && old.span().contains(&change.start)
        {
            if old.span().start == change.start {
                self.changes = rest;
                self.compared.push((old.span(), new.span()));
                return changed_array(old, new, change);
            }
            return match (old.kind(), new.kind()) {
                (Kind::Object, Kind::Object) => self.object(old, new),
                (Kind::Array, Kind::Array) => self.array(old, new),
                _ => Err(differs(old, "another kind of value")),
            };
        }
        // Equal bytes are one value, whatever it is.
        if old.raw() == new.raw() {
            Ok(())
        } else {
            Err(differs(old, "a value that nobody wished to change"))
        }
    }

    fn object(&mut self, old: Value<'_>, new: Value<'_>) -> Result<(), Unproved> {
        let mut members = new.members();
        for before in old.members() {
            let after = members.next().ok_or_else(|| differs(old, "a member is lost"))?;
            if before.name.raw() != after.name.raw() {
                return Err(differs(before.name, "another name"));
            }
            self.value(before.value, after.value)?;
        }
        members.next().map_or(Ok(()), |_| Err(differs(old, "a member has come")))
    }

    fn array(&mut self, old: Value<'_>, new: Value<'_>) -> Result<(), Unproved> {
        let mut elements = new.elements();
        for before in old.elements() {
            let after = elements.next().ok_or_else(|| differs(old, "an element is lost"))?;
            self.value(before, after)?;
        }
        elements.next().map_or(Ok(()), |_| Err(differs(old, "an element has come")))
    }
}

/// The new array has the old elements but those that were to go, then those that were to come.
fn changed_array(old: Value<'_>, new: Value<'_>, change: &Change) -> Result<(), Unproved> {
    if (old.kind(), new.kind()) != (Kind::Array, Kind::Array) {
        return Err(differs(old, "no array"));
    }
    let gone: HashSet<&str> = change.gone.iter().map(String::as_str).collect();
    let was_to_go =
        |element: &Value<'_>| element.as_str().is_some_and(|text| gone.contains(&*member_key(&text)));
    let (removed, kept): (Vec<_>, Vec<_>) = old.elements().partition(was_to_go);
    let mut elements = new.elements();
    for kept in kept {
        match elements.next() {
            Some(element) if element.raw() == kept.raw() => {}
            _ => return Err(differs(kept, "an element that was to stay")),
        }
    }
    for come in &change.come {
        match elements.next().and_then(Value::as_str) {
            Some(text) if text == come.as_str() => {}
            _ => return Err(differs(old, "an element that was to come")),
        }
    }
    if elements.next().is_some() {
        return Err(differs(old, "an element too many"));
    }
    let gone: HashSet<Range<usize>> = removed.into_iter().flat_map(owned_comments).collect();
    let kept = comments(old).filter(|comment| !gone.contains(comment));
    if kept.map(|comment| bytes(old, comment)).eq(comments(new).map(|comment| bytes(new, comment))) {
        Ok(())
    } else {
        Err(differs(old, "a comment in this array is lost or has come"))
    }
}

/// Where the comments stand that go with an element.
fn owned_comments(element: Value<'_>) -> impl Iterator<Item = Range<usize>> {
    let Comments { above, trailing } = element.comments();
    above.into_iter().chain(trailing).map(|comment| comment.span)
}

/// Where the comments stand that are in an array, but not inside its elements, and say something.
fn comments(array: Value<'_>) -> impl Iterator<Item = Range<usize>> {
    let text = array.document().text();
    let ends = array.elements().map(|element| element.span().end);
    let starts = array.elements().map(|element| element.span().start);
    let inner = array.span().start + 1..array.span().end - 1;
    let gaps = std::iter::once(inner.start).chain(ends).zip(starts.chain([inner.end]));
    let says_something = |comment: &Range<usize>| {
        let text = text.get(comment.clone()).unwrap_or_default();
        text.iter().any(|byte| !matches!(byte, b'/' | b'*') && !byte.is_ascii_whitespace())
    };
    gaps.flat_map(move |(from, to)| comments_between(text, from, to)).filter(says_something)
}

/// The comments in a gap between two values, in which there is nothing else but space and commas.
fn comments_between(text: &[u8], mut from: usize, to: usize) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let gap = text.get(from..to)?;
        let start = gap.iter().position(|byte| *byte == b'/')?;
        let comment = gap.get(start..)?;
        let length = if comment.starts_with(b"//") {
            let line = comment.split(|byte| *byte == b'\n').next()?;
            line.strip_suffix(b"\r").unwrap_or(line).len()
        } else {
            comment.get(2..)?.windows(2).position(|bytes| bytes == b"*/")? + 4
        };
        let range = from + start..from + start + length;
        from = range.end;
        Some(range)
    })
}

fn bytes(value: Value<'_>, range: Range<usize>) -> &[u8] {
    value.document().text().get(range).unwrap_or_default()
}

/// Every byte outside the compared arrays is the same, comments and layout included.
fn same_elsewhere(old: &[u8], new: &[u8], compared: &[(Range<usize>, Range<usize>)]) -> Result<(), Unproved> {
    let (mut old_at, mut new_at) = (0, 0);
    let end = (old.len()..old.len(), new.len()..new.len());
    for (old_array, new_array) in compared.iter().chain([&end]) {
        match (old.get(old_at..old_array.start), new.get(new_at..new_array.start)) {
            (Some(before), Some(after)) if before == after => {}
            _ => return Err(Unproved(format!("the text differs before byte {}", old_array.start))),
        }
        (old_at, new_at) = (old_array.end, new_array.end);
    }
    Ok(())
}

fn differs(value: Value<'_>, what: &str) -> Unproved {
    Unproved(format!("at byte {} of the old text: {what}", value.span().start))
}

#[cfg(test)]
mod tests;
