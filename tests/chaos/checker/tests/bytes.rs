//! What a write leaves as it is: to the byte outside the lists that it changes, and inside them around what stays.

use super::super::{History, Rule, Store, check};
use super::history;

/// Bob comes into a list that looks like this; what the texts become is up to `after`.
fn bob_comes(list: &str, after: impl Fn(&str) -> String) -> History {
    let mut history = history("0 foreign ada\n 5..20 on 0 grant bob: Changed\n 10 by 0 ada bob");
    let text = format!(
        "{{\n  \"groups\": {{\n    \"group:eng\": {list},\n    \"group:ops\": [\"cyn@example.com\"],\n  }},\n}}\n"
    );
    history.stored[1].text = after(&text);
    history.stored[0].text = text;
    history
}

#[track_caller]
fn check_write(from: &str, to: &str, expected: &[Rule]) {
    let history = bob_comes(from, |text| text.replace(from, to));
    let violations = check(&history);
    let rules: Vec<Rule> = violations.iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, expected, "{from:?} {to:?}: {violations:?}");
}

const ADA: &str = r#""ada@example.com""#;
const BOB: &str = r#""bob@example.com""#;

#[test]
fn a_list_that_is_not_changed_keeps_its_bytes() {
    let from = format!("[{ADA}]");
    let to = format!("[{ADA}, {BOB}]");
    let relaid = bob_comes(&from, |text| text.replace(&from, &to).replace("[\"cyn", "[\r\n\t\"cyn"));
    for called in [false, true] {
        let mut relaid = relaid.clone();
        if called {
            let mut call = relaid.calls[0].clone();
            (call.id, call.list) = (9, "group:ops".to_owned());
            (call.op, call.answer) = (super::Op::Revoke, super::Answer::Held);
            relaid.calls.push(call);
        }
        let rules: Vec<Rule> = check(&relaid).iter().map(|violation| violation.rule).collect();
        assert_eq!(rules, [Rule::OthersTextStays]);
        // A store that lays out what it is sent does that.
        relaid.run.store = Store::Formatted;
        assert_eq!(check(&relaid), []);
    }
    check_write(&from, &to, &[]);
}

#[test]
fn what_stays_in_a_list_keeps_its_line() {
    let broken = [Rule::OthersElementsStay];
    let lines = |end: &str, lines: &[&str]| {
        lines.iter().fold(format!("[{end}"), |text, line| text + line + end) + "    ]"
    };
    let ada = &format!("      {ADA},");
    let bob = &format!("      {BOB},");
    let from = lines("\n", &[ada]);
    check_write(&from, &lines("\n", &[ada, bob]), &[]);
    check_write(&from, &lines("\n", &[ada, &format!("\t{BOB},")]), &broken);
    check_write(&from, &lines("\n", &[&format!("\t{ADA},"), bob]), &broken);
    check_write(&from, &lines("\n", &[ada, bob.trim_end_matches(',')]), &broken);
    check_write(&from, &lines("\r\n", &[ada, bob]), &broken);
    check_write(&from, &format!("[{ADA}, {BOB},    ]"), &broken);
    // As far in as a comment is.
    let noted = |element: &str| lines("\n", &["      // Note.", "", element]);
    check_write(&noted(&format!("{ADA},")), &noted(&format!("{ADA},\n      {BOB},")), &[]);
    check_write(&noted(&format!("{ADA},")), &noted(&format!("{ADA},\n  {BOB},")), &broken);
    let from = lines("\r\n", &[ada]);
    check_write(&from, &lines("\r\n", &[ada, bob]), &[]);
    check_write(&from, &lines("\n", &[ada, bob]), &broken);
    check_write(&from, &format!("[\r\n{ada}\r\n{bob}\n    ]"), &broken);
    // The comma that a new last element needs, before the comment of the one before or behind it.
    let from = lines("\n", &[&format!("      {ADA} // on call"), "      // nobody else"]);
    let to = |ada: &str| lines("\n", &[ada, &format!("      {BOB}"), "      // nobody else"]);
    check_write(&from, &to(&format!("      {ADA}, // on call")), &[]);
    check_write(&from, &to(&format!("      {ADA},  // on call")), &broken);
    let from = format!("[ {ADA} /* on call */ ]");
    check_write(&from, &format!("[ {ADA}, /* on call */ {BOB} ]"), &broken);
    check_write(&from, &format!("[ {ADA} /* on call */, {BOB} ]"), &[]);
    check_write(&from, &format!("[{ADA} /* on call */, {BOB} ]"), &broken);
}

#[test]
fn the_end_of_somebody_else_keeps_its_words() {
    let lease = "0 foreign ada@90\n 5..20 on 0 grant bob: Changed\n 10 by 0 ada@90 bob\n 90000 by 0 bob";
    assert_eq!(check(&history(lease)), []);
    for (from, to) in [("by=r-1", "by=r-2"), (" by=r-1", ""), ("10Z", "10.0Z")] {
        let mut reworded = history(lease);
        reworded.stored[1].text = reworded.stored[1].text.replace(from, to);
        let rules: Vec<Rule> = check(&reworded).iter().map(|violation| violation.rule).collect();
        assert_eq!(rules, [Rule::OthersElementsStay], "{to}");
    }
    // Who asks for the same end tells it in other words.
    let mut again =
        history("0 foreign ada@90\n 5..20 on 0 lease ada@90: Changed\n 10 by 0 ada@90\n 90000 by 0 ");
    again.stored[1].text = again.stored[1].text.replace("by=r-1", "by=r-2");
    assert_eq!(check(&again), []);
    again.stored[1].text = again.stored[0].text.clone();
    assert_eq!(check(&again).first().map(|violation| violation.rule), Some(Rule::ChangedOrHeld));
}

#[test]
fn no_list_comes_or_goes() {
    let list = format!("[{ADA}]");
    let without = bob_comes(&list, |text| {
        text.replace(&list, &format!("[{ADA}, {BOB}]")).replace("\"group:ops\": [\"cyn@example.com\"],", "")
    });
    assert_eq!(
        check(&without).iter().map(|violation| violation.what.as_str()).collect::<Vec<_>>(),
        [
            "a list came or went",
            "cyn@example.com of group:ops went from Member to Absent, and nothing could do that"
        ]
    );
}
