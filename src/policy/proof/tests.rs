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
