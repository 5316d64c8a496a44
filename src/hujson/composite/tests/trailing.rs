//! Comments behind elements.

use proptest::prelude::*;

use super::properties::{chosen, count};
use crate::hujson::second::{Meaning, meaning};
use crate::hujson::strategy::{comment_numbers, composite, sample};
use crate::hujson::{
    CommentChange, NewElement, NewValue, Value, apply, edit_array_and_comments, format, parse,
};

fn new<'n>(text: &'n str, comment: Option<&'n str>) -> NewElement<'n> {
    NewElement { value: NewValue::String(text), comment }
}

fn edited(
    text: &[u8],
    remove: &[usize],
    append: &[NewElement<'_>],
    changes: &[(usize, CommentChange)],
) -> Vec<u8> {
    let document = parse(text).unwrap();
    let edits = edit_array_and_comments(composite(&document), remove, append, changes);
    apply(text, edits).unwrap()
}

/// The spans of the comments behind an element.
fn trailing(text: &[u8], index: usize) -> Vec<(std::ops::Range<usize>, String)> {
    let document = parse(text).unwrap();
    let element = composite(&document).elements().nth(index).unwrap();
    element.comments().trailing.into_iter().map(|comment| (comment.span, comment.text.into_owned())).collect()
}

/// Takes the comments with this text from behind elements.
fn without(text: &[u8], elements: &[usize], said: impl Fn(usize) -> String) -> Vec<u8> {
    let change = |index: &usize| {
        let mut there = trailing(text, *index).into_iter().filter(|(_, text)| *text == said(*index));
        (*index, CommentChange::Remove(there.next().unwrap().0))
    };
    edited(text, &[], &[], &elements.iter().map(change).collect::<Vec<_>>())
}

#[track_caller]
fn append(text: &str, expected: &str) {
    let out = edited(text.as_bytes(), &[], &[new("x", Some("c"))], &[]);
    assert_eq!(std::str::from_utf8(&out).unwrap(), expected);
    assert_eq!(edited(&out, &[count(text.as_bytes())], &[], &[]), text.as_bytes(), "removed again");
}

#[test]
fn a_new_element_brings_its_comment() {
    append("[\n\t\"a\",\n]", "[\n\t\"a\",\n\t\"x\", // c\n]");
    append("[\n\t\"a\"\n]", "[\n\t\"a\",\n\t\"x\" // c\n]");
    append("[\r\n  \"a\", // a\r\n]", "[\r\n  \"a\", // a\r\n  \"x\", // c\r\n]");
    append("[\n\t\"a\" // a\n]", "[\n\t\"a\", // a\n\t\"x\" // c\n]");
    append("[\n\t\"a\"\n\t, \"b\"\n]", "[\n\t\"a\"\n\t, \"b\"\n\t, \"x\" // c\n]");
    append("[\n\t\"a\",\n\t\"b\"]", "[\n\t\"a\",\n\t\"b\",\n\t\"x\" /* c */]");
    append("[\n\t\"a\",\n\t\"b\", ]", "[\n\t\"a\",\n\t\"b\",\n\t\"x\" /* c */, ]");
    append("[\n\t\"a\", \"b\",\n]", "[\n\t\"a\", \"b\", \"x\" /* c */,\n]");
    append(r#"["a"]"#, r#"["a", "x" /* c */]"#);
    append(r#"["a" , ]"#, r#"["a" , "x" /* c */, ]"#);
    append("[]", r#"["x" /* c */]"#);
    append("[ /* nobody */ ]", r#"[ /* nobody */ "x" /* c */ ]"#);
    append("[\n]", "[\n\t\"x\" // c\n]");
    append("[\n\t// nobody\n]", "[\n\t\"x\" // c\n\t// nobody\n]");
}

#[test]
fn several_new_elements() {
    let both = [new("x", Some("c")), new("y", None), new("z", Some("d"))];
    let append = |text: &str| String::from_utf8(edited(text.as_bytes(), &[], &both, &[])).unwrap();
    assert_eq!(append("[\n\t\"a\"\n]"), "[\n\t\"a\",\n\t\"x\", // c\n\t\"y\",\n\t\"z\" // d\n]");
    assert_eq!(append("[\n\t\"a\",\n]"), "[\n\t\"a\",\n\t\"x\", // c\n\t\"y\",\n\t\"z\", // d\n]");
    assert_eq!(append("[]"), r#"["x" /* c */, "y", "z" /* d */]"#);
}

/// Adds a comment to the element `1`.
#[track_caller]
fn add(text: &str, expected: &str) {
    let document = parse(text.as_bytes()).unwrap();
    let index = document.root().elements().position(|element| element.raw() == b"1").unwrap();
    let out = edited(text.as_bytes(), &[], &[], &[(index, CommentChange::Add("c".to_owned()))]);
    assert_eq!(std::str::from_utf8(&out).unwrap(), expected);
    assert_eq!(without(&out, &[index], |_| "c".to_owned()), text.as_bytes(), "removed again");
}

#[test]
fn a_comment_for_an_element_that_is_there() {
    add("[\n\t1,\n]", "[\n\t1, // c\n]");
    add("[\n\t1\n]", "[\n\t1 // c\n]");
    add("[\r\n\t1 ,\r\n]", "[\r\n\t1 , // c\r\n]");
    add("[\n\t// above\n\t1,\n\t2]", "[\n\t// above\n\t1, // c\n\t2]");
    add("[\n\t0\n\t, 1\n\t, 2\n]", "[\n\t0\n\t, 1 // c\n\t, 2\n]");
    add("[\n\t1 /* why */,\n]", "[\n\t1 /* why */, // c\n]");
    add("[\n\t1, // why\n]", "[\n\t1 /* c */, // why\n]");
    add("[\n\t1 // why\n]", "[\n\t1 /* c */ // why\n]");
    add("[\n\t1,  \n]", "[\n\t1 /* c */,  \n]");
    add("[\n\t0,\n\t1]", "[\n\t0,\n\t1 /* c */]");
    add("[\n\t0, 1, // both\n]", "[\n\t0, 1 /* c */, // both\n]");
    add("[\n\t1, 0,\n]", "[\n\t1 /* c */, 0,\n]");
    add("[1,\n\t2]", "[1 /* c */,\n\t2]");
    add("[0, 1, 2]", "[0, 1 /* c */, 2]");
    add("[1  , /* 2 */ 2]", "[1 /* c */  , /* 2 */ 2]");
}

#[track_caller]
fn change(text: &str, append: &[&str], changes: &[(usize, CommentChange)], expected: &str) {
    let append: Vec<_> = append.iter().map(|text| NewElement::from(*text)).collect();
    let out = edited(text.as_bytes(), &[], &append, changes);
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn commas_come_before_line_comments() {
    let one = || [(0, CommentChange::Add("c".to_owned()))];
    change("[\n\t1\n]", &["x"], &one(), "[\n\t1, // c\n\t\"x\"\n]");
    change("[\n\t1,\n]", &["x"], &one(), "[\n\t1, // c\n\t\"x\",\n]");
    change("[1]", &["x"], &one(), "[1 /* c */, \"x\"]");
}

#[test]
fn comments_go_and_are_reworded() {
    let text = "[\n\t1, // one two\n\t2 /* one\n\t* two */, 3 /*3*/\n]";
    let at = |part: &str| text.find(part).map(|at| at..at + part.len()).unwrap();
    change(text, &[], &[(0, CommentChange::Remove(at("// one two")))], &text.replace(" // one two", ""));
    change(text, &[], &[(2, CommentChange::Remove(at("/*3*/")))], &text.replace(" /*3*/", ""));
    change(
        text,
        &[],
        &[(1, CommentChange::Reword(at("two */").start..at("two */").start + 3, "*/".to_owned()))],
        text,
    );
    let two = at("two */");
    let reword = |new: &str| [(1, CommentChange::Reword(two.start..two.start + 3, new.to_owned()))];
    change(text, &[], &reword("2\n3"), &text.replace("two */", "2 3 */"));
    change(text, &[], &reword("a */ b"), text);
    // not in a comment, or not only
    for range in [0..1, at("// one two").start..at("// one two").end + 1, at("// one"), 90..99] {
        change(text, &[], &[(0, CommentChange::Reword(range.clone(), "x".to_owned()))], text);
        change(text, &[], &[(0, CommentChange::Remove(range))], text);
    }
    change(text, &[], &[(7, CommentChange::Add("x".to_owned()))], text);
}

#[test]
fn a_comment_stays_one() {
    let add = |text: &str| [(0, CommentChange::Add(text.to_owned()))];
    change("[1]", &[], &add(" a*/b\r\nc "), "[1 /* a* /b  c */]");
    change("[\n1\n]", &[], &add("a*/b\nc"), "[\n1 // a*/b c\n]");
}

/// The elements of the array under test, by the other reader.
fn elements(text: &[u8]) -> Vec<Meaning> {
    let mut whole = meaning(text);
    if let Meaning::Table(table) = &mut whole {
        whole = table.iter().find(|(name, _)| name == "under test").unwrap().1.clone();
    }
    let Meaning::List(list) = whole else { panic!("no array") };
    list
}

/// The comments behind an element that begin on its line.
fn on_line(text: &[u8], index: usize) -> Vec<Vec<u8>> {
    let document = parse(text).unwrap();
    let end = composite(&document).elements().nth(index).unwrap().span().end;
    let on_line =
        trailing(text, index).into_iter().filter(|(span, _)| !text[end..span.start].contains(&b'\n'));
    on_line.map(|(span, _)| text[span].to_vec()).collect()
}

fn owned_numbers(text: &[u8], indices: &[usize]) -> Vec<usize> {
    let document = parse(text).unwrap();
    let elements: Vec<Value<'_>> = composite(&document).elements().collect();
    let comments = indices.iter().map(|index| elements[*index].comments());
    let spans = comments.flat_map(|it| it.above.into_iter().chain(it.trailing)).map(|comment| comment.span);
    let inside = indices.iter().map(|index| elements[*index].span());
    spans.chain(inside).flat_map(|span| comment_numbers(&text[span])).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_came_with_comments_is_removed_without_a_trace(sample in sample(), commented in prop::collection::vec(any::<bool>(), 1..4)) {
        let text = sample.bytes();
        let append: Vec<_> = commented.iter().map(|commented| new("x", commented.then_some("c */ d"))).collect();
        let out = edited(&text, &[], &append, &[]);
        let first = count(&text);
        let added: Vec<usize> = (first..count(&out)).collect();
        prop_assert_eq!(added.len(), append.len());
        prop_assert_eq!(comment_numbers(&out), comment_numbers(&text));
        let laid_out = format(&out).unwrap();
        for (index, commented) in added.iter().zip(&commented) {
            prop_assert_eq!(trailing(&out, *index).len(), usize::from(*commented));
            // A comment that belongs to nobody may come to belong to the element before it.
            let is_there = |text| trailing(text, *index).iter().any(|(_, text)| text.replace("* /", "*/") == "c */ d");
            prop_assert_eq!((is_there(&out), is_there(&laid_out)), (*commented, *commented));
        }
        prop_assert_eq!(&edited(&out, &added, &[], &[]), &text);
        let first_first = added.iter().fold(out.clone(), |text, _| edited(&text, &[first], &[], &[]));
        prop_assert_eq!(&first_first, &text);
        let last_first = added.iter().rev().fold(out, |text, last| edited(&text, &[*last], &[], &[]));
        prop_assert_eq!(&last_first, &text);
    }

    #[test]
    fn a_comment_comes_and_goes_without_a_trace(sample in sample(), mask: u8) {
        let text = sample.bytes();
        let chosen = chosen(mask, count(&text));
        let said = |index: usize| format!("new {index}");
        let changes: Vec<_> = chosen.iter().map(|index| (*index, CommentChange::Add(said(*index)))).collect();
        let out = edited(&text, &[], &[], &changes);
        prop_assert_eq!(elements(&out), elements(&text));
        prop_assert_eq!(comment_numbers(&out), comment_numbers(&text));
        let laid_out = format(&out).unwrap();
        for text in [&out, &laid_out] {
            for index in 0..count(text) {
                let there = trailing(text, index).iter().any(|(_, text)| *text == said(index));
                prop_assert_eq!(there, chosen.contains(&index), "{} in {:?}", index, String::from_utf8_lossy(text));
            }
        }
        prop_assert_eq!(&without(&out, &chosen, said), &text);
        let one_by_one = chosen.iter().fold(out, |text, index| without(&text, &[*index], said));
        prop_assert_eq!(&one_by_one, &text);
    }

    #[test]
    fn comments_of_elements_that_stay_go_alone(sample in sample(), mask: u8) {
        let text = sample.bytes();
        let mut gone = Vec::new();
        for index in chosen(mask, count(&text)) {
            gone.extend(trailing(&text, index).into_iter().map(|(span, _)| (index, span)));
        }
        gone.dedup();
        let numbers: Vec<usize> = gone.iter().flat_map(|(_, span)| comment_numbers(&text[span.clone()])).collect();
        let changes: Vec<_> = gone.into_iter().map(|(index, span)| (index, CommentChange::Remove(span))).collect();
        let out = edited(&text, &[], &[], &changes);
        prop_assert_eq!(elements(&out), elements(&text));
        let stay: Vec<_> = comment_numbers(&text).into_iter().filter(|number| !numbers.contains(number)).collect();
        prop_assert_eq!(comment_numbers(&out), stay);
    }

    #[test]
    fn everything_at_once(sample in sample(), gone: u8, noted: u8, commented in prop::collection::vec(any::<bool>(), 0..3)) {
        let text = sample.bytes();
        let gone = chosen(gone, count(&text));
        let noted: Vec<usize> = chosen(noted, count(&text)).into_iter().filter(|index| !gone.contains(index)).collect();
        let changes: Vec<_> = noted.iter().map(|index| (*index, CommentChange::Add(format!("new {index}")))).collect();
        let append: Vec<_> = commented.iter().map(|commented| new("x", commented.then_some("c"))).collect();
        let out = edited(&text, &gone, &append, &changes);
        let kept: Vec<usize> = (0..count(&text)).filter(|index| !gone.contains(index)).collect();
        let before = elements(&text);
        let x = meaning(b"\"x\"");
        let expected: Vec<Meaning> =
            kept.iter().map(|index| before[*index].clone()).chain(append.iter().map(|_| x.clone())).collect();
        prop_assert_eq!(elements(&out), expected, "{:?}", String::from_utf8_lossy(&out));
        let numbers = owned_numbers(&text, &gone);
        let stay: Vec<_> = comment_numbers(&text).into_iter().filter(|number| !numbers.contains(number)).collect();
        prop_assert_eq!(comment_numbers(&out), stay, "{:?}", String::from_utf8_lossy(&out));
        for (now, index) in kept.iter().enumerate() {
            let (owned, owns) = (on_line(&text, *index), on_line(&out, now));
            prop_assert!(owned.iter().all(|comment| owns.contains(comment)), "{} in {:?}", index, String::from_utf8_lossy(&out));
            let there = trailing(&out, now).iter().any(|(_, text)| *text == format!("new {index}"));
            prop_assert_eq!(there, noted.contains(index), "{} in {:?}", index, String::from_utf8_lossy(&out));
        }
        for (index, commented) in commented.iter().enumerate() {
            prop_assert_eq!(trailing(&out, kept.len() + index).len(), usize::from(*commented));
        }
    }
}
