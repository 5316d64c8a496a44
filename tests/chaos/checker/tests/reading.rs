//! The second reader, and histories as lines.

use super::super::lists::{read, seconds};
use super::super::tokens::{Kind, tokens};
use super::super::{Event, History};

#[track_caller]
fn lists(text: &str, expected: &str) {
    let lists = read(text).lists;
    let words: Vec<String> = lists
        .iter()
        .map(|list| {
            let items: Vec<String> = list
                .items
                .iter()
                .map(|item| {
                    let until = item.until.map(|until| format!("@{until}")).unwrap_or_default();
                    let comments: String =
                        item.comments.iter().flat_map(|comment| ["(", comment.as_str(), ")"]).collect();
                    format!("{}{until}{comments}", item.key)
                })
                .collect();
            let loose: String = list.loose.iter().flat_map(|comment| [" (", comment.as_str(), ")"]).collect();
            assert!(text[list.range.clone()].starts_with('[') && text[list.range.clone()].ends_with(']'));
            format!("{}={}{loose}", list.id, items.join(","))
        })
        .collect();
    assert_eq!(words.join(" "), expected, "{text}");
}

#[test]
fn lists_of_every_section() {
    lists(r#"{"groups": {"group:eng": ["a@x", "B@X "], "group:ops": []}}"#, "group:eng=a@x,b@x group:ops=");
    lists(
        r#"// top
             {"Groups": {/* c */ "group:eng" /* c */ : /* c */ ["a\u0040x",]}, "other": {"groups": {"no": []}}}"#,
        "group:eng=a@x",
    );
    lists(r#"{"tagOwners": {"tag:db": ["group:eng", "a@x"]}}"#, "tag:db=group:eng,a@x");
    lists(
        r#"{"acls": [
              {"action": "accept", "src": ["no"], "dst": ["*:*"]},
              // tailgrant: name=x id=web
              {"action": "accept", "users": ["a@x"], "ports": ["*:*"]},
            ],
            "ssh": [
              // Why.
              // tailgrant: id=root
              {"src": ["group:eng"], "users": ["root"], "dst": ["tag:db"]}],
            "grants": [ /* tailgrant: id=db */ {"dst": ["*"], "ip": ["*"], "src": ["*"]}]}"#,
        "acl:web=a@x ssh:root=group:eng grant:db=*",
    );
    for text in ["", "[]", "{", r#"{"groups": [1, {"a": []}], "acls": {"b": []}}"#, r#"{"groups": {"g": 1}}"#]
    {
        lists(text, "");
    }
}

#[test]
fn comments_belong_to_elements() {
    lists(
        "{\"groups\": {\"g\": [
            // first
            \"a@x\", // tailgrant: until=1970-01-01T00:00:09Z by=r-1 note
            \"b@x\" /* tailgrant: until=1970-01-01T00:00:10Z */, /* before c */ \"c@x\", // mine
            // loose

            // above
            \"d@x\" // tailgrant: until=1970-01-01T00:00:11Z until=1970-01-01T00:00:11Z
            // last
        ]}}",
        "g=a@x@9(first)(tailgrant: note),b@x@10,c@x(before c)(mine),d@x(above) (loose) (last)",
    );
}

#[test]
fn words_of_a_text() {
    let kinds: Vec<Kind> =
        tokens("{\"a//\\\"\": -1.5, /* x */ null}// end").into_iter().map(|token| token.kind).collect();
    let mark = Kind::Mark;
    let text = |text: &str| Kind::Text(text.to_owned());
    let comment = |text: &str| Kind::Comment(text.to_owned());
    let bare = || Kind::Bare;
    assert_eq!(
        kinds,
        [
            mark('{'),
            text("a//\""),
            mark(':'),
            bare(),
            mark(','),
            comment("x"),
            bare(),
            mark('}'),
            comment("end")
        ]
    );
    assert_eq!(tokens("[ \"open").len(), 2);
    assert_eq!(tokens("/* open").len(), 1);
}

#[test]
fn moments_are_unix_seconds() {
    for (moment, expected) in [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("2001-09-09T01:46:40Z", Some(1_000_000_000)),
        ("2001-09-09T01:46:40.999z", Some(1_000_000_000)),
        ("2001-09-09T03:46:40+02:00", Some(1_000_000_000)),
        ("2024-02-29T12:00:00Z", Some(1_709_208_000)),
        ("2024-03-01T00:00:00-00:30", Some(1_709_253_000)),
        ("1969-12-31T23:59:59Z", Some(-1)),
        ("2001-09-09T01:46:40", None),
        ("2001-13-09T01:46:40Z", None),
        ("2001-09-09T01:46:40+0200", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(seconds(moment), expected, "{moment}");
    }
}

#[test]
fn a_history_is_lines_that_replay() {
    let run = r#"{"event":"run","seed":7,"store":"formatted","epoch":5,"lifetime":1,"clock_tolerance":2,"lease_delay":3,"recovery":4,"slack":5,"duration":6}"#;
    let lines = format!(
        "{run}\n{}\n\n{}\n{}\n{}\n{}\n{}\n",
        r#"{"event":"stored","at":0,"by":"foreign","tag":"t","text":"{}"}"#,
        r#"{"event":"stored","at":4,"by":{"tailgrant":{"replica":1}},"tag":"t","text":"{}"}"#,
        r#"{"event":"call","id":1,"replica":0,"op":{"lease":{"until":9}},"list":"group:a","principal":"b@c","called":3,"answered":8,"answer":"changed"}"#,
        r#"{"event":"call","id":2,"replica":0,"op":"revoke","list":"group:a","principal":"b@c","called":3,"answer":"gone"}"#,
        r#"{"event":"started","at":0,"replica":0}"#,
        r#"{"event":"fault","at":2,"fault":"acl.get:500"}"#,
    );
    let history = History::read(&lines).unwrap();
    assert_eq!(
        (history.stored.len(), history.calls.len(), history.lives.len(), history.faults.len()),
        (2, 2, 1, 1)
    );
    assert_eq!(History::read(&history.write()).unwrap().write(), history.write());
    assert!(matches!(serde_json::from_str(run).unwrap(), Event::Run(run) if run == history.run));
    assert_eq!(History::read("{}").unwrap_err(), "line 1: missing field `event` at line 1 column 2");
    assert_eq!(History::read("").unwrap_err(), "a history begins with its run");
}
