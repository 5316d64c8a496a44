//! The rules that the written checks call, and their words for what is wrong.

use std::collections::BTreeSet;

use super::{OutOfBounds, Path};
use crate::access::is_address;

type Checked = Result<(), OutOfBounds>;

pub(super) fn bytes(length: usize, min: Option<u64>, max: Option<u64>, at: &Path<'_>) -> Checked {
    count(length, min, max, "bytes", at)
}

pub(super) fn characters(text: &str, min: Option<u64>, max: Option<u64>, at: &Path<'_>) -> Checked {
    count(text.chars().count(), min, max, "characters", at)
}

pub(super) fn items(length: usize, min: Option<u64>, max: Option<u64>, at: &Path<'_>) -> Checked {
    count(length, min, max, "entries", at)
}

fn count(count: usize, min: Option<u64>, max: Option<u64>, unit: &str, at: &Path<'_>) -> Checked {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    within(&count, min, max).map_err(|range| at.fails(format!("must be {range} {unit}, has {count}")))
}

pub(super) fn number(value: i64, min: Option<i64>, max: Option<i64>, at: &Path<'_>) -> Checked {
    within(&value, min, max).map_err(|range| at.fails(format!("must be {range}, is {value}")))
}

pub(super) fn seconds(
    value: &prost_types::Duration,
    min: Option<i64>,
    max: Option<i64>,
    at: &Path<'_>,
) -> Checked {
    let length = (value.seconds, value.nanos);
    let min_length = min.map(|seconds| (seconds, 0));
    let max_length = max.map(|seconds| (seconds, 0));
    if min_length.is_none_or(|min| length >= min) && max_length.is_none_or(|max| length <= max) {
        return Ok(());
    }
    Err(at.fails(format!("must be {} seconds", range(min, max))))
}

/// Fails with the words for the range.
fn within<T: PartialOrd + ToString>(value: &T, min: Option<T>, max: Option<T>) -> Result<(), String> {
    let inside = min.as_ref().is_none_or(|min| value >= min) && max.as_ref().is_none_or(|max| value <= max);
    if inside { Ok(()) } else { Err(range(min, max)) }
}

fn range<T: ToString>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{} to {}", min.to_string(), max.to_string()),
        (Some(min), None) => format!("at least {}", min.to_string()),
        (None, Some(max)) => format!("at most {}", max.to_string()),
        (None, None) => "anything".to_owned(),
    }
}

/// For a message, or a oneof of which no member is set.
pub(super) fn missing(at: &Path<'_>) -> OutOfBounds {
    at.fails("must be set")
}

pub(super) fn defined<E: TryFrom<i32>>(value: i32, at: &Path<'_>) -> Checked {
    E::try_from(value).map(drop).map_err(|_| at.fails(format!("must be a declared value, is {value}")))
}

pub(super) fn unique<T: Ord>(list: &[T], at: &Path<'_>) -> Checked {
    let mut seen = BTreeSet::new();
    match list.iter().position(|entry| !seen.insert(entry)) {
        Some(again) => Err(at.index(again).fails("must not be there twice")),
        None => Ok(()),
    }
}

pub(super) fn alphanumeric(text: &str, at: &Path<'_>) -> Checked {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(at.fails("must be letters and digits"))
}

pub(super) fn word(text: &str, at: &Path<'_>) -> Checked {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Ok(());
    }
    Err(at.fails("must be letters, digits, `_` and `-`"))
}

pub(super) fn email(text: &str, at: &Path<'_>) -> Checked {
    if is_address(text) { Ok(()) } else { Err(at.fails("must be a mail address")) }
}

pub(super) fn https_uri(text: &str, at: &Path<'_>) -> Checked {
    let parsed = text.parse::<http::Uri>();
    let absolute = parsed.is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    if absolute && text.starts_with("https://") {
        return Ok(());
    }
    Err(at.fails("must be an absolute URI that begins with https://"))
}
