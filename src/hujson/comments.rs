//! The comments that belong to a value.

use std::borrow::Cow;
use std::ops::Range;

use super::trivia::{Ownership, Piece, pieces};
use super::value::Value;

/// One line of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment<'d> {
    /// The whole comment in the text, markers included. The lines of a block comment share it.
    pub span: Range<usize>,
    /// Where the line's text stands.
    pub place: Range<usize>,
    /// The line without markers, the stars of a block comment, and space around.
    pub text: Cow<'d, str>,
}

/// The comments that belong to a value, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments<'d> {
    /// Right above the value, without a blank line between, or before it on its line.
    pub above: Vec<Comment<'d>>,
    /// Behind the value: before its comma, or at the end of its line.
    pub trailing: Vec<Comment<'d>>,
}

impl<'d> Value<'d> {
    /// The comments that belong to this value: to the element of an array, or, for the value of an
    /// object's member, to the member. They are the ones that go when the element is removed.
    #[must_use]
    pub fn comments(self) -> Comments<'d> {
        let head = self.member_name().unwrap_or(self);
        let above = Between::read(self, head.gap_before());
        let owned = Ownership::of(&above.pieces, !head.is_first(), true);
        let trailing = Between::read(self, self.gap_after());
        Comments {
            above: above.comments(owned.right..above.pieces.len()),
            trailing: trailing.comments(0..Ownership::of(&trailing.pieces, true, !self.is_last()).left),
        }
    }

    /// The name of the member that the value belongs to.
    pub(super) fn member_name(self) -> Option<Self> {
        let mut between = pieces(self.document().text(), self.gap_before());
        self.preceding_scalar().filter(|_| between.any(|(piece, _)| piece == Piece::Colon))
    }
}

/// The text between two values, in pieces.
struct Between<'d> {
    text: &'d [u8],
    pieces: Vec<Piece>,
    ranges: Vec<Range<usize>>,
}

impl<'d> Between<'d> {
    fn read(value: Value<'d>, gap: Range<usize>) -> Self {
        let text = value.document().text();
        let (pieces, ranges) = pieces(text, gap).unzip();
        Self { text, pieces, ranges }
    }

    /// The lines of the comments among some of the pieces.
    fn comments(&self, owned: Range<usize>) -> Vec<Comment<'d>> {
        let all = self.pieces.iter().zip(&self.ranges);
        let owned = all.skip(owned.start).take(owned.len()).filter(|(piece, _)| piece.is_comment());
        owned.flat_map(|(piece, span)| lines(self.text, *piece, span)).collect()
    }
}

/// The lines of a comment that say something.
fn lines<'d>(text: &'d [u8], piece: Piece, span: &Range<usize>) -> Vec<Comment<'d>> {
    let inner = text.get(span.start + 2..span.end).unwrap_or_default();
    let inner = if piece == Piece::BlockComment { inner.strip_suffix(b"*/").unwrap_or(inner) } else { inner };
    let mut next = span.start + 2;
    let comment = move |line: &'d [u8]| {
        let end = next + line.trim_ascii_end().len();
        next += line.len() + 1;
        let line = line.trim_ascii();
        let line = match line {
            [b'*', rest @ ..] if piece == Piece::BlockComment => rest.trim_ascii_start(),
            _ => line,
        };
        let comment =
            Comment { span: span.clone(), place: end - line.len()..end, text: String::from_utf8_lossy(line) };
        (!line.is_empty()).then_some(comment)
    };
    inner.split(|byte| *byte == b'\n').filter_map(comment).collect()
}

#[cfg(test)]
mod tests {
    use crate::hujson::parse;

    /// Where a text has a `1`, what is above it and what trails it.
    #[track_caller]
    fn check(text: &str, above: &[&str], trailing: &[&str]) {
        let document = parse(text.as_bytes()).unwrap();
        let root = document.root();
        let elements = root.elements().chain(root.members().map(|member| member.value));
        let comments = elements.into_iter().find(|value| value.raw() == b"1").unwrap().comments();
        let texts = |comments: &[super::Comment<'_>]| {
            for comment in comments {
                assert_eq!(text.get(comment.place.clone()), Some(&*comment.text));
            }
            comments.iter().map(|comment| comment.text.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            (texts(&comments.above), texts(&comments.trailing)),
            (texts_of(above), texts_of(trailing)),
            "{text}"
        );
    }

    fn texts_of(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn comments_right_above_belong_to_a_value() {
        check("[\n\t// a\n\t1,\n]", &["a"], &[]);
        check("[\n\t// x\n\n\t// a\n\t//  b \n\t1,\n]", &["a", "b"], &[]);
        check("[\n\t// x\n\n\t1,\n]", &[], &[]);
        check("{\n\t// a\r\n\t/* b */ \"n\": 1\n}", &["a", "b"], &[]);
        check("[0,\n // a\n 1]", &["a"], &[]);
        check("[0, /* a */ 1]", &["a"], &[]);
        check("[0 /* x */, 1]", &[], &[]);
        check("[0, // x\n // a\n 1]", &["a"], &[]);
        check("[0, // x\n 1]", &[], &[]);
        check("[0\n // x\n , 1]", &[], &[]);
        check("{\"m\": 0, // x\n\"n\": 1}", &[], &[]);
    }

    #[test]
    fn comments_before_the_comma_or_at_the_end_of_the_line_belong_to_a_value() {
        check("[1 // a\n]", &[], &["a"]);
        check("[1, // a\n]", &[], &["a"]);
        check("[1 /* a */, // b\n]", &[], &["a", "b"]);
        check("[1\n // a\n , 2]", &[], &["a"]);
        check("[1, /* a */ /* b */\n 2]", &[], &["a", "b"]);
        check("[1 /* a */ ]", &[], &["a"]);
        check("{\"n\": 1, // a\n\"m\": 2}", &[], &["a"]);
    }

    #[test]
    fn other_comments_belong_to_nobody_or_to_another_value() {
        check("[ // x\n 1]", &[], &[]);
        check("[ /* x */ 1]", &[], &[]);
        check("[1, /* x */ 2]", &[], &[]);
        check("[1, /* x */ ]", &[], &[]);
        check("[1,\n // x\n 2]", &[], &[]);
        check("[1,\n // x\n\n 2]", &[], &[]);
        check("[1\n // x\n]", &[], &[]);
        check("{\"n\" /* x */ : /* x */ 1}", &[], &[]);
    }

    #[test]
    fn block_comments_are_read_line_by_line() {
        check("[\n/*\n * a\n *\n *  b\n */\n1]", &["a", "b"], &[]);
        check("[\n/** a\r\n   b */\n1]", &["a", "b"], &[]);
        check("[\n//** a\n1]", &["** a"], &[]);
        check("[1 /* */ /**/]", &[], &[]);
    }
}
