use crate::hujson::{apply, edit_array, parse};

/// Edits the array that a text is, or that the member `a` of it is.
fn edited(text: &str, remove: &[usize], append: &[&str]) -> String {
    let document = parse(text.as_bytes()).unwrap();
    let root = document.root();
    let array = root
        .members()
        .find(|member| member.name.as_str().unwrap() == "a")
        .map_or(root, |member| member.value);
    let out = apply(text.as_bytes(), edit_array(array, remove, append)).unwrap();
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn append(text: &str, expected: &str) {
    let count = parse(text.as_bytes()).unwrap().root().elements().count();
    let out = edited(text, &[], &["x"]);
    assert_eq!(out, expected);
    if text.starts_with('[') {
        assert_eq!(edited(&out, &[count], &[]), text, "removed again");
    }
}

#[track_caller]
fn remove(text: &str, indices: &[usize], expected: &str) {
    assert_eq!(edited(text, indices, &[]), expected);
}

#[test]
fn inline_arrays_stay_inline() {
    append(r#"["a"]"#, r#"["a", "x"]"#);
    append(r#"[ "a" ]"#, r#"[ "a", "x" ]"#);
    append(r#"["a",]"#, r#"["a", "x",]"#);
    append(r#"["a","b"]"#, r#"["a","b","x"]"#);
    append(r#"["a" , "b" ]"#, r#"["a" , "b" , "x" ]"#);
    append(r#"["a" /* a */]"#, r#"["a" /* a */, "x"]"#);
    append(r#"["a", /* nobody */ ]"#, r#"["a", "x", /* nobody */ ]"#);
}

#[test]
fn expanded_arrays_get_a_line() {
    append("[\n\t\"a\",\n]", "[\n\t\"a\",\n\t\"x\",\n]");
    append("[\n\t\"a\"\n]", "[\n\t\"a\",\n\t\"x\"\n]");
    append("[\r\n  \"a\",\r\n]", "[\r\n  \"a\",\r\n  \"x\",\r\n]");
    append("[\n\t\"a\", // a\n]", "[\n\t\"a\", // a\n\t\"x\",\n]");
    append("[\n\t\"a\" // a\n]", "[\n\t\"a\", // a\n\t\"x\"\n]");
    append("[\n\t\"a\" // a\n\t,\n]", "[\n\t\"a\" // a\n\t,\n\t\"x\",\n]");
    append("[\n\t\"a\", // a\n\n\t// nobody\n]", "[\n\t\"a\", // a\n\t\"x\",\n\n\t// nobody\n]");
    append("[\n\t\"a\"\n\t// nobody\n]", "[\n\t\"a\",\n\t\"x\"\n\t// nobody\n]");
    append("[\n\t\"a\",\n\t\"b\"]", "[\n\t\"a\",\n\t\"b\",\n\t\"x\"]");
    append("[\n\t\"a\",\n\t\"b\", ]", "[\n\t\"a\",\n\t\"b\",\n\t\"x\", ]");
    append("[\n\t\"a\", \"b\"\n]", "[\n\t\"a\", \"b\", \"x\"\n]");
    append("[\n\t\"a\", \"b\", // both\n]", "[\n\t\"a\", \"b\", // both\n\t\"x\",\n]");
    append("[\"a\"\n , \"b\" ]", "[\"a\"\n , \"b\"\n , \"x\" ]");
    append("[\"a\", // a\n]", "[\"a\", // a\n\t\"x\",\n]");
}

#[test]
fn empty_arrays() {
    append("[]", r#"["x"]"#);
    append("[ ]", r#"[ "x" ]"#);
    append("[\n]", "[\n\t\"x\"\n]");
    append("[ /* nobody */ ]", r#"[ /* nobody */ "x" ]"#);
    append("[/**/]", r#"[/**/ "x"]"#);
    append("[ // nobody\n ]", "[ // nobody\n   \"x\"\n ]");
    append("[\n\t// nobody\n]", "[\n\t\"x\"\n\t// nobody\n]");
    append("{\n  \"a\": [\n  ],\n}", "{\n  \"a\": [\n    \"x\",\n  ],\n}");
}

#[test]
fn removal_takes_the_line_or_what_stood_on_it() {
    remove("[1,]", &[0], "[]");
    remove("[1]", &[0], "[]");
    remove("[1, 2, 3]", &[0], "[2, 3]");
    remove("[1, 2, 3]", &[1], "[1, 3]");
    remove("[1, 2, 3]", &[2], "[1, 2]");
    remove("[1, 2, 3,]", &[2], "[1, 2,]");
    remove("[1, 2, 3]", &[0, 2], "[2]");
    remove("[1, 2, 3]", &[0, 1, 2], "[]");
    remove("[\n\t1,\n\t2,\n]", &[0], "[\n\t2,\n]");
    remove("[\n\t1,\n\t2,\n]", &[0, 1], "[\n]");
    remove("[\n\t1,\n\t2\n]", &[1], "[\n\t1\n]");
    remove("[\n\t1,\n\t2]", &[1], "[\n\t1]");
    remove("[\n\t1, 2,\n\t3, 4,\n]", &[2], "[\n\t1, 2,\n\t4,\n]");
    remove("[1\n , 2\n , 3]", &[1], "[1\n , 3]");
    remove("[\n\t1,\n\n\t2,\n\n\t3,\n]", &[1], "[\n\t1,\n\n\t3,\n]");
    remove("[\n\t1, // one\n\t2]", &[1], "[\n\t1 // one\n]");
}

#[test]
fn removal_takes_the_comments_of_the_element_and_no_others() {
    remove(
        "[\n\t// one\n\t1,\n\t// two\n\t2, // two\n\t// three\n\t3,\n]",
        &[1],
        "[\n\t// one\n\t1,\n\t// three\n\t3,\n]",
    );
    remove(
        "[\n\t1, // one\n\n\t// nobody\n\n\t2 /* two */ , /* two */\n]",
        &[1],
        "[\n\t1, // one\n\n\t// nobody\n]",
    );
    remove("[ /* list */ 1, /* two */ 2 ]", &[0], "[ /* list */ /* two */ 2 ]");
    remove("[ 1, /* two */ 2 ]", &[1], "[ 1 ]");
    remove("[ // list\n\t1 // one\n]", &[0], "[ // list\n]");
    remove("[1, /* one */\n\t2]", &[1], "[1 /* one */\n]");
    remove("[1, /* one */\n\t2,]", &[1], "[1, /* one */\n]");
    remove("[\n\t1,\n\t// nobody\n\n\t2,\n]", &[0], "[\n\t// nobody\n\n\t2,\n]");
}

#[test]
fn both_in_one_go() {
    assert_eq!(edited(r#"["a", "b"]"#, &[0], &["x", "y"]), r#"["b", "x", "y"]"#);
    assert_eq!(edited(r#"["a"]"#, &[0], &["x"]), r#"["x"]"#);
    assert_eq!(edited("[\n\t\"a\",\n\t\"b\"\n]", &[1], &["x"]), "[\n\t\"a\",\n\t\"x\"\n]");
    assert_eq!(edited("[\n\t\t\"a\",\n]", &[0], &["x"]), "[\n\t\t\"x\",\n]");
}

#[test]
fn nothing_to_do_is_no_edit() {
    let document = parse(b"[1, {}]").unwrap();
    assert_eq!(edit_array::<&str>(document.root(), &[], &[]), []);
    assert_eq!(edit_array::<&str>(document.root(), &[2, 99], &[]), []);
    assert_eq!(edit_array(document.root().elements().last().unwrap(), &[0], &["x"]), []);
}
