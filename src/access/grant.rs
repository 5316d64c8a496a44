//! Grants: who holds what.

use super::{EntitlementId, GrantId, ResourceId, ResourceKind};

/// Who else holds the entitlement because this principal does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expandable {
    /// Entitlements of exactly this grant's principal; not empty, unique.
    pub entitlements: Vec<EntitlementId>,
    /// Only direct holders are carried over.
    pub shallow: bool,
    /// Kinds of principal that are carried over; empty means every kind.
    pub kinds: &'static [ResourceKind],
}

/// One grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What is granted.
    pub entitlement: EntitlementId,
    /// To whom.
    pub principal: ResourceId,
    /// Set where the principal stands for several.
    pub expandable: Option<Expandable>,
    /// Cannot be revoked here.
    pub immutable: bool,
    /// Named facts about the grant, such as the text in the policy file; names are unique.
    pub metadata: Vec<(&'static str, String)>,
}

impl Grant {
    /// The grant's id.
    #[must_use]
    pub fn id(&self) -> GrantId {
        GrantId { entitlement: self.entitlement.clone(), principal: self.principal.clone() }
    }
}
