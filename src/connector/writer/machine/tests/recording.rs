//! What gives access is only written while it can be recorded; the rest is not held up by it.

use super::play::play;

#[test]
fn a_revoke_is_written_at_the_next_read_however_many_grants_come() {
    play(
        "eng= ops=bob",
        "grant eng ada  -> read
         revoke ops bob ->
         grant eng eve  ->
         read           -> write eng=ada,eve ops=
         grant eng kim  ->
         unrecorded     -> 1: unrecorded, 3: unrecorded, read
         grant eng lou  ->
         read           -> write eng= ops=
         200            -> 2: written, read
         read           -> write eng=kim,lou ops=
         unrecorded     -> 4: unrecorded, 5: unrecorded",
    );
}

#[test]
fn who_gives_no_access_goes_by_itself_while_nothing_is_recorded() {
    play(
        "eng=old ops=bob,kim",
        "grant eng ada     -> read
         read              -> write eng=old,ada ops=bob,kim
         unrecorded        -> 1: unrecorded
         grant eng eve     -> read
         revoke ops bob    ->
         restore ops kim 9 ->
         read              -> write eng=old ops=kim@9
         revoke eng old    ->
         grant eng lou     ->
         200               -> 3: written, 4: written, read
         read              -> write eng=old,eve,lou ops=kim@9
         unrecorded        -> 2: unrecorded, 6: unrecorded, read
         read              -> write eng= ops=kim@9
         200               -> 5: written",
    );
}

#[test]
fn grants_are_not_starved_by_revokes_and_join_them_when_they_are_recorded_again() {
    play(
        "eng=old ops=bob,kim",
        "grant eng ada  -> read
         read           -> write eng=old,ada ops=bob,kim
         unrecorded     -> 1: unrecorded
         grant eng eve  -> read
         revoke ops bob ->
         read           -> write eng=old ops=kim
         revoke ops kim ->
         200            -> 3: written, read
         read           -> write eng=old,eve ops=kim
         grant eng lou  ->
         200            -> 2: written, read
         read           -> write eng=old,eve,lou ops=
         200            -> 4: written, 5: written",
    );
}
