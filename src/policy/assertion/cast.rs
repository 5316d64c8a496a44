//! The devices that take part in the tests.

use crate::policy::topology::{Device, Topology};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A source of a test, or what it tries to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Party {
    /// An index in the devices of [`Cast::into_topology`]. `None`: an address that no device has.
    pub(super) device: Option<usize>,
    /// The addresses that count: all of the device's, or the one that the test names.
    pub(super) addresses: Vec<IpAddr>,
    /// There is no such device: it stands for those that a user or a tag may have one day.
    pub(super) invented: bool,
}

/// The devices that tests speak of, and those that traffic may go through. Compiling a policy for them
/// alone is cheaper than for the whole tailnet.
///
/// A user whom a test names may own no device yet, and a tag may be on none. A stand-in takes their place,
/// so that the rules decide.
pub(super) struct Cast<'t> {
    topology: &'t Topology,
    addressed: HashMap<IpAddr, usize>,
    devices: Vec<Device>,
    chosen: HashMap<usize, usize>,
    stand_ins: HashMap<StandIn, usize>,
    spares: u32,
}

/// Whom a stand-in is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum StandIn {
    Person(usize),
    Tag(String),
}

/// The highest addresses that devices of a tailnet have.
const HIGHEST_V4: Ipv4Addr = Ipv4Addr::new(100, 127, 255, 254);
const HIGHEST_V6: Ipv6Addr = Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, !0, !0, !0, !0, !0);

impl<'t> Cast<'t> {
    pub(super) fn new(topology: &'t Topology) -> Self {
        let mut cast = Self {
            topology,
            addressed: HashMap::new(),
            devices: Vec::new(),
            chosen: HashMap::new(),
            stand_ins: HashMap::new(),
            spares: 0,
        };
        for (index, device) in topology.devices.iter().enumerate() {
            cast.addressed.extend(device.addresses.iter().map(|address| (*address, index)));
            if !device.approved_routes.is_empty() {
                cast.choose(index);
            }
        }
        cast
    }

    /// The people of the tailnet and the devices that take part.
    pub(super) fn into_topology(self) -> Topology {
        let Topology { people, domains, .. } = self.topology;
        Topology { people: people.clone(), devices: self.devices, domains: domains.clone() }
    }

    /// A device of the tailnet, by its index there.
    pub(super) fn device(&mut self, index: usize) -> Party {
        let device = self.choose(index);
        Party { device: Some(device), addresses: self.addresses(device), invented: false }
    }

    /// One address, whether or not a device has it.
    pub(super) fn address(&mut self, address: IpAddr) -> Party {
        let device = self.addressed.get(&address).copied().map(|index| self.choose(index));
        Party { device, addresses: vec![address], invented: false }
    }

    /// A device of somebody who has none.
    pub(super) fn device_of(&mut self, person: usize) -> Party {
        self.invented(StandIn::Person(person), Device { owner: Some(person), ..Device::default() })
    }

    /// A device with a tag that is on none.
    pub(super) fn device_with(&mut self, tag: &str) -> Party {
        let device = Device { tags: vec![tag.to_owned()], ..Device::default() };
        self.invented(StandIn::Tag(tag.to_owned()), device)
    }

    fn invented(&mut self, whom: StandIn, device: Device) -> Party {
        let device = self.stand_in(whom, |cast| Device { addresses: cast.spare_addresses(), ..device });
        Party { device: Some(device), addresses: self.addresses(device), invented: true }
    }

    fn choose(&mut self, index: usize) -> usize {
        *self.chosen.entry(index).or_insert_with(|| {
            self.devices.extend(self.topology.devices.get(index).cloned());
            self.devices.len() - 1
        })
    }

    fn stand_in(&mut self, whom: StandIn, device: impl FnOnce(&mut Self) -> Device) -> usize {
        if let Some(there) = self.stand_ins.get(&whom) {
            return *there;
        }
        let index = self.devices.len();
        let device = Device { name: format!("stand-in {index}"), ..device(self) };
        self.devices.push(device);
        self.stand_ins.insert(whom, index);
        index
    }

    fn addresses(&self, device: usize) -> Vec<IpAddr> {
        self.devices.get(device).map(|device| device.addresses.clone()).unwrap_or_default()
    }

    /// An address of each family that no device has.
    fn spare_addresses(&mut self) -> Vec<IpAddr> {
        loop {
            let v4 = Ipv4Addr::from_bits(HIGHEST_V4.to_bits().wrapping_sub(self.spares));
            let v6 = Ipv6Addr::from_bits(HIGHEST_V6.to_bits() - u128::from(self.spares));
            self.spares = self.spares.wrapping_add(1);
            let addresses = [IpAddr::V4(v4), IpAddr::V6(v6)];
            if !addresses.iter().any(|address| self.addressed.contains_key(address)) {
                return addresses.into();
            }
        }
    }
}
