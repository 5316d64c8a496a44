//! Whole records, as clients see them.
#![expect(deprecated, reason = "older readers know only the traits' own profile, status and creation time")]

use jiff::Timestamp;
use prost::{Message, Name};
use prost_types::value::Kind;

use super::{entitlement, grant, resource};
use crate::access::{
    Attribute, DeviceTrait, Entitlement, EntitlementId, ExclusionGroup, Expandable, Grant, GroupSource,
    ListsNothing, Purpose, Resource, ResourceId, ResourceKind, ResourceType, Slug, Status, StatusKind, Trait,
    TypeTrait, UserTrait,
};
use crate::proto::annotation::find;
use crate::proto::bounds::Bounded;
use crate::proto::c1::connector::v2::{
    self as pb, device_os::OsType, entitlement::PurposeValue, managed_device_trait::DeviceType,
    status::ResourceStatus,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn a_resource(kind: ResourceKind, details: Trait) -> Resource {
    Resource {
        id: ResourceId::new(kind, "r1"),
        display_name: "Ada Lovelace".to_owned(),
        description: String::new(),
        status: None,
        created: Some(at("2026-01-02T03:04:05.5Z")),
        profile: vec![("logins", Attribute::Number(3)), ("shared", Attribute::Flag(true))],
        details,
        raw_id: None,
        aliases: Vec::new(),
    }
}

/// The annotation of type `M`, which must be there and in bounds.
#[track_caller]
fn the<M: Message + Name + Default + Bounded>(annotations: &[prost_types::Any]) -> M {
    let found = find::<M>(annotations).unwrap().expect(M::NAME);
    assert_eq!(found.check(), Ok(()));
    found
}

#[test]
fn users() {
    let details = UserTrait {
        login: "ada@example.com".to_owned(),
        emails: vec!["ada@exa_mple".to_owned(), "ada@example.com".to_owned(), "ada@example.org".to_owned()],
        last_login: Some(at("1969-12-31T23:59:59.25Z")),
    };
    let status = Status { kind: StatusKind::Disabled, details: "suspended".to_owned() };
    let user = Resource { status: Some(status), ..a_resource(ResourceKind::User, Trait::User(details)) };
    let written = resource(&user);
    assert_eq!(written.check(), Ok(()));

    let expected = pb::Status { status: ResourceStatus::Disabled.into(), details: "suspended".to_owned() };
    assert_eq!(written.status, Some(expected));
    let traits: pb::UserTrait = the(&written.annotations);
    assert_eq!(traits.login, "ada@example.com");
    let emails: Vec<_> = traits.emails.iter().map(|it| (it.address.as_str(), it.is_primary)).collect();
    assert_eq!(emails, [("ada@example.com", true), ("ada@example.org", false)], "a bad address is left out");
    assert_eq!(traits.account_type, pb::user_trait::AccountType::Human as i32);
    assert_eq!(traits.last_login, Some(prost_types::Timestamp { seconds: -1, nanos: 250_000_000 }));
    // What has moved to the resource is still in the trait.
    assert_eq!(traits.profile, written.profile);
    assert_eq!(traits.created_at, written.created_at);
    assert_eq!(traits.status.map(|it| (it.status, it.details)), Some((2, "suspended".to_owned())));
    let names: Vec<_> = written.profile.unwrap().fields.into_keys().collect();
    assert_eq!(names, ["logins", "shared"]);
}

#[test]
fn groups_and_roles() {
    for (source, word) in [
        (GroupSource::Native, "native"),
        (GroupSource::BuiltIn, "built_in"),
        (GroupSource::DirectorySynced, "directory_synced"),
    ] {
        let written = resource(&a_resource(ResourceKind::Group, Trait::Group(source)));
        let traits: pb::GroupTrait = the(&written.annotations);
        assert_eq!((traits.group_source_type.as_str(), traits.profile), (word, written.profile));
    }
    let written = resource(&a_resource(ResourceKind::Role, Trait::Role));
    assert_eq!(the::<pb::RoleTrait>(&written.annotations).profile, written.profile);
}

#[track_caller]
fn check_os(word: &str, os: Option<OsType>, kind: DeviceType) {
    let details = DeviceTrait { os: word.to_owned(), enrolled: Some(at("2026-01-02T03:04:05Z")) };
    let written = resource(&a_resource(ResourceKind::Device, Trait::Device(details)));
    let traits: pb::ManagedDeviceTrait = the(&written.annotations);
    assert_eq!(traits.os.as_ref().map(pb::DeviceOs::r#type), os, "{word}");
    assert_eq!(traits.device_type(), kind, "{word}");
    assert_eq!(traits.management_state, 0);
    assert_eq!(traits.enrolled_at.map(|at| at.seconds), Some(1_767_323_045));
}

#[test]
fn devices() {
    check_os("linux", Some(OsType::Linux), DeviceType::Unspecified);
    check_os("macOS", Some(OsType::Macos), DeviceType::Unspecified);
    check_os("windows", Some(OsType::Windows), DeviceType::Unspecified);
    check_os("iOS", Some(OsType::Ios), DeviceType::Mobile);
    check_os("android", Some(OsType::Android), DeviceType::Mobile);
    check_os("freebsd", Some(OsType::Other), DeviceType::Unspecified);
    check_os("", None, DeviceType::Unspecified);
}

#[test]
fn resources_have_other_ids() {
    let aliases = ["a", "b", "a", "", &"x".repeat(257)].map(str::to_owned).to_vec();
    let device = Resource {
        raw_id: Some("n123".to_owned()),
        aliases,
        ..a_resource(ResourceKind::Device, Trait::None)
    };
    let annotations = resource(&device).annotations;
    assert_eq!(the::<pb::RawId>(&annotations).id, "n123");
    assert_eq!(the::<pb::Aliases>(&annotations).ids, ["a", "b"]);

    let many = Resource { aliases: (0..200).map(|at| at.to_string()).collect(), ..device };
    assert_eq!(the::<pb::Aliases>(&resource(&many).annotations).ids.len(), 100);
    let none = a_resource(ResourceKind::Device, Trait::None);
    assert_eq!(resource(&none).annotations, []);
}

#[test]
fn long_texts_are_cut() {
    let long = "ä".repeat(5_000);
    let status = Status { kind: StatusKind::Enabled, details: long.clone() };
    let written = resource(&Resource {
        display_name: long.clone(),
        description: long.clone(),
        status: Some(status),
        ..a_resource(ResourceKind::User, Trait::User(UserTrait::default()))
    });
    assert_eq!(written.check(), Ok(()));
    the::<pb::UserTrait>(&written.annotations);
    assert!(written.display_name.len() > 1_000 && written.display_name.ends_with('…'));

    let written = entitlement(
        &Entitlement { display_name: long.clone(), description: long, ..an_entitlement() },
        &[],
        true,
    );
    assert_eq!(written.check(), Ok(()));
}

fn an_entitlement() -> Entitlement {
    Entitlement {
        id: EntitlementId { resource: ResourceId::new(ResourceKind::Role, "admin"), slug: Slug::Member },
        display_name: "Admin".to_owned(),
        description: "May change everything".to_owned(),
        purpose: Purpose::Assignment,
        grantable_to: &[ResourceKind::User],
        immutable: false,
        exclusion: None,
    }
}

#[test]
fn entitlements() {
    const USER: ResourceType = ResourceType {
        kind: ResourceKind::User,
        display_name: "User",
        description: "A person",
        traits: &[TypeTrait::User],
        lists_nothing: ListsNothing::No,
        provisioning: false,
    };
    let written = entitlement(&an_entitlement(), &[USER], true);
    assert_eq!(written.check(), Ok(()));
    assert_eq!((written.id.as_str(), written.slug.as_str()), ("role:admin:member", "member"));
    assert_eq!(written.purpose(), PurposeValue::Assignment);
    assert_eq!(written.annotations, []);
    let on = written.resource.and_then(|it| it.id).unwrap();
    assert_eq!((on.resource_type.as_str(), on.resource.as_str()), ("role", "admin"));
    let to: Vec<_> = written.grantable_to.iter().map(|it| (it.id.as_str(), it.traits.as_slice())).collect();
    assert_eq!(to, [("user", [1].as_slice())]);

    let exclusion = ExclusionGroup { id: "roles", order: 3, is_default: true };
    let special = Entitlement { immutable: true, exclusion: Some(exclusion), ..an_entitlement() };
    let annotations = entitlement(&special, &[], true).annotations;
    the::<pb::EntitlementImmutable>(&annotations);
    let group: pb::EntitlementExclusionGroup = the(&annotations);
    assert_eq!((group.exclusion_group_id.as_str(), group.order, group.is_default), ("roles", 3, true));
    assert!(!group.scope_to_resource);
}

#[test]
fn grants() {
    let rule = ResourceId::new(ResourceKind::SshRule, "ssh:1f");
    let group = ResourceId::new(ResourceKind::Group, "group:eng");
    let plain = Grant {
        entitlement: EntitlementId { resource: rule, slug: Slug::Member },
        principal: group.clone(),
        expandable: None,
        immutable: false,
        metadata: Vec::new(),
    };
    let written = grant(&plain);
    assert_eq!(written.check(), Ok(()));
    assert_eq!(written.id, "sshrule:ssh:1f:member:group:group:eng");
    assert_eq!((written.annotations.as_slice(), written.sources), ([].as_slice(), None));
    let principal = written.principal.and_then(|it| it.id).unwrap();
    assert_eq!((principal.resource_type.as_str(), principal.resource.as_str()), ("group", "group:eng"));
    assert_eq!(written.entitlement.unwrap().id, "sshrule:ssh:1f:member");

    let special = Grant {
        expandable: Some(Expandable {
            entitlements: vec![EntitlementId { resource: group, slug: Slug::Member }],
            shallow: true,
            kinds: &[ResourceKind::User],
        }),
        immutable: true,
        metadata: vec![("selector", "group:eng".to_owned())],
        ..plain
    };
    let annotations = grant(&special).annotations;
    let expandable: pb::GrantExpandable = the(&annotations);
    assert_eq!(expandable.entitlement_ids, ["group:group:eng:member"]);
    assert_eq!((expandable.shallow, expandable.resource_type_ids), (true, vec!["user".to_owned()]));
    the::<pb::GrantImmutable>(&annotations);
    let facts = the::<pb::GrantMetadata>(&annotations).metadata.unwrap().fields;
    assert_eq!(facts.into_keys().collect::<Vec<_>>(), ["selector"]);
}

#[test]
fn what_has_no_bound_upstream_has_one_here() {
    let many: Vec<String> = (0..300_000).map(|at| format!("fd7a:115c:a1e0::{at:x}")).collect();
    let vast = Resource {
        profile: vec![
            ("items", Attribute::Texts(many.clone())),
            ("few", Attribute::Texts(many.iter().take(200).cloned().collect())),
            ("app", Attribute::Texts(vec!["x".repeat(5000); 1000])),
            ("address", Attribute::Text("x".repeat(5_000_000))),
        ],
        raw_id: Some("x".repeat(5_000_000)),
        ..a_resource(
            ResourceKind::User,
            Trait::User(UserTrait { login: "x".repeat(5_000_000), ..UserTrait::default() }),
        )
    };
    let written = resource(&vast);
    assert_eq!(written.check(), Ok(()));
    assert!(written.encoded_len() < 512 << 10, "{} bytes", written.encoded_len());
    assert!(find::<pb::RawId>(&written.annotations).unwrap().is_none(), "a cut id would be another");

    let profile = written.profile.unwrap().fields;
    let texts = |name: &str| -> Vec<String> {
        let Some(Kind::ListValue(list)) = &profile[name].kind else { panic!("{name} is no list") };
        list.values.iter().map(|value| text_of(value).to_owned()).collect()
    };
    let items = texts("items");
    assert_eq!((items.len(), &items[..200]), (201, &many[..200]));
    assert_eq!(items[200], "and 299800 more");
    assert_eq!(texts("few"), many[..200]);
    assert_eq!(texts("app")[0], format!("{}…", "x".repeat(1021)));
    assert_eq!(text_of(&profile["address"]).len(), 1024);
}

#[track_caller]
fn text_of(value: &prost_types::Value) -> &str {
    let Some(Kind::StringValue(text)) = &value.kind else { panic!("{value:?} is no text") };
    text
}
