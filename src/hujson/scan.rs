//! How far a token reaches. Every function takes the text and where the token starts.

use memchr::{memchr, memchr_iter};

/// What is wrong with a comment.
pub(super) enum BadComment {
    Open,
    NotUtf8,
}

/// The end of a comment that starts at `at`: after the LF of a `//`, after the `*/` of a `/*`.
/// `None`: there is no comment.
pub(super) fn comment_end(text: &[u8], at: usize) -> Option<Result<usize, BadComment>> {
    let rest = text.get(at..)?;
    let length = match rest {
        [b'/', b'/', ..] => memchr(b'\n', rest).map(|lf| lf + 1),
        // The star that opens is not the star that closes: `/*/` is open.
        [b'/', b'*', ..] => memchr_iter(b'/', rest)
            .find(|&slash| slash > 2 && rest.get(slash - 1) == Some(&b'*'))
            .map(|slash| slash + 1),
        _ => return None,
    };
    Some(match length.and_then(|length| rest.get(..length)) {
        None => Err(BadComment::Open),
        Some(comment) if std::str::from_utf8(comment).is_err() => Err(BadComment::NotUtf8),
        Some(comment) => Ok(at + comment.len()),
    })
}

/// What a string looks like from outside.
pub(super) struct Quoted {
    /// After the closing quote.
    pub(super) end: usize,
    pub(super) valid: bool,
}

/// The string whose opening quote is at `at`. `None`: the text ends before the string does.
pub(super) fn string_end(text: &[u8], at: usize) -> Option<Quoted> {
    let mut at = at + 1;
    let mut valid = true;
    loop {
        at = plain_end(text, at);
        match text.get(at)? {
            b'"' => return Some(Quoted { end: at + 1, valid }),
            b'\\' => {
                let escaped = *text.get(at + 1)?;
                valid &= match escaped {
                    b'u' => text
                        .get(at + 2..at + 6)
                        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
                    _ => matches!(escaped, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'),
                };
                at += 2;
            }
            _ => {
                valid = false;
                at += 1;
            }
        }
    }
}

/// One byte in every place of a word.
const fn everywhere(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The first byte at or after `at` that is a quote, a backslash or a control character.
///
/// Eight bytes at a time: a place's high bit is set where the byte is zero (or less than a bound),
/// and borrows only ever disturb the places above the first hit.
fn plain_end(text: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ everywhere(b'"');
        let backslash = word ^ everywhere(b'\\');
        let hits = ((quote.wrapping_sub(everywhere(1)) & !quote)
            | (backslash.wrapping_sub(everywhere(1)) & !backslash)
            | (word.wrapping_sub(everywhere(0x20)) & !word))
            & everywhere(0x80);
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(rest.len())
}

/// The end of a run of the bytes that literals are made of; `at` itself where there is none.
pub(super) fn literal_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let in_literal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    at + rest.iter().position(|byte| !in_literal(byte)).unwrap_or(rest.len())
}

/// Whether a run of such bytes is `null`, a bool or a number.
pub(super) fn is_literal(literal: &[u8]) -> bool {
    matches!(literal, b"null" | b"true" | b"false") || is_number(literal)
}

fn is_number(literal: &[u8]) -> bool {
    let digits = |rest: &[u8]| rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = literal.strip_prefix(b"-").unwrap_or(literal);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with(b"0")) {
        return false;
    }
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        match digits(fraction) {
            0 => return false,
            places => rest = fraction.get(places..).unwrap_or_default(),
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = if let [b'+' | b'-', unsigned @ ..] = exponent { unsigned } else { exponent };
        match digits(exponent) {
            0 => return false,
            places => rest = exponent.get(places..).unwrap_or_default(),
        }
    }
    rest.is_empty()
}
