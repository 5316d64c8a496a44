//! How lines start and end.

use super::super::document::Document;
use memchr::{memchr, memrchr};

/// The start of a line.
pub(super) struct Line {
    /// What ends the line before.
    pub(super) newline: Vec<u8>,
    pub(super) indent: Vec<u8>,
}

impl Line {
    pub(super) fn start(&self) -> Vec<u8> {
        [&*self.newline, &self.indent].concat()
    }
}

/// The space at the start of the line that a place is on.
pub(super) fn line_indent(text: &[u8], at: usize) -> &[u8] {
    let before = text.get(..at).unwrap_or(text);
    let line = before.get(memrchr(b'\n', before).map_or(0, |lf| lf + 1)..).unwrap_or_default();
    let space = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    line.get(..space).unwrap_or_default()
}

/// One step of indentation: what the first value inside the top-level one is indented by, else two
/// spaces where `around` are spaces, else a TAB.
pub(super) fn indent_step<'d>(document: &'d Document<'_>, around: &[u8]) -> &'d [u8] {
    let root = document.root();
    let first = root.members().next().map(|member| member.name).or_else(|| root.elements().next());
    let first = first.map_or(0, |first| first.span().start);
    let outer = line_indent(document.text(), root.span().start);
    let indent = line_indent(document.text(), first);
    let starts_line = first > indent.len() && document.text().get(first - indent.len() - 1) == Some(&b'\n');
    match indent.strip_prefix(outer) {
        Some(step @ [_, ..]) if starts_line => step,
        _ if around.contains(&b' ') && !around.contains(&b'\t') => b"  ",
        _ => b"\t",
    }
}

/// What ends the first line of a text: LF if it has but one line.
pub(super) fn line_end(text: &[u8]) -> &'static [u8] {
    let first = memchr(b'\n', text).and_then(|lf| text.get(..lf)).unwrap_or_default();
    if first.ends_with(b"\r") { b"\r\n" } else { b"\n" }
}
