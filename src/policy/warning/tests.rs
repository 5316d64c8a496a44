use super::*;
use crate::policy::{Device, Person, parse};

/// The warnings of a policy as `LINE:COLUMN KIND: MESSAGE`.
fn told(text: &str, topology: Option<&Topology>) -> Vec<String> {
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let line = |warning: Warning| {
        let Warning { kind, position, message } = warning;
        format!("{}:{} {}: {message}", position.line, position.column, kind.word())
    };
    warnings(&policy, topology).into_iter().map(line).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(told(text, None), expected, "{text}");
}

/// A tailnet of ada with a laptop, and a database server.
fn tailnet() -> Topology {
    let ada = Person { logins: vec!["Ada@example.com".to_owned()], member: true, ..Person::default() };
    let device = |name: &str, owner, tags: Vec<String>, address: &str| Device {
        name: name.to_owned(),
        owner,
        tags,
        addresses: address.parse().into_iter().collect(),
        ..Device::default()
    };
    let laptop = device("laptop", Some(0), Vec::new(), "100.64.0.1");
    let db = device("db", None, vec!["tag:db".to_owned()], "100.64.0.2");
    Topology { people: vec![ada], devices: vec![laptop, db], domains: Vec::new() }
}

/// Defines the tags of the rules before it.
const TAGS: &str = r#""tagOwners": {"tag:web": [], "tag:db": []}"#;

#[track_caller]
fn check_in_tailnet(text: &str, expected: &[&str]) {
    assert_eq!(told(text, Some(&tailnet())), expected, "{text}");
}

#[test]
fn nothing_is_said_of_a_plain_policy() {
    check("{}", &[]);
    check(r#"{"groups": {"group:eng": ["ada@example.com"]}, "acls": []}"#, &[]);
}

#[test]
fn rules_without_sources() {
    let none = "no-sources: this rule has no sources: it grants nothing";
    check(r#"{"acls": [{"src": [], "dst": ["*:*"]}]}"#, &[&format!("1:11 {none}")]);
    check(r#"{"grants": [{"dst": ["*"], "ip": ["*"]}]}"#, &[&format!("1:13 {none}")]);
    let groups = r#""groups": {"group:a": [], "group:b": [], "group:c": ["ada@example.com"]}"#;
    check(
        &format!(
            r#"{{{groups}, "ssh": [{{"src": ["group:a", "group:b"]}}, {{"src": ["group:a", "group:c"], "dst": ["tag:x"]}}]}}"#
        ),
        &["1:84 no-sources: this rule's sources are empty groups: it grants nothing"],
    );
}

#[test]
fn rules_without_destinations() {
    let text = r#"{"acls": [{"action": "accept", "src": ["*"], "dst": []}]}"#;
    let expected = ["1:11 no-destinations: this rule has no destinations: it grants nothing"];
    check(text, &expected);
    check_in_tailnet(text, &expected);
}

#[test]
fn rules_that_are_there_twice() {
    check(
        r#"{"acls": [
{"action": "accept", "src": ["a@example.com", "b@example.com"], "dst": ["tag:web:443"]},
{"action": "accept", "users": ["A@example.com"], "ports": ["tag:web:443"]},
{"action": "accept", "src": ["c@example.com"], "dst": ["tag:web:443"]},
// tailgrant: id=mine
{"action": "accept", "src": ["d@example.com"], "dst": ["tag:web:443"]},
{"action": "accept", "src": ["a@example.com"], "dst": ["tag:web:80"]},
]}"#,
        &[
            "3:1 duplicate: this rule repeats the one of line 2: it grants nothing more",
            "4:1 duplicate: this rule is the one of line 2 with other sources: they can be one",
        ],
    );
}

#[test]
fn findings_are_among_them_and_all_are_in_the_order_of_the_text() {
    check(
        "{\n\"acls\": [{\"src\": [], \"dst\": []}],\n// tailgrant: hide\n\"hosts\": {},\n\"groups\": 7}",
        &[
            "2:10 no-sources: this rule has no sources: it grants nothing",
            "3:4 finding: this directive belongs to no rule, group or tag: it does not count",
            "5:11 finding: groups is no object: nothing in it counts",
        ],
    );
}

#[test]
fn tests_are_not_judged_without_a_tailnet() {
    let text = r#"{"tests": [{"src": "ada@example.com"}, {}], "sshTests": [{}]}"#;
    check(
        text,
        &[
            "1:12 tests-not-judged: the 2 tests in tests are not judged: that takes the users and devices of the tailnet",
            "1:58 tests-not-judged: the test in sshTests is not judged: that takes the users and devices of the tailnet",
        ],
    );
}

#[test]
fn users_that_nobody_is_and_synced_groups() {
    let text = r#"{
"groups": {"group:a": ["ada@example.com", "eve@example.com"]},
"tagOwners": {"tag:a": ["EVE@example.com", "group:x@example.com"]},
"acls": [{"action": "accept", "src": ["bo@example.com"], "dst": ["cy@example.com:22", "group:x@example.com:22"]}],
"ssh": [{"action": "accept", "src": ["group:y@example.com"], "dst": ["di@example.com"], "users": ["fay@example.com"]}],
}"#;
    let people = |warning: &String| warning.contains("unknown-user") || warning.contains("synced-group");
    check(text, &[]);
    let told: Vec<String> = told(text, Some(&tailnet())).into_iter().filter(people).collect();
    assert_eq!(
        told,
        [
            r#"2:43 unknown-user: "group:a": user not found: "eve@example.com""#,
            r#"3:25 unknown-user: "tag:a": user not found: "EVE@example.com""#,
            r#"3:44 synced-group: "group:x@example.com" is synced from a directory: who is in it is not known here"#,
            r#"4:39 unknown-user: user not found: "bo@example.com""#,
            r#"4:66 unknown-user: user not found: "cy@example.com""#,
            r#"5:38 synced-group: "group:y@example.com" is synced from a directory: who is in it is not known here"#,
            r#"5:70 unknown-user: user not found: "di@example.com""#,
        ]
    );
}

#[test]
fn rules_that_reach_nothing_in_the_tailnet() {
    let nobody = "unreachable: nobody in this tailnet is among this rule's sources: it grants nothing";
    let nothing = "unreachable: nothing in this tailnet is among this rule's destinations: it grants nothing";
    let rule = |source: &str, destination: &str| {
        format!(r#"{{"grants": [{{"src": ["{source}"], "dst": ["{destination}"], "ip": ["*"]}}], {TAGS}}}"#)
    };
    check_in_tailnet(&rule("ada@example.com", "tag:db"), &[]);
    check_in_tailnet(&rule("10.0.0.7", "tag:db"), &[]);
    check_in_tailnet(&rule("tag:web", "tag:db"), &[&format!("1:13 {nobody}")]);
    check_in_tailnet(&rule("ada@example.com", "tag:web"), &[&format!("1:13 {nothing}")]);
    check_in_tailnet(&rule("ada@example.com", "10.0.0.0/8"), &[&format!("1:13 {nothing}")]);
    // Who or what these are is not in the topology.
    check_in_tailnet(
        &rule("group:x@example.com", "tag:db"),
        &[
            r#"1:22 synced-group: "group:x@example.com" is synced from a directory: who is in it is not known here"#,
        ],
    );
    check_in_tailnet(&rule("ada@example.com", "svc:web"), &[]);
    check_in_tailnet(
        &format!(
            r#"{{"ssh": [{{"action": "accept", "src": ["tag:web"], "dst": ["tag:db"], "users": ["root"]}}], {TAGS}}}"#
        ),
        &[&format!("1:10 {nobody}")],
    );
    check_in_tailnet(
        &format!(
            r#"{{"grants": [{{"src": ["tag:web"], "dst": ["tag:db"], "app": {{"example.com/cap/a": []}}}}], {TAGS}}}"#
        ),
        &[&format!("1:13 {nobody}")],
    );
}

#[test]
fn of_a_mistaken_rule_it_is_not_said_that_it_reaches_nothing() {
    for rule in [
        r#""acls": [{"action": "ACCEPT", "src": ["*"], "dst": ["*:*"]}]"#,
        r#""acls": [{"action": "accept", "proto": "bogus", "src": ["*"], "dst": ["*:*"]}]"#,
        r#""grants": [{"src": ["*"], "dst": ["*"], "ip": []}]"#,
        r#""grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"], "via": ["group:a"]}]"#,
        r#""ssh": [{"action": "accept", "src": ["ada@example.com"], "dst": ["tag:db"], "users": ["*"]}]"#,
    ] {
        check_in_tailnet(&format!("{{{rule}, {TAGS}}}"), &[]);
    }
}
