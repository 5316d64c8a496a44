mod leases;

use super::*;
use crate::policy::Section;

fn group(name: &str) -> ListId {
    ListId::Group(name.to_owned())
}

fn tag(name: &str) -> ListId {
    ListId::TagOwners(name.to_owned())
}

fn acl(id: &str) -> ListId {
    ListId::Rule(Section::Acls, id.to_owned())
}

fn add(list: ListId, text: &str) -> Intent {
    Intent::new(list, Wish::Add { text: text.to_owned() })
}

fn remove(list: ListId, text: &str) -> Intent {
    Intent::new(list, Wish::Remove { texts: vec![text.to_owned()], person: None })
}

fn remove_person(list: ListId, login: &str, role: &str) -> Intent {
    let logins = vec![login.to_owned()];
    let person = Person { logins: logins.clone(), role: role.to_owned(), member: true, shared: false };
    Intent::new(list, Wish::Remove { texts: logins, person: Some(person) })
}

/// `+` edited, `=` holds, else why it was refused.
fn outcomes(plan: &Plan<'_>) -> Vec<String> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Edited => "+".to_owned(),
        Outcome::Holds => "=".to_owned(),
        Outcome::Refused(refusal) => refusal.to_string(),
    };
    plan.outcomes.iter().map(word).collect()
}

#[track_caller]
fn check(text: &str, intents: &[Intent], expected: &[&str], new_text: &str) {
    let plan = plan(text.as_bytes(), intents).unwrap();
    assert_eq!(outcomes(&plan), expected);
    let proved = plan.prove().unwrap();
    assert_eq!(proved.is_none(), plan.is_empty());
    let text = proved.unwrap_or_else(|| text.as_bytes().to_vec());
    assert_eq!(String::from_utf8(text).unwrap(), new_text);
}

/// One intent that changes nothing.
#[track_caller]
fn check_kept(text: &str, intent: Intent, expected: &str) {
    check(text, &[intent], &[expected], text);
}

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

#[test]
fn adding() {
    let text = r#"{"groups": {"group:eng": ["bob@example.com"]}, "tagOwners": {"tag:db": []}}"#;
    check(
        text,
        &[add(group("group:eng"), "Ada@Example.com"), add(tag("tag:db"), "group:eng")],
        &["+", "+"],
        r#"{"groups": {"group:eng": ["bob@example.com", "Ada@Example.com"]}, "tagOwners": {"tag:db": ["group:eng"]}}"#,
    );
    check_kept(text, add(group("group:eng"), " BOB@example.com"), "=");
}

#[test]
fn there_already_in_another_spelling() {
    for listed in [r"ada@example.com", r" ADA@example.com\t", r"\u0061da@example\u002ecom"] {
        let text = format!(r#"{{"groups": {{"group:eng": [1, "{listed}"]}}}}"#);
        check_kept(&text, add(group("group:eng"), ADA), "=");
        check(
            &text,
            &[remove(group("group:eng"), "Ada@Example.com")],
            &["+"],
            r#"{"groups": {"group:eng": [1]}}"#,
        );
    }
    let text = r#"{"tagOwners": {"tag:db": ["autogroup:members"]}}"#;
    check_kept(text, add(tag("tag:db"), "autogroup:member"), "=");
}

#[test]
fn removing_takes_every_spelling_and_leaves_a_list() {
    check(
        r#"{"groups": {"group:eng": ["ada@example.com", " Ada@Example.com", "ada@example.org", "ADA@EXAMPLE.COM"]}}"#,
        &[Intent::new(
            group("group:eng"),
            Wish::Remove { texts: vec![ADA.to_owned(), "ADA@example.org".to_owned()], person: None },
        )],
        &["+"],
        r#"{"groups": {"group:eng": []}}"#,
    );
}

#[test]
fn later_intents_see_earlier_ones() {
    let text = r#"{"groups": {"group:eng": ["bob@example.com"]}}"#;
    let eng = || group("group:eng");
    check(
        text,
        &[add(eng(), ADA), add(eng(), "ADA@example.com")],
        &["+", "="],
        r#"{"groups": {"group:eng": ["bob@example.com", "ada@example.com"]}}"#,
    );
    check(text, &[add(eng(), ADA), remove(eng(), ADA)], &["+", "+"], text);
    check(text, &[remove(eng(), BOB), add(eng(), "Bob@example.com")], &["+", "+"], text);
    check(
        text,
        &[remove(eng(), BOB), add(eng(), ADA), remove(eng(), BOB)],
        &["+", "+", "="],
        r#"{"groups": {"group:eng": ["ada@example.com"]}}"#,
    );
    check(
        text,
        &[add(eng(), ADA), add(eng(), "eve@example.com"), remove(eng(), ADA), add(eng(), ADA)],
        &["+", "+", "+", "+"],
        r#"{"groups": {"group:eng": ["bob@example.com", "eve@example.com", "ada@example.com"]}}"#,
    );
}

#[test]
fn unknown_lists() {
    check_kept(
        "{}",
        add(group("group:x"), ADA),
        r#"group "group:x" is not defined in the policy file: define it there first"#,
    );
    check_kept(
        "{}",
        add(tag("tag:x"), ADA),
        r#"tag "tag:x" is not defined in the policy file: define it there first"#,
    );
    check_kept(
        r#"{"groups": {"group:X": []}, "Groups2": {"group:x": []}}"#,
        add(group("group:x"), ADA),
        r#"group "group:x" is not defined in the policy file: define it there first"#,
    );
    check_kept(
        "{}",
        add(acl("acl:x"), ADA),
        r#"rule "acl:x" is not in the policy file; it may have been edited: sync again"#,
    );
    check_kept("{}", remove(group("group:x"), ADA), "=");
    check_kept("{}", remove(tag("tag:x"), ADA), "=");
    check_kept("{}", remove(acl("acl:x"), ADA), "=");
}

#[test]
fn an_unknown_rule_while_the_principal_is_listed() {
    let text = r#"{"acls": [
        // tailgrant: id=a
        {"action": "accept", "users": [" ADA@example.com"], "dst": ["x:1"]},
        // tailgrant: id=a
        {"action": "accept", "src": ["ada@example.com"], "dst": ["x:1"]},
        // tailgrant: id=b
        {"action": "accept", "src": ["bob@example.com"], "dst": ["x:2"]},
    ], "ssh": [{"action": "accept", "src": ["bob@example.com"], "dst": ["tag:x"]}]}"#;
    check_kept(
        text,
        remove(acl("acl:gone"), ADA),
        r#"rule "acl:gone" is not in the policy file, but the principal is listed by acl:a: revoke it there"#,
    );
    check_kept(text, remove(acl("acl:gone"), "eve@example.com"), "=");
    // an earlier removal of the batch counts
    check(
        text,
        &[remove(acl("acl:b"), BOB), remove(acl("acl:gone"), BOB)],
        &["+", "="],
        &text.replacen(r#"["bob@example.com"]"#, "[]", 1),
    );
    check_kept(text, remove(ListId::Rule(Section::Ssh, "ssh:gone".to_owned()), ADA), "=");
}

#[test]
fn equal_rules_are_one() {
    let text = r#"{"acls": [
        // tailgrant: id=a
        {"action": "accept", "src": ["bob@example.com"], "dst": ["x:1"]},
        // tailgrant: id=a
        {"action": "accept", "users": ["bob@example.com", "eve@example.com"], "ports": ["x:1"]}]}"#;
    let with_ada = text.replacen(r#"["bob@example.com"]"#, r#"["bob@example.com", "ada@example.com"]"#, 1);
    check(text, &[add(acl("acl:a"), ADA)], &["+"], &with_ada);
    check_kept(text, add(acl("acl:a"), "Eve@example.com"), "=");
    let without_bob = text.replace(r#""bob@example.com", "#, "").replace(r#""bob@example.com""#, "");
    check(text, &[remove(acl("acl:a"), BOB)], &["+"], &without_bob);
}

#[test]
fn grant_never() {
    let text = r#"{"groups": {
        // tailgrant: grant=never
        "group:a": ["bob@example.com"]},
      "acls": [
        // tailgrant: id=a
        {"action": "accept", "src": ["bob@example.com"], "dst": ["x:1"]},
        // tailgrant: id=a grant=never
        {"action": "accept", "src": [], "dst": ["x:1"]}]}"#;
    check_kept(
        text,
        add(group("group:a"), ADA),
        r#"the policy file says grant=never for "group:a": nobody can be added until that is taken out"#,
    );
    check_kept(
        text,
        add(acl("acl:a"), ADA),
        r#"the policy file says grant=never for "acl:a": nobody can be added until that is taken out"#,
    );
    check_kept(text, add(acl("acl:a"), BOB), "=");
    check(
        text,
        &[remove(group("group:a"), BOB)],
        &["+"],
        &text.replacen(r#""group:a": ["bob@example.com"]"#, r#""group:a": []"#, 1),
    );
}

#[test]
fn synced_groups() {
    let refusal = r#"group "group:a@example.com" is synced from a directory: change its members there"#;
    check_kept("{}", add(group("group:a@example.com"), ADA), refusal);
    check_kept("{}", remove(group("group:a@example.com"), ADA), refusal);
}

#[test]
fn twice() {
    #[track_caller]
    fn check_twice(text: &str, list: &ListId, what: &str) {
        let refusal = format!("{what} is there twice in the policy file: make it one");
        check_kept(text, add(list.clone(), ADA), &refusal);
        check_kept(text, remove(list.clone(), ADA), &refusal);
    }
    check_twice(r#"{"groups": {"group:a": []}, "Groups": {}}"#, &group("group:a"), "section groups");
    check_twice(r#"{"groups": {"group:a": []}, "gro\u0075ps": {}}"#, &group("group:a"), "section groups");
    check_twice(r#"{"groups": {"group:a": [], "group:a": []}}"#, &group("group:a"), r#""group:a""#);
    check_twice(r#"{"tagOwners": {}, "tagowners": {}}"#, &tag("tag:a"), "section tagOwners");
    check_twice(r#"{"acls": [], "ACLs": []}"#, &acl("acl:a"), "section acls");
    let rule = |fields: &str| format!("{{\"acls\": [\n// tailgrant: id=a\n{{{fields}}}]}}");
    check_twice(&rule(r#""src": [], "users": []"#), &acl("acl:a"), r#""users" of rule "acl:a""#);
    check_twice(&rule(r#""src": [], "Src": []"#), &acl("acl:a"), r#""Src" of rule "acl:a""#);
    check_twice(&rule(r#""src": [], "dst": [], "ports": []"#), &acl("acl:a"), r#""ports" of rule "acl:a""#);
    // another section or name does not matter
    check_kept(
        r#"{"groups": {"group:a": [], "group:b": [], "group:b": []}, "acls": [], "acls": []}"#,
        remove(group("group:a"), ADA),
        "=",
    );
}

#[test]
fn no_list() {
    let no_list =
        |what: &str| format!("{what} has no list of selectors in the policy file: write one, [] will do");
    let text = r#"{"groups": {"group:null": null, "group:text": "ada@example.com"}, "acls": [
        // tailgrant: id=missing
        {"action": "accept"},
        // tailgrant: id=text
        {"action": "accept", "src": "ada@example.com"}]}"#;
    check_kept(text, add(group("group:null"), ADA), &no_list(r#""group:null""#));
    check_kept(text, remove(group("group:null"), ADA), "=");
    check_kept(text, add(group("group:text"), ADA), &no_list(r#""group:text""#));
    check_kept(text, remove(group("group:text"), ADA), &no_list(r#""group:text""#));
    check_kept(text, add(acl("acl:missing"), ADA), &no_list(r#""acl:missing""#));
    check_kept(text, remove(acl("acl:missing"), ADA), "=");
    check_kept(text, remove(acl("acl:text"), ADA), &no_list(r#"rule "acl:text""#));
}

#[test]
fn what_a_list_does_not_admit() {
    let text = r#"{"groups": {"group:a": ["*"]}}"#;
    check_kept(
        text,
        add(group("group:a"), "group:b"),
        r#""group:b" cannot be added to "group:a": a group holds users only, groups cannot be nested"#,
    );
    check_kept(text, add(group("group:a"), "*"), "=");
    check_kept(
        text,
        add(group("group:a"), ""),
        r#""" cannot be added to "group:a": a group holds users only, groups cannot be nested"#,
    );
}

#[test]
fn inherited_access() {
    let inherited =
        |path: &str| format!(r#"the access to "acl:a" is inherited through "{path}": remove it there"#);
    let rule = |sources: &str| {
        format!(
            "{{\"groups\": {{\"group:eng\": [\" ADA@example.com\"], \"group:ops\": []}}, \"acls\": [\n\
             // tailgrant: id=a\n{{\"action\": \"accept\", \"src\": [{sources}], \"dst\": [\"tag:x:1\"]}}]}}"
        )
    };
    let from_ada = |role| remove_person(acl("acl:a"), ADA, role);
    for path in ["group:eng", "*", "autogroup:danger-all", "autogroup:members", "user:*@example.com"] {
        check_kept(&rule(&format!("\"group:ops\", \"{path}\"")), from_ada("member"), &inherited(path));
    }
    check_kept(&rule(r#""autogroup:admin""#), from_ada("owner"), &inherited("autogroup:admin"));
    check_kept(
        &rule(r#""autogroup:admin", "group:ops", "group:eng@example.com", "tag:x""#),
        from_ada("member"),
        "=",
    );
    // what is listed is removed, whatever else there is
    check(&rule(r#""*", "ada@example.com""#), &[from_ada("member")], &["+"], &rule(r#""*""#));
    // once it was planned as an edit, only direct membership counts
    let direct = Intent { direct_only: true, ..from_ada("member") };
    check_kept(&rule(r#""*""#), direct, "=");
    // groups and tags
    check_kept(&rule(r#""*""#), remove(acl("acl:a"), "group:ops"), &inherited("*"));
    check_kept(&rule(r#""autogroup:tagged""#), remove(acl("acl:a"), "tag:x"), &inherited("autogroup:tagged"));
    check_kept(&rule(r#""*""#), remove(acl("acl:a"), "10.0.0.1"), "=");
    // a group has no way in but its list
    check_kept(&rule(""), remove_person(group("group:ops"), ADA, "member"), "=");
    let owners = r#"{"tagOwners": {"tag:x": ["autogroup:member"]}}"#;
    check_kept(
        owners,
        remove_person(tag("tag:x"), ADA, "member"),
        r#"the access to "tag:x" is inherited through "autogroup:member": remove it there"#,
    );
}

#[test]
fn a_tag_without_owners_is_the_admins() {
    let owners = |list: &str| format!(r#"{{"tagOwners": {{"tag:x": {list}}}}}"#);
    let theirs = r#""tag:x" belongs to autogroup:admin while it lists no owner: list another owner first"#;
    let admins = || remove(tag("tag:x"), "autogroup:admin");
    let ada = |role| remove_person(tag("tag:x"), ADA, role);
    for list in ["[]", "null", "[1]"] {
        check_kept(&owners(list), admins(), theirs);
        check_kept(&owners(list), remove(tag("tag:x"), "autogroup:owner"), theirs);
        check_kept(&owners(list), ada("admin"), theirs);
        check_kept(&owners(list), ada("owner"), theirs);
        check_kept(&owners(list), ada("member"), "=");
        check_kept(&owners(list), remove(tag("tag:x"), "group:eng"), "=");
        check_kept(&owners(list), Intent { direct_only: true, ..admins() }, "=");
    }
    // nor does taking the last owner out take it from the admins
    let only_admins = owners(r#"["autogroup:admin"]"#);
    check_kept(&only_admins, admins(), theirs);
    check_kept(&only_admins, Intent { direct_only: true, ..admins() }, theirs);
    let only_ada = owners(r#"["ADA@example.com"]"#);
    check_kept(&only_ada, ada("admin"), theirs);
    check(&only_ada, &[ada("member")], &["+"], &owners("[]"));
    // while somebody else is listed, it does
    check(
        &owners(r#"["autogroup:admin", "group:eng"]"#),
        &[admins(), ada("admin"), remove(tag("tag:x"), "group:eng")],
        &["+", "=", "+"],
        &owners("[]"),
    );
    check(
        &owners(r#"["ada@example.com", "group:eng"]"#),
        &[remove(tag("tag:x"), "group:eng"), ada("admin")],
        &["+", theirs],
        &owners(r#"["ada@example.com"]"#),
    );
}

#[test]
fn inherited_access_follows_the_batch() {
    let text = "{\"groups\": {\"group:eng\": [\"ada@example.com\"]}, \"acls\": [\n// tailgrant: id=a\n{\"src\": [\"group:eng\"]}]}";
    check(
        text,
        &[remove(group("group:eng"), ADA), remove_person(acl("acl:a"), ADA, "member")],
        &["+", "="],
        &text.replace(r#"["ada@example.com"]"#, "[]"),
    );
}

#[test]
fn ids_of_the_go_connector() {
    use sha2::{Digest, Sha256};
    let id = |joined: &str| acl(&format!("acl:{}", crate::policy::baton::hex(&Sha256::digest(joined))));
    let text = r#"{"acls": [
        // tailgrant: id=plain
        {"action": "accept", "src": [], "dst": ["tag:x:1"]},
        // tailgrant: id=udp
        {"action": "accept", "src": ["bob@example.com"], "dst": ["tag:y:1"], "proto": "udp"},
        // tailgrant: id=one
        {"action": "accept", "src": [], "dst": ["dev", "ops"]},
        // tailgrant: id=two
        {"action": "accept", "src": [], "dst": ["devops"]}]}"#;
    let with_ada = |after: &str, sources: &str| {
        let (head, tail) = text.split_once(after).unwrap();
        let (gap, tail) = tail.split_once(']').unwrap();
        format!(
            "{head}{after}{}{sources}]{tail}",
            gap.split_once('[').map(|(lead, _)| format!("{lead}[")).unwrap()
        )
    };
    check(text, &[add(id("accepttag:x:1"), ADA)], &["+"], &with_ada("id=plain", r#""ada@example.com""#));
    let udp = id("accepttag:y:1");
    check_kept(
        text,
        add(udp.clone(), ADA),
        &format!(r#"rule id "{udp}" may mean acl:udp: use the native id"#),
    );
    check(
        text,
        &[Intent { baton_ids: true, ..add(udp.clone(), ADA) }],
        &["+"],
        &with_ada("id=udp", r#""bob@example.com", "ada@example.com""#),
    );
    check(text, &[remove(udp, BOB)], &["+"], &with_ada("id=udp", ""));
    let both = id("acceptdevops");
    for intent in [add(both.clone(), ADA), remove(both.clone(), ADA)] {
        check_kept(
            text,
            intent,
            &format!(r#"rule id "{both}" may mean acl:one or acl:two: use the native id"#),
        );
    }
}

#[test]
fn one_name_of_autogroup_member_in_a_file() {
    for text in [
        r#"{"tagOwners": {"tag:x": []}, "acls": [{"src": [" autogroup:members"]}]}"#,
        r#"{"tagOwners": {"tag:x": []}, "acls": [{"dst": ["autogroup:members:22"]}]}"#,
    ] {
        check(
            text,
            &[add(tag("tag:x"), "autogroup:member")],
            &["+"],
            &text.replacen("[]", r#"["autogroup:members"]"#, 1),
        );
    }
    let text = r#"{"tagOwners": {"tag:x": []}}"#;
    check(
        text,
        &[add(tag("tag:x"), "autogroup:member")],
        &["+"],
        r#"{"tagOwners": {"tag:x": ["autogroup:member"]}}"#,
    );
}

#[test]
fn texts_that_nobody_can_edit() {
    assert_eq!(plan(b"  \n", &[]).err(), Some(ReadError::Empty));
    assert_eq!(plan(b"[]", &[]).err(), Some(ReadError::NotAnObject));
    assert!(matches!(plan(b"{", &[]), Err(ReadError::Syntax(_))));
}

#[test]
fn keys_of_an_intent() {
    let both = Intent::new(
        group("group:a"),
        Wish::Remove { texts: vec![" Ada@Example.com".to_owned(), "tag:X".to_owned()], person: None },
    );
    assert_eq!(both.keys(), [(group("group:a"), ADA.to_owned()), (group("group:a"), "tag:X".to_owned())]);
    assert!(!both.gives_access());
    assert_eq!(add(tag("tag:a"), "ADA@example.com").keys(), [(tag("tag:a"), ADA.to_owned())]);
}
