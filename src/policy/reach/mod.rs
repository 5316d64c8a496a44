//! Who can reach what: a policy compiled against a topology.

use super::topology::Topology;
use super::view::Policy;
use std::net::IpAddr;

/// A policy compiled against a topology: for each device, what the service would send to it.
///
/// Nothing fails: what the service would refuse (see [`judge`](super::judge)) grants nothing.
#[derive(Clone, Debug)]
pub struct Reach {
    /// In the order of [`Topology::devices`].
    pub devices: Vec<DeviceRules>,
}

/// What one device is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRules {
    /// Who may send packets to it, or through it, and which capabilities they have there.
    pub filters: Vec<Filter>,
    /// Who may log in over SSH, in the order in which the rules are tried.
    pub ssh: Vec<SshRule>,
}

/// The rule of the policy that something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// No rule: the policy has neither `acls` nor `grants`.
    Default,
    /// An index in [`Policy::rules`].
    Rule(usize),
}

/// A packet filter rule or an application grant on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Where it comes from.
    pub origin: Origin,
}

/// An SSH rule on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshRule {
    /// Where it comes from.
    pub origin: Origin,
}

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
    pub from: IpAddr,
    /// The receiver.
    pub to: IpAddr,
    /// IP protocol number.
    pub protocol: u8,
    /// Destination port; 0 for protocols without ports.
    pub port: u16,
}

impl Reach {
    /// Compiles a policy.
    #[must_use]
    pub fn compile(_policy: &Policy<'_>, _topology: &Topology) -> Self {
        todo!()
    }

    /// The rules that let a flow through, in the order of the policy; none: it is dropped.
    #[must_use]
    pub fn flow(&self, _flow: Flow) -> Vec<Origin> {
        todo!()
    }

    /// What becomes of a login from an address to an account on a device (an index in
    /// [`Topology::devices`]).
    #[must_use]
    pub fn ssh(&self, _from: IpAddr, _device: usize, _account: &str) -> SshDecision {
        todo!()
    }
}
