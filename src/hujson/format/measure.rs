//! Which arrays and objects are expanded.

use super::super::document::Document;
use super::extra::{self, Gap, Lines};
use super::scalar;

/// The longest line of an inline array or object, by the reference's rough count.
const WIDTH: usize = 80;

/// For each array and object, in the order in which they open, whether it is expanded: because a
/// line end stands behind its bracket, behind a comma or before its closing bracket, or because one
/// of its lines would be too long.
pub(super) fn expanded(document: &Document<'_>) -> Vec<bool> {
    let mut expanded = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    for index in 0..document.len() {
        let raw = document.token(index);
        let lines = if let b"]" | b"}" = raw {
            let Some(frame) = frames.pop() else { continue };
            frame.close(&Gap::split(document.gap_before(index)), &mut expanded)
        } else {
            if let Some(frame) = frames.last_mut() {
                frame.before(&Gap::split(document.gap_before(index)));
            }
            if let b"[" | b"{" = raw {
                frames.push(Frame::open(raw == b"{", expanded.len()));
                expanded.push(false);
                continue;
            }
            Lines::one(scalar(raw).len())
        };
        if let Some(frame) = frames.last_mut() {
            frame.add(lines);
        }
    }
    expanded
}

/// An array or object that is being measured.
struct Frame {
    object: bool,
    /// Its place in the answer.
    ordinal: usize,
    /// Tokens inside so far; in an object, names and values count.
    count: usize,
    expand: bool,
    /// The length of the first line, once there is a second.
    first: Option<usize>,
    /// The length of the line so far.
    line: usize,
    /// The comments behind the opening bracket, on its line.
    opening: usize,
}

impl Frame {
    fn open(object: bool, ordinal: usize) -> Self {
        Self { object, ordinal, count: 0, expand: false, first: None, line: 1, opening: 0 }
    }

    fn add(&mut self, lines: Lines) {
        self.line += lines.first;
        if lines.several {
            self.expand |= self.line > WIDTH;
            self.first.get_or_insert(self.line);
            self.line = lines.last;
        }
    }

    /// What stands before a value inside.
    fn before(&mut self, gap: &Gap<'_>) {
        let before = Lines::of(gap.before);
        let is_value = self.object && self.count % 2 == 1;
        if self.count == 0 {
            self.opening = before.first;
        } else {
            self.add(Lines::of(gap.after));
            self.line += 2;
        }
        self.expand |= !is_value && before.several;
        self.add(before);
        self.count += 1;
    }

    /// The end, and how long the lines are all in all.
    fn close(mut self, gap: &Gap<'_>, expanded: &mut [bool]) -> Lines {
        let empty = self.count == 0;
        let before = if empty && !extra::has_comment(gap.before) { &[] } else { gap.before };
        if empty {
            self.opening = Lines::of(before).first;
        } else {
            let after = Lines::of(gap.after);
            self.expand |= after.several;
            self.add(after);
            self.line += 2;
        }
        self.line += 1;
        self.expand |= self.line > WIDTH || memchr::memchr(b'\n', before).is_some();
        if !self.expand {
            return Lines {
                first: self.first.unwrap_or(self.line),
                last: self.line,
                several: self.first.is_some(),
            };
        }
        if let Some(expanded) = expanded.get_mut(self.ordinal) {
            *expanded = true;
        }
        Lines { first: 1 + self.opening, last: 1, several: true }
    }
}
