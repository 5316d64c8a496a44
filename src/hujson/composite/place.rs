//! What is around the last element.

use std::ops::Range;

use super::super::trivia::Piece;
use super::{Item, Layout, Part};

pub(super) struct Place<'l> {
    /// The element among the items.
    pub(super) last: usize,
    /// Where it ends in the text.
    pub(super) end: usize,
    /// The line end behind the element, or behind its comma.
    pub(super) line_end: Option<&'l Item>,
    /// The line end before the element, behind the element or bracket before.
    pub(super) own_line: Option<&'l Item>,
    /// Whether there are comments behind the element on its line.
    pub(super) comments: bool,
    pub(super) comments_behind_comma: bool,
    /// Behind the last comment of the array or object, or the element.
    pub(super) comments_end: usize,
    pub(super) leading_comma: bool,
    /// The space before and behind the comma before the element.
    pub(super) around_comma: (Vec<u8>, Vec<u8>),
    pub(super) spacing: Spacing,
}

/// How elements are set apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    Lines,
    /// A blank line stands before the last element, and one could stand behind it.
    Paragraphs,
}

impl<'l> Place<'l> {
    pub(super) fn read(layout: &'l Layout<'_>, last: usize, comma: Option<usize>) -> Self {
        let end = layout.items.len();
        let line_end = layout.left(comma.unwrap_or(last)..end).find(|(_, item)| item.part.is_newline());
        let line = last + 1..line_end.map_or(end, |(at, _)| at);
        let before =
            layout.left(0..last).rev().find(|(_, item)| item.part == Part::Element).map(|(at, _)| at);
        let gap = before.map_or(0, |before| before + 1)..last;
        let index = layout.elements.partition_point(|element| *element < last);
        let comment_in = |range| layout.left(range).any(|(_, item): (_, &Item)| item.part.is_comment());
        let last_comment = layout
            .left(last..end)
            .rev()
            .find(|(_, item)| item.part.is_comment() || item.part == Part::Element);
        let next_line_is_empty = line_end.is_some_and(|(at, _)| {
            let next = layout.left(at + 1..end).find(|(_, item)| !item.part.is_space());
            next.is_none_or(|(_, item)| item.part.is_newline())
        });
        Self {
            last,
            end: layout.items.get(last).map_or(0, |item| item.range.end),
            line_end: line_end.map(|(_, item)| item),
            own_line: layout
                .left(gap.clone())
                .rev()
                .find(|(_, item)| item.part.is_newline())
                .map(|(_, item)| item),
            comments: comment_in(line),
            comments_behind_comma: comma.is_some_and(|comma| comment_in(comma..end)),
            comments_end: last_comment.map_or(0, |(_, item)| item.range.end),
            leading_comma: before.is_some() && layout.has_leading_comma(index),
            spacing: if before.is_some() && next_line_is_empty && has_blank_line(layout, gap.clone()) {
                Spacing::Paragraphs
            } else {
                Spacing::Lines
            },
            around_comma: around_comma(layout, gap).unwrap_or_else(|| (Vec::new(), b" ".to_vec())),
        }
    }
}

/// The space before and behind a comma, if nothing else is between two elements.
fn around_comma(layout: &Layout<'_>, gap: Range<usize>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut before, mut behind) = (Vec::new(), None);
    for (_, item) in layout.left(gap) {
        match (item.part, &mut behind) {
            (Part::Between(Piece::Comma), None) => behind = Some(Vec::new()),
            (Part::Between(Piece::Space), None) => before.extend_from_slice(layout.bytes(item)),
            (Part::Between(Piece::Space), Some(behind)) => behind.extend_from_slice(layout.bytes(item)),
            _ => return None,
        }
    }
    Some((before, behind?))
}

fn has_blank_line(layout: &Layout<'_>, gap: Range<usize>) -> bool {
    let mut newline = false;
    layout.left(gap).any(|(_, item)| {
        let blank = newline && item.part.is_newline();
        newline = item.part.is_newline() || (newline && item.part.is_space());
        blank
    })
}
