use proptest::prelude::*;

use super::{LONGEST, format};
use crate::hujson::strategy::{comment_numbers, document};
use crate::hujson::{DEEPEST, minimize};

#[track_caller]
fn check(text: &str, expected: &str) {
    let out = String::from_utf8(format(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(out, expected);
    assert_eq!(format(out.as_bytes()).unwrap(), out.as_bytes(), "laid out twice");
}

#[test]
fn what_stands_on_one_line_stays_there() {
    check(" {\"a\":1,\"b\" : [ 1,2 ]} ", "{\"a\": 1, \"b\": [1, 2]}\n");
    check("[1,{},]", "[1, {}]\n");
    check("[\n]", "[]\n");
    check("{\"a\":{\n},}", "{\"a\": {}}\n");
}

#[test]
fn a_line_end_in_the_right_place_expands() {
    check("[1,\n2]", "[\n\t1,\n\t2\n]\n");
    check("[1,2\n]", "[\n\t1,\n\t2\n]\n");
    check("[1\n,2]", "[1, 2]\n");
    check("{\"a\":\n1}", "{\"a\":\n\t\t1}\n");
    check("[[1,\n2]]", "[[\n\t1,\n\t2\n]]\n");
    check("{\"a\":[\n1],\"b\":2}", "{\"a\": [\n\t1\n], \"b\": 2}\n");
}

#[test]
fn a_long_line_expands() {
    let items = |count: usize| vec!["1234567890"; count].join(", ");
    check(&format!("[{}]", items(6)), &format!("[{}]\n", items(6)));
    check(&format!("[{}]", items(7)), &format!("[\n\t{}\n]\n", items(7).replace(", ", ",\n\t")));
    // 80 columns fit: the count has two bytes for a comma behind the last element.
    check(&format!("[\"{}\"]", "x".repeat(74)), &format!("[\"{}\"]\n", "x".repeat(74)));
    check(&format!("[\"{}\"]", "x".repeat(75)), &format!("[\n\t\"{}\"\n]\n", "x".repeat(75)));
    // Bytes count, not characters.
    check(&format!("[\"{}\"]", "é".repeat(38)), &format!("[\n\t\"{}\"\n]\n", "é".repeat(38)));
}

#[test]
fn only_what_is_plain_json_stays_without_trailing_commas() {
    check("[\n1]", "[\n\t1\n]\n");
    check("[\n1,]", "[\n\t1,\n]\n");
    check("//\n[\n1]", "//\n[\n\t1,\n]\n");
    check("[1/**/,/**/]", "[1 /**/ , /**/ ]\n");
    check("[1/**/,]", "[1 /**/ ]\n");
}

#[test]
fn values_of_a_block_of_lines_are_aligned() {
    check("{\n\"a\":1,\n\"bb\":2}", "{\n\t\"a\":  1,\n\t\"bb\": 2\n}\n");
    check("{\n\"a\":1,\n\n\"bb\":2,\n\"c\":3}", "{\n\t\"a\": 1,\n\n\t\"bb\": 2,\n\t\"c\":  3\n}\n");
    check(
        "{\n\"a\":1,\n\"bb\":[\n2],\n\"ccc\":3}",
        "{\n\t\"a\": 1,\n\t\"bb\": [\n\t\t2\n\t],\n\t\"ccc\": 3\n}\n",
    );
    check("{\n\"é\":1,\n\"bb\":2}", "{\n\t\"é\": 1,\n\t\"bb\": 2\n}\n");
    check("{\n\"a\":1,\n// c\n\"bb\":2}", "{\n\t\"a\": 1,\n\t// c\n\t\"bb\": 2,\n}\n");
}

#[test]
fn comments_are_set_with_single_spaces_or_on_lines_of_their_own() {
    check("//c \r\n\r\n\r\n\r\n{//d\n}//e\n", "//c\n\n{ //d\n} //e\n");
    check("{/*a*/\"b\"/*c*/:/*d*/1/*e*/,/*f*/}", "{ /*a*/ \"b\" /*c*/ : /*d*/ 1 /*e*/ , /*f*/ }\n");
    check("[\n1 // a\n,// b\n\n\n// c\n]", "[\n\t1 // a\n\t\t, // b\n\n\t// c\n]\n");
    check("[\n/*\n   a\n  b\n*/\n1]", "[\n\t/*\n\t a\n\tb\n\t*/\n\t1,\n]\n");
    check("[\n/*\n* a\n  */\n1]", "[\n\t/*\n\t * a\n\t */\n\t1,\n]\n");
}

#[test]
fn strings_are_written_anew_only_where_there_is_a_backslash() {
    check(r#"{"\u0041\/\u00e9": "\ud800\u001F\u0008"}"#, "{\"A/é\": \"\u{fffd}\\u001f\\b\"}\n");
    assert_eq!(format(b"\"a\xff\"").unwrap(), b"\"a\xff\"\n");
    assert_eq!(format(b"\"a\xff\\n\"").unwrap(), "\"a\u{fffd}\\n\"\n".as_bytes());
}

#[test]
fn depth_costs_no_stack_and_hostile_texts_no_memory() {
    let inline = [b"[".repeat(DEEPEST), b"]".repeat(DEEPEST)].concat();
    let out = format(&inline).unwrap();
    assert_eq!(format(&out).unwrap(), out);
    let lines = [b"[\n".repeat(DEEPEST), b"1,\n".repeat(LONGEST / DEEPEST), b"]".repeat(DEEPEST)].concat();
    assert!(format(&lines).is_err());
    let comments = [b"[\n".repeat(DEEPEST), b"//\n".repeat(LONGEST / DEEPEST), b"]".repeat(DEEPEST)].concat();
    assert!(format(&comments).is_err());
    let padding = format!("{{\n\"{}\":1,\n{}}}", "x".repeat(LONGEST / 1000), "\"a\":1,\n".repeat(1000));
    assert!(format(padding.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn the_layout_is_stable_and_changes_nothing_but_the_layout(text in document()) {
        let out = format(text.as_bytes()).unwrap();
        prop_assert_eq!(&format(&out).unwrap(), &out);
        let meaning = |text: &[u8]| -> serde_json::Value {
            serde_json::from_slice(&minimize(text).unwrap()).unwrap()
        };
        prop_assert_eq!(meaning(&out), meaning(text.as_bytes()));
        let out = String::from_utf8(out).unwrap();
        prop_assert_eq!(comment_numbers(&out), comment_numbers(&text));
        prop_assert!(out.ends_with('\n') && !out.ends_with("\n\n"));
        prop_assert!(!out.contains('\r') && !out.contains("\n\n\n"));
    }
}
