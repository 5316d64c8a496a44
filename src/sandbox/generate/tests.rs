//! What the generator promises.

use super::*;
use crate::hujson;
use crate::policy::{Policy, Section};
use crate::sandbox::Store;
use crate::sandbox::policy::PolicyFile;
use crate::sandbox::verdict::{self, Verdict};
use crate::sandbox::world::World;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

const LARGE: Generate = Generate { users: 1_000, groups: 200, rules: 400, devices: 2_000, seed: 7 };

#[test]
fn sizes_are_as_asked_for() {
    for sizes in [Generate::default(), LARGE, Generate { users: 1, groups: 0, rules: 9, devices: 3, seed: 1 }]
    {
        let (population, text) = tailnet(&sizes, "example.com", at(1_790_000_000));
        let document = hujson::parse(&text).unwrap();
        let policy = Policy::read(&document).unwrap();
        let ids: std::collections::HashSet<_> = policy.rules.iter().map(|rule| rule.id.clone()).collect();
        let logins: std::collections::HashSet<_> =
            population.users.iter().map(|user| user.login_name.to_ascii_lowercase()).collect();
        assert_eq!(
            (population.users.len(), logins.len(), population.devices.len(), policy.groups.len()),
            (sizes.users, sizes.users, sizes.devices, sizes.groups)
        );
        assert_eq!((policy.rules.len(), ids.len()), (sizes.rules, sizes.rules));
        assert_eq!(policy.findings, []);
    }
}

#[test]
fn the_service_would_accept_every_policy() {
    let sizes = |users, groups, rules, devices, seed| Generate { users, groups, rules, devices, seed };
    for (sizes, name) in [
        (Generate::default(), "example.com"),
        (Generate::default(), "corp"),
        (LARGE, "example.com"),
        (sizes(1, 0, 9, 3, 1), "tailnet.test"),
        (sizes(1, 1, 0, 0, 2), "corp"),
        (sizes(40, 1, 160, 20, 3), "ada@example.com"),
        (sizes(500, 50, 2_000, 100, 4), "example.org"),
    ] {
        let now = at(1_790_000_000);
        let (population, text) = tailnet(&sizes, name, now);
        let policy = PolicyFile::new(text.clone(), Store::Verbatim).unwrap();
        let world = World::new(name, population, policy, None, sizes.seed, now);
        let accepted = Verdict::Passed { warnings: Vec::new() };
        assert_eq!(verdict::judge(&world, &text), accepted, "{sizes:?} {name}");
    }
}

#[test]
fn a_large_policy_has_thousands_of_lines_in_both_layouts() {
    let (_, text) = tailnet(&LARGE, "example.com", at(1_790_000_000));
    for text in [&text, &hujson::format(&text).unwrap()] {
        let lines = std::str::from_utf8(text).unwrap().lines().count();
        assert!((4_000..9_000).contains(&lines), "{lines}");
    }
}

#[test]
fn sections_share_the_rules_and_every_kind_of_source_is_there() {
    let (_, text) = tailnet(&LARGE, "example.com", at(1_790_000_000));
    let document = hujson::parse(&text).unwrap();
    let policy = Policy::read(&document).unwrap();
    let count = |section| policy.rules.iter().filter(|rule| rule.section == section).count();
    assert_eq!((count(Section::Acls), count(Section::Ssh), count(Section::Grants)), (200, 100, 100));
    let sources: Vec<&str> = policy
        .rules
        .iter()
        .filter_map(|rule| rule.sources.as_ref())
        .flat_map(|list| &list.items)
        .map(|item| item.text.as_ref())
        .collect();
    for wanted in [
        "*",
        "autogroup:member",
        "autogroup:admin",
        "user:*@example.com",
        "group:site-reliability@example.com",
        "ipset:offices",
    ] {
        assert!(sources.contains(&wanted), "{wanted}");
    }
    for start in ["group:team", "tag:service", "site", "user"] {
        assert!(sources.iter().any(|source| source.starts_with(start)), "{start}");
    }
}

#[test]
fn a_seed_gives_one_tailnet() {
    let made = |seed| {
        let (population, text) = tailnet(&Generate { seed, ..LARGE }, "example.com", at(1_790_000_000));
        (population.users, population.devices, text)
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1).2, made(2).2);
}

#[test]
fn the_small_policy_is_in_canonical_layout() {
    let (_, text) = tailnet(&Generate::default(), "example.com", at(1_790_000_000));
    let canonical = hujson::format(&text).unwrap();
    assert_no_diff(&String::from_utf8(canonical).unwrap(), &String::from_utf8(text).unwrap());
}

#[track_caller]
fn assert_no_diff(canonical: &str, text: &str) {
    let diff = similar::TextDiff::from_lines(text, canonical);
    assert_eq!(diff.unified_diff().to_string(), "");
}

#[test]
fn logins_follow_the_name_of_the_tailnet() {
    let (population, text) = tailnet(&Generate::default(), "tailnet.test", at(1_790_000_000));
    assert_eq!(population.users[0].login_name, "ada@tailnet.test");
    assert!(!String::from_utf8(text).unwrap().contains("example.com"));
}
