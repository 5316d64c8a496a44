//! The words of a directive, read and written.

use crate::hujson::Comment;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// What a comment line starts with to be a directive.
pub(in crate::policy) const MARK: &str = "tailgrant:";

/// A key with its value if it has one, or the text of a word that is malformed.
pub(super) type Word<'c> = Result<(&'c str, Option<Cow<'c, str>>), &'c str>;

/// The words of a comment line; `None` if it is no directive.
pub(super) fn of<'c>(comment: &'c Comment<'_>) -> Option<Words<'c>> {
    comment.text.trim().strip_prefix(MARK).map(Words)
}

/// The words of a comment line and where in the document each stands; `None` if it is no directive.
pub(super) fn placed<'c>(comment: &'c Comment<'_>) -> Option<Vec<(Range<usize>, Word<'c>)>> {
    let mut words = of(comment)?;
    let end = comment.place.start + comment.text.trim_end().len();
    let mut placed = Vec::new();
    loop {
        words.0 = words.0.trim_start();
        let start = end - words.0.len();
        let Some(word) = words.next() else { return Some(placed) };
        placed.push((start..end - words.0.len(), word));
    }
}

/// The words of a directive that are still to be read.
pub(super) struct Words<'c>(&'c str);

impl<'c> Iterator for Words<'c> {
    type Item = Word<'c>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.trim_start();
        if text.is_empty() {
            return None;
        }
        let key_end = text.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(text.len());
        let (key, rest) = text.split_at(key_end);
        let parsed = match rest.strip_prefix('=') {
            None => Some((None, rest)),
            Some(quoted) if quoted.starts_with('"') => {
                quoted_value(quoted).map(|(value, rest)| (Some(value), rest))
            }
            Some(plain) => {
                let end = plain.find(ends_plain).unwrap_or(plain.len());
                let (value, rest) = plain.split_at(end);
                (end > 0).then_some((Some(Cow::Borrowed(value)), rest))
            }
        };
        match parsed {
            Some((value, rest)) if !key.is_empty() && rest.chars().next().is_none_or(char::is_whitespace) => {
                self.0 = rest;
                Some(Ok((key, value)))
            }
            // The next word is tried: what protects shall not hang on what stands before it.
            _ => {
                let end = text.find(char::is_whitespace).unwrap_or(text.len());
                let (malformed, rest) = text.split_at(end);
                self.0 = rest;
                // …and `grant=` protects, whatever stands behind it.
                if key == "grant" && malformed.starts_with("grant=") {
                    return Some(Ok((key, Some(Cow::Borrowed(malformed)))));
                }
                Some(Err(malformed))
            }
        }
    }
}

fn ends_plain(c: char) -> bool {
    c.is_whitespace() || c == '"'
}

/// Reads `"…"` with `\"` and `\\`; the value and what follows.
fn quoted_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Cow::Owned(value), inner.get(at + 1..)?)),
            '\\' => match characters.next()? {
                (_, escaped @ ('"' | '\\')) => value.push(escaped),
                _ => return None,
            },
            _ => value.push(character),
        }
    }
    None
}

/// Writes a directive: the mark and the words, nothing if there are none.
///
/// A value is quoted where it must be. It comes back as it is when the text is read from a `//` comment; a
/// line end, which cannot stand in one, becomes a space.
pub(super) fn write<'w>(
    out: &mut fmt::Formatter<'_>,
    words: impl IntoIterator<Item = (&'w str, Option<&'w str>)>,
) -> fmt::Result {
    for (number, (key, value)) in words.into_iter().enumerate() {
        if number == 0 {
            out.write_str(MARK)?;
        }
        write!(out, " {key}")?;
        match value {
            None => {}
            Some(plain) if !plain.is_empty() && !plain.contains(ends_plain) => write!(out, "={plain}")?,
            Some(value) => {
                out.write_str("=\"")?;
                for character in value.chars() {
                    match character {
                        '"' | '\\' => write!(out, "\\{character}")?,
                        '\n' => out.write_str(" ")?,
                        _ => write!(out, "{character}")?,
                    }
                }
                out.write_str("\"")?;
            }
        }
    }
    Ok(())
}
