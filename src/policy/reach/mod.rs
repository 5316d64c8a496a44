//! Who can reach what: a policy compiled against a topology.
//!
//! [`Reach::compile`] works out, for each device, the packet filter and the SSH rules that the service
//! would send to it; what they mean for one packet or login is then a look-up ([`Reach::flow`],
//! [`Reach::ssh`], and [`Sender`] for many of one sender). Each rule that is sent remembers the rule of the
//! policy that it comes from. Serialized, a `Reach` has the shape in which the service's answers were
//! recorded: `{"filters":{device:[…]},"ssh":{device:[…]}}`.
//!
//! Postures (`srcPosture`) are not evaluated: what is allowed from some devices of a source counts as
//! allowed from all. Synced groups and services have nobody in them, as who is in them is not in the policy.

mod applications;
mod compile;
mod destinations;
mod ipsets;
mod json;
mod names;
mod packets;
mod query;
mod selection;
mod sources;
mod ssh;
mod wellknown;

use super::address_set::Network;
use super::ports::{PortRange, Protocol};
use query::Carriers;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use query::Sender;
pub use selection::{Selection, Selections};
pub use sources::Sources;
pub use ssh::{SshAction, SshRule, SshRules};

/// A policy compiled against a topology: for each device, what the service would send to it.
///
/// Nothing fails: what the service would refuse (see [`judge`](super::judge)) grants nothing.
#[derive(Clone, Debug)]
pub struct Reach {
    /// In the order of [`Topology::devices`](super::Topology::devices).
    pub devices: Vec<DeviceRules>,
    /// Each at its own id.
    sources: Vec<Arc<Sources>>,
    carriers: Carriers,
    /// What the policy says of addresses by their number, whether or not a device has them.
    literal: Vec<Filter>,
}

/// What one device is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRules {
    /// The device's name.
    pub name: String,
    /// Who may send packets to it, or through it, and which capabilities they have there. Grant rules
    /// come before ACL rules.
    pub filters: Vec<Filter>,
    /// Who may log in over SSH, in the order in which the rules are tried.
    pub ssh: Vec<Arc<SshRules>>,
}

/// The rule of the policy that something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// No rule: the policy has neither `acls` nor `grants`.
    Default,
    /// An index in [`Policy::rules`](super::Policy::rules).
    Rule(usize),
}

/// A packet filter rule or an application grant on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Where it comes from.
    pub origin: Origin,
    /// Whose packets, or whose capabilities.
    pub sources: Arc<Sources>,
    /// What they may do.
    pub permission: Permission,
}

/// What a [`Filter`] lets its sources do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Send packets.
    Packets {
        /// `None`: [`Protocol::DEFAULT`].
        protocol: Option<Protocol>,
        /// Where to, as the policy has it: not cut down to what the device has or routes to.
        endpoints: Arc<[Endpoint]>,
    },
    /// Have capabilities in an application.
    Capabilities {
        /// The addresses of the device on which they count.
        scope: Arc<[Network]>,
        /// The capabilities.
        capabilities: Arc<Capabilities>,
    },
}

/// Addresses and ports that packets may be sent to: each port of each network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The addresses.
    pub networks: Arc<[Network]>,
    /// The ports; no matter for protocols without ports.
    pub ports: Arc<[PortRange]>,
}

/// Application capabilities by name, each with its values: the text of a JSON array, or nothing where
/// the service itself has added the capability as the counterpart of another.
pub type Capabilities = BTreeMap<String, Option<Arc<str>>>;

/// What becomes of an SSH login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SshDecision {
    /// No rule lets it in.
    Refused,
    /// Let in.
    Accepted(Origin),
    /// Let in after the user has authenticated again.
    Checked(Origin),
}

/// One packet flow, or the first packet of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The sender.
    pub from: std::net::IpAddr,
    /// The receiver.
    pub to: std::net::IpAddr,
    /// IP protocol number.
    pub protocol: u8,
    /// Destination port; 0 for protocols without ports.
    pub port: u16,
}

#[cfg(test)]
mod tests;
