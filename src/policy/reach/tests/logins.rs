//! SSH rules.

use super::super::{Origin, SshDecision};
use super::{address, compiled};
use serde_json::Value;

/// What becomes of logins of Ada to `web`, by account.
#[track_caller]
fn check_login(rules: &str, expected: &[(&str, SshDecision)]) {
    let reach = compiled(&format!(r#""ssh": [{rules}]"#));
    for (account, expected) in expected {
        assert_eq!(reach.ssh(address("ada1"), 5, account), *expected, "{account}: {rules}");
    }
}

#[test]
fn logins() {
    use SshDecision::{Accepted, Checked, Refused};
    let rule = |action: &str, src: &str, users: &str| {
        format!(r#"{{"action": "{action}", "src": ["{src}"], "dst": ["tag:web"], "users": [{users}]}}, "#)
    };
    let (first, second) = (Origin::Rule(0), Origin::Rule(1));
    check_login("", &[("root", Refused)]);
    check_login(&rule("accept", "group:eng", r#""root""#), &[("root", Accepted(first)), ("ubuntu", Refused)]);
    check_login(
        &rule(" accept ", "group:eng", r#""autogroup:nonroot""#),
        &[("root", Refused), ("ubuntu", Accepted(first))],
    );
    check_login(
        &(rule("accept", "group:eng", r#""root", "ubuntu""#) + &rule("check", "group:eng", r#""root""#)),
        &[("root", Checked(second)), ("ubuntu", Accepted(first)), ("", Refused)],
    );
    check_login(
        &rule("accept", "autogroup:member", r#""localpart:*@example.com""#),
        &[("Ada", Accepted(first)), ("bob", Refused), ("root", Refused)],
    );
    check_login(&rule("accept", "autogroup:member", r#""localpart:*@other.example""#), &[("cy", Refused)]);
    for refused in ["", r#""*""#, r#""root", """#] {
        check_login(&rule("accept", "group:eng", refused), &[("root", Refused)]);
    }
    check_login(&rule("deny", "group:eng", r#""root""#), &[("root", Refused)]);
    check_login(&rule("accept", "*", r#""root""#), &[("root", Refused)]);
    check_login(&rule("accept", "100.64.0.1", r#""root""#), &[("root", Refused)]);
}

#[test]
fn logins_to_own_devices() {
    let reach = compiled(
        r#""ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["root"]}]"#,
    );
    assert_eq!(reach.ssh(address("ada1"), 1, "root"), SshDecision::Accepted(Origin::Rule(0)));
    assert_eq!(reach.ssh(address("bob"), 1, "root"), SshDecision::Refused);
    assert_eq!(reach.ssh(address("web"), 5, "root"), SshDecision::Refused);
    assert_eq!(reach.ssh(address("ada1"), 99, "root"), SshDecision::Refused);
}

#[test]
fn own_devices_are_told_once() {
    let reach = compiled(
        r#""ssh": [{
            "action": "accept", "src": ["bob@example.com"], "dst": ["autogroup:self", "tag:router"],
            "users": ["localpart:*@example.com"],
        }]"#,
    );
    let told = reach.devices.iter().filter(|device| !device.ssh.is_empty());
    let told: Vec<_> = told.map(|device| (&*device.name, device.ssh.len())).collect();
    assert_eq!(told, [("bob", 1), ("router", 1)]);
    assert_eq!(reach.ssh(address("bob"), 2, "bob"), SshDecision::Accepted(Origin::Rule(0)));
}

#[test]
fn logins_as_they_are_told() {
    let told = serde_json::to_value(compiled(
        r#""ssh": [{
            "action": "check", "src": ["bob@example.com", "tag:db"], "dst": ["tag:router"],
            "users": ["localpart:*@example.com"], "acceptEnv": ["LC_*"],
        }]"#,
    ))
    .unwrap();
    let hold = r#""action": {"holdAndDelegate": "https://unused/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID?local_user=$LOCAL_USER"}, "acceptEnv": ["LC_*"]"#;
    let bob = r#""principals": [{"nodeIP": "100.64.0.3"}, {"nodeIP": "fd7a:115c:a1e0::3"}]"#;
    let db = r#""principals": [{"nodeIP": "100.64.0.7"}, {"nodeIP": "fd7a:115c:a1e0::7"}]"#;
    let rule = |principals, accounts| format!(r#"{{{principals}, "sshUsers": {{{accounts}}}, {hold}}}"#);
    let of_bob = rule(bob, r#""root": """#) + ", " + &rule(bob, r#""bob": "bob""#);
    let of_db = rule(db, r#""root": """#);
    let expected = format!(r#"{{"router": [{of_bob}, {of_db}], "bob": [{of_bob}], "db": [{of_db}]}}"#);
    assert_eq!(told["ssh"], serde_json::from_str::<Value>(&expected).unwrap());
}
