//! Grants.

use super::entitlement::stub;
use super::resource::resource_id;
use super::structs;
use crate::access::{Expandable, Grant, ResourceKind};
use crate::proto::annotation::pack;
use crate::proto::c1::connector::v2 as pb;

/// A grant. Entitlement and principal are named by their ids; a client has them from their listings.
#[must_use]
pub fn grant(of: &Grant) -> pb::Grant {
    let mut annotations = Vec::new();
    annotations.extend(of.expandable.as_ref().and_then(expandable).map(|it| pack(&it)));
    if of.immutable {
        annotations.push(pack(&pb::GrantImmutable::default()));
    }
    if !of.metadata.is_empty() {
        let facts = of.metadata.iter().map(|(name, value)| (*name, structs::text(value)));
        annotations.push(pack(&pb::GrantMetadata { metadata: Some(structs::of(facts)) }));
    }
    pb::Grant {
        entitlement: Some(stub(&of.entitlement)),
        principal: Some(pb::Resource { id: Some(resource_id(&of.principal)), ..Default::default() }),
        id: of.id().to_string(),
        annotations,
        sources: None,
    }
}

/// Nothing where there is nothing to expand: the protocol has no such message without entitlements.
fn expandable(of: &Expandable) -> Option<pb::GrantExpandable> {
    (!of.entitlements.is_empty()).then(|| pb::GrantExpandable {
        entitlement_ids: of.entitlements.iter().map(ToString::to_string).collect(),
        shallow: of.shallow,
        resource_type_ids: of.kinds.iter().map(ResourceKind::to_string).collect(),
    })
}
