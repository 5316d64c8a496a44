//! What has been covered so far, range by range.

use super::{AddressRange, next, previous};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Addresses that ranges have covered one after the other. All ranges together cost little more than
/// sorting them would.
#[derive(Clone, Debug, Default)]
pub(in crate::policy) struct Cover {
    /// The last address of each range by its first; ranges do not overlap.
    ranges: BTreeMap<IpAddr, IpAddr>,
}

impl Cover {
    /// Covers a range; returns those parts of it that were not covered yet.
    pub(in crate::policy) fn cover(&mut self, range: AddressRange) -> Vec<AddressRange> {
        let before = self.ranges.range(..=range.first).next_back();
        let start = before.filter(|(_, last)| **last >= range.first).map_or(range.first, |(first, _)| *first);
        let (mut parts, mut rest, mut end) = (Vec::new(), Some(range.first), range.last);
        while let Some((first, last)) = self.ranges.range(start..=range.last).next() {
            let (first, last) = (*first, *last);
            self.ranges.remove(&first);
            parts.extend(rest.zip(previous(first)).and_then(|(rest, last)| AddressRange::new(rest, last)));
            rest = next(last);
            end = end.max(last);
        }
        parts.extend(rest.and_then(|rest| AddressRange::new(rest, range.last)));
        self.ranges.insert(start, end);
        parts
    }
}
