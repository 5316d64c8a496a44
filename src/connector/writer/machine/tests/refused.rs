//! Texts that the service refuses.

use std::collections::{BTreeMap, VecDeque};

use super::play::{Play, play};

#[test]
fn a_lone_offender_fails_with_the_services_words() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         400 tests fail -> judge eng=
         accepted       -> 1: rejected (tests fail)",
    );
}

#[test]
fn a_policy_that_was_broken_before_fails_everybody() {
    play(
        "eng=",
        "grant eng ada       -> read
         grant eng bob       ->
         read                -> write eng=ada,bob
         400 tests fail      -> judge eng=
         rejected old defect -> 1: broken (old defect), 2: broken (old defect)",
    );
}

#[test]
fn the_offender_of_a_batch_is_found_and_the_others_are_written() {
    play(
        "eng=",
        "grant eng ada -> read
         grant eng bad ->
         grant eng cyn ->
         read          -> write eng=ada,bad,cyn
         400 no        -> judge eng=
         accepted      -> judge eng=ada
         accepted      -> judge eng=ada,bad
         rejected bad! -> 2: rejected (bad!), read
         read          -> write eng=ada,cyn
         200           -> 1: written, 3: written",
    );
}

#[test]
fn the_search_is_repeated_for_a_second_offender_without_judging_the_base_again() {
    play(
        "eng=",
        "grant eng bad -> read
         grant eng bob ->
         grant eng evl ->
         read          -> write eng=bad,bob,evl
         400 no        -> judge eng=
         accepted      -> judge eng=bad
         rejected bad! -> 1: rejected (bad!), read
         read          -> write eng=bob,evl
         400 evil!     -> judge eng=bob
         accepted      -> 3: rejected (evil!), read
         read          -> write eng=bob
         200           -> 2: written",
    );
}

#[test]
fn revokes_are_tried_without_the_grants() {
    play(
        "eng=out",
        "grant eng bad  -> read
         revoke eng out ->
         grant eng bob  ->
         read           -> write eng=bad,bob
         400 no         -> judge eng=out
         accepted       -> read
         read           -> write eng=
         200            -> 2: written, read
         read           -> write eng=bad,bob
         400 bad!       -> judge eng=
         accepted       -> judge eng=bad
         rejected bad!  -> 1: rejected (bad!), read
         read           -> write eng=bob
         200            -> 3: written",
    );
}

#[test]
fn revokes_that_keep_coming_do_not_hold_up_a_suspect_for_ever() {
    play(
        "eng=out,old",
        "grant eng bad  -> read
         revoke eng out ->
         read           -> write eng=old,bad
         400 no         -> judge eng=out,old
         accepted       -> read
         read           -> write eng=old
         revoke eng old ->
         200            -> 2: written, read
         read           -> write eng=old,bad
         400 bad!       -> judge eng=old
         accepted       -> 1: rejected (bad!), read
         read           -> write eng=
         200            -> 3: written",
    );
}

#[test]
fn a_judgement_that_is_not_answered_begins_anew() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         400 no        -> judge eng=
         undecided     ->
         at 1          -> read
         read          -> write eng=ada
         400 no        -> judge eng=
         accepted      -> 1: rejected (no)",
    );
}

#[test]
fn after_32_judgements_what_is_undecided_goes_alone() {
    let names: Vec<String> = (0..40).map(|number| format!("u{number}")).collect();
    let kept = |number: usize| number % 2 == 1;
    let accepts = |policy: &str| {
        let members: Vec<&str> = policy.trim_start_matches("eng=").split(',').collect();
        (0..40).filter(|&number| kept(number)).all(|number| members.contains(&names[number].as_str()))
    };
    let mut stage = Play::new(&format!("eng={}", names.join(",")));
    let mut outputs: VecDeque<String> = VecDeque::new();
    let tell = |stage: &mut Play, outputs: &mut VecDeque<String>, input: &str| {
        outputs.extend(stage.step(input).split(", ").filter(|word| !word.is_empty()).map(str::to_owned));
    };
    for name in &names {
        tell(&mut stage, &mut outputs, &format!("revoke eng {name}"));
    }
    let (mut judged, mut stored) = (0, 0);
    let mut answers = BTreeMap::new();
    while let Some(output) = outputs.pop_front() {
        let (verb, rest) = output.split_once(' ').unwrap_or((&output, ""));
        let input = match verb {
            "read" => "read",
            "judge" => {
                judged += 1;
                if accepts(rest) { "accepted" } else { "rejected kept" }
            }
            "write" if accepts(rest) => {
                stored += 1;
                "200"
            }
            "write" => "400 kept",
            ticket => {
                let ticket: usize = ticket.trim_end_matches(':').parse().unwrap();
                answers.insert(ticket - 1, rest.to_owned());
                continue;
            }
        };
        tell(&mut stage, &mut outputs, input);
    }
    for number in 0..40 {
        let expected = if kept(number) { "rejected (kept)" } else { "written" };
        assert_eq!(answers[&number], expected, "{number}");
    }
    assert!((33..=32 + 20).contains(&judged), "each judgement after the 32nd is about one intent: {judged}");
    assert!(stored > 10, "those that go alone are stored one by one: {stored}");
}
