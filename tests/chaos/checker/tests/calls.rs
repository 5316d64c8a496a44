//! Order of calls, who may be behind a change, and who is said to be.

use super::super::{Rule, check};
use super::{checked, history, passes};

/// As [`checked`], where nobody knows in which order concurrent calls arrive, and leases are put back.
#[track_caller]
fn judged(lines: &str, expected: &[Rule]) {
    let mut history = history(lines);
    (history.run.ordered, history.run.slack, history.run.restores) = (false, 2, true);
    let violations = check(&history);
    let mut rules: Vec<Rule> = violations.iter().map(|violation| violation.rule).collect();
    rules.dedup();
    let words: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert_eq!(rules, expected, "in:\n{lines}\n{}", words.join("\n"));
}

#[test]
fn calls_that_do_not_overlap_have_an_order() {
    let late =
        "0 foreign ada\n 5..20 on 0 grant bob: Unknown\n 25..40 on 0 revoke bob: Held\n 50 by 0 ada bob";
    judged(late, &[Rule::EveryChangeHasACause]);
    // They overlap, are within the slack, are for different processes, or it is undone in time.
    judged(&late.replace("5..20", "5..26"), &[]);
    judged(&late.replace("25..40", "22..40"), &[]);
    judged(&late.replace("25..40 on 0", "25..40 on 1"), &[]);
    judged(&late.replace("25..40", "21 end 0\n 22 start 0\n 25..40"), &[]);
    judged(
        &late
            .replace("25..40", "25..60")
            .replace("bob: Held", "bob: Changed")
            .replace("50 by 0 ada bob", "50 by 0 ada bob\n 55 by 0 ada"),
        &[],
    );
}

#[test]
fn nothing_is_sent_for_a_caller_that_was_told() {
    for answer in ["Unknown", "Gone"] {
        let again = |sent: u64| {
            format!(
                "0 foreign\n 5..20 on 0 grant ada: {answer}\n 10 sent 1\n 100 by 0#1 ada\n 200 foreign
                 {sent} sent 2\n 300 by 0#2 ada"
            )
        };
        checked(&again(250), &[Rule::EveryChangeHasACause]);
        checked(&again(21), &[Rule::EveryChangeHasACause]);
        passes(&again(20));
    }
    // Nor did a request carry a call that came later, and a killed process sends nothing more.
    checked(
        "0 foreign\n 5..20 on 0 grant ada: Changed\n 4 sent 1\n 10 by 0#1 ada",
        &[Rule::EveryChangeHasACause],
    );
    let killed = "0 foreign\n 5.. on 0 grant ada: Gone\n 20 end 0\n 30 start 0\n 15 sent 1\n 90 by 0#1 ada";
    passes(killed);
    checked(&killed.replace("15 sent", "40 sent"), &[Rule::EveryChangeHasACause]);
}

#[test]
fn a_lease_that_vanished_is_put_back_where_that_is_asked_for() {
    let restored = "0 foreign ada@40\n 10 foreign ada\n 20 by 0 ada@40\n 40000 by 0 ";
    checked(restored, &[Rule::EveryChangeHasACause]);
    judged(restored, &[]);
    judged(&restored.replace("10 foreign ada", "9 foreign \n 10 foreign ada"), &[]);
    // Not what somebody was granted for good, and not the end before the last one.
    let granted =
        "0 foreign ada@40\n 5..20 on 0 grant ada: Changed\n 10 by 0 ada\n 500 by 0 ada@40\n 40000 by 0 ";
    judged(granted, &[Rule::EveryChangeHasACause]);
    let renewed = "0 foreign ada@40\n 5..20 on 0 lease ada@90: Changed\n 10 by 0 ada@90\n 30 foreign ada
                   40 by 0 ada@";
    judged(&format!("{renewed}90\n 90000 by 0 "), &[]);
    judged(&format!("{renewed}40\n 40000 by 0 "), &[Rule::EveryChangeHasACause]);
}

#[test]
fn who_is_told_of_a_change_has_made_one() {
    checked("0 foreign ada\n 5..20 on 0 grant ada: Changed", &[Rule::ChangedOrHeld]);
    passes("0 foreign ada bob\n 5..20 on 0 revoke ada,cyn: Changed\n 10 by 0 bob");
    // Two who ask for the same have made the same change.
    let two = "0 foreign\n 5..20 on 0 grant ada: Changed\n 6..20 on 0 grant ada: Changed\n 10 by 0 ada";
    passes(two);
    // Somebody else's is none, unless an answer was lost: then nobody can tell.
    let others = "0 foreign\n 5..20 on 0 grant ada: Changed\n 7 sent 1\n 10 foreign ada";
    checked(others, &[Rule::ChangedOrHeld]);
    passes(&format!("{others}\n 12 fault"));
    checked(&format!("{others}\n 22 fault"), &[Rule::ChangedOrHeld]);
}

#[test]
fn who_is_told_that_it_was_so_has_not_made_it_so() {
    let held = "0 foreign\n 5..20 on 0 grant ada: Held\n 10 by 0 ada";
    checked(held, &[Rule::ChangedOrHeld]);
    passes(&held.replace("Held", "Changed"));
    passes("0 foreign ada@40\n 40100..40200 on 0 revoke ada: Held\n 40150 by 0 ");
    // Somebody else did, or asked for it too, or it was so when the call came.
    passes(&held.replace("by 0", "foreign"));
    passes(&format!("{held}\n 6..20 on 0 grant ada: Changed"));
    passes(
        "0 foreign ada\n 3..30 on 1 revoke ada: Unknown\n 5..20 on 0 grant ada: Held\n 7 by 1 \n 10 by 0 ada",
    );
}

#[test]
fn each_call_has_one_answer_in_time() {
    let wrong = [Rule::OneAnswerInTime];
    let held = "0 foreign ada\n 5..20 on 0 grant ada: Held by 20";
    passes(held);
    checked(&held.replace("by 20", "by 19"), &wrong);
    let mut again = history(held);
    again.calls[0].again = 1;
    assert_eq!(check(&again).iter().map(|violation| violation.rule).collect::<Vec<_>>(), wrong);
    // Nobody has to answer when the caller has left, or the process has ended.
    let gone = "0 foreign ada\n 5.. on 0 grant ada: Gone by 20";
    checked(gone, &wrong);
    passes(&gone.replace("5..", "5..20"));
    passes(&format!("{gone}\n 20 end 0"));
    checked(&format!("{gone}\n 21 end 0"), &wrong);
    checked(&format!("{gone}\n 15 end 1"), &wrong);
}

#[test]
fn what_a_later_call_found_as_it_wants_it_is_its_place() {
    // Another replica wrote what the later grant wants; then the lost lease took effect, and is still to be repaired.
    let found = "0 foreign ada\n 5..90 on 0 lease ada@90: Unknown\n 6..60 on 0 revoke ada: Changed
                 10 by 0 \n 20..90 on 0 grant ada: Changed\n 20..40 on 1 grant ada: Changed\n 30 by 1 ada
                 49 foreign \n 50 by 0 ada@90\n 70 by 0 ada";
    passes(found);
    let never = found.replace("20..90 on 0", "20..90 on 1").replace("70 by 0 ada", "90000 by 0 ");
    checked(&never, &[Rule::OkIsInEffect]);
}

#[test]
fn a_shorter_lease_leaves_nothing_of_a_longer_one() {
    let shorter = "0 foreign ada@90\n 5..50000 on 0 revoke ada: Unknown\n 6..50000 on 0 lease ada@90: Held
                   7..50000 on 0 lease ada@40: Held\n 30 foreign ada\n 39800 by 0 ";
    passes(shorter);
    checked(&shorter.replace("39800", "39600"), &[Rule::OkIsInEffect]);
}
