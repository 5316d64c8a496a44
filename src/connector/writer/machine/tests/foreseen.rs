//! What is foreseen of a write to a policy with tests, before anything is sent.

use super::play::play;

#[test]
fn a_lone_offender_is_refused_and_nothing_is_sent() {
    play(
        "eng= tests",
        "grant eng bad  -> read
         read           -> foresee 1
         foreseen bad 1 -> 1: breaks a test",
    );
}

#[test]
fn a_policy_without_tests_needs_no_foresight() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada",
    );
}

#[test]
fn what_nothing_stands_against_is_written_as_planned() {
    play(
        "eng=old tests",
        "grant eng ada  -> read
         revoke eng old ->
         read           -> foresee 1 2
         grant eng cyn  ->
         foreseen       -> write eng=ada tests
         200            -> 1: written, 2: written, read
         read           -> foresee 3
         foreseen       -> write eng=ada,cyn tests
         200            -> 3: written",
    );
}

#[test]
fn offenders_fail_alone_and_the_others_are_written_at_once() {
    play(
        "eng= tests",
        "grant eng ada  -> read
         read           -> foresee 1
         grant eng bad  ->
         grant eng cyn  ->
         foreseen       -> write eng=ada tests
         200            -> 1: written, read
         read           -> foresee 2 3
         foreseen bad 2 -> 2: breaks a test, write eng=ada,cyn tests
         200            -> 3: written",
    );
}

#[test]
fn a_read_that_began_earlier_does_not_refuse() {
    play(
        "eng= tests",
        "grant eng ada  -> read
         grant eng bad  ->
         read           -> foresee 1 2
         foreseen bad 2 -> write eng=ada tests
         200            -> 1: written, read
         read           -> foresee 2
         foreseen bad 2 -> 2: breaks a test",
    );
}

#[test]
fn who_left_or_is_late_meanwhile_is_not_written() {
    play(
        "eng= tests",
        "grant eng ada         -> read
         read down             ->
         grant eng bob until 5 ->
         grant eng cyn         ->
         at 1                  -> read
         read                  -> foresee 1 2 3 within 0.95
         gone 3                ->
         at 5                  -> 2: what the policy file's own tests and rules say to the change was not found out
         foreseen              -> write eng=ada tests
         200                   -> 1: written",
    );
    play(
        "eng= tests",
        "grant eng ada -> read
         read          -> foresee 1
         gone 1        ->
         foreseen      ->",
    );
}

#[test]
fn what_cannot_be_told_in_time_goes_alone() {
    play(
        "eng=old tests",
        "grant eng ada          -> read
         read down              ->
         revoke eng old         ->
         grant eng bob          ->
         at 1                   -> read
         read                   -> foresee 1 2 3
         foreseen undecided 2 3 -> write eng=old,ada tests
         200                    -> 1: written, read
         read                   -> foresee 2
         foreseen bad 2         -> 2: breaks a test, read
         read                   -> foresee 3
         foreseen               -> write eng=old,ada,bob tests
         200                    -> 3: written",
    );
}

#[test]
fn a_policy_that_seems_broken_is_left_to_the_service_to_judge() {
    play(
        "eng= tests",
        "grant eng ada       -> read
         read                -> foresee 1
         foreseen broken bad -> write eng=ada tests
         200                 -> 1: written",
    );
}

#[test]
fn a_policy_that_was_broken_before_is_told_with_the_tests_that_fail() {
    let known = r#"tests, number 1 (line 2), source "ada@example.com": why"#;
    play(
        "eng= tests",
        &format!(
            "grant eng ada             -> read
             read                      -> foresee 1
             foreseen broken bad       -> write eng=ada tests
             400 test(s) failed        -> judge eng= tests
             rejected test(s) failed   -> 1: broken (test(s) failed ({known}))"
        ),
    );
}

#[test]
fn what_was_not_foreseen_is_hunted() {
    play(
        "eng= tests",
        "grant eng ada -> read
         read          -> foresee 1
         foreseen      -> write eng=ada tests
         400 no        -> judge eng= tests
         accepted      -> 1: rejected (no)",
    );
}

#[test]
fn an_offender_that_a_lost_write_may_carry_waits_for_its_end() {
    play(
        "eng= tests",
        "grant eng bad   -> read
         read            -> foresee 1
         foreseen        -> write eng=bad tests
         at 30           ->
         timeout         -> read
         read            -> foresee 1
         foreseen bad 1  ->
         at 60           -> read
         read            -> foresee 1
         foreseen bad 1  -> 1: breaks a test",
    );
}

#[test]
fn nobody_is_refused_because_of_a_stale_read() {
    play(
        "eng= tests",
        "grant eng bad  -> read
         read           -> foresee 1
         foreseen       -> write eng=bad tests
         edit eng=ada tests ->
         412            -> read
         read old       ->
         at 0.2         -> read
         read old       ->
         at 0.5         -> read
         read old       ->
         at 1.2         -> read
         read old       ->
         at 3           -> read
         read old       -> foresee 1
         foreseen bad 1 ->
         at 9           -> read
         read           -> foresee 1
         foreseen bad 1 -> 1: breaks a test",
    );
}

#[test]
fn nobody_is_refused_because_of_people_and_devices_from_before_they_asked() {
    play(
        "eng= tests",
        "at 3             ->
         grant eng bad    -> read
         read             -> foresee 1
         outdated 1 bad 1 -> foresee 1 afresh
         foreseen bad 1   -> 1: breaks a test",
    );
    play(
        "eng= tests",
        "at 3             ->
         grant eng ada    -> read
         read             -> foresee 1
         outdated 1 bad 1 -> foresee 1 afresh
         foreseen         -> write eng=ada tests
         200              -> 1: written",
    );
    play(
        "eng= tests",
        "grant eng bad    -> read
         at 3             ->
         read             -> foresee 1
         outdated 0 bad 1 -> 1: breaks a test",
    );
}

#[test]
fn old_people_and_devices_do_where_nothing_is_found_or_nobody_is_refused() {
    play(
        "eng= tests",
        "at 3             ->
         grant eng ada    -> read
         grant eng bad    ->
         read             -> foresee 1 2
         outdated 1 bad 2 -> write eng=ada tests
         200              -> 1: written, read
         read             -> foresee 2
         outdated 1       -> write eng=ada,bad tests
         200              -> 2: written",
    );
}

#[test]
fn where_they_cannot_be_read_anew_the_service_judges() {
    play(
        "eng= tests",
        "at 3             ->
         grant eng bad    -> read
         read             -> foresee 1
         outdated 1 bad 1 -> foresee 1 afresh
         unsurveyed       -> write eng=bad tests
         400 no           -> judge eng= tests
         accepted         -> 1: rejected (no)",
    );
}

#[test]
fn a_survey_that_failed_is_not_waited_for_again_at_once() {
    play(
        "eng= tests",
        "grant eng ada -> read
         read          -> foresee 1
         at 2          ->
         unsurveyed    -> write eng=ada tests
         200           -> 1: written
         grant eng bob -> read
         read          -> write eng=ada,bob tests
         200           -> 2: written
         at 32         ->
         grant eng cyn -> read
         read          -> foresee 3
         foreseen      -> write eng=ada,bob,cyn tests
         200           -> 3: written",
    );
}

#[test]
fn foresight_takes_a_small_share_of_the_time_that_is_left() {
    play(
        "eng= tests",
        "grant eng ada until 2.2 -> read
         read                    -> foresee 1 within 0.5
         at 0.5                  ->
         unsurveyed              -> write eng=ada tests
         200                     -> 1: written",
    );
}

#[test]
fn a_deadline_that_comes_during_foresight_is_not_blamed_on_others() {
    play(
        "eng= tests",
        "grant eng ada       -> read
         read                -> foresee 1
         grant eng bob until 1 ->
         at 0.8              -> 2: what the policy file's own tests and rules say to the change was not found out
         meanwhile 119.8     ->
         foreseen            -> 1: what the policy file's own tests and rules say to the change was not found out",
    );
}

#[test]
fn access_that_has_ended_during_foresight_is_not_written() {
    play(
        "eng= tests",
        "lease eng ada 10 ending 20 -> read
         grant eng bob              ->
         read                       -> foresee 1 2
         meanwhile 21               ->
         foreseen                   -> 1: ended, write eng=bob tests",
    );
    // It may have been given by a lost request, whose end it waits for.
    play(
        "eng= tests",
        "lease eng ada 10 ending 20 -> read
         read                       -> foresee 1
         foreseen                   -> write eng=ada@10 tests
         timeout                    -> read
         read                       -> foresee 1
         meanwhile 21               ->
         foreseen                   ->",
    );
}
