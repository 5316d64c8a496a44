use proptest::prelude::*;

use super::*;
use crate::hujson::strategy::{document, nearly};
use crate::hujson::{minimize, standardize};

#[track_caller]
fn accepts(text: &[u8]) {
    let document =
        parse(text).unwrap_or_else(|error| panic!("{:?}: {error}", text.escape_ascii().to_string()));
    let print: Vec<u8> = document
        .gaps()
        .flat_map(|gap| [document.slice(gap.token), document.slice(gap.range)].concat())
        .collect();
    assert_eq!(print, text, "printing gives the text");
}

#[track_caller]
fn refuses(text: impl AsRef<[u8]>, line: usize, column: usize, reason: &str) {
    let error = parse(text.as_ref()).unwrap_err();
    assert_eq!((error.position.line, error.position.column, &*error.reason), (line, column, reason));
    assert_eq!(error.to_string(), format!("line {line}, column {column}: {reason}"));
}

#[test]
fn json_with_comments_and_trailing_commas_is_accepted() {
    for text in [
        "null",
        " true ",
        "[false]",
        "\"\"",
        "{}",
        "[]",
        "[1,]",
        "{\"a\":1,}",
        "[ [ ] , { } ]",
        "{\"a\":{\"a\":[{}]}}",
        "/**/null/**/",
        "null//\n",
        "//\n//\r\n{}",
        "[//]\n]",
        "{/*}*/}",
        "/*/*/0",
        "/***/0",
        "[1/**/,/**/]",
        "{\"a\"/**/:/**/1/**/,/**/}",
        "\"// /* \"",
        r#""\"\\\/\b\f\n\r\t\u00e9\ud83d""#,
        "\"\u{7f}\u{2028}é\"",
        "{\"a\":1,\"a\":2}",
        "0",
        "-0",
        "10.50e+07",
        "1E5",
        "-1e-5",
        "12345678901234567890123",
    ] {
        accepts(text.as_bytes());
    }
    accepts(b"\"\xff\xfe\"");
}

#[test]
fn everything_else_is_refused_where_the_reference_refuses_it() {
    refuses("", 1, 1, "parsing value: unexpected EOF");
    refuses("//\n", 2, 1, "parsing value: unexpected EOF");
    refuses("[1,\n\t", 2, 2, "parsing value: unexpected EOF");
    refuses("{}\n//", 2, 1, "parsing comment: unexpected EOF");
    refuses("{} /*/", 1, 4, "parsing comment: unexpected EOF");
    refuses("/", 1, 1, "invalid character '/' at start of value");
    refuses(b"[\n // \xff\n]", 2, 2, "invalid UTF-8 in comment");
    refuses("\"a\\\"", 1, 5, "parsing string: unexpected EOF");
    refuses("\"a\n", 2, 1, "parsing string: unexpected EOF");
    refuses("[\"a\nb\"]", 1, 2, "invalid literal: \"a\nb\"");
    refuses(r#""\u12g4""#, 1, 1, r#"invalid literal: "\u12g4""#);
    refuses(r#"["\v"]"#, 1, 2, r#"invalid literal: "\v""#);
    refuses("{\"a\"", 1, 5, "parsing object after name: unexpected EOF");
    refuses("{\"a\":1", 1, 7, "parsing object after value: unexpected EOF");
    refuses("[{}", 1, 4, "parsing array after value: unexpected EOF");
    refuses("1 2", 1, 3, "invalid character '2' after top-level value");
    refuses("{\"a\":1 \"b\"}", 1, 8, "invalid character '\"' after object value (expecting ',' or '}')");
    refuses("[1;]", 1, 3, "invalid character ';' after array value (expecting ',' or ']')");
    refuses("[1}", 1, 3, "invalid character '}' after array value (expecting ',' or ']')");
    refuses("{\"a\",", 1, 5, "invalid character ',' after object name");
    refuses("{\"a\":}", 1, 6, "invalid character '}' at start of value");
    refuses("[1,,]", 1, 4, "invalid character ',' at start of value");
    refuses("{]", 1, 2, "invalid character ']' at start of value");
    for literal in [
        "nul", "True", "nulll", "01", "-", "+1", ".5", "5.", "1e", "1e+", "0x1F", "1.2.3", "--1", "NaN",
        "1-2",
    ] {
        refuses(format!("[{literal}]"), 1, 2, &format!("invalid literal: {literal}"));
    }
}

#[test]
fn an_error_says_what_was_expected() {
    for (text, expected) in [
        ("", "a value"),
        ("[1,", "a value or ']'"),
        ("{\"a\":}", "a value"),
        ("[,]", "a value or ']'"),
        ("{a:1}", "a name in quotes or '}'"),
        ("{1:1}", "a name in quotes or '}'"),
        ("{[]:1}", "a name in quotes or '}'"),
        ("{\"a\" 1}", "':'"),
        ("{\"a\"", "':'"),
        ("{\"a\": 1 2}", "',' or '}'"),
        ("[1", "',' or ']'"),
        ("[1}", "',' or ']'"),
        ("1 2", "nothing but space and comments"),
        ("[nil]", "a string in quotes, a number, true, false or null"),
        ("\"a", "a closing quote"),
        ("\"\\v\"", "a string without control characters and with valid escapes"),
        ("1 //", "a line end"),
        ("1 /*", "'*/'"),
    ] {
        assert_eq!(parse(text.as_bytes()).unwrap_err().expected, expected, "{text}");
    }
}

#[test]
fn a_name_that_is_no_string_is_read_to_its_end_first() {
    refuses("{null:1}", 1, 2, "invalid character 'n' at start of object name");
    refuses("{[1, {}]:1}", 1, 2, "invalid character '[' at start of object name");
    refuses("{{}}", 1, 2, "invalid character '{' at start of object name");
    refuses("{[{\"a\":{}}, {1:1}]:1}", 1, 14, "invalid character '1' at start of object name");
    refuses("{nul", 1, 2, "invalid literal: nul");
    refuses("{[nul]}", 1, 3, "invalid literal: nul");
    refuses("{[]/*", 1, 4, "parsing comment: unexpected EOF");
    refuses("{[", 1, 3, "parsing value: unexpected EOF");
}

#[test]
fn characters_are_named_as_the_reference_names_them() {
    for (text, shown) in [
        ("'", r"'\''"),
        ("\\", r"'\\'"),
        ("é", "'é'"),
        ("\u{feff}", r"'\ufeff'"),
        ("\u{a0}", r"'\u00a0'"),
        ("\u{2028}", r"'\u2028'"),
        ("\u{ffff}", r"'\uffff'"),
        ("\u{b}", r"'\u000b'"),
        ("\0", r"'\u0000'"),
        ("😊", "'😊'"),
        ("\u{10ffff}", r"'\U0010ffff'"),
    ] {
        refuses(text, 1, 1, &format!("invalid character {shown} at start of value"));
    }
    refuses(b"\xff", 1, 1, r"invalid character '\xff' at start of value");
    refuses(b"\xe2\x82", 1, 1, r"invalid character '\xe2' at start of value");
}

#[test]
fn a_long_literal_is_cut_short_in_the_message() {
    let error = parse(&vec![b'x'; 100_000]).unwrap_err();
    assert_eq!(error.reason.chars().count(), "invalid literal: ".len() + LONGEST_QUOTE + 1);
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    accepts(&nested(DEEPEST));
    refuses(nested(DEEPEST + 1), 1, DEEPEST + 1, "nested deeper than 10000 levels");
    let objects = [b"{\"a\":".repeat(DEEPEST), b"0".to_vec(), b"}".repeat(DEEPEST)].concat();
    accepts(&objects);
    refuses("{".repeat(DEEPEST), 1, DEEPEST + 1, "parsing value: unexpected EOF");
    // Depth is what is open, not what was opened.
    accepts(&[b"[".to_vec(), b"[],".repeat(3 * DEEPEST), b"]".to_vec()].concat());
}

/// Work that grew with the square of these sizes would not end within the patience of whoever waits.
#[test]
fn hostile_texts_are_read_to_their_end() {
    let texts = [
        "[",
        "[[],",
        "{\"a\":[",
        "[1,",
        "{\"a\":1,",
        "/*",
        "//\n",
        "\"\\",
        "[/**/",
        "/*/",
        "{{",
        " ",
        "\n",
        "/**",
    ];
    for text in texts {
        let hostile = text.repeat((1 << 21) / text.len());
        assert!(parse(hostile.as_bytes()).unwrap_err().offset <= hostile.len(), "{text}");
    }
    let members = "\"name\": [1, 2],".repeat(50_000);
    let text = format!("{{{members}}}");
    let document = parse(text.as_bytes()).unwrap();
    assert_eq!(document.root().members().map(|member| member.value.position().line).sum::<usize>(), 50_000);
}

proptest! {
    #[test]
    fn generated_documents_are_accepted_and_print_as_they_are(text in document()) {
        accepts(text.as_bytes());
    }

    #[test]
    fn the_verdict_is_that_of_a_json_parser(text in nearly()) {
        match parse(&text) {
            Ok(document) => {
                prop_assert!(document.root().span().len() <= text.len());
                let plain = standardize(&text).unwrap();
                prop_assert_eq!(plain.len(), text.len());
                prop_assert_eq!(parse(&plain).unwrap().root().kind(), document.root().kind());
                // The other parser wants UTF-8 and paired surrogates also in strings.
                if std::str::from_utf8(&text).is_ok() {
                    let read = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).unwrap();
                    prop_assert_eq!(read(&plain), read(&minimize(&text).unwrap()));
                }
            }
            Err(error) => {
                prop_assert!(error.offset <= text.len());
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&text).is_err(), "{}", error);
            }
        }
    }
}
