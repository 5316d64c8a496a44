//! JSON strings: from the text between the quotes to what it stands for, and back.

use std::borrow::Cow;
use std::fmt::Write as _;

use memchr::memchr;

/// What the text between two quotes stands for. Lone surrogates and each byte that is not UTF-8
/// become U+FFFD, as in Go's decoder.
pub(super) fn decode(inner: &[u8]) -> Cow<'_, str> {
    if memchr(b'\\', inner).is_none()
        && let Ok(plain) = std::str::from_utf8(inner)
    {
        return Cow::Borrowed(plain);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(backslash) = memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(backslash);
        push_lossy(&mut out, plain);
        let (character, length) = unescape(escape);
        out.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    push_lossy(&mut out, rest);
    Cow::Owned(out)
}

/// Appends bytes, with U+FFFD for each that is not UTF-8.
fn push_lossy(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

/// The character of an escape sequence, and the length of the sequence in bytes.
fn unescape(escape: &[u8]) -> (char, usize) {
    match escape.get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => {
            let first = code_unit(escape);
            let second = escape.get(6..).map_or(0, code_unit);
            match (first, second) {
                (0xd800..=0xdbff, 0xdc00..=0xdfff) => {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
                _ => (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
            }
        }
        Some(&itself) => (char::from(itself), 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// The number in `\uXXXX`; 0 where there is none.
fn code_unit(escape: &[u8]) -> u32 {
    let digits = match escape {
        [b'\\', b'u', rest @ ..] => rest.get(..4),
        _ => None,
    };
    digits
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .unwrap_or(0)
}

/// A text as a JSON string, with as few escapes as the grammar allows.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control @ ..' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn decodes(inner: &[u8], expected: &str) {
        assert_eq!(decode(inner), expected);
    }

    #[test]
    fn escapes_are_decoded() {
        decodes(b"", "");
        decodes(b"plain", "plain");
        decodes(br#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t");
        decodes(br"p\u00e4r\u00C4", "pärÄ");
        decodes(br"\ud83d\ude02!", "😂!");
        decodes(br"\u0000", "\0");
    }

    #[test]
    fn lone_surrogates_and_invalid_bytes_become_replacement_characters() {
        decodes(br"\ude00\ud83d", "\u{fffd}\u{fffd}");
        decodes(br"\ud83dx", "\u{fffd}x");
        decodes(br"\ud83d\u0041", "\u{fffd}A");
        decodes(br"\ud83d\ud83d\ude02", "\u{fffd}😂");
        decodes(b"a\xffb", "a\u{fffd}b");
        decodes(b"\xe2\x82\\n", "\u{fffd}\u{fffd}\n");
    }

    #[test]
    fn only_what_needs_decoding_is_copied() {
        assert!(matches!(decode("pär".as_bytes()), Cow::Borrowed(_)));
        assert!(matches!(decode(b"\\n"), Cow::Owned(_)));
    }

    #[test]
    fn only_quotes_backslashes_and_controls_are_escaped() {
        let text = "\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é\u{2028}😂";
        let written = "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}é\u{2028}😂\"";
        assert_eq!(encode(text), written.as_bytes());
        assert_eq!(decode(&written.as_bytes()[1..written.len() - 1]), text);
    }
}
