//! Two rules of one section: they share their keys, and are two lists.

use super::play::play;

#[test]
fn a_change_of_another_rule_undoes_nothing() {
    play(
        "acl:a= acl:b=ada",
        "grant acl:a ada  -> read
         read             -> write acl:a=ada acl:b=ada
         timeout          -> read
         read             -> write acl:a=ada acl:b=ada
         200              ->
         revoke acl:a ada -> read
         read             -> write acl:a= acl:b=ada
         200              ->
         grant acl:b ada  -> read
         read             ->
         land             ->
         at 60            -> 1: written, read
         read             -> write acl:a= acl:b=ada
         200              -> 2: written, read
         read             -> 3: held",
    );
    play(
        "acl:a=ada acl:b=ada",
        "revoke acl:a ada -> read
         read             -> write acl:a= acl:b=ada
         timeout          -> read
         read             -> write acl:a= acl:b=ada
         200              ->
         grant acl:a ada  -> read
         read             -> write acl:a=ada acl:b=ada
         200              ->
         revoke acl:b ada -> read
         read             -> write acl:a=ada acl:b=
         200              ->
         edit acl:a= acl:b= ->
         at 60            -> 1: written, read
         read             -> write acl:a=ada acl:b=
         200              -> 2: written, read
         read             -> 3: written",
    );
}

#[test]
fn a_change_of_another_rule_waits_for_no_answer() {
    play(
        "acl:a=ada,old acl:b=",
        "revoke acl:a ada,old -> read
         read                 -> write acl:a= acl:b=
         timeout              -> read
         read                 -> write acl:a= acl:b=
         200                  ->
         grant acl:b ada      -> read
         read                 -> write acl:a= acl:b=ada
         200                  ->
         at 60                -> read
         read                 -> 1: written, read
         read                 -> 2: written",
    );
}
