//! What a later intent makes of an earlier one on the same list and principal.

use crate::policy::Wish;

/// What a later wish means to an earlier one, once both have held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Both are to be true: the earlier one is checked first, and then the later one.
    Nothing,
    /// It takes back what the earlier one wished, so that of the earlier one nothing is left to check.
    Undoes,
    /// It wishes the same membership with another end, or with none: while it is there, the earlier one's
    /// own end is not to be written again.
    Renews,
}

/// What `later` means to `earlier`. The table in [`super`] says why.
pub(super) fn effect(later: &Wish, earlier: &Wish) -> Effect {
    match (earlier, later) {
        (Wish::Add { .. } | Wish::Lease { .. }, Wish::Remove { .. })
        | (Wish::Remove { .. }, Wish::Add { .. } | Wish::Lease { .. }) => Effect::Undoes,
        (Wish::Lease { lease, .. }, Wish::End { passed, .. }) if lease.until <= *passed => Effect::Undoes,
        (Wish::Lease { lease: before, .. }, Wish::Lease { lease: after, .. }) if before != after => {
            Effect::Renews
        }
        (Wish::Lease { .. } | Wish::Restore { .. }, Wish::Add { .. })
        | (Wish::Restore { .. }, Wish::Lease { .. }) => Effect::Renews,
        (
            Wish::Add { .. }
            | Wish::Lease { .. }
            | Wish::Remove { .. }
            | Wish::End { .. }
            | Wish::Restore { .. },
            _,
        ) => Effect::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::policy::Lease;

    /// A wish by its word; the number is when it ends, or what has passed.
    fn wish(word: &str) -> Wish {
        let (verb, number) = word.split_once(' ').unwrap_or((word, "0"));
        let text = "ada@example.com".to_owned();
        let moment = Timestamp::from_second(number.parse().unwrap()).unwrap();
        let lease = Lease { until: moment, by: None };
        match verb {
            "add" => Wish::Add { text },
            "lease" => Wish::Lease { text, lease },
            "remove" => Wish::Remove { texts: vec![text], person: None },
            "end" => Wish::End { text, passed: moment },
            "restore" => Wish::Restore { text, lease },
            other => panic!("no such wish: {other}"),
        }
    }

    #[track_caller]
    fn check(earlier: &str, later: &[(&str, Effect)]) {
        for (word, expected) in later {
            assert_eq!(effect(&wish(word), &wish(earlier)), *expected, "{word} after {earlier}");
        }
    }

    #[test]
    fn every_pair_of_wishes() {
        use Effect::{Nothing, Renews, Undoes};
        check(
            "add",
            &[
                ("add", Nothing),
                ("lease 9", Nothing),
                ("remove", Undoes),
                ("end 9", Nothing),
                ("restore 9", Nothing),
            ],
        );
        check(
            "lease 5",
            &[
                ("add", Renews),
                ("lease 5", Nothing),
                ("lease 9", Renews),
                ("lease 3", Renews),
                ("remove", Undoes),
                ("end 4", Nothing),
                ("end 5", Undoes),
                ("end 9", Undoes),
                ("restore 9", Nothing),
            ],
        );
        check(
            "remove",
            &[
                ("add", Undoes),
                ("lease 9", Undoes),
                ("remove", Nothing),
                ("end 9", Nothing),
                ("restore 9", Nothing),
            ],
        );
        check(
            "end 5",
            &[
                ("add", Nothing),
                ("lease 9", Nothing),
                ("remove", Nothing),
                ("end 9", Nothing),
                ("restore 9", Nothing),
            ],
        );
        check(
            "restore 5",
            &[
                ("add", Renews),
                ("lease 9", Renews),
                ("remove", Nothing),
                ("end 9", Nothing),
                ("restore 9", Nothing),
            ],
        );
    }
}
