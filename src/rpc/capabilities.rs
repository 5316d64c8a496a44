//! What the connector can do, as clients are told.

use std::collections::BTreeSet;

use crate::access::ResourceType;
use crate::proto::c1::connector::v2::{
    Capability, CapabilityPermissions, ConnectorCapabilities, ResourceTypeCapability,
};
use crate::proto::to_pb;

/// The capabilities of each resource type, sorted by its id, and of the connector as a whole: the
/// union, and targeted syncs in service mode.
#[must_use]
pub fn capabilities(types: &[ResourceType], provisioning: bool, new_traits: bool) -> ConnectorCapabilities {
    let mut whole = BTreeSet::from([i32::from(Capability::ServiceModeTargetedSync)]);
    let mut of_types: Vec<ResourceTypeCapability> = types
        .iter()
        .map(|of| {
            let capabilities = of_type(of, provisioning);
            whole.extend(&capabilities);
            ResourceTypeCapability {
                resource_type: Some(to_pb::resource_type(of, new_traits)),
                capabilities,
                permissions: Some(CapabilityPermissions::default()),
                ..Default::default()
            }
        })
        .collect();
    of_types.sort_by(|a, b| id(a).cmp(&id(b)));
    ConnectorCapabilities {
        resource_type_capabilities: of_types,
        connector_capabilities: whole.into_iter().collect(),
        credential_details: None,
    }
}

fn id(of: &ResourceTypeCapability) -> Option<&str> {
    of.resource_type.as_ref().map(|it| it.id.as_str())
}

/// In the order of their numbers.
fn of_type(of: &ResourceType, provisioning: bool) -> Vec<i32> {
    let provision = (provisioning && of.provisioning).then_some(Capability::Provision);
    let all = provision.into_iter().chain([Capability::Sync, Capability::TargetedSync]);
    all.map(i32::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{ListsNothing, ResourceKind};
    use crate::proto::bounds::Bounded as _;

    const fn of(kind: ResourceKind, provisioning: bool) -> ResourceType {
        let (display_name, lists_nothing) = ("A type", ListsNothing::No);
        ResourceType { kind, display_name, description: "", traits: &[], lists_nothing, provisioning }
    }

    #[track_caller]
    fn check(provisioning: bool, expected: &[(&str, &[i32])], whole: &[i32]) {
        let types = [of(ResourceKind::User, false), of(ResourceKind::Group, true)];
        let told = capabilities(&types, provisioning, true);
        assert_eq!(told.check(), Ok(()));
        assert_eq!(told.connector_capabilities, whole);
        let of_types: Vec<(&str, &[i32])> = told
            .resource_type_capabilities
            .iter()
            .map(|it| (id(it).unwrap(), it.capabilities.as_slice()))
            .collect();
        assert_eq!(of_types, expected);
        assert!(told.resource_type_capabilities.iter().all(|it| it.permissions.is_some()));
    }

    #[test]
    fn capabilities_follow_the_types_and_the_setting() {
        check(true, &[("group", &[1, 2, 11]), ("user", &[2, 11])], &[1, 2, 11, 13]);
        check(false, &[("group", &[2, 11]), ("user", &[2, 11])], &[2, 11, 13]);
    }
}
