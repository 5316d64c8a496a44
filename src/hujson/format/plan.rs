//! The first pass: what stands between the tokens, and which arrays and objects are expanded.

use super::extra::{Extra, Gap, Lines};
use super::scalar::Scalars;
use crate::hujson::document::Document;

/// The longest line of an inline array or object, by the reference's rough count.
const WIDTH: usize = 80;

/// What the first pass knows.
pub(super) struct Plan {
    /// One for each token.
    pub(super) steps: Vec<Step>,
    /// The text is plain JSON: it has no comment and no comma behind a last element.
    pub(super) plain: bool,
}

/// What the first pass knows of a token.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// What stands before it: the line ends behind the comma or colon where there is no comment, at
    /// most 2, else nothing.
    lines: Option<u8>,
    /// Of an opening bracket: the array or object is expanded, a line for each member. Because a
    /// line end stands behind its bracket, behind a comma or before its closing bracket, or because
    /// one of its lines would be too long.
    pub(super) expand: bool,
}

impl Step {
    fn new(gap: &Gap<'_>) -> Self {
        let lines = match (gap.after, gap.before) {
            (Extra::Space(_), Extra::Space(lines)) => Some(lines),
            _ => None,
        };
        Self { lines, expand: false }
    }

    /// What stands before the token, which is read again only if there are comments in it.
    pub(super) fn gap<'t>(self, text: impl FnOnce() -> &'t [u8]) -> Gap<'t> {
        match self.lines {
            Some(lines) => Gap { after: Extra::NONE, before: Extra::Space(lines), mark: false },
            None => Gap::read(text()),
        }
    }
}

/// Reads a document from its start to its end.
pub(super) fn plan(document: &Document<'_>) -> Plan {
    let mut steps: Vec<Step> = Vec::with_capacity(document.len() as usize);
    let mut scalars = Scalars::new(document.text());
    let mut frames: Vec<Frame> = Vec::new();
    let mut plain = !Gap::read(document.gap_behind()).before.has_comment();
    for token in document.tokens() {
        let gap = Gap::read(document.slice(token.before));
        let step = Step::new(&gap);
        plain &= step.lines.is_some();
        if let b']' | b'}' = token.mark {
            plain &= !gap.mark;
            let Some(frame) = frames.pop() else { continue };
            let opening = frame.opening;
            let (expand, lines) = frame.close(&gap);
            if let Some(step) = steps.get_mut(opening) {
                step.expand = expand;
            }
            if let Some(around) = frames.last_mut() {
                around.add(lines);
            }
        } else {
            if let Some(frame) = frames.last_mut() {
                frame.before(&gap);
            }
            if let b'[' | b'{' = token.mark {
                frames.push(Frame::open(token.mark == b'{', steps.len()));
            } else if let Some(frame) = frames.last_mut() {
                frame.line += scalars.length(token.range);
            }
        }
        steps.push(step);
    }
    Plan { steps, plain }
}

/// An array or object that is being measured.
struct Frame {
    object: bool,
    /// Which token opens it.
    opening: usize,
    /// Steps inside so far; in an object, names and values count.
    count: usize,
    expand: bool,
    /// The length of the first line, once there is a second.
    first: Option<usize>,
    /// The length of the line so far.
    line: usize,
    /// The length of the comments behind the opening bracket, on its line.
    comments: usize,
}

impl Frame {
    fn open(object: bool, opening: usize) -> Self {
        Self { object, opening, count: 0, expand: false, first: None, line: 1, comments: 0 }
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
        let before = gap.before.lines();
        let is_value = self.object && self.count % 2 == 1;
        if self.count == 0 {
            self.comments = before.first;
        } else {
            self.add(gap.after.lines());
            self.line += 2;
        }
        self.expand |= !is_value && before.several;
        self.add(before);
        self.count += 1;
    }

    /// The end. Whether it is expanded, and how long the lines are all in all.
    fn close(mut self, gap: &Gap<'_>) -> (bool, Lines) {
        let empty = self.count == 0;
        // Nothing but space between two brackets is nothing.
        let before = if empty && !gap.before.has_comment() { Extra::NONE } else { gap.before };
        if empty {
            self.comments = before.lines().first;
        } else {
            let after = gap.after.lines();
            self.expand |= after.several;
            self.add(after);
            self.line += 2;
        }
        self.line += 1;
        self.expand |= self.line > WIDTH || before.has_line_end();
        let lines = if self.expand {
            Lines { first: 1 + self.comments, last: 1, several: true }
        } else {
            Lines { first: self.first.unwrap_or(self.line), last: self.line, several: self.first.is_some() }
        };
        (self.expand, lines)
    }
}
