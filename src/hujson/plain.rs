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
    let mut out = text.to_vec();
    standardize_in_place(&mut out)?;
    Ok(out)
}

/// What [`standardize`] does, without a second copy of the text.
///
/// # Errors
///
/// Fails when the text is not HuJSON, which is then as it was.
pub fn standardize_in_place(text: &mut [u8]) -> Result<(), SyntaxError> {
    let extras: Vec<_> = extras(&parse(text)?).collect();
    for extra in extras {
        for byte in text.get_mut(extra).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r' | b'\t') {
                *byte = b' ';
            }
        }
    }
    Ok(())
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
    use proptest::prelude::*;

    use super::*;
    use crate::hujson::second::meaning;
    use crate::hujson::strategy::{document, strange_sample};
    use crate::hujson::{Kind, Value};

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

    /// Every value: where it stands, and on which line.
    fn places(text: &[u8]) -> Vec<(Kind, std::ops::Range<usize>, usize)> {
        let document = parse(text).unwrap();
        let (mut places, mut waiting) = (Vec::new(), vec![document.root()]);
        while let Some(value) = waiting.pop() {
            places.push((value.kind(), value.span(), value.position().line));
            let children =
                value.elements().chain(value.members().flat_map(|member| [member.name, member.value]));
            waiting.extend(children.collect::<Vec<Value<'_>>>());
        }
        places
    }

    #[test]
    fn a_text_that_is_refused_stays_as_it_was() {
        let mut text = *b"[1, /* a */ 2,] // open";
        assert!(standardize_in_place(&mut text).is_err());
        assert_eq!(&text, b"[1, /* a */ 2,] // open");
    }

    proptest! {
        #[test]
        fn nothing_moves(sample in strange_sample()) {
            let text = sample.bytes();
            let mut plain = text.clone();
            standardize_in_place(&mut plain).unwrap();
            prop_assert_eq!(plain.len(), text.len());
            prop_assert_eq!(places(&plain), places(&text));
            prop_assert_eq!(meaning(&plain), meaning(&text));
            prop_assert!(extras(&parse(&plain).unwrap()).next().is_none());
        }

        #[test]
        fn the_result_is_json(text in document()) {
            let plain = standardize(text.as_bytes()).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&plain).unwrap();
            let minimal: serde_json::Value = serde_json::from_slice(&minimize(text.as_bytes()).unwrap()).unwrap();
            prop_assert_eq!(json, minimal);
        }
    }
}
