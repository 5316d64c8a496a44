//! Sets of addresses, and the ways in which the service writes them.

mod cover;

use super::prefix::{NotAPrefix, Prefix};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

pub(in crate::policy) use cover::Cover;

/// Consecutive addresses of one family, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

/// Addresses as rules name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// `*`: every address of both families.
    Everything,
    /// An address or prefix.
    Prefix(Prefix),
    /// `a-b`
    Range(AddressRange),
}

/// A set of addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddressSet {
    /// Sorted; neither overlapping nor adjacent.
    ranges: Vec<AddressRange>,
}

impl AddressRange {
    /// `None`: the ends are of two families, or in the wrong order.
    #[must_use]
    pub fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }

    /// From one address to another, whichever is the lower one.
    pub(super) const fn between_v4(one: Ipv4Addr, other: Ipv4Addr) -> Self {
        let (first, last) = if one.to_bits() <= other.to_bits() { (one, other) } else { (other, one) };
        Self { first: IpAddr::V4(first), last: IpAddr::V4(last) }
    }

    /// From one address to another, whichever is the lower one.
    pub(super) const fn between_v6(one: Ipv6Addr, other: Ipv6Addr) -> Self {
        let (first, last) = if one.to_bits() <= other.to_bits() { (one, other) } else { (other, one) };
        Self { first: IpAddr::V6(first), last: IpAddr::V6(last) }
    }

    /// The lowest address.
    #[must_use]
    pub fn first(self) -> IpAddr {
        self.first
    }

    /// The highest address.
    #[must_use]
    pub fn last(self) -> IpAddr {
        self.last
    }

    /// They have an address in common.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The prefix that is exactly this range, if there is one.
    #[must_use]
    pub fn prefix(self) -> Option<Prefix> {
        let (free, width) = match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => (u128::from(first.to_bits() ^ last.to_bits()), 32),
            (IpAddr::V6(first), IpAddr::V6(last)) => (first.to_bits() ^ last.to_bits(), 128),
            _ => return None,
        };
        let length = u8::try_from(width - (128 - free.leading_zeros())).ok()?;
        Prefix::new(self.first, length).filter(|prefix| Self::from(*prefix) == self)
    }
}

impl From<Prefix> for AddressRange {
    fn from(prefix: Prefix) -> Self {
        Self { first: prefix.address(), last: prefix.last() }
    }
}

impl From<IpAddr> for AddressRange {
    fn from(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }
}

impl FromStr for AddressRange {
    type Err = NotAPrefix;

    /// Reads `a-b` without white space, an address or a prefix.
    fn from_str(text: &str) -> Result<Self, NotAPrefix> {
        let Some((first, last)) = text.split_once('-') else {
            return text.parse().map(|prefix: Prefix| prefix.into());
        };
        let end = |text: &str| text.parse().map_err(|_| NotAPrefix);
        Self::new(end(first)?, end(last)?).ok_or(NotAPrefix)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            self.first.fmt(out)
        } else {
            write!(out, "{}-{}", self.first, self.last)
        }
    }
}

impl Network {
    /// What it holds.
    pub fn ranges(self) -> impl Iterator<Item = AddressRange> {
        let (one, other) = match self {
            Self::Everything => (everything_v4(), Some(everything_v6())),
            Self::Prefix(prefix) => (prefix.into(), None),
            Self::Range(range) => (range, None),
        };
        std::iter::once(one).chain(other)
    }

    /// The address is in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        match self {
            Self::Everything => true,
            Self::Prefix(prefix) => prefix.contains(address),
            Self::Range(range) => range.first <= address && address <= range.last,
        }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self::Prefix(address.into())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => out.write_str("*"),
            Self::Prefix(prefix) => prefix.fmt(out),
            Self::Range(range) => range.fmt(out),
        }
    }
}

impl AddressSet {
    /// Its ranges, sorted, neither overlapping nor adjacent.
    #[must_use]
    pub fn ranges(&self) -> &[AddressRange] {
        &self.ranges
    }

    /// Nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.overlaps(address.into())
    }

    /// Some address of the range is in it.
    #[must_use]
    pub fn overlaps(&self, range: AddressRange) -> bool {
        self.ranges_from(range.first).first().is_some_and(|next| next.first <= range.last)
    }

    /// What is in one or the other.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.ranges.iter().chain(&other.ranges).copied().collect()
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let both = self.ranges.iter().flat_map(|mine| {
            let theirs = other.ranges_from(mine.first).iter().take_while(|range| range.first <= mine.last);
            theirs
                .filter_map(|range| AddressRange::new(mine.first.max(range.first), mine.last.min(range.last)))
        });
        Self { ranges: both.collect() }
    }

    /// What is in this one but not in the other.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let mut ranges = Vec::new();
        for mine in &self.ranges {
            let mut rest = Some(mine.first);
            for cut in other.ranges_from(mine.first).iter().take_while(|cut| cut.first <= mine.last) {
                let (Some(first), before) = (rest, previous(cut.first)) else { break };
                ranges.extend(before.and_then(|last| AddressRange::new(first, last)));
                rest = next(cut.last);
            }
            ranges.extend(rest.and_then(|first| AddressRange::new(first, mine.last)));
        }
        Self { ranges }
    }

    /// The same addresses as networks: a prefix where a range is one, else `a-b`.
    pub fn networks(&self) -> impl Iterator<Item = Network> {
        self.ranges.iter().map(|range| range.prefix().map_or(Network::Range(*range), Network::Prefix))
    }

    /// The ranges that do not end before an address.
    fn ranges_from(&self, address: IpAddr) -> &[AddressRange] {
        let start = self.ranges.partition_point(|range| range.last < address);
        self.ranges.get(start..).unwrap_or_default()
    }
}

impl FromIterator<AddressRange> for AddressSet {
    fn from_iter<I: IntoIterator<Item = AddressRange>>(ranges: I) -> Self {
        let mut sorted: Vec<AddressRange> = ranges.into_iter().collect();
        sorted.sort();
        sorted.dedup_by(|later, earlier| {
            let joined = later.first <= earlier.last || next(earlier.last) == Some(later.first);
            if joined {
                earlier.last = earlier.last.max(later.last);
            }
            joined
        });
        Self { ranges: sorted }
    }
}

impl FromIterator<Network> for AddressSet {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        networks.into_iter().flat_map(Network::ranges).collect()
    }
}

impl fmt::Display for AddressSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.networks().enumerate() {
            if index > 0 {
                out.write_str(", ")?;
            }
            network.fmt(out)?;
        }
        Ok(())
    }
}

fn everything_v4() -> AddressRange {
    AddressRange { first: Ipv4Addr::UNSPECIFIED.into(), last: Ipv4Addr::BROADCAST.into() }
}

fn everything_v6() -> AddressRange {
    AddressRange { first: Ipv6Addr::UNSPECIFIED.into(), last: Ipv6Addr::from_bits(u128::MAX).into() }
}

/// The address after this one, of the same family.
fn next(address: IpAddr) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits().checked_add(1)?).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits().checked_add(1)?).into(),
    })
}

/// The address before this one, of the same family.
fn previous(address: IpAddr) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits().checked_sub(1)?).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits().checked_sub(1)?).into(),
    })
}

#[cfg(test)]
mod tests;
