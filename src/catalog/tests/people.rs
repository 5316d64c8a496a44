//! Who a login stands for, and where people belong.

use super::{catalog, device, holders, ids, invite, shared, tailnet, user, with_role};
use crate::access::{ResourceId, ResourceKind, Trait};
use crate::catalog::Options;
use crate::tailnet::{Part, Role, User, UserKind};

const ONE_RULE: &str = r#"{"acls": [
    // tailgrant: id=web
    {"action": "accept", "src": ["ADA@example.com", "ada@example.com", "bob@example.com", "cem@example.com"],
     "dst": ["tag:web:443"]},
]}"#;

fn person(id: &str) -> ResourceId {
    ResourceId::new(ResourceKind::User, id)
}

#[test]
fn a_member_wins_over_shared_users_and_invites() {
    let mut tailnet = tailnet(vec![shared("u1", "Ada@Example.com"), user("u2", "ada@example.com")]);
    tailnet.invites = Part::Read(vec![
        invite("i1", Some("ada@example.com")),
        invite("i3", Some("Bob@example.com")),
        invite("i2", Some("bob@example.com")),
        invite("i4", None),
    ]);
    let catalog = catalog(&tailnet, ONE_RULE, Options::default());
    assert_eq!(
        holders(&catalog, ResourceKind::AclRule, "acl:web"),
        ["member user:i2", "member user:policy:cem@example.com", "member user:u2"]
    );
    assert_eq!(
        ids(&catalog, ResourceKind::User),
        ["i1", "i2", "i3", "i4", "policy:cem@example.com", "u1", "u2"]
    );
}

#[test]
fn link_only_invites_hold_nothing() {
    let mut tailnet = tailnet(Vec::new());
    tailnet.invites = Part::Read(vec![invite("48151623", None)]);
    let catalog = catalog(&tailnet, r#"{"groups": {"group:eng": [""]}, "acls": []}"#, Options::default());
    let invite = catalog.resource(&person("48151623")).unwrap();
    assert_eq!(invite.display_name, "Invite link …151623");
    let Trait::User(details) = &invite.details else { panic!("{invite:?}") };
    assert_eq!((details.login.as_str(), details.emails.len()), ("", 0));
    assert_eq!(holders(&catalog, ResourceKind::Group, "group:eng"), ["member network:host:"]);
}

#[test]
fn roles() {
    let tailnet = tailnet(vec![
        with_role(Role::Owner, user("u1", "ada@example.com")),
        with_role(Role::Admin, user("u2", "bob@example.com")),
        user("u3", "cem@example.com"),
        shared("u4", "dan@example.org"),
        with_role(Role::Auditor, shared("u5", "eve@example.org")),
        with_role(Role::from_word("janitor"), user("u6", "fay@example.com")),
    ]);
    let catalog = catalog(&tailnet, r#"{"acls": []}"#, Options::default());
    for (role, expected) in [
        ("owner", &["member user:u1!"][..]),
        ("admin", &["member user:u2"]),
        ("member", &["member user:u3!"]),
        ("auditor", &["member user:u5"]),
        ("janitor", &["member user:u6!"]),
        ("it-admin", &[]),
    ] {
        assert_eq!(holders(&catalog, ResourceKind::Role, role), expected, "{role}");
    }
    let mut strength: Vec<(u32, &str)> = Vec::new();
    for role in catalog.resources(ResourceKind::Role) {
        let [entitlement] = catalog.entitlements(&role.id) else { panic!("{role:?}") };
        assert_eq!(entitlement.immutable, ["owner", "janitor"].contains(&role.id.id()), "{role:?}");
        if let Some(exclusion) = &entitlement.exclusion {
            assert_eq!(exclusion.is_default, role.id.id() == "member");
            strength.push((exclusion.order, role.id.id()));
        }
    }
    strength.sort_unstable();
    assert_eq!(
        strength.iter().map(|(_, role)| *role).collect::<Vec<_>>(),
        ["member", "auditor", "billing-admin", "network-admin", "it-admin", "admin", "owner"]
    );
}

#[test]
fn autogroups_list_who_is_in_them() {
    let mut tailnet = tailnet(vec![
        with_role(Role::Owner, user("u1", "ada@example.com")),
        with_role(Role::Admin, user("u2", "bob@Example.com")),
        user("u3", "cem@example.org"),
        shared("u4", "dan@example.com"),
        User { kind: UserKind::from_word("robot"), ..user("u5", "eve@example.com") },
    ]);
    tailnet.devices =
        Part::Read(vec![device("1", "ada@example.com", &[]), device("2", "ada@example.com", &["tag:db"])]);
    let policy = r#"{"acls": [{"action": "accept", "dst": ["*:*"], "src": [
        "*", "autogroup:members", "autogroup:admin", "autogroup:owner", "autogroup:shared", "autogroup:tagged",
        "autogroup:danger-all", "autogroup:self", "autogroup:robots", "user:*@example.com",
    ]}]}"#;
    let all = ["member user:u1!", "member user:u2!", "member user:u3!", "member user:u4!", "member user:u5!"];
    for expand_everyone in [false, true] {
        let catalog = catalog(&tailnet, policy, Options { expand_everyone, ..Options::default() });
        let members = |id| holders(&catalog, ResourceKind::Autogroup, id);
        assert_eq!(members("*"), all);
        assert_eq!(members("autogroup:danger-all"), all);
        assert_eq!(members("autogroup:member"), all[..3]);
        assert_eq!(members("autogroup:admin"), all[..2]);
        assert_eq!(members("autogroup:owner"), all[..1]);
        assert_eq!(members("autogroup:shared"), all[3..4]);
        assert_eq!(
            members("user:*@example.com"),
            all[..1],
            "domains are compared with case, guests are no members"
        );
        assert_eq!(members("autogroup:tagged"), ["member device:n2CNTRL!"]);
        assert_eq!(members("autogroup:self"), [""; 0]);
        assert_eq!(members("autogroup:robots"), [""; 0]);

        let rule = catalog.resources(ResourceKind::AclRule).first().unwrap();
        let everyone = if expand_everyone { "+" } else { "" };
        assert_eq!(
            holders(&catalog, ResourceKind::AclRule, rule.id.id()),
            [
                format!("member autogroup:*{everyone}"),
                "member autogroup:autogroup:admin+".to_owned(),
                format!("member autogroup:autogroup:danger-all{everyone}"),
                format!("member autogroup:autogroup:member{everyone}"),
                "member autogroup:autogroup:owner+".to_owned(),
                "member autogroup:autogroup:robots+".to_owned(),
                "member autogroup:autogroup:self+".to_owned(),
                "member autogroup:autogroup:shared+".to_owned(),
                "member autogroup:autogroup:tagged".to_owned(),
                "member autogroup:user:*@example.com+".to_owned(),
            ]
        );
    }
}

#[test]
fn devices_belong_to_people_or_to_tags() {
    let mut tailnet = tailnet(vec![user("u1", "Ada@Example.com"), shared("u2", "bob@example.org")]);
    let external = |id, login| crate::tailnet::Device { is_external: true, ..device(id, login, &[]) };
    tailnet.devices = Part::Read(vec![
        device("1", "ada@example.com", &[]),
        device("2", "ada@example.com", &["tag:db", "tag:web"]),
        external("3", "bob@example.org"),
        external("4", "Cem@example.net"),
        device("5", "tagged-devices", &[]),
    ]);
    let catalog = catalog(&tailnet, r#"{"tagOwners": {"tag:db": []}, "acls": []}"#, Options::default());
    let holders = |kind, id| holders(&catalog, kind, id);
    assert_eq!(ids(&catalog, ResourceKind::Device), ["n1CNTRL", "n2CNTRL", "n3CNTRL", "n4CNTRL", "n5CNTRL"]);
    assert_eq!(holders(ResourceKind::Device, "n1CNTRL"), ["assigned user:u1!"]);
    assert_eq!(holders(ResourceKind::Device, "n2CNTRL"), [""; 0]);
    assert_eq!(holders(ResourceKind::Device, "n3CNTRL"), ["assigned user:u2!"]);
    assert_eq!(holders(ResourceKind::Device, "n4CNTRL"), ["assigned user:policy:cem@example.net!"]);
    assert_eq!(holders(ResourceKind::Device, "n5CNTRL"), [""; 0]);
    assert_eq!(catalog.entitlements(&ResourceId::new(ResourceKind::Device, "n2CNTRL")), []);
    assert_eq!(
        holders(ResourceKind::Tag, "tag:db"),
        ["owner autogroup:autogroup:admin+!", "assigned device:n2CNTRL!"]
    );
    assert_eq!(holders(ResourceKind::Tag, "tag:web"), ["assigned device:n2CNTRL!"]);
}
