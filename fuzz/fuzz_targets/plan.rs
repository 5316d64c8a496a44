//! Intents on any text: what is planned is always proved; twice equals once, and what was added, with an end
//! or without, is removed without a trace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailgrant_fuzz::policy::{Intent, Lease, ListId, Outcome, Policy, Wish, parse, plan};

/// Principals of every kind, in spellings that are one.
const PRINCIPALS: [&str; 8] = [
    "ada@example.com",
    " ADA@Example.com",
    "group:eng",
    "tag:db",
    "autogroup:admin",
    "*",
    "10.0.0.0/8",
    "p\u{e4}r@example.com",
];

/// Ends; the last one is rounded when it is written.
const MOMENTS: [&str; 4] =
    ["2030-01-31T12:00:00Z", "2030-01-31T12:00:01Z", "0000-01-01T00:00:00Z", "2030-01-31T12:00:00.5Z"];

// A few intents of two bytes each, then the text.
fuzz_target!(|input: &[u8]| {
    let Some((count, rest)) = input.split_first() else { return };
    let Some((wishes, text)) = rest.split_at_checked(usize::from(count % 4) * 2) else { return };
    let Ok(document) = parse(text) else { return };
    let Ok(policy) = Policy::read(&document) else { return };
    let lists = lists(&policy);
    if lists.is_empty() {
        return;
    }
    let intent = |wish: &[u8]| {
        let (list, principal) =
            (&lists[usize::from(wish[0]) % lists.len()], PRINCIPALS[usize::from(wish[1] & 7)]);
        let text = principal.to_owned();
        let until = MOMENTS[usize::from(wish[1] >> 6)].parse().expect("it is a moment");
        let lease = Lease { until, by: (wish[1] & 64 == 0).then(|| "REQ-1".to_owned()) };
        match wish[1] >> 3 & 7 {
            0 | 5 => Intent::new(list.clone(), Wish::Add { text }),
            2 | 6 => Intent::new(list.clone(), Wish::Lease { text, lease }),
            3 => Intent::new(list.clone(), Wish::End { text, passed: until }),
            4 => Intent::new(list.clone(), Wish::Restore { text, lease }),
            _ => remove(list, principal),
        }
    };
    let intents: Vec<Intent> = wishes.chunks_exact(2).map(intent).collect();

    let (outcomes, new) = carry_out(text, &intents);
    assert_eq!(outcomes.len(), intents.len());
    let [only] = &intents[..] else { return };
    // Adding to a rule without an id of its own keeps the id: it is made of everything but the sources.
    let (again, same) = carry_out(&new, &intents);
    assert_eq!((&again[0] == &Outcome::Edited, &same), (false, &new), "twice equals once");
    let (Wish::Add { text: principal } | Wish::Lease { text: principal, .. }) = &only.wish else { return };
    // One that was there has got another end, or none.
    if outcomes == [Outcome::Edited] && remove_only(text, &only.list, principal) == [Outcome::Holds] {
        let (outcomes, restored) = carry_out(&new, &[remove(&only.list, principal)]);
        assert_eq!((&outcomes[..], &restored[..]), (&[Outcome::Edited][..], text), "removed without a trace");
    }
});

fn lists(policy: &Policy<'_>) -> Vec<ListId> {
    let groups = policy.groups.iter().map(|named| ListId::Group(named.name.to_string()));
    let tags = policy.tags.iter().map(|named| ListId::TagOwners(named.name.to_string()));
    let rules = policy.rules.iter().map(|rule| ListId::Rule(rule.section, rule.id.clone()));
    groups.chain(tags).chain(rules).collect()
}

fn remove_only(text: &[u8], list: &ListId, principal: &str) -> Vec<Outcome> {
    carry_out(text, &[Intent { direct_only: true, ..remove(list, principal) }]).0
}

fn remove(list: &ListId, principal: &str) -> Intent {
    Intent::new(list.clone(), Wish::Remove { texts: vec![principal.to_owned()], person: None })
}

/// The outcomes, and the proved text.
fn carry_out(text: &[u8], intents: &[Intent]) -> (Vec<Outcome>, Vec<u8>) {
    let plan = plan(text, intents).expect("the text was read before");
    let proved = plan.prove().expect("what is planned is proved");
    let new = proved.unwrap_or_else(|| text.to_vec());
    (plan.outcomes, new)
}
