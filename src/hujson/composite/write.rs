//! What new values look like.

use super::super::edit::Edit;
use super::super::string;
use super::super::trivia::{Piece, pieces};
use super::super::value::{Kind, Value};
use super::indent::{Line, indent_step, line_end, line_indent};
use super::{Layout, align};

/// The longest array or object that is written on one line, in bytes, as in the canonical layout.
const WIDTH: usize = 80;

/// A value that is to come into a text. What is not copied is laid out as values of its kind nearby.
#[derive(Clone, Copy, Debug)]
pub enum NewValue<'n> {
    /// A string, written with as few escapes as possible.
    String(&'n str),
    /// An array of strings.
    Strings(&'n [&'n str]),
    /// An object with these members.
    Object(&'n [(&'n str, NewValue<'n>)]),
    /// A value of any document, with the comments inside it. It stays as it is written, but for line
    /// ends and the indentation of its lines, which become those of the text that it comes into.
    Copy(Value<'n>),
}

impl<'n> From<&'n str> for NewValue<'n> {
    fn from(text: &'n str) -> Self {
        Self::String(text)
    }
}

impl<'n> From<Value<'n>> for NewValue<'n> {
    fn from(value: Value<'n>) -> Self {
        Self::Copy(value)
    }
}

/// An element that is to come into an array.
#[derive(Clone, Copy, Debug)]
pub struct NewElement<'n> {
    /// What it is.
    pub value: NewValue<'n>,
    /// A comment behind it, on its line.
    pub comment: Option<&'n str>,
}

impl<'n, T: Into<NewValue<'n>>> From<T> for NewElement<'n> {
    fn from(value: T) -> Self {
        Self { value: value.into(), comment: None }
    }
}

/// Puts a new value in the place of an old one, whatever the two are. Space and comments around it
/// stay, those inside it go. Doing it twice is doing it once.
#[must_use]
pub fn replace(value: Value<'_>, new: NewValue<'_>) -> Edit {
    let text = value.document().text();
    let indent = line_indent(text, value.span().start);
    let own_line = is_expanded(value) || starts_line(value);
    let like = if is_empty(value) { value.parent() } else { Some(value) };
    let writer = Writer {
        newline: line_end(text),
        step: indent_step(value.document(), indent),
        trailing_comma: like.is_some_and(has_trailing_comma),
    };
    let nearby = Nearby::among(std::iter::once(value));
    Edit { range: value.span(), bytes: writer.value(new, indent, own_line, nearby) }
}

/// An element or a member that is to come.
pub(super) struct Entry<'n> {
    /// The name, if it is a member.
    pub(super) name: Option<&'n str>,
    pub(super) value: NewValue<'n>,
    /// A comment behind it.
    pub(super) comment: Option<&'n str>,
}

impl Entry<'_> {
    /// Whether the value is an array or object.
    pub(super) fn is_composite(&self) -> bool {
        match self.value {
            NewValue::String(_) => false,
            NewValue::Strings(_) | NewValue::Object(_) => true,
            NewValue::Copy(value) => matches!(value.kind(), Kind::Array | Kind::Object),
        }
    }
}

impl Layout<'_> {
    /// New elements as they are written behind the element `last` of the items: each on a line that
    /// starts like `line`, or all on the line where `last` or the bracket is.
    pub(super) fn write(&self, new: &[Entry<'_>], last: Option<usize>, line: Option<&Line>) -> Vec<Vec<u8>> {
        let composite = self.composite;
        let (document, text) = (composite.document(), composite.document().text());
        let indent = match (line, last.and_then(|last| self.items.get(last))) {
            (Some(line), _) => &*line.indent,
            (None, Some(last)) => line_indent(text, last.range.start),
            (None, None) => line_indent(text, composite.span().start),
        };
        let model = if self.elements.is_empty() { composite.parent() } else { Some(composite) };
        let writer = Writer {
            newline: line.map_or_else(|| line_end(text), |line| &*line.newline),
            step: indent_step(document, indent),
            trailing_comma: model.is_some_and(has_trailing_comma),
        };
        let values = composite.elements().chain(composite.members().map(|member| member.value));
        let simple = |entry: &Entry<'_>| matches!(entry.value, NewValue::String(_));
        let nearby = if new.iter().all(simple) { Nearby::default() } else { Nearby::among(values) };
        let neighbours = last.filter(|_| new.iter().any(|entry| entry.name.is_some()));
        let neighbours = neighbours.map(|last| align::Neighbours::read(self, last));
        let write = |entry: &Entry<'_>| {
            let value = writer.value(entry.value, indent, line.is_some(), nearby);
            let Some(name) = entry.name else { return value };
            let name = string::encode(name);
            let aligned = line.is_some() && !value.contains(&b'\n');
            let colon = match &neighbours {
                Some(neighbours) => neighbours.colon(name.len(), aligned),
                None => b": ".to_vec(),
            };
            [name, colon, value].concat()
        };
        new.iter().map(write).collect()
    }
}

/// The last array and the last object nearby that have something in them.
#[derive(Clone, Copy, Default)]
struct Nearby<'d> {
    array: Option<Value<'d>>,
    object: Option<Value<'d>>,
}

impl<'d> Nearby<'d> {
    fn among(values: impl Iterator<Item = Value<'d>>) -> Self {
        let mut nearby = Self::default();
        for value in values.filter(|value| !is_empty(*value)) {
            match value.kind() {
                Kind::Array => nearby.array = Some(value),
                Kind::Object => nearby.object = Some(value),
                _ => {}
            }
        }
        nearby
    }
}

struct Writer<'w> {
    newline: &'w [u8],
    /// One step of indentation.
    step: &'w [u8],
    /// Whether a comma follows the last element of what is expanded.
    trailing_comma: bool,
}

impl Writer<'_> {
    /// A value on a line that is indented so. Only one that starts its line, or whose name does, is
    /// written over several lines.
    fn value(&self, value: NewValue<'_>, indent: &[u8], own_line: bool, nearby: Nearby<'_>) -> Vec<u8> {
        match value {
            NewValue::String(text) => string::encode(text),
            NewValue::Copy(value) => self.copy(value, indent),
            NewValue::Strings(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| string::encode(text)).collect();
                let inline = [&b"["[..], &texts.join(&b", "[..]), b"]"].concat();
                let expand = inline.len() > WIDTH || nearby.array.is_some_and(is_expanded);
                if own_line && expand && !texts.is_empty() {
                    self.lines(b"[", &texts, b"]", indent)
                } else {
                    inline
                }
            }
            NewValue::Object(members) => {
                let like = nearby.object.into_iter().flat_map(Value::members).map(|member| member.value);
                let inside = Nearby::among(like);
                let members = |indent: &[u8], own_line: bool| {
                    let member = |(name, value): &(&str, NewValue<'_>)| {
                        [&*string::encode(name), b": ", &self.value(*value, indent, own_line, inside)]
                            .concat()
                    };
                    members.iter().map(member).collect::<Vec<_>>()
                };
                let inline = [&b"{"[..], &members(indent, false).join(&b", "[..]), b"}"].concat();
                let expand = inline.len() > WIDTH || nearby.object.is_none_or(is_expanded);
                if own_line && expand && inline != b"{}" {
                    self.lines(b"{", &members(&[indent, self.step].concat(), true), b"}", indent)
                } else {
                    inline
                }
            }
        }
    }

    /// One item a line.
    fn lines(&self, open: &[u8], items: &[Vec<u8>], close: &[u8], indent: &[u8]) -> Vec<u8> {
        let mut out = open.to_vec();
        for (index, item) in items.iter().enumerate() {
            out.extend_from_slice(if index > 0 { b"," } else { b"" });
            out.extend([self.newline, indent, self.step, item].concat());
        }
        out.extend_from_slice(if self.trailing_comma { b"," } else { b"" });
        out.extend([self.newline, indent, close].concat());
        out
    }

    /// A value as it is written, each of its lines but the first indented as here.
    fn copy(&self, value: Value<'_>, indent: &[u8]) -> Vec<u8> {
        let text = value.document().text();
        let outer = line_indent(text, value.span().start);
        let step = indent_step(value.document(), outer);
        let mut out = Vec::with_capacity(value.raw().len());
        for (number, line) in value.raw().split(|byte| *byte == b'\n').enumerate() {
            let mut rest = line;
            if number > 0 {
                if out.last() == Some(&b'\r') {
                    out.pop();
                }
                out.extend_from_slice(self.newline);
                rest = line.strip_prefix(outer).unwrap_or(line);
                let blank = rest.trim_ascii_start().is_empty();
                out.extend_from_slice(if blank { b"" } else { indent });
                while let Some(inner) = rest.strip_prefix(step).filter(|_| !blank) {
                    out.extend_from_slice(self.step);
                    rest = inner;
                }
            }
            out.extend_from_slice(rest);
        }
        out
    }
}

/// Whether a value is an array or object with nothing in it, or none at all.
fn is_empty(value: Value<'_>) -> bool {
    value.elements().next().is_none() && value.members().next().is_none()
}

/// Whether a line end stands behind the opening bracket of an array or object that has something in it.
fn is_expanded(value: Value<'_>) -> bool {
    let first = value.members().next().map(|member| member.name).or_else(|| value.elements().next());
    first.is_some_and(|first| {
        pieces(first.document().text(), first.gap_before()).any(|(piece, _)| piece == Piece::Newline)
    })
}

/// Whether nothing but space stands before a value, or before its name, on its line.
fn starts_line(value: Value<'_>) -> bool {
    let text = value.document().text();
    let gap = |value: Value<'_>| pieces(text, value.gap_before()).map(|(piece, _)| piece);
    let head = value.preceding_scalar().filter(|_| gap(value).any(|piece| piece == Piece::Colon));
    let starts = |starts, piece| piece == Piece::Newline || (starts && piece == Piece::Space);
    gap(head.unwrap_or(value)).fold(false, starts)
}

/// Whether a comma follows the last value of an array or object.
pub(super) fn has_trailing_comma(composite: Value<'_>) -> bool {
    let gap = composite.gap_before_close();
    pieces(composite.document().text(), gap).any(|(piece, _)| piece == Piece::Comma)
}
