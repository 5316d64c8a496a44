//! Entitlements.

use super::resource::resource_id;
use super::resource_type::grantable_to;
use crate::access::{Entitlement, EntitlementId, ExclusionGroup, Purpose, ResourceType, fit};
use crate::proto::annotation::pack;
use crate::proto::c1::connector::v2::{self as pb, entitlement::PurposeValue};

/// An entitlement. `types` gives the names of the types it can be granted to; for `new_traits` see
/// [`resource_type`](super::resource_type()).
#[must_use]
pub fn entitlement(of: &Entitlement, types: &[ResourceType], new_traits: bool) -> pb::Entitlement {
    let mut annotations = Vec::new();
    if of.immutable {
        annotations.push(pack(&pb::EntitlementImmutable::default()));
    }
    annotations.extend(of.exclusion.as_ref().map(|group| pack(&exclusion_group(group))));
    pb::Entitlement {
        display_name: fit(&of.display_name, 1024),
        description: fit(&of.description, 2048),
        grantable_to: of.grantable_to.iter().map(|&kind| grantable_to(kind, types, new_traits)).collect(),
        annotations,
        purpose: i32::from(match of.purpose {
            Purpose::Assignment => PurposeValue::Assignment,
            Purpose::Permission => PurposeValue::Permission,
            Purpose::Ownership => PurposeValue::Ownership,
        }),
        ..stub(&of.id)
    }
}

/// An entitlement as a grant names it: its ids only.
pub(super) fn stub(of: &EntitlementId) -> pb::Entitlement {
    pb::Entitlement {
        resource: Some(pb::Resource { id: Some(resource_id(&of.resource)), ..Default::default() }),
        id: of.to_string(),
        slug: of.slug.to_string(),
        ..Default::default()
    }
}

fn exclusion_group(of: &ExclusionGroup) -> pb::EntitlementExclusionGroup {
    pb::EntitlementExclusionGroup {
        exclusion_group_id: of.id.to_owned(),
        order: of.order,
        is_default: of.is_default,
        scope_to_resource: false,
    }
}
