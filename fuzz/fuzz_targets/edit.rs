//! Editing an array or object of any document: no byte outside it changes, its content becomes what
//! was asked for, twice is once, and what was appended is removed without a trace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailgrant_fuzz::hujson::{Kind, NewValue, edit_array, edit_object, parse, replace};
use tailgrant_fuzz::second;
use tailgrant_fuzz::walk::{self, Entry};

/// What is appended, of every kind; some needs escapes.
const NEW: [(&str, NewValue<'_>); 3] = [
    ("\"\n\u{1} \u{e9} \\", NewValue::String("newcomer@example.com")),
    ("group:new", NewValue::Strings(&["ada@example.com", "\t"])),
    ("", NewValue::Object(&[("a", NewValue::String("")), ("b", NewValue::Strings(&[]))])),
];

/// What the new values mean, by the other reader.
const MEANING: [&str; 3] =
    ["\"newcomer@example.com\"", "[\"ada@example.com\",\"\\t\"]", "{\"a\":\"\",\"b\":[]}"];

// Which array or object, what of it goes, how much comes, and a document.
fuzz_target!(|input: &[u8]| {
    let [which, gone, come, text @ ..] = input else { return };
    let Ok(document) = parse(text) else { return };
    let composites = walk::composites(&document);
    if composites.is_empty() || second::depth(text) > 1_000 {
        return;
    }
    let composite = composites[usize::from(*which) % composites.len()];
    let (span, is_object) = (composite.span(), composite.kind() == Kind::Object);
    let before = walk::entries(text, span.start);
    let gone: Vec<usize> = (0..before.len()).filter(|index| gone >> (index % 8) & 1 == 1).collect();
    let is_new = |new: &(&str, NewValue<'_>)| {
        !is_object || before.iter().all(|entry| entry.name.as_deref() != Some(new.0))
    };
    let come: Vec<usize> = (0..usize::from(come % 4)).filter(|index| is_new(&NEW[*index])).collect();

    let edit = |text: &[u8], remove: &[usize], append: &[usize]| {
        let append: Vec<_> = append.iter().map(|index| NEW[*index]).collect();
        walk::edited(text, span.start, |composite| {
            if is_object {
                return edit_object(composite, remove, &append);
            }
            edit_array(composite, remove, &append.iter().map(|(_, value)| *value).collect::<Vec<_>>())
        })
    };
    let tail = text.len() - span.end + 1;
    let check_outside = |out: &[u8]| {
        assert_eq!(out[..span.start], text[..span.start], "before it");
        assert_eq!(out[out.len() - tail + 1..], text[text.len() - tail + 1..], "behind it");
    };
    let check = |remove: &[usize], append: &[usize]| {
        let out = edit(text, remove, append);
        check_outside(&out);
        let kept = before.iter().enumerate().filter(|(index, _)| !remove.contains(index));
        let new = append.iter().map(|index| Entry {
            name: is_object.then(|| NEW[*index].0.to_owned()),
            meaning: serde_json::from_str(MEANING[*index]).expect("it is JSON"),
        });
        let expected: Vec<Entry> = kept.map(|(_, entry)| entry.clone()).chain(new).collect();
        assert_eq!(walk::entries(&out, span.start), expected);
        out
    };
    check(&gone, &come);
    check(&gone, &[]);
    let added = check(&[], &come);
    if is_object {
        assert_eq!(edit(&added, &[], &come), added, "added twice");
    }
    let first = before.len();
    let new: Vec<usize> = (first..first + come.len()).collect();
    assert_eq!(edit(&added, &new, &[]), text, "removed together");
    let first_first = new.iter().fold(added.clone(), |text, _| edit(&text, &[first], &[]));
    assert_eq!(first_first, text, "removed one by one");
    let last_first = new.iter().rev().fold(added, |text, last| edit(&text, &[*last], &[]));
    assert_eq!(last_first, text, "removed from behind");

    let replaced = walk::edited(text, span.start, |value| vec![replace(value, NEW[come.len() % 3].1)]);
    check_outside(&replaced);
    let again = parse(&replaced).expect("an edit leaves HuJSON");
    let value = walk::value_at(&again, span.start).expect("a replaced value is where it was");
    assert_eq!(walk::meaning(value).to_string(), MEANING[come.len() % 3]);
    let edit = replace(value, NEW[come.len() % 3].1);
    assert_eq!(edit.bytes, again.text()[edit.range], "replaced twice");
});
