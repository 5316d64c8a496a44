//! Addresses and prefixes in their one canonical text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address or prefix as RFC 5952 writes it, host bits cleared, without a length that covers the whole
/// address. `None`: the text is neither.
pub(super) fn canonical_network(text: &str) -> Option<String> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(whole), |digits| prefix_length(digits, whole))?;
    if length == whole {
        return Some(address.to_string());
    }
    let network: IpAddr = match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & !(u32::MAX >> length)).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> length)).into(),
    };
    Some(format!("{network}/{length}"))
}

/// Decimal digits without sign or leading zero, at most `whole`.
fn prefix_length(digits: &str, whole: u32) -> Option<u32> {
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    digits.parse().ok().filter(|length| plain && *length <= whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(canonical_network(text).as_deref(), expected, "{text:?}");
    }

    #[test]
    fn addresses_and_prefixes() {
        check("10.0.0.7", Some("10.0.0.7"));
        check("10.0.0.7/32", Some("10.0.0.7"));
        check("10.20.30.40/12", Some("10.16.0.0/12"));
        check("1.2.3.4/0", Some("0.0.0.0/0"));
        check("FD7A:115C:A1E0::0001", Some("fd7a:115c:a1e0::1"));
        check("fd7a::ffff/16", Some("fd7a::/16"));
        check("::1/128", Some("::1"));
        check("2001:db8::1/0", Some("::/0"));
    }

    #[test]
    fn other_words() {
        for text in ["", "/", "10.0.0", "010.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/+8", "10.0.0.1/08"]
        {
            check(text, None);
        }
        for text in ["::1/129", "fe80::1%eth0", "[::1]", "10.0.0.1-10.0.0.9", "10.0.0.1/8/8", "web"] {
            check(text, None);
        }
    }
}
