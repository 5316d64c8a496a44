//! Where the traffic may come from that a rule lets through.

use super::names::{Names, Selected, subnet_routes};
use super::wellknown::tailnets;
use crate::policy::address_set::{AddressSet, Network};
use crate::policy::selector::trimmed;
use crate::policy::topology::{Device, Topology};
use serde::{Serialize, Serializer};
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

/// The sources of a rule. In one [`Reach`](super::Reach) there is one of a kind, shared by all rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    pub(super) id: usize,
    listed: Arc<[Network]>,
    set: AddressSet,
}

impl Sources {
    /// As the service lists them: sorted, each once, overlapping where the policy has it so. Empty where
    /// the rule names only sources that nobody is in, such as an empty group.
    #[must_use]
    pub fn networks(&self) -> &[Network] {
        &self.listed
    }

    /// The same as a set.
    #[must_use]
    pub fn addresses(&self) -> &AddressSet {
        &self.set
    }

    /// The address is among them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.set.contains(address)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Works out sources, the same ones once.
#[derive(Default)]
pub(super) struct SourceLists {
    all: Vec<Arc<Sources>>,
    by_networks: HashMap<Arc<[Network]>, Arc<Sources>>,
    by_selectors: HashMap<Vec<String>, Arc<Sources>>,
    /// By the sources they are a part of, and the user.
    of_users: HashMap<(usize, usize), Arc<Sources>>,
}

impl SourceLists {
    /// What a list of selectors stands for. `None`: the list is empty, and so is the rule.
    pub(super) fn of_selectors<'t>(
        &mut self,
        selectors: impl Iterator<Item = &'t str>,
        names: &mut Names<'_>,
    ) -> Option<Arc<Sources>> {
        let selectors: Vec<String> = selectors.map(|text| trimmed(text).to_owned()).collect();
        if selectors.is_empty() {
            return None;
        }
        if let Some(known) = self.by_selectors.get(&selectors) {
            return Some(Arc::clone(known));
        }
        let mut networks = BTreeSet::new();
        for selector in &selectors {
            extend(&mut networks, &names.resolve(selector), names.topology());
        }
        if networks.contains(&Network::Everything) {
            networks = BTreeSet::from([Network::Everything]);
        }
        let sources = self.of_networks(networks);
        self.by_selectors.insert(selectors, Arc::clone(&sources));
        Some(sources)
    }

    /// The part of some sources that is a user's own devices.
    pub(super) fn of_user(&mut self, whole: &Arc<Sources>, user: usize, devices: &[&Device]) -> Arc<Sources> {
        if let Some(known) = self.of_users.get(&(whole.id, user)) {
            return Arc::clone(known);
        }
        let own = devices.iter().flat_map(|device| &device.addresses).copied();
        let sources =
            self.of_networks(own.filter(|address| whole.contains(*address)).map(Network::from).collect());
        self.of_users.insert((whole.id, user), Arc::clone(&sources));
        sources
    }

    /// The addresses of devices.
    pub(super) fn of_devices(&mut self, devices: &[&Device]) -> Arc<Sources> {
        let addresses = devices.iter().flat_map(|device| &device.addresses).copied();
        self.of_networks(addresses.map(Network::from).collect())
    }

    /// All there are, each at its own `id`.
    pub(super) fn into_all(self) -> Vec<Arc<Sources>> {
        self.all
    }

    fn of_networks(&mut self, networks: BTreeSet<Network>) -> Arc<Sources> {
        let listed: Arc<[Network]> = networks.into_iter().collect();
        if let Some(known) = self.by_networks.get(&listed) {
            return Arc::clone(known);
        }
        let set = listed.iter().copied().collect();
        let sources = Arc::new(Sources { id: self.all.len(), listed: Arc::clone(&listed), set });
        self.all.push(Arc::clone(&sources));
        self.by_networks.insert(listed, Arc::clone(&sources));
        sources
    }
}

fn extend(networks: &mut BTreeSet<Network>, selected: &Selected, topology: &Topology) {
    match selected {
        Selected::Everybody => {
            networks.extend(tailnets());
            networks.extend(topology.devices.iter().flat_map(subnet_routes).map(Network::Prefix));
        }
        Selected::AnyAddress => {
            networks.insert(Network::Everything);
        }
        Selected::Devices(devices) => {
            let devices = devices.iter().filter_map(|index| topology.devices.get(*index));
            networks.extend(devices.flat_map(|device| &device.addresses).copied().map(Network::from));
        }
        Selected::Networks(literal) => networks.extend(literal.networks.iter().copied()),
        // Destinations only.
        Selected::OwnDevices | Selected::Internet => {}
    }
}
