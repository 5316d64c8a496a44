//! What the rules mean for a packet or a login.

use super::{Endpoint, Filter, Flow, Origin, Permission, Reach, SshDecision};
use crate::policy::ports::{PortRange, Protocol};
use crate::policy::prefix::Prefix;
use crate::policy::topology::Topology;
use std::collections::HashMap;
use std::net::IpAddr;

/// ICMP for IPv4 and for IPv6.
const ICMP: [u8; 2] = [1, 58];

/// Which device takes packets to an address.
#[derive(Clone, Debug, Default)]
pub(super) struct Carriers {
    own: HashMap<IpAddr, usize>,
    routes: Vec<(Prefix, usize)>,
}

impl Carriers {
    pub(super) fn new(topology: &Topology) -> Self {
        let mut carriers = Self::default();
        for (index, device) in topology.devices.iter().enumerate() {
            carriers.own.extend(device.addresses.iter().map(|address| (*address, index)));
            carriers.routes.extend(device.approved_routes.iter().map(|route| (*route, index)));
        }
        // The narrowest routes first.
        carriers.routes.sort_by_key(|(route, _)| std::cmp::Reverse(route.length()));
        carriers
    }

    /// The device that has the address, or else those with the narrowest approved route to it.
    fn of(&self, address: IpAddr) -> Vec<usize> {
        if let Some(device) = self.own.get(&address) {
            return vec![*device];
        }
        let mut routes = self.routes.iter().filter(|(route, _)| route.contains(address)).peekable();
        let length = routes.peek().map(|(route, _)| route.length());
        routes.take_while(|(route, _)| Some(route.length()) == length).map(|(_, device)| *device).collect()
    }
}

/// A sender whose packets are judged: for asking much of one address.
#[derive(Clone, Debug)]
pub struct Sender<'r> {
    reach: &'r Reach,
    /// By the ids of the sources: the sender is among them.
    admitted: Vec<bool>,
}

impl Reach {
    /// Prepares for questions about packets from an address.
    #[must_use]
    pub fn sender(&self, from: IpAddr) -> Sender<'_> {
        let admitted = self.sources.iter().map(|sources| sources.contains(from)).collect();
        Sender { reach: self, admitted }
    }

    /// The rules that let a flow through, in the order of the policy; none: it is dropped.
    ///
    /// A flow is judged where it arrives: on the device that has the address, or on those with the
    /// narrowest approved route to it. Where no device takes it, the policy's own words decide, as they do
    /// in its tests.
    #[must_use]
    pub fn flow(&self, flow: Flow) -> Vec<Origin> {
        self.sender(flow.from).flow(flow.to, flow.protocol, flow.port)
    }

    /// What becomes of a login from an address to an account on a device (an index in
    /// [`Topology::devices`](crate::policy::Topology::devices)). Whether packets get there is another
    /// matter.
    #[must_use]
    pub fn ssh(&self, from: IpAddr, device: usize, account: &str) -> SshDecision {
        let rules = self.devices.get(device).into_iter().flat_map(|device| &device.ssh);
        rules
            .map(|rules| rules.decide(from, account))
            .find(|decision| *decision != SshDecision::Refused)
            .unwrap_or(SshDecision::Refused)
    }
}

impl<'r> Sender<'r> {
    /// What a device (an index) was told of this sender.
    pub fn filters(&self, device: usize) -> impl Iterator<Item = &'r Filter> {
        let filters = self.reach.devices.get(device).map(|device| &*device.filters).unwrap_or_default();
        self.admitting(filters)
    }

    /// The rules that let packets of the sender through to an address, protocol (a number) and port, in the
    /// order of the policy. See [`Reach::flow`].
    #[must_use]
    pub fn flow(&self, to: IpAddr, protocol: u8, port: u16) -> Vec<Origin> {
        let mut origins: Vec<Origin> = self
            .where_it_arrives(to)
            .into_iter()
            .filter(|filter| filter.lets_through(to, protocol, port))
            .map(|filter| filter.origin)
            .collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// The filters that let some packets of the sender through to an address, by where they come from in the
    /// policy. Which packets these are, [`Filter::ports_to`] and the filter's protocol tell.
    #[must_use]
    pub fn towards(&self, to: IpAddr) -> Vec<&'r Filter> {
        let mut filters = self.where_it_arrives(to);
        filters.retain(|filter| filter.ports_to(to).next().is_some());
        filters.sort_by_key(|filter| filter.origin);
        filters
    }

    /// The filters that decide about packets of the sender to an address.
    fn where_it_arrives(&self, to: IpAddr) -> Vec<&'r Filter> {
        let carriers = self.reach.carriers.of(to);
        if carriers.is_empty() {
            return self.admitting(&self.reach.literal).collect();
        }
        carriers.into_iter().flat_map(|device| self.filters(device)).collect()
    }

    fn admitting(&self, filters: &'r [Filter]) -> impl Iterator<Item = &'r Filter> {
        filters.iter().filter(|filter| self.admitted.get(filter.sources.id).copied().unwrap_or_default())
    }
}

impl Filter {
    /// The ports of an address that packets of its sources may be sent to; none where it is about something
    /// else.
    pub fn ports_to(&self, to: IpAddr) -> impl Iterator<Item = PortRange> {
        let endpoints = match &self.permission {
            Permission::Packets { endpoints, .. } => &**endpoints,
            Permission::Capabilities { .. } => &[],
        };
        let there = move |endpoint: &&Endpoint| endpoint.networks.iter().any(|network| network.contains(to));
        endpoints.iter().filter(there).flat_map(|endpoint| endpoint.ports.iter().copied())
    }

    /// The protocol that packets must have; `None`: any of [`Protocol::DEFAULT`].
    #[must_use]
    pub fn protocol(&self) -> Option<Protocol> {
        match &self.permission {
            Permission::Packets { protocol, .. } => *protocol,
            Permission::Capabilities { .. } => None,
        }
    }

    /// Packets of its sources to this address, protocol (a number) and port pass.
    #[must_use]
    pub fn lets_through(&self, to: IpAddr, protocol: u8, port: u16) -> bool {
        let Permission::Packets { protocol: own, endpoints } = &self.permission else { return false };
        // Who may send anything at all may also send ICMP.
        let concerned = ICMP.contains(&protocol)
            || match own {
                Some(own) => own.number() == protocol,
                None => Protocol::DEFAULT.iter().any(|default| default.number() == protocol),
            };
        // TCP, UDP and SCTP have ports.
        let port = [6, 17, 132].contains(&protocol).then_some(port);
        concerned && endpoints.iter().any(|endpoint| endpoint.takes(to, port))
    }
}

impl Endpoint {
    fn takes(&self, to: IpAddr, port: Option<u16>) -> bool {
        self.networks.iter().any(|network| network.contains(to))
            && port.is_none_or(|port| self.ports.iter().any(|range| range.contains(port)))
    }
}
