//! Writing on what a load has read.

use super::play::play;

#[test]
fn what_a_load_has_just_read_is_written_on() {
    play(
        "eng=",
        "loaded 0      ->
         grant eng ada -> write eng=ada
         200           -> 1: written
         grant eng bob -> read",
    );
}

#[test]
fn nobody_is_answered_from_it() {
    for asked in ["grant eng ada -> read", "revoke eng bob -> read", "grant none ada -> read"] {
        play("eng=ada", &format!("loaded 0 ->\n{asked}"));
    }
}

#[test]
fn what_has_changed_since_is_read() {
    play(
        "eng=",
        "loaded 0      ->
         edit eng=bob  ->
         grant eng ada -> write eng=ada
         412           -> read
         read          -> write eng=bob,ada
         200           -> 1: written",
    );
}

#[test]
fn an_old_load_is_of_no_use() {
    play(
        "eng=",
        "loaded 0      ->
         at 2.1        ->
         grant eng ada -> read",
    );
    // It may have read what was there before our own write.
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         at 1          ->
         200           -> 1: written
         loaded 0.5    ->
         grant eng bob -> read
         read          -> write eng=ada,bob
         200           -> 2: written
         loaded 1.5    ->
         grant eng cyd -> write eng=ada,bob,cyd",
    );
}

#[test]
fn after_a_loss_or_a_failure_only_a_read_of_our_own_will_do() {
    play(
        "eng=",
        "grant eng ada -> read
         read          -> write eng=ada
         timeout       -> read
         read down     ->
         loaded 0.1    ->
         at 1          -> read",
    );
}

#[test]
fn a_refusal_is_looked_into_on_a_read_of_our_own() {
    play(
        "eng=",
        "loaded 0      ->
         grant eng ada -> write eng=ada
         400 no        -> read
         read          -> write eng=ada
         400 no        -> judge eng=
         accepted      -> 1: rejected (no)",
    );
}

#[test]
fn what_is_foreseen_of_it_is_looked_into_on_a_read_of_our_own() {
    play(
        "eng= tests",
        "loaded 0      ->
         grant eng ada -> foresee 1
         foreseen bad 1 -> read
         read          -> foresee 1
         foreseen bad 1 -> 1: breaks a test",
    );
}
