//! Members with an end.

use super::*;

const MAY: &str = "2030-05-01T00:00:00Z";
const JUNE: &str = "2030-06-01T00:00:00Z";

fn lease_of(until: &str, by: &str) -> Lease {
    Lease { until: until.parse().unwrap(), by: (!by.is_empty()).then(|| by.to_owned()) }
}

fn lease(list: ListId, text: &str, until: &str) -> Intent {
    Intent::new(list, Wish::Lease { text: text.to_owned(), lease: lease_of(until, "REQ-1") })
}

fn end(list: ListId, text: &str, passed: &str) -> Intent {
    Intent::new(list, Wish::End { text: text.to_owned(), passed: passed.parse().unwrap() })
}

fn restore(list: ListId, text: &str, until: &str) -> Intent {
    Intent::new(list, Wish::Restore { text: text.to_owned(), lease: lease_of(until, "REQ-1") })
}

fn eng() -> ListId {
    group("group:eng")
}

/// A policy with these members of `group:eng`; `MAY` and `JUNE` stand for ends.
fn members(array: &str) -> String {
    let array = array.replace("MAY", &format!("until={MAY}")).replace("JUNE", &format!("until={JUNE}"));
    format!("{{\"groups\": {{\"group:eng\": {array}}}}}")
}

#[track_caller]
fn check_eng(old: &str, intents: &[Intent], expected: &[&str], new: &str) {
    check(&members(old), intents, expected, &members(new));
}

#[track_caller]
fn check_eng_kept(text: &str, intent: Intent, expected: &str) {
    check_kept(&members(text), intent, expected);
}

#[test]
fn a_new_member_comes_with_its_end() {
    let ada = || [lease(eng(), ADA, MAY)];
    check_eng("[]", &ada(), &["+"], r#"["ada@example.com" /* tailgrant: MAY by=REQ-1 */]"#);
    check_eng(
        r#"["bob@example.com", "eve@example.com"]"#,
        &ada(),
        &["+"],
        r#"["bob@example.com", "eve@example.com", "ada@example.com" /* tailgrant: MAY by=REQ-1 */]"#,
    );
    check_eng(
        "[\r\n\t// on call\r\n\t\"bob@example.com\", // bob\r\n]",
        &ada(),
        &["+"],
        "[\r\n\t// on call\r\n\t\"bob@example.com\", // bob\r\n\t\"ada@example.com\", // tailgrant: MAY by=REQ-1\r\n]",
    );
    check_eng(
        "[\n\t\"bob@example.com\" // bob\n]",
        &[lease(eng(), ADA, MAY), add(eng(), "eve@example.com"), lease(eng(), ADA, MAY)],
        &["+", "+", "="],
        "[\n\t\"bob@example.com\", // bob\n\t\"ada@example.com\", // tailgrant: MAY by=REQ-1\n\t\"eve@example.com\"\n]",
    );
    let odd = Wish::Lease { text: ADA.to_owned(), lease: lease_of("2030-04-30T23:59:59.5Z", "*/ x") };
    check_eng("[]", &[Intent::new(eng(), odd)], &["+"], r#"["ada@example.com" /* tailgrant: MAY */]"#);
}

#[test]
fn a_permanent_member_stays_permanent() {
    for text in [
        r#"["ada@example.com"]"#,
        "[\n\" \\u0041da@example.com\" // why\n]",
        "[\n\"ada@example.com\", // tailgrant: by=REQ-1\n]",
        "[\n\"ada@example.com\", // tailgrant: until=soon by=REQ-1\n]",
        "[\n\"ada@example.com\", // tailgrant: MAY MAY\n]",
        "[\n// tailgrant: MAY\n\"ada@example.com\",\n]",
        // one spelling has an end, the other has none
        r#"["ada@example.com" /* tailgrant: MAY */, "ADA@example.com"]"#,
    ] {
        check_eng_kept(text, lease(eng(), ADA, JUNE), "=");
        check_eng_kept(text, add(eng(), ADA), "=");
    }
}

#[test]
fn a_new_end_replaces_the_old_one() {
    let june = || [lease(eng(), ADA, JUNE)];
    check_eng(
        "[\n\t\"Ada@example.com\", // tailgrant: MAY by=x\n\t\"bob@example.com\"\n]",
        &june(),
        &["+"],
        "[\n\t\"Ada@example.com\", // tailgrant: JUNE by=REQ-1\n\t\"bob@example.com\"\n]",
    );
    check_eng(
        "[\" ada@example.com\" /* tailgrant: note=a MAY b */ , /* bob's */ \"bob@example.com\"]",
        &june(),
        &["+"],
        "[\" ada@example.com\" /* tailgrant: note=a JUNE by=REQ-1 b */ , /* bob's */ \"bob@example.com\"]",
    );
    check_eng(
        r#"["ada@example.com" /* tailgrant: MAY */, "ADA@example.com" /* tailgrant: JUNE by=REQ-1 */]"#,
        &june(),
        &["+"],
        r#"["ada@example.com" /* tailgrant: JUNE by=REQ-1 */, "ADA@example.com" /* tailgrant: JUNE by=REQ-1 */]"#,
    );
    check_eng_kept(
        "[\"ada@example.com\" /* tailgrant: JUNE by=REQ-1 */]",
        lease(eng(), "ADA@example.com", JUNE),
        "=",
    );
    check_eng(
        "[\"ada@example.com\" /* tailgrant: JUNE by=REQ-2 */]",
        &june(),
        &["+"],
        "[\"ada@example.com\" /* tailgrant: JUNE by=REQ-1 */]",
    );
}

#[test]
fn an_untimed_grant_removes_the_lease() {
    let ada = || [add(eng(), "ADA@example.com")];
    check_eng(
        "[\n\t\"ada@example.com\", // tailgrant: MAY by=x\n]",
        &ada(),
        &["+"],
        "[\n\t\"ada@example.com\",\n]",
    );
    check_eng(
        "[\"ada@example.com\" /* tailgrant: MAY */, \"ADA@example.com\" /* on call */, \"ada@example.com\"]",
        &ada(),
        &["="],
        "[\"ada@example.com\" /* tailgrant: MAY */, \"ADA@example.com\" /* on call */, \"ada@example.com\"]",
    );
    check_eng(
        "[\n\"ada@example.com\" /* tailgrant: MAY x */, // on call\n \"ADA@example.com\" // tailgrant: JUNE\n]",
        &ada(),
        &["+"],
        "[\n\"ada@example.com\" /* tailgrant: x */, // on call\n \"ADA@example.com\"\n]",
    );
}

#[test]
fn a_revoke_removes_both() {
    check_eng(
        "[\n\t// on call\n\t\"ada@example.com\", // tailgrant: MAY\n\t\"bob@example.com\", // tailgrant: JUNE\n\t\"ADA@example.com\", // all\n]",
        &[remove(eng(), ADA)],
        &["+"],
        "[\n\t\"bob@example.com\", // tailgrant: JUNE\n]",
    );
}

#[test]
fn an_end_takes_what_has_ended_and_nothing_else() {
    let text = "[\n\t\"ada@example.com\", // tailgrant: MAY\n\t\"bob@example.com\", // tailgrant: MAY\n\t\"ADA@example.com\", // tailgrant: JUNE\n\t\"Ada@example.com\",\n\t\"ada@Example.com\", // tailgrant: until=x\n]";
    check_eng(
        text,
        &[end(eng(), "Ada@example.com", MAY)],
        &["+"],
        &text.replacen("\t\"ada@example.com\", // tailgrant: MAY\n", "", 1),
    );
    check_eng(
        text,
        &[end(eng(), ADA, "2031-01-01T00:00:00Z")],
        &["+"],
        &text.replacen("\t\"ada@example.com\", // tailgrant: MAY\n", "", 1).replacen(
            "\t\"ADA@example.com\", // tailgrant: JUNE\n",
            "",
            1,
        ),
    );
    check_eng_kept(text, end(eng(), ADA, "2030-04-30T23:59:59Z"), "=");
    check_eng_kept(text, end(eng(), "eve@example.com", "2031-01-01T00:00:00Z"), "=");
    check_kept("{}", end(eng(), ADA, JUNE), "=");
    check_kept("{}", end(tag("tag:x"), ADA, JUNE), "=");
    check_kept("{}", restore(acl("acl:x"), ADA, JUNE), "=");
    // an unknown rule is none, whoever lists the member
    let rule = "{\"acls\": [\n// tailgrant: id=a\n{\"src\": [\"ada@example.com\"]}]}";
    check_kept(rule, end(acl("acl:gone"), ADA, JUNE), "=");
}

#[test]
fn rules_that_are_one_resource() {
    let rules = |first: &str, second: &str| {
        let rule = |name: &str, list: &str| {
            format!("// tailgrant: id=a\n{{\"{name}\": [{list}], \"dst\": [\"x:1\"]}}")
        };
        let text = format!("{{\"acls\": [\n{},\n{}]}}", rule("src", first), rule("users", second));
        text.replace("MAY", &format!("until={MAY}")).replace("JUNE", &format!("until={JUNE}"))
    };
    let leased = rules("\"*\"", "\"ada@example.com\" /* tailgrant: MAY */");
    check(
        &leased,
        &[lease(acl("acl:a"), ADA, JUNE)],
        &["+"],
        &rules("\"*\"", "\"ada@example.com\" /* tailgrant: JUNE by=REQ-1 */"),
    );
    check(&leased, &[add(acl("acl:a"), ADA)], &["+"], &rules("\"*\"", "\"ada@example.com\""));
    let mixed = rules("\"ada@example.com\"", "\"ada@example.com\" /* tailgrant: MAY */");
    check_kept(&mixed, lease(acl("acl:a"), ADA, JUNE), "=");
    check_kept(&mixed, restore(acl("acl:a"), ADA, JUNE), "=");
    check(&mixed, &[end(acl("acl:a"), ADA, JUNE)], &["+"], &rules("\"ada@example.com\"", ""));
    let both = rules("\"Ada@example.com\" /* tailgrant: JUNE */", "\"ada@example.com\" /* tailgrant: MAY */");
    check(&both, &[end(acl("acl:a"), ADA, JUNE)], &["+"], &rules("", ""));
    check(
        &rules("\"Ada@example.com\"", "\"ada@example.com\""),
        &[restore(acl("acl:a"), ADA, MAY)],
        &["+"],
        &rules(
            "\"Ada@example.com\" /* tailgrant: MAY by=REQ-1 */",
            "\"ada@example.com\" /* tailgrant: MAY by=REQ-1 */",
        ),
    );
}

#[test]
fn a_lease_that_was_lost_comes_back() {
    check_eng(
        "[\n\t\"ada@example.com\",\n\t\"ADA@example.com\", // on call\n]",
        &[restore(eng(), ADA, MAY)],
        &["+"],
        "[\n\t\"ada@example.com\", // tailgrant: MAY by=REQ-1\n\t\"ADA@example.com\" /* tailgrant: MAY by=REQ-1 */, // on call\n]",
    );
    for text in
        ["[]", "[\"ada@example.com\" /* tailgrant: JUNE */]", "[\n\"ada@example.com\" // tailgrant: x\n]"]
    {
        check_eng_kept(text, restore(eng(), ADA, MAY), "=");
    }
}

#[test]
fn refusals() {
    let never = "{\"groups\": {\n// tailgrant: grant=never\n\"group:a\": [\"ada@example.com\" /* tailgrant: until=2030-05-01T00:00:00Z by=REQ-1 */, \"bob@example.com\"]}}";
    let refusal =
        r#"the policy file says grant=never for "group:a": nobody can be added until that is taken out"#;
    let a = || group("group:a");
    check_kept(never, lease(a(), ADA, MAY), "=");
    check_kept(never, lease(a(), BOB, MAY), "=");
    check_kept(never, lease(a(), ADA, JUNE), refusal);
    check_kept(never, add(a(), ADA), refusal);
    check_kept(never, lease(a(), "eve@example.com", MAY), refusal);
    // what takes access away is no grant
    let without_ada =
        never.replace("\"ada@example.com\" /* tailgrant: until=2030-05-01T00:00:00Z by=REQ-1 */, ", "");
    check(never, &[end(a(), ADA, MAY)], &["+"], &without_ada);
    check(
        &without_ada,
        &[restore(a(), BOB, MAY)],
        &["+"],
        &without_ada.replace(
            "\"bob@example.com\"",
            "\"bob@example.com\" /* tailgrant: until=2030-05-01T00:00:00Z by=REQ-1 */",
        ),
    );
    check_kept(
        "{}",
        lease(a(), ADA, MAY),
        r#"group "group:a" is not defined in the policy file: define it there first"#,
    );
    check_kept(
        r#"{"groups": {"group:a": []}}"#,
        lease(a(), "group:b", MAY),
        r#""group:b" cannot be added to "group:a": a group holds users only, groups cannot be nested"#,
    );
    let synced = group("group:a@example.com");
    let refusal = r#"group "group:a@example.com" is synced from a directory: change its members there"#;
    check_kept("{}", lease(synced, ADA, MAY), refusal);
}

#[test]
fn an_end_leaves_no_tag_to_the_admins() {
    let owners = |list: &str| format!("{{\"tagOwners\": {{\"tag:x\": [{list}]}}}}");
    let leased = "\"autogroup:admin\" /* tailgrant: until=2030-05-01T00:00:00Z */";
    let x = || end(tag("tag:x"), "autogroup:admin", MAY);
    check_kept(
        &owners(leased),
        x(),
        r#""tag:x" belongs to autogroup:admin while it lists no owner: list another owner first"#,
    );
    check(&owners(&format!("{leased}, \"group:eng\"")), &[x()], &["+"], &owners("\"group:eng\""));
    let both = format!("{leased}, \"autogroup:admin\"");
    check(&owners(&both), &[x()], &["+"], &owners("\"autogroup:admin\""));
    check(
        &owners("\"ada@example.com\" /* tailgrant: until=2030-05-01T00:00:00Z */"),
        &[end(tag("tag:x"), ADA, MAY)],
        &["+"],
        &owners(""),
    );
}

#[test]
fn a_batch_writes_the_net_effect() {
    let leased = "[\n\t\"ada@example.com\", // tailgrant: MAY by=REQ-1\n]";
    let forever = "[\n\t\"ada@example.com\",\n]";
    let (june, may) = (|| lease(eng(), ADA, JUNE), || lease(eng(), ADA, MAY));
    check_eng(
        "[]",
        &[may(), add(eng(), ADA), end(eng(), ADA, JUNE)],
        &["+", "+", "="],
        "[\"ada@example.com\"]",
    );
    check_eng("[]", &[may(), end(eng(), ADA, JUNE)], &["+", "+"], "[]");
    check_eng(
        "[]",
        &[june(), end(eng(), ADA, MAY)],
        &["+", "="],
        "[\"ada@example.com\" /* tailgrant: JUNE by=REQ-1 */]",
    );
    // a renewal is not undone by the old end
    let renewed = leased.replace("MAY", "JUNE");
    check_eng(leased, &[june(), end(eng(), ADA, MAY)], &["+", "="], &renewed);
    check_eng(leased, &[end(eng(), ADA, MAY), june()], &["+", "+"], &renewed);
    check_eng(leased, &[june(), may()], &["+", "+"], leased);
    check_eng(leased, &[remove(eng(), ADA), may()], &["+", "+"], leased);
    check_eng(leased, &[add(eng(), ADA), restore(eng(), ADA, MAY)], &["+", "+"], leased);
    check_eng(leased, &[june(), add(eng(), ADA)], &["+", "+"], forever);
    check_eng(leased, &[june(), end(eng(), ADA, JUNE)], &["+", "+"], "[\n]");
    check_eng(forever, &[restore(eng(), ADA, MAY), add(eng(), ADA)], &["+", "+"], forever);
    check_eng(forever, &[remove(eng(), ADA), add(eng(), ADA), may()], &["+", "+", "="], forever);
    check_eng(leased, &[remove(eng(), ADA), add(eng(), ADA)], &["+", "+"], forever);
}
