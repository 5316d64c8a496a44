//! How the demo shows things: headings, tables, diffs.

use std::borrow::Cow;
use std::io;

use anstyle::Style;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use similar::TextDiff;

use super::client::Synced;
use crate::cli::output::{BAD, FAINT, GOOD, HEADING, Output, PLACE, WIDTH};

/// Before every line below a heading.
const INDENT: &str = "   ";

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// A step's heading.
pub(super) fn heading(output: &mut Output, number: usize, text: &str) -> io::Result<()> {
    output.line("")?;
    output.styled(HEADING, format_args!("{number}. {text}"))
}

/// A remark below what was shown.
pub(super) fn remark(output: &mut Output, text: &str) -> io::Result<()> {
    output.styled(FAINT, format_args!("{INDENT}{text}"))
}

/// Something that was checked and holds.
pub(super) fn check(output: &mut Output, text: &str) -> io::Result<()> {
    let (mark, text) = (if output.is_terminal() { "✓" } else { "ok:" }, text);
    output.line(format_args!("{INDENT}{GOOD}{mark}{GOOD:#} {text}"))
}

/// Counts of a sync by type.
pub(super) fn counts(output: &mut Output, synced: &Synced) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(WIDTH).unwrap_or(u16::MAX));
    table.set_header(["type", "resources", "entitlements", "grants"]);
    let mut totals = [0; 3];
    for (kind, counts) in synced.counts() {
        table.add_row([kind.to_owned()].into_iter().chain(counts.map(|count| count.to_string())));
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
    }
    table.add_row(["all".to_owned()].into_iter().chain(totals.map(|count| count.to_string())));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.to_string();
    let last = text.lines().count() - 1;
    for (at, line) in text.lines().enumerate() {
        let style = if at == 0 || at == last { HEADING } else { Style::new() };
        output.styled(style, format_args!("{INDENT}{}", line.trim_end()))?;
    }
    Ok(())
}

/// The unified diff of two policy texts, and how many lines it adds and removes.
pub(super) fn diff(output: &mut Output, before: &[u8], after: &[u8]) -> io::Result<Changed> {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let diff = TextDiff::from_lines(before.as_ref(), after.as_ref());
    let text =
        diff.unified_diff().context_radius(CONTEXT).header("policy before", "policy after").to_string();
    let mut changed = Changed { added: 0, removed: 0 };
    for line in text.lines() {
        let style = match line.as_bytes() {
            [b'@', ..] => PLACE,
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => HEADING,
            [b'+', ..] => GOOD,
            [b'-', ..] => BAD,
            _ => FAINT,
        };
        changed.added += usize::from(style == GOOD);
        changed.removed += usize::from(style == BAD);
        let line = line.replace('\t', "    ");
        output.styled(style, format_args!("{INDENT}{}", cut(&line, WIDTH - INDENT.len())))?;
    }
    Ok(changed)
}

/// The line, cut to so many characters, the last one saying that it was cut.
fn cut(line: &str, most: usize) -> Cow<'_, str> {
    if line.chars().count() <= most {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.chars().take(most - 1).chain(['…']).collect())
}

/// How many lines a diff adds and removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) added: usize,
    pub(super) removed: usize,
}

impl Changed {
    /// Lines that were changed, added or removed; a changed line is both added and removed.
    pub(super) fn lines(self) -> usize {
        self.added.max(self.removed)
    }
}

/// Names joined by commas, cut to the width with the number of those left out.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>, indent: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = String::new();
    for (shown, name) in names.iter().enumerate() {
        let left = names.len() - shown;
        let more = format!(" and {left} more");
        if shown > 0 && indent + text.len() + 2 + name.len() + more.len() > WIDTH {
            return text + &more;
        }
        if shown > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut() {
        assert_eq!(cut("héllo", 5), "héllo");
        assert_eq!(cut("héllo, world", 5), "héll…");
    }

    #[test]
    fn names_are_cut_to_the_width() {
        assert_eq!(names(["ada", "grace"], 0), "ada, grace");
        let text = names(["somebody@example.com"; 10], 10);
        assert!(text.ends_with(" and 7 more") && text.len() + 10 <= WIDTH, "{text}");
        assert_eq!(names([], 0), "");
    }
}
