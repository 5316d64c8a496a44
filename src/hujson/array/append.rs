//! Where appended strings go, and what stands between them.

use std::ops::Range;

use super::super::document::Document;
use super::super::edit::Edit;
use super::super::string;
use super::super::trivia::{Piece, pieces};
use super::super::value::Value;
use super::{Item, Layout, Part};

/// What stands before, between and behind appended strings.
struct Style {
    lead: Vec<u8>,
    separator: Vec<u8>,
    tail: Vec<u8>,
}

impl Style {
    /// The same before each string.
    fn each(lead: Vec<u8>) -> Self {
        Self { separator: lead.clone(), lead, tail: Vec::new() }
    }

    fn insertion(&self, at: usize, texts: &[&str]) -> Edit {
        let strings: Vec<_> = texts.iter().map(|text| string::encode(text)).collect();
        Edit { range: at..at, bytes: [&*self.lead, &strings.join(&*self.separator), &self.tail].concat() }
    }
}

impl Layout<'_> {
    /// The insertions that append strings to what is left of the array.
    pub(super) fn append(&self, texts: &[&str]) -> Vec<Edit> {
        if texts.is_empty() {
            return Vec::new();
        }
        let Some((last, _)) =
            self.left(0..self.items.len()).rev().find(|(_, item)| item.part == Part::Element)
        else {
            return vec![self.append_first(texts)];
        };
        match self.left(last..self.items.len()).find(|(_, item)| item.part.is_comma()) {
            Some((at, comma)) => {
                vec![self.append_behind_comma(&Place::read(self, last, Some(at)), comma, texts)]
            }
            None => self.append_behind_element(&Place::read(self, last, None), texts),
        }
    }

    /// Behind the last comma.
    fn append_behind_comma(&self, place: &Place<'_>, comma: &Item, texts: &[&str]) -> Edit {
        let own_line = match place.line_end {
            Some(line_end) if place.own_line.is_some() || place.comments => {
                Some((line_end.range.start, line_end))
            }
            // The closing bracket is on this line. A comment before it belongs to nobody, so the new
            // element stays before the comment.
            None if !place.comments_behind_comma => place.own_line.map(|newline| (comma.range.end, newline)),
            _ => None,
        };
        if let Some((at, newline)) = own_line {
            let lead = self.line_start(newline, place.last);
            let separator = [b",", &*lead].concat();
            return Style { lead, separator, tail: self.tail(b",") }.insertion(at, texts);
        }
        let (before, behind) = &place.around_comma;
        let separator = [&**before, b",", behind].concat();
        let tail = self.tail(&[&**before, b","].concat());
        Style { lead: behind.clone(), separator, tail }.insertion(comma.range.end, texts)
    }

    /// Behind the last element, which no comma follows.
    fn append_behind_element(&self, place: &Place<'_>, texts: &[&str]) -> Vec<Edit> {
        let own_line = match place.line_end {
            Some(line_end) if place.own_line.is_some() || place.comments => Some(line_end),
            Some(_) => None,
            None => place.own_line,
        };
        // Where the bracket is on this line, the element's comments stay before the new comma.
        let line_end = place.line_end.map_or(place.comments_end, |line_end| line_end.range.start);
        let Some(newline) = own_line else {
            let (before, behind) = &place.around_comma;
            let at = if place.line_end.is_some() { place.end } else { line_end };
            return vec![Style::each([&**before, b",", behind].concat()).insertion(at, texts)];
        };
        let lead = self.line_start(newline, place.last);
        if place.leading_comma {
            let space = self.leading_space(place.last);
            return vec![Style::each([&*lead, b",", space].concat()).insertion(line_end, texts)];
        }
        let separator = [b",", &*lead].concat();
        if place.line_end.is_none() {
            return vec![Style::each(separator).insertion(line_end, texts)];
        }
        // The comma comes before what ends the element's line, the new element behind it.
        let comma = Edit { range: place.end..place.end, bytes: b",".to_vec() };
        vec![comma, Style { lead, separator, tail: Vec::new() }.insertion(line_end, texts)]
    }

    /// Into an array in which no element is left.
    fn append_first(&self, texts: &[&str]) -> Edit {
        let all = || self.left(0..self.items.len());
        if let Some((_, newline)) = all().find(|(_, item)| item.part.is_newline()) {
            // Right under the bracket's line: comments below keep belonging to nobody.
            let lead = [self.bytes(newline), &*self.block_indent()].concat();
            let as_around = self.elements.is_empty() && has_trailing_comma(self.array.parent());
            let tail = if as_around { b",".to_vec() } else { self.tail(b",") };
            let separator = [b",", &*lead].concat();
            return Style { lead, separator, tail }.insertion(newline.range.start, texts);
        }
        let (at, lead) = match all().rev().find(|(_, item)| item.part.is_comment()) {
            Some((_, comment)) => (comment.range.end, b" ".to_vec()),
            // `[ ]` becomes `[ "x" ]`.
            None => {
                (self.array.span().start + 1, all().flat_map(|(_, item)| self.bytes(item)).copied().collect())
            }
        };
        Style { lead, separator: b", ".to_vec(), tail: self.tail(b",") }.insertion(at, texts)
    }

    fn tail(&self, comma: &[u8]) -> Vec<u8> {
        if self.trailing_comma { comma.to_vec() } else { Vec::new() }
    }

    /// A line end like this one, and the indentation of the line that an element stands on.
    fn line_start(&self, newline: &Item, element: usize) -> Vec<u8> {
        let line = self.left(0..element).rev().find(|(_, item)| item.part.is_newline());
        let indent = match line {
            Some((newline, _)) => self.space_at(newline + 1).to_vec(),
            None => self.block_indent(),
        };
        [self.bytes(newline), &indent].concat()
    }

    /// The indentation for elements where no element stands on a line of its own: that of a comment
    /// (or an element that is gone) that does, else one step more than the closing bracket's.
    fn block_indent(&self) -> Vec<u8> {
        let mut newlines =
            self.items.iter().enumerate().filter(|(_, item)| item.part.is_newline()).map(|(at, _)| at);
        let starts_line = |newline: usize| {
            let space = usize::from(!self.space_at(newline + 1).is_empty());
            let first = self.items.get(newline + 1 + space).map(|item| item.part);
            first
                .is_some_and(|part| part == Part::Element || part.is_comment())
                .then(|| self.space_at(newline + 1).to_vec())
        };
        if let Some(indent) = newlines.clone().find_map(starts_line) {
            return indent;
        }
        let closing = newlines.next_back().map_or(&[][..], |newline| self.space_at(newline + 1));
        [closing, indent_step(self.array.document(), closing)].concat()
    }

    /// The bytes of an item if it is space.
    fn space_at(&self, at: usize) -> &[u8] {
        self.items.get(at).filter(|item| item.part.is_space()).map_or(&[], |item| self.bytes(item))
    }

    /// The space between an element and the comma that leads its line.
    fn leading_space(&self, element: usize) -> &[u8] {
        element.checked_sub(1).map_or(&[][..], |before| self.space_at(before))
    }
}

/// What is around the last element.
struct Place<'l> {
    /// The element among the items.
    last: usize,
    /// Where it ends in the text.
    end: usize,
    /// The line end behind the element, or behind its comma.
    line_end: Option<&'l Item>,
    /// The line end before the element, behind the element or bracket before.
    own_line: Option<&'l Item>,
    /// Whether there are comments behind the element on its line.
    comments: bool,
    comments_behind_comma: bool,
    /// Behind the last comment of the array, or the element.
    comments_end: usize,
    leading_comma: bool,
    /// The space before and behind the comma before the element.
    around_comma: (Vec<u8>, Vec<u8>),
}

impl<'l> Place<'l> {
    fn read(layout: &'l Layout<'_>, last: usize, comma: Option<usize>) -> Self {
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

/// Whether a comma follows the last value of an array or object.
fn has_trailing_comma(composite: Option<Value<'_>>) -> bool {
    composite.is_some_and(|composite| {
        pieces(composite.document().text(), composite.gap_before_close())
            .any(|(piece, _)| piece == Piece::Comma)
    })
}

/// One step of indentation: what the first value inside the top-level one is indented by, else two
/// spaces where the bracket is indented by spaces, else a TAB.
fn indent_step<'d>(document: &'d Document<'_>, closing: &[u8]) -> &'d [u8] {
    let root = document.root();
    let first = root.members().next().map(|member| member.name).or_else(|| root.elements().next());
    let before = first.map_or(&[][..], |first| document.slice(0..first.span().start));
    let space = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match before.split_at(before.len() - space) {
        ([.., b'\n'], step @ [_, ..]) => step,
        _ if closing.contains(&b' ') && !closing.contains(&b'\t') => b"  ",
        _ => b"\t",
    }
}
