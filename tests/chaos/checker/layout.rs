//! Whether a list that we changed keeps the layout that it had: space, line ends and commas around what stays.

use super::lists::{List, Policy};
use super::tokens::Kind;

/// A bracket, element or comment of a list.
#[derive(Clone, Copy, Debug)]
struct Word<'t> {
    text: &'t str,
    /// From the word before it.
    gap: Gap<'t>,
    is_element: bool,
}

/// What is between two words.
#[derive(Clone, Copy, Debug)]
struct Gap<'t>(&'t str);

impl<'t> Gap<'t> {
    /// Commas come and go with elements; where one stands before a comment or behind it is no matter.
    fn is(self, other: Self) -> bool {
        self.0.chars().filter(|letter| *letter != ',').eq(other.0.chars().filter(|letter| *letter != ','))
    }

    /// The space before a word that begins its line.
    fn indentation(self) -> Option<&'t str> {
        self.0.rsplit_once('\n').map(|(_, space)| space)
    }
}

/// How a list was laid out anew, if it was. Words that stay next to each other keep the bytes between them; what
/// began a line still does, as far in; new lines end as the others do and are indented as another.
pub(crate) fn relaid(was: (&str, &Policy, &List), is: (&str, &Policy, &List)) -> Option<String> {
    let (old, new) = (words(was), words(is));
    let stayed = common(&old, &new);
    for (number, &(from, to)) in stayed.iter().enumerate() {
        let (Some(before), Some(after)) = (old.get(from), new.get(to)) else { continue };
        let neighbours = number.checked_sub(1).and_then(|last| stayed.get(last));
        let neighbours = neighbours.is_some_and(|&(last, at)| (last + 1, at + 1) == (from, to));
        if neighbours && !before.gap.is(after.gap) {
            return Some(format!("the space before {} changed", after.text));
        }
        let indentations = (before.gap.indentation(), after.gap.indentation());
        if before.is_element && indentations.0.is_some() && indentations.0 != indentations.1 {
            return Some(format!("{} moved on its line", after.text));
        }
    }
    let mut came = new.iter().enumerate().filter(|(at, _)| !stayed.iter().any(|(_, to)| to == at));
    // Comments count too: of the elements nobody may stay.
    let inside = old.iter().filter(|word| word.text != "]");
    let indentations: Vec<&str> = inside.filter_map(|word| word.gap.indentation()).collect();
    let strange = came.find(|(_, word)| {
        let indentation = word.gap.indentation().filter(|_| word.is_element && !indentations.is_empty());
        indentation.is_some_and(|indentation| !indentations.contains(&indentation))
    });
    if let Some((_, word)) = strange {
        return Some(format!("{} is indented as nobody else", word.text));
    }
    if let (Some(before), Some(after)) = (last_comma(&old), last_comma(&new))
        && before != after
    {
        return Some("the last comma came or went".to_owned());
    }
    let ends =
        |words: &[Word<'_>]| words.iter().map(|word| Ends::of(word.gap.0)).fold(Ends::default(), Ends::and);
    let (before, after) = (ends(&old), ends(&new));
    let before = if before == Ends::default() { Ends::of(was.0) } else { before };
    ((after.bare && !before.bare && before.returned) || (after.returned && !before.returned && before.bare))
        .then(|| "lines end in another way".to_owned())
}

/// Whether a comma follows the last element, if there is one.
fn last_comma(words: &[Word<'_>]) -> Option<bool> {
    let last = words.iter().rposition(|word| word.is_element)?;
    Some(words.iter().skip(last + 1).any(|word| word.gap.0.contains(',')))
}

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    /// Some with a line feed alone.
    bare: bool,
    /// Some with a carriage return before it.
    returned: bool,
}

impl Ends {
    fn of(text: &str) -> Self {
        let returned = text.matches("\r\n").count();
        Self { bare: text.matches('\n').count() > returned, returned: returned > 0 }
    }

    fn and(self, other: Self) -> Self {
        Self { bare: self.bare || other.bare, returned: self.returned || other.returned }
    }
}

/// The words of a list, brackets included.
fn words<'t>((text, policy, list): (&'t str, &Policy, &List)) -> Vec<Word<'t>> {
    let inside = policy.tokens.iter().filter(|token| list.range.contains(&token.range.start));
    let mut end = list.range.start;
    let mut words = Vec::new();
    for token in inside.filter(|token| token.kind != Kind::Mark(',')) {
        // A comment to the end of its line reaches over the space there.
        let word = text.get(token.range.clone()).unwrap_or_default().trim_end();
        let gap = Gap(text.get(end..token.range.start).unwrap_or_default());
        words.push(Word { text: word, gap, is_element: matches!(token.kind, Kind::Text(_)) });
        end = token.range.start + word.len();
    }
    words
}

/// The words that stay, by their places before and after: the longest row that both have in common.
fn common(old: &[Word<'_>], new: &[Word<'_>]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut longest = vec![0_usize; (old.len() + 1) * width];
    let at = |from: usize, to: usize| from * width + to;
    let length = |longest: &[usize], from, to| longest.get(at(from, to)).copied().unwrap_or(0);
    for (from, before) in old.iter().enumerate().rev() {
        for (to, after) in new.iter().enumerate().rev() {
            let best = if before.text == after.text {
                length(&longest, from + 1, to + 1) + 1
            } else {
                length(&longest, from + 1, to).max(length(&longest, from, to + 1))
            };
            if let Some(slot) = longest.get_mut(at(from, to)) {
                *slot = best;
            }
        }
    }
    let (mut from, mut to, mut common) = (0, 0, Vec::new());
    while let (Some(before), Some(after)) = (old.get(from), new.get(to)) {
        if before.text == after.text {
            common.push((from, to));
            (from, to) = (from + 1, to + 1);
        } else if length(&longest, from + 1, to) >= length(&longest, from, to + 1) {
            from += 1;
        } else {
            to += 1;
        }
    }
    common
}
