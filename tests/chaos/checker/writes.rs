//! Whether a text of ours left everything alone that is not ours.

use std::collections::BTreeSet;
use std::ops::Range;

use super::history::{By, History, Store, Stored};
use super::lists::{Item, List, Policy};
use super::timeline::Timeline;
use super::tokens::Kind;
use super::{Rule, Violation};

pub(crate) fn check(history: &History, timeline: &Timeline) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, stored) in history.stored.iter().enumerate().skip(1) {
        if stored.by == By::Foreign {
            continue;
        }
        let Some((before, was)) = index
            .checked_sub(1)
            .and_then(|before| history.stored.get(before).zip(timeline.policies.get(before)))
        else {
            continue;
        };
        let Some(is) = timeline.policies.get(index) else { continue };
        let mut report = |rule, what| {
            let events = vec![before.to_string(), stored.to_string(), format!("before:\n{}", before.text)];
            let events = events.into_iter().chain([format!("after:\n{}", stored.text)]).collect();
            violations.push(Violation { rule, what, events });
        };
        // Layout alone has no tag of its own: the text that was edited may be any with the tag of the one that
        // was replaced.
        let mut bases = history.stored.iter().zip(&timeline.policies).take(index);
        let same = |base: &Stored, policy: &Policy| {
            base.tag == before.tag
                && outside(history.run.store, &base.text, policy, &timeline.ours)
                    == outside(history.run.store, &stored.text, is, &timeline.ours)
        };
        if !bases.any(|(base, policy)| same(base, policy)) {
            report(Rule::OthersTextStays, "something outside the lists changed".to_owned());
        }
        for id in &timeline.ours {
            let lists = |policy: &Policy| -> Vec<List> {
                policy.lists.iter().filter(|list| list.id == *id).cloned().collect()
            };
            let (were, are) = (lists(was), lists(is));
            if were.len() != are.len() {
                report(Rule::OthersElementsStay, format!("{id} came or went"));
            }
            for (was, is) in were.iter().zip(&are) {
                if let Some(what) = damage(was, is) {
                    report(Rule::OthersElementsStay, format!("{id}: {what}"));
                }
                if let Some(item) = is.items.iter().find(|item| is.count(item) > was.count(item).max(1)) {
                    report(Rule::NotTwice, format!("{} stands in {id} twice", item.key));
                }
            }
        }
    }
    violations
}

/// The text without the lists: to the byte, or word by word for a store that lays texts out.
fn outside(store: Store, text: &str, policy: &Policy, lists: &BTreeSet<String>) -> Vec<String> {
    let ranges: Vec<Range<usize>> =
        policy.lists.iter().filter(|list| lists.contains(&list.id)).map(|list| list.range.clone()).collect();
    match store {
        Store::Verbatim => {
            let mut at = 0;
            let mut parts = Vec::new();
            for range in &ranges {
                parts.push(text.get(at..range.start).unwrap_or_default().to_owned());
                at = range.end;
            }
            parts.push(text.get(at..).unwrap_or_default().to_owned());
            parts
        }
        Store::Formatted => {
            let mut tokens = policy.tokens.iter().peekable();
            let mut words = Vec::new();
            while let Some(token) = tokens.next() {
                if ranges.iter().any(|range| range.contains(&token.range.start)) {
                    // Where a list stood is told, not what was in it.
                    if ranges.iter().any(|range| range.start == token.range.start) {
                        words.push("[]".to_owned());
                    }
                    continue;
                }
                let closes = |kind: &Kind| matches!(kind, Kind::Mark('}' | ']'));
                let trailing =
                    token.kind == Kind::Mark(',') && tokens.peek().is_some_and(|next| closes(&next.kind));
                if !trailing {
                    let word = text.get(token.range.clone()).unwrap_or_default();
                    words.push(word.split_whitespace().collect::<Vec<_>>().join(" "));
                }
            }
            words
        }
    }
}

/// What we did to elements and comments that are not ours to change.
fn damage(was: &List, is: &List) -> Option<String> {
    if was.loose != is.loose {
        return Some("a comment that belongs to no element changed".to_owned());
    }
    let stays = |item: &&Item, other: &List| other.items.iter().any(|other| other.key == item.key);
    let remained = was.items.iter().filter(|item| stays(item, is));
    let remain: Vec<&Item> = is.items.iter().filter(|item| stays(item, was)).collect();
    let mut at = 0;
    for item in remained {
        // Of a selector in several spellings some may go.
        let found = remain.iter().skip(at).position(|other| other.literal == item.literal);
        match found {
            Some(0) => {
                if remain.get(at).is_some_and(|other| other.comments != item.comments) {
                    return Some(format!("the comments of {} changed", item.literal));
                }
                at += 1;
            }
            _ if was.count(item) > is.count(item) => {}
            _ => return Some(format!("{} was moved or spelled anew", item.literal)),
        }
    }
    let new = is.items.iter().find(|item| !stays(item, was) && !item.comments.is_empty());
    new.map(|item| format!("{} came with a comment", item.literal))
}

impl List {
    fn count(&self, item: &Item) -> usize {
        self.items.iter().filter(|other| other.key == item.key).count()
    }
}
