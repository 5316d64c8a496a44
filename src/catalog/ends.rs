//! When memberships end by themselves.

use std::collections::HashMap;

use crate::access::{EntitlementId, Grant, ResourceId};
use crate::policy::{Item, Lease};

use super::selectors::Selectors;

/// What a grant's metadata say of its end.
#[must_use]
pub fn end_facts(lease: &Lease) -> Vec<(&'static str, String)> {
    let by = lease.by.as_ref().map(|by| ("requested_by", by.clone()));
    [("expires_at", lease.until.to_string())].into_iter().chain(by).collect()
}

/// When a membership ends whose member stands in a list several times: once without an end, and it never does;
/// otherwise with the last of them.
#[must_use]
pub fn last_end(ends: impl IntoIterator<Item = Option<Lease>>) -> Option<Lease> {
    let ends: Option<Vec<Lease>> = ends.into_iter().collect();
    ends?.into_iter().max_by_key(|lease| lease.until)
}

/// The grants that the elements of an entitlement's lists are, with their ends.
pub(super) fn grants<'i, 'd: 'i>(
    items: impl Iterator<Item = &'i Item<'d>>,
    entitlement: &EntitlementId,
    selectors: &mut Selectors,
) -> Vec<Grant> {
    let (mut grants, mut ends): (Vec<Grant>, Vec<Option<Lease>>) = items
        .map(|item| (selectors.grant(entitlement.clone(), &item.text), Lease::of(&item.directives())))
        .unzip();
    if ends.iter().all(Option::is_none) {
        return grants;
    }
    let mut of_principal: HashMap<ResourceId, Vec<Option<Lease>>> = HashMap::new();
    for (grant, end) in grants.iter().zip(ends.drain(..)) {
        of_principal.entry(grant.principal.clone()).or_default().push(end);
    }
    let facts: HashMap<ResourceId, _> = of_principal
        .into_iter()
        .filter_map(|(principal, ends)| Some((principal, end_facts(&last_end(ends)?))))
        .collect();
    for grant in &mut grants {
        grant.metadata.extend(facts.get(&grant.principal).into_iter().flatten().cloned());
    }
    grants
}
