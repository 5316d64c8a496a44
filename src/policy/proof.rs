//! Proof of an edit: old and new text are both decoded and compared.
//!
//! It knows nothing of how the edits were made, only which members were to come and to go, and which were to
//! have an end. So a defect in planning an edit, in splicing it or in the array's layout is caught before
//! anything is sent.

mod array;

use super::lease::Lease;
use crate::hujson::{self, Document, Edit, Kind, Value};
use jiff::Timestamp;
use std::collections::HashMap;
use std::ops::Range;

/// What was to happen to the array that begins here.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) start: usize,
    /// Members of which something changes, by what they are compared by: what becomes of each of their
    /// elements, in the order of the text.
    pub(super) members: HashMap<String, Vec<Fate>>,
    /// Strings that follow at the end, and their ends.
    pub(super) come: Vec<(String, Option<Lease>)>,
}

/// What becomes of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is.
    Stays,
    /// It goes.
    Goes,
    /// It goes because its own end, as the old text has it, is not after this moment.
    Ends(Timestamp),
    /// It stays and has this end. It had another one, or no directive at all.
    Leased(Lease),
    /// It stays and loses its end.
    Permanent,
}

impl Fate {
    pub(super) const fn is_departure(&self) -> bool {
        matches!(self, Self::Goes | Self::Ends(_))
    }
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
                return array::compare(old, new, change);
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
