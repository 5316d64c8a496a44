//! The protocol's messages → our words: the ids that requests name.

use super::c1::connector::v2 as pb;
use crate::access::{EntitlementId, MalformedId, ResourceId};

/// A request's part that names nothing we could have listed. Prints as `id.resource_type: …`, with
/// the field's path below the message that was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct NotAnId {
    /// The field's path.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A part that is needed is not there.
    #[error("must be set")]
    Missing,
    /// An id that has no known form.
    #[error(transparent)]
    Malformed(#[from] MalformedId),
    /// An entitlement whose id is on another resource than the one it carries.
    #[error("{id} is not on the resource {resource} that stands beside it")]
    Elsewhere {
        /// The entitlement id.
        id: EntitlementId,
        /// The entitlement's resource, as it came in.
        resource: String,
    },
}

impl NotAnId {
    fn new(field: &'static str, problem: impl Into<Problem>) -> Self {
        Self { field, problem: problem.into() }
    }
}

/// The key of a resource, from its `id`.
///
/// # Errors
///
/// Fails when the resource has no id or its type is not one of ours.
pub fn resource(of: &pb::Resource) -> Result<ResourceId, NotAnId> {
    let Some(id) = &of.id else { return Err(NotAnId::new("id", Problem::Missing)) };
    let kind =
        id.resource_type.parse().map_err(|error: MalformedId| NotAnId::new("id.resource_type", error))?;
    Ok(ResourceId::new(kind, id.resource.as_str()))
}

/// The id of an entitlement. Where its resource is named too, both must agree.
///
/// # Errors
///
/// Fails when the id cannot be read or is on another resource.
pub fn entitlement(of: &pb::Entitlement) -> Result<EntitlementId, NotAnId> {
    let id: EntitlementId = of.id.parse().map_err(|error: MalformedId| NotAnId::new("id", error))?;
    match of.resource.as_ref().and_then(|resource| resource.id.as_ref()) {
        Some(on) if on.resource_type != id.resource.kind().as_str() || on.resource != id.resource.id() => {
            let resource = format!("{}:{}", on.resource_type, on.resource);
            Err(NotAnId::new("id", Problem::Elsewhere { id, resource }))
        }
        _ => Ok(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{ResourceKind, Slug};

    fn on(resource_type: &str, resource: &str) -> pb::Resource {
        let id = pb::ResourceId {
            resource_type: resource_type.to_owned(),
            resource: resource.to_owned(),
            ..Default::default()
        };
        pb::Resource { id: Some(id), ..Default::default() }
    }

    #[track_caller]
    fn check(id: &str, resource: Option<pb::Resource>, expected: Result<(&str, Slug), &str>) {
        let read = entitlement(&pb::Entitlement { id: id.to_owned(), resource, ..Default::default() });
        let expected = expected
            .map(|(resource, slug)| EntitlementId {
                resource: ResourceId::new(ResourceKind::Group, resource),
                slug,
            })
            .map_err(str::to_owned);
        assert_eq!(read.map_err(|error| error.to_string()), expected);
    }

    #[test]
    fn entitlements_are_read_from_their_id() {
        let eng = Ok(("group:eng", Slug::Member));
        check("group:group:eng:member", None, eng);
        check("group:group:eng:member", Some(pb::Resource::default()), eng);
        check("group:group:eng:member", Some(on("group", "group:eng")), eng);
        check(
            "group:group:eng:member",
            Some(on("group", "group:ops")),
            Err("id: group:group:eng:member is not on the resource group:group:ops that stands beside it"),
        );
        check(
            "group:group:eng:member",
            Some(on("tag", "group:eng")),
            Err("id: group:group:eng:member is not on the resource tag:group:eng that stands beside it"),
        );
        check("team:eng:member", None, Err("id: resource type \"team\" is not known here"));
        check("group:eng:boss", None, Err("id: entitlement slug \"boss\" is not known here"));
        check("group", None, Err("id: entitlement id \"group\" is not known here"));
    }

    #[test]
    fn resources_are_read_from_their_id() {
        let read = |of: &pb::Resource| resource(of).map_err(|error| error.to_string());
        assert_eq!(read(&on("user", "u1")), Ok(ResourceId::new(ResourceKind::User, "u1")));
        assert_eq!(
            read(&on("team", "u1")),
            Err("id.resource_type: resource type \"team\" is not known here".to_owned())
        );
        assert_eq!(read(&pb::Resource::default()), Err("id: must be set".to_owned()));
    }
}
