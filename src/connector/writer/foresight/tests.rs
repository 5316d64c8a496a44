//! Which intents of a batch are found to be offenders. Everybody is judged by what they do to this policy:
//!
//! `group:eng` reaches port 22 of the server, which somebody of the builders must and the guests must not.

use super::*;
use crate::connector::topology::topology;
use crate::policy::ListId;
use crate::tailnet::{Device, Role, User, UserKind, UserStatus};

const POLICY: &str = r#"{
  "groups": {
    "group:eng": ["ada@example.com", "bob@example.com"],
    "group:solo": ["ada@example.com"],
    "group:ops": [],
  },
  "tagOwners": { "tag:ci": [] },
  "acls": [
    { "action": "accept", "src": ["group:eng", "group:ops"], "dst": ["100.64.0.9:22"] },
    // tailgrant: id=web
    { "action": "accept", "src": ["group:solo"], "dst": ["100.64.0.9:80"] },
  ],
  "tests": [
    { "src": "ada@example.com", "accept": ["100.64.0.9:80"] },
    { "src": "bad@example.com", "deny": ["100.64.0.9:22"] },
    { "src": "evl@example.com", "deny": ["100.64.0.9:22"] },
  ],
}
"#;

fn user(name: &str) -> User {
    User {
        id: name.to_owned(),
        login_name: format!("{name}@example.com"),
        display_name: String::new(),
        kind: UserKind::Member,
        role: Role::Member,
        status: UserStatus::Active,
        created: None,
        last_seen: None,
        currently_connected: false,
        device_count: 1,
    }
}

/// Everybody has one device, and there is a tagged server.
fn tailnet(names: &[String]) -> Topology {
    let users: Vec<User> = names.iter().map(|name| user(name)).collect();
    let device = |name: &str, address: String| Device {
        node_id: name.to_owned(),
        name: name.to_owned(),
        addresses: vec![address],
        authorized: true,
        ..Device::default()
    };
    let own = users.iter().enumerate().map(|(index, user)| Device {
        user: user.login_name.clone(),
        ..device(&user.id, format!("100.64.1.{}", index + 1))
    });
    let server = Device { tags: vec!["tag:ci".to_owned()], ..device("server", "100.64.0.9".to_owned()) };
    topology(&users, &own.chain([server]).collect::<Vec<_>>())
}

fn members(words: &str) -> Vec<Member> {
    let wishes = words.split(", ").map(|word| {
        let [verb, list, who] = word.split(' ').collect::<Vec<_>>()[..] else { panic!("{word:?}") };
        let text = if who.contains(':') { who.to_owned() } else { format!("{who}@example.com") };
        let wish = match verb {
            "grant" => Wish::Add { text },
            _ => Wish::Remove { texts: vec![text], person: None },
        };
        let list = match list {
            "web" => ListId::Rule(crate::policy::Section::Acls, "acl:web".to_owned()),
            name => ListId::Group(format!("group:{name}")),
        };
        Intent::new(list, wish)
    });
    (1..).zip(wishes).collect()
}

fn look(policy: &str, words: &str) -> Foresight {
    let names = ["ada", "bob", "cyn", "dan", "bad", "evl"].map(str::to_owned);
    foresee(policy.as_bytes(), &members(words), &tailnet(&names), || true)
}

/// Plays a batch on a policy and tells who offends, as `ticket: why`.
#[track_caller]
fn check(policy: &str, words: &str, expected: &[&str]) {
    let foresight = look(policy, words);
    let offenders: Vec<String> = foresight
        .offenders
        .iter()
        .map(|(ticket, rejection)| {
            let tests = rejection.failures.iter().map(|failure| format!("{failure}: {:?}", failure.errors));
            let why: Vec<String> =
                if rejection.failures.is_empty() { vec![rejection.message.clone()] } else { tests.collect() };
            format!("{ticket}: {}", why.join("; "))
        })
        .collect();
    assert_eq!(offenders, expected, "{words}");
    assert!(foresight.broken.is_none() && foresight.undecided.is_empty(), "{foresight:?}");
}

const DENIED: &str = r#"tests, number 2 (line 15), source "bad@example.com": ["address \"100.64.0.9:22\": want: Drop, got: Accept"]"#;

#[test]
fn a_grant_that_a_test_denies_is_named_with_the_test() {
    check(POLICY, "grant eng bad", &[&format!("1: {DENIED}")]);
    check(POLICY, "grant eng cyn", &[]);
    check(POLICY, "grant solo bad", &[]);
}

#[test]
fn a_revoke_of_the_only_one_whom_a_test_accepts_is_named_with_the_test() {
    let why = r#"1: tests, number 1 (line 14), source "ada@example.com": ["address \"100.64.0.9:80\": want: Accept, got: Drop"]"#;
    check(POLICY, "revoke solo ada", &[why]);
    check(POLICY, "revoke eng bob", &[]);
}

#[test]
fn revokes_are_not_held_up_by_grants() {
    check(POLICY, "grant eng bad, revoke eng ada, grant ops cyn", &[&format!("1: {DENIED}")]);
}

#[test]
fn offenders_are_found_one_after_the_other() {
    let foresight =
        look(POLICY, "grant eng cyn, grant eng evl, revoke solo ada, grant ops bad, grant ops dan");
    let tickets: Vec<Ticket> = foresight.offenders.iter().map(|(ticket, _)| *ticket).collect();
    assert_eq!(tickets, [3, 2, 4]);
}

#[test]
fn one_offender_among_fifty_is_found_with_few_judgements() {
    let grants: Vec<String> = (1..=50)
        .map(|n| format!("grant eng {}", if n == 37 { "bad".to_owned() } else { format!("u{n}") }))
        .collect();
    let names: Vec<String> =
        (0..60).map(|n| format!("u{n}")).chain(["ada", "bob", "bad", "evl"].map(str::to_owned)).collect();
    let judged = std::cell::Cell::new(0);
    let foresight = foresee(POLICY.as_bytes(), &members(&grants.join(", ")), &tailnet(&names), || {
        judged.set(judged.get() + 1);
        true
    });
    let tickets: Vec<Ticket> = foresight.offenders.iter().map(|(ticket, _)| *ticket).collect();
    assert_eq!((tickets.as_slice(), foresight.undecided.is_empty()), (&[37][..], true));
    assert!(judged.get() <= 9, "{}", judged.get());
}

#[test]
fn what_hangs_on_something_unknown_is_left_to_the_service() {
    let policy = POLICY.replace(
        r#"{ "src": "bad@example.com", "deny": ["100.64.0.9:22"] }"#,
        r#"{ "src": "bad@example.com", "srcPostureAttrs": { "node:os": "linux" }, "deny": ["100.64.0.9:22"] }"#,
    ).replace(r#""src": ["group:eng", "group:ops"],"#, r#""src": ["group:eng", "group:ops"], "srcPosture": ["posture:linux"],"#);
    let policy = policy
        .replace("\"tests\"", "\"postures\": { \"posture:linux\": [\"node:os == 'linux'\"] }, \"tests\"");
    check(&policy, "grant eng bad", &[]);
}

#[test]
fn a_policy_that_fails_its_tests_already_is_told_and_nobody_is_refused() {
    let policy = POLICY.replace(r#""group:ops": []"#, r#""group:ops": ["evl@example.com"]"#);
    let foresight = look(&policy, "grant eng bad, revoke solo ada");
    let failures = foresight.broken.unwrap().failures;
    assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [2]);
    assert!(foresight.offenders.is_empty() && foresight.undecided.is_empty());
}

#[test]
fn what_the_policy_language_has_no_place_for_is_told_in_the_services_words() {
    check(POLICY, "grant web tag:gone", &["1: src=tag not found: \"tag:gone\""]);
}

#[test]
fn nothing_is_foreseen_of_a_text_that_is_no_policy() {
    let foresight = look("[]", "grant eng bad");
    assert!(foresight.offenders.is_empty() && foresight.broken.is_none());
}

/// Which tickets offend and which stay undecided, where everybody whose ticket `offends` says is refused.
fn search(count: Ticket, left: u32, offends: impl Fn(Ticket) -> bool) -> (Vec<Ticket>, Vec<Ticket>) {
    let some = look(POLICY, "grant eng bad").offenders.remove(0).1;
    let judge =
        |members: &[Member]| Ok(members.iter().any(|(ticket, _)| offends(*ticket)).then(|| some.clone()));
    let words: Vec<String> = (0..count).map(|n| format!("grant eng u{n}")).collect();
    let search = Search { judge, left, kept: Vec::new(), foresight: Foresight::default() };
    let foresight = search.run(&members(&words.join(", ")));
    (foresight.offenders.into_iter().map(|(ticket, _)| ticket).collect(), foresight.undecided)
}

#[test]
fn every_offender_is_found_as_long_as_judgements_are_left() {
    assert_eq!(search(30, 200, |ticket| ticket % 5 == 0), (vec![5, 10, 15, 20, 25, 30], vec![]));
    assert_eq!(search(3, 64, |_| true), (vec![1, 2, 3], vec![]));
    let (offenders, undecided) = search(100, 64, |ticket| ticket % 2 == 0);
    assert_eq!(offenders, (1..=u64::try_from(offenders.len()).unwrap()).map(|n| 2 * n).collect::<Vec<_>>());
    assert!(!undecided.is_empty() && undecided.iter().all(|ticket| !offenders.contains(ticket)));
}
