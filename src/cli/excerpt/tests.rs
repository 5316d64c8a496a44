use super::*;
use crate::hujson::parse;

/// An excerpt without its colours.
fn plain(excerpt: &impl ToString) -> String {
    anstream::adapter::strip_str(&excerpt.to_string()).to_string()
}

fn mark(text: &[u8], range: Range<usize>) -> String {
    let (severity, title, label) = (Severity::Warning, "look", "here");
    plain(&Excerpt { name: "policy.hujson", text, range, severity, title, label })
}

fn refused(text: &[u8]) -> String {
    let error = parse(text).unwrap_err();
    let label = format!("expected {}", error.expected);
    let excerpt = Excerpt::at("policy.hujson", text, error.position, Severity::Error, &error.reason);
    plain(&Excerpt { label: &label, ..excerpt })
}

#[test]
fn syntax_errors() {
    let texts: [&[u8]; 7] = [
        b"{\n\t\"groups\": {\n\t\t\"group:eng\": [\"ada@example.com\" \"bo@example.com\"],\n\t},\n}\n",
        b"{\"acls\": [nil]}",
        b"{\n  acls: []\n}",
        b"[1,\r\n 2}\r\n",
        b"{\n\t\"a\": 1,\n",
        b"{} // the end",
        "[\"ä\", é]".as_bytes(),
    ];
    insta::assert_snapshot!(texts.map(refused).join("\n\n"));
}

#[test]
fn severities() {
    let text = b"{\n\t\"acls\": [],\n}\n";
    let at = |severity| {
        let position = Position { line: 2, column: 2 };
        plain(&Excerpt::at("-", text, position, severity, "there are no rules"))
    };
    insta::assert_snapshot!([Severity::Error, Severity::Warning, Severity::Note].map(at).join("\n\n"));
}

#[test]
fn strange_texts() {
    let controls = "[\"a\u{1b}[31m\u{202e}\tb\u{7}\u{85}\", x]";
    let several = "{\n\t\"a\": [\n\t\t1,\n\t],\n}";
    insta::assert_snapshot!(
        [
            mark(controls.as_bytes(), controls.len() - 2..controls.len() - 1),
            mark(b"[\"\xff\xfe\", 1]\r\n", 7..8),
            mark(several.as_bytes(), 8..several.len() - 3),
            mark(b"", 0..0),
            mark(b"1\n", 2..2),
            mark(b"1", 70..80),
            mark("ä".repeat(100).as_bytes(), 99..101),
            mark("ä".repeat(100).as_bytes(), 98..99),
        ]
        .join("\n\n")
    );
}

#[test]
fn a_long_line_is_cut_to_a_window() {
    let mut text = "\"x\", ".repeat(2_000_000).into_bytes();
    text.splice(5_000_000..5_000_003, *b"\"y\"");
    let middle = mark(&text, 5_000_000..5_000_003);
    let start = mark(&text, 0..3);
    let end = mark(&text, text.len() - 2..text.len());
    let all = mark(&text, 0..text.len());
    insta::assert_snapshot!([middle, start, end, all].join("\n\n"));
    let long = "x".repeat(10_000_000);
    let (name, title, label, text) = (&*long, &*long, &*long, long.as_bytes());
    let excerpt = Excerpt { name, text, range: 0..9, severity: Severity::Note, title, label };
    assert!(excerpt.to_string().len() < 10_000);
}

#[test]
fn a_position_leads_to_its_token() {
    #[track_caller]
    fn check(text: &str, line: usize, column: usize, token: &str) {
        let range = token_at(text.as_bytes(), offset(text.as_bytes(), Position { line, column }));
        assert_eq!(&text[range], token);
    }
    check("{\n\t\"a\\\"b\": 1}", 2, 2, r#""a\"b""#);
    check("[-1.5e3, nil]", 1, 2, "-1.5e3");
    check("[-1.5e3, nil]", 1, 10, "nil");
    check("[é]", 1, 2, "é");
    check("[\"a\n]", 1, 2, "\"a\n");
    check("[]", 1, 1, "[");
    check("[]", 1, 3, "");
    check("[]", 9, 9, "");
}

#[test]
fn colours_are_for_terminals() {
    let coloured =
        Excerpt { name: "-", text: b"1", range: 0..1, severity: Severity::Error, title: "no", label: "" };
    assert!(coloured.to_string().contains('\u{1b}'));
}
