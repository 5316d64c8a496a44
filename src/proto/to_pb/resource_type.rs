//! Resource types.

use crate::access::{ListsNothing, ResourceKind, ResourceType, TypeTrait, fit};
use crate::proto::annotation::pack;
use crate::proto::c1::connector::v2::{self as pb, resource_type::Trait};

/// The highest trait number that every client knows. Older ones fail on a type with a higher one.
const LAST_OLD_TRAIT: Trait = Trait::Secret;

/// A resource type. Without `new_traits` it is shown without the traits that old clients do not know;
/// its resources carry their trait messages all the same.
#[must_use]
pub fn resource_type(of: &ResourceType, new_traits: bool) -> pb::ResourceType {
    pb::ResourceType {
        annotations: match of.lists_nothing {
            ListsNothing::EntitlementsAndGrants => vec![pack(&pb::SkipEntitlementsAndGrants {})],
            ListsNothing::No => Vec::new(),
        },
        description: fit(of.description, 4096),
        ..stub(of, new_traits)
    }
}

/// The type of `kind` as an entitlement's `grantable_to` names it: id, display name, traits.
pub(super) fn grantable_to(kind: ResourceKind, types: &[ResourceType], new_traits: bool) -> pb::ResourceType {
    match types.iter().find(|it| it.kind == kind) {
        Some(of) => stub(of, new_traits),
        None => pb::ResourceType { id: kind.to_string(), ..Default::default() },
    }
}

fn stub(of: &ResourceType, new_traits: bool) -> pb::ResourceType {
    let traits = of.traits.iter().map(|it| number(*it));
    pb::ResourceType {
        id: of.kind.to_string(),
        display_name: fit(of.display_name, 1024),
        traits: traits.filter(|it| new_traits || *it <= LAST_OLD_TRAIT).map(i32::from).collect(),
        ..Default::default()
    }
}

fn number(of: TypeTrait) -> Trait {
    match of {
        TypeTrait::User => Trait::User,
        TypeTrait::Group => Trait::Group,
        TypeTrait::Role => Trait::Role,
        TypeTrait::ManagedDevice => Trait::ManagedDevice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::annotation::find;
    use crate::proto::bounds::Bounded as _;

    const DEVICE: ResourceType = ResourceType {
        kind: ResourceKind::Device,
        display_name: "Device",
        description: "A node of the tailnet",
        traits: &[TypeTrait::ManagedDevice],
        lists_nothing: ListsNothing::No,
        provisioning: false,
    };

    #[test]
    fn new_traits_can_be_left_off() {
        assert_eq!(resource_type(&DEVICE, true).traits, [12]);
        assert_eq!(resource_type(&DEVICE, false).traits, [0; 0]);
        let group = ResourceType { traits: &[TypeTrait::Group], ..DEVICE };
        assert_eq!(resource_type(&group, false).traits, [2]);
    }

    #[test]
    fn types_that_list_nothing_say_so() {
        let skips =
            |of| find::<pb::SkipEntitlementsAndGrants>(&resource_type(&of, true).annotations).unwrap();
        assert_eq!(skips(DEVICE), None);
        let nothing = ResourceType { lists_nothing: ListsNothing::EntitlementsAndGrants, ..DEVICE };
        assert_eq!(skips(nothing), Some(pb::SkipEntitlementsAndGrants {}));
    }

    #[test]
    fn types_stay_in_bounds() {
        let long = "x".repeat(5000).leak();
        let of = ResourceType { display_name: long, description: long, ..DEVICE };
        assert_eq!(resource_type(&of, true).check(), Ok(()));
    }

    #[test]
    fn stubs_carry_no_more_than_a_name() {
        let stub = grantable_to(ResourceKind::Device, &[DEVICE], true);
        assert_eq!((stub.id.as_str(), stub.display_name.as_str()), ("device", "Device"));
        assert_eq!((stub.description.as_str(), stub.annotations.len()), ("", 0));
        assert_eq!(grantable_to(ResourceKind::User, &[DEVICE], true).id, "user");
    }
}
