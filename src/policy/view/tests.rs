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
    for Host { name, address, .. } in &policy.hosts {
        lines.push(format!("host {name} = {address}"));
    }
    for rule in &policy.rules {
        let sources: Vec<&str> = rule.source_items().map(|item| &*item.text).collect();
        let sources = if rule.sources.is_some() { sources.join(" ") } else { "-".to_owned() };
        let (section, index) = (rule.section, rule.index);
        lines.push(format!("{section} {index}: {sources} > {}", rule.destinations.join(" ")));
    }
    for finding in &policy.findings {
        let Finding { position, message, .. } = finding;
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
    check(r#"{"grants": [], "tests": null}"#, &[]);
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
fn findings_spell_fields_as_the_text_does() {
    check(
        r#"{"acls": [{"Ports": 7, "srcPosture": [1]}], "ssh": [{"checkPeriod": 1, "acceptEnv": {}, "enforceRecorder": 0}]}"#,
        &[
            "acls 0: - > ",
            "ssh 0: - > ",
            "1:21 Ports is no array: nothing in it counts",
            "1:39 srcPosture holds something that is no string",
            "1:69 checkPeriod is no string",
            "1:85 acceptEnv is no array: nothing in it counts",
            "1:108 enforceRecorder is neither true nor false",
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
      "ssh": [{"action": " check\t", "users": ["root", "group:x"], "checkPeriod": "12h",
        "acceptEnv": ["LC_*"], "recorder": ["tag:r"], "enforceRecorder": true}]}"#;
    let document = parse(text).unwrap();
    let policy = Policy::read(&document).unwrap();
    let [ssh, grant] = &policy.rules[..] else { panic!("two rules") };
    assert_eq!((&*ssh.action, &*ssh.check_period), ("check", "12h"));
    assert_eq!(ssh.ssh_users, ["root", "group:x"]);
    assert_eq!((&ssh.accept_env[..], &ssh.recorder[..]), (&["LC_*".into()][..], &["tag:r".into()][..]));
    assert!(ssh.enforce_recorder);
    assert!(ssh.sources.is_none(), "host accounts are no sources");
    assert_eq!((&*grant.ip, &*grant.via), (&["tcp:443".into()][..], &["tag:r".into()][..]));
    let app: Vec<_> =
        grant.app.iter().map(|capability| (&*capability.name, capability.value.raw())).collect();
    assert_eq!(app, [("example.com/cap/x", &b"[]"[..]), ("Y", b"null")]);
    assert_eq!((&*grant.proto, &*grant.source_posture), ("6", &["posture:p".into()][..]));
}

#[test]
fn sections_without_rules() {
    let text = br#"{
      "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:r"]}, "ExitNode": ["tag:e"], "services": {"svc:w": ["tag:s"]}},
      "nodeAttrs": [7, {"target": ["*"], "attr": ["funnel"], "ipPool": ["100.81.0.0/16"],
                        "app": {"tailscale.com/app-connectors": [{}]}}],
      "postures": {"posture:a": ["node:os == 'linux'"], "posture:b": {"assertions": ["x"], "onFailure": "log"}},
      "defaultSrcPosture": ["posture:a"],
      "attrConfig": {"custom:tier": {"type": "string", "allowSetByNode": true}},
      "derpMap": {"omitDefaultRegions": true, "regions": {"900": {}, "1": null}},
      "disableIPv4": true, "oneCGNATRoute": "mac-always", "randomizeClientPort": false}"#;
    let document = parse(text).unwrap();
    let policy = Policy::read(&document).unwrap();
    let items = |list: &Option<List<'_>>| {
        list.iter()
            .flat_map(|list| &list.items)
            .map(|item| item.text.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let approvers = &policy.auto_approvers;
    assert_eq!(
        (&*approvers.routes[0].name, items(&approvers.routes[0].list)),
        ("10.0.0.0/8", "tag:r".into())
    );
    assert_eq!((&*approvers.services[0].name, items(&approvers.exit_node)), ("svc:w", "tag:e".into()));
    let [attributes] = &policy.node_attributes[..] else { panic!("one element") };
    assert_eq!((attributes.index, attributes.position.line, attributes.app.len()), (1, 3, 1));
    assert_eq!((items(&attributes.targets), items(&attributes.attributes)), ("*".into(), "funnel".into()));
    assert_eq!(items(&attributes.ip_pool), "100.81.0.0/16");
    let [plain, object] = &policy.postures[..] else { panic!("two postures") };
    assert_eq!((items(&plain.assertions), plain.on_failure.is_none()), ("node:os == 'linux'".into(), true));
    assert_eq!((items(&object.assertions), object.on_failure.is_some()), ("x".into(), true));
    assert_eq!(items(&policy.default_source_posture), "posture:a");
    let [tier] = &policy.attribute_settings[..] else { panic!("one attribute") };
    assert_eq!(
        (&*tier.name, &*tier.kind, tier.set_by_devices, tier.visible_to_peers),
        ("custom:tier", "string", true, false)
    );
    let derp_map = policy.settings.derp_map.as_ref().unwrap();
    assert_eq!((derp_map.regions.len(), derp_map.omits_default_regions), (2, true));
    assert_eq!(policy.settings.one_cgnat_route.as_deref(), Some("mac-always"));
    assert_eq!(
        (policy.settings.disable_ipv4, policy.settings.randomize_client_port),
        (Some(true), Some(false))
    );
    assert_eq!(policy.findings.len(), 1, "the 7");
}

#[test]
fn what_is_unknown_is_kept_and_reported() {
    let text = "{\"tagowner\": {},\n\"acls\": [{\"source\": [\"*\"], \"Prto\": \"tcp\"}],\n\"autoApprovers\": {\"route\": {}}}";
    check(
        text,
        &[
            "acls 0: - > ",
            "1:14 \"tagowner\" has no known meaning in a policy, did you mean \"tagOwners\"?",
            "2:21 \"source\" has no known meaning in an ACL rule",
            "2:36 \"Prto\" has no known meaning in an ACL rule, did you mean \"proto\"?",
            "3:28 \"route\" has no known meaning in autoApprovers, did you mean \"routes\"?",
        ],
    );
    let document = parse(text.as_bytes()).unwrap();
    let unknown = Policy::read(&document).unwrap().unknown;
    assert_eq!(unknown.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["tagowner"]);
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
     "action": "// tailgrant: hide"},
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
