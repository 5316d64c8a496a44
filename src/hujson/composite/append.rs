//! Where appended elements go, and what stands between them.

use super::super::edit::Edit;
use super::comment::Marks;
use super::indent::{Line, indent_step, line_indent};
use super::place::{Place, Spacing};
use super::write::{self, Entry};
use super::{Item, Layout, Part};

/// The insertions that append elements.
#[derive(Default)]
pub(super) struct Appended {
    /// The comma behind the last element, where it does not stand right before the new ones.
    pub(super) comma: Option<Edit>,
    pub(super) elements: Option<Edit>,
}

impl From<Edit> for Appended {
    fn from(elements: Edit) -> Self {
        Self { comma: None, elements: Some(elements) }
    }
}

/// What stands before, between and behind appended elements.
struct Style {
    lead: Vec<u8>,
    /// Behind each element but the last.
    comma: Vec<u8>,
    /// Before each element but the first, behind the comma and the comment of the one before.
    between: Vec<u8>,
    /// Behind the last element.
    tail: Vec<u8>,
    /// A line end follows each element and its comma.
    own_lines: bool,
}

impl Style {
    /// The same before each element.
    fn each(lead: Vec<u8>, own_lines: bool) -> Self {
        Self { between: lead.clone(), lead, comma: Vec::new(), tail: Vec::new(), own_lines }
    }

    fn insertion(&self, at: usize, texts: &[Vec<u8>], new: &[Entry<'_>]) -> Edit {
        let mut bytes = self.lead.clone();
        for (index, (text, entry)) in texts.iter().zip(new).enumerate() {
            let comma = if index + 1 < texts.len() { &self.comma } else { &self.tail };
            if index > 0 {
                bytes.extend_from_slice(&self.between);
            }
            bytes.extend_from_slice(text);
            match entry.comment {
                None => bytes.extend_from_slice(comma),
                Some(text) if self.own_lines => {
                    bytes.extend_from_slice(comma);
                    bytes.extend(Marks::Line.around(text));
                }
                Some(text) => {
                    bytes.extend(Marks::Block.around(text));
                    bytes.extend_from_slice(comma);
                }
            }
        }
        Edit { range: at..at, bytes }
    }
}

impl Layout<'_> {
    /// The insertions that append elements to what is left of the array or object.
    pub(super) fn append(&self, new: &[Entry<'_>]) -> Appended {
        if new.is_empty() {
            return Appended::default();
        }
        let Some((last, _)) =
            self.left(0..self.items.len()).rev().find(|(_, item)| item.part == Part::Element)
        else {
            return self.append_first(new).into();
        };
        match self.left(last..self.items.len()).find(|(_, item)| item.part.is_comma()) {
            Some((at, comma)) => {
                self.append_behind_comma(&Place::read(self, last, Some(at)), comma, new).into()
            }
            None => self.append_behind_element(&Place::read(self, last, None), new),
        }
    }

    /// Behind the last comma.
    fn append_behind_comma(&self, place: &Place<'_>, comma: &Item, new: &[Entry<'_>]) -> Edit {
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
            let line = self.line_start(newline, place.last);
            let lead = lead(&line, place, new);
            let texts = self.write(new, Some(place.last), Some(&line));
            let style = Style {
                between: lead.clone(),
                lead,
                comma: b",".to_vec(),
                tail: self.tail(b","),
                own_lines: place.line_end.is_some(),
            };
            return style.insertion(at, &texts, new);
        }
        let (before, behind) = &place.around_comma;
        let separator = [&**before, b","].concat();
        let tail = self.tail(&separator);
        let texts = self.write(new, Some(place.last), None);
        let style =
            Style { lead: behind.clone(), comma: separator, between: behind.clone(), tail, own_lines: false };
        style.insertion(comma.range.end, &texts, new)
    }

    /// Behind the last element, which no comma follows.
    fn append_behind_element(&self, place: &Place<'_>, new: &[Entry<'_>]) -> Appended {
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
            let texts = self.write(new, Some(place.last), None);
            let style = Style::each([&**before, b",", behind].concat(), false);
            return style.insertion(at, &texts, new).into();
        };
        let line = self.line_start(newline, place.last);
        let texts = self.write(new, Some(place.last), Some(&line));
        let own_lines = place.line_end.is_some();
        if place.leading_comma {
            let space = self.leading_space(place.last);
            let style = Style::each([&*line.start(), b",", space].concat(), own_lines);
            return style.insertion(line_end, &texts, new).into();
        }
        if !own_lines {
            let style = Style::each([b",", &*line.start()].concat(), own_lines);
            return style.insertion(line_end, &texts, new).into();
        }
        let lead = lead(&line, place, new);
        let style = Style { between: lead.clone(), lead, comma: b",".to_vec(), tail: Vec::new(), own_lines };
        // The comma comes before what ends the element's line, the new element behind it.
        let comma = Edit { range: place.end..place.end, bytes: b",".to_vec() };
        Appended { comma: Some(comma), elements: Some(style.insertion(line_end, &texts, new)) }
    }

    /// Into an array or object in which no element is left.
    fn append_first(&self, new: &[Entry<'_>]) -> Edit {
        let all = || self.left(0..self.items.len());
        if let Some((_, newline)) = all().find(|(_, item)| item.part.is_newline()) {
            // Right under the bracket's line: comments below keep belonging to nobody.
            let line = Line { newline: self.bytes(newline).to_vec(), indent: self.block_indent() };
            let as_around =
                self.elements.is_empty() && self.composite.parent().is_some_and(write::has_trailing_comma);
            let tail = if as_around { b",".to_vec() } else { self.tail(b",") };
            let texts = self.write(new, None, Some(&line));
            let (lead, between) = (line.start(), line.start());
            let style = Style { lead, comma: b",".to_vec(), between, tail, own_lines: true };
            return style.insertion(newline.range.start, &texts, new);
        }
        let last_comment = all().rev().find(|(_, item)| item.part.is_comment());
        let (at, lead) = if let Some((_, comment)) = last_comment {
            (comment.range.end, b" ".to_vec())
        } else {
            // `[ ]` becomes `[ "x" ]`.
            let space = all().flat_map(|(_, item)| self.bytes(item)).copied().collect();
            (self.composite.span().start + 1, space)
        };
        let texts = self.write(new, None, None);
        let (comma, between) = (b",".to_vec(), b" ".to_vec());
        Style { lead, comma, between, tail: self.tail(b","), own_lines: false }.insertion(at, &texts, new)
    }

    fn tail(&self, comma: &[u8]) -> Vec<u8> {
        if self.trailing_comma { comma.to_vec() } else { Vec::new() }
    }

    /// A line end like this one, and the indentation of the line that an element stands on.
    fn line_start(&self, newline: &Item, element: usize) -> Line {
        let line = self.left(0..element).rev().find(|(_, item)| item.part.is_newline());
        let indent = match line {
            Some((newline, _)) => self.space_at(newline + 1).to_vec(),
            None => self.block_indent(),
        };
        Line { newline: self.bytes(newline).to_vec(), indent }
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
        let document = self.composite.document();
        let closing = match newlines.next_back() {
            Some(newline) => self.space_at(newline + 1),
            None => line_indent(document.text(), self.composite.span().start),
        };
        [closing, indent_step(document, closing)].concat()
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

/// What stands before an element on a line of its own: also a blank line, if the elements are
/// paragraphs and the new ones are large enough to be some.
fn lead(line: &Line, place: &Place<'_>, new: &[Entry<'_>]) -> Vec<u8> {
    let blank = place.spacing == Spacing::Paragraphs && new.iter().all(Entry::is_composite);
    if blank { [&*line.newline, &*line.start()].concat() } else { line.start() }
}
