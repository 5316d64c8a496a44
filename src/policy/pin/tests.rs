use super::*;
use proptest::prelude::*;

/// The proved text.
#[track_caller]
fn pinned(text: &str) -> String {
    let pinning = pin(text.as_bytes()).unwrap();
    let new = pinning.prove().unwrap_or_else(|unproved| panic!("{unproved}\n{text}"));
    new.map_or_else(|| text.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let new = pinned(text);
    assert_eq!(new, expected);
    assert_eq!(pinned(&new), new, "twice is once");
}

/// The name that a lone rule gets.
#[track_caller]
fn check_name(section: &str, rule: &str, expected: &str) {
    let text = format!("{{\"{section}\": [{rule}]}}");
    let pinning = pin(text.as_bytes()).unwrap();
    let id = pinning.pins[0].id.split_once(':').unwrap().1;
    assert_eq!(id, expected, "{rule}");
    pinning.prove().unwrap();
}

#[test]
fn names_are_the_rules_own_words() {
    let acl = |rule, expected| check_name("acls", rule, expected);
    acl(r#"{"action":"accept","src":["group:eng"],"dst":["tag:db:5432"]}"#, "eng-to-db-5432");
    acl(
        r#"{"src":["group:eng","group:ops"],"dst":["tag:db:*","tag:web:80,443"]}"#,
        "eng-and-ops-to-db-and-web-80-443",
    );
    acl(r#"{"users":["group:a","group:b","group:c"],"ports":["*:*"]}"#, "a-and-2-more-to-everything");
    acl(
        r#"{"src":["ada@example.com","bob@example.com"],"dst":["lan:53"],"proto":"udp"}"#,
        "people-to-lan-53-udp",
    );
    acl(r#"{"src":["*"],"dst":["*:*"]}"#, "everybody-to-everything");
    acl(r#"{"src":["autogroup:member"],"dst":["autogroup:self:*"]}"#, "member-to-self");
    acl(r#"{"src":["user:*@example.com"],"dst":["10.0.0.0/8:22"]}"#, "example.com-to-10.0.0.0-8-22");
    acl(r#"{"src":["group:Eng Team@example.com"],"dst":["[fd7a::1]:22"]}"#, "eng-team-to-fd7a-1-22");
    acl(r#"{"src":[],"dst":["tag:db:1"]}"#, "nobody-to-db-1");
    acl(r#"{"src":["group:сервер"],"dst":["tag:db:1"]}"#, "nobody-to-db-1");
    acl("{}", "rule");
    let ssh = |rule, expected| check_name("ssh", rule, expected);
    ssh(
        r#"{"src":["group:ops"],"dst":["tag:prod"],"users":["root","autogroup:nonroot"]}"#,
        "ops-to-prod-as-root-and-nonroot",
    );
    ssh(
        r#"{"src":["autogroup:member"],"dst":["autogroup:self"],"users":["localpart:*@example.com"]}"#,
        "member-to-self-as-localpart",
    );
    let grant = |rule, expected| check_name("grants", rule, expected);
    grant(r#"{"src":["group:dba"],"dst":["tag:db"],"ip":["tcp:5432"]}"#, "dba-to-db-tcp-5432");
    grant(r#"{"src":["group:ml"],"dst":["tag:gpu"],"app":{"example.com/cap/jobs":[]}}"#, "ml-to-gpu-jobs");
    grant(r#"{"src":["group:ml"],"dst":["tag:gpu"],"ip":["*"]}"#, "ml-to-gpu");
}

#[test]
fn names_are_bounded_and_never_like_a_hash() {
    let long = "x".repeat(200);
    check_name("acls", &format!(r#"{{"src":["group:{long}"],"dst":["tag:db:1"]}}"#), &long[..64]);
    // 28 + "-to-" are no hex; a name of hex digits alone cannot come about, but a number may need room
    let rule = |port: u16| format!(r#"{{"src":["group:{long}"],"dst":["tag:db:{port}"]}}"#);
    let text = format!("{{\"acls\": [\n{},\n{},\n]}}", rule(1), rule(2));
    let ids: Vec<_> = pin(text.as_bytes()).unwrap().pins.into_iter().map(|pin| pin.id).collect();
    assert_eq!(ids, [format!("acl:{}", &long[..64]), format!("acl:{}-2", &long[..62])]);
}

#[test]
fn a_line_above_each_rule() {
    check(
        "{\n\t\"acls\": [\n\t\t// Web tier.\n\t\t{\"src\": [\"group:eng\"], \"dst\": [\"tag:web:443\"]},\n\n\t\t{\n\t\t\t\"src\": [\"*\"],\n\t\t},\n\t],\n}\n",
        "{\n\t\"acls\": [\n\t\t// Web tier.\n\t\t// tailgrant: id=eng-to-web-443\n\t\t{\"src\": [\"group:eng\"], \"dst\": [\"tag:web:443\"]},\n\n\t\t// tailgrant: id=everybody-to-nothing\n\t\t{\n\t\t\t\"src\": [\"*\"],\n\t\t},\n\t],\n}\n",
    );
    check("{\"ssh\":[\r\n  {}\r\n]}", "{\"ssh\":[\r\n  // tailgrant: id=rule\r\n  {}\r\n]}");
    check(
        "{\"acls\": [ {\"src\": [\"a@example.com\"]}, {\"src\": [\"*\"], \"proto\": \"udp\"} ]}",
        "{\"acls\": [ {\"src\": [\"a@example.com\"]} /* tailgrant: id=people-to-nothing */, /* tailgrant: id=everybody-to-nothing-udp */ {\"src\": [\"*\"], \"proto\": \"udp\"} ]}",
    );
}

#[test]
fn directives_that_are_there_stay() {
    check(
        "{\"acls\": [\n\t// tailgrant: grant=never name=\"a b\"\n\t{},\n\t// tailgrant: id=mine\n\t{\"src\": []},\n]}",
        "{\"acls\": [\n\t// tailgrant: grant=never name=\"a b\"\n\t// tailgrant: id=rule\n\t{},\n\t// tailgrant: id=mine\n\t{\"src\": []},\n]}",
    );
    // what does not count is its author's to put right
    for comment in ["id=Bad", "id=a id=b", "id", "id=\"a"] {
        let text = format!("{{\"acls\": [\n// tailgrant: {comment}\n{{}}\n]}}");
        check(&text, &text);
    }
    let contested = "{\"acls\": [\n// tailgrant: id=a\n{},\n// tailgrant: id=a\n{\"proto\": \"udp\"}\n]}";
    check(contested, contested);
}

#[test]
fn no_two_resources_share_a_name_and_one_resource_has_one() {
    let text = r#"{"acls": [
        // tailgrant: id=eng-to-db-1
        {"src": ["group:ops"], "dst": ["tag:x:1"]},
        {"src": ["group:eng"], "dst": ["tag:db:1"]},
        {"src": ["ada@example.com"], "dst": [" tag:db:1"]},
        {"src": ["group:eng"], "dst": ["tag:db:1"], "srcPosture": ["posture:a"]},
        {"src": ["group:ops"], "dst": ["tag:x:1"]},
    ], "ssh": [
        {"src": ["group:eng"], "dst": ["tag:db"]},
    ], "grants": [
        {"src": ["group:eng"], "dst": ["tag:db"]},
    ]}"#;
    let pinning = pin(text.as_bytes()).unwrap();
    let ids: Vec<_> = pinning.pins.iter().map(|pin| &*pin.id).collect();
    let expected = [
        "acl:eng-to-db-1-2",
        "acl:eng-to-db-1-2",
        "acl:eng-to-db-1-3",
        "acl:ops-to-x-1",
        "ssh:eng-to-db",
        "grant:eng-to-db",
    ];
    assert_eq!(ids, expected);
    pinning.prove().unwrap();
}

#[test]
fn nothing_to_do() {
    for text in ["{}", "{\"acls\": null}", "{\"acls\": [1, \"x\"]}", "{\"ACLs\": []}"] {
        assert!(pin(text.as_bytes()).unwrap().is_empty(), "{text}");
    }
    assert!(pin(b"[]").is_err());
    assert!(pin(b"{").is_err());
}

/// What may stand between two rules.
fn gap() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        " ",
        "\n\t",
        "\r\n    ",
        "\n",
        "\n\n  // a paragraph\n\n  ",
        "\n  // above\n  ",
        " /* inline */ ",
        "\n  // tailgrant: grant=never\n  ",
        "\n/* a\n * tailgrant: hide\n */\n ",
        " // end of line\n\t\t",
        "\n  // tailgrant: id=everybody-to-db-1\n  ",
        " // tailgrant: id=x\n",
    ])
}

fn rule() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{}",
        r#"{"src": ["*"], "dst": ["tag:db:1"]}"#,
        r#"{"src": ["group:eng"], "dst": ["tag:db:1"]}"#,
        "{\n\t\t// inside\n\t\t\"src\": [\"*\"],\n\t\t\"dst\": [\"tag:a-very-long-name-of-a-tag:443\", \"tag:another-very-long-name-of-a-tag:8443\"],\n\t}",
        r#"{"Users": ["ada@example.com"], "ports": ["*:*"], "action": "accept"}"#,
        "7",
        "[{}]",
    ])
}

proptest! {
    #[test]
    fn only_comments_come(
        sections in prop::collection::vec((prop::collection::vec((gap(), rule(), gap()), 0..5), gap(), any::<bool>()), 3),
    ) {
        let mut text = "{".to_owned();
        for (name, (rules, end, trailing_comma)) in ["Grants", "acls", "SSH"].into_iter().zip(sections) {
            text += &["\"", name, "\": ["].concat();
            let count = rules.len();
            for (index, (before, rule, behind)) in rules.into_iter().enumerate() {
                let comma = if index + 1 < count || trailing_comma { "," } else { "" };
                text += &[before, rule, behind, comma].concat();
            }
            text += &[end, "],\n"].concat();
        }
        text += "}\n";
        let new = pinned(&text);
        // Every byte of the old text is there in its order, and every rule has a pin, or says something of its id.
        let pinning = pin(text.as_bytes()).unwrap();
        let added: usize = pinning.edits.iter().map(|edit| edit.bytes.len()).sum();
        prop_assert_eq!(new.len(), text.len() + added);
        prop_assert!(pin(new.as_bytes()).unwrap().is_empty());
        prop_assert_eq!(&pinned(&new), &new);
        let document = parse(new.as_bytes()).unwrap();
        let policy = Policy::read(&document).unwrap();
        prop_assert!(policy.rules.iter().all(|rule| says_id(&rule.value.comments())));
    }
}
