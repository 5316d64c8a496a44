use super::*;
use crate::policy::{Person, parse};

#[track_caller]
fn between(old: &str, new: &str) -> Difference {
    let (old, new) = (parse(old.as_bytes()).unwrap(), parse(new.as_bytes()).unwrap());
    Difference::between(&old, &new, None).unwrap()
}

/// What changed, a line each; the other way round, gained is lost.
fn lines(difference: &Difference) -> Vec<String> {
    let mut lines = Vec::new();
    let gained_lost = |gained: &[String], lost: &[String]| {
        let signed = |sign: &str, texts: &[String]| {
            texts.iter().flat_map(|text| [" ", sign, text]).collect::<String>()
        };
        signed("+", gained) + &signed("-", lost)
    };
    lines.extend(difference.default.map(|default| format!("{default:?}")));
    for list in &difference.lists {
        let order = if list.reordered { " reordered" } else { "" };
        let texts = gained_lost(&list.gained, &list.lost);
        lines.push(format!("{:?} {}.{}{texts}{order}", list.fate, list.section, list.name));
    }
    for rule in &difference.rules {
        let summary = rule.after.as_ref().or(rule.before.as_ref()).map(|rule| &*rule.summary).unwrap();
        let texts = gained_lost(&rule.sources_gained, &rule.sources_lost);
        let fields = rule
            .fields
            .iter()
            .map(|field| format!(" {}:{}", field.name, gained_lost(&field.gained, &field.lost)));
        lines.push(format!(
            "{:?} {} {summary}:{texts}{}",
            rule.fate,
            rule.section,
            fields.collect::<String>()
        ));
    }
    for value in &difference.values {
        let shown = |side: &Option<(Position, String)>| {
            side.as_ref().map_or("none".to_owned(), |(_, text)| text.clone())
        };
        lines.push(format!("{}: {} to {}", value.path, shown(&value.before), shown(&value.after)));
    }
    for directive in &difference.directives {
        lines.push(format!("{}: {:?} to {:?}", directive.on, directive.before, directive.after));
    }
    for access in &difference.access {
        let sign = if access.gained { '+' } else { '-' };
        let what: Vec<_> = access.what.iter().map(|reached| &*reached.target).collect();
        lines.push(format!("{sign} {} reach {}", access.who.join(", "), what.join(", ")));
    }
    lines
}

#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(lines(&between(old, new)), expected);
    // Nothing is seen in one direction only.
    assert_eq!(between(new, old).is_empty(), expected.is_empty());
    assert!(between(old, old).is_empty() && between(new, new).is_empty());
}

const RULES: &str = r#"{
    "groups": {"group:eng": ["ada@example.com", "bob@example.com"], "group:ops": ["eve@example.com"]},
    "acls": [
        {"action": "accept", "src": ["group:eng"], "dst": ["tag:db:5432", "tag:web:80,443"]},
        {"action": "accept", "src": ["group:ops"], "dst": ["tag:db:5432"], "proto": "tcp"},
    ],
}"#;

#[test]
fn layout_comments_and_spelling_are_no_change() {
    check(
        RULES,
        r#"// moved
        {"ACLs": [
            {"Action": " accept", "ports": ["tag:web:80,443", "tag:db:5432"], "users": ["group:eng", "group:eng "]}, // x
            {"proto": "tcp", "action": "accept", "src": ["group:ops"], "dst": ["tag:db:5432"]}],
        "tests": null,
        "Groups": {"group:ops": ["EVE@example.com"], "group:eng": ["bob@example.com", "\u0061da@example.com"]}}"#,
        &[],
    );
    check("{}", "{\"grants\": null, \"groups\": {}}", &[]);
}

#[test]
fn members() {
    check(
        RULES,
        &RULES.replace("\"bob@example.com\"", "\"eve@example.com\", \"new@example.com\""),
        &[
            "Changed groups.group:eng +eve@example.com +new@example.com -bob@example.com",
            "+ eve@example.com, new@example.com reach tag:db:5432, tag:web:443, tag:web:80",
            "- bob@example.com reach tag:db:5432, tag:web:443, tag:web:80",
        ],
    );
    // who is in another group of the rule keeps what it opens
    let two = RULES.replace("[\"group:eng\"]", "[\"group:eng\", \"group:ops\"]");
    check(
        &two,
        &two.replace("\"bob@example.com\"", "\"bob@example.com\", \"eve@example.com\""),
        &["Changed groups.group:eng +eve@example.com"],
    );
    check(
        "{\"tagOwners\": {\"tag:a\": [\"autogroup:members\"], \"tag:b\": []}}",
        "{\"tagOwners\": {\"tag:a\": [\"autogroup:member\", \"tag:c\"], \"tag:c\": [\"ada@example.com\"]}}",
        &[
            "Changed tagOwners.tag:a +tag:c",
            "Added tagOwners.tag:c +ada@example.com",
            "Removed tagOwners.tag:b",
        ],
    );
}

#[test]
fn rules() {
    check(
        RULES,
        &RULES.replace("\"src\": [\"group:ops\"]", "\"src\": [\"group:ops\", \"tag:ci\"]"),
        &["Changed acls group:ops, tag:ci → tag:db:5432 (tcp): +tag:ci", "+ tag:ci reach tag:db:5432/tcp"],
    );
    // edited but for its sources: the same rule
    check(
        RULES,
        &RULES.replace("80,443", "443").replace("\"tcp\"", "\"udp\""),
        &[
            "Changed acls group:eng → tag:db:5432, tag:web:443: dst: +tag:web:443 -tag:web:80,443",
            "Changed acls group:ops → tag:db:5432 (udp): proto: +udp -tcp",
            "+ eve@example.com reach tag:db:5432/udp",
            "- ada@example.com, bob@example.com reach tag:web:80",
            "- eve@example.com reach tag:db:5432/tcp",
        ],
    );
    // a rule beside an equal one changes nothing
    let rule = r#"{"action": "accept", "src": ["group:ops"], "dst": ["tag:db:5432"], "proto": "tcp"},"#;
    check(RULES, &RULES.replace(rule, &[rule, rule].concat()), &[]);
    check(
        RULES,
        &RULES.replace(rule, r#"{"action": "accept", "src": ["tag:ci"], "dst": ["*:*"]},"#),
        &[
            "Added acls tag:ci → *:*:",
            "Removed acls group:ops → tag:db:5432 (tcp):",
            "+ tag:ci reach *:*",
            "- eve@example.com reach tag:db:5432/tcp",
        ],
    );
}

#[test]
fn pins_match_first() {
    let rule = |id: &str, rest: &str| format!("{{\"ssh\": [\n// tailgrant: id={id}\n{{{rest}}}\n]}}");
    let one = r#""action": "check", "src": ["group:a"], "dst": ["tag:a"], "users": ["root"]"#;
    check(
        &rule("x", one),
        &rule(
            "x",
            r#""action": "accept", "src": ["group:b@example.com"], "dst": ["tag:a"], "users": ["root"], "checkPeriod": "1h""#,
        ),
        &[
            "Changed ssh group:b@example.com → tag:a (root, accept): +group:b@example.com -group:a action: +accept -check checkperiod: +1h",
            "+ group:b@example.com reach ssh root@tag:a (accept)",
        ],
    );
    let renamed = lines(&between(&rule("x", one), &rule("y", one)));
    assert_eq!(renamed, ["ssh:y: \"tailgrant: id=x\" to \"tailgrant: id=y\""]);
}

#[test]
fn the_default_opens_everything() {
    let none = RULES.replace("\"acls\"", "\"x\"");
    assert_eq!(between(RULES, &none).default, Some(DefaultChange::AllowsEverything));
    let access = between(RULES, &none).access;
    assert_eq!(access.len(), 1, "{access:?}");
    assert_eq!(
        (access[0].gained, &*access[0].who, &*access[0].what[0].target),
        (true, &["*".to_owned()][..], "*:*")
    );
    assert_eq!(access[0].what[0].rule, None);
    let difference = between(&none, RULES);
    assert_eq!(difference.default, Some(DefaultChange::AllowsRules));
    assert_eq!(difference.access.len(), 1, "what was open to all is no gain: {:?}", difference.access);
    // an SSH rule is not covered by the default
    let ssh =
        r#"{"ssh": [{"action": "accept", "src": ["a@example.com"], "dst": ["tag:a"], "users": ["root"]}]}"#;
    check(
        "{}",
        ssh,
        &["Added ssh a@example.com → tag:a (root, accept):", "+ a@example.com reach ssh root@tag:a (accept)"],
    );
}

#[test]
fn conditions_and_forms_of_one_access() {
    let acl = r#"{"acls": [{"action": "accept", "src": ["tag:a"], "dst": ["[fd7a:0::1]:443", "10.1.2.3/8:53"], "proto": "6"}]}"#;
    let grant =
        r#"{"grants": [{"src": ["tag:a"], "dst": ["10.0.0.0/8", "fd7a::1"], "ip": ["tcp:443", "tcp:53"]}]}"#;
    let access: Vec<_> =
        lines(&between(acl, grant)).into_iter().filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(access, ["+ tag:a reach 10.0.0.0/8:443/tcp, [fd7a::1]:53/tcp"]);
    check(
        r#"{"acls": [{"action": "accept", "src": ["tag:a"], "dst": ["tag:b:1"]}]}"#,
        r#"{"defaultSrcPosture": ["posture:x"], "acls": [{"action": "accept", "src": ["tag:a"], "dst": ["tag:b:1"]}]}"#,
        &[
            "Added defaultSrcPosture.defaultSrcPosture +posture:x",
            "+ tag:a reach tag:b:1 from devices that meet posture:x",
            "- tag:a reach tag:b:1",
        ],
    );
    check(
        r#"{"grants": [{"src": ["tag:a"], "dst": ["tag:b"], "app": {"example.com/cap/x": []}, "via": ["tag:r"]}]}"#,
        r#"{"grants": [{"src": ["tag:a"], "dst": ["tag:b"], "app": {"example.com/cap/x": [1]}}]}"#,
        &[
            "Changed grants tag:a → tag:b (example.com/cap/x): app: +example.com/cap/x: [1] -example.com/cap/x: [] via: -tag:r",
            "+ tag:a reach tag:b app example.com/cap/x [1]",
            "- tag:a reach tag:b app example.com/cap/x through tag:r",
        ],
    );
}

#[test]
fn other_sections() {
    check(
        r#"{"hosts": {"a": "10.0.0.1", "b": "10.0.0.2"}, "derpMap": {"Regions": {"900": {"Name": "x", "Code": [1, 2]}}}, "randomizeClientPort": true}"#,
        r#"{"derpMap": {"Regions": {"900": {"Code": [1, 2], "Name": "y"}}}, "Hosts": {"b": "10.0.0.3", "c": "10.0.0.4"}}"#,
        &[
            "hosts.a: \"10.0.0.1\" to none",
            "hosts.b: \"10.0.0.2\" to \"10.0.0.3\"",
            "hosts.c: none to \"10.0.0.4\"",
            "derpMap.Regions.900.Name: \"x\" to \"y\"",
            "randomizeClientPort: true to none",
        ],
    );
    check(
        r#"{"tests": [{"user": "a@example.com", "allow": ["x:1", "y:1"]}, {"src": "b", "deny": ["x:1"]}], "nodeAttrs": [{"target": ["*"], "attr": ["funnel"]}]}"#,
        r#"{"tests": [{"src": "b", "deny": ["x:2"]}, {"accept": ["y:1", "x:1"], "src": "a@example.com"}], "nodeAttrs": [{"target": ["*"], "attr": ["funnel"]}, 7]}"#,
        &[
            "nodeAttrs: none to 7",
            "tests: {\"deny\":[\"x:1\"],\"src\":\"b\"} to none",
            "tests: none to {\"deny\":[\"x:2\"],\"src\":\"b\"}",
        ],
    );
    check(
        r#"{"ipsets": {"ipset:a": ["add 10.0.0.0/8", "remove 10.1.0.0/16"]}, "postures": {"posture:a": ["x", "y"], "posture:b": {"assertions": ["x"]}}, "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:a"]}, "exitNode": ["tag:a"]}}"#,
        r#"{"ipsets": {"ipset:a": ["remove 10.1.0.0/16", "add 10.0.0.0/8"]}, "postures": {"posture:a": ["y", "x"], "posture:b": ["x", "z"]}, "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:b"]}}}"#,
        &[
            "Changed ipsets.ipset:a reordered",
            "Changed postures.posture:b +z",
            "Changed autoApprovers.routes 10.0.0.0/8 +tag:b -tag:a",
            "Removed autoApprovers.exitNode -tag:a",
        ],
    );
}

#[test]
fn directives_are_told_apart_from_meaning() {
    let old =
        "{\"groups\": {\n// tailgrant: owner=ops\n\"group:a\": [\n\"a@example.com\", // tailgrant: by=x\n]}}";
    let new = old.replace("owner=ops", "grant=never").replace(" // tailgrant: by=x", "");
    let difference = between(old, &new);
    assert!(difference.means_the_same() && !difference.is_empty());
    assert_eq!(
        lines(&difference),
        [
            "group:a: \"tailgrant: owner=ops\" to \"tailgrant: grant=never\"",
            "a@example.com in group:a: \"tailgrant: by=x\" to \"\"",
        ]
    );
}

#[test]
fn ends_of_memberships() {
    #[track_caller]
    fn check_one_way(old: &str, new: &str, expected: &[String]) {
        assert_eq!(lines(&between(old, new)), expected);
    }
    let until = |until: &str| format!(" /* tailgrant: until={until} by=REQ-1 */");
    let (may, june) = (until("2030-05-01T00:00:00Z"), until("2030-06-01T00:00:00Z"));
    let group = |elements: &str| format!("{{\"groups\": {{\"group:a\": [{elements}]}}}}");
    let (ada, bob) = ("\"a@example.com\"", "\"b@example.com\"");
    let (said, says) = (may.trim()[3..may.len() - 4].trim(), june.trim()[3..june.len() - 4].trim());
    check_one_way(
        &group(&format!("{ada}{may}")),
        &group(&format!("{ada}{june}")),
        &[format!("a@example.com in group:a: {said:?} to {says:?}")],
    );
    check_one_way(
        &group(ada),
        &group(&format!("{ada}, {bob}{may}")),
        &[
            "Changed groups.group:a +b@example.com".to_owned(),
            format!("b@example.com in group:a: \"\" to {said:?}"),
        ],
    );
    check_one_way(
        &group(&format!("{ada}{may}, {bob}")),
        &group(bob),
        &["Changed groups.group:a -a@example.com".to_owned()],
    );
    let rule = |behind: &str| {
        format!(
            "{{\"acls\": [{{\"action\": \"accept\", \"src\": [\"*\"{behind}], \"dst\": [\"tag:a:1\"]}}]}}"
        )
    };
    let changed = lines(&between(&rule(""), &rule(&may)));
    assert!(changed.len() == 1 && changed[0].ends_with(&format!(": \"\" to {said:?}")), "{changed:?}");
}

#[test]
fn a_tailnet_tells_who_is_behind_autogroups() {
    let rule = |sources: &str| {
        format!(r#"{{"acls": [{{"action": "accept", "src": [{sources}], "dst": ["tag:a:1"]}}]}}"#)
    };
    let person = |logins: &[&str], role: &str| Person {
        logins: logins.iter().map(|login| (*login).to_owned()).collect(),
        role: role.to_owned(),
        member: true,
        shared: false,
    };
    let people = vec![
        person(&["ada@example.com", "ada@example.org"], "admin"),
        person(&["bob@example.com"], "member"),
    ];
    let topology = Topology { people, ..Topology::default() };
    let access = |old: &str, new: &str| {
        let (old, new) = (rule(old), rule(new));
        let (old, new) = (parse(old.as_bytes()).unwrap(), parse(new.as_bytes()).unwrap());
        let difference = Difference::between(&old, &new, Some(&topology)).unwrap();
        lines(&difference).split_off(1)
    };
    assert_eq!(access("\"autogroup:admin\"", "\"autogroup:member\""), ["+ bob@example.com reach tag:a:1"]);
    assert_eq!(access("\"autogroup:member\"", "\"ada@example.org\""), ["- bob@example.com reach tag:a:1"]);
    assert_eq!(access("\"*\"", "\"autogroup:member\""), ["- * reach tag:a:1"]);
}

/// Many rules whose sources all differ and all name groups with many members.
#[test]
fn work_is_bounded() {
    let members: Vec<String> = (0..20_000).map(|n| format!("\"u{n}@example.com\"")).collect();
    let text = |group: &str| {
        let rules: Vec<String> = (0..5_000)
            .map(|n| {
                format!(
                    r#"{{"action":"accept","src":["{group}","x{n}@example.com"],"dst":["tag:a:{}"]}}"#,
                    n + 1
                )
            })
            .collect();
        format!("{{\"groups\":{{\"group:big\":[{}]}},\"acls\":[{}]}}", members.join(","), rules.join(","))
    };
    let difference = between(&text("group:big"), &text("tag:ci"));
    let who: usize = difference.access.iter().map(|access| access.who.len()).sum();
    assert!(who < 2_000_000, "{who}");
    assert!(difference.access.iter().any(|access| access.who == ["group:big"]));
}

#[test]
fn logins_over_ssh_are_told_apart_from_their_destinations() {
    let rule = r#"{"ssh": [{"action": "check", "checkPeriod": "always", "src": ["ada@example.com"], "dst": ["tag:db"], "users": ["localpart:*@example.com", "root"]}], "acls": []}"#;
    let difference = between(r#"{"acls": []}"#, rule);
    let targets: Vec<_> = difference.access.iter().flat_map(|change| &change.what).collect();
    let mut texts: Vec<_> = targets.iter().map(|reached| &*reached.target).collect();
    texts.sort_unstable();
    assert_eq!(
        texts,
        [
            "ssh \"localpart:*@example.com\"@tag:db (check at every login)",
            "ssh root@tag:db (check at every login)"
        ]
    );
}
