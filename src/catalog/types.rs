//! The resource types, the same for every tailnet.

use crate::access::{ListsNothing, ResourceKind, ResourceType, TypeTrait};

/// Every resource type, in the order in which they are listed.
#[must_use]
pub fn resource_types() -> &'static [ResourceType] {
    &TYPES
}

static TYPES: [ResourceType; ResourceKind::ALL.len()] = [
    ResourceType {
        kind: ResourceKind::User,
        display_name: "User",
        description: "Members of the tailnet, shared users, open invites, and addresses that only the policy file knows.",
        traits: &[TypeTrait::User],
        lists_nothing: ListsNothing::EntitlementsAndGrants,
        provisioning: false,
    },
    ResourceType {
        kind: ResourceKind::Role,
        display_name: "Role",
        description: "Roles of the tailnet. Everybody has exactly one.",
        traits: &[TypeTrait::Role],
        lists_nothing: ListsNothing::No,
        provisioning: true,
    },
    ResourceType {
        kind: ResourceKind::Group,
        display_name: "Group",
        description: "Groups of the policy file, and groups synced from a directory.",
        traits: &[TypeTrait::Group],
        lists_nothing: ListsNothing::No,
        provisioning: true,
    },
    ResourceType {
        kind: ResourceKind::Autogroup,
        display_name: "Autogroup",
        description: "Sets that the tailnet computes: all members, holders of a role, a login domain, everybody.",
        traits: &[TypeTrait::Group],
        lists_nothing: ListsNothing::No,
        provisioning: false,
    },
    ResourceType {
        kind: ResourceKind::Tag,
        display_name: "Tag",
        description: "Device tags: who may assign them, and which devices carry them.",
        traits: &[],
        lists_nothing: ListsNothing::No,
        provisioning: true,
    },
    ResourceType {
        kind: ResourceKind::Device,
        display_name: "Device",
        description: "Devices of the tailnet, and devices shared into it.",
        traits: &[TypeTrait::ManagedDevice],
        lists_nothing: ListsNothing::No,
        provisioning: false,
    },
    ResourceType {
        kind: ResourceKind::Network,
        display_name: "Network",
        description: "Host aliases, address sets, addresses and prefixes that rules name as sources.",
        traits: &[],
        lists_nothing: ListsNothing::EntitlementsAndGrants,
        provisioning: false,
    },
    ResourceType {
        kind: ResourceKind::AclRule,
        display_name: "ACL rule",
        description: "Network access: rules of the policy file's acls section.",
        traits: &[],
        lists_nothing: ListsNothing::No,
        provisioning: true,
    },
    ResourceType {
        kind: ResourceKind::SshRule,
        display_name: "SSH rule",
        description: "Tailscale SSH access: rules of the policy file's ssh section.",
        traits: &[],
        lists_nothing: ListsNothing::No,
        provisioning: true,
    },
    ResourceType {
        kind: ResourceKind::GrantRule,
        display_name: "Grant rule",
        description: "Network and application access: rules of the policy file's grants section.",
        traits: &[],
        lists_nothing: ListsNothing::No,
        provisioning: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_once_and_in_order() {
        let kinds: Vec<ResourceKind> = resource_types().iter().map(|listed| listed.kind).collect();
        assert_eq!(kinds, ResourceKind::ALL);
    }

    #[test]
    fn texts_fit_the_wire() {
        for listed in resource_types() {
            assert!((1..=1024).contains(&listed.display_name.len()), "{listed:?}");
            assert!((1..=4096).contains(&listed.description.len()), "{listed:?}");
        }
    }
}
