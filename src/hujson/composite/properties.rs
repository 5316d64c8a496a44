//! What holds for every array, whatever stands around its elements.

use std::ops::Range;

use proptest::prelude::*;
use serde_json::json;

use crate::hujson::strategy::{comment_numbers, sample};
use crate::hujson::{Document, Edit, Value, apply, edit_array, parse, standardize};

/// The array under test: the top-level one, or the member `a`.
fn array<'d>(document: &'d Document<'_>) -> Value<'d> {
    let root = document.root();
    root.members().find(|member| member.name.raw() == b"\"a\"").map_or(root, |member| member.value)
}

fn span(text: &str) -> Range<usize> {
    array(&parse(text.as_bytes()).unwrap()).span()
}

fn edits(text: &str, remove: &[usize], append: &[&str]) -> Vec<Edit> {
    edit_array(array(&parse(text.as_bytes()).unwrap()), remove, append)
}

fn edited(text: &str, remove: &[usize], append: &[&str]) -> String {
    String::from_utf8(apply(text.as_bytes(), edits(text, remove, append)).unwrap()).unwrap()
}

/// The elements, as another parser reads them.
fn elements(text: &str) -> Vec<serde_json::Value> {
    let plain = standardize(text.as_bytes()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    json.get("a").unwrap_or(&json).as_array().unwrap().clone()
}

/// Which of `count` elements a mask chooses.
fn chosen(mask: u8, count: usize) -> Vec<usize> {
    (0..count).filter(|index| mask >> index & 1 == 1).collect()
}

/// The numbers of the comments that go with some elements.
fn owned_comments(text: &str, indices: &[usize]) -> Vec<usize> {
    let document = parse(text.as_bytes()).unwrap();
    let chosen = array(&document).elements().enumerate().filter(|(index, _)| indices.contains(index));
    let spans = chosen.flat_map(|(_, element)| {
        let comments = element.comments();
        let spans = comments.above.into_iter().chain(comments.trailing).map(|comment| comment.span);
        spans.chain([element.span()]).collect::<Vec<_>>()
    });
    spans.flat_map(|span| comment_numbers(&text[span])).collect()
}

fn check_edit(text: &str, remove: &[usize], append: &[&str]) -> Result<String, TestCaseError> {
    let out = edited(text, remove, append);
    prop_assert!(parse(out.as_bytes()).is_ok(), "{out:?}");
    let mut expected = elements(text);
    for index in remove.iter().rev() {
        expected.remove(*index);
    }
    expected.extend(append.iter().map(|text| json!(text)));
    prop_assert_eq!(elements(&out), expected, "{:?}", out);
    let (before, after) = (span(text), span(&out));
    prop_assert_eq!(&text[..=before.start], &out[..=after.start]);
    prop_assert_eq!(&text[before.end - 1..], &out[after.end - 1..]);
    let gone = owned_comments(text, remove);
    let stay: Vec<_> = comment_numbers(text).into_iter().filter(|number| !gone.contains(number)).collect();
    prop_assert_eq!(comment_numbers(&out), stay, "{:?}", out);
    Ok(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn appending_adds_and_removing_takes_away_without_a_trace(sample in sample(), count in 1..4_usize) {
        let text = sample.text();
        let appended = &["x", "y\n", "z"][..count];
        let changes = edits(&text, &[], appended);
        prop_assert!(changes.len() <= 2 && changes.iter().all(|edit| edit.range.is_empty()), "{:?}", changes);
        let out = check_edit(&text, &[], appended)?;
        let all = elements(&out).len();
        let new: Vec<_> = (all - count..all).collect();
        prop_assert_eq!(&edited(&out, &new, &[]), &text, "after {:?}", out);
        let first_first = new.iter().fold(out.clone(), |text, _| edited(&text, &new[..1], &[]));
        prop_assert_eq!(&first_first, &text, "after {:?}", out);
        let last_first = new.iter().rev().fold(out.clone(), |text, last| edited(&text, &[*last], &[]));
        prop_assert_eq!(&last_first, &text, "after {:?}", out);
    }

    #[test]
    fn removing_takes_the_elements_and_their_comments(sample in sample(), mask: u8) {
        let text = sample.text();
        check_edit(&text, &chosen(mask, elements(&text).len()), &[])?;
    }

    #[test]
    fn both_at_once(sample in sample(), mask: u8) {
        let text = sample.text();
        check_edit(&text, &chosen(mask, elements(&text).len()), &["x", "y"])?;
    }

    #[test]
    fn nothing_is_no_edit(sample in sample()) {
        prop_assert_eq!(edits(&sample.text(), &[], &[]), vec![]);
    }
}
