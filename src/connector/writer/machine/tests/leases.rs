//! Access with an end: adds, leases, removals and ends of one member, while a lost request lives.
//!
//! Each script first loses a write that stays alive until second 60, so that what holds waits for its end.

use super::play::play;

/// Plays a script that begins with a grant to ada whose write is lost, and whose caller leaves.
#[track_caller]
fn after_a_lost_grant(policy: &str, script: &str) {
    let begin = "grant eng ada -> read
                 read          -> write eng=ada
                 timeout       -> read
                 gone 1        ->
                 read          ->\n";
    play(policy, &format!("{begin}{script}"));
}

#[test]
fn a_lease_is_written_and_ended() {
    play(
        "eng=",
        "lease eng ada 10 -> read
         read             -> write eng=ada@10
         200              -> 1: written
         lease eng ada 10 -> read
         read             -> 2: held
         end eng ada 9    -> read
         read             -> 3: held
         end eng ada 10   -> read
         read             -> write eng=
         200              -> 4: written",
    );
}

#[test]
fn a_permanent_member_stays_permanent_and_an_untimed_grant_takes_the_end_off() {
    play(
        "eng=ada",
        "lease eng ada 10 -> read
         read             -> 1: held
         end eng ada 99   -> read
         read             -> 2: held",
    );
    play(
        "eng=ada@10",
        "grant eng ada  -> read
         read           -> write eng=ada
         200            -> 1: written
         revoke eng ada -> read
         read           -> write eng=
         200            -> 2: written",
    );
}

#[test]
fn a_renewal_is_not_undone_by_the_old_end() {
    play(
        "eng=ada@10",
        "end eng ada 10   -> read
         read             -> write eng=
         edit eng=ada@99  ->
         412              -> read
         read             -> 1: held",
    );
    play(
        "eng=ada@10",
        "lease eng ada 99 -> read
         end eng ada 10   ->
         read             -> write eng=ada@99
         200              -> 1: written, read
         read             -> 2: held",
    );
}

#[test]
fn a_lease_that_waits_does_not_write_its_end_over_a_later_one() {
    for (renewal, text) in [("lease eng ada 99", "eng=ada@99"), ("grant eng ada", "eng=ada")] {
        after_a_lost_grant(
            "eng=",
            &format!(
                "lease eng ada 10 -> read
                 read             -> write eng=ada@10
                 200              ->
                 {renewal}        -> read
                 read             -> write {text}
                 200              ->
                 at 60            -> read
                 read             -> 2: written, 3: written"
            ),
        );
    }
}

#[test]
fn a_lease_is_answered_with_the_renewal_and_not_before() {
    after_a_lost_grant(
        "eng=",
        "lease eng ada 10 -> read
         read             -> write eng=ada@10
         200              ->
         lease eng ada 99 -> read
         read             -> write eng=ada@99
         200              ->
         edit eng=        ->
         at 60            -> read
         read             -> write eng=ada@99
         200              -> 2: written, 3: written",
    );
}

#[test]
fn a_lease_is_checked_after_all_if_the_renewal_is_given_up() {
    after_a_lost_grant(
        "eng=",
        "lease eng ada 10 -> read
         read             -> write eng=ada@10
         200              ->
         lease eng ada 99 -> read
         read             -> write eng=ada@99
         200              ->
         gone 3           ->
         edit eng=        ->
         at 60            -> read
         read             -> write eng=ada@10
         200              -> 2: written",
    );
}

#[test]
fn the_last_of_several_renewals_counts() {
    after_a_lost_grant(
        "eng=",
        "lease eng ada 10 -> read
         read             -> write eng=ada@10
         200              ->
         lease eng ada 20 -> read
         read             -> write eng=ada@20
         200              ->
         lease eng ada 30 -> read
         read             -> write eng=ada@30
         200              ->
         gone 4           ->
         at 60            -> read
         read             -> write eng=ada@20
         200              -> 2: written, 3: written",
    );
}

#[test]
fn an_end_that_holds_leaves_a_waiting_grant_to_be_checked() {
    after_a_lost_grant(
        "eng=",
        "grant eng ada  -> read
         read           -> write eng=ada
         200            ->
         end eng ada 50 -> read
         read           ->
         edit eng=      ->
         at 60          -> read
         read           -> write eng=ada
         200            -> 2: written, read
         read           -> 3: held",
    );
    after_a_lost_grant(
        "eng=",
        "lease eng ada 99 -> read
         read             -> write eng=ada@99
         200              ->
         end eng ada 50   -> read
         read             ->
         edit eng=        ->
         at 60            -> read
         read             -> write eng=ada@99
         200              -> 2: written, read
         read             -> 3: held",
    );
}

#[test]
fn a_lease_whose_end_was_carried_out_is_not_given_anew() {
    after_a_lost_grant(
        "eng=",
        "lease eng ada 10 -> read
         read             -> write eng=ada@10
         200              ->
         end eng ada 10   -> read
         read             -> write eng=
         200              ->
         at 60            -> 2: written, read
         read             -> 3: written",
    );
}

#[test]
fn an_end_that_waits_leaves_a_later_grant_alone() {
    for (grant, text) in [("lease eng ada 99", "eng=ada@99"), ("grant eng ada", "eng=ada")] {
        after_a_lost_grant(
            "eng=ada@10",
            &format!(
                "end eng ada 10 -> read
                 read           -> write eng=
                 200            ->
                 {grant}        -> read
                 read           -> write {text}
                 200            ->
                 at 60          -> read
                 read           -> 2: written, read
                 read           -> 3: written"
            ),
        );
    }
}

#[test]
fn a_lease_undoes_a_removal_that_waits_and_a_removal_a_lease() {
    after_a_lost_grant(
        "eng=",
        "revoke eng ada   -> read
         read             ->
         lease eng ada 99 -> read
         read             -> write eng=ada@99
         200              ->
         at 60            -> 2: held, read
         read             -> 3: written",
    );
    after_a_lost_grant(
        "eng=",
        "lease eng ada 99 -> read
         read             -> write eng=ada@99
         200              ->
         revoke eng ada   -> read
         read             -> write eng=
         200              ->
         at 60            -> 2: written, read
         read             -> 3: written",
    );
}

#[test]
fn a_shorter_end_that_was_carried_out_answers_the_longer_one_too() {
    after_a_lost_grant(
        "eng=",
        "lease eng ada 99 -> read
         read             -> write eng=ada@99
         200              ->
         lease eng ada 10 -> read
         read             -> write eng=ada@10
         200              ->
         end eng ada 10   -> read
         read             -> write eng=
         200              ->
         at 60            -> 2: written, 3: written, read
         read             -> 4: written",
    );
}

#[test]
fn an_end_that_was_lost_is_put_back_unless_somebody_grants() {
    play(
        "eng=ada",
        "restore eng ada 99 -> read
         read               -> write eng=ada@99
         200                -> 1: written
         grant eng ada      -> read
         restore eng ada 99 -> 3: held
         read               -> write eng=ada
         200                -> 2: written",
    );
    play(
        "eng=ada",
        "revoke eng ada     -> read
         read               -> write eng=
         timeout            -> read
         gone 1             ->
         read               ->
         restore eng ada 99 -> read
         read               -> write eng=ada@99
         200                ->
         grant eng ada      -> read
         read               -> write eng=ada
         200                ->
         at 60              -> read
         read               -> 2: written, 3: written",
    );
}

#[test]
fn a_restore_that_finds_nobody_undoes_no_removal() {
    after_a_lost_grant(
        "eng=",
        "revoke eng ada     -> read
         read               ->
         restore eng ada 99 -> read
         read               ->
         land               ->
         at 60              -> read
         read               -> write eng=
         200                -> 2: written, read
         read               -> 3: held",
    );
}

#[test]
fn access_is_not_given_after_its_end() {
    play(
        "eng=",
        "lease eng ada 10 ending 5 -> read
         grant eng bob    ->
         at 5             ->
         read             -> 1: ended, write eng=bob
         200              -> 2: written
         lease eng ada 10 ending 6 -> read
         read             -> write eng=bob,ada@10
         edit eng=bob,kim ->
         at 6             ->
         412              -> read
         read             -> 3: ended",
    );
    play(
        "eng= tests",
        "lease eng ada 10 ending 5 -> read
         read             -> foresee 1
         at 5             ->
         foreseen         -> 1: ended",
    );
}

#[test]
fn access_that_stands_or_was_given_in_time_is_told() {
    play(
        "eng=",
        "lease eng ada 10 ending 5 -> read
         read             -> write eng=ada@10
         timeout stored   -> read
         at 6             ->
         read             -> 1: written",
    );
    after_a_lost_grant(
        "eng=",
        "lease eng ada 10 ending 5 -> read
         read             -> write eng=ada@10
         200              ->
         edit eng=        ->
         at 60            -> read
         read             -> 2: written",
    );
}

#[test]
fn access_that_may_have_been_given_is_uncertain_after_its_end() {
    play(
        "eng=",
        "lease eng ada 10 ending 5 -> read
         read             -> write eng=ada@10
         timeout          -> read
         at 6             ->
         read             ->
         at 60            -> read
         read             -> 1: unknown",
    );
}
