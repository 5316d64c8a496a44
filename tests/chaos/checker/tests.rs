//! Histories with one violation each, and such as must be let pass. See [`history`] for the language.

mod bytes;
mod calls;
mod reading;

use super::{Answer, By, Call, Event, History, Op, Rule, Run, Store, Stored, check};

/// When the run began, in Unix seconds.
const EPOCH: i64 = 1_000_000_000;

/// A history, line by line; times are milliseconds, ends of leases seconds, all since the beginning.
///
/// ```text
/// 0 foreign ada bob@40           a text that somebody else stored: the members of group:eng, with their ends
/// 10 by 0 ada bob@40 | x         by replica 0; behind the bar a word in a comment that is not ours
/// 5..20 on 0 grant bob: Changed  a call; `lease bob@40`, `revoke bob,ada`, and `5..` for one never answered;
///                                behind the answer `by 19`, if it is due then
/// 8 sent 3                       a request, by which `10 by 0#3 ada` is stored
/// 30 start 0 / 30 end 0 / 30 fault
/// ```
fn history(lines: &str) -> History {
    let mut history = History::new(Run {
        seed: 7,
        store: Store::Verbatim,
        epoch: EPOCH * 1000,
        lifetime: 1000,
        clock_tolerance: 300,
        lease_delay: 2000,
        recovery: 500,
        slack: 0,
        ordered: true,
        restores: false,
        duration: 100_000,
    });
    history.record(Event::Started { at: 0, replica: 0 });
    history.record(Event::Started { at: 0, replica: 1 });
    for (number, line) in lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let (when, rest) = line.split_once(' ').unwrap();
        let (what, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let at = || when.parse().unwrap();
        history.record(match what {
            "foreign" => Event::Stored(stored(at(), By::Foreign, rest)),
            "by" => {
                let (replica, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let (replica, request) = replica.split_once('#').unwrap_or((replica, ""));
                let by = By::Tailgrant { replica: replica.parse().ok(), request: request.parse().ok() };
                Event::Stored(stored(at(), by, rest))
            }
            "sent" => Event::Sent { at: at(), request: rest.parse().unwrap() },
            "on" => Event::Call(call(number, when, rest)),
            "start" => Event::Started { at: at(), replica: rest.parse().unwrap() },
            "end" => Event::Ended { at: at(), replica: rest.parse().unwrap() },
            _ => Event::Fault { at: at(), fault: "acl.post:500".to_owned() },
        });
    }
    History::read(&history.write()).unwrap()
}

fn stored(at: u64, by: By, rest: &str) -> Stored {
    let (members, comment) = rest.split_once('|').unwrap_or((rest, ""));
    let members: String = members.split_whitespace().map(element).collect();
    let text = format!(
        "{{\n  // {}\n  \"groups\": {{\n    \"group:eng\": [\n{members}    ],\n  }},\n}}\n",
        comment.trim()
    );
    Stored { at, by, tag: text.clone(), text }
}

fn element(word: &str) -> String {
    match word.split_once('@') {
        Some((name, "")) => format!("      \"{name}@example.com\", // tailgrant: until=soon\n"),
        Some((name, until)) => {
            let until: i64 = until.parse().unwrap();
            let (minute, second) = (46 + (40 + until) / 60, (40 + until) % 60);
            format!(
                "      \"{name}@example.com\", // tailgrant: until=2001-09-09T01:{minute:02}:{second:02}Z by=r-1\n"
            )
        }
        None => format!("      \"{word}@example.com\",\n"),
    }
}

fn call(number: usize, when: &str, rest: &str) -> Call {
    let (called, answered) = when.split_once("..").unwrap();
    let (asked, answer) = rest.split_once(':').unwrap();
    let (answer, due) = answer.split_once(" by ").unwrap_or((answer, ""));
    let words: Vec<&str> = asked.split(' ').collect();
    let [replica, op, names] = words[..] else { panic!("{rest:?} is no call") };
    let mut names = names.split(',').map(|name| name.split_once('@').unwrap_or((name, "")));
    let (name, until) = names.next().unwrap();
    let until = || EPOCH + until.parse::<i64>().unwrap();
    Call {
        id: u64::try_from(number).unwrap(),
        replica: replica.parse().unwrap(),
        caller: String::new(),
        op: match op {
            "grant" => Op::Grant,
            "lease" => Op::Lease { until: until() },
            "revoke" => Op::Revoke,
            _ => Op::End { passed: until() },
        },
        list: "group:eng".to_owned(),
        principal: format!("{name}@Example.com"),
        also: names.map(|(name, _)| format!("{name}@example.com")).collect(),
        called: called.parse().unwrap(),
        answered: answered.parse().ok(),
        answer: match answer.trim() {
            "Changed" => Answer::Changed,
            "Held" => Answer::Held,
            "Refused" => Answer::Refused,
            "Unknown" => Answer::Unknown,
            _ => Answer::Gone,
        },
        due: due.parse().ok(),
        again: 0,
    }
}

/// The rules that a history breaks, each once.
#[track_caller]
fn checked(lines: &str, expected: &[Rule]) {
    let violations = check(&history(lines));
    let mut rules: Vec<Rule> = violations.iter().map(|violation| violation.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let words: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert_eq!(rules, expected, "in:\n{lines}\n{}", words.join("\n"));
}

#[track_caller]
fn passes(lines: &str) {
    checked(lines, &[]);
}

/// A history that breaks a rule, and no other.
fn that_breaks(rule: Rule) -> &'static str {
    match rule {
        Rule::OkIsInEffect => "0 foreign ada\n 5..20 on 0 revoke ada: Held",
        Rule::ChangedOrHeld => "0 foreign ada\n 5..20 on 0 grant ada: Changed",
        Rule::OneAnswerInTime => "0 foreign ada\n 5..20 on 0 grant ada: Held by 19",
        Rule::EveryChangeHasACause => "0 foreign ada\n 10 by 0 ada bob",
        Rule::OthersTextStays => "0 foreign ada\n 10 by 0 ada | x",
        Rule::OthersElementsStay => "0 foreign ada cyn\n 5..20 on 0 grant bob: Changed\n 10 by 0 cyn ada bob",
        Rule::NotTwice => "0 foreign ada\n 5..20 on 0 grant bob: Changed\n 10 by 0 ada bob bob",
        Rule::NoLeaseIsLate => "0 foreign ada@40",
    }
}

#[test]
fn every_rule_can_be_broken() {
    for rule in [
        Rule::OkIsInEffect,
        Rule::ChangedOrHeld,
        Rule::OneAnswerInTime,
        Rule::EveryChangeHasACause,
        Rule::OthersTextStays,
        Rule::OthersElementsStay,
        Rule::NotTwice,
        Rule::NoLeaseIsLate,
    ] {
        checked(that_breaks(rule), &[rule]);
    }
}

#[test]
fn what_was_done_as_asked_passes() {
    passes("0 foreign ada\n 5..20 on 0 grant bob: Changed\n 10 by 0 ada bob");
    passes("0 foreign ada\n 5..20 on 0 grant ada: Held\n 5..20 on 0 revoke bob: Held");
    passes("0 foreign ada bob cyn\n 5..20 on 0 revoke ada,cyn: Changed\n 10 by 0 bob");
    passes(
        "0 foreign ada\n 5..30 on 0 grant bob: Changed\n 6..30 on 0 revoke ada: Changed
         10 by 0 bob\n 12 foreign ada cyn | x\n 15 by 0 cyn bob | x",
    );
}

#[test]
fn an_ok_that_was_never_so() {
    checked("0 foreign ada\n 5..20 on 0 grant bob: Changed", &[Rule::OkIsInEffect, Rule::ChangedOrHeld]);
    checked("0 foreign ada\n 5..20 on 0 revoke ada: Held", &[Rule::OkIsInEffect]);
    checked("0 foreign ada bob\n 5..20 on 0 revoke ada,bob: Changed\n 10 by 0 bob", &[Rule::OkIsInEffect]);
    checked("0 foreign ada\n 5..20 on 0 lease bob@40: Held", &[Rule::OkIsInEffect]);
    // Said before it was so, and after somebody else took it back.
    checked(
        "0 foreign ada\n 5..20 on 0 grant bob: Changed\n 25 by 0 ada bob",
        &[Rule::OkIsInEffect, Rule::ChangedOrHeld, Rule::EveryChangeHasACause],
    );
    checked("0 foreign ada\n 3 foreign\n 5..20 on 0 grant ada: Held", &[Rule::OkIsInEffect]);
    // A lease is no membership for good.
    checked("0 foreign ada@90\n 5..20 on 0 grant ada: Held\n 90100 by 0 ", &[Rule::OkIsInEffect]);
}

#[test]
fn an_ok_that_was_undone_by_what_was_asked_before_it() {
    let undone = "0 foreign ada\n 5..90 on 0 revoke ada: Unknown\n 6..30 on 0 grant ada: Held\n 20 by 0 ";
    checked(undone, &[Rule::OkIsInEffect]);
    // Repaired by what was asked later, which the first one stands before.
    passes(
        "0 foreign ada\n 5..90 on 0 revoke ada: Unknown\n 6..30 on 0 grant ada: Held\n 20 by 0 \n 22..90 on 0 lease ada@90: Changed\n 25 by 0 ada@90\n 90000 by 0 ",
    );
    passes(
        "0 foreign ada\n 5..90 on 0 grant ada: Held\n 6..70 on 0 revoke ada: Changed\n 20 by 0 \n 30..95 on 0 lease ada@90: Held\n 40 by 0 ada",
    );
    // Or the later one has still to be repaired.
    passes(
        "0 foreign\n 5..90 on 0 lease ada@90: Unknown\n 6..40 on 0 revoke ada: Held\n 7..60 on 0 grant ada: Changed\n 20 by 0 ada\n 30 foreign \n 35 by 0 ada@90\n 50 by 0 ada",
    );
    passes("0 foreign ada\n 5..90 on 1 revoke ada: Unknown\n 6..30 on 0 grant ada: Held\n 20 by 1 ");
    passes("0 foreign ada\n 6..30 on 0 grant ada: Held\n 7..90 on 0 revoke ada: Unknown\n 20 by 0 ");
}

#[test]
fn a_lease_whose_end_has_come_is_over() {
    let undone = "0 foreign\n 5..60000 on 0 revoke ada: Unknown\n 6..39700 on 0 lease ada@40: Changed
                  20 by 0 ada@40\n 30 foreign ada\n 39500 by 0 ";
    passes(undone);
    checked(&undone.replace("39700", "39600"), &[Rule::OkIsInEffect]);
}

#[test]
fn a_refusal_that_took_effect() {
    let refused = "0 foreign ada\n 5..20 on 0 grant bob: Refused\n 10 by 0 ada bob";
    checked(refused, &[Rule::EveryChangeHasACause]);
    passes(&format!("{refused}\n 15 foreign ada"));
}

#[test]
fn what_is_not_known_took_effect_or_not() {
    for answer in ["Unknown", "Gone"] {
        passes(&format!("0 foreign\n 5..20 on 0 grant ada: {answer}"));
        passes(&format!("0 foreign\n 5..20 on 0 grant ada: {answer}\n 1000 by 0 ada"));
        let late = format!("0 foreign\n 5..20 on 0 grant ada: {answer}\n 1100 by 0 ada");
        checked(&late, &[Rule::EveryChangeHasACause]);
    }
    passes("0 foreign\n 5.. on 0 grant ada: Gone\n 90000 by 0 ada");
    passes("0 foreign\n 5.. on 0 grant ada: Gone\n 20 end 0\n 1000 by 0 ada\n 30 start 0");
    checked(
        "0 foreign\n 5.. on 0 grant ada: Gone\n 20 end 0\n 30 start 0\n 1100 by 0 ada",
        &[Rule::EveryChangeHasACause],
    );
}

#[test]
fn an_effect_after_it_was_undone() {
    let again = "0 foreign\n 5..20 on 0 grant ada: Changed\n 10 by 0 ada
                 25..40 on 0 revoke ada: Changed\n 30 by 0 \n 50 by 0 ada";
    checked(again, &[Rule::EveryChangeHasACause]);
    // The first caller still waits, but was overtaken by the answer to the second.
    let overtaken = "0 foreign\n 5..90 on 0 grant ada: Changed\n 10 by 0 ada
                     25..40 on 0 revoke ada: Changed\n 30 by 0 \n 50 by 0 ada";
    checked(overtaken, &[Rule::EveryChangeHasACause]);
    passes(&overtaken.replace("25..40", "25..60").replace("50 by 0 ada", "50 by 0 ada\n 55 by 0 "));
    passes(&overtaken.replace("25..40 on 0", "25..40 on 1").replace("30 by 0", "30 by 1"));
    // The known limit: unknown, and continued on another replica.
    passes("0 foreign\n 5..20 on 0 grant ada: Unknown\n 25..40 on 1 revoke ada: Held\n 50 by 0 ada");
    checked(
        "0 foreign\n 5..20 on 0 grant ada: Unknown\n 25..40 on 0 revoke ada: Held\n 50 by 0 ada",
        &[Rule::EveryChangeHasACause],
    );
}

#[test]
fn a_text_that_somebody_else_stored_proves_nothing() {
    let twins = "0 foreign\n 5..20 on 0 grant ada: Changed\n 6..20 on 1 grant ada: Changed
                 10 by 1 ada\n 25..40 on 0 revoke ada: Changed\n 30 by 0 \n 1000 by 0 ada";
    passes(twins);
    // However that came about.
    let steps = twins.replace("10 by 1 ada", "8 foreign ada bob\n 10 foreign ada");
    passes(&steps.replace("6..20 on 1 grant ada: Changed", "6..20 on 1 grant ada: Held"));
    checked(&twins.replace("1000 by", "1100 by"), &[Rule::EveryChangeHasACause]);
    checked(&twins.replace("10 by 1", "10 by 0"), &[Rule::EveryChangeHasACause]);
    // It may undo what another replica is just about to answer.
    let undone = "0 foreign\n 5..20 on 0 grant ada: Held\n 6..20 on 1 grant ada: Changed\n 10 by 1 ada
                  25..60 on 1 revoke ada: Changed\n 30 by 1 \n 35 by 0 ada";
    passes(undone);
    checked(&undone.replace("35 by 0", "35 by 1"), &[Rule::OkIsInEffect, Rule::EveryChangeHasACause]);
}

#[test]
fn a_change_that_nobody_asked_for() {
    checked("0 foreign ada\n 5..20 on 0 grant cyn: Unknown\n 10 by 0 ada bob", &[Rule::EveryChangeHasACause]);
    checked("0 foreign\n 5..20 on 0 grant ada: Unknown\n 10 by 1 ada", &[Rule::EveryChangeHasACause]);
    passes("0 foreign\n 5..20 on 0 grant ada: Unknown\n 10 by ? ada");
}

#[test]
fn an_edit_of_others_that_is_lost() {
    let calls = "5..20 on 0 grant bob: Changed";
    checked(
        &format!("0 foreign ada\n {calls}\n 8 foreign ada | x\n 10 by 0 ada bob"),
        &[Rule::OthersTextStays],
    );
    checked(
        &format!("0 foreign ada\n {calls}\n 8 foreign ada cyn\n 10 by 0 ada bob"),
        &[Rule::EveryChangeHasACause],
    );
    checked(
        &format!("0 foreign ada cyn\n {calls}\n 8 foreign ada\n 10 by 0 ada cyn bob"),
        &[Rule::EveryChangeHasACause],
    );
    checked(&format!("0 foreign ada cyn\n {calls}\n 10 by 0 cyn ada bob"), &[Rule::OthersElementsStay]);
    checked("0 foreign ada\n 8 by 0 ada | x", &[Rule::OthersTextStays]);
}

#[test]
fn layout_alone_may_be_lost() {
    let mut lost = history("0 foreign ada\n 5..20 on 0 grant bob: Changed\n 8 foreign ada\n 10 by 0 ada bob");
    lost.stored[1].text = lost.stored[1].text.replace("  ", "    ");
    assert_eq!(check(&lost), []);
    lost.stored[1].tag = "another".to_owned();
    assert_eq!(check(&lost).first().map(|violation| violation.rule), Some(Rule::OthersTextStays));
    // A store that lays texts out moves what is beside the lists.
    lost.run.store = Store::Formatted;
    assert_eq!(check(&lost), []);
}

#[test]
fn comments_among_the_elements_stay() {
    for (from, to, expected) in [
        ("", "", true),
        ("\"ada@example.com\",\n", "\"ada@example.com\", // on call\n", false),
        ("      \"ada", "      // on call\n      \"ada", false),
        ("    ],", "      // nobody else\n    ],", false),
        ("      \"bob", "      // on call\n      \"bob", false),
    ] {
        let mut changed = history("0 foreign ada\n 5..20 on 0 grant bob: Changed\n 10 by 0 ada bob");
        changed.stored[1].text = changed.stored[1].text.replacen(from, to, 1);
        let rules: Vec<Rule> = check(&changed).iter().map(|violation| violation.rule).collect();
        assert_eq!(rules.is_empty(), expected, "{to:?}");
        assert!(expected || rules == [Rule::OthersElementsStay], "{to:?}: {rules:?}");
    }
}

#[test]
fn nobody_comes_twice() {
    checked("0 foreign ada\n 5..20 on 0 grant bob: Changed\n 10 by 0 ada bob bob", &[Rule::NotTwice]);
    passes("0 foreign ada ada\n 5..20 on 0 grant bob: Changed\n 10 by 0 ada ada bob");
    passes("0 foreign ada bob ada\n 5..20 on 0 revoke ada: Changed\n 10 by 0 bob");
}

#[test]
fn leases_end_in_time() {
    let lease = "0 foreign\n 5..20 on 0 lease ada@40: Changed\n 10 by 0 ada@40";
    passes(&format!("{lease}\n 40100 by 1 "));
    passes(&format!("{lease}\n 39700 by 1 "));
    checked(&format!("{lease}\n 39600 by 1 "), &[Rule::EveryChangeHasACause]);
    passes(&format!("{lease}\n 42300 by 1 "));
    checked(&format!("{lease}\n 42301 by 1 "), &[Rule::NoLeaseIsLate]);
    checked(lease, &[Rule::NoLeaseIsLate]);
    passes(&format!("{lease}\n 42000 fault\n 44800 by 1 "));
    checked(&format!("{lease}\n 42000 fault\n 44801 by 1 "), &[Rule::NoLeaseIsLate]);
    // While nobody runs, nobody can end it.
    passes(&format!("{lease}\n 30000 end 0\n 31000 end 1\n 60000 start 1\n 62500 by 1 "));
    passes(&format!("{lease}\n 30000 end 0\n 31000 end 1"));
    checked(&format!("{lease}\n 30000 end 0"), &[Rule::NoLeaseIsLate]);
    // What ended before it was written is due from then on.
    passes("0 foreign\n 50000..50020 on 0 lease ada@40: Changed\n 50010 by 0 ada@40\n 52000 by 0 ");
}

#[test]
fn leases_and_memberships_for_good() {
    let lease = "0 foreign\n 5..20 on 0 lease ada@40: Changed\n 10 by 0 ada@40";
    let renewed = format!("{lease}\n 30..50 on 0 lease ada@90: Changed\n 40 by 0 ada@90");
    passes(&format!("{renewed}\n 90000 by 0 "));
    checked(&format!("{renewed}\n 45000 by 0 "), &[Rule::EveryChangeHasACause]);
    checked(&format!("{renewed}\n 60 by 0 ada@40\n 40000 by 0 "), &[Rule::EveryChangeHasACause]);
    passes(&format!("{lease}\n 30..50 on 0 grant ada: Changed\n 40 by 0 ada"));
    checked(
        &format!("{lease}\n 30..50 on 0 grant ada: Changed\n 40 by 0 ada\n 40000 by 0 "),
        &[Rule::EveryChangeHasACause],
    );
    passes("0 foreign ada\n 5..20 on 0 lease ada@40: Held");
    checked(
        "0 foreign ada\n 5..20 on 0 lease ada@40: Held\n 10 by 0 ada@40\n 40000 by 0 ",
        &[Rule::EveryChangeHasACause],
    );
    // An end that cannot be read is none.
    passes("0 foreign ada@\n 5..20 on 0 lease ada@40: Held");
    checked(
        "0 foreign ada@40\n 39900..50000 on 0 end ada@40: Changed\n 42200 foreign ada@41\n 43000 by 0 ",
        &[],
    );
    checked("0 foreign ada@40\n 39900..41000 on 0 end ada@40: Held\n 42000 by 0 ", &[Rule::OkIsInEffect]);
}
