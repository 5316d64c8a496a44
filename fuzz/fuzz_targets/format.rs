//! Laying out twice is laying out once, and changes neither the meaning nor a comment's place in the
//! order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailgrant_fuzz::hujson::{format, parse};
use tailgrant_fuzz::{second, walk};

fuzz_target!(|text: &[u8]| {
    let Ok(document) = parse(text) else {
        assert!(format(text).is_err());
        return;
    };
    // Only a layout that is too long is refused, and a short text must be made for that.
    let Ok(out) = format(text) else {
        assert!(second::depth(text) > 1_000 || text.len() > 1_000_000);
        return;
    };
    assert_eq!(format(&out).as_ref(), Ok(&out), "laid out twice");
    assert!(out.ends_with(b"\n") && !out.ends_with(b"\n\n"));
    let laid_out = parse(&out).expect("a layout is HuJSON");
    assert_eq!(walk::comments(&laid_out), walk::comments(&document), "comments");
    if second::depth(text) <= 1_000 {
        assert_eq!(walk::meaning(laid_out.root()), walk::meaning(document.root()));
        let is_plain = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).is_ok();
        assert!(!is_plain(text) || is_plain(&out), "plain JSON stays plain");
    }
});
