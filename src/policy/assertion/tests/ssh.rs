//! `sshTests`

use super::*;

const RULES: &str = r#""ssh": [
    {"action": "accept", "src": ["group:eng"], "dst": ["tag:web"], "users": ["ubuntu"]},
    {"action": "check", "src": ["ada@example.com"], "dst": ["tag:web"], "users": ["root"]},
    {"action": "accept", "src": ["group:eng"], "dst": ["tag:web"], "users": ["root"]},
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot"]},
    {"action": "accept", "src": ["tag:db"], "dst": ["tag:router"], "users": ["backup"], "srcPosture": ["posture:ok"]},
    {"action": "accept", "src": ["group:sre@example.com"], "dst": ["tag:db"], "users": ["root"]},
]"#;

#[track_caller]
fn check(test: &str, expected: &[&str]) {
    check_on(&tailnet(), &format!("{RULES}, \"sshTests\": [{test}]"), expected);
}

#[test]
fn accept_check_and_deny() {
    let ada = r#""src": "ada@example.com", "dst": ["tag:web"]"#;
    check(&format!(r#"{{{ada}, "accept": ["ubuntu"], "check": ["root"], "deny": ["nobody"]}}"#), &[]);
    check(
        &format!(r#"{{{ada}, "accept": ["nobody"]}}"#),
        &[r#"user "nobody" on "tag:web": want: Accept, got: Drop"#],
    );
    check(
        &format!(r#"{{{ada}, "check": ["ubuntu"]}}"#),
        &[r#"user "ubuntu" on "tag:web": want: Check, got: Accept"#],
    );
    check(
        &format!(r#"{{{ada}, "deny": ["root", "ubuntu"]}}"#),
        &[
            r#"user "root" on "tag:web": want: Drop, got: Check"#,
            r#"user "ubuntu" on "tag:web": want: Drop, got: Accept"#,
        ],
    );
    check(
        &format!(r#"{{{ada}, "accept": ["ubuntu"], "deny": ["ubuntu"]}}"#),
        &[r#"user "ubuntu" on "tag:web": want: Drop, got: Accept"#],
    );
    // Whether a check is good enough is told both ways.
    check(
        &format!(r#"{{{ada}, "accept": ["root"]}}"#),
        &[r#"?user "root" on "tag:web": want: Accept, got: Check"#],
    );
}

#[test]
fn sources_and_destinations() {
    check(r#"{"src": "group:eng", "dst": ["tag:web", "tag:web"], "accept": ["ubuntu"]}"#, &[]);
    check(r#"{"src": "100.64.0.1", "dst": ["100.64.0.5"], "accept": ["ubuntu"]}"#, &[]);
    check(r#"{"src": "tag:web", "dst": ["dbhost"], "deny": ["root"]}"#, &[]);
    check(
        r#"{"src": "bob@example.org", "dst": ["bob@example.org"], "accept": ["me"], "deny": ["root"]}"#,
        &[],
    );
    check(
        r#"{"src": "bob@example.org", "dst": ["ada@example.com"], "accept": ["me"]}"#,
        &[r#"user "me" on "ada@example.com": want: Accept, got: Drop"#],
    );
    check(
        r#"{"src": "bob@example.org", "dst": ["tag:web", "tag:db"], "deny": ["ubuntu"]}"#,
        &[r#"user "ubuntu" on "tag:web": want: Drop, got: Accept"#],
    );
    // Ada is checked, Bob is not.
    check(
        r#"{"src": "group:eng", "dst": ["tag:web"], "check": ["root"]}"#,
        &[r#"user "root" on "tag:web": want: Check, got: Accept"#],
    );
}

#[test]
fn what_cannot_be_tested() {
    check(r#"{"src": "tag:web", "dst": ["tag:web"]}"#, &["neither accept nor check nor deny is there"]);
    check(
        r#"{"src": "tag:web", "dst": ["tag:web"], "accept": []}"#,
        &["neither accept nor check nor deny is there"],
    );
    check(r#"{"src": "tag:web", "deny": ["root"]}"#, &["no dst is there"]);
    check(
        r#"{"src": "tag:web", "dst": ["tag:web"], "deny": ["  "]}"#,
        &[r#"user "" on "tag:web": nothing is named"#],
    );
    check(r#"{"dst": ["tag:web"], "deny": ["root"]}"#, &[r#"src "": nothing is named"#]);
    check(
        r#"{"src": "fd7a:115c:a1e0::1", "dst": ["tag:web"], "accept": ["ubuntu"]}"#,
        &[r#"src "fd7a:115c:a1e0::1": an IPv6 address is not for SSH tests"#],
    );
    check(
        r#"{"src": "tag:web", "dst": ["fd7a:115c:a1e0::4"], "deny": ["root"]}"#,
        &[r#"dst "fd7a:115c:a1e0::4": an IPv6 address is not for SSH tests"#],
    );
    check(
        r#"{"src": "tag:web", "dst": ["nohost", "lab", "100.64.0.4:22"], "deny": ["root"]}"#,
        &[
            r#"dst "nohost": no such host"#,
            r#"dst "lab": more than one address"#,
            r#"dst "100.64.0.4:22": no such host"#,
        ],
    );
}

#[test]
fn what_hangs_on_something_unknown_is_not_certain() {
    check(
        r#"{"src": "tag:db", "dst": ["tag:router"], "deny": ["backup"]}"#,
        &[r#"?user "backup" on "tag:router": want: Drop, got: Accept"#],
    );
    check(
        r#"{"src": "bob@example.org", "dst": ["tag:db"], "accept": ["root"]}"#,
        &[r#"?user "root" on "tag:db": want: Accept, got: Drop"#],
    );
    check(
        r#"{"src": "tag:web", "dst": ["tag:db"], "accept": ["root"]}"#,
        &[r#"user "root" on "tag:db": want: Accept, got: Drop"#],
    );
}

#[test]
fn one_account_is_not_both_let_in_and_kept_out() {
    let rules =
        r#""ssh": [{"action": "accept", "src": ["tag:unused"], "dst": ["tag:web"], "users": ["root"]}]"#;
    let check = |test: &str, expected: &[&str]| {
        check_on(&tailnet(), &format!("{rules}, \"sshTests\": [{test}]"), expected);
    };
    let stand_in = r#""src": "tag:unused", "dst": ["tag:web"]"#;
    check(&format!(r#"{{{stand_in}, "accept": ["root"], "deny": ["ubuntu"]}}"#), &[]);
    check(
        &format!(r#"{{{stand_in}, "accept": ["root"], "deny": ["root "]}}"#),
        &[r#"user "root" on "tag:web": want: Drop, got: Accept"#],
    );
    check(
        &format!(r#"{{{stand_in}, "check": ["root"], "deny": ["root"]}}"#),
        &[
            r#"user "root" on "tag:web": want: Check, got: Accept"#,
            r#"user "root" on "tag:web": want: Drop, got: Accept"#,
        ],
    );
}

#[test]
fn nobody_logs_in_where_nothing_is_granted() {
    let synced = r#"src "group:sre@example.com": who is in a synced group is not known here"#;
    let test = |list: &str| {
        format!(r#""sshTests": [{{"src": "group:sre@example.com", "dst": ["tag:db"], "{list}": ["root"]}}]"#)
    };
    check_on(&tailnet(), &test("accept"), &[synced]);
    check_on(&tailnet(), &test("deny"), &[&format!("?{synced}")]);
    check_on(&tailnet(), &format!("{RULES}, {}", test("accept")), &[&format!("?{synced}")]);
    check(
        r#"{"src": "autogroup:auditor", "dst": ["tag:web"], "check": ["root"]}"#,
        &[r#"src "autogroup:auditor": nobody in the tailnet is meant by it"#],
    );
}
