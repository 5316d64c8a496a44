//! What stands between a new name and its value.

use super::super::value::Member;
use super::{Layout, Part};

/// How the last members write their colons.
pub(super) struct Neighbours {
    /// The colon of the last member, with the space around it.
    colon: Vec<u8>,
    /// How far the values stand from the start of their names, in bytes, if they are aligned.
    column: Option<usize>,
}

impl Neighbours {
    /// Reads the member that is the item `last`, and the one on the line above it.
    pub(super) fn read(layout: &Layout<'_>, last: usize) -> Self {
        let index_of = |item: usize| layout.elements.partition_point(|element| *element < item);
        let before = layout.left(0..last).rev().find(|(_, item)| item.part == Part::Element);
        let before = before.map(|(at, _)| at).filter(|before| {
            let between = layout.left(before + 1..last);
            between.filter(|(_, item)| item.part.is_newline()).count() == 1
        });
        let mut members = layout.composite.members();
        let before_index = before.map(index_of);
        let first = before_index.unwrap_or_else(|| index_of(last));
        let first = members.by_ref().nth(first);
        let (before, member) = match before_index {
            Some(before) => (first, members.nth(index_of(last) - before - 1)),
            None => (None, first),
        };
        let Some(member) = member else { return Self::usual() };
        let Some(colon) = colon(member) else { return Self::usual() };
        let spaces = colon.strip_prefix(b":").filter(|space| space.iter().all(|byte| *byte == b' '));
        let Some(spaces) = spaces.map(<[u8]>::len) else {
            return Self { colon: colon.to_vec(), column: None };
        };
        let several_lines = member.value.raw().contains(&b'\n');
        let aligned = before.is_some_and(|before| {
            name_length(before) != name_length(member)
                && column(before).is_some_and(|it| Some(it) == column(member))
        });
        Self {
            colon: if spaces > 1 { b": ".to_vec() } else { colon.to_vec() },
            column: column(member).filter(|_| !several_lines && (spaces > 1 || aligned)),
        }
    }

    fn usual() -> Self {
        Self { colon: b": ".to_vec(), column: None }
    }

    /// The colon behind a name of this length. `align`: the member stands on a line of its own.
    pub(super) fn colon(&self, name: usize, align: bool) -> Vec<u8> {
        let mut colon = self.colon.clone();
        if let Some(column) = self.column.filter(|_| align) {
            colon.resize(column.saturating_sub(name).max(colon.len()), b' ');
        }
        colon
    }
}

/// The colon of a member with the space around it, unless comments or line ends are there too.
fn colon(member: Member<'_>) -> Option<&[u8]> {
    let between = member.name.span().end..member.value.span().start;
    let between = member.name.document().slice(between);
    between.iter().all(|byte| matches!(byte, b':' | b' ' | b'\t')).then_some(between)
}

fn name_length(member: Member<'_>) -> usize {
    member.name.span().len()
}

/// How far the value of a member that is one line stands from the start of its name.
fn column(member: Member<'_>) -> Option<usize> {
    let one_line = colon(member).is_some() && !member.value.raw().contains(&b'\n');
    one_line.then(|| member.value.span().start - member.name.span().start)
}
