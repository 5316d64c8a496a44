//! An array that was to change: elements, the ends of those that stay, and comments.

use super::{Change, Fate, Unproved, differs};
use crate::hujson::{Comments, Kind, Value};
use crate::policy::directive::{
    Standing, at_line_end, has_lease_words, may_have_comment, read_element, said_besides_lease,
};
use crate::policy::lease::Lease;
use crate::policy::selector::member_key;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The new array has the old elements but those that were to go, then those that were to come; ends have
/// changed as they were to. All else that its comments said, they still say.
pub(super) fn compare(old: Value<'_>, new: Value<'_>, change: &Change) -> Result<(), Unproved> {
    if (old.kind(), new.kind()) != (Kind::Array, Kind::Array) {
        return Err(differs(old, "no array"));
    }
    let Told { gone, kept } = Told::of(old, change)?;
    let (mut before, mut after) = (Remarks::default(), Remarks::default());
    for element in gone {
        before.forget(element);
    }
    let mut elements = new.elements();
    for (kept, fate) in kept {
        let element = elements.next().filter(|element| element.raw() == kept.raw());
        let element = element.ok_or_else(|| differs(kept, "an element that was to stay"))?;
        if *fate == Fate::Stays {
            same_directives(kept, element)?;
        } else {
            other_end(kept, element, fate)?;
            before.read_apart(kept);
            after.read_apart(element);
        }
    }
    for (text, lease) in &change.come {
        let element = elements.next().filter(|element| element.as_str().as_deref() == Some(text));
        let element = element.ok_or_else(|| differs(old, "an element that was to come"))?;
        if Lease::of(&read_element(element)) != *lease {
            return Err(differs(old, "an element with another end than it was to come with"));
        }
        if lease.is_some() {
            after.read_apart(element);
        }
    }
    if elements.next().is_some() {
        return Err(differs(old, "an element too many"));
    }
    if before.of(old).eq(after.of(new)) {
        Ok(())
    } else {
        Err(differs(old, "a comment in this array is lost or has come"))
    }
}

/// The elements of the old array as they were to go and to stay.
struct Told<'d, 'c> {
    gone: Vec<Value<'d>>,
    kept: Vec<(Value<'d>, &'c Fate)>,
}

impl<'d, 'c> Told<'d, 'c> {
    fn of(old: Value<'d>, change: &'c Change) -> Result<Self, Unproved> {
        let mut fates: HashMap<&str, std::slice::Iter<'_, Fate>> =
            change.members.iter().map(|(key, fates)| (key.as_str(), fates.iter())).collect();
        let (mut gone, mut kept) = (Vec::new(), Vec::new());
        for element in old.elements() {
            let text = element.as_str().filter(|_| !fates.is_empty());
            let fate = match text.and_then(|text| fates.get_mut(&*member_key(&text))) {
                Some(fates) => {
                    fates.next().ok_or_else(|| differs(element, "a member that is there more often"))?
                }
                None => &Fate::Stays,
            };
            match fate {
                Fate::Ends(passed) if !Standing::of(element).has_ended(*passed) => {
                    return Err(differs(element, "an element whose end has not come"));
                }
                Fate::Goes | Fate::Ends(_) => gone.push(element),
                _ => kept.push((element, fate)),
            }
        }
        if fates.into_values().any(|mut left| left.next().is_some()) {
            return Err(differs(old, "a member that is there less often"));
        }
        Ok(Self { gone, kept })
    }
}

/// An element that stays as it is has kept its directives.
fn same_directives(old: Value<'_>, new: Value<'_>) -> Result<(), Unproved> {
    let may_have_some = may_have_comment(old) || may_have_comment(new);
    if may_have_some && read_element(old) != read_element(new) {
        return Err(differs(old, "an element whose directives were to stay"));
    }
    Ok(())
}

/// An element that stays has the end that it was to have, and was not permanent before by a directive.
fn other_end(old: Value<'_>, new: Value<'_>, fate: &Fate) -> Result<(), Unproved> {
    let is_so = match (fate, Standing::of(old), Standing::of(new)) {
        (Fate::Leased(lease), Standing::Leased(_) | Standing::Plain, Standing::Leased(has)) => has == *lease,
        (Fate::Permanent, Standing::Leased(_), Standing::Plain | Standing::Marked) => !has_lease_words(new),
        _ => false,
    };
    if is_so { Ok(()) } else { Err(differs(old, "an element that was to have another end, or none")) }
}

/// How the comments of an array are read.
#[derive(Default)]
struct Remarks {
    /// Those that do not count.
    forgotten: HashSet<Range<usize>>,
    /// Those of which the lease does not count, with what else they say.
    apart: HashMap<Range<usize>, Vec<String>>,
}

/// What must be the same in the old and the new array.
#[derive(PartialEq)]
enum Remark<'d> {
    /// A whole comment.
    Comment(&'d [u8]),
    /// A line of a comment that told of a lease, or does so now.
    Line(String),
}

impl Remarks {
    /// The comments that go with an element do not count.
    fn forget(&mut self, element: Value<'_>) {
        let Comments { above, trailing } = element.comments();
        self.forgotten.extend(above.into_iter().chain(trailing).map(|comment| comment.span));
    }

    /// Of the comments at the end of an element's line, the lease does not count.
    fn read_apart(&mut self, element: Value<'_>) {
        for comment in at_line_end(element) {
            let lines = self.apart.entry(comment.span.clone()).or_default();
            lines.extend(said_besides_lease(&comment));
        }
    }

    /// What the comments of an array say.
    fn of<'d>(&self, array: Value<'d>) -> impl Iterator<Item = Remark<'d>> {
        let text = array.document().text();
        let counted = comments(array).filter(|comment| !self.forgotten.contains(comment));
        counted.flat_map(move |comment| match self.apart.get(&comment) {
            Some(lines) => lines.iter().cloned().map(Remark::Line).collect(),
            None => vec![Remark::Comment(text.get(comment).unwrap_or_default())],
        })
    }
}

/// Where the comments stand that are in an array, but not inside its elements, and say something.
fn comments(array: Value<'_>) -> impl Iterator<Item = Range<usize>> {
    let text = array.document().text();
    let ends = array.elements().map(|element| element.span().end);
    let starts = array.elements().map(|element| element.span().start);
    let inner = array.span().start + 1..array.span().end - 1;
    let gaps = std::iter::once(inner.start).chain(ends).zip(starts.chain([inner.end]));
    let says_something = |comment: &Range<usize>| {
        let text = text.get(comment.clone()).unwrap_or_default();
        text.iter().any(|byte| !matches!(byte, b'/' | b'*') && !byte.is_ascii_whitespace())
    };
    gaps.flat_map(move |(from, to)| comments_between(text, from, to)).filter(says_something)
}

/// The comments in a gap between two values, in which there is nothing else but space and commas.
fn comments_between(text: &[u8], mut from: usize, to: usize) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let gap = text.get(from..to)?;
        let start = gap.iter().position(|byte| *byte == b'/')?;
        let comment = gap.get(start..)?;
        let length = if comment.starts_with(b"//") {
            let line = comment.split(|byte| *byte == b'\n').next()?;
            line.strip_suffix(b"\r").unwrap_or(line).len()
        } else {
            comment.get(2..)?.windows(2).position(|bytes| bytes == b"*/")? + 4
        };
        let range = from + start..from + start + length;
        from = range.end;
        Some(range)
    })
}
