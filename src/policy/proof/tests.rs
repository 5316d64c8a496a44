use super::*;

const OLD: &str = r#"{"groups": {"a": ["x", " X@y ", /* of z */ "z"], "b": [1]}, "n": 1.0} // end
"#;

/// Proves the difference between [`OLD`] and a new text, as one edit of everything.
fn prove(old: &str, new: &str, gone: &[&str], come: &[&str]) -> Result<(), String> {
    let members = gone.iter().map(|key| ((*key).to_owned(), vec![Fate::Goes])).collect();
    let come = come.iter().map(|text| ((*text).to_owned(), None)).collect();
    prove_change(old, new, members, come)
}

fn prove_change(
    old: &str,
    new: &str,
    members: HashMap<String, Vec<Fate>>,
    come: Vec<(String, Option<Lease>)>,
) -> Result<(), String> {
    let document = hujson::parse(old.as_bytes()).unwrap();
    let edits = [Edit { range: 0..old.len(), bytes: new.as_bytes().to_vec() }];
    let change = Change { start: old.find('[').unwrap(), members, come };
    let text = apply_and_compare(&document, &edits, &[change]).map_err(|unproved| unproved.0)?;
    assert_eq!(text, new.as_bytes());
    Ok(())
}

#[track_caller]
fn check(from: &str, to: &str, gone: &[&str], come: &[&str], expected: Result<(), &str>) {
    assert!(OLD.contains(from), "{from}");
    match (prove(OLD, &OLD.replacen(from, to, 1), gone, come), expected) {
        (Ok(()), Ok(())) => {}
        (Err(message), Err(part)) if message.contains(part) => {}
        (found, expected) => panic!("{from} → {to}: {found:?}, expected {expected:?}"),
    }
}

#[test]
fn planned_changes_are_proved() {
    check(r#""z"]"#, r#""z", "new"]"#, &[], &["new"], Ok(()));
    check(r#", " X@y ""#, "", &["x@y"], &[], Ok(()));
    check(r#", /* of z */ "z"]"#, r#", "n\u0065w"]"#, &["z"], &["new"], Ok(()));
    check(r#"["x", " X@y ", /* of z */ "z"]"#, "[]", &["x", "x@y", "z"], &[], Ok(()));
}

#[test]
fn other_changes_are_not() {
    check(r#""z"]"#, r#""z"]"#, &[], &["new"], Err("an element that was to come"));
    check(r#""z"]"#, r#""z", "other"]"#, &[], &["new"], Err("an element that was to come"));
    check(r#""z"]"#, r#""z", "new", "more"]"#, &[], &["new"], Err("an element too many"));
    check(r#""x", "#, "", &[], &[], Err("an element that was to stay"));
    check(r#""x", "#, r#""X", "#, &[], &[], Err("an element that was to stay"));
    check(r#""x", "#, r#""x", "#, &["x"], &[], Err("an element that was to stay"));
    check(r#"["x", " X@y ", /* of z */ "z"]"#, "{}", &[], &[], Err("no array"));
    check("[1]", "[2]", &[], &[], Err("a value that nobody wished to change"));
    check("1.0", "1.00", &[], &[], Err("a value that nobody wished to change"));
    check(r#""n""#, r#""N""#, &[], &[], Err("another name"));
    check(r#", "n": 1.0"#, "", &[], &[], Err("a member is lost"));
    check(r#", "n": 1.0"#, r#", "n": 1.0, "m": 1"#, &[], &[], Err("a member has come"));
    check(r#", "n": 1.0} // end"#, "", &[], &[], Err("breaks the grammar"));
}

#[test]
fn comments_and_layout_stay() {
    check("// end", "// END", &[], &[], Err("the text differs"));
    check(r#"], "b""#, r#"] , "b""#, &[], &[], Err("the text differs"));
    check("{\"groups\"", "{ \"groups\"", &[], &[], Err("the text differs"));
    check("/* of z */ ", "", &[], &[], Err("a comment"));
    check(r#", /* of z */ "z""#, "", &["z"], &[], Ok(()));
    check("/* of z */ ", "/* of y */ ", &[], &[], Err("a comment"));
    check(r#""x", "#, r#"/* new */ "x", "#, &[], &[], Err("a comment"));
    check(r#", /* of z */ "z""#, r", /* of z */", &["z"], &[], Err("a comment"));
}

#[test]
fn an_array_that_was_to_change_must_be_there() {
    let document = hujson::parse(OLD.as_bytes()).unwrap();
    let change = Change { start: 1, members: HashMap::new(), come: Vec::new() };
    assert!(apply_and_compare(&document, &[], &[change]).is_err());
}

#[test]
fn edits_that_overlap() {
    let document = hujson::parse(OLD.as_bytes()).unwrap();
    let edit = |range| Edit { range, bytes: Vec::new() };
    assert!(apply_and_compare(&document, &[edit(0..5), edit(4..6)], &[]).is_err());
}

/// An array whose elements have ends, and one for good.
const LEASED: &str = r#"{"n": [
    "a@x", // tailgrant: until=2030-05-01T00:00:00Z by=x
    "b" /* tailgrant: note until=2030-06-01T00:00:00Z */, // on call
    "c", // why
    "A@x", // tailgrant: until=2030-06-01T00:00:00Z
]}"#;

fn lease(until: &str) -> Lease {
    Lease { until: until.parse().unwrap(), by: None }
}

fn may() -> Lease {
    lease("2030-05-01T00:00:00Z")
}

/// Replaces text of [`LEASED`] where elements of one member have these fates.
#[track_caller]
fn check_leased(from: &str, to: &str, key: &str, fates: &[Fate], expected: Result<(), &str>) {
    assert!(LEASED.contains(from), "{from}");
    let members = HashMap::from([(key.to_owned(), fates.to_vec())]);
    match (prove_change(LEASED, &LEASED.replacen(from, to, 1), members, Vec::new()), expected) {
        (Ok(()), Ok(())) => {}
        (Err(message), Err(part)) if message.contains(part) => {}
        (found, expected) => panic!("{from} → {to}: {found:?}, expected {expected:?}"),
    }
}

#[test]
fn planned_ends_are_proved() {
    let a = "// tailgrant: until=2030-05-01T00:00:00Z by=x";
    check_leased(&format!(", {a}"), ",", "a@x", &[Fate::Permanent, Fate::Stays], Ok(()));
    let june = Fate::Leased(lease("2030-06-01T00:00:00Z"));
    check_leased(a, "// tailgrant: until=2030-06-01T00:00:00Z", "a@x", &[june, Fate::Stays], Ok(()));
    let b = "note until=2030-06-01T00:00:00Z";
    check_leased(b, "note", "b", &[Fate::Permanent], Ok(()));
    check_leased(b, "until=2030-05-01T00:00:00Z note", "b", &[Fate::Leased(may())], Ok(()));
    let c = "/* tailgrant: until=2030-05-01T00:00:00Z */";
    check_leased(
        "\"c\", // why",
        "\"c\" // tailgrant: until=2030-05-01T00:00:00Z\n, // why",
        "c",
        &[Fate::Leased(may())],
        Err("a comment"),
    );
    check_leased("\"c\"", &format!("\"c\" {c}"), "c", &[Fate::Leased(may())], Ok(()));
    let ended = Fate::Ends("2030-05-01T00:00:00Z".parse().unwrap());
    check_leased(&format!("\"a@x\", {a}\n"), "", "a@x", &[ended, Fate::Stays], Ok(()));
}

#[test]
fn other_ends_are_not() {
    let a = "// tailgrant: until=2030-05-01T00:00:00Z by=x";
    let both = |fate: Fate| [fate, Fate::Stays];
    let stay = Err("an element whose directives were to stay");
    check_leased(&format!(", {a}"), ",", "c", &[Fate::Stays], stay);
    check_leased("05-01", "05-02", "c", &[Fate::Stays], stay);
    check_leased("by=x", "by=y", "c", &[Fate::Stays], stay);
    let other = Err("an element that was to have another end, or none");
    check_leased(a, a, "a@x", &both(Fate::Permanent), other);
    check_leased("until=2030-05-01T00:00:00Z ", "", "a@x", &both(Fate::Permanent), other);
    check_leased("05-01", "05-02", "a@x", &both(Fate::Leased(lease("2030-05-03T00:00:00Z"))), other);
    check_leased("by=x", "by=y", "a@x", &both(Fate::Leased(may())), other);
    // what was there for good is neither released nor ended
    check_leased("// why", "", "c", &[Fate::Permanent], other);
    let comment = Err("a comment");
    check_leased("note until=2030-06-01T00:00:00Z", "", "b", &[Fate::Permanent], comment);
    check_leased(", // on call", ",", "b", &[Fate::Stays], comment);
    let b = r#""b" /* tailgrant: note until=2030-06-01T00:00:00Z */, // on call"#;
    check_leased(b, r#""b" /* tailgrant: note */, // on"#, "b", &[Fate::Permanent], comment);
    // not yet
    let ended = Fate::Ends("2030-05-31T23:59:59Z".parse().unwrap());
    let not_yet = Err("an element whose end has not come");
    check_leased(b, "", "b", std::slice::from_ref(&ended), not_yet);
    check_leased("\"c\", // why", "", "c", &[ended], not_yet);
    // fates for other elements than there are
    check_leased("\"c\", // why", "", "c", &[Fate::Goes, Fate::Goes], Err("less often"));
    check_leased("\"c\", // why", "", "a@x", &[Fate::Stays], Err("more often"));
}

#[test]
fn elements_come_with_their_ends() {
    #[track_caller]
    fn check(to: &str, lease: Option<Lease>, expected: Result<(), &str>) {
        let new = OLD.replacen(r#""z"]"#, to, 1);
        match (prove_change(OLD, &new, HashMap::new(), vec![("new".to_owned(), lease)]), expected) {
            (Ok(()), Ok(())) => {}
            (Err(message), Err(part)) if message.contains(part) => {}
            (found, expected) => panic!("{to}: {found:?}, expected {expected:?}"),
        }
    }
    let with_may = r#""z", "new" /* tailgrant: until=2030-05-01T00:00:00Z */]"#;
    let other = "an element with another end than it was to come with";
    check(with_may, Some(may()), Ok(()));
    check(with_may, Some(lease("2030-05-02T00:00:00Z")), Err(other));
    check(with_may, None, Err(other));
    check(r#""z", "new"]"#, Some(may()), Err(other));
    check(r#""z", "new" /* more */]"#, None, Err("a comment"));
    check(&with_may.replace("*/", "more */"), Some(may()), Err("a comment"));
}
