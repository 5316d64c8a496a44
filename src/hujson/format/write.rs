//! The second pass: the layout is written.

use memchr::memchr_iter;

use super::LONGEST;
use super::extra::{Extra, Gap, Place, lay_out};
use super::plan::Plan;
use super::scalar::Scalars;
use crate::hujson::document::Document;

/// The layout would be longer than [`LONGEST`].
pub(super) struct TooLong;

/// Writes a document as planned.
pub(super) fn write(document: &Document<'_>, plan: &Plan) -> Result<Vec<u8>, TooLong> {
    let length = document.text().len();
    let out = Output { bytes: Vec::with_capacity(length + length / 4 + 16), rows: Vec::new(), spaces: 0 };
    let mut writer =
        Writer { plain: plan.plain, scalars: Scalars::new(document.text()), out, frames: Vec::new() };
    for (token, step) in document.tokens().zip(&plan.steps) {
        let gap = step.gap(|| document.slice(token.before));
        writer.check_length(&gap)?;
        match token.mark {
            b']' | b'}' => writer.close(&gap, token.mark),
            b'[' | b'{' => writer.open(&gap, token.mark, step.expand),
            _ => writer.scalar(&gap, token.range),
        }
    }
    let behind = Gap::read(document.gap_behind());
    writer.check_length(&behind)?;
    Ok(writer.out.finish(behind.before))
}

struct Writer<'t> {
    plain: bool,
    scalars: Scalars<'t>,
    out: Output,
    /// The arrays and objects that are open.
    frames: Vec<Frame>,
}

impl Writer<'_> {
    /// Fails if what was written, and the indentation of the next lines, is too long.
    fn check_length(&self, gap: &Gap<'_>) -> Result<(), TooLong> {
        let lines = |extra: Extra<'_>| match extra {
            Extra::Space(lines) => usize::from(lines),
            Extra::Comments(extra) => memchr_iter(b'\n', extra).count(),
        };
        let indentation = (lines(gap.after) + lines(gap.before)).saturating_mul(self.frames.len());
        let length = self.out.bytes.len() + self.out.spaces;
        if length.saturating_add(indentation) <= LONGEST { Ok(()) } else { Err(TooLong) }
    }

    /// What stands before a value or a name. Returns the depth of what comes.
    fn before(&mut self, gap: &Gap<'_>) -> usize {
        let Some(frame) = self.frames.last_mut() else {
            self.out.start(gap.before);
            return 0;
        };
        let depth = if frame.object && frame.count % 2 == 1 {
            frame.value(&mut self.out, gap)
        } else {
            frame.item(&mut self.out, gap)
        };
        frame.count += 1;
        depth
    }

    fn scalar(&mut self, gap: &Gap<'_>, token: std::ops::Range<usize>) {
        self.before(gap);
        self.out.bytes.extend_from_slice(&self.scalars.written(token));
    }

    fn open(&mut self, gap: &Gap<'_>, bracket: u8, expand: bool) {
        let depth = self.before(gap);
        self.out.bytes.push(bracket);
        self.frames.push(Frame::new(bracket == b'{', expand, depth));
    }

    fn close(&mut self, gap: &Gap<'_>, bracket: u8) {
        let Some(mut frame) = self.frames.pop() else { return };
        frame.close(&mut self.out, gap, self.plain);
        self.out.bytes.push(bracket);
        if let Some(around) = self.frames.last_mut() {
            around.multiline |= frame.multiline;
            around.member.multiline |= frame.multiline;
        }
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
    block: Block,
}

/// What decides whether a member's value is aligned.
#[derive(Default)]
struct Member {
    /// Line ends before the name.
    lines_before: usize,
    /// Where the name starts in the output.
    start: usize,
    /// Whether there is a line end behind the name or in the value.
    multiline: bool,
    /// Its row in the output, if it may be aligned.
    row: Option<usize>,
}

/// Lines of an expanded object whose values are aligned with each other.
#[derive(Default)]
struct Block {
    /// The row of the last of them.
    last: Option<usize>,
    widest: usize,
}

impl Frame {
    fn new(object: bool, expand: bool, depth: usize) -> Self {
        let (member, block) = (Member::default(), Block::default());
        Self { object, expand, depth, count: 0, multiline: false, member, block }
    }

    /// What stands before a name or an element. Returns the depth of what comes.
    fn item(&mut self, out: &mut Output, gap: &Gap<'_>) -> usize {
        let first = self.count == 0;
        if !first {
            self.behind_value(out, gap.after);
            out.bytes.push(b',');
        }
        let place = Place::Item { first, expand: self.expand };
        let lines_before = lay_out(&mut out.bytes, gap.before, place, self.depth);
        self.multiline |= lines_before > 0;
        self.member = Member { lines_before, start: out.bytes.len(), ..Member::default() };
        self.depth + usize::from(self.expand)
    }

    /// What stands between a name and its value. Returns the depth of the value.
    fn value(&mut self, out: &mut Output, gap: &Gap<'_>) -> usize {
        let mut lines = lay_out(&mut out.bytes, gap.after, Place::Behind, self.depth);
        out.bytes.push(b':');
        lines += lay_out(&mut out.bytes, gap.before, Place::Value, self.depth);
        let broken = lines > 0;
        self.multiline |= broken;
        self.member.multiline |= broken;
        if self.member.lines_before > 0 && !broken {
            self.member.row = Some(out.new_row(self.member.start));
        }
        self.depth + usize::from(self.expand) + usize::from(broken)
    }

    /// What stands between a value and its comma; then the member is complete.
    fn behind_value(&mut self, out: &mut Output, after: Extra<'_>) {
        let broken = lay_out(&mut out.bytes, after, Place::Behind, self.depth) > 0;
        self.multiline |= broken;
        if !self.object {
            return;
        }
        let row = self.member.row.filter(|_| !broken && !self.member.multiline);
        if row.is_none() || self.member.lines_before > 1 {
            out.align(std::mem::take(&mut self.block));
        }
        if let Some(row) = row {
            out.add_to_block(row, &mut self.block);
        }
    }

    /// What stands before the closing bracket.
    fn close(&mut self, out: &mut Output, gap: &Gap<'_>, plain: bool) {
        let empty = self.count == 0;
        let value_end = out.bytes.len();
        if !empty {
            self.behind_value(out, gap.after);
        }
        let comma = out.bytes.len();
        let before = if empty && !gap.before.has_comment() { Extra::NONE } else { gap.before };
        lay_out(&mut out.bytes, before, Place::Close { empty, expand: self.expand }, self.depth);
        // Inline, a comma is kept only where comments stand on both sides of it.
        let between_comments = comma > value_end && out.bytes.len() > comma;
        let wanted = if self.expand { !plain } else { between_comments };
        if wanted && !empty {
            out.bytes.insert(comma, b',');
        }
        out.align(std::mem::take(&mut self.block));
    }
}

/// What was written so far, without the spaces that align values.
struct Output {
    bytes: Vec<u8>,
    /// Members on lines of their own, in the order of the output.
    rows: Vec<Row>,
    /// How many spaces are to be inserted.
    spaces: usize,
}

/// A member on a line of its own.
struct Row {
    /// Where its value starts.
    value: usize,
    /// How far that is from the start of the name, in bytes.
    width: usize,
    /// How many spaces are to be inserted before the value.
    spaces: usize,
    /// The row before in the block.
    previous: Option<usize>,
}

impl Output {
    /// What stands before the top-level value: no space at the start of the text.
    fn start(&mut self, before: Extra<'_>) {
        lay_out(&mut self.bytes, before, Place::Top, 0);
        let space = self.bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.bytes.drain(..space);
    }

    /// A row for the member whose name starts there and whose value starts here.
    fn new_row(&mut self, start: usize) -> usize {
        let value = self.bytes.len();
        self.rows.push(Row { value, width: value - start, spaces: 0, previous: None });
        self.rows.len() - 1
    }

    fn add_to_block(&mut self, index: usize, block: &mut Block) {
        if let Some(row) = self.rows.get_mut(index) {
            row.previous = block.last.replace(index);
            block.widest = block.widest.max(row.width);
        }
    }

    /// Aligns the values of a block that is complete.
    fn align(&mut self, mut block: Block) {
        while let Some(row) = block.last.and_then(|last| self.rows.get_mut(last)) {
            row.spaces = block.widest - row.width;
            self.spaces += row.spaces;
            block.last = row.previous;
        }
    }

    /// Writes what stands behind the top-level value; then all is there.
    fn finish(mut self, behind: Extra<'_>) -> Vec<u8> {
        let start = self.bytes.len();
        lay_out(&mut self.bytes, behind, Place::Top, 0);
        // Comments are UTF-8, so this is the whole of it.
        let behind = std::str::from_utf8(self.bytes.get(start..).unwrap_or_default()).unwrap_or_default();
        self.bytes.truncate(start + behind.trim_end().len());
        self.bytes.push(b'\n');
        self.insert_spaces();
        self.bytes
    }

    /// Inserts the spaces that align values, from behind, so that each byte is moved once.
    fn insert_spaces(&mut self) {
        let mut end = self.bytes.len();
        let mut spaces = self.spaces;
        self.bytes.resize(end + spaces, b' ');
        for row in self.rows.iter().rev().filter(|row| row.spaces > 0) {
            self.bytes.copy_within(row.value..end, row.value + spaces);
            spaces -= row.spaces;
            self.bytes
                .get_mut(row.value + spaces..)
                .and_then(|rest| rest.get_mut(..row.spaces))
                .unwrap_or_default()
                .fill(b' ');
            end = row.value;
        }
    }
}
