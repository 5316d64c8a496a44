//! Changes to a text.

use std::ops::Range;

/// A byte range of a text and the bytes that take its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes; empty for an insertion.
    pub range: Range<usize>,
    /// What comes.
    pub bytes: Vec<u8>,
}

/// Two edits want the same bytes, or one wants bytes that are not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("edits overlap or reach outside the text")]
pub struct Overlap;

/// Carries out edits, in whatever order they come. Insertions at one place keep their order.
///
/// # Errors
///
/// Fails when two edits overlap, when one reaches past the end, or runs backwards.
pub fn apply(source: &[u8], mut edits: Vec<Edit>) -> Result<Vec<u8>, Overlap> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let added: usize = edits.iter().map(|edit| edit.bytes.len()).sum();
    let mut out = Vec::with_capacity(source.len() + added);
    let mut done = 0;
    for Edit { range, bytes } in edits {
        if range.end < range.start {
            return Err(Overlap);
        }
        out.extend_from_slice(source.get(done..range.start).ok_or(Overlap)?);
        out.extend_from_slice(&bytes);
        done = range.end;
    }
    out.extend_from_slice(source.get(done..).ok_or(Overlap)?);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(range: Range<usize>, bytes: &str) -> Edit {
        Edit { range, bytes: bytes.into() }
    }

    #[test]
    fn edits_are_carried_out_in_the_order_of_the_text() {
        let edits = vec![
            edit(5..6, ""),
            edit(0..0, "<"),
            edit(2..4, "X"),
            edit(6..6, ">"),
            edit(2..2, "1"),
            edit(2..2, "2"),
        ];
        assert_eq!(apply(b"abcdef", edits).unwrap(), b"<ab12Xe>");
        assert_eq!(apply(b"abc", vec![]).unwrap(), b"abc");
    }

    #[test]
    fn edits_that_cannot_be_are_refused() {
        #[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
        let backwards = 2..1;
        for edits in [
            vec![edit(0..2, ""), edit(1..3, "")],
            vec![edit(2..4, "")],
            vec![edit(4..4, "")],
            vec![edit(backwards, "")],
        ] {
            assert_eq!(apply(b"abc", edits), Err(Overlap));
        }
    }
}
