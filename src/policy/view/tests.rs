use super::*;
use crate::policy::{Intent, ListId, Wish, plan};

/// Everything a policy says, one line for each thing.
fn summary(text: &str) -> Vec<String> {
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let mut lines = Vec::new();
    for named in policy.groups.iter().chain(&policy.tags).chain(&policy.ipsets) {
        let items: Vec<&str> = named.items().map(|item| &*item.text).collect();
        let items = if named.list.is_some() { items.join(" ") } else { "-".to_owned() };
        lines.push(format!("{} = {items}", named.name));
    }
    for (name, address) in &policy.hosts {
        lines.push(format!("host {name} = {address}"));
    }
    for rule in &policy.rules {
        let sources: Vec<&str> = rule.source_items().map(|item| &*item.text).collect();
        let sources = if rule.sources.is_some() { sources.join(" ") } else { "-".to_owned() };
        let (section, index) = (rule.section, rule.index);
        lines.push(format!("{section} {index}: {sources} > {}", rule.destinations.join(" ")));
    }
    for finding in &policy.findings {
        let Finding { position, message } = finding;
        lines.push(format!("{}:{} {message}", position.line, position.column));
    }
    if policy.allows_everything {
        lines.push("all".to_owned());
    }
    lines
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(summary(text), expected, "{text}");
}

#[test]
fn sections_in_any_case() {
    check(
        r#"{"Groups": {"group:eng": [" Ada@example.com\t"]},
            "TAGOWNERS": {"tag:db": ["group:eng"]}, "IPSets": {"ipset:lab": ["10.0.0.0/8"]},
            "hosts": {"web": " 10.0.0.1 "},
            "gr\u0061nts": [{"SRC": ["*"], "Dst": ["tag:db"]}],
            "SSH": [{"src": ["group:eng"], "dst": ["tag:db"], "Users": ["root@example.com"]}],
            "ACLs": [{"Users": ["p\u00e4r@example.com"], "Ports": ["tag:db:*"]}]}"#,
        &[
            "group:eng = Ada@example.com",
            "tag:db = group:eng",
            "ipset:lab = 10.0.0.0/8",
            "host web = 10.0.0.1",
            "acls 0: pär@example.com > tag:db:*",
            "ssh 0: group:eng > tag:db",
            "grants 0: * > tag:db",
        ],
    );
}

#[test]
fn null_and_missing_parts() {
    check("{}", &["all"]);
    check(r#"{"acls": null, "grants": null, "groups": null, "ssh": null, "hosts": null}"#, &["all"]);
    check(r#"{"acls": []}"#, &[]);
    check(r#"{"grants": [], "tests": 7}"#, &[]);
    check(
        r#"{"groups": {"group:a": null, "group:b": []}, "acls": [{}, {"src": null, "dst": null}]}"#,
        &["group:a = -", "group:b = ", "acls 0: - > ", "acls 1: - > "],
    );
}

#[test]
fn wrong_kinds_are_findings() {
    check(
        "{\"groups\": [],\n \"tagOwners\": {\"tag:a\": \"ada@example.com\", \"tag:b\": [1, \"x\"]},\n \"hosts\": {\"h\": 1},
\"acls\": [7, {\"src\": \"a\", \"dst\": {}}, null],\n\"ssh\": {}}",
        &[
            "tag:a = -",
            "tag:b = x",
            "acls 1: - > ",
            "1:12 groups is no object: nothing in it counts",
            "2:25 tag:a is no array: nothing in it counts",
            "2:54 tag:b holds something that is no string",
            "3:17 host \"h\" is no string",
            "4:10 acls holds something that is no rule: it does not count",
            "4:21 the rule's sources is no array: nothing in it counts",
            "4:33 dst is no array: nothing in it counts",
            "4:38 acls holds something that is no rule: it does not count",
            "5:8 ssh is no array: nothing in it counts",
        ],
    );
}

#[test]
fn what_is_there_twice_is_all_read() {
    check(
        r#"{"groups": {"group:a": ["1"], "group:b": ["2"], "group:\u0061": ["3"]},
"Groups": {"group:a": ["4"]},
"acls": [{"src": ["a"], "users": ["b"], "dst": ["x"], "ports": ["y"]}],
"ACLs": [{"src": ["c"]}]}"#,
        &[
            "group:a = 1 3 4",
            "group:b = 2",
            "acls 0: a b > x y",
            "acls 1: c > ",
            "1:65 \"group:a\" is there twice: all of it is read",
            "2:11 section groups is there twice: all of it is read",
            "2:23 \"group:a\" is there twice: all of it is read",
            "3:34 \"users\" is in this rule twice, perhaps in another spelling: all of it is read",
            "4:9 section acls is there twice: all of it is read",
        ],
    );
}

#[test]
fn fields_of_a_rule() {
    let text = br#"{"grants": [{
        "src": ["a"], "dst": ["b"], "ip": ["tcp:443 ", 1], "app": {"example.com/cap/x": [], "Y": null},
        "via": ["tag:r"], "srcPosture": ["posture:p"], "proto": 6}],
      "ssh": [{"action": " check\t", "users": ["root", "group:x"], "checkPeriod": "12h"}]}"#;
    let document = parse(text).unwrap();
    let policy = Policy::read(&document).unwrap();
    let [ssh, grant] = &policy.rules[..] else { panic!("two rules") };
    assert_eq!((&*ssh.action, &*ssh.check_period), ("check", "12h"));
    assert_eq!(ssh.ssh_users, ["root", "group:x"]);
    assert!(ssh.sources.is_none(), "host accounts are no sources");
    assert_eq!(
        (&*grant.ip, &*grant.app, &*grant.via),
        (&["tcp:443".into()][..], &["example.com/cap/x".into(), "Y".into()][..], &["tag:r".into()][..])
    );
    assert_eq!((&*grant.proto, &*grant.source_posture), ("6", &["posture:p".into()][..]));
}

#[test]
fn no_policy() {
    assert_eq!(parse(b" \n\t").err(), Some(ReadError::Empty));
    assert!(matches!(parse(b"// c\n"), Err(ReadError::Syntax(_))));
    let document = parse(b"[]").unwrap();
    assert_eq!(Policy::read(&document).err(), Some(ReadError::NotAnObject));
}

#[test]
fn directives_that_belong_to_nothing() {
    check(
        r#"// tailgrant: hide
{
  // tailgrant: name=x

  "acls": [ // tailgrant: id=a
    // see tailgrant: id=b
    {"src": ["a", // tailgrant: until=2030-01-01T00:00:00Z
             "tailgrant: hide",
             "b"], // tailgrant: hide
     "note": "// tailgrant: hide"},
    /*
     * tailgrant: hide
     */
  ],
  "hosts": {
    "h": "10.0.0.1", // tailgrant: hide
  },
}
"#,
        &[
            "host h = 10.0.0.1",
            "acls 0: a tailgrant: hide b > ",
            "1:4 this directive belongs to no rule, group or tag: it does not count",
            "3:6 this directive belongs to no rule, group or tag: it does not count",
            "5:16 this directive belongs to no rule, group or tag: it does not count",
            "9:23 this directive belongs to no rule, group or tag: it does not count",
            "12:8 this directive belongs to no rule, group or tag: it does not count",
            "16:25 this directive belongs to no rule, group or tag: it does not count",
        ],
    );
}

#[test]
fn the_deepest_rule_is_read() {
    let depth = hujson::DEEPEST - 4;
    let nested = format!("{}{}", "{\"a\": [".repeat(depth / 2), "]}".repeat(depth / 2));
    let text = format!("{{\"grants\": [{{\"src\": [], \"app\": {nested}, \"dst\": [{nested}]}}]}}");
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    assert_eq!(policy.rules.len(), 1);
    let owners = text.replacen('{', "{\"tagOwners\": {\"tag:a\": []}, ", 1);
    let wish = Wish::Add { text: "autogroup:member".to_owned() };
    let plan = plan(owners.as_bytes(), &[Intent::new(ListId::TagOwners("tag:a".to_owned()), wish)]).unwrap();
    assert!(plan.prove().unwrap().is_some());
}
