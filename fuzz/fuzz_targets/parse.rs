//! Parsing never panics, accepted text prints itself, and a second reader says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailgrant_fuzz::hujson::{minimize, parse, standardize};
use tailgrant_fuzz::{second, walk};

fuzz_target!(|text: &[u8]| {
    let parsed = parse(text);
    if second::depth(text) > 1_000 {
        return;
    }
    let other = second::read(text);
    let document = match parsed {
        Ok(document) => document,
        Err(error) => {
            assert!(error.offset <= text.len());
            assert_eq!(other, None, "refused: {error}");
            return;
        }
    };
    assert_eq!(Some(walk::meaning(document.root())), other, "they disagree");

    let plain = standardize(text).expect("it was parsed before");
    assert_eq!(plain.len(), text.len());
    assert_eq!(standardize(&plain).as_ref(), Ok(&plain));
    assert_eq!(second::read(&plain), other);
    let small = minimize(text).expect("it was parsed before");
    let (mut printed, mut tokens) = (Vec::new(), Vec::new());
    for token in walk::tokens(&document) {
        let gap = &plain[printed.len()..token.start];
        assert!(gap.iter().all(|byte| b" \t\r\n,:".contains(byte)), "a gap has more than space in it");
        printed.extend_from_slice(&text[printed.len()..token.end]);
        tokens.extend_from_slice(&text[token]);
    }
    printed.extend_from_slice(&text[printed.len()..]);
    assert_eq!(printed, text);
    assert!(small.len() >= tokens.len() && small.len() <= text.len());
    assert_eq!(parse(&small).map(|small| walk::meaning(small.root())).ok(), other);
});
