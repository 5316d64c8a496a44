//! A small tailnet, listed from end to end.

use std::fmt::Write;

use super::{catalog, device, holder, invite, shared, tailnet, user, with_role};
use crate::access::{Resource, ResourceKind, StatusKind};
use crate::catalog::{Catalog, Options};
use crate::tailnet::{Device, Part, Role, User, UserStatus};

const POLICY: &str = r#"{
    "groups": {
        // People who build things.
        "group:eng": ["ada@example.com", "Left@example.com"],
        // tailgrant: name="Database administrators" owner=ada@example.com grant=never
        "group:dba": ["bob@example.com"],
    },
    "hosts": {"office": "198.51.100.0/24"},
    "ipsets": {"ipset:lab": ["host:office", "10.0.0.0/8"]},
    "tagOwners": {
        "tag:db": ["group:dba"],
        "tag:web": [], // anybody with the role
    },
    "acls": [
        // Web front ends.
        {"action": "accept", "src": ["group:eng", "office", "*"], "proto": "tcp", "dst": ["tag:web:443"]},
    ],
    "grants": [
        // tailgrant: id=read-db
        {"src": ["group:dba", "group:ops@example.com", "tag:web"], "dst": ["tag:db"], "app": {"db.example.com/read": [{}]}},
    ],
    "ssh": [
        // Break-glass access.
        // tailgrant: id=break-glass
        {"action": "check", "src": ["autogroup:admin", "fay@example.com"], "dst": ["tag:db"], "users": ["root", "ubuntu"],
         "srcPosture": ["posture:managed"]},
    ],
}
"#;

#[test]
fn a_small_tailnet() {
    let mut tailnet = tailnet(vec![
        with_role(Role::Owner, User { display_name: "Ada".to_owned(), ..user("u1", "Ada@Example.com") }),
        User { status: UserStatus::Suspended, ..user("u2", "bob@example.com") },
        shared("u3", "dan@example.org"),
    ]);
    tailnet.invites = Part::Read(vec![invite("i1", Some("eve@example.com")), invite("i2", None)]);
    tailnet.devices = Part::Read(vec![
        device("1", "ada@example.com", &[]),
        device("2", "ada@example.com", &["tag:db"]),
        Device { is_external: true, os: String::new(), ..device("3", "dan@example.org", &[]) },
    ]);
    insta::assert_snapshot!(listing(&catalog(&tailnet, POLICY, Options::default())));
}

fn listing(catalog: &Catalog) -> String {
    let mut out = String::new();
    for kind in ResourceKind::ALL {
        writeln!(out, "{kind}").unwrap();
        for resource in catalog.resources(kind) {
            list_resource(&mut out, resource);
            for entitlement in catalog.entitlements(&resource.id) {
                let kinds: Vec<&str> = entitlement.grantable_to.iter().map(|kind| kind.as_str()).collect();
                let fixed = if entitlement.immutable { ", immutable" } else { "" };
                writeln!(
                    out,
                    "    [{}] {} ({:?}, {}{fixed})",
                    entitlement.id.slug,
                    entitlement.display_name,
                    entitlement.purpose,
                    kinds.join("/"),
                )
                .unwrap();
            }
            for grant in catalog.grants(&resource.id) {
                writeln!(out, "    {}", holder(grant)).unwrap();
            }
        }
    }
    writeln!(out, "findings: {:?}", catalog.findings()).unwrap();
    out
}

fn list_resource(out: &mut String, resource: &Resource) {
    write!(out, "  {} = {}", resource.id.id(), resource.display_name).unwrap();
    if let Some(status) = &resource.status {
        let kind = match status.kind {
            StatusKind::Enabled => "enabled",
            StatusKind::Disabled => "disabled",
            StatusKind::Deleted => "deleted",
        };
        write!(out, " <{}>", format!("{kind} {}", status.details).trim_end()).unwrap();
    }
    writeln!(out).unwrap();
    if !resource.description.is_empty() {
        writeln!(out, "    “{}”", resource.description).unwrap();
    }
}
