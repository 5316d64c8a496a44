use super::*;
use crate::policy::{Policy, parse};

/// Rules of a section as `(id, baton id where it is unique)`.
#[track_caller]
fn ids(section: &str, rules: &str) -> Vec<(String, Option<String>)> {
    let text = format!("{{\"{section}\": [\n{rules}\n]}}");
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let id = |rule: &Rule<'_>| (rule.id.clone(), rule.baton_id.clone().filter(|_| rule.baton_id_unique));
    policy.rules.iter().map(id).collect()
}

#[track_caller]
fn form(section: Section, rule: &str) -> String {
    let document = parse(rule.as_bytes()).unwrap();
    String::from_utf8(canonical::form(section, &Fields::of_rule(section, document.root()))).unwrap()
}

const MODERN: &str = r#"{"action":"accept","src":["group:eng","ada@example.com"],"proto":"tcp","dst":["tag:web:443","tag:db:5432"],"srcPosture":["posture:managed"]}"#;
const LEGACY: &str = r#"{"Action":"accept","users":["group:eng"],"Proto":"tcp","ports":[" tag:db:5432","tag:web:443","tag:web:443"],"srcPosture":["posture:managed"]}"#;
const SSH: &str = r#"{"action":"check","src":["autogroup:member"],"dst":["tag:prod"],"users":["ubuntu","root"],"checkPeriod":"12h"}"#;
const GRANT: &str = r#"{"src":["group:dba"],"dst":["tag:db"],"ip":["tcp:5432"],"app":{"example.com/cap/Read":[{"tables":["b","a"]}]},"via":["tag:router"]}"#;

#[test]
fn forms_of_the_design() {
    let acl = r#"{"action":"accept","dst":["tag:db:5432","tag:web:443"],"proto":"tcp","srcposture":["posture:managed"]}"#;
    assert_eq!(form(Section::Acls, MODERN), acl);
    assert_eq!(form(Section::Acls, LEGACY), acl);
    assert_eq!(
        form(Section::Ssh, SSH),
        r#"{"action":"check","checkperiod":"12h","dst":["tag:prod"],"users":["root","ubuntu"]}"#
    );
    assert_eq!(
        form(Section::Grants, GRANT),
        r#"{"app":{"example.com/cap/Read":[{"tables":["b","a"]}]},"dst":["tag:db"],"ip":["tcp:5432"],"via":["tag:router"]}"#
    );
}

#[test]
fn ids_of_the_design() {
    let native = "acl:a04c968c638da636c2cc0e75d36e0d57".to_owned();
    let baton = "acl:eb57c52a7bdaeae14874dbc631295ca9ef9d22e2050f5beaca03d77610e3fe6e".to_owned();
    assert_eq!(ids("acls", MODERN), [(native.clone(), Some(baton))]);
    assert_eq!(ids("ACLs", LEGACY), [(native, None)]);
    assert_eq!(
        ids("ssh", SSH),
        [(
            "ssh:de97e195ad44b7062937a55b044e1dfe".to_owned(),
            Some("ssh:ff516ed7bb0467d3db04e81599f36657ad1e47d6740c96dd65d6cd6806e5c285".to_owned())
        )]
    );
    assert_eq!(ids("grants", GRANT), [("grant:91b0a59adba094aa3d66cc2253688ff7".to_owned(), None)]);
}

#[track_caller]
fn check_form(section: Section, rule: &str, expected: &str) {
    assert_eq!(form(section, rule), expected, "{rule}");
}

#[test]
fn what_a_form_keeps_and_drops() {
    let acl = |rule, expected| check_form(Section::Acls, rule, expected);
    acl("{}", "{}");
    acl(r#"{"SRC": ["a"], "Users": ["b"], "src": 7}"#, "{}");
    // sets: trimmed, sorted by bytes, unique; what is no string follows in order
    acl(
        r#"{"dst": ["b", 2, "a\t", {"Z": 1, "A": [ ]}, " b", null]}"#,
        r#"{"dst":["a","b",2,{"Z":1,"A":[]},null]}"#,
    );
    acl(r#"{"dst": ["é", "z", "\u00e9", "Z"]}"#, r#"{"dst":["Z","z","é"]}"#);
    // an array where none is expected stays as it is, and so does what is no array
    acl(r#"{"proto": ["b ", "a"], "dst": " x "}"#, r#"{"dst":" x ","proto":["b ","a"]}"#);
    acl(
        r#"{"action": "\taccept ", "checkPeriod": " 1h", "note": " n "}"#,
        r#"{"action":"accept","checkperiod":"1h","note":" n "}"#,
    );
    // doubled names stay, in their order
    acl(r#"{"ports": ["b"], "Dst": ["a"], "A": 1, "a": 2}"#, r#"{"a":1,"a":2,"dst":["b"],"dst":["a"]}"#);
    // numbers as written, comments and trailing commas gone
    acl("{\"n\": [-0, 1E+5, 12345678901234567890,], // x\n}", r#"{"n":[-0,1E+5,12345678901234567890]}"#);
    // names of other sections mean other things there
    check_form(
        Section::Grants,
        r#"{"users": ["b", "a"], "ports": ["b", "a"]}"#,
        r#"{"ports":["b","a"],"users":["b","a"]}"#,
    );
    check_form(
        Section::Ssh,
        r#"{"users": ["b", "a"], "acceptEnv": ["B", "A"]}"#,
        r#"{"acceptenv":["A","B"],"users":["a","b"]}"#,
    );
}

#[test]
fn strings_of_a_form() {
    check_form(
        Section::Grants,
        r#"{"\u0041\"": "\u0000\u001f\b\t\n\f\r\/\\\"\u007f\u2028\ud83d\ude00\ud800 "}"#,
        "{\"a\\\"\":\"\\u0000\\u001f\\b\\t\\n\\f\\r/\\\\\\\"\u{7f}\u{2028}\u{1f600}\u{fffd} \"}",
    );
    let document = parse(b"{\"x\": \"\xff\xfe\"}").unwrap();
    let form = canonical::form(Section::Acls, &Fields::of_rule(Section::Acls, document.root()));
    assert_eq!(form, "{\"x\":\"\u{fffd}\u{fffd}\"}".as_bytes());
}

#[test]
fn pins() {
    let long = "a".repeat(64);
    for pin in ["web", "0", "a.b_c-d", "deadbeef", &long.replace('a', "z"), &"0123456789abcdef".repeat(3)] {
        assert!(is_pin(pin), "{pin}");
    }
    let too_long = format!("{long}a");
    for text in ["", "-a", ".a", "Web", "a b", "ä", &too_long, &long, &"0123456789abcdef".repeat(2)] {
        assert!(!is_pin(text), "{text}");
    }
}

#[test]
fn a_pin_names_a_rule() {
    let rules = r#"
        // tailgrant: id=web
        {"action": "accept", "src": ["a@example.com"], "dst": ["tag:web:443"]},
        {"action": "accept", "src": ["b@example.com"], "dst": ["tag:web:443"]},"#;
    let ids: Vec<_> = ids("acls", rules).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.first().map(String::as_str), Some("acl:web"));
    assert!(ids.get(1).unwrap().len() == 36, "the other one keeps its hash");
}

#[test]
fn a_pin_on_equal_rules_is_one_resource() {
    let rules = r#"
        // tailgrant: id=web
        {"action": "accept", "src": ["a@example.com"], "dst": ["tag:web:443"]},
        // tailgrant: id=web
        {"action": "accept", "src": ["b@example.com"], "dst": [" tag:web:443"]},"#;
    let ids = ids("acls", rules);
    assert!(ids.iter().all(|(id, _)| id == "acl:web"), "{ids:?}");
}

#[test]
fn a_contested_pin_counts_nowhere() {
    let text = r#"{"acls": [
        // tailgrant: id=web
        {"action": "accept", "dst": ["tag:web:443"]},
        // tailgrant: id=web
        {"action": "accept", "dst": ["tag:web:80"]},
        ], "ssh": [
        // tailgrant: id=web
        {"action": "accept", "dst": ["tag:web"]},
    ]}"#;
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let ids: Vec<&str> = policy.rules.iter().map(|rule| &*rule.id).collect();
    let forms: Vec<&str> = policy.rules.iter().map(|rule| &*rule.form_id).collect();
    assert_eq!(ids, [forms[0], forms[1], "ssh:web"]);
    assert_eq!(policy.findings.len(), 1);
    assert!(policy.findings[0].message.contains("rules that differ"), "{:?}", policy.findings);
}

#[test]
fn baton_ids_only_where_they_last() {
    let has_one = |section: &str, rule: &str| ids(section, rule)[0].1.is_some();
    assert!(has_one("acls", r#"{"action": "accept", "src": [], "ports": ["x:*"]}"#));
    assert!(has_one("ssh", r#"{"action": "check", "dst": null}"#));
    assert!(!has_one("acls", r#"{"action": "accept", "users": [], "dst": []}"#));
    assert!(!has_one("acls", r#"{"Action": "accept", "src": []}"#));
    assert!(!has_one("acls", r#"{"action": "", "src": []}"#));
    assert!(!has_one("acls", r#"{"action": 1}"#));
    assert!(!has_one("acls", r#"{"action": "accept", "dst": [1]}"#));
    assert!(!has_one("acls", r#"{"action": "accept", "dst": [], "dst": []}"#));
    assert!(!has_one("acls", r#"{"action": "accept", "dst": "x:*"}"#));
    assert!(!has_one("grants", r#"{"action": "accept", "dst": []}"#));
}

#[track_caller]
fn check_resolve(text: &str, id: &str, expected: &str) {
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let indexes = |rules: &[&Rule<'_>]| rules.iter().map(|rule| rule.index.to_string()).collect::<String>();
    let found = match resolve(&policy.rules, Section::Acls, id) {
        RuleMatch::Unknown => "unknown".to_owned(),
        RuleMatch::Native(rules) => format!("native {}", indexes(&rules)),
        RuleMatch::Baton(rules) => format!("baton {}", indexes(&rules)),
        RuleMatch::Ambiguous(ids) => format!("ambiguous {}", ids.len()),
    };
    assert_eq!(found, expected, "{id}");
}

#[test]
fn ids_of_either_scheme_are_resolved() {
    // ["dev", "ops"] and ["devops"] have one Go hash, and so have rules that differ in proto.
    let text = r#"{"acls": [
        {"action": "accept", "src": ["a@example.com"], "dst": ["dev", "ops"]},
        {"action": "accept", "src": ["b@example.com"], "dst": ["devops"]},
        // tailgrant: id=one
        {"action": "accept", "src": ["c@example.com"], "dst": ["x:*"], "proto": "udp"},
        // tailgrant: id=one
        {"action": "accept", "src": ["d@example.com"], "dst": ["x:*"], "proto": "udp"},
    ]}"#;
    let hash = |text: &str| format!("acl:{}", hex(&Sha256::digest(text)));
    check_resolve(text, &hash("acceptdevops"), "ambiguous 2");
    check_resolve(text, &hash("acceptx:*"), "baton 23");
    check_resolve(text, "acl:one", "native 23");
    check_resolve(text, "acl:two", "unknown");
    check_resolve(text, "ssh:one", "unknown");
    check_resolve(text, "one", "unknown");
    check_resolve(text, "", "unknown");
    // the hash of a pinned rule is not its id
    let form = r#"{"action":"accept","dst":["x:*"],"proto":"udp"}"#;
    check_resolve(text, &format!("acl:{}", hex(&Sha256::digest(form)[..16])), "unknown");
}
