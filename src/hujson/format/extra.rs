//! What stands between two tokens: split, measured, and laid out.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memrchr};

use super::super::scan;
use super::super::trivia::{Piece, pieces};

/// The space and comments on both sides of a comma or colon.
pub(super) struct Gap<'t> {
    /// Before the comma or colon; empty if there is no comment.
    pub(super) after: &'t [u8],
    /// Behind it, or all where there is none.
    pub(super) before: &'t [u8],
}

impl<'t> Gap<'t> {
    pub(super) fn split(gap: &'t [u8]) -> Self {
        let mark = if has_comment(gap) {
            let mark = |(piece, range): (Piece, std::ops::Range<usize>)| {
                matches!(piece, Piece::Comma | Piece::Colon).then_some(range.start)
            };
            pieces(gap, 0..gap.len()).find_map(mark)
        } else {
            gap.iter().position(|byte| matches!(byte, b',' | b':'))
        };
        let Some(mark) = mark else { return Self { after: &[], before: gap } };
        let (after, before) = gap.split_at(mark);
        Self {
            after: if has_comment(after) { after } else { &[] },
            before: before.get(1..).unwrap_or_default(),
        }
    }
}

/// Whether there is a comment in what stands between two tokens: nothing else has a slash.
pub(super) fn has_comment(extra: &[u8]) -> bool {
    extra.contains(&b'/')
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

    /// Of space and comments, by the reference's rough count: space does not count, except one
    /// before each comment and behind the last; a comment that goes on beyond its line counts to
    /// the end of the line, and the rest of it, on its last line, not at all.
    pub(super) fn of(extra: &[u8]) -> Self {
        let length = if has_comment(extra) { comments_length } else { |_: &[u8]| 0 };
        match (memchr(b'\n', extra), memrchr(b'\n', extra)) {
            (Some(first), Some(last)) => {
                let (first, last) = (extra.split_at(first).0, extra.split_at(last + 1).1);
                Self { first: length(first), last: length(last), several: true }
            }
            _ => Self::one(length(extra)),
        }
    }
}

fn comments_length(mut line: &[u8]) -> usize {
    let mut length = 0;
    loop {
        line = line.trim_ascii_start();
        match line {
            [b'/', b'*', ..] => match scan::comment_end(line, 0) {
                Some(Ok(end)) => {
                    length += 1 + end;
                    line = line.get(end..).unwrap_or_default();
                }
                _ => return length + 1 + line.len(),
            },
            [b'/', b'/', ..] => return length + 1 + line.len(),
            _ => return length + usize::from(length > 0),
        }
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

/// Appends space and comments, laid out for where they stand. `depth` is that of the array or object.
pub(super) fn lay_out(out: &mut Vec<u8>, extra: &[u8], place: Place, depth: usize) {
    let start = out.len();
    if has_comment(extra) {
        if place.starts_with_newline() && memchr(b'\n', extra).is_none() {
            out.push(b'\n');
        }
        write_comments(out, start, &without_cr(extra), place.comment_depth(depth));
    } else {
        let lines = memchr_iter(b'\n', extra).count().min(2);
        let lines = if place.starts_with_newline() { lines.max(1) } else { lines };
        out.resize(start + lines, b'\n');
    }
    if place.ends_with_newline() && !ends_line(out, start) {
        out.push(b'\n');
    }
    if place.trims_start() && out.get(start..).unwrap_or_default().starts_with(b"\n\n") {
        out.remove(start);
    }
    while place.trims_end() && out.get(start..).unwrap_or_default().ends_with(b"\n\n") {
        out.pop();
    }
    if ends_line(out, start) {
        indent(out, place.next_depth(depth));
    } else if out.len() > start || place.is_never_empty() {
        out.push(b' ');
    }
}

fn ends_line(out: &[u8], start: usize) -> bool {
    out.get(start..).unwrap_or_default().ends_with(b"\n")
}

fn indent(out: &mut Vec<u8>, depth: usize) {
    out.resize(out.len() + depth, b'\t');
}

/// CR LF and LF CR become LF, any other CR a space.
fn without_cr(extra: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\r', extra).is_none() {
        return extra.into();
    }
    let mut out = Vec::with_capacity(extra.len());
    let mut after_lf = false;
    for (at, byte) in extra.iter().enumerate() {
        match byte {
            b'\r' if extra.get(at + 1) == Some(&b'\n') => continue,
            b'\r' if after_lf => {}
            b'\r' => out.push(b' '),
            byte => out.push(*byte),
        }
        after_lf = *byte == b'\n';
    }
    out.into()
}

/// Comments on their lines, with at most one blank line in a row and no space at the end of lines.
fn write_comments(out: &mut Vec<u8>, start: usize, extra: &[u8], depth: usize) {
    let mut at = 0;
    while at < extra.len() {
        let rest = extra.get(at..).unwrap_or_default();
        let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if space > 0 {
            let lines = memchr_iter(b'\n', rest.split_at(space).0).count().min(2);
            out.resize(out.len() + lines, b'\n');
            at += space;
            continue;
        }
        let Some(Ok(length)) = scan::comment_end(rest, 0) else { return };
        if ends_line(out, start) {
            indent(out, depth);
        } else {
            out.push(b' ');
        }
        let (comment, _) = rest.split_at(length);
        // The line end of a `//` is left for the next round, which counts it.
        let is_line = comment.starts_with(b"//");
        at += length - usize::from(is_line);
        // The parser took only comments that are UTF-8.
        let comment = std::str::from_utf8(comment).unwrap_or_default();
        if is_line || !comment.contains('\n') {
            out.extend_from_slice(comment.trim_end().as_bytes());
        } else {
            write_block(out, comment, depth);
        }
    }
}

/// A block comment of several lines: the space that all lines but the first start with becomes the
/// indentation. Where all go on with a star, the stars are set under the first one.
fn write_block(out: &mut Vec<u8>, comment: &str, depth: usize) {
    let mut lines = comment.split('\n').map(str::trim_end);
    out.extend_from_slice(lines.next().unwrap_or_default().as_bytes());
    let mut common: Option<&str> = None;
    let mut blank = false;
    for line in lines.clone() {
        if line.is_empty() {
            blank = true;
            continue;
        }
        let shared = common.get_or_insert(line);
        if !is_end(line) {
            *shared = common_start(shared, line);
        }
    }
    let common = common.unwrap_or_default();
    let space = common.len() - trim_space(common).len();
    let starred = !blank && trim_space(common).starts_with('*');
    for line in lines {
        out.push(b'\n');
        if line.is_empty() {
            continue;
        }
        indent(out, depth);
        if starred {
            out.push(b' ');
        }
        let text = if is_end(line) { "*/" } else { line.get(space..).unwrap_or(line) };
        out.extend_from_slice(text.as_bytes());
    }
}

/// Whether a line has nothing but the end of the comment.
fn is_end(line: &str) -> bool {
    trim_space(line) == "*/"
}

fn trim_space(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '\r', '\n'])
}

/// What two lines have in common from the start; a line that ends earlier does not cut the other short.
fn common_start<'l>(common: &'l str, line: &str) -> &'l str {
    let differs = common.bytes().zip(line.bytes()).position(|(a, b)| a != b);
    differs.and_then(|at| common.get(..common.floor_char_boundary(at))).unwrap_or(common)
}
