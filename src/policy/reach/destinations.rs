//! Which devices a destination concerns, and how it is written in what they are sent.

use super::names::{Literal, Names, Selected, subnet_routes};
use super::wellknown::internet;
use crate::policy::address_set::Network;
use crate::policy::topology::{Device, Topology};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// A destination of rules.
pub(super) struct Target {
    /// The devices that rules about it are delivered to, as indexes, in order.
    pub(super) devices: Vec<usize>,
    pub(super) written: Written,
}

/// How a destination is written.
pub(super) enum Written {
    /// As the addresses of the device that is told.
    Own,
    /// As these networks, on every device.
    Networks(Arc<[Network]>),
    /// Each user has another one: `autogroup:self`.
    OfUser,
}

/// Works out destinations, each once.
pub(super) struct Targets {
    known: HashMap<String, Option<Rc<Target>>>,
    everything: Arc<[Network]>,
    internet: Arc<[Network]>,
}

impl Targets {
    pub(super) fn new() -> Self {
        Self {
            known: HashMap::new(),
            everything: Arc::new([Network::Everything]),
            internet: internet().collect(),
        }
    }

    /// `None`: the selector is no destination.
    pub(super) fn of_selector(&mut self, selector: &str, names: &mut Names<'_>) -> Option<Rc<Target>> {
        if let Some(known) = self.known.get(selector) {
            return known.clone();
        }
        let target = self.work_out(selector, names).map(Rc::new);
        self.known.insert(selector.to_owned(), target.clone());
        target
    }

    fn work_out(&self, selector: &str, names: &mut Names<'_>) -> Option<Target> {
        let devices = &names.topology().devices;
        Some(match &*names.resolve(selector) {
            Selected::Everybody => Target {
                devices: (0..devices.len()).collect(),
                written: Written::Networks(Arc::clone(&self.everything)),
            },
            Selected::Internet => Target {
                devices: matching(devices, is_exit_node),
                written: Written::Networks(Arc::clone(&self.internet)),
            },
            Selected::Devices(devices) => Target { devices: devices.clone(), written: Written::Own },
            Selected::Networks(literal) => Target {
                devices: matching(devices, |device| {
                    has_address(device, literal) || routes_to(device, literal)
                }),
                written: Written::Networks(Arc::clone(&literal.networks)),
            },
            Selected::OwnDevices => Target { devices: Vec::new(), written: Written::OfUser },
            // The service refuses it as a destination.
            Selected::AnyAddress => return None,
        })
    }
}

/// The devices, of some that traffic must pass, that route to a destination. How it is written stays.
pub(super) fn on_the_way(via: &[usize], selected: &Selected, topology: &Topology) -> Vec<usize> {
    let routes = |device: &Device| match selected {
        Selected::Everybody => !device.approved_routes.is_empty(),
        Selected::Internet => is_exit_node(device),
        Selected::Networks(literal) => routes_to(device, literal),
        Selected::Devices(_) | Selected::OwnDevices | Selected::AnyAddress => false,
    };
    via.iter().copied().filter(|index| topology.devices.get(*index).is_some_and(routes)).collect()
}

/// Where on a device an application grant counts: its own addresses that the destinations cover, and
/// what they name of the networks behind it.
pub(super) fn application_scope(
    device: &Device,
    index: usize,
    destinations: &[Rc<Selected>],
) -> Vec<Network> {
    let mut scope = BTreeSet::new();
    let own = || device.addresses.iter().copied();
    for selected in destinations {
        match &**selected {
            Selected::Everybody => scope.extend(own().map(Network::from)),
            Selected::Devices(devices) if devices.binary_search(&index).is_ok() => {
                scope.extend(own().map(Network::from));
            }
            Selected::Networks(literal) => {
                scope.extend(own().filter(|address| literal.set.contains(*address)).map(Network::from));
                let behind = |network: &Network| {
                    let mut ranges = network.ranges();
                    ranges.any(|range| subnet_routes(device).any(|route| range.overlaps(route.into())))
                };
                scope.extend(literal.networks.iter().copied().filter(behind));
            }
            Selected::Devices(_) | Selected::OwnDevices | Selected::Internet | Selected::AnyAddress => {}
        }
    }
    scope.into_iter().collect()
}

fn is_exit_node(device: &Device) -> bool {
    device.approved_routes.iter().any(|route| route.is_everything())
}

fn has_address(device: &Device, literal: &Literal) -> bool {
    device.addresses.iter().any(|address| literal.set.contains(*address))
}

/// Exit routes do not count: what is to be reached through them has to be `autogroup:internet`.
fn routes_to(device: &Device, literal: &Literal) -> bool {
    subnet_routes(device).any(|route| literal.set.overlaps(route.into()))
}

fn matching(devices: &[Device], concerned: impl Fn(&Device) -> bool) -> Vec<usize> {
    let concerned = devices.iter().enumerate().filter(|(_, device)| concerned(device));
    concerned.map(|(index, _)| index).collect()
}
