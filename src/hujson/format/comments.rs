//! Comments: measured, and written on their lines.

use std::borrow::Cow;

use memchr::{memchr, memrchr};

use super::extra::{Lines, ends_line, indent, line_ends};
use crate::hujson::scan;

/// How long the lines of space and comments are, by the reference's rough count: space does not
/// count, except one before each comment and behind the last; a comment that goes on beyond its line
/// counts to the end of the line, and the rest of it, on its last line, not at all.
pub(super) fn lines(extra: &[u8]) -> Lines {
    match (memchr(b'\n', extra), memrchr(b'\n', extra)) {
        (Some(first), Some(last)) => {
            let (first, last) = (extra.split_at(first).0, extra.split_at(last + 1).1);
            Lines { first: length(first), last: length(last), several: true }
        }
        _ => Lines::one(length(extra)),
    }
}

fn length(mut line: &[u8]) -> usize {
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

/// CR LF and LF CR become LF, any other CR a space.
pub(super) fn without_cr(extra: &[u8]) -> Cow<'_, [u8]> {
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
pub(super) fn write_comments(out: &mut Vec<u8>, start: usize, extra: &[u8], depth: usize) {
    let mut at = 0;
    while at < extra.len() {
        let rest = extra.get(at..).unwrap_or_default();
        let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if space > 0 {
            let lines = line_ends(rest.split_at(space).0);
            out.resize(out.len() + usize::from(lines), b'\n');
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
