//! Metadata of a call that the operations read for themselves.

use tonic::metadata::MetadataMap;

/// What a header says. One that is there several times says all of it, joined by commas, as HTTP has it.
/// Bytes that are no text become `U+FFFD`, so that they are not taken for an absent header.
pub(super) fn joined(metadata: &MetadataMap, name: &str) -> Option<String> {
    let values: Vec<_> =
        metadata.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(","))
}

#[cfg(test)]
mod tests {
    use tonic::metadata::MetadataValue;

    use super::*;

    #[test]
    fn nothing_that_was_sent_is_passed_over() {
        let mut metadata = MetadataMap::new();
        assert_eq!(joined(&metadata, "x-request-id"), None);
        metadata.append("x-request-id", MetadataValue::from_static(""));
        assert_eq!(joined(&metadata, "x-request-id").as_deref(), Some(""));
        metadata.append("x-request-id", MetadataValue::try_from(&b"r\xff1"[..]).unwrap());
        assert_eq!(joined(&metadata, "x-request-id").as_deref(), Some(",r\u{fffd}1"));
    }
}
