//! From the rules of a policy to what each device is told.

use super::applications::capabilities;
use super::destinations::Targets;
use super::names::Names;
use super::packets::Passage;
use super::query::Carriers;
use super::sources::SourceLists;
use super::{DeviceRules, Filter, Origin, Reach, ssh};
use crate::policy::address_set::Network;
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use crate::policy::topology::{Device, Topology};
use crate::policy::view::Policy;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known and made while the rules are compiled one after the other.
pub(super) struct Compiler<'p> {
    pub(super) names: Names<'p>,
    pub(super) sources: SourceLists,
    pub(super) targets: Targets,
    /// The addresses of each device.
    pub(super) own: Vec<Arc<[Network]>>,
    /// The devices of each user who has some, as indexes.
    pub(super) by_user: BTreeMap<usize, Vec<usize>>,
    /// Filters for each device.
    pub(super) filters: Vec<Vec<Filter>>,
    pub(super) literal: Vec<Filter>,
}

impl Reach {
    /// Compiles a policy. Costs time for each rule and each device that it concerns.
    #[must_use]
    pub fn compile(policy: &Policy<'_>, topology: &Topology) -> Self {
        let mut compiler = Compiler::new(policy, topology);
        if policy.allows_everything {
            compiler.packets(Origin::Default, ["*"].into_iter(), None, Passage::everywhere());
        }
        for section in [Section::Grants, Section::Acls] {
            for (index, rule) in policy.rules.iter().enumerate().filter(|(_, rule)| rule.section == section) {
                compiler.rule(Origin::Rule(index), rule);
            }
        }
        let ssh = ssh::compile(policy, &mut compiler.names);
        let devices = topology.devices.iter().zip(compiler.filters).zip(ssh);
        Self {
            devices: devices
                .map(|((device, filters), ssh)| DeviceRules { name: device.name.clone(), filters, ssh })
                .collect(),
            sources: compiler.sources.into_all(),
            carriers: Carriers::new(topology),
            literal: compiler.literal,
        }
    }
}

impl<'p> Compiler<'p> {
    fn new(policy: &'p Policy<'_>, topology: &'p Topology) -> Self {
        let mut by_user: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, device) in topology.devices.iter().enumerate() {
            if let Some(owner) = device.owner {
                by_user.entry(owner).or_default().push(index);
            }
        }
        let own = |device: &Device| device.addresses.iter().copied().map(Network::from).collect();
        Self {
            names: Names::new(policy, topology),
            sources: SourceLists::default(),
            targets: Targets::new(),
            own: topology.devices.iter().map(own).collect(),
            by_user,
            filters: vec![Vec::new(); topology.devices.len()],
            literal: Vec::new(),
        }
    }

    fn rule(&mut self, origin: Origin, rule: &Rule<'_>) {
        let sources = || rule.source_items().map(|item| &*item.text);
        let via = (!rule.via.is_empty()).then(|| self.names.tagged_with(rule.via.iter().map(|tag| &**tag)));
        for passage in Passage::of_rule(rule) {
            self.packets(origin, sources(), via.as_deref(), passage);
        }
        let capabilities = capabilities(rule);
        // Packets go through other devices, capabilities are had on the device that has the address. No
        // recorded grant has both `via` and `app`, so that it gives no capabilities is our reading.
        if via.is_none() && !capabilities.is_empty() {
            let sources: Vec<&str> = sources().collect();
            let destinations: Vec<&str> = rule.destinations.iter().map(|text| &**text).collect();
            self.applications(origin, &sources, &destinations, capabilities);
        }
    }

    /// Tells a device something.
    pub(super) fn tell(&mut self, device: usize, filter: Filter) {
        if let Some(filters) = self.filters.get_mut(device) {
            filters.push(filter);
        }
    }

    pub(super) fn own(&self, device: usize) -> Arc<[Network]> {
        self.own.get(device).cloned().unwrap_or_default()
    }

    pub(super) fn devices(&self, indexes: &[usize]) -> Vec<&'p Device> {
        let devices = &self.names.topology().devices;
        indexes.iter().filter_map(|index| devices.get(*index)).collect()
    }
}
