//! Groups, tags and rules of the policy file, and what directives and ids do to them.

use super::{catalog, catalog_of, device, holders, ids, tailnet};
use crate::access::{Entitlement, GroupSource, ResourceId, ResourceKind, Slug, Trait, bounded};
use crate::catalog::{Catalog, IdScheme, Options};
use crate::tailnet::Part;

fn entitlement<'c>(catalog: &'c Catalog, kind: ResourceKind, id: &str) -> &'c Entitlement {
    catalog.entitlements(&ResourceId::new(kind, id)).first().unwrap()
}

#[test]
fn every_source_is_a_grant() {
    let catalog = catalog_of(
        r#"{
            "hosts": {"web": "10.0.0.7"},
            "acls": [
                // tailgrant: id=r
                {"action": "accept", "dst": ["group:dev:443"], "src": [
                    "ada@example.com", "group:eng", "group:ops@example.com", "tag:ci", "autogroup:admin", "web",
                    "ipset:lab", "FD7A::1/128", "10.1.2.3/8", "nowhere", " group:eng ",
                ]},
            ],
        }"#,
    );
    assert_eq!(
        holders(&catalog, ResourceKind::AclRule, "acl:r"),
        [
            "member user:policy:ada@example.com",
            "member group:group:eng+",
            "member group:group:ops@example.com+",
            "member autogroup:autogroup:admin+",
            "member tag:tag:ci",
            "member network:host:nowhere",
            "member network:host:web",
            "member network:ip:10.0.0.0/8",
            "member network:ip:fd7a::1",
            "member network:ipset:lab",
        ]
    );
    assert_eq!(ids(&catalog, ResourceKind::Group), ["group:eng", "group:ops@example.com"], "no group:dev");
}

#[test]
fn only_local_defined_groups_can_be_changed() {
    let catalog = catalog_of(
        r#"{
            "groups": {"group:eng": ["ada@example.com", "group:ops"], "group:odd": null},
            "acls": [{"action": "accept", "src": ["group:eng", "group:it@example.com", "group:gone"], "dst": ["*:*"]}],
        }"#,
    );
    for (id, source, immutable) in [
        ("group:eng", GroupSource::Native, false),
        ("group:gone", GroupSource::Native, true),
        ("group:it@example.com", GroupSource::DirectorySynced, true),
        ("group:odd", GroupSource::Native, true),
        ("group:ops", GroupSource::Native, true),
    ] {
        let group = catalog.resource(&ResourceId::new(ResourceKind::Group, id)).unwrap();
        assert_eq!(group.details, Trait::Group(source), "{id}");
        assert_eq!(entitlement(&catalog, ResourceKind::Group, id).immutable, immutable, "{id}");
    }
    assert_eq!(
        holders(&catalog, ResourceKind::Group, "group:eng"),
        ["member user:policy:ada@example.com", "member group:group:ops+"]
    );
    let finding = r#"policy line 2, column 57: group:eng lists "group:ops", which is no login name"#;
    assert!(catalog.findings().iter().any(|known| known == finding), "{:?}", catalog.findings());
}

#[test]
fn ssh_accounts_are_no_people() {
    let catalog = catalog_of(
        r#"{"ssh": [{"action": "accept", "src": ["tag:ci"], "dst": ["tag:db"], "users": ["bob@example.com", "group:x"]}]}"#,
    );
    assert_eq!(ids(&catalog, ResourceKind::User), [""; 0]);
    assert_eq!(ids(&catalog, ResourceKind::Group), [""; 0]);
}

#[test]
fn whom_a_rule_admits() {
    use ResourceKind::{Group, Tag, User};
    for (section, body, expected) in [
        ("acls", r#""dst": ["tag:db:22"]"#, &[User, Group, Tag][..]),
        ("acls", r#""dst": ["autogroup:self:*"]"#, &[User, Group]),
        ("grants", r#""ip": ["*"], "dst": ["autogroup:self"]"#, &[User, Group]),
        ("ssh", r#""action": "accept", "dst": ["tag:db"]"#, &[User, Group, Tag]),
        ("ssh", r#""action": "check", "dst": ["tag:db"]"#, &[User, Group]),
        ("ssh", r#""action": "accept", "dst": ["ada@example.com"]"#, &[User]),
        ("ssh", r#""action": "accept", "dst": ["ada@example.com", "bob@example.com"]"#, &[]),
    ] {
        let catalog = catalog_of(&format!(r#"{{"{section}": [{{{body}}}]}}"#));
        // The rule that allows everything where there are no network rules comes before them.
        let kinds = [ResourceKind::GrantRule, ResourceKind::SshRule, ResourceKind::AclRule];
        let rule = kinds.into_iter().find_map(|kind| catalog.resources(kind).first()).unwrap();
        let [entitlement] = catalog.entitlements(&rule.id) else { panic!("{body}") };
        assert_eq!(entitlement.grantable_to, expected, "{body}");
    }
}

#[test]
fn a_policy_without_network_rules_allows_everything() {
    let catalog = catalog_of(r#"{"ssh": []}"#);
    assert_eq!(holders(&catalog, ResourceKind::AclRule, "acl:default-allow-all"), ["member autogroup:*!"]);
    assert!(entitlement(&catalog, ResourceKind::AclRule, "acl:default-allow-all").immutable);
    for text in [r#"{"acls": []}"#, r#"{"grants": []}"#] {
        assert_eq!(ids(&catalog_of(text), ResourceKind::AclRule), [""; 0], "{text}");
    }
}

#[test]
fn equal_rules_are_one_resource() {
    let catalog = catalog_of(
        r#"{"acls": [
            {"action": "accept", "src": ["ada@example.com"], "dst": ["tag:db:5432", "tag:web:443"]},
            // For reports.
            {"action": "accept", "users": ["bob@example.com", "ADA@example.com"], "ports": ["tag:web:443", "tag:db:5432"]},
        ]}"#,
    );
    let [rule] = catalog.resources(ResourceKind::AclRule) else { panic!("one rule") };
    assert_eq!(rule.description, "For reports.");
    assert_eq!(
        holders(&catalog, ResourceKind::AclRule, rule.id.id()),
        ["member user:policy:ada@example.com", "member user:policy:bob@example.com"]
    );
}

#[test]
fn both_id_schemes() {
    let text = r#"{"ssh": [{"action": "check", "src": ["autogroup:member"], "dst": ["tag:prod"],
                            "users": ["ubuntu", "root"], "checkPeriod": "12h"}]}"#;
    let native = "ssh:de97e195ad44b7062937a55b044e1dfe";
    let baton = "ssh:ff516ed7bb0467d3db04e81599f36657ad1e47d6740c96dd65d6cd6806e5c285";
    let mut tailnet = tailnet(Vec::new());
    tailnet.devices = Part::Read(vec![device("7", "ada@example.com", &[])]);
    for (scheme, rule_ids, device_ids) in [
        (IdScheme::Native, [native, baton], ["n7CNTRL", "7"]),
        (IdScheme::BatonTailscale, [baton, native], ["7", "n7CNTRL"]),
    ] {
        let catalog = catalog(&tailnet, text, Options { ids: scheme, ..Options::default() });
        for (kind, [id, alias]) in [(ResourceKind::SshRule, rule_ids), (ResourceKind::Device, device_ids)] {
            let [resource] = catalog.resources(kind) else { panic!("one {kind}") };
            assert_eq!((resource.id.id(), resource.aliases.as_slice()), (id, &[alias.to_owned()][..]));
        }
    }
}

#[test]
fn what_is_hidden_is_not_listed_unless_something_names_it() {
    let catalog = catalog_of(
        r#"{
            "groups": {
                // tailgrant: hide
                "group:secret": ["ada@example.com"],
                // tailgrant: hide
                "group:used": ["bob@example.com"],
            },
            "tagOwners": {
                // tailgrant: hide
                "tag:secret": ["cem@example.com"],
            },
            "acls": [
                {"action": "accept", "src": ["group:used"], "dst": ["*:80"]},
                // tailgrant: hide
                {"action": "accept", "src": ["group:secret", "dan@example.com"], "dst": ["*:443"]},
            ],
        }"#,
    );
    assert_eq!(ids(&catalog, ResourceKind::Group), ["group:used"]);
    assert_eq!(ids(&catalog, ResourceKind::Tag), [""; 0]);
    assert_eq!(ids(&catalog, ResourceKind::User), ["policy:bob@example.com"]);
    assert_eq!(catalog.resources(ResourceKind::AclRule).len(), 1);
    assert_eq!(catalog.findings(), ["rules, groups and tags with the hide directive: 4"]);
}

#[test]
fn tag_owners() {
    let catalog = catalog_of(
        r#"{
            "tagOwners": {"tag:a": ["group:eng", "tag:b", "autogroup:member", "ada@example.com"], "tag:b": []},
            "acls": [{"action": "accept", "src": ["tag:gone"], "dst": ["*:*"]}],
        }"#,
    );
    assert_eq!(
        holders(&catalog, ResourceKind::Tag, "tag:a"),
        [
            "owner user:policy:ada@example.com",
            "owner group:group:eng+",
            "owner autogroup:autogroup:member",
            "owner tag:tag:b"
        ]
    );
    let by_admins = catalog.grants(&ResourceId::new(ResourceKind::Tag, "tag:b")).first().unwrap();
    assert!(by_admins.immutable);
    assert_eq!(by_admins.principal.to_string(), "autogroup:autogroup:admin");
    assert_eq!(by_admins.metadata.first().unwrap().0, "reason");
    for (tag, immutable) in [("tag:a", false), ("tag:b", false), ("tag:gone", true)] {
        let [owner, assigned] = catalog.entitlements(&ResourceId::new(ResourceKind::Tag, tag)) else {
            panic!("{tag}")
        };
        assert_eq!((owner.id.slug, owner.immutable), (Slug::Owner, immutable), "{tag}");
        assert_eq!((assigned.id.slug, assigned.immutable), (Slug::Assigned, true), "{tag}");
    }
}

#[test]
fn what_is_too_long_to_be_named_by_an_id_is_immutable() {
    let (group, tag) = (format!("group:{}", "x".repeat(300)), format!("tag:{}", "x".repeat(300)));
    let catalog = catalog_of(&format!(
        r#"{{"groups": {{"{group}": ["ada@example.com"], "group:eng": ["{0}@example.com"]}},
             "tagOwners": {{"{tag}": ["group:eng"], "tag:db": ["{group}", "group:eng"]}},
             "acls": [
                 // tailgrant: id=a
                 {{"action": "accept", "src": ["{group}", "{tag}", "group:eng"], "dst": ["{tag}:1"]}}]}}"#,
        "x".repeat(300)
    ));
    for (kind, name, holder) in [
        (ResourceKind::Group, &group, "member user:policy:ada@example.com!"),
        (ResourceKind::Tag, &tag, "owner group:group:eng+!"),
    ] {
        let id = bounded(name.as_bytes());
        assert_eq!(holders(&catalog, kind, &id), [holder]);
        assert!(entitlement(&catalog, kind, &id).immutable, "{id}");
        let resource = catalog.resource(&ResourceId::new(kind, id)).unwrap();
        assert!(resource.description.contains("longer than 256 bytes"), "{}", resource.description);
    }
    for (kind, id) in
        [(ResourceKind::Group, "group:eng"), (ResourceKind::Tag, "tag:db"), (ResourceKind::AclRule, "acl:a")]
    {
        assert!(!entitlement(&catalog, kind, id).immutable, "{id}");
        for holder in holders(&catalog, kind, id) {
            assert_eq!(holder.ends_with('!'), holder.contains('~'), "{holder}");
        }
    }
}

#[test]
fn unreadable_parts_are_findings() {
    let mut tailnet = tailnet(Vec::new());
    tailnet.invites = Part::Unreadable("needs a user-owned key".to_owned());
    tailnet.devices = Part::Unreadable("needs the scope devices:core:read".to_owned());
    assert_eq!(
        catalog(&tailnet, r#"{"acls": []}"#, Options::default()).findings(),
        [
            "invites are left out: needs a user-owned key",
            "devices are left out: needs the scope devices:core:read"
        ]
    );
}

#[test]
fn what_is_there_twice_is_a_finding() {
    let mut tailnet = tailnet(Vec::new());
    tailnet.devices = Part::Read(vec![device("1", "x", &[]), device("1", "y", &[])]);
    assert_eq!(
        catalog(&tailnet, r#"{"acls": []}"#, Options::default()).findings(),
        ["device:n1CNTRL is there more than once"]
    );
}
