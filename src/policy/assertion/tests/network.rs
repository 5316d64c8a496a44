//! `tests`

use super::*;
use proptest::prelude::*;

/// One test, in a policy with these rules.
#[track_caller]
fn check(rules: &str, test: &str, expected: &[&str]) {
    check_on(&tailnet(), &format!("{rules}, \"tests\": [{test}]"), expected);
}

/// ACL rules of pairs of a source and a destination.
fn acls(rules: &[(&str, &str)]) -> String {
    let rule = |(source, destination): &(&str, &str)| {
        format!(r#"{{"action": "accept", "src": ["{source}"], "dst": ["{destination}"]}}"#)
    };
    format!("\"acls\": [{}]", rules.iter().map(rule).collect::<Vec<_>>().join(","))
}

/// A test that `source` must and one that it must not get through to `destination`.
#[track_caller]
fn outcome(rules: &str, source: &str, destination: &str, reached: bool) {
    let accept = format!(r#"{{"src": "{source}", "accept": ["{destination}"]}}"#);
    let deny = format!(r#"{{"src": "{source}", "deny": ["{destination}"]}}"#);
    let dropped = format!("address {destination:?}: want: Accept, got: Drop");
    let accepted = format!("address {destination:?}: want: Drop, got: Accept");
    let (dropped, accepted): (&[&str], &[&str]) = (&[&dropped], &[&accepted]);
    check(rules, &accept, if reached { &[] } else { dropped });
    check(rules, &deny, if reached { accepted } else { &[] });
}

/// Neither `accept` nor `deny` can hold.
#[track_caller]
fn never(source: &str, destination: &str, error: &str) {
    let everything = acls(&[("*", "*:*")]);
    for (rules, list) in [(&*everything, "accept"), (&*everything, "deny"), ("\"acls\": []", "deny")] {
        check(rules, &format!(r#"{{"src": "{source}", "{list}": ["{destination}"]}}"#), &[error]);
    }
}

#[test]
fn accept_wants_access_and_deny_wants_none() {
    let rules =
        acls(&[("group:eng", "tag:db:5432"), ("tag:web", "dbhost:22"), ("ada@example.com", "lab:80")]);
    outcome(&rules, "ada@example.com", "tag:db:5432", true);
    outcome(&rules, "ADA@example.com", "tag:db:5432", true);
    outcome(&rules, "ada@example.com", "tag:db:22", false);
    outcome(&rules, "group:eng", "tag:db:5432", true);
    outcome(&rules, "tag:web", "dbhost:22", true);
    outcome(&rules, "tag:web", "100.64.0.4:22", true);
    outcome(&rules, "tag:web", "alone:22", true);
    outcome(&rules, "tag:web", "[fd7a:115c:a1e0::4]:22", false);
    outcome(&rules, "tag:web", "dbhost6:22", false);
    outcome(&rules, "100.64.0.5", "100.64.0.4:22", true);
    outcome(&rules, "dbhost", "tag:db:5432", false);
    outcome(&rules, "tag:db", "ada@example.com:22", false);
    outcome(&rules, "autogroup:admin", "tag:db:5432", true);
    outcome(&rules, "autogroup:owner", "camera:80", true);
    outcome("\"ssh\": []", "tag:db", "tag:web:1", true);
}

#[test]
fn every_source_and_every_device_must_agree() {
    let rules = acls(&[("ada@example.com", "tag:db:22"), ("tag:db", "100.64.0.5:22")]);
    for (source, destination) in [("group:eng", "tag:db:22"), ("tag:db", "tag:web:22")] {
        let accept = format!(r#"{{"src": "{source}", "accept": ["{destination}"]}}"#);
        let deny = format!(r#"{{"src": "{source}", "deny": ["{destination}"]}}"#);
        check(&rules, &accept, &[&format!("address {destination:?}: want: Accept, got: Drop")]);
        check(&rules, &deny, &[&format!("address {destination:?}: want: Drop, got: Accept")]);
    }
}

#[test]
fn what_is_no_destination() {
    for (destination, why) in [
        ("tag:db:22,80", "one port is needed"),
        ("tag:db:22-80", "one port is needed"),
        ("tag:db:*", "one port is needed"),
        ("tag:db:-1", "one port is needed"),
        ("tag:db:99999", "one port is needed"),
        ("tag:db:0", "one port is needed"),
        ("tag:db:+22", "one port is needed"),
        ("tag:db", "one port is needed"),
        ("dbhost", "one port is needed"),
        ("*:22", "not for tests"),
        ("autogroup:internet:22", "not for tests"),
        ("autogroup:self:22", "not for tests"),
        ("autogroup:bogus:22", "no such autogroup"),
        ("10.1.0.0/16:22", "more than one address"),
        ("100.64.0.4/32:22", "more than one address"),
        ("lab:22", "more than one address"),
        ("10.1.0.0/33:22", "no such host"),
        ("tag:nowhere:22", "no such tag"),
        ("nohost:22", "no such host"),
        ("nobody@example.com:22", "no such user"),
        ("group:nowhere:22", "no such group"),
        ("group:empty:22", "the group has no members in the tailnet"),
        ("fd7a:115c:a1e0::4:22", "an IPv6 address stands in brackets"),
        ("[100.64.0.4]:22", "no such host"),
        (":22", "nothing is named"),
    ] {
        never("ada@example.com", destination, &format!("address {destination:?}: {why}"));
    }
}

#[test]
fn what_is_no_source() {
    for (source, why) in [
        ("", "nothing is named"),
        ("*", "not for tests"),
        ("autogroup:self", "not for tests"),
        ("autogroup:bogus", "no such autogroup"),
        ("10.1.0.0/16", "more than one address"),
        ("lab", "more than one address"),
        ("nohost", "no such host"),
        ("nobody@example.com", "no such user"),
        ("group:nowhere", "no such group"),
        ("group:empty", "the group has no members in the tailnet"),
        ("group:gone", "the group has no members in the tailnet"),
        ("tag:nowhere", "no such tag"),
    ] {
        never(source, "tag:db:22", &format!("src {source:?}: {why}"));
    }
    check("\"acls\": []", r#"{"deny": ["tag:db:22"]}"#, &[r#"src "": nothing is named"#]);
}

#[test]
fn something_must_be_asked() {
    let error = "neither accept nor deny is there";
    check("\"acls\": []", r#"{"src": "ada@example.com"}"#, &[error]);
    check("\"acls\": []", r#"{"src": "ada@example.com", "accept": [], "deny": null}"#, &[error]);
    check("\"acls\": []", r#"{"src": "tag:db", "deny": ["tag:db:1", "tag:db:1"]}"#, &[]);
}

#[test]
fn protocols() {
    let rules = r#""grants": [{"src": ["tag:web"], "dst": ["tag:db"], "ip": ["udp:53", "gre:*", "icmp:*"]}]"#;
    let test = |proto: &str, port: &str| {
        format!(r#"{{"src": "tag:web", "proto": {proto}, "accept": ["dbhost:{port}"]}}"#)
    };
    // Without a protocol TCP or UDP will do.
    check(rules, r#"{"src": "tag:web", "accept": ["dbhost:53"]}"#, &[]);
    check(
        rules,
        r#"{"src": "tag:web", "deny": ["dbhost:53"]}"#,
        &[r#"address "dbhost:53": want: Drop, got: Accept"#],
    );
    for (proto, port) in [
        ("\"udp\"", "53"),
        ("\"UDP\"", "53"),
        ("\"17\"", "53"),
        ("17", "53"),
        ("\"icmp\"", "0"),
        ("\"gre\"", "0"),
    ] {
        check(rules, &test(proto, port), &[]);
    }
    check(rules, &test("\"tcp\"", "53"), &[r#"address "dbhost:53": want: Accept, got: Drop"#]);
    check(rules, &test("\"icmp\"", "*"), &[r#"address "dbhost:*": one port is needed"#]);
    check(rules, &test("\"icmp\"", "8"), &[r#"address "dbhost:8": ICMP has the port 0 only"#]);
    check(rules, &test("\"carrier\"", "53"), &[r#"proto "carrier": not known"#]);
}

#[test]
fn who_has_no_device_yet_is_judged_by_the_rules() {
    let rules = acls(&[("group:new", "tag:unused:22"), ("tag:web", "camera:80")]);
    let accept = r#"{"src": "cy@example.com", "accept": ["tag:unused:22"]}"#;
    check(&rules, accept, &[]);
    check(&rules, r#"{"src": "group:new", "deny": ["tag:unused:23"]}"#, &[]);
    check(
        &rules,
        r#"{"src": "cy@example.com", "accept": ["tag:unused:23"]}"#,
        &[r#"address "tag:unused:23": want: Accept, got: Drop"#],
    );
    // Whether the service looks at devices or at names is not known.
    check(
        &rules,
        r#"{"src": "group:new", "deny": ["tag:unused:22"]}"#,
        &[r#"?address "tag:unused:22": want: Drop, got: Accept"#],
    );
    // An address that no device has.
    outcome(&rules, "tag:web", "camera:80", true);
    outcome(&rules, "tag:db", "camera:80", false);
}

#[test]
fn what_hangs_on_something_unknown_is_not_certain() {
    let rules = r#""acls": [
        {"action": "accept", "src": ["group:sre@example.com"], "dst": ["tag:db:22"]},
        {"action": "accept", "src": ["tag:web"], "dst": ["tag:db:80"], "srcPosture": ["posture:ok"]},
        {"action": "accept", "src": ["tag:web"], "dst": ["tag:db:81"]},
    ]"#;
    let wanted = |destination: &str| format!("?address {destination:?}: want: Accept, got: Drop");
    check(rules, r#"{"src": "ada@example.com", "accept": ["tag:db:22"]}"#, &[&wanted("tag:db:22")]);
    check(rules, r#"{"src": "ada@example.com", "accept": ["tag:web:22"]}"#, &[&wanted("tag:web:22")[1..]]);
    check(rules, r#"{"src": "tag:web", "accept": ["tag:db:22"]}"#, &[&wanted("tag:db:22")[1..]]);
    check(
        rules,
        r#"{"src": "tag:web", "deny": ["tag:db:80"]}"#,
        &[r#"?address "tag:db:80": want: Drop, got: Accept"#],
    );
    check(
        rules,
        r#"{"src": "tag:web", "deny": ["tag:db:81"]}"#,
        &[r#"address "tag:db:81": want: Drop, got: Accept"#],
    );
    check(
        rules,
        r#"{"src": "group:sre@example.com", "accept": ["tag:db:22"]}"#,
        &[r#"?src "group:sre@example.com": who is in a synced group is not known here"#],
    );
    check(
        rules,
        r#"{"src": "tag:web", "accept": ["svc:web:443"]}"#,
        &[r#"address "svc:web:443": services are not known here"#],
    );
    check(
        &acls(&[("tag:web", "svc:web:443")]),
        r#"{"src": "tag:web", "accept": ["svc:web:443"]}"#,
        &[r#"?address "svc:web:443": services are not known here"#],
    );
    // What is certain hides what is not.
    check(
        rules,
        r#"{"src": "tag:web", "deny": ["svc:web:443", "tag:db:*"]}"#,
        &[r#"address "tag:db:*": one port is needed"#],
    );
}

#[test]
fn one_destination_is_not_both_reached_and_not() {
    let rules = acls(&[("tag:unused", "tag:db:22")]);
    // Stand-ins, which alone would leave it open.
    check(
        &rules,
        r#"{"src": "tag:unused", "accept": ["tag:db:22"], "deny": [" tag:db:22"]}"#,
        &[r#"address "tag:db:22": want: Drop, got: Accept"#],
    );
    check(&rules, r#"{"src": "tag:unused", "accept": ["tag:db:22"], "deny": ["tag:db:23"]}"#, &[]);
    check(
        &acls(&[("tag:web", "svc:web:443")]),
        r#"{"src": "tag:web", "accept": ["svc:web:443"], "deny": ["svc:web:443"]}"#,
        &[r#"address "svc:web:443": services are not known here"#; 2],
    );
    check(
        &rules,
        r#"{"src": "group:sre@example.com", "accept": ["tag:db:22"], "deny": ["tag:db:22"]}"#,
        &[r#"src "group:sre@example.com": who is in a synced group is not known here"#],
    );
}

#[test]
fn nothing_is_reached_where_nothing_is_granted() {
    let (nobody, none) = ("nobody in the tailnet is meant by it", r#""acls": []"#);
    let services = "services are not known here";
    let everything = acls(&[("*", "*:*")]);
    let (web, mail, numbers) = (
        acls(&[("tag:web", "svc:web:443")]),
        acls(&[("tag:web", "svc:mail:25")]),
        acls(&[("tag:web", "10.0.0.0/8:*")]),
    );
    let auditor = "src \"autogroup:auditor\"";
    for (rules, source, list, destination, expected) in [
        (none, "autogroup:auditor", "accept", "tag:db:22", format!("{auditor}: {nobody}")),
        (&everything, "autogroup:auditor", "accept", "tag:db:22", format!("{auditor}: {nobody}")),
        (&everything, "autogroup:auditor", "deny", "tag:db:22", format!("?{auditor}: {nobody}")),
        (
            &everything,
            "tag:web",
            "accept",
            "autogroup:billing-admin:443",
            format!("address \"autogroup:billing-admin:443\": {nobody}"),
        ),
        (&everything, "tag:web", "accept", "svc:web:443", format!("address \"svc:web:443\": {services}")),
        (&everything, "tag:web", "deny", "svc:web:443", format!("?address \"svc:web:443\": {services}")),
        (&mail, "tag:web", "accept", "svc:web:443", format!("address \"svc:web:443\": {services}")),
        (&web, "tag:web", "accept", "svc:web:443", format!("?address \"svc:web:443\": {services}")),
        (&numbers, "tag:web", "accept", "svc:web:443", format!("?address \"svc:web:443\": {services}")),
    ] {
        check(rules, &format!(r#"{{"src": "{source}", "{list}": ["{destination}"]}}"#), &[&expected]);
    }
}

#[test]
fn a_default_posture_is_unknown_too() {
    let rules = format!(r#""defaultSrcPosture": ["posture:ok"], {}"#, acls(&[("tag:web", "tag:db:80")]));
    check(
        &rules,
        r#"{"src": "tag:web", "deny": ["tag:db:80"]}"#,
        &[r#"?address "tag:db:80": want: Drop, got: Accept"#],
    );
}

#[test]
fn an_unknown_tailnet_leaves_open_what_names_it() {
    let nothing = Topology::default();
    let sections = |test: &str| format!("{}, \"tests\": [{test}]", acls(&[("tag:web", "tag:db:80")]));
    for (test, expected) in [
        (
            r#"{"src": "ada@example.com", "accept": ["tag:db:80"]}"#,
            "?src \"ada@example.com\": users and devices are not known here",
        ),
        (
            r#"{"src": "tag:web", "accept": ["100.64.0.4:80"]}"#,
            "?address \"100.64.0.4:80\": users and devices are not known here",
        ),
        (r#"{"src": "tag:web", "accept": ["tag:db:81"]}"#, "address \"tag:db:81\": want: Accept, got: Drop"),
        (r#"{"src": "tag:web", "accept": ["tag:db:*"]}"#, "address \"tag:db:*\": one port is needed"),
    ] {
        check_on(&nothing, &sections(test), &[expected]);
    }
    check_on(&nothing, &sections(r#"{"src": "tag:web", "accept": ["tag:db:80"]}"#), &[]);
}

/// Selectors of every form, and words that are none.
const WORDS: [&str; 24] = [
    "",
    " ",
    "*",
    "ada@example.com",
    "cy@example.com",
    "nobody@example.com",
    "group:eng",
    "group:empty",
    "group:sre@example.com",
    "tag:db",
    "tag:unused",
    "tag:nowhere",
    "autogroup:member",
    "autogroup:tagged",
    "autogroup:self",
    "user:*@example.com",
    "100.64.0.4",
    "[fd7a:115c:a1e0::4]",
    "10.1.0.0/16",
    "dbhost",
    "lab",
    "svc:web",
    "]:[",
    ":",
];

proptest! {
    /// A destination is never both reached and not reached; what cannot be tested is neither.
    #[test]
    fn accept_and_deny_never_both_hold(
        rules in prop::collection::vec((prop::sample::select(&WORDS[..]), prop::sample::select(&WORDS[..])), 0..4),
        source in prop::sample::select(&WORDS[..]),
        destination in prop::sample::select(&WORDS[..]),
        port in prop::sample::select(&["", ":22", ":0", ":*", ":22-80", ":99999", "::", "22"][..]),
        proto in prop::sample::select(&["", "tcp", "icmp", "58", "0", "x"][..]),
    ) {
        let rules: Vec<(&str, String)> = rules.iter().map(|(from, to)| (*from, format!("{to}:22"))).collect();
        let rules: Vec<(&str, &str)> = rules.iter().map(|(from, to)| (*from, to.as_str())).collect();
        let test = |list: &str| {
            format!(r#"{{"src": "{source}", "proto": "{proto}", "{list}": ["{destination}{port}"]}}"#)
        };
        let sections = format!("{}, \"tests\": [{}, {}]", acls(&rules), test("accept"), test("deny"));
        let failed: Vec<usize> = failures_of(&sections, &tailnet()).iter().map(|failure| failure.index).collect();
        prop_assert!(!failed.is_empty(), "{sections}");
    }
}
