//! `tailgrant:` directives and descriptions in comments.
//!
//! A comment line whose text starts with `tailgrant:` holds words `key[=value]`; what stands in the same
//! place without that start is description. What cannot be understood is a finding and counts for nothing,
//! except that `grant` always protects.

mod element;
mod standing;
mod words;

pub use element::ElementDirectives;
pub(super) use element::{
    at_line_end, is_requester, may_have_comment, read as read_element, report as report_element,
};
pub(super) use standing::{Standing, has_lease_words, said_besides_lease, set_lease, standing_without_lease};
pub(super) use words::MARK;

use super::finding::Findings;
use super::identity::is_pin;
use crate::hujson::{Comment, Comments};
use std::borrow::Cow;
use std::fmt;

/// Directives on a rule, group or tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// A rule's pin. Well-formed, but not yet known to be unique: a rule's final id is `Rule::id`.
    pub id: Option<String>,
    /// What the resource shall be called.
    pub name: Option<String>,
    /// What the resource shall be described as, instead of the comment text.
    pub description: Option<String>,
    /// Who answers for it; free text.
    pub owner: Option<String>,
    /// Nobody may be added. Removing stays allowed.
    pub grant_never: bool,
    /// Not to be listed.
    pub hide: bool,
}

impl fmt::Display for Directives {
    /// As a comment line says it; nothing if there are none.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, description, owner, grant_never, hide } = self;
        let values = [("id", id), ("name", name), ("description", description), ("owner", owner)];
        let values = values.into_iter().filter_map(|(key, value)| Some((key, Some(value.as_deref()?))));
        let protects = grant_never.then_some(("grant", Some("never")));
        words::write(out, values.chain(protects).chain(hide.then_some(("hide", None))))
    }
}

impl Directives {
    /// Takes in the directives of another place that means the same thing: the first text counts, and
    /// whatever protects.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self { id, name, description, owner, grant_never, hide } = other;
        for (mine, more) in [
            (&mut self.id, id),
            (&mut self.name, name),
            (&mut self.description, description),
            (&mut self.owner, owner),
        ] {
            if mine.is_none() {
                *mine = more;
            }
        }
        self.grant_never |= grant_never;
        self.hide |= hide;
    }
}

/// Reads the comments of a rule, group or tag: its directives and its description.
pub(super) fn read(
    comments: &Comments<'_>,
    on_rule: bool,
    findings: &mut Findings<'_>,
) -> (Directives, String) {
    let mut reading = Reading { on_rule, directives: Directives::default(), seen: Vec::new() };
    let mut description: Vec<&str> = Vec::new();
    for comment in comments.above.iter().chain(&comments.trailing) {
        let text = comment.text.trim();
        if let Some(words) = words::of(comment) {
            findings.claim(comment.span.clone());
            reading.line(words, comment, findings);
        } else if !text.is_empty() {
            description.push(text);
        }
    }
    (reading.directives, description.join("\n"))
}

/// Whether the comments of a rule say what its id is to be, well or badly.
pub(super) fn says_id(comments: &Comments<'_>) -> bool {
    let mut words = comments.above.iter().chain(&comments.trailing).filter_map(words::of).flatten();
    words.any(|word| match word {
        Ok((key, _)) => key == "id",
        Err(malformed) => malformed.starts_with("id="),
    })
}

fn malformed(word: &str) -> String {
    format!("{word:?} is no directive (key or key=value)")
}

fn unknown(key: &str) -> String {
    format!("directive {key:?} is not known here")
}

struct Reading<'c> {
    on_rule: bool,
    directives: Directives,
    /// The keys that bear a text and were there already; never more than there are such keys.
    seen: Vec<&'c str>,
}

impl<'c> Reading<'c> {
    fn line(&mut self, words: words::Words<'c>, comment: &Comment<'_>, findings: &mut Findings<'_>) {
        for word in words {
            let remark = match word {
                Ok((key, value)) => self.word(key, value),
                Err(text) => Some(malformed(text)),
            };
            if let Some(remark) = remark {
                findings.report_at(comment.span.start, remark);
            }
        }
    }

    /// Takes a word in; tells what is wrong with it.
    fn word(&mut self, key: &'c str, value: Option<Cow<'c, str>>) -> Option<String> {
        let value = value.map(Cow::into_owned);
        let text = match key {
            "grant" => {
                self.directives.grant_never = true;
                return (value.as_deref() != Some("never"))
                    .then(|| "directive grant knows only never: taken as grant=never".to_owned());
            }
            "hide" if value.is_none() => {
                self.directives.hide = true;
                return None;
            }
            "hide" => return Some("directive hide takes no value: it does not count".to_owned()),
            "id" if !self.on_rule => return Some("directive id counts on rules only".to_owned()),
            "id" => &mut self.directives.id,
            "name" => &mut self.directives.name,
            "description" => &mut self.directives.description,
            "owner" => &mut self.directives.owner,
            "until" | "by" => {
                return Some(format!("directive {key} counts at the end of a list element's line only"));
            }
            _ => return Some(unknown(key)),
        };
        let again = self.seen.contains(&key);
        if !again {
            self.seen.push(key);
        }
        match value {
            _ if again && key == "id" => {
                *text = None;
                Some("directive id is there twice: none counts".to_owned())
            }
            _ if again => Some(format!("directive {key} is there twice: the first counts")),
            None => Some(format!("directive {key} needs a value: {key}=…")),
            Some(value) if key == "id" && !is_pin(&value) => Some(format!(
                "{value:?} cannot be a rule's id: 1 to 64 of a-z 0-9 . _ -, the first a letter or digit, \
                 and neither 32 nor 64 hex digits"
            )),
            Some(value) => {
                *text = Some(value);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
