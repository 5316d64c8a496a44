//! What holds for every array and object, whatever stands around and in its elements.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::hujson::second::{Meaning, meaning};
use crate::hujson::strategy::{comment_numbers, composite, strange_sample};
use crate::hujson::{Document, Edit, Kind, NewValue, Value, apply, edit_array, edit_object, parse, replace};

/// A text with a value that is copied into others.
const COPIED: &str = "  { // c\r\n    \"c\": [1, /* 2 */\r\n\r\n      3],\r\n  \"d\": null }";

/// New values, and what each means.
fn new_values<'d>(copied: &'d Document<'d>) -> [(NewValue<'d>, &'static str); 6] {
    [
        (NewValue::String("x\n"), r#""x\n""#),
        (NewValue::Strings(&[]), "[]"),
        (NewValue::Strings(&["x", "y"]), r#"["x","y"]"#),
        (NewValue::Object(&[]), "{}"),
        (
            NewValue::Object(&[("k", NewValue::Strings(&["x"])), ("long", NewValue::String(""))]),
            r#"{"k":["x"],"long":""}"#,
        ),
        (NewValue::Copy(copied.root()), COPIED),
    ]
}

/// Which new values are added, in which order. An object gets them under these names; it may have
/// the first one.
pub(super) fn added() -> impl Strategy<Value = Vec<usize>> {
    vec(0..6_usize, 1..4)
}

const NAMES: [&str; 3] = ["new", "a long name with \" in it", "é"];

fn edits(text: &[u8], remove: &[usize], add: &[usize]) -> Vec<Edit> {
    let copied = parse(COPIED.as_bytes()).unwrap();
    let new = new_values(&copied);
    let new: Vec<_> = add.iter().map(|index| new[*index].0).collect();
    let document = parse(text).unwrap();
    let composite = composite(&document);
    if composite.kind() == Kind::Array {
        edit_array(composite, remove, &new)
    } else {
        edit_object(composite, remove, &NAMES.into_iter().zip(new).collect::<Vec<_>>())
    }
}

pub(super) fn edited(text: &[u8], remove: &[usize], add: &[usize]) -> Vec<u8> {
    apply(text, edits(text, remove, add)).unwrap()
}

fn with<T>(text: &[u8], ask: impl FnOnce(Value<'_>) -> T) -> T {
    ask(composite(&parse(text).unwrap()))
}

fn span(text: &[u8]) -> Range<usize> {
    let document = parse(text).unwrap();
    composite(&document).span()
}

pub(super) fn count(text: &[u8]) -> usize {
    with(text, |composite| composite.elements().count() + composite.members().count())
}

/// Which of `count` elements a mask chooses.
pub(super) fn chosen(mask: u8, count: usize) -> Vec<usize> {
    (0..count).filter(|index| mask >> index & 1 == 1).collect()
}

/// The text of each element or member, with its comments.
fn owned(value: Value<'_>, start: usize) -> Vec<Range<usize>> {
    let comments = value.comments();
    let spans = comments.above.into_iter().chain(comments.trailing).map(|comment| comment.span);
    spans.chain(std::iter::once(start..value.span().end)).collect()
}

/// The numbers of the comments that go with some elements.
fn owned_comments(text: &[u8], indices: &[usize]) -> Vec<usize> {
    let spans = with(text, |composite| {
        let elements = composite.elements().map(|element| owned(element, element.span().start));
        let members = composite.members().map(|member| owned(member.value, member.name.span().start));
        let spans = elements.chain(members).enumerate().filter(|(index, _)| indices.contains(index));
        spans.flat_map(|(_, spans)| spans).collect::<Vec<_>>()
    });
    spans.into_iter().flat_map(|span| comment_numbers(&text[span])).collect()
}

/// The meaning of the text around, with the composite's meaning changed.
fn changed(text: &[u8], remove: &[usize], add: &[usize]) -> Meaning {
    let copied = parse(COPIED.as_bytes()).unwrap();
    let new = new_values(&copied);
    let new = add.iter().map(|index| meaning(new[*index].1.as_bytes()));
    let mut whole = meaning(text);
    let change = |meaning: &mut Meaning| match meaning {
        Meaning::List(list) => {
            for index in remove.iter().rev() {
                list.remove(*index);
            }
            list.extend(new);
        }
        Meaning::Table(table) => {
            for index in remove.iter().rev() {
                table.remove(*index);
            }
            for (name, value) in NAMES.into_iter().zip(new) {
                if table.iter().all(|(there, _)| there != name) {
                    table.push((name.to_owned(), value));
                }
            }
        }
        _ => panic!("neither array nor object"),
    };
    match &mut whole {
        Meaning::Table(table) if table.iter().any(|(name, _)| name == "under test") => {
            change(&mut table.iter_mut().find(|(name, _)| name == "under test").unwrap().1);
        }
        whole => change(whole),
    }
    whole
}

fn check_edit(text: &[u8], remove: &[usize], add: &[usize]) -> Result<Vec<u8>, TestCaseError> {
    let out = edited(text, remove, add);
    let shown = String::from_utf8_lossy(&out);
    prop_assert!(parse(&out).is_ok(), "{shown:?}");
    prop_assert_eq!(meaning(&out), changed(text, remove, add), "{:?}", shown);
    let (before, after) = (span(text), span(&out));
    prop_assert_eq!(&text[..=before.start], &out[..=after.start]);
    prop_assert_eq!(&text[before.end - 1..], &out[after.end - 1..]);
    let gone = owned_comments(text, remove);
    let stay: Vec<_> = comment_numbers(text).into_iter().filter(|number| !gone.contains(number)).collect();
    prop_assert_eq!(comment_numbers(&out), stay, "{:?}", shown);
    Ok(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_was_added_is_removed_without_a_trace(sample in strange_sample(), add in added()) {
        let text = sample.bytes();
        let changes = edits(&text, &[], &add);
        prop_assert!(changes.len() <= 2 && changes.iter().all(|edit| edit.range.is_empty()), "{:?}", changes);
        let out = check_edit(&text, &[], &add)?;
        let shown = String::from_utf8_lossy(&out);
        let new: Vec<_> = (count(&text)..count(&out)).collect();
        prop_assert_eq!(&edited(&out, &new, &[]), &text, "after {:?}", shown);
        let first_first = new.iter().fold(out.clone(), |text, _| edited(&text, &new[..1], &[]));
        prop_assert_eq!(&first_first, &text, "after {:?}", shown);
        let last_first = new.iter().rev().fold(out.clone(), |text, last| edited(&text, &[*last], &[]));
        prop_assert_eq!(&last_first, &text, "after {:?}", shown);
    }

    #[test]
    fn what_is_removed_takes_its_comments_and_no_others(sample in strange_sample(), mask: u8) {
        let text = sample.bytes();
        check_edit(&text, &chosen(mask, count(&text)), &[])?;
    }

    #[test]
    fn both_at_once(sample in strange_sample(), mask: u8, add in added()) {
        let text = sample.bytes();
        check_edit(&text, &chosen(mask, count(&text)), &add)?;
    }

    #[test]
    fn a_name_that_is_there_is_not_added(sample in strange_sample(), add in added()) {
        let text = sample.bytes();
        prop_assert_eq!(edits(&text, &[], &[]), vec![]);
        let out = edited(&text, &[], &add);
        let document = parse(&text).unwrap();
        if composite(&document).kind() == Kind::Object {
            prop_assert_eq!(edits(&out, &[], &add), vec![]);
        }
    }

    #[test]
    fn a_value_is_replaced_and_nothing_else(sample in strange_sample(), new in 0..6_usize, inner: bool) {
        let text = sample.bytes();
        let copied = parse(COPIED.as_bytes()).unwrap();
        let (new, means) = new_values(&copied)[new];
        let find = |composite: Value<'_>| {
            let mut inside = composite.elements().chain(composite.members().map(|member| member.value));
            let value = inside.next().filter(|_| inner).unwrap_or(composite);
            (value.span(), replace(value, new))
        };
        let (span, edit) = with(&text, find);
        prop_assert_eq!(&edit.range, &span);
        prop_assert_eq!(meaning(&edit.bytes), meaning(means.as_bytes()));
        let out = apply(&text, vec![edit.clone()]).unwrap();
        prop_assert!(parse(&out).is_ok());
        // The composite itself is not found again by its name if it is the whole text.
        let again = parse(&out).unwrap();
        let mut values = vec![again.root()];
        let place = loop {
            let value = values.pop().unwrap();
            if value.span().start == span.start {
                break value;
            }
            values.extend(value.elements().chain(value.members().map(|member| member.value)));
        };
        prop_assert_eq!(apply(&out, vec![replace(place, new)]).unwrap(), out);
    }
}
