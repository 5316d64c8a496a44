//! What holds for every policy, whatever it looks like.

mod leases;

use super::{Intent, ListId, Outcome, Policy, Section, Wish, parse, plan};
use proptest::prelude::*;
use std::ops::Range;

const NEWCOMER: &str = "New.Comer@example.com";

/// Listed members: none is the newcomer, in no spelling.
const MEMBERS: [&str; 9] = [
    r#""ada@example.com""#,
    r#""ADA@Example.com ""#,
    r#"" \u0061da@example.com""#,
    r#""bob@example.com""#,
    r#""group:eng""#,
    r#""caf\u00e9 // no /* comment""#,
    "7",
    "null",
    "{\"a\": [\"ada@example.com\"]}",
];

/// What may stand between two tokens.
const GAPS: [&str; 14] = [
    "",
    " ",
    "\n\t",
    "\r\n    ",
    " // people\n  ",
    " /* inline */ ",
    "\n\n  // a paragraph\n\n  ",
    "\n  // above\n  ",
    "/**/",
    " // tailgrant: by=x\r\n",
    " // tailgrant: until=2030-05-01T00:00:00Z by=x\n\t",
    " /* tailgrant: until=2030-06-01T00:00:00Z */ ",
    " /* tailgrant: note until=2030-05-01T00:00:00Z\r\n * on call */ ",
    " // tailgrant: until=2030-05-01T00:00:00Z until=2030-06-01T00:00:00Z\n",
];

fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just(" "), 2 => Just("\n    "), 2 => prop::sample::select(&GAPS[..])]
}

/// An array in one of all layouts.
fn array() -> impl Strategy<Value = String> {
    let element = (gap(), prop::sample::select(&MEMBERS[..]), gap());
    (prop::collection::vec(element, 0..6), gap(), any::<bool>()).prop_map(
        |(elements, end, trailing_comma)| {
            let count = elements.len();
            let mut text = "[".to_owned();
            for (index, (before, element, after)) in elements.into_iter().enumerate() {
                text += before;
                text += element;
                text += after;
                if index + 1 < count || trailing_comma {
                    text += ",";
                }
            }
            text + end + "]"
        },
    )
}

fn policy() -> impl Strategy<Value = String> {
    let arrays = prop::collection::vec((array(), gap()), 6);
    (arrays, any::<bool>()).prop_map(|(arrays, legacy)| {
        let array = |index: usize| &arrays[index].0;
        let gap = |index: usize| arrays[index].1;
        let (src, dst) = if legacy { ("Users", "PORTS") } else { ("src", "dst") };
        [
            format!("// head\n{{\"groups\":{{\"group:eng\":{}{},", array(0), gap(0)),
            format!("\"group:ops\": {}}},{}\"tagOwners\": {{\"tag:db\":{}}},", array(1), gap(1), array(2)),
            format!("\"acls\": [\n// tailgrant: id=one\n{{\"{src}\": {},", array(3)),
            format!("\"{dst}\": [\"tag:db:1\"],\"action\": \"accept\"}},{}", gap(3)),
            format!("{{\"action\": \"accept\", {}\"{dst}\": [\"tag:db:2\"],", gap(4)),
            format!("\"{src}\": {}}},{}], // rules", array(4), gap(5)),
            "\"ssh\": [// first\n{\"action\": \"check\", \"users\": [\"root\"], \"dst\": [\"tag:db\"],"
                .to_owned(),
            format!("\"src\": {}}}]}} // end\n", array(5)),
        ]
        .join("\n")
    })
}

/// The lists of a policy, with the bytes of their arrays.
fn lists(text: &str) -> Vec<(ListId, Range<usize>)> {
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let groups = policy.groups.iter().map(|named| (ListId::Group(named.name.to_string()), &named.list));
    let tags = policy.tags.iter().map(|named| (ListId::TagOwners(named.name.to_string()), &named.list));
    let rules = policy.rules.iter().map(|rule| (ListId::Rule(rule.section, rule.id.clone()), &rule.sources));
    let lists = groups.chain(tags).chain(rules);
    lists.map(|(id, list)| (id, list.as_ref().unwrap().value.span())).collect()
}

fn add(list: &ListId, text: &str) -> Intent {
    Intent::new(list.clone(), Wish::Add { text: text.to_owned() })
}

fn remove(list: &ListId, text: &str) -> Intent {
    Intent::new(list.clone(), Wish::Remove { texts: vec![text.to_owned()], person: None })
}

/// The outcomes and the proved text.
fn carry_out(text: &str, intents: &[Intent]) -> (Vec<Outcome>, String) {
    let plan = plan(text.as_bytes(), intents).unwrap();
    let proved = plan.prove().unwrap_or_else(|unproved| panic!("{unproved}: {:?}\n{text}", plan.edits()));
    let new = proved.map_or_else(|| text.to_owned(), |bytes| String::from_utf8(bytes).unwrap());
    (plan.outcomes, new)
}

proptest! {
    #[test]
    fn add_then_remove_gives_back_the_bytes(text in policy()) {
        for (list, span) in lists(&text) {
            let (outcomes, added) = carry_out(&text, &[add(&list, NEWCOMER)]);
            prop_assert_eq!(&outcomes, &[Outcome::Edited]);
            prop_assert_eq!(&added[..=span.start], &text[..=span.start]);
            prop_assert!(added.ends_with(&text[span.end - 1..]));
            let (outcomes, again) = carry_out(&added, &[add(&list, " NEW.comer@EXAMPLE.com")]);
            prop_assert_eq!((&outcomes[..], &again), (&[Outcome::Holds][..], &added));
            let (outcomes, removed) = carry_out(&added, &[remove(&list, "new.comer@example.com")]);
            prop_assert_eq!((&outcomes[..], &removed), (&[Outcome::Edited][..], &text));
        }
    }

    #[test]
    fn removing_is_proved_and_done_once(text in policy(), listed in prop::sample::select(vec!["ada@example.com", "bob@example.com", "group:eng"])) {
        for (list, span) in lists(&text) {
            let (outcomes, removed) = carry_out(&text, &[remove(&list, listed)]);
            prop_assert!(removed.starts_with(&text[..=span.start]) && removed.ends_with(&text[span.end - 1..]));
            prop_assert_eq!(outcomes == [Outcome::Edited], removed != text);
            let (outcomes, again) = carry_out(&removed, &[remove(&list, listed)]);
            prop_assert_eq!((&outcomes[..], &again), (&[Outcome::Holds][..], &removed));
        }
    }

    #[test]
    fn a_batch_does_what_its_intents_do_one_by_one(
        text in policy(),
        wishes in prop::collection::vec((0..6_usize, any::<bool>(), 0..4_usize), 0..12),
    ) {
        let lists = lists(&text);
        let people = ["ada@example.com", "Bob@example.com", NEWCOMER, "eve@example.com"];
        let intents: Vec<Intent> = wishes
            .into_iter()
            .map(|(list, is_add, person)| (&lists[list].0, is_add, people[person]))
            .map(|(list, is_add, person)| if is_add { add(list, person) } else { remove(list, person) })
            .collect();
        let (mut outcomes, mut one_by_one) = (Vec::new(), text.clone());
        for intent in &intents {
            let (mut outcome, new) = carry_out(&one_by_one, std::slice::from_ref(intent));
            outcomes.append(&mut outcome);
            one_by_one = new;
        }
        let (together, new) = carry_out(&text, &intents);
        prop_assert_eq!(together, outcomes);
        let members = |text: &str| -> Vec<Vec<String>> {
            let document = parse(text.as_bytes()).unwrap();
            let policy = Policy::read(&document).unwrap();
            let named = policy.groups.iter().chain(&policy.tags).map(|named| &named.list);
            let lists = named.chain(policy.rules.iter().map(|rule| &rule.sources)).flatten();
            let keys = lists.map(|list| list.items.iter().map(|item| super::member_key(&item.text).into_owned()));
            keys.map(|keys| {
                let mut keys: Vec<String> = keys.collect();
                keys.sort();
                keys.dedup();
                keys
            })
            .collect()
        };
        prop_assert_eq!(members(&new), members(&one_by_one));
    }

    #[test]
    fn no_bytes_bring_it_down(text in policy(), at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..4), length in 0..9_usize) {
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + length);
        bytes.splice(at..end, with);
        if let Ok(document) = parse(&bytes) {
            let _ = Policy::read(&document);
        }
        let lists = lists(&text);
        let intents: Vec<Intent> = lists.iter().flat_map(|(list, _)| [add(list, NEWCOMER), remove(list, "ada@example.com")]).collect();
        if let Ok(plan) = plan(&bytes, &intents) {
            prop_assert!(plan.prove().is_ok());
        }
    }

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let intent = add(&ListId::Rule(Section::Ssh, "ssh:x".to_owned()), NEWCOMER);
        if let Ok(plan) = plan(&bytes, &[intent]) {
            prop_assert!(plan.is_empty());
        }
    }

    #[test]
    fn selectors_have_one_key(text in "\\PC{0,20}|[a-zA-Z:@*.0-9/ \t]{0,20}") {
        let selector = super::Selector::parse(&text);
        let again = super::Selector::parse(selector.text());
        prop_assert_eq!(&again, &selector);
        prop_assert_eq!(super::member_key(selector.text()), super::member_key(&text));
    }
}
