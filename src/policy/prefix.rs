//! Addresses and prefixes in their one canonical text.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address prefix; a single address has a length that covers it whole. Host bits are cleared.
///
/// Its text is canonical: RFC 5952, without `/32` or `/128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

/// The text is neither an address nor a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an address nor a prefix")]
pub struct NotAPrefix;

impl Prefix {
    /// The prefix of this length that holds an address; `None` if the length exceeds the address.
    #[must_use]
    pub fn new(address: IpAddr, length: u8) -> Option<Self> {
        let host_bits = width(address).checked_sub(length)?;
        let address = match address {
            IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & !low_bits_v4(host_bits)).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !low_bits_v6(host_bits)).into(),
        };
        Some(Self { address, length })
    }

    /// The lowest address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// The highest address.
    #[must_use]
    pub fn last(self) -> IpAddr {
        let host_bits = width(self.address).saturating_sub(self.length);
        match self.address {
            IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() | low_bits_v4(host_bits)).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() | low_bits_v6(host_bits)).into(),
        }
    }

    /// How many leading bits are fixed.
    #[must_use]
    pub fn length(self) -> u8 {
        self.length
    }

    /// It is one address.
    #[must_use]
    pub fn is_single(self) -> bool {
        self.length == width(self.address)
    }

    /// It is `0.0.0.0/0` or `::/0`: everything of a family, as a route an exit route.
    #[must_use]
    pub fn is_everything(self) -> bool {
        self.length == 0
    }

    /// The address is in it. No address is in a prefix of the other family.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        Self::new(address, self.length) == Some(self)
    }

    /// They have an address in common: one holds the other.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }
}

impl From<IpAddr> for Prefix {
    fn from(address: IpAddr) -> Self {
        Self { address, length: width(address) }
    }
}

impl FromStr for Prefix {
    type Err = NotAPrefix;

    /// Reads `ADDRESS` or `ADDRESS/LENGTH`; the length is decimal, without sign or leading zero.
    fn from_str(text: &str) -> Result<Self, NotAPrefix> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotAPrefix)?;
        let length = length.map_or(Some(width(address)), plain_number).ok_or(NotAPrefix)?;
        Self::new(address, length).ok_or(NotAPrefix)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_single() { self.address.fmt(out) } else { write!(out, "{}/{}", self.address, self.length) }
    }
}

/// An address or prefix in its canonical text. `None`: the text is neither.
pub(super) fn canonical_network(text: &str) -> Option<String> {
    text.parse().ok().map(|prefix: Prefix| prefix.to_string())
}

/// How many bits the addresses of a family have.
fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn low_bits_v4(count: u8) -> u32 {
    u32::MAX.checked_shr(32 - u32::from(count)).unwrap_or(0)
}

fn low_bits_v6(count: u8) -> u128 {
    u128::MAX.checked_shr(128 - u32::from(count)).unwrap_or(0)
}

fn plain_number(digits: &str) -> Option<u8> {
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    digits.parse().ok().filter(|_| plain)
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
        for text in ["::1/129", "fe80::1%eth0", "[::1]", "10.0.0.1-10.0.0.9", "10.0.0.1/8/8", "web", "::/256"]
        {
            check(text, None);
        }
    }

    #[test]
    fn first_and_last() {
        for (text, first, last) in [
            ("10.20.30.40/12", "10.16.0.0", "10.31.255.255"),
            ("10.0.0.7", "10.0.0.7", "10.0.0.7"),
            ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
            ("fd7a::/16", "fd7a::", "fd7a:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] {
            let prefix: Prefix = text.parse().unwrap();
            assert_eq!(
                (prefix.address().to_string(), prefix.last().to_string()),
                (first.into(), last.into())
            );
        }
    }

    #[test]
    fn overlap_is_containment_either_way() {
        for (one, other, expected) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.1.0.0/16", "10.0.0.0/8", true),
            ("10.1.0.0/16", "10.2.0.0/16", false),
            ("0.0.0.0/0", "10.0.0.7", true),
            ("0.0.0.0/0", "::/0", false),
            ("fd7a::/16", "fd7a::1", true),
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7", "10.0.0.6", false),
        ] {
            let (one, other): (Prefix, Prefix) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(one.overlaps(other), expected, "{one} {other}");
            assert_eq!(one.contains(other.address()), one.overlaps(other) && one.length() <= other.length());
        }
    }
}
