use super::*;
use crate::policy::parse;
use crate::policy::schema::{self, Shape};
use proptest::prelude::*;

/// What the service says to a policy of the tailnet `example.com`: nothing, or the status where it is not
/// 400, the message and the position.
fn verdict(text: &str) -> String {
    let topology = Topology { domains: vec!["example.com".to_owned()], ..Topology::default() };
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    match judge(&policy, &topology) {
        Ok(()) => "accepted".to_owned(),
        Err(Rejection { status, message, position, .. }) => {
            let status = if status == 400 { String::new() } else { format!("{status} ") };
            format!("{}:{} {status}{message}", position.line, position.column)
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(verdict(text), expected, "{text}");
}

/// Definitions for those that follow them.
const DEFINED: &str = r#""groups": {"group:eng": ["ada@example.com"]}, "tagOwners": {"tag:web": [], "tag:db": []},
    "hosts": {"lab": "10.0.0.0/8"}, "ipsets": {"ipset:lab": ["host:lab"]}, "postures": {"posture:ok": []},"#;

/// A rule of a section behind [`DEFINED`], on a line of its own.
#[track_caller]
fn rule(section: &str, fields: &str, expected: &str) {
    let text = format!("{{{DEFINED}\n\"{section}\": [\n{{{fields}}}]}}");
    let place = if expected == "accepted" { "" } else { "4:" };
    let verdict = verdict(&text);
    let message = verdict.strip_prefix(place).unwrap_or("another line");
    let message = message.split_once(' ').map_or(message, |(_, message)| message);
    assert_eq!(message, expected, "{text}\n{verdict}");
}

#[test]
fn the_place_is_that_of_the_element() {
    check(
        "{\"tagOwners\": {\"tag:a\": []},\n\"acls\": [\n  {\"action\": \"accept\", \"users\": [\"*\", \"tag:b\"], \"ports\": [\"tag:a:22\"]}]}",
        "3:39 src=tag not found: \"tag:b\"",
    );
    check(
        "{\"ACLs\": [{\"Action\": \"accept\", \"Src\": [\"*\"],\n\"Dst\": [\"*:*\", 7, \"tag:\\u0061:22\"]}]}",
        "2:16 json: cannot unmarshal number into Go struct field Policy.ACLs.Dst of type string",
    );
    check(
        "{\"acls\": [{\"action\": \"accept\", \"src\": [\"*\"],\n\"dst\": [\"*:*\", \"tag:\\u0061:22\"]}]}",
        "2:16 dst=\"tag:a\": tag not found: \"tag:a\"",
    );
    check("{\"ssh\": [\n {\"action\": \"accept\"}]}", "2:2 users must be specified");
    check("{\"grants\": [{\n\"ip\": []}]}", "2:7 ip and app can not both be empty");
}

#[test]
fn values_of_the_wrong_kind() {
    for (text, expected) in [
        (
            r#"{"groups": []}"#,
            "1:12 json: cannot unmarshal array into Go struct field Policy.groups of type map[string][]string",
        ),
        (
            r#"{"groups": {"group:a": "x"}}"#,
            "1:24 json: cannot unmarshal string into Go struct field Policy.groups.group:a of type []string",
        ),
        (
            r#"{"acls": {}}"#,
            "1:10 json: cannot unmarshal object into Go struct field Policy.acls of type []struct",
        ),
        (
            r#"{"acls": [7]}"#,
            "1:11 json: cannot unmarshal number into Go struct field Policy.acls of type struct",
        ),
        (
            r#"{"ssh": [{"enforceRecorder": "no"}]}"#,
            "1:30 json: cannot unmarshal string into Go struct field Policy.ssh.enforceRecorder of type bool",
        ),
        (
            r#"{"grants": [{"app": {"a.b/c": {}}}]}"#,
            "1:31 json: cannot unmarshal object into Go struct field Policy.grants.app.a.b/c of type []interface {}",
        ),
        (r#"{"groups": null, "acls": null, "hosts": null, "nodeAttrs": null, "unheard-of": 7}"#, "accepted"),
    ] {
        check(text, expected);
    }
}

#[test]
fn null_is_an_empty_rule() {
    for (section, good, expected) in [
        ("acls", r#"{"action": "accept"}"#, r#"action="" is not supported"#),
        ("grants", r#"{"ip": ["*"]}"#, "ip and app can not both be empty"),
        ("ssh", r#"{"action": "accept", "users": ["root"]}"#, "action must be specified"),
    ] {
        for empty in ["{}", "null"] {
            check(&format!("{{\"{section}\": [{good},\n{empty}, {{}}]}}"), &format!("2:1 {expected}"));
            check(&format!("{{\"{section}\": [\n{{}}, {empty}]}}"), &format!("2:1 {expected}"));
        }
    }
}

#[test]
fn long_rules_are_judged_in_linear_time() {
    let many = |text: &str| vec![format!("{text:?}"); 20_000].join(",");
    let (logins, members) = (many("ada@example.com"), many("autogroup:member:*"));
    check(
        &format!(
            r#"{{"ssh": [{{"action": "accept", "users": ["root"], "src": [{logins}], "dst": [{logins}]}}]}}"#
        ),
        "accepted",
    );
    check(&format!(r#"{{"acls": [{{"action": "accept", "src": ["*"], "dst": [{members}]}}]}}"#), "accepted");
}

#[test]
fn definitions() {
    for (text, expected) in [
        (r#"{"groups": {"eng": []}}"#, r#"1:20 groups["eng"]: names must start with 'group:'"#),
        (
            r#"{"groups": {"group:a": ["group:b"], "group:b": []}}"#,
            r#"1:25 groups["group:a"]: "group:b": group members cannot be recursive"#,
        ),
        (
            r#"{"groups": {"group:a": ["autogroup:member"]}}"#,
            r#"1:25 groups["group:a"]: "autogroup:member": group members must be users"#,
        ),
        (r#"{"groups": {"group:a": ["nobody@nowhere.example", " Ada@example.com "]}}"#, "accepted"),
        (r#"{"tagOwners": {"server": []}}"#, r#"1:26 tagOwners["server"]: tags must start with 'tag:'"#),
        (r#"{"tagOwners": {"tag:a": ["tag:b"]}}"#, r#"1:26 tagOwners["tag:a"]: tag not found: "tag:b""#),
        (r#"{"tagOwners": {"tag:a": ["tag:b"], "tag:b": ["tag:a", "tag:b"]}}"#, "accepted"),
        (
            r#"{"tagOwners": {"tag:a": ["group:x"]}}"#,
            r#"1:26 tagOwners["tag:a"]: group not found: "group:x""#,
        ),
        (r#"{"tagOwners": {"tag:a": ["group:x@example.com", "autogroup:it-admin"]}}"#, "accepted"),
        (
            r#"{"tagOwners": {"tag:a": ["10.0.0.1"]}}"#,
            r#"1:26 tagOwners["tag:a"]: "10.0.0.1": not a valid tag owner"#,
        ),
        (r#"{"hosts": {"web": "10.0.0.1/33"}}"#, r#"1:19 hosts["web"]: "10.0.0.1/33": invalid address"#),
        (r#"{"hosts": {"a@b": "10.0.0.1"}}"#, r#"1:19 hosts["a@b"]: host names must not contain '@'"#),
        (r#"{"ipsets": {"lab": []}}"#, r#"1:20 ipsets["lab"]: names must start with 'ipset:'"#),
        (
            r#"{"ipsets": {"ipset:a": ["tag:x"]}}"#,
            r#"1:25 ipsets["ipset:a"]: "tag:x": not valid in an ipset"#,
        ),
        (
            r#"{"ipsets": {"ipset:a": ["add 10.0.0.0/8", "remove 10.0.0.1-10.0.0.9", "autogroup:internet"]}}"#,
            "accepted",
        ),
        (r#"{"ipsets": {"ipset:a": ["ipset:b"], "ipset:b": ["ipset:c"], "ipset:c": []}}"#, "accepted"),
        (r#"{"ipsets": {"ipset:a": ["add\t10.0.0.0/8", " remove  10.0.0.1-10.0.0.9"]}}"#, "accepted"),
        (
            r#"{"ipsets": {"ipset:z": [], "ipset:a": ["ipset:b"], "ipset:b": ["remove ipset:a"]}}"#,
            r#"1:39 ipsets["ipset:a"]: ipsets cannot be recursive"#,
        ),
        (r#"{"postures": {"ok": []}}"#, r#"1:21 postures["ok"]: names must start with 'posture:'"#),
        (r#"{"defaultSrcPosture": ["posture:ok"]}"#, r#"1:24 posture not found: "posture:ok""#),
        (
            r#"{"attrConfig": {"custom:a": {"type": "text"}}}"#,
            r#"1:29 attrConfig["custom:a"]: "text": invalid type, use string, number or bool"#,
        ),
        (r#"{"oneCGNATRoute": "never"}"#, r#"1:19 OneCGNATRoute "never" is not valid"#),
    ] {
        check(text, expected);
    }
}

#[test]
fn acl_rules() {
    for (fields, expected) in [
        (r#""action": " accept\t", "src": [" group:eng "], "dst": ["tag:web:22,80-443"]"#, "accepted"),
        (r#""action": "accept", "src": [], "dst": []"#, "accepted"),
        (r#""action": "deny", "src": ["*"], "dst": ["*:*"]"#, r#"action="deny" is not supported"#),
        (r#""src": ["*"], "dst": ["*:*"]"#, r#"action="" is not supported"#),
        (
            r#""action": "accept", "src": ["*"], "users": ["*"], "dst": ["*:*"]"#,
            "cannot use both src and users",
        ),
        (r#""action": "accept", "src": ["*"], "users": null, "dst": ["*:*"]"#, "accepted"),
        (r#""action": "accept", "src": ["group:x"], "dst": ["*:*"]"#, r#"src=group not found: "group:x""#),
        (r#""action": "accept", "src": ["web"], "dst": ["*:*"]"#, r#"src="web": invalid address"#),
        (r#""action": "accept", "src": ["*"], "dst": ["web:80"]"#, r#"dst="web": "web": invalid address"#),
        (r#""action": "accept", "src": ["ipset:x"], "dst": ["*:*"]"#, r#"src=ipset not found: "ipset:x""#),
        (
            r#""action": "accept", "src": ["lab", "ipset:lab", "autogroup:danger-all"], "dst": ["ipset:lab:*"]"#,
            "accepted",
        ),
        (
            r#""action": "accept", "src": ["autogroup:internet"], "dst": ["*:*"]"#,
            r#""autogroup:internet" not valid on the src side of a rule"#,
        ),
        (
            r#""action": "accept", "src": ["*"], "dst": ["autogroup:shared:*"]"#,
            r#""autogroup:shared" not valid on the dst side of a rule"#,
        ),
        (
            r#""action": "accept", "src": ["*"], "dst": ["autogroup:danger-all:*"]"#,
            "cannot use autogroup:danger-all as a dst",
        ),
        (
            r#""action": "accept", "src": ["user:*@example.org"], "dst": ["*:*"]"#,
            "src=example.org is not associated with this Tailnet and cannot be used in user:*@<domain> expressions",
        ),
        (
            r#""action": "accept", "src": ["*"], "dst": ["tag:web"]"#,
            r#"dst="tag:web": port range "web": invalid first integer"#,
        ),
        (
            r#""action": "accept", "src": ["*"], "dst": ["lab"]"#,
            r#"dst="lab": hostport must contain a colon (":")"#,
        ),
        (r#""action": "accept", "src": ["*"], "dst": ["autogroup:self:*"]"#, "accepted"),
        (
            r#""action": "accept", "src": ["*", "lab"], "dst": ["autogroup:self:*"]"#,
            "autogroup:self can only be used with users, groups, or supported autogroups",
        ),
        (
            r#""action": "accept", "src": ["*"], "dst": ["tag:web:22"], "proto": "icmp""#,
            r#"dst="tag:web:22": proto "icmp" has no ports, use '*'"#,
        ),
        (r#""action": "accept", "src": ["*"], "dst": ["tag:web:*"], "proto": 1"#, "accepted"),
        (
            r#""action": "accept", "src": ["*"], "dst": ["*:*"], "proto": "tpc""#,
            r#"proto name "tpc" not known; use protocol number 0-255"#,
        ),
        (
            r#""action": "accept", "src": ["*"], "dst": ["*:*"], "srcPosture": ["posture:ok", "posture:x"]"#,
            r#"posture not found: "posture:x""#,
        ),
        (
            r#""action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:members:*"]"#,
            r#"cannot use both "autogroup:member" and "autogroup:members""#,
        ),
    ] {
        rule("acls", fields, expected);
    }
}

#[test]
fn grant_rules() {
    for (fields, expected) in [
        (
            r#""src": ["*"], "dst": ["svc:x", "ipset:lab"], "ip": ["tcp:443", "icmp:*", "47"], "via": null"#,
            "accepted",
        ),
        (r#""src": ["*"], "dst": ["*"], "ip": []"#, "ip and app can not both be empty"),
        (r#""src": ["*"], "dst": ["*"], "ip": ["ICMP:22"]"#, r#"proto "ICMP" has no ports, use '*'"#),
        (r#""src": ["*"], "dst": ["*"], "ip": ["icmp"]"#, r#"port range "icmp": invalid first integer"#),
        (
            r#""src": ["*"], "dst": ["*"], "app": {"backup": []}"#,
            "capability name must have the form {domain}/{path}",
        ),
        (
            r#""src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/funnel": []}"#,
            "capability name must not be in the tailscale.com domain",
        ),
        (r#""src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/pam": []}"#, "accepted"),
        (r#""src": ["*"], "dst": ["*"], "ip": ["*"], "via": ["group:eng"]"#, "via can only be a tag"),
        (
            r#""src": ["*"], "dst": ["*"], "ip": ["*"], "via": ["tag:web", "tag:x"]"#,
            r#"tag "tag:x" not found"#,
        ),
        (
            r#""src": ["*"], "dst": ["autogroup:internet"], "app": {"a.b/c": []}"#,
            "cannot use app grants with autogroup:internet",
        ),
        (
            r#""src": ["*"], "dst": ["::/0"], "ip": ["*"]"#,
            r#"dst "::/0": to allow all IP addresses, use "*" or "autogroup:internet""#,
        ),
        (
            r#""src": ["*"], "dst": ["autogroup:self"], "ip": ["*"]"#,
            "autogroup:self can only be used with users, groups, or supported autogroups",
        ),
        (r#""src": ["autogroup:admin"], "dst": ["autogroup:self"], "ip": ["*"]"#, "accepted"),
        (r#""src": ["*"], "dst": ["tag:x"], "ip": ["*"]"#, r#"dst="tag:x": tag not found: "tag:x""#),
        (
            r#""src": ["*"], "dst": ["tag:web:22"], "ip": ["*"]"#,
            r#"dst="tag:web:22": tag not found: "tag:web:22""#,
        ),
    ] {
        rule("grants", fields, expected);
    }
}

#[test]
fn ssh_rules() {
    for (fields, expected) in [
        (
            r#""action": "accept", "src": ["group:eng"], "dst": ["tag:web"], "users": [" root", "group:x", "localpart:*@"]"#,
            "accepted",
        ),
        (r#""action": "check", "users": ["root"], "checkPeriod": "always", "acceptEnv": null"#, "accepted"),
        (r#""users": ["root"]"#, "action must be specified"),
        (r#""action": "Accept", "users": ["root"]"#, r#""Accept" is not a valid action"#),
        (r#""action": "accept", "users": []"#, "users must be specified"),
        (r#""action": "accept", "users": ["root", " "]"#, r#"user "" is not valid"#),
        (
            r#""action": "accept", "users": ["localpart:*@Example.com"]"#,
            "Example.com is not associated with this Tailnet and cannot be used in user:*@<domain> expressions",
        ),
        (
            r#""action": "accept", "users": ["root"], "src": ["user:*@example.org"]"#,
            "[ssh] example.org is not associated with this Tailnet and cannot be used in user:*@<domain> expressions",
        ),
        (
            r#""action": "check", "users": ["root"], "checkPeriod": "1d""#,
            r#"time: unknown unit "d" in duration "1d""#,
        ),
        (
            r#""action": "check", "users": ["root"], "checkPeriod": "-1ns""#,
            "checkPeriod -1ns must be a positive duration",
        ),
        (
            r#""action": "check", "users": ["root"], "checkPeriod": "10081m""#,
            "checkPeriod 168h1m0s is above the max (168h)",
        ),
        (r#""action": "check", "users": ["root"], "checkPeriod": "168h""#, "accepted"),
        (
            r#""action": "accept", "users": ["root"], "acceptEnv": ["LC_*", ""]"#,
            "acceptEnv values cannot be empty",
        ),
        (r#""action": "accept", "users": ["root"], "dst": ["10.0.0.1"]"#, r#"invalid dst "10.0.0.1""#),
        (r#""action": "accept", "users": ["root"], "dst": ["*"]"#, r#"invalid dst "*""#),
        (r#""action": "accept", "users": ["root"], "src": ["lab"]"#, r#"invalid src "lab""#),
        (r#""action": "accept", "users": ["root"], "dst": ["tag:x"]"#, r#"tag not found: "tag:x""#),
        (
            r#""action": "accept", "users": ["root"], "src": ["tag:web"], "dst": ["autogroup:self"]"#,
            "autogroup:self can only be used with users, groups, or supported autogroups",
        ),
        (
            r#""action": "accept", "users": ["root"], "src": ["ada@example.com"], "dst": ["Ada@example.com"]"#,
            "accepted",
        ),
        (
            r#""action": "accept", "users": ["root"], "src": ["group:eng"], "dst": ["ada@example.com"]"#,
            "users in dst must be the only src",
        ),
        (
            r#""action": "accept", "users": ["root"], "src": ["bo@example.com", "ada@example.com"], "dst": ["ada@example.com"]"#,
            "users in dst must be the only src",
        ),
        (r#""action": "accept", "users": ["root"], "src": [], "dst": ["ada@example.com"]"#, "accepted"),
        (
            r#""action": "accept", "users": ["root"], "src": ["group:eng"], "dst": ["user:*@example.com"]"#,
            "accepted",
        ),
        (
            r#""action": "check", "users": ["root"], "src": ["tag:web"], "dst": ["tag:db"]"#,
            r#"tags cannot be used as src of a rule with action "check""#,
        ),
        (r#""action": "accept", "users": ["root"], "recorder": ["tag:x"]"#, r#"tag not found: "tag:x""#),
        (
            r#""action": "accept", "users": ["root"], "recorder": ["tag:web", "tag:db"]"#,
            "recorder must be one tag",
        ),
    ] {
        rule("ssh", fields, expected);
    }
}

#[test]
fn attributes_and_approvers() {
    for (fields, expected) in [
        (
            r#""target": ["*", "lab", "10.0.0.1"], "attr": ["custom:x"], "ipPool": ["100.81.0.0/16"]"#,
            "accepted",
        ),
        (r#""target": [], "attr": null"#, "accepted"),
        (r#""target": ["%bogus%"]"#, r#""%bogus%": invalid address"#),
        (r#""target": ["tag:x"]"#, r#"tag not found: "tag:x""#),
        (r#""target": ["autogroup:self"]"#, "500 internal server error"),
        (r#""target": ["svc:x"]"#, r#"invalid target "svc:x""#),
        (
            r#""target": ["*"], "ipPool": ["100.100.100.0/24"]"#,
            "IPPool(100.100.100.0/24): network within reserved range",
        ),
    ] {
        rule("nodeAttrs", fields, expected);
    }
    for (text, expected) in [
        (r#"{"autoApprovers": {"routes": {"lab": []}}}"#, r#"1:38 "lab": invalid prefix"#),
        (
            r#"{"autoApprovers": {"routes": {"::/0": ["tag:x"]}}}"#,
            r#"1:40 autoApprovers.routes["::/0"]: tag not found: "tag:x""#,
        ),
        (r#"{"autoApprovers": {"exitNode": ["10.0.0.1"]}}"#, r#"1:33 "10.0.0.1": not a valid approver"#),
        (r#"{"autoApprovers": {"services": {"tag:x": []}}}"#, r#"1:42 tag not found: "tag:x""#),
        (r#"{"autoApprovers": {"services": {"svc:x": ["ada@example.com"]}}}"#, "accepted"),
    ] {
        check(text, expected);
    }
}

#[test]
fn unknown_domains_are_not_judged() {
    let text = r#"{"ssh": [{"action": "accept", "src": ["user:*@example.org"], "users": ["localpart:*@example.org"]}]}"#;
    let document = parse(text.as_bytes()).unwrap();
    assert_eq!(judge(&Policy::read(&document).unwrap(), &Topology::default()), Ok(()));
}

#[test]
fn texts_that_are_no_policy() {
    for (text, expected) in [
        ("", "1:1 hujson: line 1, column 1: parsing value: unexpected EOF"),
        ("[]", "1:1 the policy file is not an object"),
        ("{\n  'a'}", "2:3 hujson: line 2, column 3: invalid character '\\'' at start of value"),
    ] {
        let error = match parse(text.as_bytes()) {
            Ok(document) => Policy::read(&document).err().unwrap(),
            Err(error) => error,
        };
        let Rejection { message, position, .. } = Rejection::of_unreadable(&error);
        assert_eq!(format!("{}:{} {message}", position.line, position.column), expected);
    }
}

/// Words that mean something in one place or another, most of them in the wrong one here.
const WORDS: [&str; 34] = [
    "",
    " ",
    "*",
    "accept",
    "check",
    "always",
    "-1m",
    "tcp",
    "1",
    "443",
    "tcp:443",
    "autogroup:self",
    "autogroup:member",
    "autogroup:internet",
    "group:eng",
    "tag:web",
    "tag:",
    "tag:web:22",
    "ada@example.com",
    "ada@example.com:22",
    "user:*@example.com",
    "localpart:*@",
    "10.0.0.0/8",
    "[::1]:22",
    "::/0",
    "lab",
    "ipset:lab",
    "add ipset:lab",
    "svc:web",
    "host:lab",
    "example.com/cap/x",
    "posture:ok",
    "100.64.0.0/10",
    "\u{1F680}:%\u{0}",
];

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&WORDS[..])
}

/// Any value at all.
fn anything() -> BoxedStrategy<serde_json::Value> {
    let leaf = prop_oneof![word().prop_map(Into::into), Just(serde_json::Value::Null), Just(7.into())];
    let any = leaf.prop_recursive(3, 12, 3, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..3).prop_map(serde_json::Value::from);
        let object = prop::collection::vec((word(), inner), 0..3);
        prop_oneof![array, object.prop_map(|members| members.into_iter().collect())]
    });
    any.boxed()
}

/// A value that mostly has a shape.
fn shaped(shape: &'static Shape) -> BoxedStrategy<serde_json::Value> {
    let fitting = match shape {
        Shape::Anything => anything(),
        Shape::Text => word().prop_map(Into::into).boxed(),
        Shape::Truth => any::<bool>().prop_map(Into::into).boxed(),
        Shape::List(shape) => {
            prop::collection::vec(shaped(shape), 0..3).prop_map(serde_json::Value::from).boxed()
        }
        Shape::Each(shape) => prop::collection::vec((word(), shaped(shape)), 0..3)
            .prop_map(|members| members.into_iter().collect())
            .boxed(),
        Shape::Object(names) => names
            .iter()
            .map(|known| prop::option::of(shaped(&known.shape).prop_map(|value| (known.name, value))))
            .collect::<Vec<_>>()
            .prop_map(|members| members.into_iter().flatten().collect())
            .boxed(),
    };
    prop_oneof![200 => fitting, 1 => anything()].boxed()
}

proptest! {
    /// Whatever a policy holds, it is judged, always alike, and a refusal has a place in the text.
    #[test]
    fn every_policy_is_judged(policy in shaped(&Shape::Object(schema::POLICY))) {
        let text = serde_json::to_string_pretty(&policy).unwrap();
        let document = parse(text.as_bytes()).unwrap();
        let Ok(policy) = Policy::read(&document) else { return Ok(()) };
        let topology = Topology::default();
        let judged = judge(&policy, &topology);
        prop_assert_eq!(&judged, &judge(&policy, &topology));
        if let Err(Rejection { position, message, .. }) = judged {
            let line = text.lines().nth(position.line - 1);
            prop_assert!(line.is_some_and(|line| position.column <= line.len()), "{:?} {}", position, text);
            prop_assert!(!message.is_empty());
        }
    }
}
