//! Resource types: what kinds of thing a connector lists.

use super::ResourceKind;

/// Trait of a resource type: which shape its resources have on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeTrait {
    /// Accounts of people.
    User,
    /// Sets of people.
    Group,
    /// Roles.
    Role,
    /// Devices. Clients older than enum number 5 do not know it.
    ManagedDevice,
}

/// What a client need not ask for, because no resource of the type ever has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListsNothing {
    /// The type has entitlements and grants.
    No,
    /// Neither entitlements nor grants.
    EntitlementsAndGrants,
}

/// One resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// Also the type's id.
    pub kind: ResourceKind,
    /// 1 to 1024 bytes.
    pub display_name: &'static str,
    /// 1 to 4096 bytes.
    pub description: &'static str,
    /// Traits, without duplicates.
    pub traits: &'static [TypeTrait],
    /// Skip annotation.
    pub lists_nothing: ListsNothing,
    /// Whether Grant and Revoke are offered.
    pub provisioning: bool,
}
