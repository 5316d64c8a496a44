//! Display names and descriptions of rules.

use super::catalog_of;
use crate::access::{Resource, ResourceKind};
use crate::catalog::Catalog;

/// The only rule of a policy that has one.
#[track_caller]
fn rule(text: &str) -> Resource {
    let catalog: Catalog = catalog_of(text);
    let rules: Vec<&Resource> = [ResourceKind::AclRule, ResourceKind::SshRule, ResourceKind::GrantRule]
        .into_iter()
        .flat_map(|kind| catalog.resources(kind))
        .filter(|rule| rule.id.id() != "acl:default-allow-all")
        .collect();
    let [rule] = rules.as_slice() else { panic!("{} rules in {text}", rules.len()) };
    (*rule).clone()
}

#[track_caller]
fn check(section: &str, body: &str, expected: &str) {
    assert_eq!(rule(&format!(r#"{{"{section}": [{{{body}}}]}}"#)).display_name, expected, "{body}");
}

#[test]
fn ssh_rules() {
    let check = |body, expected| check("ssh", body, expected);
    check(
        r#""action": "check", "src": ["group:eng"], "dst": ["tag:prod"], "users": ["root", "ubuntu"]"#,
        "SSH as root, ubuntu on tag:prod (check)",
    );
    check(r#""action": "accept", "dst": ["tag:prod"], "users": ["root"]"#, "SSH as root on tag:prod");
    check(
        r#""action": "accept", "dst": ["autogroup:self"], "users": ["autogroup:nonroot", "root"]"#,
        "SSH as any non-root user, root on own devices",
    );
    check(
        r#""action": "check", "dst": ["tag:a", "tag:b", "tag:c", "tag:d"], "users": ["a", "b", "c", "d", "e"],
           "srcPosture": ["posture:managed"]"#,
        "SSH as a, b, c and 2 more on tag:a, tag:b, tag:c, tag:d (check, posture:managed)",
    );
    check(r#""action": "deny", "dst": [], "users": null"#, "SSH as nobody on nothing (deny)");
    check(r#""users": ["root"], "dst": ["ada@example.com"]"#, "SSH as root on ada@example.com (no action)");
}

#[test]
fn acl_rules() {
    let check = |body: &str, expected| check("acls", &format!(r#""action": "accept", {body}"#), expected);
    check(r#""proto": "tcp", "dst": ["tag:db:5432"]"#, "tcp 5432 on tag:db");
    check(r#""dst": ["tag:db:5432"]"#, "port 5432 on tag:db");
    check(r#""dst": ["tag:db:80,443"]"#, "ports 80,443 on tag:db");
    check(r#""dst": ["tag:db:*"]"#, "any port on tag:db");
    check(r#""dst": ["*:*"]"#, "any port on everything");
    check(r#""dst": ["autogroup:self:*"]"#, "any port on own devices");
    check(r#""proto": "17", "dst": ["tag:dns:53"]"#, "udp 53 on tag:dns");
    check(r#""proto": "tcp", "dst": ["tag:web:*"]"#, "any tcp port on tag:web");
    check(r#""proto": "icmp", "dst": ["tag:web:*"]"#, "icmp on tag:web");
    check(r#""proto": "47", "dst": ["tag:web:*"]"#, "protocol 47 on tag:web");
    check(r#""proto": 6, "dst": ["tag:web:80-90"]"#, "tcp 80-90 on tag:web");
    check(r#""dst": ["[fd7a::1]:22", "[fd7a::2]:22"]"#, "port 22 on [fd7a::1], [fd7a::2]");
    check(
        r#""proto": "tcp", "dst": ["tag:web:443", "tag:api:443", "tag:db:5432"]"#,
        "tcp 443 on tag:web, tag:api; tcp 5432 on tag:db",
    );
    check(
        r#""dst": ["a:1", "b:2", "c:3", "d:4", "e:5"]"#,
        "port 1 on a; port 2 on b; port 3 on c and 2 more",
    );
    check(r#""ports": ["tag:db:5432"], "users": ["*"]"#, "port 5432 on tag:db");
    check(r#""dst": []"#, "any port on nothing");
    check(r#""dst": ["tag:db"]"#, "port db on tag");
    check(
        r#""dst": ["tag:db:22"], "srcPosture": ["posture:a", "posture:b"]"#,
        "port 22 on tag:db (posture:a, posture:b)",
    );
}

#[test]
fn an_acl_rule_with_another_action_says_so() {
    check("acls", r#""action": "deny", "dst": ["tag:db:22"]"#, "port 22 on tag:db (deny)");
    check("acls", r#""dst": ["tag:db:22"]"#, "port 22 on tag:db (no action)");
}

#[test]
fn grant_rules() {
    let check = |body, expected| check("grants", body, expected);
    check(
        r#""dst": ["tag:db"], "app": {"db.example.com/read": [{}]}"#,
        "grant db.example.com/read on tag:db",
    );
    check(r#""dst": ["tag:db"], "ip": ["tcp:5432"]"#, "tcp 5432 on tag:db");
    check(r#""dst": ["tag:db"], "ip": ["*"]"#, "any port on tag:db");
    check(r#""dst": ["*"], "ip": ["443", "udp:53-60", "icmp:*"]"#, "port 443, udp 53-60, icmp on everything");
    check(
        r#""dst": ["tag:db"], "ip": ["tcp:5432"], "app": {"example.com/cap/x": []}, "via": ["tag:router"]"#,
        "tcp 5432 and grant example.com/cap/x on tag:db via tag:router",
    );
    check(r#""dst": ["tag:db"]"#, "grant of nothing on tag:db");
}

#[test]
fn long_items_are_cut() {
    let name = rule(&format!(r#"{{"acls": [{{"action": "accept", "dst": ["{}:1"]}}]}}"#, "é".repeat(4000)));
    assert_eq!(name.display_name, format!("port 1 on {}…", "é".repeat(60)));
}

#[test]
fn descriptions() {
    let ssh = rule(
        r#"{"ssh": [
            // Break-glass access.
            {"action": "check", "src": [], "dst": ["tag:prod"], "users": ["root"],
             "srcPosture": ["posture:a", "posture:b"], "checkPeriod": "20m"},
        ]}"#,
    );
    assert_eq!(
        ssh.description,
        "Break-glass access. Only from devices that meet posture:a or posture:b. People log in again every 20m."
    );
    let grant = rule(
        r#"{"grants": [
            // tailgrant: name="Read databases" description="For reports" owner=dba@example.com grant=never
            // not shown
            {"src": [], "dst": ["tag:db"], "ip": ["5432"], "via": ["tag:router"]},
        ]}"#,
    );
    assert_eq!(grant.display_name, "Read databases");
    assert_eq!(
        grant.description,
        "For reports. Only through devices with tag:router. Grants are refused: the policy file says grant=never."
    );
    let owner = ("owner", crate::access::Attribute::Text("dba@example.com".to_owned()));
    assert!(grant.profile.contains(&owner), "{:?}", grant.profile);
}
