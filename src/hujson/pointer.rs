//! Values by their path.

use std::borrow::Cow;

use super::document::Document;
use super::value::{Kind, Value};

impl Document<'_> {
    /// The value at a JSON pointer (RFC 6901): `""` is the top-level value, `/groups/group:eng/0` an
    /// element below it; `~1` stands for a slash, `~0` for a tilde. Names are compared as they are
    /// decoded, with regard to case. Of members with one name it is the first, as in the reference
    /// (a JSON decoder would take the last).
    #[must_use]
    pub fn find(&self, pointer: &str) -> Option<Value<'_>> {
        let mut value = self.root();
        let mut tokens = pointer.split('/');
        if tokens.next() != Some("") {
            return None;
        }
        for token in tokens {
            value = child(value, &unescape(token))?;
        }
        Some(value)
    }
}

fn child<'d>(value: Value<'d>, token: &str) -> Option<Value<'d>> {
    match value.kind() {
        Kind::Object => value
            .members()
            .find(|member| member.name.as_str().as_deref() == Some(token))
            .map(|member| member.value),
        // Leading zeros are fine, a sign is not.
        Kind::Array if token.bytes().all(|byte| byte.is_ascii_digit()) => {
            value.elements().nth(token.parse().ok()?)
        }
        _ => None,
    }
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

#[cfg(test)]
mod tests {
    use crate::hujson::parse;

    #[test]
    fn pointers_lead_to_values() {
        let text = br#"{"a": [10, {"b/c": 11, "~1": 12}], "": 13, "\u0064": 14, "a": 15}"#;
        let document = parse(text).unwrap();
        let find = |pointer: &str| {
            document.find(pointer).map(|value| String::from_utf8_lossy(value.raw()).into_owned())
        };
        for (pointer, expected) in [
            ("/a/0", Some("10")),
            ("/a/00", Some("10")),
            ("/a/1/b~1c", Some("11")),
            ("/a/1/~01", Some("12")),
            ("/", Some("13")),
            ("/d", Some("14")),
            ("/A", None),
            ("/a/2", None),
            ("/a/+1", None),
            ("/a/-", None),
            ("/a/", None),
            ("/a/0/0", None),
            ("/a/99999999999999999999999", None),
            ("a", None),
        ] {
            assert_eq!(find(pointer).as_deref(), expected, "{pointer}");
        }
        assert_eq!(find("").unwrap().as_bytes(), text);
    }
}
