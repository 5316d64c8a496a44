//! Edits to an array that leave everything else as it is.
//!
//! The array is read as one row of items: elements, commas, comments, line ends, space. Removing
//! marks items as gone ([`remove`]), appending adds text between items ([`append`]), so that both
//! can happen in one go, and what is left tells where the new text belongs.
//!
//! The two are made for each other: what was appended is removed again without a trace, whatever
//! the array looked like. A new element stands where it owns no comment and takes none from others,
//! and it brings the very bytes that its removal takes away.

mod append;
mod remove;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::edit::Edit;
use super::trivia::{Piece, pieces};
use super::value::{Kind, Value};

/// Removes the elements with these indices and appends strings, in one go, in the array's own
/// style: inline or a line for each element, indentation, commas, line ends as the neighbours have
/// them. Comments that belong to removed elements go with them (see [`Value::comments`]), no others.
///
/// An append is one or two small insertions. Strings are written with as few escapes as possible.
/// An index that is out of range is no change, and a value that is no array is not changed.
#[must_use]
pub fn edit_array(array: Value<'_>, remove: &[usize], append: &[&str]) -> Vec<Edit> {
    if array.kind() != Kind::Array {
        return Vec::new();
    }
    let mut layout = Layout::read(array);
    layout.remove(remove, !append.is_empty());
    let mut edits = layout.append(append);
    edits.extend(layout.deletions());
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits
}

/// What an item of an array is.
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

/// The items of an array, from behind its opening bracket to before its closing one.
struct Layout<'d> {
    array: Value<'d>,
    items: Vec<Item>,
    /// Where the elements are among the items.
    elements: Vec<usize>,
    /// Whether a comma follows the last element.
    trailing_comma: bool,
}

impl<'d> Layout<'d> {
    fn read(array: Value<'d>) -> Self {
        let text = array.document().text();
        let span = array.span();
        let (mut items, mut elements) = (Vec::new(), Vec::new());
        let item = |part, range| Item { part, range, gone: false };
        let mut done = span.start + 1;
        for element in array.elements() {
            let element = element.span();
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
        Self { array, items, elements, trailing_comma }
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
        self.array.document().slice(item.range.clone())
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
