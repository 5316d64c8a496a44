use super::*;
use crate::policy::{Policy, parse};

const USER: &str = "ada@example.com";
const GROUP: &str = "group:eng";
const SYNCED: &str = "group:eng@example.com";
const TAG: &str = "tag:db";
const KINDS: [&str; 11] = [
    USER,
    GROUP,
    SYNCED,
    TAG,
    "autogroup:member",
    "autogroup:self",
    "user:*@example.com",
    "*",
    "10.0.0.1",
    "ipset:lab",
    "web",
];

#[track_caller]
fn check(holder: Holder<'_>, admitted: &[&str]) {
    for kind in KINDS {
        let may = holder.may_hold(&Selector::parse(kind));
        assert_eq!(may.is_ok(), admitted.contains(&kind), "{kind}: {may:?}");
    }
}

#[track_caller]
fn check_rule(section: &str, rule: &str, admitted: &[&str]) {
    let text = format!("{{\"{section}\": [{rule}]}}");
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let holder = Holder::Rule(&policy.rules[0]);
    check(holder, admitted);
    let Admits { users, groups, autogroups, tags } = holder.admits();
    assert_eq!(
        (users, groups, autogroups, tags),
        (admitted.contains(&USER), admitted.contains(&GROUP), false, admitted.contains(&TAG))
    );
}

#[test]
fn groups_hold_users() {
    check(Holder::Group, &[USER]);
    assert_eq!(Holder::Group.admits(), Admits { users: true, ..Admits::default() });
}

#[test]
fn tags_are_owned() {
    check(Holder::TagOwners, &[USER, GROUP, SYNCED, TAG, "autogroup:member", "user:*@example.com"]);
    assert_eq!(
        Holder::TagOwners.admits(),
        Admits { users: true, groups: true, autogroups: true, tags: true }
    );
    for name in
        ["members", "tagged", "owner", "admin", "it-admin", "network-admin", "billing-admin", "auditor"]
    {
        assert!(Holder::TagOwners.may_hold(&Selector::Autogroup(format!("autogroup:{name}"))).is_ok());
    }
    for name in ["internet", "shared", "danger-all", "nonroot", "self"] {
        assert!(Holder::TagOwners.may_hold(&Selector::Autogroup(format!("autogroup:{name}"))).is_err());
    }
}

#[test]
fn network_rules() {
    let all = &[USER, GROUP, SYNCED, TAG];
    let people = &[USER, GROUP, SYNCED];
    check_rule("acls", r#"{"action": "accept", "dst": ["tag:db:5432"]}"#, all);
    check_rule("acls", r#"{"action": "check", "dst": ["autogroup:selfish:*"]}"#, all);
    check_rule("acls", r#"{"action": "accept", "dst": ["bob@example.com:22"]}"#, all);
    check_rule("acls", r#"{"action": "accept", "ports": ["tag:db:1", "autogroup:self:*"]}"#, people);
    check_rule("grants", r#"{"dst": ["autogroup:self"], "ip": ["*"]}"#, people);
    check_rule("grants", r#"{"dst": ["bob@example.com"], "ip": ["*"]}"#, all);
}

#[test]
fn ssh_rules() {
    let people = &[USER, GROUP, SYNCED];
    check_rule("ssh", r#"{"action": "accept", "dst": ["tag:db"]}"#, &[USER, GROUP, SYNCED, TAG]);
    check_rule("ssh", r#"{"action": " check ", "dst": ["tag:db"]}"#, people);
    check_rule("ssh", r#"{"action": "accept", "dst": ["autogroup:self"]}"#, people);
    check_rule("ssh", r#"{"action": "accept", "dst": ["ADA@example.com"]}"#, &[USER]);
    check_rule("ssh", r#"{"action": "accept", "dst": ["ada@example.com", "bob@example.com"]}"#, &[]);
}

#[test]
fn ssh_to_somebody_else() {
    let document = parse(br#"{"ssh": [{"action": "accept", "dst": ["bob@example.com"]}]}"#).unwrap();
    let policy = Policy::read(&document).unwrap();
    let holder = Holder::Rule(&policy.rules[0]);
    assert!(holder.may_hold(&Selector::parse("Bob@example.com")).is_ok());
    assert!(holder.may_hold(&Selector::parse(USER)).is_err());
    assert!(holder.admits().users, "one user is admitted");
}
