//! What an entitlement id asks to change.

use crate::access::{EntitlementId, ResourceId, ResourceKind, Slug, is_shortened};
use crate::catalog::DEFAULT_RULE;
use crate::connector::Error;
use crate::connector::direction::Direction;
use crate::policy::{ListId, Section};
use crate::tailnet::Role;

/// What Grant and Revoke can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A list in the policy file.
    List(ListId),
    /// A role of the tailnet.
    Role(Role),
}

/// Why an entitlement cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoTarget {
    /// No resource of this type has it.
    Unknown,
    /// It follows from other facts; what to change instead.
    Computed(&'static str),
    /// The id is not the name but was made of it, so that the list cannot be found.
    Shortened,
}

impl Target {
    /// What the id names. Whether that is there, only the policy file or the tailnet can tell.
    pub(super) fn of(entitlement: &EntitlementId) -> Result<Self, NoTarget> {
        if is_shortened(entitlement.resource.id()) {
            return Err(NoTarget::Shortened);
        }
        let id = || entitlement.resource.id().to_owned();
        let rule = |section| Ok(Self::List(ListId::Rule(section, id())));
        match (entitlement.resource.kind(), entitlement.slug) {
            (ResourceKind::Group, Slug::Member) => Ok(Self::List(ListId::Group(id()))),
            (ResourceKind::Tag, Slug::Owner) => Ok(Self::List(ListId::TagOwners(id()))),
            (ResourceKind::AclRule, Slug::Member) if entitlement.resource.id() == DEFAULT_RULE => {
                Err(NoTarget::Computed(
                    "a policy file with neither acls nor grants allows everything: write one of these sections",
                ))
            }
            (ResourceKind::AclRule, Slug::Member) => rule(Section::Acls),
            (ResourceKind::SshRule, Slug::Member) => rule(Section::Ssh),
            (ResourceKind::GrantRule, Slug::Member) => rule(Section::Grants),
            (ResourceKind::Role, Slug::Member) => Ok(Self::Role(Role::from_word(entitlement.resource.id()))),
            (ResourceKind::Autogroup, Slug::Member) => Err(NoTarget::Computed(
                "the tailnet computes it from roles, domains and membership: change those",
            )),
            (ResourceKind::Tag, Slug::Assigned) => {
                Err(NoTarget::Computed("tagging a device cannot be undone by the API: tag it by hand"))
            }
            (ResourceKind::Device, Slug::Assigned) => {
                Err(NoTarget::Computed("a device belongs to whoever registered it"))
            }
            _ => Err(NoTarget::Unknown),
        }
    }

    /// Makes sure that principals of this kind can be granted it.
    pub(super) fn check_grantable_to(
        &self,
        entitlement: &EntitlementId,
        principal: &ResourceId,
    ) -> Result<(), Error> {
        let kinds: &[ResourceKind] = match self {
            Self::List(ListId::Group(_)) | Self::Role(_) => &[ResourceKind::User],
            Self::List(ListId::TagOwners(_)) => {
                &[ResourceKind::User, ResourceKind::Group, ResourceKind::Autogroup, ResourceKind::Tag]
            }
            Self::List(ListId::Rule(..)) => &[ResourceKind::User, ResourceKind::Group, ResourceKind::Tag],
        };
        if kinds.contains(&principal.kind()) { Ok(()) } else { Err(wrong_kind(entitlement, principal)) }
    }
}

impl NoTarget {
    /// What the caller is told; that of a Grant also that repeating it is no use.
    pub(super) fn into_error(
        self,
        tailnet: &str,
        entitlement: &EntitlementId,
        direction: Direction,
    ) -> Error {
        match self {
            Self::Unknown if direction == Direction::Grant => {
                Error::NotFound { tailnet: tailnet.to_owned(), what: format!("entitlement {entitlement}") }
            }
            // Nobody could have been granted it here, so nothing can be said about who holds it.
            Self::Unknown => Error::Refused {
                tailnet: tailnet.to_owned(),
                reason: format!("no entitlement {entitlement} is known here, so it cannot be revoked"),
                cancelled: false,
            },
            Self::Computed(instead) => Error::Refused {
                tailnet: tailnet.to_owned(),
                reason: format!("entitlement {entitlement} can be neither granted nor revoked: {instead}"),
                cancelled: direction == Direction::Grant,
            },
            Self::Shortened => shortened(tailnet, entitlement.resource.id(), direction),
        }
    }
}

/// Nothing can be said about who holds what under such a name, so neither way is open.
pub(super) fn shortened(tailnet: &str, id: &str, direction: Direction) -> Error {
    Error::Refused {
        tailnet: tailnet.to_owned(),
        reason: format!(
            "{id} stands for a name of more than 256 bytes; change it in the policy file by hand"
        ),
        cancelled: direction == Direction::Grant,
    }
}

/// A principal that cannot hold the entitlement.
pub(super) fn wrong_kind(entitlement: &EntitlementId, principal: &ResourceId) -> Error {
    Error::Invalid(format!("entitlement {entitlement} is not for principals of type {}", principal.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(entitlement: &str, expected: Result<Target, NoTarget>) {
        let found = Target::of(&entitlement.parse().unwrap());
        match (found, expected) {
            (Err(NoTarget::Computed(_)), Err(NoTarget::Computed(_))) => {}
            (found, expected) => assert_eq!(found, expected, "{entitlement}"),
        }
    }

    #[test]
    fn entitlements_name_lists_and_roles() {
        check("group:group:eng:member", Ok(Target::List(ListId::Group("group:eng".to_owned()))));
        check("tag:tag:db:owner", Ok(Target::List(ListId::TagOwners("tag:db".to_owned()))));
        check("aclrule:acl:web:member", Ok(Target::List(ListId::Rule(Section::Acls, "acl:web".to_owned()))));
        check("sshrule:ssh:web:member", Ok(Target::List(ListId::Rule(Section::Ssh, "ssh:web".to_owned()))));
        check(
            "grantrule:grant:db:member",
            Ok(Target::List(ListId::Rule(Section::Grants, "grant:db".to_owned()))),
        );
        check("role:admin:member", Ok(Target::Role(Role::Admin)));
    }

    #[test]
    fn computed_entitlements_are_no_targets() {
        check("autogroup:autogroup:admin:member", Err(NoTarget::Computed("")));
        check("tag:tag:db:assigned", Err(NoTarget::Computed("")));
        check("device:n1:assigned", Err(NoTarget::Computed("")));
        check("aclrule:acl:default-allow-all:member", Err(NoTarget::Computed("")));
        check("user:u1:member", Err(NoTarget::Unknown));
        check("group:group:eng:owner", Err(NoTarget::Unknown));
    }

    #[test]
    fn what_was_made_of_a_long_name_is_no_target() {
        let long = format!("group:{}", "x".repeat(300));
        check(&format!("group:{}:member", crate::access::bounded(long.as_bytes())), Err(NoTarget::Shortened));
    }

    #[track_caller]
    fn check_kinds(entitlement: &str, expected: &[ResourceKind]) {
        let entitlement: EntitlementId = entitlement.parse().unwrap();
        let target = Target::of(&entitlement).unwrap();
        let kinds: Vec<ResourceKind> = ResourceKind::ALL
            .into_iter()
            .filter(|&kind| target.check_grantable_to(&entitlement, &ResourceId::new(kind, "x")).is_ok())
            .collect();
        assert_eq!(kinds, expected, "{entitlement}");
    }

    #[test]
    fn each_target_has_its_kinds_of_principal() {
        use ResourceKind::{Autogroup, Group, Tag, User};
        check_kinds("group:group:eng:member", &[User]);
        check_kinds("role:admin:member", &[User]);
        check_kinds("tag:tag:db:owner", &[User, Group, Autogroup, Tag]);
        check_kinds("sshrule:ssh:web:member", &[User, Group, Tag]);
    }
}
