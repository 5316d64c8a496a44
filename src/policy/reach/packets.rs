//! Which packets a rule lets through.

use super::compile::Compiler;
use super::destinations::{Written, on_the_way};
use super::names::Selected;
use super::{Endpoint, Filter, Origin, Permission};
use crate::policy::address_set::Network;
use crate::policy::destination::Destination;
use crate::policy::ports::{PortRange, Protocol, Traffic};
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Destinations and ports of a rule, for one choice of protocols.
pub(super) struct Passage {
    /// `None`: [`Protocol::DEFAULT`].
    protocol: Option<Protocol>,
    /// Selectors, with ports.
    destinations: Vec<(String, Arc<[PortRange]>)>,
}

impl Passage {
    /// What holds where the policy has neither `acls` nor `grants`.
    pub(super) fn everywhere() -> Self {
        Self { protocol: None, destinations: vec![("*".to_owned(), Arc::new([PortRange::ANY]))] }
    }

    /// What a network rule lets through. What the service would refuse is left out.
    pub(super) fn of_rule(rule: &Rule<'_>) -> Vec<Self> {
        match rule.section {
            Section::Acls => Self::of_acl_rule(rule).into_iter().collect(),
            Section::Grants => Self::of_grant_rule(rule),
            Section::Ssh => Vec::new(),
        }
    }

    fn of_acl_rule(rule: &Rule<'_>) -> Option<Self> {
        if rule.action != "accept" {
            return None;
        }
        let protocol = match &*rule.proto {
            "" => None,
            text => Some(text.parse().ok()?),
        };
        let read = |text| {
            let Destination { host, ports } = Destination::parse(text).ok()?;
            let possible = ports.iter().all(|ports| has_ports(protocol, *ports));
            possible.then(|| (host.into_owned(), ports.into()))
        };
        let destinations = rule.destinations.iter().filter_map(|text| read(text)).collect();
        Some(Self { protocol, destinations })
    }

    fn of_grant_rule(rule: &Rule<'_>) -> Vec<Self> {
        let mut by_protocol: BTreeMap<Option<Protocol>, Vec<PortRange>> = BTreeMap::new();
        let traffic = rule.ip.iter().filter_map(|item| item.parse::<Traffic>().ok());
        for Traffic { protocol, ports } in traffic.filter(|item| has_ports(item.protocol, item.ports)) {
            by_protocol.entry(protocol).or_default().push(ports);
        }
        let passage = |(protocol, ports): (_, Vec<PortRange>)| {
            let ports: Arc<[PortRange]> = ports.into();
            let destinations = rule.destinations.iter().map(|text| (text.to_string(), Arc::clone(&ports)));
            Self { protocol, destinations: destinations.collect() }
        };
        by_protocol.into_iter().map(passage).collect()
    }
}

/// Only protocols that have ports can be told apart by them.
fn has_ports(protocol: Option<Protocol>, ports: PortRange) -> bool {
    ports == PortRange::ANY || protocol.is_none_or(Protocol::has_ports)
}

impl Compiler<'_> {
    /// Tells each device that a rule concerns what it lets through. `via`: only through these devices.
    pub(super) fn packets<'t>(
        &mut self,
        origin: Origin,
        sources: impl Iterator<Item = &'t str>,
        via: Option<&[usize]>,
        Passage { protocol, destinations }: Passage,
    ) {
        let Some(sources) = self.sources.of_selectors(sources, &mut self.names) else { return };
        if sources.networks().is_empty() {
            return;
        }
        let mut told: Vec<(usize, Endpoint)> = Vec::new();
        let (mut literal, mut of_user): (Vec<Endpoint>, Vec<Arc<[PortRange]>>) = (Vec::new(), Vec::new());
        for (selector, ports) in destinations {
            let Some(target) = self.targets.of_selector(&selector, &mut self.names) else { continue };
            let selected = self.names.resolve(&selector);
            let endpoint = |networks: &Arc<[Network]>| Endpoint {
                networks: Arc::clone(networks),
                ports: Arc::clone(&ports),
            };
            match (&target.written, via) {
                (Written::Networks(networks), Some(via)) => {
                    let devices = on_the_way(via, &selected, self.names.topology());
                    told.extend(devices.into_iter().map(|device| (device, endpoint(networks))));
                }
                (Written::Networks(networks), None) => {
                    told.extend(target.devices.iter().map(|device| (*device, endpoint(networks))));
                    if matches!(*selected, Selected::Everybody | Selected::Networks(_)) {
                        literal.push(endpoint(networks));
                    }
                }
                (Written::Own, None) => {
                    told.extend(target.devices.iter().map(|device| (*device, endpoint(&self.own(*device)))));
                }
                (Written::OfUser, None) => of_user.push(ports),
                // Other devices stand on the way to networks only.
                (Written::Own | Written::OfUser, Some(_)) => {}
            }
        }
        let filter = |sources, endpoints| Filter {
            origin,
            sources,
            permission: Permission::Packets { protocol, endpoints },
        };
        if !literal.is_empty() {
            self.literal.push(filter(Arc::clone(&sources), literal.into()));
        }
        told.sort_by_key(|(device, _)| *device);
        let mut last: Arc<[Endpoint]> = Arc::new([]);
        for told in told.chunk_by(|one, other| one.0 == other.0) {
            // Neighbours often are told the same.
            if !told.iter().map(|(_, endpoint)| endpoint).eq(last.iter()) {
                last = told.iter().map(|(_, endpoint)| endpoint.clone()).collect();
            }
            if let Some((device, _)) = told.first() {
                self.tell(*device, filter(Arc::clone(&sources), Arc::clone(&last)));
            }
        }
        if of_user.is_empty() {
            return;
        }
        for (user, indexes) in self.by_user.clone() {
            let own = self.sources.of_user(&sources, user, &self.devices(&indexes));
            if own.networks().is_empty() {
                continue;
            }
            for device in indexes {
                let networks = self.own(device);
                let endpoint = |ports: &Arc<[PortRange]>| Endpoint {
                    networks: Arc::clone(&networks),
                    ports: Arc::clone(ports),
                };
                self.tell(device, filter(Arc::clone(&own), of_user.iter().map(endpoint).collect()));
            }
        }
    }
}
