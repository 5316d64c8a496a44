//! Lost answers.

use super::play::play;

#[test]
fn what_a_later_write_stored_says_nothing_of_an_earlier_one() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         412           -> read
         read          ->
         at 1          -> read
         read          ->
         at 2          -> read
         read          ->
         at 3          -> read
         read          ->
         at 4          -> read
         read          -> write eng=ada
         500           ->
         at 5          -> read
         read          -> write eng=ada
         200           ->
         grant eng bob -> read
         read          -> write eng=ada,bob
         200           -> 2: written
         at 64         -> read
         read          -> 1: written",
    );
}

#[test]
fn a_lost_write_that_is_found_stored_is_settled() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         timeout stored -> read
         read           -> 1: written
         revoke eng ada -> read
         read           -> write eng=
         200            -> 2: written",
    );
}

#[test]
fn a_lost_write_that_is_not_found_is_written_again_and_answered_at_its_end() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         timeout       -> read
         read          -> write eng=ada
         200           ->
         at 59.9       ->
         at 60         -> read
         read          -> 1: written",
    );
}

#[test]
fn a_lost_revoke_that_lands_late_is_repaired() {
    play(
        "eng=ada",
        "revoke eng ada -> read
         read           -> write eng=
         timeout        -> read
         gone 1         ->
         read           ->
         grant eng ada  -> read
         read           ->
         land           ->
         at 60          -> read
         read           -> write eng=ada
         200            -> 2: written",
    );
}

#[test]
fn what_holds_is_not_answered_while_a_lost_request_may_undo_it() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         timeout        -> read
         gone 1         ->
         read           ->
         revoke eng ada -> read
         read           ->
         land           ->
         at 60          -> read
         read           -> write eng=
         200            -> 2: written",
    );
}

#[test]
fn others_do_not_wait_for_a_lost_request() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         grant eng bob ->
         timeout       -> read
         read          -> write eng=ada,bob
         200           -> 2: written
         at 60         -> read
         read          -> 1: written",
    );
}

#[test]
fn a_later_intent_is_written_at_once_and_supersedes() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         timeout        -> read
         read           -> write eng=ada
         200            ->
         revoke eng ada -> read
         read           -> write eng=
         200            ->
         land           ->
         at 60          -> 1: written, read
         read           -> write eng=
         200            -> 2: written",
    );
}

#[test]
fn a_retry_that_goes_or_is_given_up_does_not_stand_for_the_first() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         timeout        -> read
         gone 1         ->
         read           ->
         revoke eng ada -> read
         read           ->
         revoke eng ada -> read
         read           ->
         gone 3         ->
         land           ->
         at 60          -> read
         read           -> write eng=
         200            -> 2: written",
    );
    play(
        "eng=",
        "grant eng ada           -> read
         read                    -> write eng=ada
         timeout                 -> read
         gone 1                  ->
         read                    ->
         revoke eng ada          -> read
         read                    ->
         revoke eng ada until 30 -> read
         read                    ->
         at 29.8                 -> 3: unknown
         land                    ->
         at 60                   -> read
         read                    -> write eng=
         200                     -> 2: written",
    );
}

#[test]
fn an_intent_of_one_spelling_does_not_stand_for_one_of_two() {
    play(
        "eng=",
        "grant eng ada      -> read
         read               -> write eng=ada
         timeout            -> read
         gone 1             ->
         read               ->
         revoke eng ada,old -> read
         read               ->
         revoke eng old     -> read
         read               -> 3: held
         land               ->
         at 60              -> read
         read               -> write eng=
         200                -> 2: written",
    );
}

#[test]
fn what_superseded_and_left_leaves_the_earlier_one_to_be_checked() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         timeout        -> read
         read           -> write eng=ada
         200            ->
         revoke eng ada -> read
         read           -> write eng=
         200            ->
         gone 2         ->
         at 60          -> read
         read           -> write eng=ada
         200            -> 1: written",
    );
}

#[test]
fn what_began_before_the_end_of_a_lost_request_does_not_answer_after_it() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         timeout        -> read
         gone 1         ->
         read           ->
         at 59.7        ->
         revoke eng ada -> read
         land           ->
         at 60          ->
         at 60.3        ->
         read old       -> read
         read           -> write eng=
         200            -> 2: written",
    );
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         timeout       -> read
         at 59         ->
         read          -> write eng=ada
         at 61         ->
         403           -> read
         read          -> write eng=ada
         200           -> 1: written",
    );
}

#[test]
fn what_undoes_a_part_waits_for_what_has_to_be_checked_in_whole() {
    play(
        "eng=old",
        "grant eng ada      -> read
         read               -> write eng=old,ada
         timeout            -> read
         gone 1             ->
         read               ->
         revoke eng ada,old -> read
         read               -> write eng=
         200                ->
         grant eng old      ->
         at 60              -> read
         read               -> 2: written, read
         read               -> write eng=old
         200                -> 3: written",
    );
}

#[test]
fn a_request_that_was_given_up_late_lives_for_the_settling_time() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         at 45         ->
         timeout       -> read
         read          -> write eng=ada
         200           ->
         at 60         ->
         at 75         -> read
         read          -> 1: written",
    );
}

#[test]
fn the_deadline_of_a_lost_intent_is_answered_unknown() {
    play(
        "eng=",
        "grant eng ada until 30 -> read
         read                   -> write eng=ada
         timeout                -> read
         read                   -> write eng=ada
         200                    ->
         at 29.8                -> 1: unknown",
    );
}

#[test]
fn two_lost_writes_of_one_text_do_not_settle_each_other() {
    play(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         timeout        -> read
         at 5           ->
         read           -> write eng=ada
         timeout stored ->
         at 6           -> read
         read           ->
         at 60          ->
         at 65          -> read
         read           -> 1: written",
    );
    // Nor when the older one, which was carried out, has ended before that is read.
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         timeout       -> read
         meanwhile 35  ->
         read          -> write eng=ada
         timeout       ->
         land          ->
         at 61         -> read
         read          ->
         at 95         -> read
         read          -> 1: written",
    );
}

#[test]
fn server_errors_on_an_unchanged_tag_take_the_batch_apart() {
    play(
        "eng=bad",
        "grant eng ada  -> read
         revoke eng bad ->
         read           -> write eng=ada
         500            -> read
         read           -> write eng=ada
         500            ->
         at 1           -> read
         read           -> write eng=ada
         500            ->
         at 2           -> read
         read           -> write eng=
         500            ->
         at 4           -> read
         read           -> write eng=
         500            ->
         at 8           -> read
         read           -> write eng=
         500            -> 2: unknown
         at 14          -> read
         read           -> write eng=bad,ada
         200            ->
         at 68          -> read
         read           -> 1: written",
    );
}

#[test]
fn a_tag_that_changes_begins_the_count_anew() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         500           -> read
         read          -> write eng=ada
         500           ->
         edit eng=bob  ->
         at 1          -> read
         read          -> write eng=bob,ada
         500           ->
         at 2          -> read
         read          -> write eng=bob,ada
         500           ->
         at 4          -> read
         read          -> write eng=bob,ada
         500 stored    ->
         grant eng cyn ->
         at 8          -> read
         read          -> read
         read          -> write eng=bob,ada,cyn
         200           -> 2: written",
    );
}

#[test]
fn a_refused_write_fails_nobody_whom_a_lost_request_carries() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         timeout       -> read
         grant eng bob ->
         read          -> write eng=ada,bob
         400 no        -> read
         read          -> write eng=bob
         200           -> 2: written
         land          ->
         at 60         -> read
         read          -> write eng=bob,ada
         200           -> 1: written",
    );
}
