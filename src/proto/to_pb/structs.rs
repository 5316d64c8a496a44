//! `google.protobuf.Struct`: named facts as JSON-like values.

use prost_types::{ListValue, Struct, Value, value::Kind};

use crate::access::{Attribute, fit};

/// Longest text of a profile, in bytes; a longer one is cut and ends with `…`.
const LONGEST_TEXT: usize = 1024;
/// Most texts in a list of a profile. A longer list ends with one text more: `and N more`.
const MOST_TEXTS: usize = 200;

/// A struct of these facts. Of two with one name the later one stays.
pub fn of<N: Into<String>>(facts: impl IntoIterator<Item = (N, Value)>) -> Struct {
    Struct { fields: facts.into_iter().map(|(name, value)| (name.into(), value)).collect() }
}

/// A string.
pub fn text(text: impl Into<String>) -> Value {
    value(Kind::StringValue(text.into()))
}

/// A number. The protocol has doubles only: beyond 2⁵³ the nearest one is taken.
#[must_use]
pub fn number(number: i64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "said above")]
    value(Kind::NumberValue(number as f64))
}

/// Yes or no.
#[must_use]
pub fn flag(flag: bool) -> Value {
    value(Kind::BoolValue(flag))
}

/// A list of strings.
pub fn texts(entries: impl IntoIterator<Item = impl Into<String>>) -> Value {
    value(Kind::ListValue(ListValue { values: entries.into_iter().map(text).collect() }))
}

/// A resource's profile; none if there is nothing in it.
///
/// The tailnet bounds neither texts nor lists: one set of addresses may hold more than a response can. So
/// texts longer than 1 KiB are cut, and of a list the first 200 are given.
pub(super) fn profile(profile: &[(&'static str, Attribute)]) -> Option<Struct> {
    let facts = profile.iter().map(|(name, attribute)| (*name, of_attribute(attribute)));
    (!profile.is_empty()).then(|| of(facts))
}

fn of_attribute(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::Text(it) => text(fit(it, LONGEST_TEXT)),
        Attribute::Number(it) => number(*it),
        Attribute::Flag(it) => flag(*it),
        Attribute::Texts(it) => {
            let more = it.len().checked_sub(MOST_TEXTS).filter(|&more| more > 0);
            let shown = it.iter().take(MOST_TEXTS).map(|it| fit(it, LONGEST_TEXT));
            texts(shown.chain(more.map(|more| format!("and {more} more"))))
        }
    }
}

fn value(kind: Kind) -> Value {
    Value { kind: Some(kind) }
}
