//! The canonical layout, byte for byte the reference formatter's: the service's `ETag` of a policy
//! file is the SHA-256 of it.
//!
//! Two passes over the tokens. [`measure`] decides which arrays and objects are expanded, from the
//! inside out. This one writes, and remembers where the values of an expanded object start; once a
//! block of such lines is complete, the values are aligned. Neither pass recurses, so nesting costs
//! no stack.

mod extra;
mod measure;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use self::extra::{Gap, Place, lay_out};
use super::document::Document;
use super::parse::{SyntaxError, parse};
use super::plain;
use super::position::Position;
use super::string;

/// The longest layout that is made. Deep nesting costs a TAB for each level on each line, and a long
/// name pads its neighbours to its length, so that a short hostile text could have a layout without
/// end.
const LONGEST: usize = 64 << 20;

/// The canonical layout of a text: TABs, LF, one member a line or all on one, values aligned.
/// Plain JSON stays plain JSON. Laying out twice is laying out once.
///
/// # Errors
///
/// Fails when the text is not HuJSON, and when the layout would take more than 64 MiB, which only a
/// text made for it does.
pub fn format(text: &[u8]) -> Result<Vec<u8>, SyntaxError> {
    let document = parse(text)?;
    let mut writer = Writer {
        expand: measure::expanded(&document).into_iter(),
        plain: plain::extras(&document).next().is_none(),
        out: Vec::with_capacity(text.len() + text.len() / 4 + 16),
        frames: Vec::new(),
        padding: Vec::new(),
        spaces: 0,
    };
    for index in 0..document.len() {
        let lines = memchr_iter(b'\n', document.gap_before(index)).count();
        writer.check_length(lines)?;
        writer.token(&document, index);
    }
    writer.check_length(0)?;
    Ok(writer.finish(document.gap_behind()))
}

/// A scalar as it is written: strings with a backslash anew, with as few escapes as possible.
fn scalar(raw: &[u8]) -> Cow<'_, [u8]> {
    match raw {
        [b'"', inner @ .., b'"'] if memchr(b'\\', inner).is_some() => {
            string::encode(&string::decode(inner)).into()
        }
        _ => raw.into(),
    }
}

/// An array or object that is being written.
struct Frame {
    object: bool,
    expand: bool,
    depth: usize,
    /// Tokens inside so far; in an object, names and values count.
    count: usize,
    /// Whether there is a line end before, behind or in one of the values inside.
    multiline: bool,
    member: Member,
    /// The lines whose values are to be aligned.
    rows: Vec<Row>,
}

/// What decides whether a member's value is aligned.
#[derive(Default)]
struct Member {
    /// Line ends before the name.
    lines_before: usize,
    /// Where the name starts in the output.
    start: usize,
    row: Row,
    /// Whether there is a line end behind the name or in the value.
    multiline: bool,
}

/// A line of an expanded object.
#[derive(Clone, Copy, Default)]
struct Row {
    /// Where the value starts in the output.
    value: usize,
    /// How far that is from the start of the name, in bytes.
    width: usize,
}

struct Writer {
    expand: std::vec::IntoIter<bool>,
    plain: bool,
    out: Vec<u8>,
    frames: Vec<Frame>,
    /// Where spaces are still to be inserted, and how many.
    padding: Vec<(usize, usize)>,
    /// The sum of the padding.
    spaces: usize,
}

impl Writer {
    /// Fails if what was written, and the indentation of the next lines, is too long.
    fn check_length(&self, lines: usize) -> Result<(), SyntaxError> {
        let indentation = lines.saturating_mul(self.frames.len());
        if self.out.len().saturating_add(self.spaces).saturating_add(indentation) <= LONGEST {
            return Ok(());
        }
        let reason = "the canonical layout would be too long".to_owned();
        let expected = "less nesting and shorter names";
        Err(SyntaxError { position: Position { line: 1, column: 1 }, offset: 0, reason, expected })
    }

    /// Writes a value or bracket and what stands before it.
    fn token(&mut self, document: &Document<'_>, index: u32) {
        let gap = Gap::split(document.gap_before(index));
        let raw = document.token(index);
        let depth = match (raw, self.frames.last()) {
            (b"]" | b"}", Some(_)) => return self.close(&gap, raw),
            (_, None) => {
                lay_out(&mut self.out, gap.before, Place::Top, 0);
                let space = self.out.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                self.out.drain(..space);
                0
            }
            (_, Some(frame)) if frame.object && frame.count % 2 == 1 => self.value(&gap),
            (_, Some(_)) => self.item(&gap),
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.count += 1;
        }
        if let b"[" | b"{" = raw {
            let (object, expand) = (raw == b"{", self.expand.next().unwrap_or(false));
            let (member, rows) = (Member::default(), Vec::new());
            self.frames.push(Frame { object, expand, depth, count: 0, multiline: false, member, rows });
            self.out.extend_from_slice(raw);
        } else {
            self.out.extend_from_slice(&scalar(raw));
        }
    }

    /// What stands before a name or an element. Returns the depth of what comes.
    fn item(&mut self, gap: &Gap<'_>) -> usize {
        let Some(mut frame) = self.frames.pop() else { return 0 };
        let first = frame.count == 0;
        if !first {
            self.behind_value(&mut frame, gap.after);
            self.out.push(b',');
        }
        let start = self.out.len();
        lay_out(&mut self.out, gap.before, Place::Item { first, expand: frame.expand }, frame.depth);
        let lines_before = self.lines_since(start);
        frame.multiline |= lines_before > 0;
        frame.member = Member { lines_before, start: self.out.len(), ..Member::default() };
        let depth = frame.depth + usize::from(frame.expand);
        self.frames.push(frame);
        depth
    }

    /// What stands between a name and its value. Returns the depth of the value.
    fn value(&mut self, gap: &Gap<'_>) -> usize {
        let Some(mut frame) = self.frames.pop() else { return 0 };
        let start = self.out.len();
        lay_out(&mut self.out, gap.after, Place::Behind, frame.depth);
        self.out.push(b':');
        lay_out(&mut self.out, gap.before, Place::Value, frame.depth);
        let broken = self.lines_since(start) > 0;
        frame.multiline |= broken;
        frame.member.multiline |= broken;
        frame.member.row = Row { value: self.out.len(), width: self.out.len() - frame.member.start };
        let depth = frame.depth + usize::from(frame.expand) + usize::from(broken);
        self.frames.push(frame);
        depth
    }

    /// What stands between a value and its comma; then the member is complete.
    fn behind_value(&mut self, frame: &mut Frame, after: &[u8]) {
        let start = self.out.len();
        lay_out(&mut self.out, after, Place::Behind, frame.depth);
        let broken = self.lines_since(start) > 0;
        frame.multiline |= broken;
        if !frame.object {
            return;
        }
        let alone = broken || frame.member.multiline || frame.member.lines_before == 0;
        if alone || frame.member.lines_before > 1 {
            self.align(&mut frame.rows);
        }
        if !alone {
            frame.rows.push(frame.member.row);
        }
    }

    /// The end of an array or object, and what stands before it.
    fn close(&mut self, gap: &Gap<'_>, bracket: &[u8]) {
        let Some(mut frame) = self.frames.pop() else { return };
        let value_end = self.out.len();
        if frame.count > 0 {
            self.behind_value(&mut frame, gap.after);
        }
        let comma = self.out.len();
        let place = Place::Close { empty: frame.count == 0, expand: frame.expand };
        let before = if frame.count == 0 && !extra::has_comment(gap.before) { &[] } else { gap.before };
        lay_out(&mut self.out, before, place, frame.depth);
        // Inline, a comma is kept only where comments stand on both sides of it.
        let between_comments = comma > value_end && self.out.len() > comma;
        let wanted = if frame.expand { !self.plain } else { between_comments };
        if wanted && frame.count > 0 {
            self.out.insert(comma, b',');
        }
        self.out.extend_from_slice(bracket);
        self.align(&mut frame.rows);
        if let Some(around) = self.frames.last_mut() {
            around.multiline |= frame.multiline;
            around.member.multiline |= frame.multiline;
        }
    }

    /// The number of line ends written since `start`.
    fn lines_since(&self, start: usize) -> usize {
        memchr_iter(b'\n', self.out.get(start..).unwrap_or_default()).count()
    }

    /// Aligns the values of lines that form a block.
    fn align(&mut self, rows: &mut Vec<Row>) {
        let widest = rows.iter().map(|row| row.width).max().unwrap_or(0);
        for row in rows.drain(..).filter(|row| row.width < widest) {
            self.padding.push((row.value, widest - row.width));
            self.spaces += widest - row.width;
        }
    }

    /// Writes what stands behind the top-level value, and inserts the padding.
    fn finish(mut self, behind: &[u8]) -> Vec<u8> {
        let start = self.out.len();
        lay_out(&mut self.out, behind, Place::Top, 0);
        // Comments are UTF-8, so this is the whole of it.
        let behind = std::str::from_utf8(self.out.get(start..).unwrap_or_default()).unwrap_or_default();
        self.out.truncate(start + behind.trim_end().len());
        self.out.push(b'\n');
        self.padding.sort_unstable();
        let mut out = Vec::with_capacity(self.out.len() + self.spaces);
        let mut done = 0;
        for (at, spaces) in self.padding {
            out.extend_from_slice(self.out.get(done..at).unwrap_or_default());
            out.resize(out.len() + spaces, b' ');
            done = at;
        }
        out.extend_from_slice(self.out.get(done..).unwrap_or_default());
        out
    }
}
