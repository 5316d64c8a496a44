//! Comments behind elements: those that come with new elements, and changes to those of elements that stay.

use std::ops::Range;

use super::super::edit::Edit;
use super::super::trivia::Piece;
use super::{Item, Layout, Part};

/// A change to the comments behind an element that stays (the `trailing` ones of [`Value::comments`]).
///
/// [`Value::comments`]: crate::hujson::Value::comments
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentChange {
    /// One more comes: a `//` comment where the element has its line for itself and nothing but its comma
    /// ends it, else a `/* … */` right behind the element. Taking it away again gives the old bytes.
    Add(String),
    /// The comment that stands here goes, with the space before it.
    Remove(Range<usize>),
    /// These bytes inside a comment give way to others. What would end the comment early is no change.
    Reword(Range<usize>, String),
}

/// What a new comment is enclosed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    /// `// …`: it ends its line.
    Line,
    /// `/* … */`
    Block,
}

impl Marks {
    /// A comment behind something, with a space before it. What would end it early is taken apart by a
    /// space.
    pub(super) fn around(self, text: &str) -> Vec<u8> {
        let text = one_line(text);
        match self {
            Self::Line => [b" // ", text.as_bytes()].concat(),
            Self::Block => [b" /* ", text.replace("*/", "* /").as_bytes(), b" */"].concat(),
        }
    }
}

/// Insertions of comments behind elements that stay.
#[derive(Default)]
pub(super) struct NewComments {
    /// Those right behind elements, before any comma.
    pub(super) blocks: Vec<Edit>,
    /// Those at the ends of lines, behind any comma.
    pub(super) lines: Vec<Edit>,
}

impl Layout<'_> {
    /// Marks the comments that are to go; tells whether there are any.
    pub(super) fn remove_trailing(&mut self, changes: &[(usize, CommentChange)]) -> bool {
        let mut any = false;
        for (_, change) in changes {
            if let CommentChange::Remove(range) = change
                && let Some(at) = self.comment_at(range)
                && let Some(item) = self.items.get_mut(at).filter(|item| item.range == *range)
            {
                item.gone = true;
                any = true;
            }
        }
        any
    }

    /// The insertions for comments that are to come.
    pub(super) fn new_comments(&self, changes: &[(usize, CommentChange)]) -> NewComments {
        let mut new = NewComments::default();
        for (index, change) in changes {
            if let CommentChange::Add(text) = change
                && let Some(element) = self.elements.get(*index).copied()
                && let Some(item) = self.items.get(element).filter(|item| !item.gone)
            {
                let insertion = |at: usize, marks: Marks| Edit { range: at..at, bytes: marks.around(text) };
                match self.line_end_of(element) {
                    Some(end) => new.lines.push(insertion(end, Marks::Line)),
                    None => new.blocks.push(insertion(item.range.end, Marks::Block)),
                }
            }
        }
        new
    }

    /// The edits inside comments that stay.
    pub(super) fn reworded(&self, changes: &[(usize, CommentChange)]) -> Vec<Edit> {
        let edit = |(_, change): &(usize, CommentChange)| {
            let CommentChange::Reword(range, text) = change else { return None };
            let item = self.items.get(self.comment_at(range)?).filter(|item| !item.gone)?;
            let is_block = item.part == Part::Between(Piece::BlockComment);
            let inner = item.range.start + 2..item.range.end - if is_block { 2 } else { 0 };
            if range.start < inner.start || inner.end < range.end {
                return None;
            }
            let document = self.composite.document();
            let text = one_line(text);
            let (before, behind) =
                (document.slice(inner.start..range.start), document.slice(range.end..inner.end));
            let reworded = [before, text.as_bytes(), behind].concat();
            let ends_early = is_block
                && [&*reworded, b"*/"].concat().windows(2).position(|it| it == b"*/") != Some(reworded.len());
            (!ends_early).then(|| Edit { range: range.clone(), bytes: text.into_bytes() })
        };
        changes.iter().filter_map(edit).collect()
    }

    /// The comment that a range is in.
    fn comment_at(&self, range: &Range<usize>) -> Option<usize> {
        let at = self.items.partition_point(|item| item.range.end <= range.start);
        let item = self.items.get(at)?;
        let holds = item.part.is_comment() && item.range.start <= range.start && range.end <= item.range.end;
        holds.then_some(at)
    }

    /// Where the line ends that an element has for itself: right behind it or its comma.
    fn line_end_of(&self, element: usize) -> Option<usize> {
        let stops = |item: &Item| item.part.is_newline() || item.part == Part::Element;
        let (_, before) = self.left(0..element).rev().find(|(_, item)| stops(item))?;
        let (behind, line_end) = self.left(element + 1..self.items.len()).find(|(_, item)| stops(item))?;
        if !before.part.is_newline() || !line_end.part.is_newline() {
            return None;
        }
        let (_, last) = self.left(element..behind).next_back()?;
        (last.part == Part::Element || last.part.is_comma()).then_some(last.range.end)
    }
}

/// A text on one line, without space around.
fn one_line(text: &str) -> String {
    text.trim().replace(['\n', '\r'], " ")
}
