//! What a store makes of a text, and so whether one that was read is one that was sent.

use crate::hujson;

/// Whether `read` is what a store makes of `sent`: the same bytes, or its canonical layout.
#[must_use]
pub fn stored_as(sent: &[u8], read: &[u8]) -> bool {
    sent == read || laid_out(sent).is_some_and(|canonical| canonical == read)
}

/// The canonical layout of `sent`, which a store may keep instead of its bytes; nothing where it is no `HuJSON`.
#[must_use]
pub fn laid_out(sent: &[u8]) -> Option<Vec<u8>> {
    hujson::format(sent).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: &str, read: &str, expected: bool) {
        assert_eq!(stored_as(sent.as_bytes(), read.as_bytes()), expected, "{sent:?} read as {read:?}");
    }

    #[test]
    fn a_store_keeps_bytes_or_lays_them_out() {
        check("{\"a\":1}", "{\"a\":1}", true);
        check("{\"a\":1}", "{\"a\": 1}\n", true);
        check("{\"a\":1}", "{\"a\": 2}\n", false);
        check("{\"a\": 1}\n", "{\"a\":1}", false);
        check("{", "{", true);
        check("{", "{}", false);
    }
}
