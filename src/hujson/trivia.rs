//! What stands between two values, and to which of them a comment belongs.

use std::ops::Range;

use super::scan;

/// A piece of the text between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Space, TAB, and CR that is not part of a line end.
    Space,
    /// LF or CR LF.
    Newline,
    /// `// …`, without its line end.
    LineComment,
    /// `/* … */`
    BlockComment,
    Comma,
    Colon,
}

impl Piece {
    pub(super) fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment)
    }
}

/// The pieces of a gap between two values of a text that was parsed.
pub(super) fn pieces(text: &[u8], gap: Range<usize>) -> impl Iterator<Item = (Piece, Range<usize>)> + '_ {
    let mut at = gap.start;
    std::iter::from_fn(move || {
        let (piece, end) = piece(text.get(..gap.end)?, at)?;
        let range = at..end;
        at = end;
        Some((piece, range))
    })
}

/// The piece at `at`, and where it ends.
fn piece(text: &[u8], at: usize) -> Option<(Piece, usize)> {
    let rest = text.get(at..)?;
    Some(match rest {
        [b'\n', ..] => (Piece::Newline, at + 1),
        [b'\r', b'\n', ..] => (Piece::Newline, at + 2),
        [b' ' | b'\t' | b'\r', ..] => {
            let is_space = |(i, byte): (usize, &u8)| match byte {
                b' ' | b'\t' => true,
                b'\r' => rest.get(i + 1) != Some(&b'\n'),
                _ => false,
            };
            (Piece::Space, at + rest.iter().enumerate().take_while(|pair| is_space(*pair)).count())
        }
        [b',', ..] => (Piece::Comma, at + 1),
        [b':', ..] => (Piece::Colon, at + 1),
        _ => {
            let end = scan::comment_end(text, at)?.ok()?;
            match text.get(at..end)? {
                [b'/', b'/', .., b'\r', b'\n'] => (Piece::LineComment, end - 2),
                [b'/', b'/', ..] => (Piece::LineComment, end - 1),
                _ => (Piece::BlockComment, end),
            }
        }
    })
}

/// Which comments of a gap belong to the element before it and which to the element behind it:
/// the pieces before `left` and those from `right` on. The others belong to nobody.
///
/// To the element before: what stands before its comma, and what ends its line. To the element
/// behind: the comments right above it, up to a blank line, and those before it on its own line.
/// To nobody: paragraphs of their own, what stands behind the opening bracket on the bracket's
/// line, what stands before the closing bracket.
///
/// This takes less than the reference does, which gives the element before also the paragraph
/// under it, and the element behind also what ends the line of the one before: when in doubt, a
/// comment stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ownership {
    pub(super) left: usize,
    pub(super) right: usize,
}

impl Ownership {
    /// `after_element`: the gap follows an element, else an opening bracket. `before_element`: an
    /// element follows it, else a closing bracket.
    pub(super) fn of(gap: &[Piece], after_element: bool, before_element: bool) -> Self {
        let comma = gap.iter().position(|piece| *piece == Piece::Comma);
        let line_end = position_from(gap, comma.unwrap_or(0), Piece::Newline);
        let left = match (after_element, line_end, comma) {
            (false, _, _) => 0,
            (true, Some(line_end), _) => line_end,
            (true, None, Some(comma)) => comma,
            (true, None, None) => gap.len(),
        };
        let right = match (before_element, line_end, comma) {
            (true, Some(line_end), _) => attached(gap, line_end),
            (true, None, Some(comma)) => attached(gap, comma),
            _ => gap.len(),
        };
        Self { left, right }
    }
}

fn position_from(gap: &[Piece], from: usize, wanted: Piece) -> Option<usize> {
    gap.iter().skip(from).position(|piece| *piece == wanted).map(|at| from + at)
}

/// Where the comments start that are attached to the end of a gap, not going back beyond `limit`.
fn attached(gap: &[Piece], limit: usize) -> usize {
    let mut start = gap.len();
    let mut line_ends = 0;
    for (at, piece) in gap.iter().enumerate().skip(limit).rev() {
        match piece {
            Piece::Newline => line_ends += 1,
            piece if piece.is_comment() => {
                start = at;
                line_ends = 0;
            }
            _ => {}
        }
        if line_ends == 2 {
            break;
        }
    }
    start
}
