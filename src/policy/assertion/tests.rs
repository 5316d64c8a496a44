//! What the service's rules for tests make of single tests.

mod network;
mod reading;
mod ssh;

use super::*;
use crate::policy::{self, Device, Person};

/// Sections that every policy here has.
const SECTIONS: &str = r#"
    "groups": {
        "group:eng": ["ada@example.com", "Bob@Example.org"],
        "group:new": ["cy@example.com"],
        "group:gone": ["gone@example.com"],
        "group:empty": [],
    },
    "hosts": {
        "dbhost": "100.64.0.4", "alone": "100.64.0.4/32", "lab": "10.1.0.0/16", "camera": "10.1.2.3",
        "dbhost6": "fd7a:115c:a1e0::4",
    },
    "tagOwners": {"tag:db": [], "tag:web": [], "tag:router": [], "tag:unused": []},
"#;

/// Ada has two devices, Bob one and Cy none; two web servers, a database, a router.
fn tailnet() -> Topology {
    let person = |login: &str, role: &str| Person {
        logins: vec![login.to_owned()],
        role: role.to_owned(),
        member: true,
        shared: false,
    };
    let device = |number: u8, owner: Option<usize>, tag: &str| Device {
        name: format!("device{number}"),
        owner,
        tags: if tag.is_empty() { Vec::new() } else { vec![tag.to_owned()] },
        addresses: vec![
            [100, 64, 0, number].into(),
            [0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, u16::from(number)].into(),
        ],
        ..Device::default()
    };
    let router =
        Device { approved_routes: vec!["10.1.0.0/16".parse().unwrap()], ..device(7, None, "tag:router") };
    Topology {
        people: vec![
            person("ada@example.com", "owner"),
            person("bob@example.org", "admin"),
            person("cy@example.com", "member"),
        ],
        devices: vec![
            device(1, Some(0), ""),
            device(2, Some(0), ""),
            device(3, Some(1), ""),
            device(4, None, "tag:db"),
            device(5, None, "tag:web"),
            device(6, None, "tag:web"),
            router,
        ],
        domains: vec!["example.com".to_owned()],
    }
}

/// The failures of a policy with these further sections.
fn failures_of(sections: &str, tailnet: &Topology) -> Vec<Failure> {
    let text = format!("{{{SECTIONS}{sections}}}");
    let document = policy::parse(text.as_bytes()).unwrap();
    failures(&Policy::read(&document).unwrap(), tailnet)
}

/// The errors of the one test of `sections`; a `?` in front of them where the service may see it otherwise.
#[track_caller]
fn check_on(tailnet: &Topology, sections: &str, expected: &[&str]) {
    let failures = failures_of(sections, tailnet);
    let errors: Vec<String> = failures
        .iter()
        .flat_map(|failure| {
            failure.errors.iter().map(|error| (if failure.certain { "" } else { "?" }, error))
        })
        .map(|(mark, error)| format!("{mark}{error}"))
        .collect();
    assert_eq!(errors, expected, "{sections}");
}

/// A failure knows its place and its source.
#[test]
fn failures_are_named_for_people() {
    let failures =
        failures_of("\"tests\": [7, {}], \"sshTests\": [\n{\"src\": \"bob@example.org\"}]", &tailnet());
    let names: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            r#"tests, number 2 (line 13), source """#,
            r#"sshTests, number 1 (line 14), source "bob@example.org""#,
        ]
    );
}

#[test]
fn what_the_service_would_say() {
    #[track_caller]
    fn check(sections: &str, expected: Option<(&str, usize)>) {
        let text = format!("{{{SECTIONS}{sections}}}");
        let document = policy::parse(text.as_bytes()).unwrap();
        let objection = objection(&Policy::read(&document).unwrap(), &tailnet());
        let told = objection.as_ref().map(|objection| (&*objection.message, objection.failures.len()));
        assert_eq!(told, expected, "{sections}");
    }
    check("", None);
    check(r#""tests": [], "sshTests": null"#, None);
    check(r#""tests": [{"src": "*"}, {"src": "tag:nowhere"}]"#, Some(("test(s) failed", 2)));
    // What hangs on something unknown is left to the service.
    check(r#""tests": [{"src": "group:sre@example.com", "accept": ["tag:db:22"]}]"#, None);
    for (destination, message) in [
        ("autogroup:internet", r#"SSH tests dst contains disallowed element "autogroup:internet""#),
        ("10.0.0.0/8", r#"SSH tests dst contains disallowed element "10.0.0.0/8""#),
        ("100.64.0.4/32", r#"SSH tests dst contains disallowed element "100.64.0.4/32""#),
        ("tag:db:22", r#"SSH tests dst contains unknown tag "tag:db:22""#),
        ("tag:nowhere", r#"SSH tests dst contains unknown tag "tag:nowhere""#),
    ] {
        // Said before any test is run.
        let sections = format!(
            r#""tests": [{{"src": "*"}}], "sshTests": [{{"src": "", "dst": ["tag:db", "{destination}"]}}]"#
        );
        check(&sections, Some((message, 0)));
    }
}
