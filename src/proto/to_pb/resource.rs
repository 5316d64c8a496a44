//! Resources.

use std::collections::BTreeSet;

use prost_types::Any;

use super::{structs, traits};
use crate::access::{Resource, ResourceId, Status, StatusKind, fit};
use crate::proto::annotation::pack;
use crate::proto::c1::connector::v2::{self as pb, status::ResourceStatus};

/// Longest id of the upstream that is told, in bytes.
const LONGEST_RAW_ID: usize = 4096;

/// A resource. Profile, status and creation time are written to the resource and, for readers older
/// than those fields, to its trait as well.
#[must_use]
pub fn resource(of: &Resource) -> pb::Resource {
    let profile = structs::profile(&of.profile);
    let mut annotations: Vec<Any> = traits::of(of, profile.as_ref()).into_iter().collect();
    // Cut off, an id would be that of something else.
    let raw_id = of.raw_id.as_ref().filter(|id| id.len() <= LONGEST_RAW_ID);
    annotations.extend(raw_id.map(|id| pack(&pb::RawId { id: id.clone() })));
    annotations.extend(aliases(&of.aliases).map(|aliases| pack(&aliases)));
    pb::Resource {
        id: Some(resource_id(&of.id)),
        display_name: fit(&of.display_name, 1024),
        description: fit(&of.description, 2048),
        annotations,
        profile,
        status: of.status.as_ref().map(status),
        created_at: of.created.map(timestamp),
        ..Default::default()
    }
}

/// The key of a resource.
#[must_use]
pub fn resource_id(of: &ResourceId) -> pb::ResourceId {
    pb::ResourceId {
        resource_type: of.kind().to_string(),
        resource: of.id().to_owned(),
        baton_resource: false,
    }
}

/// A point in time.
#[must_use]
pub fn timestamp(at: jiff::Timestamp) -> prost_types::Timestamp {
    let mut timestamp = prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() };
    timestamp.normalize(); // before 1970 the fraction of a jiff timestamp is negative
    timestamp
}

/// The protocol's number; it is the same on resources and in the user trait.
pub(super) fn status_number(kind: StatusKind) -> i32 {
    i32::from(match kind {
        StatusKind::Enabled => ResourceStatus::Enabled,
        StatusKind::Disabled => ResourceStatus::Disabled,
        StatusKind::Deleted => ResourceStatus::Deleted,
    })
}

fn status(of: &Status) -> pb::Status {
    pb::Status { status: status_number(of.kind), details: fit(&of.details, 1024) }
}

/// Those that the protocol can carry: unique, not empty, at most 256 characters each and 100 in all.
fn aliases(of: &[String]) -> Option<pb::Aliases> {
    let mut seen = BTreeSet::new();
    let fits = of.iter().filter(|id| (1..=256).contains(&id.chars().count()));
    let ids: Vec<String> = fits.filter(|&id| seen.insert(id)).take(100).cloned().collect();
    (!ids.is_empty()).then_some(pb::Aliases { ids })
}
