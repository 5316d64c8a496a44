//! A file as lines of bounded length.

use std::io::{self, BufRead, Read};

use super::line::LONGEST;

/// Reads one line after the other.
pub(super) struct Lines<R> {
    reader: R,
    /// Where the next line begins.
    offset: u64,
}

/// Where a line is and how it ends. Its bytes are in the buffer, without the line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Offset of its first byte.
    pub(super) start: u64,
    /// Length in bytes without the line end.
    pub(super) length: u64,
    /// It has a line end. Only the last one may not.
    pub(super) ended: bool,
    /// It is longer than any line of a journal; only its beginning is in the buffer.
    pub(super) too_long: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, offset: 0 }
    }

    /// The next line; `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Option<Span>> {
        line.clear();
        let start = self.offset;
        let most = LONGEST as u64 + 1;
        let mut taken = (&mut self.reader).take(most).read_until(b'\n', line)? as u64;
        if taken == 0 {
            return Ok(None);
        }
        let mut ended = line.last() == Some(&b'\n');
        let too_long = !ended && taken == most;
        if ended {
            line.pop();
        } else if too_long {
            (taken, ended) = self.skip(taken)?;
        }
        self.offset += taken;
        Ok(Some(Span { start, length: taken - u64::from(ended), ended, too_long }))
    }

    /// Passes over the rest of a line.
    fn skip(&mut self, mut taken: u64) -> io::Result<(u64, bool)> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok((taken, false));
            }
            let end = memchr::memchr(b'\n', buffer);
            let passed = end.map_or(buffer.len(), |at| at + 1);
            self.reader.consume(passed);
            taken += passed as u64;
            if end.is_some() {
                return Ok((taken, true));
            }
        }
    }
}
