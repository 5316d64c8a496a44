//! Adding a comment to a value.

use super::edit::Edit;
use super::trivia::{Piece, pieces};
use super::value::Value;

/// Adds a comment line to a value, or to the member whose value it is, so that it is the last of the
/// comments above it (see [`Value::comments`]); nothing but the comment and its line comes.
///
/// Where the value starts its line, that is a `//` line right above, indented and ended as that line is.
/// Elsewhere it is a `/* … */` before the value, or behind it where the value stands on the line of the
/// opening bracket, since a comment between the two belongs to nobody. What would end the comment early is
/// taken apart by a space.
#[must_use]
pub fn insert_comment_above(value: Value<'_>, text: &str) -> Edit {
    let source = value.document().text();
    let head = value.member_name().unwrap_or(value);
    let insertion = |at: usize, bytes: Vec<u8>| Edit { range: at..at, bytes };
    let gap: Vec<_> = pieces(source, head.gap_before()).collect();
    let newline = gap.iter().rposition(|(piece, _)| *piece == Piece::Newline);
    let (line_end, before) = match newline.and_then(|at| gap.split_at_checked(at)) {
        Some((_, [(_, line_end), before @ ..])) => (Some(line_end.clone()), before),
        _ => (None, &gap[..]),
    };
    let starts_line = before.iter().all(|(piece, _)| *piece == Piece::Space);
    let start = head.span().start;
    if let Some(line_end) = line_end.clone().filter(|_| starts_line) {
        let indent = source.get(line_end.end..start).unwrap_or_default();
        let line_end = source.get(line_end).unwrap_or_default();
        let text = text.replace('\n', " ");
        return insertion(start, [b"// ", text.as_bytes(), line_end, indent].concat());
    }
    let text = text.replace('\n', " ").replace("*/", "* /");
    if head.is_first() && line_end.is_none() {
        insertion(value.span().end, [b" /* ", text.as_bytes(), b" */"].concat())
    } else {
        insertion(start, [b"/* ", text.as_bytes(), b" */ "].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hujson::strategy::sample;
    use crate::hujson::{Kind, apply, format, parse};
    use proptest::prelude::*;

    /// Where a text has a `1`, adds a comment to it.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let document = parse(text.as_bytes()).unwrap();
        let root = document.root();
        let mut values = root.elements().chain(root.members().map(|member| member.value));
        let edit = insert_comment_above(values.find(|value| value.raw() == b"1").unwrap(), "new");
        let new = apply(text.as_bytes(), vec![edit]).unwrap();
        assert_eq!(String::from_utf8(new).unwrap(), expected);
    }

    #[test]
    fn a_line_above_what_starts_its_line() {
        check("[\n\t1,\n]", "[\n\t// new\n\t1,\n]");
        check("[\r\n  1]", "[\r\n  // new\r\n  1]");
        check("{\n\n // a\n \"n\": 1}", "{\n\n // a\n // new\n \"n\": 1}");
        check("[0,\n1]", "[0,\n// new\n1]");
        check("[0, // x\n\t1]", "[0, // x\n\t// new\n\t1]");
    }

    #[test]
    fn on_the_line_elsewhere() {
        check("[0, 1]", "[0, /* new */ 1]");
        check("[0,1]", "[0,/* new */ 1]");
        check("[0\n  , 1]", "[0\n  , /* new */ 1]");
        check("[\n/* a */ 1]", "[\n/* a */ /* new */ 1]");
        check("{\"m\": 0, \"n\": 1}", "{\"m\": 0, /* new */ \"n\": 1}");
    }

    #[test]
    fn behind_what_follows_the_opening_bracket() {
        check("[1]", "[1 /* new */]");
        check("{\"n\": 1, \"m\": 2}", "{\"n\": 1 /* new */, \"m\": 2}");
        check("[/* x */ 1 // a\n]", "[/* x */ 1 /* new */ // a\n]");
    }

    #[test]
    fn a_comment_stays_one() {
        for (text, expected) in [("[0, 1]", "[0, /* a* /b c */ 1]"), ("[\n1]", "[\n// a*/b c\n1]")] {
            let document = parse(text.as_bytes()).unwrap();
            let edit = insert_comment_above(document.root().elements().last().unwrap(), "a*/b\nc");
            assert_eq!(apply(text.as_bytes(), vec![edit]).unwrap(), expected.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn it_is_the_elements_own_and_stays_so_when_laid_out(sample in sample()) {
            let text = sample.text();
            let document = parse(text.as_bytes()).unwrap();
            let mut array = document.root();
            if array.kind() == Kind::Object {
                array = array.members().last().unwrap().value;
            }
            let edits: Vec<_> = array
                .elements()
                .enumerate()
                .map(|(index, element)| insert_comment_above(element, &format!("new {index}")))
                .collect();
            let new = apply(text.as_bytes(), edits).unwrap();
            let laid_out = format(&new).unwrap();
            for text in [new, laid_out] {
                let document = parse(&text).unwrap();
                let mut array = document.root();
                if array.kind() == Kind::Object {
                    array = array.members().last().unwrap().value;
                }
                for (index, element) in array.elements().enumerate() {
                    let comments = element.comments();
                    let mut all = comments.above.iter().chain(&comments.trailing);
                    let expected = format!("new {index}");
                    prop_assert!(all.any(|comment| comment.text == expected), "{index} in {}", String::from_utf8_lossy(&text));
                    prop_assert!(!comments.above.iter().chain(&comments.trailing).any(|comment| comment.text.starts_with("new ") && comment.text != expected));
                }
            }
        }
    }
}
