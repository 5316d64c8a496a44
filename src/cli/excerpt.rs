//! A place in a text, shown as the line it stands on with a caret below.
//!
//! The text may be anything: only a window around the place is read and shown, and what could play
//! with the terminal is replaced. So the cost and the length of an excerpt do not depend on the text.

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, DecorStyle};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use memchr::{memchr, memrchr};

use crate::hujson::{Position, position};

/// The most bytes that are shown on either side of the place, and of the place itself.
const WINDOW: usize = 36;

/// More columns than a window, a label and a line number take: the library shall not cut again.
const COLUMNS: usize = 2 * LONGEST;

/// The most bytes of a title or a label.
const LONGEST: usize = 1000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// The text is refused.
    Error,
    /// The text is taken, but hardly meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// A remark about a place in a text. Prints over several lines, the last without a line end, in
/// colour: [`Output`](super::output::Output) and `anstream` take the colour out where it is not
/// wanted.
#[derive(Clone, Debug)]
pub(super) struct Excerpt<'a> {
    /// The name of the text: a file name, `-`, a tailnet.
    pub(super) name: &'a str,
    /// The whole text.
    pub(super) text: &'a [u8],
    /// The bytes that the remark is about. What reaches past the end of their first line is not marked.
    pub(super) range: Range<usize>,
    /// How bad it is.
    pub(super) severity: Severity,
    /// What is to be said.
    pub(super) title: &'a str,
    /// What is to be said right at the place; may be empty.
    pub(super) label: &'a str,
}

impl<'a> Excerpt<'a> {
    /// A remark about the token that stands at a position, as errors and findings have it.
    pub(super) fn at(
        name: &'a str,
        text: &'a [u8],
        position: Position,
        severity: Severity,
        title: &'a str,
    ) -> Self {
        Self { name, text, range: token_at(text, offset(text, position)), severity, title, label: "" }
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let place = position(self.text, self.range.start);
        let (line, mark) = window(self.text, &self.range);
        let label = harmless(cut(self.label));
        let annotation =
            AnnotationKind::Primary.span(mark).label((!label.is_empty()).then_some(label.as_str()));
        let snippet = Snippet::source(line).line_start(place.line).annotation(annotation);
        let title = level.clone().primary_title(harmless(cut(self.title)));
        let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(COLUMNS);
        writeln!(f, "{}", renderer.render(&[Group::with_title(title)]))?;
        // The library would count characters of the window; a column is a byte of the line.
        let (arrow, width) = (DEFAULT_LINE_NUM_STYLE, place.line.to_string().len());
        let name = harmless(cut(self.name));
        writeln!(f, "{:width$}{arrow}-->{arrow:#} {name}:{}:{}", "", place.line, place.column)?;
        f.write_str(&renderer.render(&[Group::with_level(level).element(snippet)]))
    }
}

/// The part of a line around a range of bytes, made harmless, and where the range is in it.
fn window(text: &[u8], range: &Range<usize>) -> (String, Range<usize>) {
    let start = range.start.min(text.len());
    let mark_end = boundary(text, start.saturating_add(range.len().clamp(1, WINDOW)));
    let (from, to) = (boundary(text, start.saturating_sub(WINDOW)), boundary(text, mark_end + WINDOW));
    let slice = |range: Range<usize>| text.get(range).unwrap_or_default();
    // The line starts and ends within the window, or the window cuts it.
    let line_start = memrchr(b'\n', slice(from..start)).map(|lf| from + lf + 1);
    let line_end = memchr(b'\n', slice(start..to)).map(|lf| start + lf);
    let line_end = line_end.map(|end| end - usize::from(slice(start..end).ends_with(b"\r")));
    let from_start = from == 0 || text.get(from - 1) == Some(&b'\n');
    let to_end = to == text.len() || matches!(slice(to..text.len()), [b'\n', ..] | [b'\r', b'\n', ..]);
    let (from, to) = (line_start.unwrap_or(from), line_end.unwrap_or(to));
    let mark_end = mark_end.min(to);
    let mut out = String::new();
    if line_start.is_none() && !from_start {
        out.push('…');
    }
    out.push_str(&show(slice(from..start)));
    let mark_start = out.len();
    out.push_str(&show(slice(start..mark_end)));
    let mark = mark_start..out.len();
    out.push_str(&show(slice(mark_end..to)));
    if line_end.is_none() && !to_end {
        out.push('…');
    }
    (out, mark)
}

/// The place itself, or the start of the character that it is in the middle of, or the end of the text.
fn boundary(text: &[u8], at: usize) -> usize {
    let at = at.min(text.len());
    let inside = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|at| !inside(at)).unwrap_or(at)
}

/// Bytes as text that a terminal can be shown.
fn show(bytes: &[u8]) -> String {
    harmless(&String::from_utf8_lossy(bytes))
}

/// A text in which nothing moves the cursor, changes colours or turns the direction of writing.
pub(super) fn harmless(text: &str) -> String {
    let show = |character: char| match character {
        '\t' => ' ',
        control @ '\0'..' ' => char::from_u32(0x2400 + u32::from(control)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        other => other,
    };
    text.chars().map(show).collect()
}

/// The start of a text, if it is too long.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text)
}

/// The byte offset of a position; the end of the text if there is no such place.
fn offset(text: &[u8], position: Position) -> usize {
    let line = match position.line.checked_sub(2) {
        None => 0,
        Some(lf) => memchr::memchr_iter(b'\n', text).nth(lf).map_or(text.len(), |lf| lf + 1),
    };
    (line + position.column.saturating_sub(1)).min(text.len())
}

/// The string, word or single character that starts at an offset.
fn token_at(text: &[u8], offset: usize) -> Range<usize> {
    let rest = text.get(offset..).unwrap_or_default();
    // More is not shown anyway.
    let rest = rest.get(..2 * WINDOW).unwrap_or(rest);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.');
    let length = match rest {
        [] => 0,
        [b'"', inner @ ..] => {
            let mut escaped = false;
            let end = inner.iter().position(|byte| {
                let ends = (*byte == b'"' && !escaped) || *byte == b'\n';
                escaped = *byte == b'\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        }
        [first, ..] if is_word(first) => rest.iter().take_while(|byte| is_word(byte)).count(),
        // A whole character.
        [_, more @ ..] => 1 + more.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count(),
    };
    offset..offset + length
}
