//! The address ranges that `*` and `autogroup:internet` stand for, as the service sends them.

use crate::policy::address_set::{AddressRange, Network};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Where tailnets have their addresses. 100.115.92.0/23 is left out: the service does so.
const TAILNETS: [AddressRange; 3] = [
    v4([100, 64, 0, 0], [100, 115, 91, 255]),
    v4([100, 115, 94, 0], [100, 127, 255, 255]),
    v6([0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0], [0xfd7a, 0x115c, 0xa1e0, !0, !0, !0, !0, !0]),
];

/// Public addresses, roughly: without private, shared and link-local ones.
const INTERNET: [AddressRange; 7] = [
    v4([0, 0, 0, 0], [9, 255, 255, 255]),
    v4([11, 0, 0, 0], [100, 63, 255, 255]),
    v4([100, 128, 0, 0], [169, 253, 255, 255]),
    v4([169, 255, 0, 0], [172, 15, 255, 255]),
    v4([172, 32, 0, 0], [192, 167, 255, 255]),
    v4([192, 169, 0, 0], [255, 255, 255, 255]),
    v6([0x2000, 0, 0, 0, 0, 0, 0, 0], [0x3fff, !0, !0, !0, !0, !0, !0, !0]),
];

/// What the source `*` stands for, besides approved subnet routes. A prefix is written as one.
pub(super) fn tailnets() -> impl Iterator<Item = Network> {
    TAILNETS.into_iter().map(|range| range.prefix().map_or(Network::Range(range), Network::Prefix))
}

/// What `autogroup:internet` stands for. All are written as ranges, also the one that is a prefix.
pub(super) fn internet() -> impl Iterator<Item = Network> {
    INTERNET.into_iter().map(Network::Range)
}

const fn v4(one: [u8; 4], other: [u8; 4]) -> AddressRange {
    AddressRange::between_v4(Ipv4Addr::from_octets(one), Ipv4Addr::from_octets(other))
}

const fn v6(one: [u16; 8], other: [u16; 8]) -> AddressRange {
    AddressRange::between_v6(Ipv6Addr::from_segments(one), Ipv6Addr::from_segments(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(networks: impl Iterator<Item = Network>, expected: &[&str]) {
        assert_eq!(networks.map(|network| network.to_string()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn they_are_written_as_the_service_writes_them() {
        check(
            tailnets(),
            &["100.64.0.0-100.115.91.255", "100.115.94.0-100.127.255.255", "fd7a:115c:a1e0::/48"],
        );
        check(
            internet(),
            &[
                "0.0.0.0-9.255.255.255",
                "11.0.0.0-100.63.255.255",
                "100.128.0.0-169.253.255.255",
                "169.255.0.0-172.15.255.255",
                "172.32.0.0-192.167.255.255",
                "192.169.0.0-255.255.255.255",
                "2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ],
        );
    }
}
