use crate::hujson::NewValue::{Copy, Object, String as Text, Strings};
use crate::hujson::{NewValue, apply, edit_array, edit_object, parse, replace};

/// Edits the object that a text is.
#[track_caller]
fn edited(text: &str, remove: &[usize], add: &[(&str, NewValue<'_>)]) -> String {
    let document = parse(text.as_bytes()).unwrap();
    let out = apply(text.as_bytes(), edit_object(document.root(), remove, add)).unwrap();
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn add(text: &str, name: &str, value: NewValue<'_>, expected: &str) {
    let count = parse(text.as_bytes()).unwrap().root().members().count();
    let out = edited(text, &[], &[(name, value)]);
    assert_eq!(out, expected);
    assert_eq!(edited(&out, &[count], &[]), text, "removed again");
    assert_eq!(edited(&out, &[], &[(name, value)]), out, "added again");
}

#[test]
fn members_are_added_as_the_others_stand() {
    add("{}", "n", Text("x"), r#"{"n": "x"}"#);
    add(r#"{"a": 1}"#, "n", Text("x"), r#"{"a": 1, "n": "x"}"#);
    add(r#"{"a":1,"b":2}"#, "n", Text("x"), r#"{"a":1,"b":2,"n":"x"}"#);
    add("{\n\t\"a\": 1,\n}", "n", Text("x"), "{\n\t\"a\": 1,\n\t\"n\": \"x\",\n}");
    add("{\r\n  \"a\" : 1 // one\r\n}", "n", Text("x"), "{\r\n  \"a\" : 1, // one\r\n  \"n\" : \"x\"\r\n}");
    add("{ // list\n}", "n", Text("x"), "{ // list\n\t\"n\": \"x\"\n}");
    add("{ /* none */ }", "n", Text("x"), "{ /* none */ \"n\": \"x\" }");
    add("{\"a\": 1\n ,\"b\": 2\n}", "n", Text("x"), "{\"a\": 1\n ,\"b\": 2\n ,\"n\": \"x\"\n}");
}

#[test]
fn values_are_aligned_where_the_neighbours_are() {
    let two = "{\n\t\"a\":   1,\n\t\"bcd\": 2,\n";
    add(&format!("{two}}}"), "n", Text("x"), &format!("{two}\t\"n\":   \"x\",\n}}"));
    add(&format!("{two}}}"), "longer", Text("x"), &format!("{two}\t\"longer\": \"x\",\n}}"));
    // One that is padded is enough to see it; one that is not could be the longest of a block or not.
    add("{\n\"a\":  1,\n}", "n", Text("x"), "{\n\"a\":  1,\n\"n\":  \"x\",\n}");
    add("{\n\"abc\": 1,\n}", "n", Text("x"), "{\n\"abc\": 1,\n\"n\": \"x\",\n}");
    add("{\n\"abc\": 1,\n\"b\": 1,\n}", "n", Text("x"), "{\n\"abc\": 1,\n\"b\": 1,\n\"n\": \"x\",\n}");
    // A member of several lines, a blank line and a comment end a block.
    let end = "\"b\": [\n\t2,\n],\n}";
    add(
        &format!("{{\n\"abc\": 1,\n{end}"),
        "n",
        Text("x"),
        &format!("{{\n\"abc\": 1,\n{}\"n\": \"x\",\n}}", &end[..end.len() - 1]),
    );
    add("{\n\"a\":  1,\n\n\"abc\": 1\n}", "n", Text("x"), "{\n\"a\":  1,\n\n\"abc\": 1,\n\"n\": \"x\"\n}");
}

#[test]
fn a_missing_section_is_made_in_the_style_of_the_file() {
    let groups = Object(&[("group:x", Strings(&["ada@example.com"]))]);
    add("{}", "groups", groups, r#"{"groups": {"group:x": ["ada@example.com"]}}"#);
    add(
        "{\n  \"acls\": [\n  ]\n}\n",
        "groups",
        groups,
        "{\n  \"acls\": [\n  ],\n  \"groups\": {\n    \"group:x\": [\"ada@example.com\"]\n  }\n}\n",
    );
    add(
        "{\r\n\t\"acls\": [],\r\n}",
        "groups",
        groups,
        "{\r\n\t\"acls\": [],\r\n\t\"groups\": {\r\n\t\t\"group:x\": [\"ada@example.com\"],\r\n\t},\r\n}",
    );
    // Sections that are paragraphs, and their arrays a line for each element.
    let sections =
        "{\n\t// Who.\n\t\"tagOwners\": {\n\t\t\"tag:a\": [\n\t\t\t\"a\",\n\t\t],\n\t},\n\n\t\"acls\": [],\n";
    add(
        &format!("{sections}}}"),
        "groups",
        groups,
        &format!(
            "{sections}\n\t\"groups\": {{\n\t\t\"group:x\": [\n\t\t\t\"ada@example.com\",\n\t\t],\n\t}},\n}}"
        ),
    );
    add(
        &format!("{sections}\t// the end\n}}"),
        "groups",
        groups,
        &format!(
            "{sections}\t\"groups\": {{\n\t\t\"group:x\": [\n\t\t\t\"ada@example.com\",\n\t\t],\n\t}},\n\t// the end\n}}"
        ),
    );
}

#[test]
fn a_missing_group_is_made_as_the_others_are() {
    let members = Strings(&["ada@example.com", "bo@example.com"]);
    add(
        "{\n\t\"g\": [\"a\"],\n}",
        "x",
        members,
        "{\n\t\"g\": [\"a\"],\n\t\"x\": [\"ada@example.com\", \"bo@example.com\"],\n}",
    );
    add(
        "{\n\t\"g\": [\n\t\t\"a\"\n\t]\n}",
        "x",
        members,
        "{\n\t\"g\": [\n\t\t\"a\"\n\t],\n\t\"x\": [\n\t\t\"ada@example.com\",\n\t\t\"bo@example.com\"\n\t]\n}",
    );
    add(
        "{\n\t\"g\": [\n\t\t\"a\"\n\t]\n}",
        "x",
        Strings(&[]),
        "{\n\t\"g\": [\n\t\t\"a\"\n\t],\n\t\"x\": []\n}",
    );
    // What is too long for a line gets several, where it has lines of its own.
    let (long, line) = (["somebody@example.com"; 4], "\n\t\t\"somebody@example.com\",");
    add(
        "{\n\t\"g\": [],\n}",
        "x",
        Strings(&long),
        &format!("{{\n\t\"g\": [],\n\t\"x\": [{}\n\t],\n}}", line.repeat(4)),
    );
}

#[test]
fn removal_takes_the_comments_of_the_member_and_no_others() {
    let text = "{\n\t// a\n\t\"a\": 1, // a\n\n\t// nobody\n\n\t// b\n\t\"b\" /* b */ : /* b */ 2, // b\n\t// c\n\t\"c\": 3,\n}";
    assert_eq!(
        edited(text, &[1], &[]),
        "{\n\t// a\n\t\"a\": 1, // a\n\n\t// nobody\n\n\t// c\n\t\"c\": 3,\n}"
    );
    assert_eq!(edited(r#"{"a": 1, "a": 2, "b": 3}"#, &[1], &[]), r#"{"a": 1, "b": 3}"#);
    assert_eq!(edited(r#"{"a": {"b": 1,}, "c": 2}"#, &[0, 1, 7], &[]), "{}");
    assert_eq!(edited(r#"{"a": 1, "b": 2}"#, &[0], &[("n", Text("x"))]), r#"{"b": 2, "n": "x"}"#);
}

#[test]
fn a_name_is_there_in_any_spelling() {
    assert_eq!(edited("{\"gro\\u0075ps\": 1}", &[], &[("groups", Strings(&[]))]), "{\"gro\\u0075ps\": 1}");
    assert_eq!(edited("{\"Groups\": 1}", &[], &[("groups", Text(""))]), "{\"Groups\": 1, \"groups\": \"\"}");
    assert_eq!(edited("{\"n\": 1}", &[0], &[("n", Text("x"))]), "{\"n\": \"x\"}");
    assert_eq!(edited("{}", &[], &[("n", Text("1")), ("n", Text("2"))]), "{\"n\": \"1\"}");
}

#[test]
fn copies_take_the_indentation_and_line_ends_of_where_they_come() {
    let text = b"[\n    {\n        // a\n\n        \"a\": [ 1,\n            /* b\n             */ 2 ] }]";
    let document = parse(text).unwrap();
    let copy = Copy(document.root().elements().next().unwrap());
    let copied = |start: &str, step: &str, end: &str| {
        format!(
            "{{{end}{start}{step}// a{end}{end}{start}{step}\"a\": [ 1,{end}{start}{step}{step}/* b{end}{start}{step}{step} */ 2 ] }}"
        )
    };
    add(
        "{\r\n  \"a\": 1,\r\n}",
        "n",
        copy,
        &format!("{{\r\n  \"a\": 1,\r\n  \"n\": {},\r\n}}", copied("  ", "  ", "\r\n")),
    );
    add("{}", "n", copy, &format!("{{\"n\": {}}}", copied("", "\t", "\n")));
}

#[test]
fn arrays_take_any_value() {
    let check = |text: &str, new: &[NewValue<'_>], expected: &str| {
        let document = parse(text.as_bytes()).unwrap();
        let out = apply(text.as_bytes(), edit_array(document.root(), &[], new)).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    };
    let rule = Object(&[("src", Strings(&["a"])), ("dst", Strings(&[]))]);
    check("[]", &[rule], r#"[{"src": ["a"], "dst": []}]"#);
    check(
        "[\n\t{\"src\": []},\n]",
        &[rule, Text("x")],
        "[\n\t{\"src\": []},\n\t{\"src\": [\"a\"], \"dst\": []},\n\t\"x\",\n]",
    );
    check(
        "[\n\t{\n\t\t\"src\": [],\n\t},\n\n\t{\n\t\t\"src\": [],\n\t},\n]",
        &[rule],
        "[\n\t{\n\t\t\"src\": [],\n\t},\n\n\t{\n\t\t\"src\": [],\n\t},\n\n\t{\n\t\t\"src\": [\"a\"],\n\t\t\"dst\": [],\n\t},\n]",
    );
}

#[test]
fn a_value_is_replaced_in_its_own_layout() {
    #[track_caller]
    fn check(text: &str, pointer: &str, new: NewValue<'_>, expected: &str) {
        let document = parse(text.as_bytes()).unwrap();
        let out = apply(text.as_bytes(), vec![replace(document.find(pointer).unwrap(), new)]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
    check("{\"a\": /* b */ [1, 2] // c\n}", "/a", Text("\"x\""), "{\"a\": /* b */ \"\\\"x\\\"\" // c\n}");
    check("[1, 2]", "/1", Strings(&["x", "y"]), "[1, [\"x\", \"y\"]]");
    check(
        "{\n  \"a\": [\n    1,\n  ]\n}",
        "/a",
        Strings(&["x", "y"]),
        "{\n  \"a\": [\n    \"x\",\n    \"y\",\n  ]\n}",
    );
    check(
        "{\n\t\"a\": null,\n}",
        "/a",
        Object(&[("b", Text("c"))]),
        "{\n\t\"a\": {\n\t\t\"b\": \"c\",\n\t},\n}",
    );
    check("{\r\n\t\"a\": [\r\n\t\t1\r\n\t]}", "", Object(&[]), "{}");
}

#[test]
fn nothing_to_do_is_no_edit() {
    let document = parse(b"[1, {}]").unwrap();
    assert_eq!(edit_object(document.root(), &[0], &[("n", Text("x"))]), []);
    assert_eq!(edit_object(document.root().elements().last().unwrap(), &[0], &[]), []);
}
