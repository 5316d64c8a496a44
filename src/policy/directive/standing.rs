//! How elements stand in their lists, with or without an end, and how that is changed.

use super::element::{self, at_line_end};
use super::words::{self, MARK, Word};
use crate::hujson::{Comment, CommentChange, Value};
use crate::policy::lease::Lease;
use jiff::Timestamp;

/// How an element stands in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) enum Standing {
    /// For good: no directive is at the end of its line.
    Plain,
    /// For good: there is a directive, but no end that can be read.
    Marked,
    /// Up to an end.
    Leased(Lease),
}

impl Standing {
    pub(in crate::policy) fn of(element: Value<'_>) -> Self {
        match Lease::of(&element::read(element)) {
            Some(lease) => Self::Leased(lease),
            None if at_line_end(element).iter().any(|comment| words::of(comment).is_some()) => Self::Marked,
            None => Self::Plain,
        }
    }

    /// Whether there is an end, and it is not after a moment.
    pub(in crate::policy) fn has_ended(&self, passed: Timestamp) -> bool {
        matches!(self, Self::Leased(lease) if lease.until <= passed)
    }
}

/// How an element stands once its end is taken away.
pub(in crate::policy) fn standing_without_lease(element: Value<'_>) -> Standing {
    let comments = at_line_end(element);
    let is_marked = comments
        .iter()
        .any(|comment| words::of(comment).is_some_and(|mut words| words.any(|word| !is_of_lease(&word))));
    if is_marked { Standing::Marked } else { Standing::Plain }
}

/// Whether `until` or `by` is among an element's directives, readable or not.
pub(in crate::policy) fn has_lease_words(element: Value<'_>) -> bool {
    at_line_end(element).iter().filter_map(words::of).flatten().any(|word| is_of_lease(&word))
}

/// What a comment line says without the words of a lease; `None` if that is nothing.
pub(in crate::policy) fn said_besides_lease(comment: &Comment<'_>) -> Option<String> {
    let Some(words) = words::of(comment) else { return Some(comment.text.to_string()) };
    let others: Vec<String> =
        words.filter(|word| !is_of_lease(word)).map(|word| format!("{word:?}")).collect();
    (!others.is_empty()).then(|| others.join(" "))
}

fn is_of_lease(word: &Word<'_>) -> bool {
    matches!(word, Ok(("until" | "by", _)))
}

/// The changes to the comments behind an element after which it has this lease, or none. Everything else
/// that they say stays; a comment that said nothing else goes with the lease.
pub(in crate::policy) fn set_lease(element: Value<'_>, lease: Option<&Lease>) -> Vec<CommentChange> {
    let directive = lease.map(|lease| lease.directives().to_string());
    let mut changes = Vec::new();
    let mut new = directive.as_deref().map(|text| text.strip_prefix(MARK).unwrap_or(text).trim());
    for comment in at_line_end(element).chunk_by(|one, other| one.span == other.span) {
        reword(comment, &mut new, &mut changes);
    }
    let no_word_gave_way = new.is_some();
    changes.extend(directive.filter(|_| no_word_gave_way).map(CommentChange::Add));
    changes
}

/// Puts `new` in the place of a comment's first word of a lease and takes the others away.
fn reword(lines: &[Comment<'_>], new: &mut Option<&str>, changes: &mut Vec<CommentChange>) {
    let Some(first) = lines.first() else { return };
    if new.is_none() && lines.iter().all(|line| said_besides_lease(line).is_none()) {
        let has_words = lines.iter().filter_map(words::of).flatten().next().is_some();
        changes.extend(has_words.then(|| CommentChange::Remove(first.span.clone())));
        return;
    }
    let mut line_before = None;
    for line in lines {
        let words = words::placed(line).unwrap_or_default();
        let mut end_before = line.place.end - line.text.trim_start().len() + MARK.len();
        let is_lease = !words.is_empty() && words.iter().all(|(_, word)| is_of_lease(word));
        if is_lease && new.is_none() {
            let start = line_before.unwrap_or(line.place.start);
            changes.push(CommentChange::Reword(start..line.place.end, String::new()));
        } else {
            for (place, word) in words {
                if is_of_lease(&word) {
                    changes.push(match new.take() {
                        Some(new) => CommentChange::Reword(place.clone(), new.to_owned()),
                        None => CommentChange::Reword(end_before..place.end, String::new()),
                    });
                }
                end_before = place.end;
            }
        }
        line_before = Some(line.place.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hujson::{apply, edit_array_and_comments, parse};

    const OLD: &str = "until=2030-01-31T12:00:00Z";
    const NEW: &str = "until=2031-01-31T12:00:00Z";

    /// Gives the first element of an array a lease, asked for by somebody or nobody (`""`), or takes it away.
    /// `OLD` and `NEW` stand for an end.
    #[track_caller]
    fn check(text: &str, by: Option<&str>, expected: &str) {
        let [text, expected] = [text, expected].map(|text| text.replace("OLD", OLD).replace("NEW", NEW));
        let until = "2031-01-31T12:00:00Z".parse().unwrap();
        let lease = by.map(|by| Lease { until, by: (!by.is_empty()).then(|| by.to_owned()) });
        let document = parse(text.as_bytes()).unwrap();
        let element = document.root().elements().next().unwrap();
        let changes: Vec<_> =
            set_lease(element, lease.as_ref()).into_iter().map(|change| (0, change)).collect();
        let edits = edit_array_and_comments::<&str>(document.root(), &[], &[], &changes);
        let out = String::from_utf8(apply(text.as_bytes(), edits).unwrap()).unwrap();
        assert_eq!(out, expected);
        let document = parse(out.as_bytes()).unwrap();
        let element = document.root().elements().next().unwrap();
        match lease {
            Some(lease) => assert_eq!(Standing::of(element), Standing::Leased(lease)),
            None => assert!(!has_lease_words(element)),
        }
    }

    #[test]
    fn a_lease_for_an_element() {
        check("[\n1,\n]", Some("x"), "[\n1, // tailgrant: NEW by=x\n]");
        check("[\n1\n]", Some(""), "[\n1 // tailgrant: NEW\n]");
        check("[1, 2]", Some(""), "[1 /* tailgrant: NEW */, 2]");
        check("[\n1, // why\n]", Some("x"), "[\n1 /* tailgrant: NEW by=x */, // why\n]");
        check("[\n1, // tailgrant: note\n]", Some(""), "[\n1 /* tailgrant: NEW */, // tailgrant: note\n]");
    }

    #[test]
    fn another_lease() {
        check("[\n1, // tailgrant: OLD by=x\n]", Some("y"), "[\n1, // tailgrant: NEW by=y\n]");
        check("[\n1, // tailgrant: OLD by=x\n]", Some(""), "[\n1, // tailgrant: NEW\n]");
        check("[\n1, //tailgrant:OLD\n]", Some("x"), "[\n1, //tailgrant:NEW by=x\n]");
        check("[1 /* tailgrant: by=x  a=1 OLD b */]", Some("y"), "[1 /* tailgrant: NEW by=y  a=1 b */]");
        check(
            "[1 /* tailgrant: OLD */, // tailgrant: by=\"a b\"\n2]",
            Some("y"),
            "[1 /* tailgrant: NEW by=y */,\n2]",
        );
        check(
            "[1 /* why\r\n * tailgrant: OLD\r\n */,\r\n2]",
            Some(""),
            "[1 /* why\r\n * tailgrant: NEW\r\n */,\r\n2]",
        );
    }

    #[test]
    fn no_lease() {
        check("[\n1, // tailgrant: OLD by=x\n]", None, "[\n1,\n]");
        check("[1 /* tailgrant: OLD */, 2]", None, "[1, 2]");
        check("[\n1 /* tailgrant: OLD */, // why\n]", None, "[\n1, // why\n]");
        check("[\n1, // tailgrant: OLD by=x note=\"a b\"\n]", None, "[\n1, // tailgrant: note=\"a b\"\n]");
        check("[\n1, // tailgrant: note OLD\n]", None, "[\n1, // tailgrant: note\n]");
        check("[\n1, // why\n]", None, "[\n1, // why\n]");
        check(
            "[1 /* why\r\n * tailgrant: OLD\r\n * tailgrant: by=x\r\n * who */, 2]",
            None,
            "[1 /* why\r\n * who */, 2]",
        );
        check("[1 /* tailgrant: OLD\n * tailgrant: by=x\n */, 2]", None, "[1, 2]");
        check("[1 /* tailgrant: OLD\n * who */, 2]", None, "[1 /* \n * who */, 2]");
    }

    #[track_caller]
    fn standing(behind: &str, expected: &Standing, without: &Standing) {
        let text = format!("[\n1{behind}\n]").replace("OLD", OLD);
        let document = parse(text.as_bytes()).unwrap();
        let element = document.root().elements().next().unwrap();
        assert_eq!((&Standing::of(element), &standing_without_lease(element)), (expected, without), "{text}");
    }

    #[test]
    fn standings() {
        use Standing::{Leased, Marked, Plain};
        let leased = |by: Option<&str>| {
            Leased(Lease { until: "2030-01-31T12:00:00Z".parse().unwrap(), by: by.map(str::to_owned) })
        };
        standing("", &Plain, &Plain);
        standing(", // why", &Plain, &Plain);
        standing(", // tailgrant: OLD", &leased(None), &Plain);
        standing(" /* tailgrant: OLD by=x a=1 */", &leased(Some("x")), &Marked);
        standing(", // tailgrant: by=x", &Marked, &Plain);
        standing(", // tailgrant: OLD OLD", &Marked, &Plain);
        standing(", // tailgrant: until=tomorrow", &Marked, &Plain);
        // On a line of its own it does not count.
        standing("\n// tailgrant: OLD\n,", &Plain, &Plain);
    }
}
