//! Intents on any text: what is planned is always proved; twice equals once, and what was added is
//! removed without a trace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tailgrant_fuzz::policy::{Intent, ListId, Outcome, Policy, Wish, parse, plan};

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
        if wish[1] & 8 == 0 { add(list, principal) } else { remove(list, principal) }
    };
    let intents: Vec<Intent> = wishes.chunks_exact(2).map(intent).collect();

    let (outcomes, new) = carry_out(text, &intents);
    assert_eq!(outcomes.len(), intents.len());
    let [only] = &intents[..] else { return };
    // Adding to a rule without an id of its own keeps the id: it is made of everything but the sources.
    let (again, same) = carry_out(&new, &intents);
    assert_eq!((&again[0] == &Outcome::Edited, &same), (false, &new), "twice equals once");
    if let (Wish::Add { text: principal }, [Outcome::Edited]) = (&only.wish, &outcomes[..]) {
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

fn add(list: &ListId, principal: &str) -> Intent {
    Intent::new(list.clone(), Wish::Add { text: principal.to_owned() })
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
