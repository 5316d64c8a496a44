//! The words of access governance: resource types, resources, entitlements and grants.
//!
//! Plain data. Ids are made here and nowhere else; their texts are fixed by the outside interface
//! (`type:resource:slug`, and that plus `:principal-type:principal-id` for grants).

pub mod email;
pub mod entitlement;
pub mod grant;
pub mod id;
pub mod resource;
pub mod resource_type;
pub mod text;

pub use email::is_address;
pub use entitlement::{Entitlement, ExclusionGroup, Purpose};
pub use grant::{Expandable, Grant};
pub use id::{EntitlementId, GrantId, MalformedId, ResourceId, ResourceKind, Slug, bounded, is_shortened};
pub use resource::{
    Attribute, DeviceTrait, GroupSource, Profile, Resource, Status, StatusKind, Trait, UserTrait,
};
pub use resource_type::{ListsNothing, ResourceType, TypeTrait};
pub use text::fit;
