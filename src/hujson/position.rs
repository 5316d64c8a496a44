//! Lines and columns.

use memchr::{memchr_iter, memrchr};

/// A place in a text as people count: lines and columns start at 1, a column is a byte after the
/// last LF (not a character: the reference counts so).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1 + the number of LFs before.
    pub line: usize,
    /// 1 + the number of bytes since the last LF.
    pub column: usize,
}

/// The position of a byte offset; an offset past the end counts as the end.
///
/// Reads the text up to the offset. To ask for many positions of one text, use
/// [`Document::position`](super::Document::position).
#[must_use]
pub fn position(text: &[u8], offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    Position { line: 1 + memchr_iter(b'\n', before).count(), column: 1 + before.len() - line_start(before) }
}

/// The offset after the last LF of a text.
fn line_start(before: &[u8]) -> usize {
    memrchr(b'\n', before).map_or(0, |lf| lf + 1)
}

/// Distance of the marks of a [`LineIndex`], in bytes.
const STEP: usize = 1024;

/// The number of lines and the start of the line at every [`STEP`] bytes, so that a position costs
/// the same wherever it is.
#[derive(Debug)]
pub(super) struct LineIndex {
    marks: Vec<Position>,
}

impl LineIndex {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut mark = Position { line: 1, column: 1 };
        let marks = text.chunks(STEP).map(|block| {
            let next = advance(mark, block);
            std::mem::replace(&mut mark, next)
        });
        let marks = marks.collect();
        Self { marks }
    }

    pub(super) fn position(&self, text: &[u8], offset: usize) -> Position {
        let block = offset / STEP;
        match (self.marks.get(block), text.get(block * STEP..offset)) {
            (Some(mark), Some(rest)) => advance(*mark, rest),
            _ => position(text, offset),
        }
    }
}

/// The position after `passed`, which starts at `from`.
fn advance(from: Position, passed: &[u8]) -> Position {
    match memchr_iter(b'\n', passed).count() {
        0 => Position { line: from.line, column: from.column + passed.len() },
        lines => Position { line: from.line + lines, column: 1 + passed.len() - line_start(passed) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_start_at_one_and_count_bytes() {
        let text = "a\né\r\n\nz".as_bytes();
        for (offset, line, column) in
            [(0, 1, 1), (1, 1, 2), (2, 2, 1), (4, 2, 3), (6, 3, 1), (7, 4, 1), (8, 4, 2), (99, 4, 2)]
        {
            assert_eq!(position(text, offset), Position { line, column }, "offset {offset}");
        }
    }

    #[test]
    fn the_index_agrees_with_counting() {
        let text: Vec<u8> = (0..5000_u32).map(|i| if i * i % 97 == 3 { b'\n' } else { b'x' }).collect();
        let index = LineIndex::new(&text);
        for offset in 0..=text.len() + 1 {
            assert_eq!(index.position(&text, offset), position(&text, offset), "offset {offset}");
        }
    }
}
