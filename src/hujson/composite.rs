//! Edits to arrays and objects that leave everything else as it is.
//!
//! An array or object is read as one row of items: elements (in an object: members, from name to
//! value), commas, comments, line ends, space. Removing marks items as gone ([`remove`]), appending
//! adds text between items ([`append`]), so that both can happen in one go, and what is left tells
//! where the new text belongs and how it is to look ([`write`](mod@write)).
//!
//! The two are made for each other: what was appended is removed again without a trace, whatever
//! the row looked like. A new element stands where it owns no comment and takes none from others,
//! and it brings the very bytes that its removal takes away. It may bring a comment of its own, and the
//! comments behind elements that stay may change in the same go ([`comment`]).

mod align;
mod append;
mod comment;
mod indent;
mod place;
mod remove;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::edit::Edit;
use super::trivia::{Piece, pieces};
use super::value::{Kind, Value};
use append::Appended;
pub use comment::CommentChange;
use write::Entry;
pub use write::{NewElement, NewValue, replace};

/// Removes the elements with these indices and appends values, in one go, in the array's own style:
/// inline or a line for each element, indentation, commas, line ends as the neighbours have them.
/// Comments that belong to removed elements go with them (see [`Value::comments`]), no others.
///
/// An append is one or two small insertions. An index that is out of range is no change, and a value
/// that is no array is not changed.
#[must_use]
pub fn edit_array<'n, T>(array: Value<'_>, remove: &[usize], append: &[T]) -> Vec<Edit>
where
    T: Copy + Into<NewElement<'n>>,
{
    edit_array_and_comments(array, remove, append, &[])
}

/// As [`edit_array`], and changes comments behind elements that stay, each given with the element's index.
/// A change to what is not there is none.
#[must_use]
pub fn edit_array_and_comments<'n, T>(
    array: Value<'_>,
    remove: &[usize],
    append: &[T],
    comments: &[(usize, CommentChange)],
) -> Vec<Edit>
where
    T: Copy + Into<NewElement<'n>>,
{
    if array.kind() != Kind::Array {
        return Vec::new();
    }
    let entry = |element: &T| {
        let NewElement { value, comment } = (*element).into();
        Entry { name: None, value, comment }
    };
    edit(array, remove, &append.iter().map(entry).collect::<Vec<_>>(), comments)
}

/// Removes the members with these indices (counted as [`Value::members`] gives them, duplicates
/// included) and appends members, in one go, as [`edit_array`] does with elements. Where the values
/// of the neighbours are aligned, the new ones are too, if their names are not too long.
///
/// A name that is there, in whatever spelling of its characters, and is not removed, is not added
/// again. So a missing section of a policy file is made, with what it is to hold, by
/// `edit_object(root, &[], &[("groups", NewValue::Object(&[("group:eng", NewValue::Strings(&[])])))])`,
/// and doing it twice is doing it once. A value that is no object is not changed.
#[must_use]
pub fn edit_object(object: Value<'_>, remove: &[usize], append: &[(&str, NewValue<'_>)]) -> Vec<Edit> {
    if object.kind() != Kind::Object {
        return Vec::new();
    }
    let removed: HashSet<usize> = remove.iter().copied().collect();
    let mut names: HashSet<Cow<'_, str>> = HashSet::new();
    if !append.is_empty() {
        let left = object.members().enumerate().filter(|(index, _)| !removed.contains(index));
        names.extend(left.filter_map(|(_, member)| member.name.as_str()));
    }
    let new = append.iter().filter(|(name, _)| names.insert((*name).into()));
    let new: Vec<_> =
        new.map(|(name, value)| Entry { name: Some(name), value: *value, comment: None }).collect();
    edit(object, remove, &new, &[])
}

fn edit(
    composite: Value<'_>,
    remove: &[usize],
    append: &[Entry<'_>],
    comments: &[(usize, CommentChange)],
) -> Vec<Edit> {
    let mut layout = Layout::read(composite);
    let elements_go = layout.remove(remove, !append.is_empty());
    let comments_go = layout.remove_trailing(comments);
    if elements_go || comments_go {
        layout.remove_space();
    }
    let (new, Appended { comma, elements }) = (layout.new_comments(comments), layout.append(append));
    // Insertions at one place keep this order: a comma stands between the comments before and behind it.
    let mut edits = new.blocks;
    edits.extend(comma);
    edits.extend(new.lines);
    edits.extend(elements);
    edits.extend(layout.reworded(comments));
    edits.extend(layout.deletions());
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits
}

/// What an item of an array or object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Element,
    Between(Piece),
}

impl Part {
    fn is_space(self) -> bool {
        self == Self::Between(Piece::Space)
    }

    fn is_newline(self) -> bool {
        self == Self::Between(Piece::Newline)
    }

    fn is_comma(self) -> bool {
        self == Self::Between(Piece::Comma)
    }

    fn is_comment(self) -> bool {
        matches!(self, Self::Between(piece) if piece.is_comment())
    }
}

#[derive(Clone, Debug)]
struct Item {
    part: Part,
    range: Range<usize>,
    gone: bool,
}

/// The items of an array or object, from behind its opening bracket to before its closing one.
struct Layout<'d> {
    composite: Value<'d>,
    items: Vec<Item>,
    /// Where the elements are among the items.
    elements: Vec<usize>,
    /// Whether a comma follows the last element.
    trailing_comma: bool,
}

impl<'d> Layout<'d> {
    fn read(composite: Value<'d>) -> Self {
        let text = composite.document().text();
        let span = composite.span();
        let (mut items, mut elements) = (Vec::new(), Vec::new());
        let item = |part, range| Item { part, range, gone: false };
        let mut done = span.start + 1;
        for element in entries(composite) {
            items.extend(
                pieces(text, done..element.start).map(|(piece, range)| item(Part::Between(piece), range)),
            );
            elements.push(items.len());
            done = element.end;
            items.push(item(Part::Element, element));
        }
        let last = items.len();
        items
            .extend(pieces(text, done..span.end - 1).map(|(piece, range)| item(Part::Between(piece), range)));
        let trailing_comma = items.iter().skip(last).any(|item| item.part.is_comma());
        Self { composite, items, elements, trailing_comma }
    }

    /// The items before the element with this index, up to the element or bracket before.
    fn gap(&self, index: usize) -> Range<usize> {
        let after = |element: &usize| element + 1;
        let start = index.checked_sub(1).and_then(|before| self.elements.get(before)).map_or(0, after);
        start..self.elements.get(index).copied().unwrap_or(self.items.len())
    }

    /// The items that are still there, with their places.
    fn left(&self, range: Range<usize>) -> impl DoubleEndedIterator<Item = (usize, &Item)> {
        let start = range.start;
        let items = self.items.get(range).unwrap_or_default();
        items.iter().enumerate().map(move |(at, item)| (start + at, item)).filter(|(_, item)| !item.gone)
    }

    fn bytes(&self, item: &Item) -> &'d [u8] {
        self.composite.document().slice(item.range.clone())
    }

    /// One edit for each run of bytes that is gone.
    fn deletions(&self) -> Vec<Edit> {
        let mut edits: Vec<Edit> = Vec::new();
        for item in self.items.iter().filter(|item| item.gone) {
            match edits.last_mut() {
                Some(edit) if edit.range.end == item.range.start => edit.range.end = item.range.end,
                _ => edits.push(Edit { range: item.range.clone(), bytes: Vec::new() }),
            }
        }
        edits
    }
}

/// Where the elements of an array or the members of an object are.
fn entries(composite: Value<'_>) -> impl Iterator<Item = Range<usize>> {
    let members = composite.members().map(|member| member.name.span().start..member.value.span().end);
    composite.elements().map(Value::span).chain(members)
}
