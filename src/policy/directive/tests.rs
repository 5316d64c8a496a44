use super::*;
use crate::hujson;

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
    check(" until=2030-01-01T00:00:00Z", nothing(), &["\"until\" is not known"]);
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
    check(" id=a until=b id=c", nothing(), &["\"until\" is not known", "none counts"]);
    check(" until=a until=b", nothing(), &["\"until\" is not known", "\"until\" is not known"]);
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
