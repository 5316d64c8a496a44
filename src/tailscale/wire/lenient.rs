//! Readers of fields that the service leaves out, sends as `null`, or spells in two types.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A text; `null` is the empty one, a whole number its digits (some ids are `int64` in one place and
/// strings in another).
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = String;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a string")
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<String, E> {
            Ok(value.to_owned())
        }

        fn visit_string<E: Error>(self, value: String) -> Result<String, E> {
            Ok(value)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_unit<E: Error>(self) -> Result<String, E> {
            Ok(String::new())
        }
    }

    from.deserialize_any(Text)
}

/// A moment. Empty, `null`, the zero time `0001-01-01T00:00:00Z` and what is no time are unset.
pub(super) fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(text(from)?.parse().ok().filter(|time| *time > ZERO_TIME_ENDS))
}

/// The zero time in any zone lies before this.
const ZERO_TIME_ENDS: Timestamp = Timestamp::constant(-62_135_596_800 + 86_400, 0);

/// A truth value; `null` is false.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(false))
}

/// A count; `null` and what lies below zero are none.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number: Option<i64> = Option::deserialize(from)?;
    Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
}

/// A list; `null` is the empty one.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
