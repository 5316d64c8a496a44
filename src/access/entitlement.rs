//! Entitlements: what can be granted.

use super::{EntitlementId, ResourceKind};

/// What an entitlement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Belonging.
    Assignment,
    /// Being allowed something.
    Permission,
    /// Owning.
    Ownership,
}

/// Entitlements of which a principal holds at most one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionGroup {
    /// Id of the group; at most 50 entitlements share one.
    pub id: &'static str,
    /// Strength: a higher one is more.
    pub order: u32,
    /// Held when nothing else of the group is. At most one of the group.
    pub is_default: bool,
}

/// One entitlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// Resource and slug.
    pub id: EntitlementId,
    /// Up to 1024 bytes, not empty.
    pub display_name: String,
    /// Up to 2048 bytes; empty means none.
    pub description: String,
    /// What it is about.
    pub purpose: Purpose,
    /// Kinds of principal it can be granted to; for immutable ones, the kinds that hold it.
    pub grantable_to: &'static [ResourceKind],
    /// Neither Grant nor Revoke can change it.
    pub immutable: bool,
    /// Exclusion group, if it is in one.
    pub exclusion: Option<ExclusionGroup>,
}
