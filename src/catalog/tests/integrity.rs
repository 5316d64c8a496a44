//! What holds in every catalog, whatever the tailnet and its policy look like.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::{catalog, device, invite, shared, tailnet, user, with_role};
use crate::access::{
    EntitlementId, ListsNothing, Purpose, Resource, ResourceId, ResourceKind, Trait, TypeTrait,
};
use crate::catalog::{Catalog, Counts, IdScheme, Options, resource_types};
use crate::tailnet::{Part, Role, Tailnet};

const SELECTORS: &[&str] = &[
    "ada@example.com",
    " ADA@example.com",
    "bob@example.com",
    "cem@github",
    "gone@example.com",
    "group:a",
    "group:b",
    "group:gone",
    "group:it@example.com",
    "tag:a",
    "tag:b",
    "tag:gone",
    "autogroup:member",
    "autogroup:admin",
    "autogroup:tagged",
    "autogroup:what",
    "user:*@example.com",
    "*",
    "10.1.2.3/8",
    "fd7a::1",
    "web",
    "ipset:lab",
    "",
];

fn selectors() -> impl Strategy<Value = String> {
    prop::collection::vec(select(SELECTORS), 0..5)
        .prop_map(|items| items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", "))
}

fn directive() -> impl Strategy<Value = &'static str> {
    select(
        &["", "", "", "// tailgrant: hide\n", "// tailgrant: grant=never name=\"A b\"\n", "// words\n"][..],
    )
}

fn rule(body: &'static [&'static str]) -> impl Strategy<Value = String> {
    (directive(), selectors(), select(body))
        .prop_map(|(directive, sources, body)| format!("{directive}{{\"src\": [{sources}], {body}}},\n"))
}

fn rules(body: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(rule(body), 0..5).prop_map(|rules| rules.concat())
}

fn named(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec((directive(), selectors()), names.len()).prop_map(|lists| {
        let members: Vec<String> = names
            .iter()
            .zip(lists)
            .map(|(name, (directive, list))| format!("{directive}{name:?}: [{list}],\n"))
            .collect();
        members.concat()
    })
}

fn policy() -> impl Strategy<Value = String> {
    let acls = &[r#""action": "accept", "dst": ["*:*"]"#, r#""action": "accept", "dst": ["tag:a:1"]"#];
    let ssh = &[
        r#""action": "check", "dst": ["tag:a"], "users": ["root"]"#,
        r#""action": "accept", "dst": ["autogroup:self"], "users": ["ada@example.com"]"#,
    ];
    let grants = &[r#""dst": ["tag:a"], "ip": ["*"]"#, r#""dst": ["tag:b"], "app": {"example.com/x": []}"#];
    let groups = named(&["group:a", "group:b", "group:c"]);
    let tags = named(&["tag:a", "tag:b", "tag:c"]);
    (any::<bool>(), groups, tags, rules(acls), rules(ssh), rules(grants)).prop_map(
        |(open, groups, tags, acls, ssh, grants)| {
            let network =
                if open { String::new() } else { format!("\"acls\": [\n{acls}],\n\"grants\": [\n{grants}],\n") };
            format!(
                "{{\"groups\": {{\n{groups}}},\n\"tagOwners\": {{\n{tags}}},\n\"hosts\": {{\"web\": \"10.0.0.7\"}},\n\
                 {network}\"ssh\": [\n{ssh}]}}\n"
            )
        },
    )
}

fn people() -> Tailnet {
    let mut tailnet = tailnet(vec![
        with_role(Role::Owner, user("u1", "Ada@example.com")),
        with_role(Role::from_word("janitor"), user("u2", "cem@github")),
        shared("u3", "dan@example.org"),
        user("u3", "twin@example.org"),
    ]);
    tailnet.invites = Part::Read(vec![invite("i1", Some("bob@example.com")), invite("i2", None)]);
    tailnet.devices = Part::Read(vec![
        device("1", "ada@example.com", &[]),
        device("2", "left@example.com", &[]),
        device("3", "ada@example.com", &["tag:a", "tag:old"]),
        device("3", "ada@example.com", &[]),
    ]);
    tailnet
}

fn options() -> impl Strategy<Value = Options> {
    let ids = select(&[IdScheme::Native, IdScheme::BatonTailscale][..]);
    (ids, any::<bool>()).prop_map(|(ids, expand_everyone)| Options { ids, expand_everyone })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_catalog_is_sound(text in policy(), options in options()) {
        check(&catalog(&people(), &text, options));
    }
}

#[test]
fn an_empty_tailnet_is_sound() {
    check(&catalog(&tailnet(Vec::new()), "{}", Options::default()));
}

fn check(catalog: &Catalog) {
    let resources: Vec<&Resource> =
        ResourceKind::ALL.into_iter().flat_map(|kind| catalog.resources(kind)).collect();
    assert!(resources.is_sorted_by(|a, b| a.id < b.id), "sorted and unique");
    let mut entitlements: HashSet<EntitlementId> = HashSet::new();
    for resource in &resources {
        assert_eq!(catalog.resource(&resource.id), Some(*resource));
        check_resource(resource);
        let listed = catalog.entitlements(&resource.id);
        assert!(listed.is_sorted_by(|a, b| a.id.slug < b.id.slug));
        for entitlement in listed {
            assert_eq!(entitlement.id.resource, resource.id);
            assert_eq!(entitlement.id.to_string().parse(), Ok(entitlement.id.clone()));
            assert!((1..=1024).contains(&entitlement.display_name.len()));
            assert!(entitlement.description.len() <= 2048);
            if entitlement.purpose == Purpose::Ownership {
                assert_eq!(resource.id.kind(), ResourceKind::Device);
            }
            entitlements.insert(entitlement.id.clone());
        }
        check_skips(resource, catalog);
    }
    for resource in &resources {
        let grants = catalog.grants(&resource.id);
        assert!(
            grants.is_sorted_by(|a, b| (&a.entitlement, &a.principal) < (&b.entitlement, &b.principal)),
            "sorted and unique"
        );
        for grant in grants {
            assert_eq!(grant.entitlement.resource, resource.id);
            assert!(entitlements.contains(&grant.entitlement), "{grant:?}");
            assert!(catalog.resource(&grant.principal).is_some(), "{grant:?}");
            assert!(grant.id().to_string().len() <= 1024);
            if let Some(expandable) = &grant.expandable {
                assert!(!expandable.entitlements.is_empty());
                for source in &expandable.entitlements {
                    assert_eq!(source.resource, grant.principal);
                    assert!(entitlements.contains(source), "{grant:?}");
                }
            }
        }
    }
    let counted: usize = resources.iter().map(|resource| catalog.grants(&resource.id).len()).sum();
    assert_eq!(counted, catalog.grants.len(), "no grant without a resource");
    let counts = Counts { resources: resources.len(), entitlements: entitlements.len(), grants: counted };
    assert_eq!(catalog.counts(), counts);
}

fn check_resource(resource: &Resource) {
    assert!((1..=1024).contains(&resource.id.id().len()), "{resource:?}");
    assert!((1..=1024).contains(&resource.display_name.len()), "{resource:?}");
    assert!(resource.description.len() <= 2048, "{resource:?}");
    assert!(resource.aliases.iter().all(|alias| (1..=256).contains(&alias.chars().count())));
    assert!(!resource.aliases.iter().any(|alias| alias == resource.id.id()));
    assert_eq!(resource.status.is_some(), resource.id.kind() == ResourceKind::User);
    let names: HashSet<&str> = resource.profile.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), resource.profile.len(), "{resource:?}");
    let listed = resource_types().iter().find(|listed| listed.kind == resource.id.kind()).unwrap();
    let expected: &[TypeTrait] = match resource.details {
        Trait::None => &[],
        Trait::User(_) => &[TypeTrait::User],
        Trait::Group(_) => &[TypeTrait::Group],
        Trait::Role => &[TypeTrait::Role],
        Trait::Device(_) => &[TypeTrait::ManagedDevice],
    };
    assert_eq!(listed.traits, expected, "{resource:?}");
}

fn check_skips(resource: &Resource, catalog: &Catalog) {
    let id: &ResourceId = &resource.id;
    let listed = resource_types().iter().find(|listed| listed.kind == id.kind()).unwrap();
    if listed.lists_nothing == ListsNothing::EntitlementsAndGrants {
        assert!(catalog.entitlements(id).is_empty() && catalog.grants(id).is_empty(), "{resource:?}");
    }
}
