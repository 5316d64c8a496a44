//! `nodeAttrs`.

use super::mistake::{Checked, Mistake};
use super::vocabulary::Vocabulary;
use crate::policy::place::Place;
use crate::policy::{Policy, Prefix, Selector};
use std::net::{IpAddr, Ipv4Addr};

pub(super) fn check(policy: &Policy<'_>, names: &Vocabulary<'_>) -> Checked {
    for attributes in &policy.node_attributes {
        for item in attributes.targets.iter().flat_map(|list| &list.items) {
            // The service finds out too late.
            if item.text == "autogroup:self" {
                return Err(Mistake::Internal.at(item.value));
            }
            let admitted = names.admit(Place::AttributesTarget, Selector::parse(&item.text));
            admitted.map_err(|mistake| mistake.at(item.value))?;
        }
        for item in attributes.ip_pool.iter().flat_map(|list| &list.items) {
            pool(&item.text).map_err(|mistake| mistake.at(item.value))?;
        }
    }
    Ok(())
}

/// The addresses that devices have.
const DEVICES: ([u8; 4], u8) = ([100, 64, 0, 0], 10);
/// What the service keeps of them for itself: its own services, and a range that a common platform uses.
const RESERVED: [([u8; 4], u8); 3] =
    [([100, 100, 0, 0], 24), ([100, 100, 100, 0], 24), ([100, 115, 92, 0], 23)];

fn pool(text: &str) -> Result<(), Mistake> {
    let pool: Prefix = text.parse().map_err(|_| Mistake::InvalidPool(text.to_owned()))?;
    let is_inside = |(address, length): ([u8; 4], u8)| {
        let range = Prefix::new(IpAddr::V4(Ipv4Addr::from(address)), length);
        range.is_some_and(|range| range.length() <= pool.length() && range.contains(pool.address()))
    };
    if RESERVED.into_iter().any(is_inside) {
        Err(Mistake::ReservedPool(text.to_owned()))
    } else if is_inside(DEVICES) {
        Ok(())
    } else {
        Err(Mistake::ForeignPool(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools() {
        for text in ["100.85.0.0/16", "100.64.0.0/10", "100.101.0.7"] {
            assert!(pool(text).is_ok(), "{text}");
        }
        for (text, expected) in [
            ("100.100.100.0/24", "IPPool(100.100.100.0/24): network within reserved range"),
            ("100.115.93.0/24", "IPPool(100.115.93.0/24): network within reserved range"),
            ("10.0.0.0/8", "IPPool(10.0.0.0/8): network must be within 100.64.0.0/10"),
            ("web", "IPPool(web): invalid network"),
        ] {
            assert_eq!(pool(text).unwrap_err().to_string(), expected);
        }
    }
}
