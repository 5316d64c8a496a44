//! Roles of the tailnet and who has them.

use std::collections::BTreeMap;

use crate::access::{Attribute, ExclusionGroup, Purpose, ResourceId, ResourceKind, Slug, Trait, bounded};
use crate::tailnet::{Role, UserKind};

use super::Options;
use super::draft::Draft;
use super::people::People;
use super::selectors::grant_of;

/// Everybody has exactly one role.
const EXCLUSION_GROUP: &str = "tailnet-role";

/// The known roles and those whose word somebody has. A shared user is no member of the tailnet:
/// only a role beyond `member` is listed for one.
pub(super) fn list(people: &People<'_>, options: Options) -> Vec<Draft> {
    let mut drafts: BTreeMap<&str, Draft> = BTreeMap::new();
    for role in Role::KNOWN.iter().chain(people.roles()) {
        if !role.as_str().is_empty() {
            drafts.entry(role.as_str()).or_insert_with(|| draft(role));
        }
    }
    for (id, user) in people.users() {
        if user.role == Role::Member && user.kind != UserKind::Member {
            continue;
        }
        if let Some(draft) = drafts.get_mut(user.role.as_str()) {
            draft.grants.push(grant_of(draft.entitlement_id(Slug::Member), id.clone(), options));
        }
    }
    drafts.into_values().collect()
}

/// Whether a role cannot be taken away. Nobody is without one, so there is nothing that `member` could be
/// revoked to.
pub(super) fn is_fixed(role: &Role) -> bool {
    *role == Role::Member || !grantable(role)
}

/// Ownership is handed over in the console only; what an unknown role means nobody here knows.
fn grantable(role: &Role) -> bool {
    !matches!(role, Role::Owner | Role::Other(_))
}

fn draft(role: &Role) -> Draft {
    let (name, description) = words(role);
    let id = ResourceId::new(ResourceKind::Role, bounded(role.as_str().as_bytes()));
    let mut draft = Draft::new(id, name);
    draft.describe(description, &[]);
    draft.resource.details = Trait::Role;
    draft.resource.profile = vec![("role", Attribute::Text(role.as_str().to_owned()))];
    draft.resource.raw_id = Some(role.as_str().to_owned());
    let mut member = draft.entitlement(
        Slug::Member,
        &format!("{name} role"),
        description,
        Purpose::Assignment,
        &[ResourceKind::User],
    );
    member.immutable = !grantable(role);
    // Unknown roles stay out: their strength is unknown, and a group has at most 50 entitlements.
    member.exclusion = strength(role).map(|order| ExclusionGroup {
        id: EXCLUSION_GROUP,
        order,
        is_default: *role == Role::Member,
    });
    draft.entitlements.push(member);
    draft
}

/// Rank among the known roles: a stronger role has a higher number.
fn strength(role: &Role) -> Option<u32> {
    let from_weakest = Role::KNOWN.iter().rev().position(|known| known == role)?;
    u32::try_from(from_weakest).ok()
}

fn words(role: &Role) -> (&str, &'static str) {
    match role {
        Role::Owner => ("Owner", "Everything, ownership included. Handed over in the admin console only."),
        Role::Admin => ("Admin", "Manages everything but ownership."),
        Role::ItAdmin => ("IT admin", "Manages users, devices and keys; cannot write the policy file."),
        Role::NetworkAdmin => {
            ("Network admin", "Manages the policy file and the network; cannot manage users.")
        }
        Role::BillingAdmin => ("Billing admin", "Manages billing."),
        Role::Auditor => ("Auditor", "Reads everything in the admin console and changes nothing."),
        Role::Member => ("Member", "Uses the tailnet without access to the admin console."),
        Role::Other(word) => (word, "A role that this version does not know."),
    }
}
