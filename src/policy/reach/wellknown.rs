//! The address ranges that `*` and `autogroup:internet` stand for, as the service sends them.

use crate::policy::address_set::Network;

/// Where tailnets have their addresses. 100.115.92.0/23 is left out: the service does so.
const TAILNETS: [&str; 3] =
    ["100.64.0.0-100.115.91.255", "100.115.94.0-100.127.255.255", "fd7a:115c:a1e0::/48"];

/// Public addresses, roughly: without private, shared and link-local ones.
const INTERNET: [&str; 7] = [
    "0.0.0.0-9.255.255.255",
    "11.0.0.0-100.63.255.255",
    "100.128.0.0-169.253.255.255",
    "169.255.0.0-172.15.255.255",
    "172.32.0.0-192.167.255.255",
    "192.169.0.0-255.255.255.255",
    "2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
];

/// What the source `*` stands for, besides approved subnet routes.
pub(super) fn tailnets() -> impl Iterator<Item = Network> {
    TAILNETS.iter().filter_map(|text| network(text))
}

/// What `autogroup:internet` stands for.
pub(super) fn internet() -> impl Iterator<Item = Network> {
    INTERNET.iter().filter_map(|text| network(text))
}

/// Keeps the notation: what is written as a range stays one, also where it is a prefix.
fn network(text: &str) -> Option<Network> {
    if text.contains('-') {
        text.parse().ok().map(Network::Range)
    } else {
        text.parse().ok().map(Network::Prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_is_one_and_is_written_as_it_stands() {
        let written = |networks: Vec<Network>| networks.iter().map(Network::to_string).collect::<Vec<_>>();
        assert_eq!(written(tailnets().collect()), TAILNETS);
        assert_eq!(written(internet().collect()), INTERNET);
    }
}
