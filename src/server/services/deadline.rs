//! How long a caller waits.

use std::time::Duration;

use tonic::metadata::MetadataMap;

/// What the `grpc-timeout` header says: up to eight digits and a unit (gRPC over HTTP/2, "Timeout").
/// Nothing for one that cannot be read, as if it had not been sent.
pub(super) fn timeout(metadata: &MetadataMap) -> Option<Duration> {
    let text = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Duration>) {
        let mut metadata = MetadataMap::new();
        metadata.insert("grpc-timeout", text.parse().unwrap());
        assert_eq!(timeout(&metadata), expected, "{text:?}");
    }

    #[test]
    fn every_unit_is_read() {
        check("2H", Some(Duration::from_secs(7_200)));
        check("3M", Some(Duration::from_secs(180)));
        check("30S", Some(Duration::from_secs(30)));
        check("250m", Some(Duration::from_millis(250)));
        check("9u", Some(Duration::from_micros(9)));
        check("99999999n", Some(Duration::from_nanos(99_999_999)));
        check("99999999H", Some(Duration::from_secs(99_999_999 * 3_600)));
    }

    #[test]
    fn nonsense_is_no_timeout() {
        for text in ["", "S", "30", "30s", "-1S", "+1S", "1.5S", "123456789S", "1 S"] {
            check(text, None);
        }
        assert_eq!(timeout(&MetadataMap::new()), None);
    }
}
