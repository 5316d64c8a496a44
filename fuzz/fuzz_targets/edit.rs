//! Editing an array of any document: no byte outside it changes, the elements become what was asked
//! for, and what was appended is removed without a trace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailgrant_fuzz::hujson::{edit_array, parse};
use tailgrant_fuzz::{second, walk};

/// What is appended: as people write it, and what needs escapes.
const NEW: [&str; 3] = ["newcomer@example.com", "\"\n\u{1} é \\", ""];

// Which array, which of its elements go, and how many come, and a document.
fuzz_target!(|input: &[u8]| {
    let [which, gone, come, text @ ..] = input else { return };
    let Ok(document) = parse(text) else { return };
    let arrays = walk::arrays(&document);
    if arrays.is_empty() || second::depth(text) > 1_000 {
        return;
    }
    let array = arrays[usize::from(*which) % arrays.len()];
    let (span, count) = (array.span(), array.elements().count());
    let gone: Vec<usize> = (0..count).filter(|index| gone >> (index % 8) & 1 == 1).collect();
    let come = &NEW[..usize::from(come % 4)];
    let edit = |text: &[u8], remove: &[usize], append: &[&str]| {
        walk::edited(text, span.start, |array| edit_array(array, remove, append))
    };

    let before = walk::elements(text, span.start);
    let check = |out: &[u8], remove: &[usize], append: &[&str]| {
        let tail = text.len() - span.end + 1;
        assert_eq!(out[..=span.start], text[..=span.start], "before the array");
        assert_eq!(out[out.len() - tail..], text[text.len() - tail..], "behind the array");
        let kept = before.iter().enumerate().filter(|(index, _)| !remove.contains(index));
        let expected = kept.map(|(_, raw)| raw.clone()).chain(append.iter().map(|new| walk::quoted(new)));
        assert_eq!(walk::elements(out, span.start), expected.collect::<Vec<_>>());
    };
    check(&edit(text, &gone, come), &gone, come);
    check(&edit(text, &gone, &[]), &gone, &[]);

    let added = edit(text, &[], come);
    check(&added, &[], come);
    let new: Vec<usize> = (count..count + come.len()).collect();
    assert_eq!(edit(&added, &new, &[]), text, "removed together");
    let first_first = new.iter().fold(added.clone(), |text, _| edit(&text, &[count], &[]));
    assert_eq!(first_first, text, "removed one by one");
    let last_first = new.iter().rev().fold(added, |text, last| edit(&text, &[*last], &[]));
    assert_eq!(last_first, text, "removed from behind");
});
