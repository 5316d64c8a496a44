//! Plain JSON from HuJSON.

use super::document::Document;
use super::parse::{SyntaxError, parse};
use super::trivia::{Piece, pieces};

/// Turns comments and trailing commas into as many spaces: plain JSON in which every value stands
/// at the same offset and on the same line. LF, CR and TAB stay, also those inside comments.
///
/// # Errors
///
/// Fails when the text is not HuJSON.
pub fn standardize(text: &[u8]) -> Result<Vec<u8>, SyntaxError> {
    let document = parse(text)?;
    let mut out = text.to_vec();
    for extra in extras(&document) {
        for byte in out.get_mut(extra).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r' | b'\t') {
                *byte = b' ';
            }
        }
    }
    Ok(out)
}

/// Strips all space, comments and trailing commas. Numbers and strings stay as they are written.
///
/// # Errors
///
/// Fails when the text is not HuJSON.
pub fn minimize(text: &[u8]) -> Result<Vec<u8>, SyntaxError> {
    let document = parse(text)?;
    let mut out = Vec::with_capacity(text.len());
    for gap in document.gaps() {
        out.extend_from_slice(document.slice(gap.token));
        let kept = pieces(text, gap.range).filter(|(piece, _)| match piece {
            Piece::Comma => !gap.closes,
            piece => *piece == Piece::Colon,
        });
        for (_, range) in kept {
            out.extend_from_slice(document.slice(range));
        }
    }
    Ok(out)
}

/// The comments and trailing commas of a document: what JSON does not have.
pub(super) fn extras<'d>(document: &'d Document<'_>) -> impl Iterator<Item = std::ops::Range<usize>> + 'd {
    document.gaps().flat_map(move |gap| {
        let is_extra = move |piece: Piece| piece.is_comment() || (piece == Piece::Comma && gap.closes);
        pieces(document.text(), gap.range).filter(move |(piece, _)| is_extra(*piece)).map(|(_, range)| range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_does_not_have_becomes_space() {
        let text = "{ // é\r\n\t\"//\": [1, 2,/*\n\t,*/], }\n";
        let plain = "{      \r\n\t\"//\": [1, 2   \n\t   ]  }\n";
        assert_eq!(standardize(text.as_bytes()).unwrap(), plain.as_bytes());
        assert_eq!(standardize(plain.as_bytes()).unwrap(), plain.as_bytes());
        assert!(standardize(b"{,}").is_err());
    }

    #[test]
    fn what_has_no_meaning_is_stripped() {
        let text = b" /**/ { \"a\" /**/ : [ 1 , 2 , ] , \"b\\u0062\" : -0 , } //\n";
        assert_eq!(minimize(text).unwrap(), b"{\"a\":[1,2],\"b\\u0062\":-0}");
        assert!(minimize(b"").is_err());
    }
}
