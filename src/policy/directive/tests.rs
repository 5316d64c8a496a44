use super::*;
use crate::hujson;
use crate::policy::{FindingKind, Policy, parse};
use proptest::prelude::*;

/// Reads the directives on the first rule (or group) of a text, with the messages of the findings.
fn read_first(text: &str, on_rule: bool) -> (Directives, String, Vec<String>) {
    let document = hujson::parse(text.as_bytes()).unwrap();
    let section = document.root().members().next().unwrap().value;
    let bearer = section.elements().next().or_else(|| section.members().next().map(|member| member.value));
    let mut findings = Findings::new(&document);
    let (directives, description) = read(&bearer.unwrap().comments(), on_rule, &mut findings);
    (directives, description, findings.into_sorted().into_iter().map(|finding| finding.message).collect())
}

#[track_caller]
fn check(words: &str, expected: Directives, remarks: &[&str]) {
    let text = format!("{{\"acls\": [\n  // tailgrant:{words}\n  {{}}\n]}}");
    let (directives, description, findings) = read_first(&text, true);
    assert_eq!((directives, description), (expected, String::new()), "{words}");
    assert_eq!(findings.len(), remarks.len(), "{findings:?}");
    for (finding, remark) in findings.iter().zip(remarks) {
        assert!(finding.contains(remark), "{finding}");
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every directive's text is optional")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn words() {
    check(" id=web", Directives { id: text("web"), ..Directives::default() }, &[]);
    check("id=web", Directives { id: text("web"), ..Directives::default() }, &[]);
    check(
        r#"  name="The \"web\" \\ tier"  owner=ada@example.com hide	grant=never description="a b""#,
        Directives {
            name: text(r#"The "web" \ tier"#),
            owner: text("ada@example.com"),
            description: text("a b"),
            hide: true,
            grant_never: true,
            ..Directives::default()
        },
        &[],
    );
    check("", Directives::default(), &[]);
}

#[test]
fn grant_always_protects() {
    let never = || Directives { grant_never: true, ..Directives::default() };
    check(" grant=never", never(), &[]);
    for word in ["grant=yes", "grant=", "grant", "grant=\"ne", "grant=ne\"ver", "grant=NEVER"] {
        check(&format!(" {word}"), never(), &["grant knows only never"]);
    }
    check(" name=\"open grant=never", never(), &["no directive"]);
}

#[test]
fn what_cannot_be_understood_is_a_finding() {
    let nothing = Directives::default;
    check(" until=2030-01-01T00:00:00Z", nothing(), &["until counts at the end of a list element"]);
    check(" ttl=1h", nothing(), &["\"ttl\" is not known"]);
    check(" Id=web", nothing(), &["\"Id=web\" is no directive"]);
    check(" name", nothing(), &["needs a value"]);
    check(" name=", nothing(), &["\"name=\" is no directive"]);
    check(" name=a\"b", nothing(), &["is no directive"]);
    check(" name=\"a\"b", nothing(), &["is no directive"]);
    check(r#" name="a\n""#, nothing(), &["is no directive"]);
    check(" hide=no", nothing(), &["takes no value"]);
    check(" id=Web", nothing(), &["cannot be a rule's id"]);
    check(" id=a id=b", nothing(), &["none counts"]);
    check(" id=a id=Bad", nothing(), &["none counts"]);
    check(" id=a ttl=b id=c", nothing(), &["\"ttl\" is not known", "none counts"]);
    check(" ttl=a ttl=b", nothing(), &["\"ttl\" is not known", "\"ttl\" is not known"]);
    check(" name=a name=b", Directives { name: text("a"), ..nothing() }, &["the first counts"]);
}

#[test]
fn places_and_descriptions() {
    let (directives, description, findings) = read_first(
        "{\"acls\": [
            // not attached

            // Web tier.
            // tailgrant: id=web
            /* Ask Ada
             * tailgrant: hide
             */
            {}, // tailgrant: grant=never
        ]}",
        true,
    );
    assert_eq!(
        directives,
        Directives { id: text("web"), hide: true, grant_never: true, ..Directives::default() }
    );
    assert_eq!((description.as_str(), findings), ("Web tier.\nAsk Ada", vec![]));

    let (directives, description, _) =
        read_first("{\"groups\": {\n/* tailgrant: owner=ops */ \"group:a\": [] // people of a\n}}", false);
    assert_eq!(directives, Directives { owner: text("ops"), ..Directives::default() });
    assert_eq!(description, "people of a");
}

#[test]
fn ids_are_for_rules() {
    let (directives, _, findings) =
        read_first("{\"groups\": {\n// tailgrant: id=a\n\"group:a\": []\n}}", false);
    assert_eq!(directives, Directives::default());
    assert_eq!(findings, ["directive id counts on rules only"]);
}

#[test]
fn doubled_over_two_lines() {
    let (directives, _, findings) =
        read_first("{\"acls\": [\n// tailgrant: id=a\n// tailgrant: id=b\n{}\n]}", true);
    assert_eq!((directives.id, findings.len()), (None, 1));
}

/// The directives on the one source of a rule, whose line ends as given, and the findings.
#[track_caller]
fn check_element(behind: &str, until: Option<&str>, by: Option<&str>, remarks: &[&str]) {
    let text = format!("{{\"acls\": [{{\"src\": [\n\"ada@example.com\"{behind}\n]}}]}}");
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let item = policy.rules[0].source_items().next().unwrap();
    let directives = item.directives();
    assert_eq!((directives.until.as_deref(), directives.by.as_deref()), (until, by), "{behind}");
    let findings: Vec<_> = policy.findings.iter().map(|finding| &*finding.message).collect();
    assert_eq!(findings.len(), remarks.len(), "{findings:?}");
    for (finding, remark) in findings.iter().zip(remarks) {
        assert!(finding.contains(remark), "{finding}");
    }
}

#[test]
fn elements() {
    let until = "2030-01-31T12:00:00Z";
    check_element("", None, None, &[]);
    check_element(", // somebody", None, None, &[]);
    check_element(&format!(", // tailgrant: until={until} by=task:7"), Some(until), Some("task:7"), &[]);
    check_element(&format!(" /* tailgrant: until=\"{until}\" */ ,"), Some(until), None, &[]);
    check_element(" // tailgrant: by=Ada+x@example.com\n,", None, Some("Ada+x@example.com"), &[]);
    // above an element there is nothing
    let above = check_above("// tailgrant: by=x\n\"ada@example.com\"");
    assert!(above.contains("belongs to no rule"), "{above}");
}

/// The one finding of a list with these elements.
#[track_caller]
fn check_above(elements: &str) -> String {
    let text = format!("{{\"groups\": {{\"group:a\": [\n{elements}\n]}}}}");
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    assert!(policy.groups[0].items().all(|item| item.directives() == ElementDirectives::default()));
    assert_eq!(policy.findings.len(), 1);
    policy.findings[0].message.clone()
}

/// Whether the end of an element's line says something of an end, and how many findings are about that.
#[track_caller]
fn check_end(behind: &str, tells: bool, ignored: usize) {
    let text = format!("{{\"groups\": {{\"group:a\": [\n\"ada@example.com\",{behind}\n]}}}}");
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    assert_eq!(policy.groups[0].items().next().unwrap().tells_of_end(), tells, "{behind}");
    let kinds = policy.findings.iter().map(|finding| finding.kind);
    assert_eq!(kinds.filter(|kind| *kind == FindingKind::NeverEnds).count(), ignored, "{behind}");
}

#[test]
fn ends_that_do_not_count_are_findings_of_a_kind() {
    check_end(" // tailgrant: until=2030-01-31T12:00:00Z", true, 0);
    check_end(" // tailgrant: until=soon", true, 1);
    check_end(" // tailgrant: until=2030-01-31T12:00:00Z until=2030-01-31T12:00:00Z", true, 1);
    check_end(" // tailgrant: by=it-never-ends", false, 0);
    check_end(" // tailgrant: by=", false, 0);
    // What is no directive says nothing.
    check_end(" // covers for Bob until Friday", false, 0);
    check_end(" // tailgrant until=2030-01-31T12:00:00Z", false, 0);
}

#[test]
fn what_an_element_does_not_understand() {
    let one = ", // tailgrant: until=2030-01-31T12:00:00Z until=2031-01-31T12:00:00Z";
    check_element(one, None, None, &["until is there twice"]);
    let two = ", // tailgrant: until=x until=2031-01-31T12:00:00Z by=a by=b";
    check_element(two, None, Some("a"), &["is no moment", "until is there twice", "by is there twice"]);
    check_element(", // tailgrant: until", None, None, &["is no moment"]);
    check_element(", // tailgrant: by=a/b", None, None, &["by=\"a/b\" does not count"]);
    check_element(&format!(", // tailgrant: by={}", "a".repeat(65)), None, None, &["does not count"]);
    check_element(", // tailgrant: id=x", None, None, &["not on an element"]);
    check_element(
        ", // tailgrant: hide grant=never",
        None,
        None,
        &["not on an element", "not on an element"],
    );
    check_element(", // tailgrant: ttl=1h by=\"x", None, None, &["not known", "is no directive"]);
}

#[test]
fn moments() {
    for text in [
        "2030-01-31T12:00:00Z",
        "2030-01-31t12:00:00z",
        "2030-01-31T12:00:00.123456789+05:30",
        "2028-02-29T23:59:59-00:00",
    ] {
        assert!(element::is_moment(text), "{text}");
    }
    for text in [
        "",
        "2030-01-31",
        "2030-01-31T12:00Z",
        "2030-01-31 12:00:00Z",
        "2030-01-31T12:00:00",
        "2030-02-30T12:00:00Z",
        "2030-01-31T25:00:00Z",
        "2030-01-31T12:00:00.Z",
        "2030-01-31T12:00:00+0530",
        "2030-01-31T12:00:00+05",
        "2030-01-31T12:00:00Z[UTC]",
        "+02030-01-31T12:00:00Z",
        "tomorrow",
    ] {
        assert!(!element::is_moment(text), "{text}");
    }
}

#[test]
fn whether_a_rule_says_what_its_id_is() {
    for (comment, expected) in [
        ("id=a", true),
        ("id=Bad", true),
        ("id", true),
        ("id=\"a", true),
        ("hide id=a id=b", true),
        ("hide", false),
        ("name=id", false),
        ("ids=a", false),
    ] {
        let text = format!("{{\"acls\": [\n// id=x\n// tailgrant: {comment}\n{{}}\n]}}");
        let document = parse(text.as_bytes()).unwrap();
        let policy = Policy::read(&document).unwrap();
        assert_eq!(says_id(&policy.rules[0].value.comments()), expected, "{comment}");
    }
}

/// Any text that a comment line can hold.
fn value() -> impl Strategy<Value = Option<String>> {
    let text = prop_oneof![
        2 => "[a-z0-9.@:-]{1,12}",
        2 => "[ \"\\\\a\t=]{0,8}",
        1 => "\\PC{0,12}",
        1 => Just("a // b /* c */ tailgrant: id=x".to_owned()),
        1 => Just("\u{a0}\u{2028}\r\u{0}".to_owned()),
    ];
    prop::option::of(text)
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        id in prop::option::of("[g-z0-9][g-z0-9._-]{0,63}"),
        name in value(),
        description in value(),
        owner in value(),
        grant_never in any::<bool>(),
        hide in any::<bool>(),
    ) {
        let directives = Directives { id, name, description, owner, grant_never, hide };
        let text = format!("{{\"acls\": [\n// {directives}\n{{}}\n]}}");
        let (read, description, findings) = read_first(&text, true);
        prop_assert_eq!((read, description, findings), (directives, String::new(), vec![]));
    }

    #[test]
    fn what_an_element_says_is_read(
        until in prop::option::of("20[0-9]{2}-0[1-9]-[0-2][1-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])"),
        by in prop::option::of("[A-Za-z0-9._:@+-]{1,64}"),
    ) {
        let directives = ElementDirectives { until, by };
        let text = format!("{{\"groups\": {{\"group:a\": [\n\"x\", // {directives}\n]}}}}");
        let document = parse(text.as_bytes()).unwrap();
        let policy = Policy::read(&document).unwrap();
        prop_assert_eq!(policy.groups[0].items().next().unwrap().directives(), directives);
        prop_assert_eq!(&policy.findings, &vec![]);
    }
}

#[test]
fn a_line_end_stays_inside_its_line() {
    let directives = Directives { name: text("a\n{}, "), ..Directives::default() };
    assert_eq!(directives.to_string(), "tailgrant: name=\"a {}, \"");
    assert_eq!(Directives::default().to_string(), "");
}
