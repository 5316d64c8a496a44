//! What changed between two texts, for people.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use super::line::written_size;

/// Most bytes of a diff in a line.
const LIMIT: usize = 1 << 20;

/// Lines around a change that are shown.
const CONTEXT: usize = 3;

/// Texts are compared in blocks of so many bytes as long as they are equal.
const BLOCK: usize = 4096;

/// After so long a diff need not be the shortest any more.
const PATIENCE: Duration = Duration::from_millis(50);

/// A unified diff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The hunks, with three lines of context; empty where nothing changes. What is beyond 1 MiB is cut off,
    /// and the last line tells so.
    pub text: String,
    /// Lines that came, also those cut off.
    pub added: usize,
    /// Lines that went, also those cut off.
    pub removed: usize,
}

impl Diff {
    /// Compares two texts by their lines. What is not UTF-8 is shown as U+FFFD.
    ///
    /// Costs what reading both texts once costs, and more only for the part between the first and the last
    /// line that differ.
    #[must_use]
    pub fn of(before: &[u8], after: &[u8]) -> Self {
        let same = common_lines(before, after);
        let skipped = memchr::memchr_iter(b'\n', same.start).count();
        let (before, after) = (lossy(before, &same), lossy(after, &same));
        let (old, new): (Vec<&str>, Vec<&str>) =
            (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
        let deadline = Instant::now().checked_add(PATIENCE);
        let changes = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline);
        let mut diff = Self::default();
        for hunk in group_diff_ops(changes, CONTEXT) {
            diff.hunk(&hunk, &old, &new, skipped);
        }
        diff.bound();
        diff
    }

    /// Of one word that gives way to another.
    #[must_use]
    pub fn of_words(before: &str, after: &str) -> Self {
        Self { text: format!("-{before}\n+{after}\n"), added: 1, removed: 1 }
    }

    fn hunk(&mut self, hunk: &[DiffOp], old: &[&str], new: &[&str], skipped: usize) {
        let range = |of: fn(&DiffOp) -> Range<usize>| {
            let start = hunk.first().map_or(0, |op| of(op).start) + skipped;
            let end = hunk.last().map_or(0, |op| of(op).end) + skipped;
            match end - start {
                0 => format!("{start},0"),
                1 => format!("{}", start + 1),
                length => format!("{},{length}", start + 1),
            }
        };
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "@@ -{} +{} @@", range(DiffOp::old_range), range(DiffOp::new_range));
        for op in hunk {
            if let DiffOp::Equal { .. } = op {
                self.lines(' ', old, op.old_range());
            } else {
                self.removed += op.old_range().len();
                self.added += op.new_range().len();
                self.lines('-', old, op.old_range());
                self.lines('+', new, op.new_range());
            }
        }
    }

    fn lines(&mut self, sign: char, lines: &[&str], range: Range<usize>) {
        for line in lines.get(range).unwrap_or_default() {
            self.text.push(sign);
            self.text.push_str(line);
            if !line.ends_with('\n') {
                self.text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }

    fn bound(&mut self) {
        let mut left = LIMIT;
        let mut kept = 0;
        for line in self.text.split_inclusive('\n') {
            let Some(rest) = left.checked_sub(written_size(line)) else {
                let whole = self.text.len();
                self.text.truncate(kept);
                let _ = writeln!(self.text, "\\ cut off after {kept} of {whole} bytes");
                return;
            };
            left = rest;
            kept += line.len();
        }
    }
}

/// The beginning and the length of the end that two texts have in common.
struct Common<'t> {
    start: &'t [u8],
    end: usize,
}

/// Whole lines only, and less than is common by the context that is shown.
fn common_lines<'t>(before: &'t [u8], after: &[u8]) -> Common<'t> {
    let shorter = before.len().min(after.len());
    let blocks = before.chunks(BLOCK).zip(after.chunks(BLOCK)).take_while(|(old, new)| old == new);
    let equal = blocks.map(|(block, _)| block.len()).sum::<usize>();
    let rest = before.iter().zip(after).skip(equal).take_while(|(old, new)| old == new);
    let start = equal + rest.count();
    let most = shorter - start;
    let blocks = before.rchunks(BLOCK).zip(after.rchunks(BLOCK)).take_while(|(old, new)| old == new);
    let equal = blocks.map(|(block, _)| block.len()).sum::<usize>().min(most);
    let rest = before.iter().rev().zip(after.iter().rev()).take(most).skip(equal);
    let end = equal + rest.take_while(|(old, new)| old == new).count();
    let head = before.get(..start).unwrap_or_default();
    // The line that the difference is in, and those before it.
    let kept = memchr::memrchr_iter(b'\n', head).nth(CONTEXT).map_or(0, |at| at + 1);
    let tail = before.get(before.len() - end..).unwrap_or_default();
    // The rest of the line that the difference is in, and those after it.
    let after_it = memchr::memchr_iter(b'\n', tail).nth(CONTEXT).map_or(tail.len(), |at| at + 1);
    Common { start: head.get(..kept).unwrap_or_default(), end: end - after_it }
}

fn lossy<'t>(text: &'t [u8], same: &Common<'_>) -> std::borrow::Cow<'t, str> {
    let range = same.start.len()..text.len() - same.end;
    String::from_utf8_lossy(text.get(range).unwrap_or_default())
}

#[cfg(test)]
mod tests;
