//! What stands between two tokens: read, and laid out.

use memchr::memchr_iter;

use super::comments::{self, without_cr, write_comments};
use crate::hujson::trivia::{Piece, pieces};

/// What stands before a comma or colon, or behind it.
#[derive(Clone, Copy)]
pub(super) enum Extra<'t> {
    /// Space alone, with so many line ends, 2 standing for more.
    Space(u8),
    /// There is a comment in it.
    Comments(&'t [u8]),
}

impl<'t> Extra<'t> {
    pub(super) const NONE: Self = Self::Space(0);

    fn read(extra: &'t [u8]) -> Self {
        if has_comment(extra) { Self::Comments(extra) } else { Self::Space(line_ends(extra)) }
    }

    /// How long its lines are, by the reference's rough count, in which space does not count.
    pub(super) fn lines(self) -> Lines {
        match self {
            Self::Space(0) => Lines { first: 0, last: 0, several: false },
            Self::Space(_) => Lines { first: 0, last: 0, several: true },
            Self::Comments(extra) => comments::lines(extra),
        }
    }

    pub(super) fn has_line_end(self) -> bool {
        match self {
            Self::Space(lines) => lines > 0,
            Self::Comments(extra) => extra.contains(&b'\n'),
        }
    }

    pub(super) fn has_comment(self) -> bool {
        matches!(self, Self::Comments(_))
    }
}

/// What stands between two tokens.
#[derive(Clone, Copy)]
pub(super) struct Gap<'t> {
    /// Before the comma or colon. Nothing if it is space alone: it would be laid out as nothing.
    pub(super) after: Extra<'t>,
    /// Behind it, or all where there is none.
    pub(super) before: Extra<'t>,
    /// There is a comma or colon.
    pub(super) mark: bool,
}

impl<'t> Gap<'t> {
    pub(super) fn read(gap: &'t [u8]) -> Self {
        let mut lines = 0_u8;
        let mut mark = false;
        for byte in gap {
            match byte {
                b'\n' => lines = (lines + 1).min(2),
                b',' | b':' => (lines, mark) = (0, true),
                b'/' => return Self::with_comments(gap),
                _ => {}
            }
        }
        Self { after: Extra::NONE, before: Extra::Space(lines), mark }
    }

    fn with_comments(gap: &'t [u8]) -> Self {
        let is_mark = |piece| matches!(piece, Piece::Comma | Piece::Colon);
        let mark = pieces(gap, 0..gap.len()).find(|(piece, _)| is_mark(*piece));
        let Some((_, mark)) = mark else {
            return Self { after: Extra::NONE, before: Extra::read(gap), mark: false };
        };
        let (after, before) = (gap.get(..mark.start), gap.get(mark.end..));
        let after = match Extra::read(after.unwrap_or_default()) {
            Extra::Space(_) => Extra::NONE,
            comments @ Extra::Comments(_) => comments,
        };
        Self { after, before: Extra::read(before.unwrap_or_default()), mark: true }
    }
}

/// Whether there is a comment in what stands between two tokens: nothing else has a slash.
fn has_comment(extra: &[u8]) -> bool {
    extra.contains(&b'/')
}

/// The number of line ends, 2 standing for more.
pub(super) fn line_ends(extra: &[u8]) -> u8 {
    memchr_iter(b'\n', extra).take(2).fold(0, |lines, _| lines + 1)
}

/// How long the lines of something are, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) several: bool,
}

impl Lines {
    pub(super) fn one(length: usize) -> Self {
        Self { first: length, last: length, several: false }
    }
}

/// Where space and comments stand.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// Before a name or an element of the array or object.
    Item { first: bool, expand: bool },
    /// Between a name and its colon, or a value and its comma.
    Behind,
    /// Between a colon and the value.
    Value,
    /// Before the closing bracket.
    Close { empty: bool, expand: bool },
    /// Around the top-level value.
    Top,
}

impl Place {
    /// How deep comments on lines of their own are indented, inside an array or object of this depth.
    fn comment_depth(self, depth: usize) -> usize {
        match self {
            Self::Item { .. } | Self::Close { .. } => depth + 1,
            Self::Behind | Self::Value => depth + 2,
            Self::Top => depth,
        }
    }

    /// How deep what follows is indented where it starts a line.
    fn next_depth(self, depth: usize) -> usize {
        if let Self::Close { .. } = self { depth } else { self.comment_depth(depth) }
    }

    /// No blank line may stand first.
    fn trims_start(self) -> bool {
        matches!(
            self,
            Self::Item { first: true, .. } | Self::Behind | Self::Value | Self::Close { empty: true, .. }
        )
    }

    /// No blank line may stand last.
    fn trims_end(self) -> bool {
        matches!(self, Self::Behind | Self::Value | Self::Close { .. })
    }

    fn starts_with_newline(self) -> bool {
        matches!(self, Self::Item { expand: true, .. })
    }

    fn ends_with_newline(self) -> bool {
        matches!(self, Self::Close { expand: true, .. })
    }

    fn is_never_empty(self) -> bool {
        matches!(self, Self::Item { first: false, .. } | Self::Value)
    }
}

/// Appends space and comments, laid out for where they stand. `depth` is that of the array or
/// object. Returns the number of line ends that were written.
pub(super) fn lay_out(out: &mut Vec<u8>, extra: Extra<'_>, place: Place, depth: usize) -> usize {
    match extra {
        Extra::Space(lines) => lay_out_space(out, lines, place, depth),
        Extra::Comments(extra) => lay_out_comments(out, extra, place, depth),
    }
}

fn lay_out_space(out: &mut Vec<u8>, lines: u8, place: Place, depth: usize) -> usize {
    let breaks = place.starts_with_newline() || place.ends_with_newline();
    let lines = if breaks { lines.max(1) } else { lines };
    if lines == 0 {
        if place.is_never_empty() {
            out.push(b' ');
        }
        return 0;
    }
    let trims = place.trims_start() || place.trims_end();
    let lines = if trims { 1 } else { lines };
    if lines > 1 {
        out.push(b'\n');
    }
    new_line(out, place.next_depth(depth));
    usize::from(lines)
}

fn lay_out_comments(out: &mut Vec<u8>, extra: &[u8], place: Place, depth: usize) -> usize {
    let start = out.len();
    if place.starts_with_newline() && !extra.contains(&b'\n') {
        out.push(b'\n');
    }
    write_comments(out, start, &without_cr(extra), place.comment_depth(depth));
    if place.ends_with_newline() && !ends_line(out, start) {
        out.push(b'\n');
    }
    if place.trims_start() && out.get(start..).unwrap_or_default().starts_with(b"\n\n") {
        out.remove(start);
    }
    while place.trims_end() && out.get(start..).unwrap_or_default().ends_with(b"\n\n") {
        out.pop();
    }
    let lines = memchr_iter(b'\n', out.get(start..).unwrap_or_default()).count();
    if ends_line(out, start) {
        indent(out, place.next_depth(depth));
    } else {
        out.push(b' ');
    }
    lines
}

/// A line end and the indentation of the next line.
fn new_line(out: &mut Vec<u8>, depth: usize) {
    const USUAL: &[u8] = b"\n\t\t\t\t\t\t\t\t\t\t\t\t";
    if let Some(usual) = USUAL.get(..=depth) {
        out.extend_from_slice(usual);
    } else {
        out.push(b'\n');
        indent(out, depth);
    }
}

/// Whether what was written since `start` ends with a line end.
pub(super) fn ends_line(out: &[u8], start: usize) -> bool {
    out.get(start..).unwrap_or_default().ends_with(b"\n")
}

pub(super) fn indent(out: &mut Vec<u8>, depth: usize) {
    out.resize(out.len() + depth, b'\t');
}
