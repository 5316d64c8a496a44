//! `tailgrant:` directives and descriptions in comments.
//!
//! A comment line whose text starts with `tailgrant:` holds words `key[=value]`; what stands in the same
//! place without that start is description. What cannot be understood is a finding and counts for nothing,
//! except that `grant` always protects.

use super::finding::Findings;
use super::identity::is_pin;
use crate::hujson::{Comment, Comments};
use std::borrow::Cow;

/// What a comment line starts with to be a directive.
pub(super) const MARK: &str = "tailgrant:";

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
        if let Some(words) = text.strip_prefix(MARK) {
            findings.claim(comment.span.clone());
            reading.line(words, comment, findings);
        } else if !text.is_empty() {
            description.push(text);
        }
    }
    (reading.directives, description.join("\n"))
}

struct Reading<'c> {
    on_rule: bool,
    directives: Directives,
    /// The keys that bear a text and were there already; never more than there are such keys.
    seen: Vec<&'c str>,
}

impl<'c> Reading<'c> {
    fn line(&mut self, words: &'c str, comment: &Comment<'_>, findings: &mut Findings<'_>) {
        for word in Words(words) {
            let remark = match word {
                Ok((key, value)) => self.word(key, value),
                Err(malformed) => Some(format!("{malformed:?} is no directive (key or key=value)")),
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
            _ => return Some(format!("directive {key:?} is not known here")),
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

/// The words of a directive: key and value, or the text of a word that is malformed.
struct Words<'c>(&'c str);

impl<'c> Iterator for Words<'c> {
    type Item = Result<(&'c str, Option<Cow<'c, str>>), &'c str>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.trim_start();
        if text.is_empty() {
            return None;
        }
        let key_end = text.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(text.len());
        let (key, rest) = text.split_at(key_end);
        let parsed = match rest.strip_prefix('=') {
            None => Some((None, rest)),
            Some(quoted) if quoted.starts_with('"') => {
                quoted_value(quoted).map(|(value, rest)| (Some(value), rest))
            }
            Some(plain) => {
                let end = plain.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(plain.len());
                let (value, rest) = plain.split_at(end);
                (end > 0).then_some((Some(Cow::Borrowed(value)), rest))
            }
        };
        match parsed {
            Some((value, rest)) if !key.is_empty() && rest.chars().next().is_none_or(char::is_whitespace) => {
                self.0 = rest;
                Some(Ok((key, value)))
            }
            // The next word is tried: what protects shall not hang on what stands before it.
            _ => {
                let end = text.find(char::is_whitespace).unwrap_or(text.len());
                let (malformed, rest) = text.split_at(end);
                self.0 = rest;
                // …and `grant=` protects, whatever stands behind it.
                if key == "grant" && malformed.starts_with("grant=") {
                    return Some(Ok((key, Some(Cow::Borrowed(malformed)))));
                }
                Some(Err(malformed))
            }
        }
    }
}

/// Reads `"…"` with `\"` and `\\`; the value and what follows.
fn quoted_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Cow::Owned(value), inner.get(at + 1..)?)),
            '\\' => match characters.next()? {
                (_, escaped @ ('"' | '\\')) => value.push(escaped),
                _ => return None,
            },
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests;
