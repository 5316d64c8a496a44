//! Application grants: capabilities that sources have on devices.

use super::compile::Compiler;
use super::destinations::application_scope;
use super::sources::Sources;
use super::{Capabilities, Filter, Origin, Permission};
use crate::hujson::{Value, minimize};
use crate::policy::address_set::Network;
use crate::policy::fields::Fields;
use crate::policy::rule::Rule;
use crate::policy::section::Section;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Capabilities that the other side gets a counterpart of: who may use a drive is told who shares one.
const COUNTERPARTS: [(&str, &str); 2] = [
    ("tailscale.com/cap/drive", "tailscale.com/cap/drive-sharer"),
    ("tailscale.com/cap/relay", "tailscale.com/cap/relay-target"),
];

/// The `app` of a grant rule; empty in other rules.
pub(super) fn capabilities(rule: &Rule<'_>) -> Capabilities {
    if rule.section != Section::Grants || rule.app.is_empty() {
        return Capabilities::new();
    }
    let fields = Fields::of_rule(rule.section, rule.value);
    let members = fields.all("app").flat_map(Value::members);
    members
        .filter_map(|member| {
            let values = minimize(member.value.raw()).ok()?;
            Some((member.name.as_str()?.into_owned(), Some(String::from_utf8_lossy(&values).into())))
        })
        .collect()
}

impl Compiler<'_> {
    /// Gives capabilities, and their counterparts in the other direction.
    pub(super) fn applications(
        &mut self,
        origin: Origin,
        sources: &[&str],
        destinations: &[&str],
        capabilities: Capabilities,
    ) {
        if sources.is_empty() || destinations.is_empty() {
            return;
        }
        let counterparts: Vec<Arc<Capabilities>> = COUNTERPARTS
            .iter()
            .filter(|(name, _)| capabilities.contains_key(*name))
            .map(|(_, counterpart)| Arc::new(Capabilities::from([((*counterpart).to_owned(), None)])))
            .collect();
        let capabilities = Arc::new(capabilities);
        let (own, others): (Vec<&str>, Vec<&str>) =
            destinations.iter().partition(|selector| **selector == "autogroup:self");
        if !others.is_empty() {
            self.give(origin, sources, &others, &capabilities);
            for counterpart in &counterparts {
                self.give(origin, &others, sources, counterpart);
            }
        }
        if !own.is_empty() {
            self.give_own(origin, sources, &capabilities, &counterparts);
        }
    }

    /// Gives some sources capabilities on some destinations. A device is told even if nobody is among the
    /// sources, as the service does.
    fn give(&mut self, origin: Origin, sources: &[&str], destinations: &[&str], given: &Arc<Capabilities>) {
        let Some(sources) = self.sources.of_selectors(sources.iter().copied(), &mut self.names) else {
            return;
        };
        let mut concerned = BTreeSet::new();
        for selector in destinations {
            concerned.extend(
                self.targets
                    .of_selector(selector, &mut self.names)
                    .iter()
                    .flat_map(|target| target.devices.clone()),
            );
        }
        let selected: Vec<_> = destinations.iter().map(|selector| self.names.resolve(selector)).collect();
        for index in concerned {
            let Some(device) = self.names.topology().devices.get(index) else { continue };
            let scope = application_scope(device, index, &selected);
            self.tell_capabilities(index, origin, &sources, scope.into(), given);
        }
    }

    /// Gives each user among the sources capabilities on their own devices.
    fn give_own(
        &mut self,
        origin: Origin,
        sources: &[&str],
        given: &Arc<Capabilities>,
        counterparts: &[Arc<Capabilities>],
    ) {
        let Some(sources) = self.sources.of_selectors(sources.iter().copied(), &mut self.names) else {
            return;
        };
        for (user, indexes) in self.by_user.clone() {
            let devices = self.devices(&indexes);
            let from = self.sources.of_user(&sources, user, &devices);
            let all = self.sources.of_devices(&devices);
            if from.networks().is_empty() {
                continue;
            }
            for index in indexes {
                let scope = self.own(index);
                let asking: Arc<[Network]> =
                    scope.iter().copied().filter(|own| from.networks().contains(own)).collect();
                self.tell_capabilities(index, origin, &from, scope, given);
                for counterpart in counterparts {
                    self.tell_capabilities(index, origin, &all, Arc::clone(&asking), counterpart);
                }
            }
        }
    }

    fn tell_capabilities(
        &mut self,
        device: usize,
        origin: Origin,
        sources: &Arc<Sources>,
        scope: Arc<[Network]>,
        capabilities: &Arc<Capabilities>,
    ) {
        if !scope.is_empty() {
            let permission = Permission::Capabilities { scope, capabilities: Arc::clone(capabilities) };
            self.tell(device, Filter { origin, sources: Arc::clone(sources), permission });
        }
    }
}
