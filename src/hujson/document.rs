//! The tree, as a flat list of offsets.

use std::ops::Range;
use std::sync::OnceLock;

use super::position::{LineIndex, Position};
use super::value::Value;

/// A value or a closing bracket, in the order of the text. The byte at `start` tells which.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node {
    pub(super) start: u32,
    /// Of an opening bracket: the index of its closing one. Of a closing bracket: the index of its
    /// opening one. Of any other value: where it ends.
    pub(super) link: u32,
}

/// A parsed text: the borrowed bytes and 8 bytes for each value and each closing bracket.
#[derive(Debug)]
pub struct Document<'t> {
    text: &'t [u8],
    nodes: Vec<Node>,
    lines: OnceLock<LineIndex>,
}

impl<'t> Document<'t> {
    pub(super) fn new(text: &'t [u8], nodes: Vec<Node>) -> Self {
        Self { text, nodes, lines: OnceLock::new() }
    }

    /// The bytes that were parsed.
    #[must_use]
    pub fn text(&self) -> &'t [u8] {
        self.text
    }

    /// The top-level value; there is always one.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value::new(self, 0)
    }

    /// Where a byte of the text stands. The first call counts the lines of the text, later ones are cheap.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        self.lines.get_or_init(|| LineIndex::new(self.text)).position(self.text, offset)
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t [u8] {
        self.text.get(range).unwrap_or_default()
    }

    /// The number of tokens: values and closing brackets.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// The scalars, names and brackets in order.
    pub(super) fn tokens(&self) -> impl Iterator<Item = Token> + '_ {
        let mut end = 0;
        self.nodes.iter().map(move |node| {
            let start = node.start as usize;
            let mark = self.text.get(start).copied().unwrap_or_default();
            let before = end..start;
            end = if matches!(mark, b'[' | b'{' | b']' | b'}') { start + 1 } else { node.link as usize };
            Token { before, range: start..end, mark }
        })
    }

    /// The text behind the last token.
    pub(super) fn gap_behind(&self) -> &'t [u8] {
        self.slice(self.end(self.len() - 1)..self.text.len())
    }

    /// The text between neighbouring values and brackets, from the start of the text to its end.
    pub(super) fn gaps(&self) -> impl Iterator<Item = Gap> + '_ {
        let head = Gap { token: 0..0, range: 0..self.start(0), closes: false };
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let behind = (0..count).map(move |index| {
            let end = self.end(index);
            let closes = index + 1 < count && matches!(self.mark(index + 1), b']' | b'}');
            let next = if index + 1 < count { self.start(index + 1) } else { self.text.len() };
            Gap { token: self.start(index)..end, range: end..next, closes }
        });
        std::iter::once(head).chain(behind)
    }

    pub(super) fn start(&self, index: u32) -> usize {
        self.node(index).start as usize
    }

    /// Where a bracket or any other value without values in it ends.
    pub(super) fn end(&self, index: u32) -> usize {
        match self.mark(index) {
            b'[' | b'{' | b']' | b'}' => self.start(index) + 1,
            _ => self.node(index).link as usize,
        }
    }

    pub(super) fn node(&self, index: u32) -> Node {
        self.nodes.get(index as usize).copied().unwrap_or_default()
    }

    /// The byte that tells what a node is.
    pub(super) fn mark(&self, index: u32) -> u8 {
        self.text.get(self.node(index).start as usize).copied().unwrap_or_default()
    }

    /// The node behind a value and all that is in it.
    pub(super) fn after(&self, index: u32) -> u32 {
        match self.mark(index) {
            b'[' | b'{' => self.node(index).link + 1,
            _ => index + 1,
        }
    }

    /// The value at a node; nothing at a closing bracket and at the end.
    pub(super) fn value(&self, index: u32) -> Option<Value<'_>> {
        let there = (index as usize) < self.nodes.len() && !matches!(self.mark(index), b']' | b'}');
        there.then(|| Value::new(self, index))
    }
}

/// A scalar, a name or a bracket.
pub(super) struct Token {
    /// The text between it and the token before.
    pub(super) before: Range<usize>,
    pub(super) range: Range<usize>,
    /// Its first byte, which tells what it is.
    pub(super) mark: u8,
}

/// The text behind a token, up to the next one.
pub(super) struct Gap {
    /// The value or bracket before; empty at the start of the text.
    pub(super) token: Range<usize>,
    pub(super) range: Range<usize>,
    /// Whether a closing bracket follows.
    pub(super) closes: bool,
}

#[cfg(test)]
mod tests {
    use crate::hujson::parse;

    /// How many bytes of heap there are at most for each byte of text.
    #[track_caller]
    fn check(text: &str, most: usize) {
        let document = parse(text.as_bytes()).unwrap();
        let heap = document.nodes.capacity() * size_of::<super::Node>();
        assert!(heap <= most * text.len() + 64, "{heap} bytes for {}", text.len());
    }

    #[test]
    fn the_list_is_small() {
        let list = |element: &str, count: usize| format!("[{}]", vec![element; count].join(","));
        check(&list("\n\t\"somebody@example.com\"", 50_000), 1);
        check(&list("{\"src\": [\"group:eng\"], \"dst\": [\"tag:db:5432\"]}", 20_000), 3);
        check(&list("0", 500_000), 8);
        check(&list("[]", 300_000), 12);
    }
}
