//! `autoApprovers`.

use super::definitions::lists_only;
use super::mistake::{Checked, Mistake, Wrong};
use super::vocabulary::Vocabulary;
use crate::policy::place::Place;
use crate::policy::{Policy, Prefix, Selector};

pub(super) fn check(policy: &Policy<'_>, names: &Vocabulary<'_>) -> Checked {
    let approvers = &policy.auto_approvers;
    for route in &approvers.routes {
        if route.name.trim().parse::<Prefix>().is_err() {
            let mistake = Mistake::InvalidPrefix(route.name.to_string());
            return Err(Wrong { mistake, position: route.position });
        }
        lists_only(Place::AutoApprover, "autoApprovers.routes", route, names)?;
    }
    for item in approvers.exit_node.iter().flat_map(|list| &list.items) {
        let admitted = names.admit(Place::AutoApprover, Selector::parse(&item.text));
        admitted.map_err(|mistake| mistake.at(item.value))?;
    }
    for service in &approvers.services {
        let known = names.defined(Selector::parse(&service.name));
        known.map_err(|mistake| Wrong { mistake, position: service.position })?;
        lists_only(Place::AutoApprover, "autoApprovers.services", service, names)?;
    }
    Ok(())
}
