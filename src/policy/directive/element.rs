//! Directives at the end of a list element's line.

use super::words::{self, Word};
use crate::hujson::{Comment, Value};
use crate::policy::finding::{FindingKind, Findings};
use crate::policy::list::Item;
use std::fmt;

/// Directives on an element of a list: what tailgrant noted when it added it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElementDirectives {
    /// When the membership ends, as RFC 3339 writes it. A doubled or unreadable `until` is none: the
    /// membership never ends by itself.
    pub until: Option<String>,
    /// Who asked for it: 1 to 64 of `A-Z a-z 0-9 . _ : @ + -`.
    pub by: Option<String>,
}

impl fmt::Display for ElementDirectives {
    /// As a comment line says it; nothing if there are none.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = [("until", &self.until), ("by", &self.by)];
        words::write(out, values.into_iter().filter_map(|(key, value)| Some((key, Some(value.as_deref()?)))))
    }
}

impl ElementDirectives {
    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.until.is_none() && self.by.is_none()
    }
}

impl Item<'_> {
    /// The directives at the end of the element's line. They are read now; a list without comments costs
    /// a look at a few bytes for each element.
    #[must_use]
    pub fn directives(&self) -> ElementDirectives {
        read(self.value)
    }

    /// Whether the end of the element's line has something to say of an end, whether it counts or not. What does
    /// not count is a finding.
    #[must_use]
    pub fn tells_of_end(&self) -> bool {
        at_line_end(self.value).iter().filter_map(words::of).flatten().any(|word| is_of_end(&word))
    }
}

/// The directives at the end of an element's line.
pub(in crate::policy) fn read(element: Value<'_>) -> ElementDirectives {
    Reading::of(&at_line_end(element), |_, _, _| {}).directives
}

/// Reads an element's directives, which are claimed.
pub(in crate::policy) fn report(element: Value<'_>, findings: &mut Findings<'_>) {
    let trailing = at_line_end(element);
    for comment in trailing.iter().filter(|comment| words::of(comment).is_some()) {
        findings.claim(comment.span.clone());
    }
    Reading::of(&trailing, |kind, offset, remark| findings.report_kind(kind, offset, remark));
}

/// The comments behind an element that begin on its line. What stands on lines of its own before a comma is
/// the element's as well, but not for ever: it would be nobody's once the next element goes.
pub(in crate::policy) fn at_line_end(element: Value<'_>) -> Vec<Comment<'_>> {
    if !may_have_comment(element) {
        return Vec::new();
    }
    let (text, end) = (element.document().text(), element.span().end);
    let on_line = |comment: &Comment<'_>| {
        text.get(end..comment.span.start).is_some_and(|between| !between.contains(&b'\n'))
    };
    let mut comments = element.comments().trailing;
    comments.truncate(comments.iter().take_while(|comment| on_line(comment)).count());
    comments
}

/// Whether a comment is the first thing behind an element, but for its comma and space.
pub(in crate::policy) fn may_have_comment(element: Value<'_>) -> bool {
    let behind = element.document().text().get(element.span().end..).unwrap_or_default();
    let mut other = behind.iter().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b','));
    other.next() == Some(&b'/')
}

fn is_of_end(word: &Word<'_>) -> bool {
    matches!(word, Ok(("until", _)))
}

/// A moment as RFC 3339 writes it: with seconds and an offset, and such a day exists.
pub(super) fn is_moment(text: &str) -> bool {
    let shape = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b't'),
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let bytes = text.as_bytes();
    let Some((date_and_time, rest)) = bytes.split_at_checked(19) else { return false };
    let offset = match rest {
        [b'.', digits @ ..] => {
            let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            digits.get(count..).filter(|_| count > 0)
        }
        _ => Some(rest),
    };
    let digit = |byte: &u8| byte.is_ascii_digit();
    let has_offset = match offset {
        Some([b'Z' | b'z']) => true,
        Some([b'+' | b'-', h1, h2, b':', m1, m2]) => [h1, h2, m1, m2].into_iter().all(digit),
        _ => false,
    };
    date_and_time.iter().enumerate().all(shape) && has_offset && text.parse::<jiff::Timestamp>().is_ok()
}

pub(in crate::policy) fn is_requester(text: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'@' | b'+' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

#[derive(Default)]
struct Reading {
    directives: ElementDirectives,
    /// The keys were there already, whatever their values.
    seen_until: bool,
    seen_by: bool,
}

impl Reading {
    /// Reads comments; `report` is told where something is odd.
    fn of(comments: &[Comment<'_>], mut report: impl FnMut(FindingKind, usize, String)) -> Self {
        let mut reading = Self::default();
        for comment in comments {
            for word in words::of(comment).into_iter().flatten() {
                let kind = if is_of_end(&word) { FindingKind::NeverEnds } else { FindingKind::Other };
                let remark = match word {
                    Ok((key, value)) => reading.word(key, value.as_deref()),
                    Err(malformed) => Some(super::malformed(malformed)),
                };
                if let Some(remark) = remark {
                    report(kind, comment.span.start, remark);
                }
            }
        }
        reading
    }

    /// Takes a word in; tells what is wrong with it.
    fn word(&mut self, key: &str, value: Option<&str>) -> Option<String> {
        match (key, value) {
            ("until", value) => {
                if std::mem::replace(&mut self.seen_until, true) {
                    self.directives.until = None;
                    return Some("directive until is there twice: none counts, it never ends".to_owned());
                }
                self.directives.until = value.filter(|text| is_moment(text)).map(str::to_owned);
                let shown = value.unwrap_or_default();
                self.directives.until.is_none().then(|| {
                    format!("until={shown:?} is no moment such as 2030-01-31T12:00:00Z: it never ends")
                })
            }
            ("by", value) => {
                if std::mem::replace(&mut self.seen_by, true) {
                    return Some("directive by is there twice: the first counts".to_owned());
                }
                self.directives.by = value.filter(|text| is_requester(text)).map(str::to_owned);
                let shown = value.unwrap_or_default();
                self.directives.by.is_none().then(|| {
                    format!("by={shown:?} does not count: 1 to 64 of A-Z a-z 0-9 . _ : @ + - are allowed")
                })
            }
            ("id" | "name" | "description" | "owner" | "grant" | "hide", _) => {
                Some(format!("directive {key} counts on rules, groups and tags only, not on an element"))
            }
            _ => Some(super::unknown(key)),
        }
    }
}
