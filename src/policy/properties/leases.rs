//! Members with an end.

use super::*;
use crate::policy::{Lease, leases, member_key};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const MOMENTS: [&str; 4] =
    ["2030-04-30T23:59:59Z", "2030-05-01T00:00:00Z", "2030-06-01T00:00:00Z", "2030-07-01T00:00:00Z"];
const PEOPLE: [&str; 4] = ["ada@example.com", "Bob@example.com", NEWCOMER, "group:eng"];

fn moment(which: usize) -> Timestamp {
    MOMENTS[which].parse().unwrap()
}

fn lease_until(which: usize) -> Lease {
    Lease { until: moment(which), by: which.is_multiple_of(2).then(|| "REQ-1".to_owned()) }
}

/// A wish of any kind.
fn intent(list: &ListId, kind: usize, text: &str, which: usize) -> Intent {
    let text = text.to_owned();
    let wish = match kind {
        0 => Wish::Add { text },
        1 => Wish::Remove { texts: vec![text], person: None },
        2 => Wish::Lease { text, lease: lease_until(which) },
        3 => Wish::End { text, passed: moment(which) },
        _ => Wish::Restore { text, lease: lease_until(which) },
    };
    Intent::new(list.clone(), wish)
}

/// The ends of the elements of each member of each list, `None` where one stays for good.
type Ends = Vec<BTreeMap<String, BTreeSet<Option<(Timestamp, Option<String>)>>>>;

fn ends(text: &str) -> Ends {
    let elements = elements(text).into_iter();
    let of_list = |list: Vec<(String, Option<Lease>)>| {
        let mut members: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
        for (text, lease) in list {
            let end = lease.map(|Lease { until, by }| (until, by));
            members.entry(member_key(&text).into_owned()).or_default().insert(end);
        }
        members
    };
    elements.map(of_list).collect()
}

/// The strings of each list, in the order of [`lists`], and their ends.
fn elements(text: &str) -> Vec<Vec<(String, Option<Lease>)>> {
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let named = policy.groups.iter().chain(&policy.tags).map(|named| &named.list);
    let lists = named.chain(policy.rules.iter().map(|rule| &rule.sources)).flatten();
    let element = |item: &super::super::Item<'_>| (item.text.to_string(), Lease::of(&item.directives()));
    lists.map(|list| list.items.iter().map(element).collect()).collect()
}

proptest! {
    #[test]
    fn a_grant_with_an_end_then_a_revoke_gives_back_the_bytes(text in policy()) {
        for (list, span) in lists(&text) {
            let grant = [intent(&list, 2, NEWCOMER, 1)];
            let (outcomes, leased) = carry_out(&text, &grant);
            prop_assert_eq!(&outcomes, &[Outcome::Edited]);
            prop_assert_eq!(&leased[..=span.start], &text[..=span.start]);
            prop_assert!(leased.ends_with(&text[span.end - 1..]));
            let (outcomes, again) = carry_out(&leased, &grant);
            prop_assert_eq!((&outcomes[..], &again), (&[Outcome::Holds][..], &leased));
            let document = parse(leased.as_bytes()).unwrap();
            let told = leases(&Policy::read(&document).unwrap());
            let told: Vec<_> = told.iter().filter(|leased| leased.text == NEWCOMER).collect();
            prop_assert_eq!(told.len(), 1);
            prop_assert_eq!((&told[0].list, &told[0].lease), (&list, &lease_until(1)));
            for takes_away in [remove(&list, NEWCOMER), intent(&list, 3, NEWCOMER, 1)] {
                let (outcomes, revoked) = carry_out(&leased, &[takes_away]);
                prop_assert_eq!((&outcomes[..], &revoked), (&[Outcome::Edited][..], &text));
            }
        }
    }

    #[test]
    fn an_end_comes_and_goes_without_a_trace(text in policy()) {
        for (list, _) in lists(&text) {
            let (_, added) = carry_out(&text, &[add(&list, NEWCOMER)]);
            let (outcomes, leased) = carry_out(&added, &[intent(&list, 4, NEWCOMER, 2)]);
            prop_assert_eq!(&outcomes, &[Outcome::Edited]);
            let (outcomes, renewed) = carry_out(&leased, &[intent(&list, 2, NEWCOMER, 1)]);
            prop_assert_eq!(&outcomes, &[Outcome::Edited]);
            let (outcomes, released) = carry_out(&renewed, &[add(&list, NEWCOMER)]);
            prop_assert_eq!((&outcomes[..], &released), (&[Outcome::Edited][..], &added));
        }
    }

    #[test]
    fn an_end_removes_what_has_ended_alone(text in policy(), person in 0..4_usize, which in 0..4_usize) {
        let before = elements(&text);
        for (index, (list, _)) in lists(&text).iter().enumerate() {
            let (_, after) = carry_out(&text, &[intent(list, 3, PEOPLE[person], which)]);
            let mut expected = before.clone();
            expected[index].retain(|(text, lease)| {
                let has_ended = lease.as_ref().is_some_and(|lease| lease.until <= moment(which));
                member_key(text) != member_key(PEOPLE[person]) || !has_ended
            });
            prop_assert_eq!(elements(&after), expected);
        }
    }

    #[test]
    fn a_batch_does_what_its_wishes_do_one_by_one(
        text in policy(),
        wishes in prop::collection::vec((0..6_usize, 0..5_usize, 0..4_usize, 0..4_usize), 0..12),
    ) {
        let lists = lists(&text);
        let intents: Vec<Intent> = wishes
            .into_iter()
            .map(|(list, kind, person, which)| intent(&lists[list].0, kind, PEOPLE[person], which))
            .collect();
        let (mut outcomes, mut one_by_one) = (Vec::new(), text.clone());
        for intent in &intents {
            let (mut outcome, new) = carry_out(&one_by_one, std::slice::from_ref(intent));
            outcomes.append(&mut outcome);
            one_by_one = new;
        }
        let (together, new) = carry_out(&text, &intents);
        prop_assert_eq!(together, outcomes);
        prop_assert_eq!(ends(&new), ends(&one_by_one));
    }
}
