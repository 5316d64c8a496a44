//! Which items of an array or object go when elements go.

use std::ops::Range;

use super::super::trivia::{Ownership, Piece};
use super::{Item, Layout, Part};

impl Layout<'_> {
    /// Marks what goes with the elements, but for space; tells whether anything does. `more`: something will
    /// be appended.
    pub(super) fn remove(&mut self, remove: &[usize], more: bool) -> bool {
        let mut doomed = vec![false; self.elements.len()];
        for index in remove {
            if let Some(doomed) = doomed.get_mut(*index) {
                *doomed = true;
            }
        }
        if !doomed.contains(&true) {
            return false;
        }
        let is_doomed =
            |index: Option<usize>| index.and_then(|index| doomed.get(index)).copied().unwrap_or(false);
        for gap in 0..=doomed.len() {
            let (before, behind) = (is_doomed(gap.checked_sub(1)), is_doomed(Some(gap)));
            if before || behind {
                self.remove_comments(gap, before, behind);
            }
        }
        let mut index = 0;
        while index < doomed.len() {
            let run = doomed.iter().skip(index).take_while(|doomed| **doomed).count();
            if run > 0 {
                self.remove_run(index..index + run, more);
            }
            index += run.max(1);
        }
        true
    }

    fn item(&mut self, at: usize) -> Option<&mut Item> {
        self.items.get_mut(at)
    }

    fn remove_items(&mut self, range: Range<usize>) {
        for item in self.items.get_mut(range).unwrap_or_default() {
            item.gone = true;
        }
    }

    /// Removes the comments of a gap that belong to the element before or behind it.
    fn remove_comments(&mut self, gap: usize, before: bool, behind: bool) {
        let range = self.gap(gap);
        let (first, last) = (gap == 0, gap == self.elements.len());
        let items = self.items.get_mut(range).unwrap_or_default();
        let pieces: Vec<Piece> = items
            .iter()
            .filter_map(|item| match item.part {
                Part::Between(piece) => Some(piece),
                Part::Element => None,
            })
            .collect();
        let owned = Ownership::of(&pieces, !first, !last);
        for (at, item) in items.iter_mut().enumerate().filter(|(_, item)| item.part.is_comment()) {
            item.gone |= (before && at < owned.left) || (behind && at >= owned.right);
        }
    }

    /// Removes neighbouring elements and as many commas as leave one between those that stay.
    fn remove_run(&mut self, run: Range<usize>, more: bool) {
        for index in run.clone() {
            if let Some(at) = self.elements.get(index).copied()
                && let Some(item) = self.item(at)
            {
                item.gone = true;
            }
        }
        let leading = self.has_leading_comma(run.start);
        let (before, behind) = (run.start > 0, run.end < self.elements.len());
        let mut commas: Vec<usize> = (run.start..=run.end).filter_map(|gap| self.comma(gap)).collect();
        // A comma at the start of a line goes with the element behind it.
        if before && behind && leading {
            commas.pop();
        } else if before && (behind || self.trailing_comma || (more && !leading)) {
            commas.remove(0);
        }
        for comma in commas {
            self.remove_items(comma..comma + 1);
        }
    }

    /// The comma of a gap.
    fn comma(&self, gap: usize) -> Option<usize> {
        self.gap(gap).find(|at| self.items.get(*at).is_some_and(|item| item.part.is_comma()))
    }

    /// Whether the comma of a gap starts the line that the element behind it stands on.
    pub(super) fn has_leading_comma(&self, gap: usize) -> bool {
        let range = self.gap(gap);
        let Some(comma) = self.comma(gap) else { return false };
        let (before, behind) = (self.items.get(range.start..comma), self.items.get(comma..range.end));
        let before = before.unwrap_or_default().iter().rfind(|item| !item.part.is_space());
        let broken = behind.unwrap_or_default().iter().any(|item| item.part.is_newline());
        !broken && before.is_some_and(|item| item.part.is_newline())
    }

    /// Removes the lines on which nothing is left, and the space that is too much on the others.
    pub(super) fn remove_space(&mut self) {
        let lines = self.lines();
        let mut whole = vec![false; lines.len()];
        for (number, line) in lines.iter().enumerate() {
            let items = self.items.get(line.clone()).unwrap_or_default();
            let Some(last_gone) = items.iter().rposition(|item| item.gone) else { continue };
            let last_gone = line.start + last_gone;
            if items.iter().any(|item| !item.gone && !item.part.is_space()) {
                self.close_up(line.clone());
            } else if number + 1 == lines.len() {
                // The bracket's line: it moves up, but its own indentation or padding stays.
                self.remove_items(line.start..last_gone + 1);
                self.remove_newline_before(line.start);
            } else {
                self.remove_items(line.clone());
                if number > 0 {
                    self.remove_items(line.end..line.end + 1);
                    if let Some(whole) = whole.get_mut(number) {
                        *whole = true;
                    }
                }
            }
        }
        self.remove_blank_lines(&lines, &whole);
    }

    /// The lines of the array or object, each without its line end.
    fn lines(&self) -> Vec<Range<usize>> {
        let ends = self.items.iter().enumerate().filter(|(_, item)| item.part.is_newline()).map(|(at, _)| at);
        let mut start = 0;
        ends.chain([self.items.len()]).map(|end| std::mem::replace(&mut start, end + 1)..end).collect()
    }

    /// Removes the space that belongs to what is gone from a line on which something is left: the
    /// space before it, or behind it where it stood first.
    fn close_up(&mut self, line: Range<usize>) {
        let mut something_before = false;
        let mut at = line.start;
        while at < line.end {
            let Some(Item { part, gone, .. }) = self.items.get(at).cloned() else { break };
            if !gone {
                something_before |= !part.is_space();
                at += 1;
                continue;
            }
            let rest = self.items.get(at..line.end).unwrap_or_default();
            let reach = rest.iter().take_while(|item| item.gone || item.part.is_space()).count();
            let spaces = rest.iter().take(reach).rev().take_while(|item| !item.gone).count();
            if something_before {
                if at > line.start && self.items.get(at - 1).is_some_and(|item| item.part.is_space()) {
                    self.remove_items(at - 1..at);
                }
                self.remove_items(at..at + reach - spaces);
            } else {
                self.remove_items(at..at + reach);
            }
            at += reach;
        }
    }

    /// Removes the line end before the bracket's line, unless a `//` comment needs it, or a comment behind a
    /// comma: only at the end of a line does that belong to the element before.
    fn remove_newline_before(&mut self, line: usize) {
        let mut before = self.left(0..line).rev();
        let Some((newline, _)) = before.next().filter(|(_, item)| item.part.is_newline()) else { return };
        let is_needed = match before.find(|(_, item)| !item.part.is_space()) {
            Some((_, Item { part: Part::Between(Piece::LineComment), .. })) => true,
            Some((comment, item)) if item.part.is_comment() => {
                let items = self.items.get(..comment).unwrap_or_default().iter().rev();
                items.take_while(|item| item.part != Part::Element).any(|item| item.part.is_comma())
            }
            _ => false,
        };
        drop(before);
        if !is_needed {
            self.remove_items(newline..newline + 1);
        }
    }

    /// Where whole lines went and a blank line is above and below, or only the bracket below, one
    /// blank line is too much.
    fn remove_blank_lines(&mut self, lines: &[Range<usize>], whole: &[bool]) {
        let is_whole = |number: usize| whole.get(number).copied().unwrap_or(false);
        for number in (0..lines.len()).filter(|number| is_whole(*number) && !is_whole(number + 1)) {
            let above = (0..number).rev().find(|above| !is_whole(*above));
            let (Some(above), Some(below)) = (above, lines.get(number + 1)) else { continue };
            let blank = |line: &Range<usize>| {
                self.items.get(line.clone()).unwrap_or_default().iter().all(|item| item.part.is_space())
            };
            if above > 0
                && let Some(above) = lines.get(above)
                && blank(above)
                && blank(below)
            {
                self.remove_items(above.start..above.end + 1);
            }
        }
    }
}
