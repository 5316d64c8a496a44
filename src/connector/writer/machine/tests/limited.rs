//! A service that limits the rate of calls.

use super::play::play;

#[test]
fn a_rate_limit_beyond_the_deadline_is_told_at_once() {
    play(
        "eng=",
        "grant eng ada until 5  -> read
         grant eng bob until 60 ->
         read limited 30        -> 1: limited for 30s
         at 30                  -> read
         read                   -> write eng=bob
         200                    -> 2: written",
    );
}

#[test]
fn a_rate_limit_is_kept_while_nobody_waits() {
    play(
        "eng=",
        "grant eng ada until 5   -> read
         read                    -> write eng=ada
         429 50                  -> 1: limited for 50s
         grant eng bob until 20  -> 2: limited for 50s
         at 30                   ->
         grant eng cyn           ->
         at 50                   -> read
         read                    -> write eng=cyn
         200                     -> 3: written",
    );
}

#[test]
fn a_rate_limit_is_believed_for_a_minute() {
    play(
        "eng=ada",
        "revoke eng ada until 10  -> read
         read limited 86400       -> 1: limited for 60s
         revoke eng ada until 50  -> 2: limited for 60s
         revoke eng ada until 300 ->
         at 59                    ->
         at 60                    -> read
         read limited 86400       ->
         at 120                   -> read
         read                     -> write eng=
         200                      -> 3: written",
    );
}

#[test]
fn a_rate_limit_ends_when_the_service_answers_somebody_else() {
    play(
        "eng=ada",
        "revoke eng ada until 10 -> read
         at 1                    ->
         read limited 600        -> 1: limited for 60s
         at 5                    ->
         served 0.5              ->
         revoke eng ada until 20 -> 2: limited for 60s
         revoke eng ada          ->
         served 4                -> read
         read                    -> write eng=
         200                     -> 3: written",
    );
    // A load's read is as good.
    play(
        "eng=",
        "grant eng ada until 10 -> read
         at 1                   ->
         read limited 600       -> 1: limited for 60s
         at 3                   ->
         loaded 2               ->
         grant eng ada          -> write eng=ada
         200                    -> 2: written",
    );
    // What else keeps everybody waiting does not end by it.
    play(
        "eng=ada",
        "revoke eng ada -> read
         read limited 1 ->
         at 2           -> read
         read down      ->
         served 1       ->
         at 3           -> read",
    );
}
