//! The writer's law, schedule by schedule. See [`play`] for the language.

mod foreseen;
mod leases;
mod limited;
mod loaded;
mod lost;
mod play;
mod recording;
mod refused;
mod rules;

use play::play;

#[test]
fn a_lone_grant_is_one_read_and_one_write() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         200           -> 1: written",
    );
}

#[test]
fn what_holds_is_answered_by_the_read() {
    play(
        "eng=ada",
        "grant eng ada  -> read
         read           -> 1: held
         revoke eng bob -> read
         read           -> 2: held",
    );
}

#[test]
fn those_who_come_during_a_read_join_its_write() {
    play(
        "eng=",
        "grant eng ada -> read
         grant eng bob ->
         read          -> write eng=ada,bob
         200           -> 1: written, 2: written",
    );
}

#[test]
fn a_read_that_began_earlier_does_not_answer() {
    play(
        "eng=ada",
        "grant eng ada  ->  read
         revoke eng bob ->
         read           -> 1: held, read
         read           -> 2: held",
    );
}

#[test]
fn those_who_come_during_a_write_form_the_next_batch() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         grant eng bob ->
         grant eng cyn ->
         200           -> 1: written, read
         read          -> write eng=ada,bob,cyn
         200           -> 2: written, 3: written",
    );
}

#[test]
fn a_refusal_does_not_wait_for_the_write_of_others() {
    play(
        "eng=",
        "grant eng ada -> read
         read down     ->
         grant ops ada ->
         at 1          -> read
         read          -> 2: impossible, write eng=ada
         200           -> 1: written",
    );
}

#[test]
fn intents_of_one_principal_keep_their_order_and_are_each_written() {
    play(
        "eng=",
        "grant eng ada  -> read
         revoke eng ada ->
         grant eng ada  ->
         read           -> write eng=ada
         200            -> 1: written, read
         read           -> write eng=
         200            -> 2: written, read
         read           -> write eng=ada
         200            -> 3: written",
    );
}

#[test]
fn a_foreign_edit_is_planned_on() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         edit eng=bob  ->
         412           -> read
         read          -> write eng=bob,ada
         200           -> 1: written",
    );
}

#[test]
fn a_tag_that_was_just_refused_is_a_stale_read() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         edit eng=ada  ->
         412           -> read
         read old      ->
         at 0.2        -> read
         read old      ->
         at 0.5        -> read
         read          -> 1: held",
    );
}

#[test]
fn without_its_tag_a_text_may_be_the_one_that_was_just_refused() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         edit eng=ada  ->
         412           -> read
         read untagged ->
         at 0.2        -> read
         read old      ->
         at 0.5        -> read
         read          -> 1: held",
    );
}

#[test]
fn a_tag_that_stays_refused_is_written_on_but_answers_nobody() {
    play(
        "eng= ops=bob",
        "grant eng ada -> read
         read          -> write eng=ada ops=bob
         grant ops bob ->
         412           -> read
         read          ->
         at 1          -> read
         read          ->
         at 2          -> read
         read          ->
         at 3          -> read
         read          ->
         at 4          -> read
         read          -> write eng=ada ops=bob
         200           -> 1: written, read
         read          -> 2: held",
    );
}

#[test]
fn each_412_is_reason_to_doubt_anew() {
    play(
        "eng= ops=bob",
        "grant eng ada -> read
         read          -> write eng=ada ops=bob
         grant ops bob ->
         edit eng= ops= ->
         412           -> read
         read old      ->
         at 1          -> read
         read old      ->
         at 2          -> read
         read old      ->
         at 3          -> read
         read old      ->
         at 4          -> read
         read old      -> write eng=ada ops=bob
         412           ->
         at 8          -> read
         read old      ->
         at 12         -> read
         read old      ->
         at 17         -> read
         read old      ->
         at 22         -> read
         read old      ->
         at 27         -> read
         read old      -> write eng=ada ops=bob
         412           ->
         at 40         -> read
         read          -> write eng=ada ops=bob
         200           -> 1: written, 2: written",
    );
}

#[test]
fn the_deadline_is_kept_200_ms_early() {
    play(
        "eng=",
        "grant eng ada until 5 -> read
         read                  -> write eng=ada
         edit eng=bob          ->
         412                   -> read
         at 4.7                ->
         at 4.8                -> 1: contended
         read                  ->",
    );
    play(
        "eng=",
        "grant eng ada until 5 -> read
         read                  -> write eng=ada
         at 4.8                -> 1: unknown
         200                   ->",
    );
    play(
        "eng=",
        "grant eng ada until 5 -> read
         read down             ->
         at 4.8                -> 1: upstream",
    );
    play("eng=", "grant eng ada until 0.1 -> 1: there was no time left");
}

#[test]
fn who_is_late_is_told_what_took_the_time() {
    play(
        "eng=",
        "grant eng ada until 5 -> read
         at 4.8                -> 1: the policy file was not read",
    );
    play(
        "eng=",
        "grant eng ada         -> read
         read                  -> write eng=ada
         grant eng bob until 5 ->
         at 4.8                -> 2: another change was not written",
    );
    play(
        "eng=",
        "grant eng ada until 5 -> read
         read                  -> write eng=ada
         400 no                -> judge eng=
         at 4.8                -> 1: what Tailscale has against it was not found out",
    );
    // Somebody else's edit is to blame for as long as it kept this very change from being written.
    play(
        "eng=",
        "grant eng ada         -> read
         read                  -> write eng=ada
         edit eng=bob          ->
         412                   -> read
         grant eng cyd until 5 ->
         at 4.8                -> 2: the policy file was not read
         at 119.8              -> 1: contended",
    );
}

#[test]
fn nothing_is_sent_for_a_caller_whose_deadline_is_over() {
    play(
        "eng=",
        "grant eng ada until 5 -> read
         grant eng bob         ->
         meanwhile 4.9         ->
         read                  -> 1: the policy file was not read, write eng=bob
         400 no                -> judge eng=
         meanwhile 119.9       ->
         rejected old defect   -> 2: what Tailscale has against it was not found out",
    );
}

#[test]
fn nothing_is_sent_for_a_caller_who_is_gone() {
    play(
        "eng=",
        "grant eng ada -> read
         grant eng bob ->
         gone 1        ->
         read          -> write eng=bob
         gone 2        ->
         412           ->",
    );
}

#[test]
fn grants_are_bounded_and_revokes_are_not() {
    play(
        "eng=",
        "grant eng a  -> read
         grant eng b  ->
         grant eng c  ->
         grant eng d  -> 4: queue full
         revoke eng e ->
         revoke eng f ->
         read         -> write eng=a,b,c
         200          -> 1: written, 2: written, 3: written, read
         read         -> 5: held, 6: held",
    );
}

#[test]
fn draining_finishes_what_is_there() {
    play(
        "eng=",
        "grant eng ada -> read
         drain         ->
         grant eng bob -> 2: draining
         read          -> write eng=ada
         200           -> 1: written",
    );
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         grant eng bob ->
         drain         ->
         cut off       -> 1: unknown, 2: draining",
    );
}

#[test]
fn an_obstacle_is_waited_out() {
    play(
        "eng=",
        "grant eng ada    -> read
         read down        ->
         at 1             -> read
         read limited 3   ->
         at 3.9           ->
         at 4             -> read
         read untagged    ->
         at 5             -> read
         read             -> write eng=ada
         unsent           -> read
         read             -> write eng=ada
         unsent           ->
         at 6             -> read
         read             -> write eng=ada
         429 2            ->
         at 8             -> read
         read             -> write eng=ada
         200              -> 1: written",
    );
}

#[test]
fn a_refused_credential_is_told_at_once() {
    play(
        "eng=",
        "grant eng ada  -> read
         grant eng bob  ->
         read forbidden -> 1: credential, 2: credential
         grant eng ada  -> read
         read           -> write eng=ada
         403            -> 3: credential",
    );
}

#[test]
fn a_token_that_was_revoked_is_renewed_by_the_next_read() {
    play(
        "eng=",
        "grant eng ada until 5 -> read
         read                  -> write eng=ada
         401                   -> read
         read                  -> write eng=ada
         200                   -> 1: written
         grant eng bob until 5 -> read
         read                  -> write eng=ada,bob
         401                   -> read
         read                  -> write eng=ada,bob
         401                   ->
         at 4.8                -> 2: credential",
    );
}

#[test]
fn a_text_that_nobody_can_edit_is_never_written() {
    play(
        "eng=",
        "grant eng ada -> read\n read text {    -> 1: broken (the policy file cannot be parsed: line 1, column 2: parsing value: unexpected EOF)",
    );
    play("eng=", "grant eng ada -> read\n read text []   -> 1: broken (the policy file is not an object)");
    play("eng=", "grant eng ada -> read\n read text      -> 1: broken (the policy file is empty)");
}
