//! Values, and how to walk them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::document::Document;
use super::position::Position;
use super::string;

/// What kind of JSON value a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of any size and precision.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One value of a document: a reference and an index, cheap to copy.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'d> Value<'d> {
    pub(super) fn new(document: &'d Document<'d>, index: u32) -> Self {
        Self { document, index }
    }

    /// What kind of value it is, told by its first byte.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.document.mark(self.index) {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'"' => Kind::String,
            b't' | b'f' => Kind::Bool,
            b'n' => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The bytes of the value itself, brackets or quotes included, without space and comments around.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        let node = self.document.node(self.index);
        let end = match self.kind() {
            Kind::Array | Kind::Object => self.document.node(node.link).start + 1,
            _ => node.link,
        };
        node.start as usize..end as usize
    }

    /// The value as it is written.
    #[must_use]
    pub fn raw(self) -> &'d [u8] {
        self.document.slice(self.span())
    }

    /// The document that the value stands in.
    #[must_use]
    pub fn document(self) -> &'d Document<'d> {
        self.document
    }

    /// Where the value starts; see [`Document::position`].
    #[must_use]
    pub fn position(self) -> Position {
        self.document.position(self.span().start)
    }

    /// The text that a string stands for; `None` if the value is no string. Borrowed when there is
    /// nothing to decode. Lone surrogates and each byte that is not UTF-8 read as U+FFFD.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        match self.raw() {
            [b'"', inner @ .., b'"'] => Some(string::decode(inner)),
            _ => None,
        }
    }

    /// The truth of a bool; `None` if the value is none.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.raw() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// The elements of an array in order; none of any other kind.
    #[must_use]
    pub fn elements(self) -> Elements<'d> {
        let next = if self.kind() == Kind::Array { self.index + 1 } else { u32::MAX };
        Elements { document: self.document, next }
    }

    /// The members of an object in order, duplicates included; none of any other kind.
    #[must_use]
    pub fn members(self) -> Members<'d> {
        let next = if self.kind() == Kind::Object { self.index + 1 } else { u32::MAX };
        Members(Elements { document: self.document, next })
    }

    /// The text between the value or bracket before and this value.
    pub(super) fn gap_before(self) -> Range<usize> {
        self.index.checked_sub(1).map_or(0, |before| self.document.end(before))
            ..self.document.start(self.index)
    }

    /// The text between this value and the value or bracket behind it.
    pub(super) fn gap_after(self) -> Range<usize> {
        let next = self.document.after(self.index);
        let end =
            if next < self.document.len() { self.document.start(next) } else { self.document.text().len() };
        self.span().end..end
    }

    /// The text between the last value of an array or object, or its opening bracket, and its closing
    /// bracket.
    pub(super) fn gap_before_close(self) -> Range<usize> {
        Self { index: self.document.node(self.index).link, ..self }.gap_before()
    }

    /// The value right before, which in an object is the name; nothing right behind a bracket.
    pub(super) fn preceding_scalar(self) -> Option<Self> {
        let before = self.index.checked_sub(1)?;
        let scalar = !matches!(self.document.mark(before), b'[' | b'{' | b']' | b'}');
        scalar.then_some(Self { index: before, ..self })
    }

    /// Whether the value is the first behind an opening bracket.
    pub(super) fn is_first(self) -> bool {
        self.index.checked_sub(1).is_none_or(|before| matches!(self.document.mark(before), b'[' | b'{'))
    }

    /// Whether the value is the last before a closing bracket.
    pub(super) fn is_last(self) -> bool {
        self.document.value(self.document.after(self.index)).is_none()
    }

    /// The array or object that the value stands in.
    pub(super) fn parent(self) -> Option<Self> {
        let mut before = self.index.checked_sub(1)?;
        loop {
            before = match self.document.mark(before) {
                b'[' | b'{' => return Some(Self { index: before, ..self }),
                b']' | b'}' => self.document.node(before).link.checked_sub(1)?,
                _ => before.checked_sub(1)?,
            };
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.kind(), self.span())
    }
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub struct Member<'d> {
    /// The name, always a string.
    pub name: Value<'d>,
    /// The value.
    pub value: Value<'d>,
}

/// The elements of an array; see [`Value::elements`].
#[derive(Clone, Debug)]
pub struct Elements<'d> {
    document: &'d Document<'d>,
    next: u32,
}

impl<'d> Iterator for Elements<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        let value = self.document.value(self.next)?;
        self.next = self.document.after(self.next);
        Some(value)
    }
}

/// The members of an object; see [`Value::members`].
#[derive(Clone, Debug)]
pub struct Members<'d>(Elements<'d>);

impl<'d> Iterator for Members<'d> {
    type Item = Member<'d>;

    fn next(&mut self) -> Option<Member<'d>> {
        Some(Member { name: self.0.next()?, value: self.0.next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hujson::parse;

    fn raws<'d>(values: impl Iterator<Item = Value<'d>>) -> Vec<&'d str> {
        values.map(|value| std::str::from_utf8(value.raw()).unwrap()).collect()
    }

    #[test]
    fn arrays_and_objects_are_walked() {
        let text = br#" [ 1, [2, [3]], {"a": {"b": 4}, "a": []}, "5", /* 6 */ ] "#;
        let document = parse(text).unwrap();
        let root = document.root();
        assert_eq!(raws(root.elements()), ["1", "[2, [3]]", r#"{"a": {"b": 4}, "a": []}"#, "\"5\""]);
        let kinds: Vec<_> = root.elements().map(Value::kind).collect();
        assert_eq!(kinds, [Kind::Number, Kind::Array, Kind::Object, Kind::String]);
        let object = root.elements().nth(2).unwrap();
        assert_eq!(raws(object.members().map(|member| member.name)), ["\"a\"", "\"a\""]);
        assert_eq!(raws(object.members().map(|member| member.value)), [r#"{"b": 4}"#, "[]"]);
        assert_eq!(root.members().count() + object.elements().count(), 0);
        assert_eq!(root.span(), 1..text.len() - 1);
    }

    #[test]
    fn scalars_are_read() {
        let document = parse(br#"[null, true, false, -1.5, "p\u00e4r"]"#).unwrap();
        let values: Vec<_> =
            document.root().elements().map(|value| (value.kind(), value.as_bool(), value.as_str())).collect();
        assert_eq!(
            values,
            [
                (Kind::Null, None, None),
                (Kind::Bool, Some(true), None),
                (Kind::Bool, Some(false), None),
                (Kind::Number, None, None),
                (Kind::String, None, Some("pär".into())),
            ]
        );
    }

    #[test]
    fn values_know_where_they_are() {
        let document = parse(b"{\n  \"a\": [\r\n\t1,\n2]}").unwrap();
        let member = document.root().members().next().unwrap();
        let at = |value: Value<'_>| (value.position().line, value.position().column);
        assert_eq!(at(member.name), (2, 3));
        assert_eq!(at(member.value), (2, 8));
        assert_eq!(member.value.elements().map(at).collect::<Vec<_>>(), [(3, 2), (4, 1)]);
    }

    #[test]
    fn values_know_what_is_around_them() {
        let document = parse(b"[[0], {\"a\": [1], \"b\": 2}]").unwrap();
        let object = document.root().elements().nth(1).unwrap();
        for member in object.members() {
            assert_eq!(member.value.parent().unwrap().span(), object.span());
            assert_eq!(member.name.parent().unwrap().span(), object.span());
        }
        assert_eq!(object.parent().unwrap().span(), document.root().span());
        assert!(document.root().parent().is_none());
        assert!(object.is_last() && !object.is_first());
    }
}
