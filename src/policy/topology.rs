//! What the policy needs to know of a tailnet: plain data that others fill.

use super::prefix::Prefix;
use std::net::IpAddr;

/// A person, as far as it decides which selectors reach them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Person {
    /// Every login name the person is known by, in any spelling.
    pub logins: Vec<String>,
    /// The API's word for the role, such as `it-admin`; empty when there is none.
    pub role: String,
    /// A direct member of the tailnet: neither shared into it nor merely invited.
    pub member: bool,
    /// Somebody of another tailnet with whom a device is shared.
    pub shared: bool,
}

/// The people and devices of a tailnet: what selectors are resolved against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// Everybody known to the tailnet.
    pub people: Vec<Person>,
    /// Every device.
    pub devices: Vec<Device>,
    /// Login domains that belong to the tailnet, for `user:*@domain`. Empty: not known.
    pub domains: Vec<String>,
}

/// A device, as far as rules concern it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// What it is called; unique in a topology.
    pub name: String,
    /// Index in [`Topology::people`] of the user it belongs to. `None` for a tagged device, whoever
    /// registered it.
    pub owner: Option<usize>,
    /// Its tags, `tag:` included.
    pub tags: Vec<String>,
    /// Its own addresses, of both families.
    pub addresses: Vec<IpAddr>,
    /// Routes it offers.
    pub advertised_routes: Vec<Prefix>,
    /// Routes it offers and that are approved.
    pub approved_routes: Vec<Prefix>,
}
