//! Address prefixes as values.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address prefix; a single address has a length that covers it whole. Host bits are cleared.
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
    /// The lowest address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// How many leading bits are fixed.
    #[must_use]
    pub fn length(self) -> u8 {
        self.length
    }
}

impl FromStr for Prefix {
    type Err = NotAPrefix;

    fn from_str(_text: &str) -> Result<Self, NotAPrefix> {
        todo!()
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, _out: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
