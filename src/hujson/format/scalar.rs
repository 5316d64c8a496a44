//! Scalars as they are written.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use crate::hujson::string;

/// Tells which tokens have a backslash in them: strings that are written anew, with as few escapes
/// as possible. All other scalars stay as they are.
///
/// Most texts have no backslash, or few. So it looks for the next one in the text, not for one in
/// each token.
pub(super) struct Scalars<'t> {
    text: &'t [u8],
    /// The first backslash that is not before the token last asked for; the end of the text if none is.
    backslash: usize,
}

impl<'t> Scalars<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, backslash: memchr(b'\\', text).unwrap_or(text.len()) }
    }

    /// A token as it is written. Tokens are asked for in the order of the text.
    pub(super) fn written(&mut self, token: Range<usize>) -> Cow<'t, [u8]> {
        let raw = self.text.get(token.clone()).unwrap_or_default();
        if self.has_backslash(token)
            && let [b'"', inner @ .., b'"'] = raw
        {
            return string::encode(&string::decode(inner)).into();
        }
        raw.into()
    }

    /// The length of a token as it is written.
    pub(super) fn length(&mut self, token: Range<usize>) -> usize {
        if token.end <= self.backslash { token.len() } else { self.written(token).len() }
    }

    fn has_backslash(&mut self, token: Range<usize>) -> bool {
        if self.backslash < token.start {
            let rest = self.text.get(token.start..).unwrap_or_default();
            self.backslash = token.start + memchr(b'\\', rest).unwrap_or(rest.len());
        }
        self.backslash < token.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strings_with_a_backslash_are_written_anew() {
        let text = br#"["a", /* \ */ "\u0062", "c" // \
            , "\\", 1]"#;
        let mut scalars = Scalars::new(text);
        let tokens = ["\"a\"", "\"\\u0062\"", "\"c\"", "\"\\\\\"", "1", "]"];
        let written = tokens.map(|token| {
            let start = text.windows(token.len()).position(|window| window == token.as_bytes()).unwrap();
            scalars.written(start..start + token.len())
        });
        let owned: Vec<_> = written.iter().map(|written| matches!(written, Cow::Owned(_))).collect();
        assert_eq!(owned, [false, true, false, true, false, false]);
        assert_eq!(*written[1], *b"\"b\"");
        assert_eq!(written.concat(), br#""a""b""c""\\"1]"#);
    }
}
