//! Tests as the text has them.

use super::*;

#[track_caller]
fn findings(sections: &str, expected: &[&str]) {
    let text = format!("{{{sections}}}");
    let document = policy::parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let messages: Vec<&str> = policy.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, expected, "{sections}");
}

#[test]
fn old_names_and_any_case() {
    let sections = r#"{
        "Tests": [{"User": " ada@example.com ", "ALLOW": ["a:1\t"], "Deny": ["b:2"], "PROTO": "tcp"}],
        "SSHTESTS": [{"Src": "tag:x", "DST": ["tag:y"], "Accept": ["root"], "Check": ["x"], "deny": [" y"],
                      "srcPostureAttrs": {"node:os": "linux"}}],
    }"#;
    let document = policy::parse(sections.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let listed = |list: &Option<policy::List<'_>>| -> Vec<String> {
        list.iter().flat_map(|list| &list.items).map(|item| item.text.to_string()).collect()
    };
    let test = &policy.tests[0];
    assert_eq!((&*test.source, &*test.protocol, test.position.line), ("ada@example.com", "tcp", 2));
    assert_eq!((listed(&test.accept), listed(&test.deny)), (vec!["a:1".to_owned()], vec!["b:2".to_owned()]));
    assert!(!test.has_posture_attributes);
    let login = &policy.ssh_tests[0];
    assert_eq!((&*login.source, listed(&login.destinations)), ("tag:x", vec!["tag:y".to_owned()]));
    assert_eq!([&login.accept, &login.check, &login.deny].map(listed), [["root"], ["x"], ["y"]]);
    assert!(login.has_posture_attributes);
    assert_eq!(policy.findings, []);
}

#[test]
fn oddities_are_told() {
    findings(
        r#""tests": [{"src": "a@b", "acept": []}]"#,
        &[r#""acept" has no known meaning in a test, did you mean "accept"?"#],
    );
    findings(
        r#""sshTests": [{"proto": "tcp", "user": "x"}]"#,
        &[r#""proto" has no known meaning in a test"#, r#""user" has no known meaning in a test"#],
    );
    findings(
        r#""tests": ["tag:x", {"src": ["a@b"], "accept": [22]}]"#,
        &[
            "tests holds something that is no test: it does not count",
            "src is no string",
            "accept holds something that is no string",
        ],
    );
    findings(
        r#""tests": [{"user": "a@b", "src": "c@d"}]"#,
        &[
            r#""src" is in this test twice, perhaps in another spelling: lists are read whole, of texts the last counts"#,
        ],
    );
    findings(r#""tests": {"src": "a@b"}"#, &["tests is no array: nothing in it counts"]);
}
