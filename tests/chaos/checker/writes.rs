//! Whether a text of ours left everything alone that is not ours: outside the lists whose members or ends it changes
//! all is as it was, to the byte where the store keeps bytes; inside them everybody else is.

use super::cause::may_reword;
use super::history::{By, History, Store, Stored};
use super::layout::relaid;
use super::lists::{Item, List, Policy};
use super::timeline::Timeline;
use super::tokens::Kind;
use super::{Rule, Violation};

pub(crate) fn check(history: &History, timeline: &Timeline) -> Vec<Violation> {
    let texts: Vec<(&Stored, &Policy)> = history.stored.iter().zip(&timeline.policies).collect();
    let mut violations = Vec::new();
    for (index, pair) in texts.windows(2).enumerate() {
        let [(before, was), (stored, is)] = *pair else { continue };
        if stored.by == By::Foreign {
            continue;
        }
        let bases = texts.get(..=index).unwrap_or_default();
        let bases = bases.iter().filter(|(base, _)| base.tag == before.tag);
        let found = match touched(was, is) {
            Some(touched) => {
                let mut found = judge_outside(history.run.store, bases, (stored, is), &touched);
                for (was, is) in touched.iter().filter_map(|at| was.lists.get(*at).zip(is.lists.get(*at))) {
                    let may_reword = |item: &Item| {
                        may_reword(history, stored, &(is.id.clone(), item.key.clone()), item.until)
                    };
                    found.extend(judge_list(was, is, &may_reword));
                }
                found
            }
            None => vec![(Rule::OthersElementsStay, "a list came or went".to_owned())],
        };
        violations.extend(found.into_iter().map(|(rule, what)| {
            let events = [before.to_string(), stored.to_string(), format!("before:\n{}", before.text)];
            let events = events.into_iter().chain([format!("after:\n{}", stored.text)]).collect();
            Violation { rule, what, events }
        }));
    }
    violations
}

/// The places of the lists that a write changes: somebody came or went, or has another end. `None`: the lists are
/// not the same ones.
fn touched(was: &Policy, is: &Policy) -> Option<Vec<usize>> {
    let same_lists = was.lists.iter().map(|list| &list.id).eq(is.lists.iter().map(|list| &list.id));
    let same = |was: &List, is: &List| {
        let words = |list: &List| -> Vec<_> {
            list.items.iter().map(|item| (item.literal.clone(), item.until, item.words.clone())).collect()
        };
        words(was) == words(is)
    };
    let lists = was.lists.iter().zip(&is.lists).enumerate();
    same_lists.then(|| lists.filter(|(_, (was, is))| !same(was, is)).map(|(at, _)| at).collect())
}

/// What is wrong outside the lists that were touched, and with the layout in them. Layout alone has no tag of its own:
/// the text that was edited may be any with the tag of the one that was replaced.
fn judge_outside<'t>(
    store: Store,
    bases: impl Iterator<Item = &'t (&'t Stored, &'t Policy)>,
    (stored, is): (&Stored, &Policy),
    touched: &[usize],
) -> Vec<(Rule, String)> {
    let outside_is = outside(store, &stored.text, is, touched);
    let mut relaid_list = None;
    for (base, policy) in bases.filter(|(base, was)| outside(store, &base.text, was, touched) == outside_is) {
        if store == Store::Formatted {
            return Vec::new();
        }
        let mut lists = touched.iter().filter_map(|at| policy.lists.get(*at).zip(is.lists.get(*at)));
        let what = lists.find_map(|(was, list)| {
            let what = relaid((&base.text, policy, was), (&stored.text, is, list))?;
            Some(format!("{}: {what}", list.id))
        });
        match what {
            Some(what) => relaid_list = Some(what),
            None => return Vec::new(),
        }
    }
    vec![match relaid_list {
        Some(what) => (Rule::OthersElementsStay, what),
        None => (Rule::OthersTextStays, "something outside the changed lists changed".to_owned()),
    }]
}

/// The text without the lists that were touched: to the byte, or word by word for a store that lays texts out.
fn outside<'t>(store: Store, text: &'t str, policy: &Policy, touched: &[usize]) -> Vec<&'t str> {
    let ranges: Vec<_> =
        touched.iter().filter_map(|at| policy.lists.get(*at)).map(|list| list.range.clone()).collect();
    match store {
        Store::Verbatim => {
            let starts = ranges.iter().map(|range| range.end);
            let ends = ranges.iter().map(|range| range.start).chain([text.len()]);
            let parts = std::iter::once(0).chain(starts).zip(ends);
            parts.map(|(start, end)| text.get(start..end).unwrap_or_default()).collect()
        }
        Store::Formatted => {
            let mut tokens = policy.tokens.iter().peekable();
            let mut words = Vec::new();
            while let Some(token) = tokens.next() {
                if let Some(range) = ranges.iter().find(|range| range.contains(&token.range.start)) {
                    // Where a list stood is told, not what was in it.
                    if range.start == token.range.start {
                        words.push("[]");
                    }
                    continue;
                }
                let closes = |kind: &Kind| matches!(kind, Kind::Mark('}' | ']'));
                let trailing =
                    token.kind == Kind::Mark(',') && tokens.peek().is_some_and(|next| closes(&next.kind));
                if !trailing {
                    words.extend(text.get(token.range.clone()).unwrap_or_default().split_whitespace());
                }
            }
            words
        }
    }
}

fn judge_list(was: &List, is: &List, may_reword: &dyn Fn(&Item) -> bool) -> Vec<(Rule, String)> {
    let damage =
        damage(was, is, may_reword).map(|what| (Rule::OthersElementsStay, format!("{}: {what}", is.id)));
    let twice = is.items.iter().find(|item| is.count(item) > was.count(item).max(1));
    let twice = twice.map(|item| (Rule::NotTwice, format!("{} stands in {} twice", item.key, is.id)));
    damage.into_iter().chain(twice).collect()
}

/// What we did to elements and comments that are not ours to change.
fn damage(was: &List, is: &List, may_reword: &dyn Fn(&Item) -> bool) -> Option<String> {
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
                let same =
                    |is: fn(&Item) -> &Vec<String>| remain.get(at).is_none_or(|other| is(other) == is(item));
                if !same(|item| &item.comments) {
                    return Some(format!("the comments of {} changed", item.literal));
                }
                let same_end = remain.get(at).is_some_and(|other| other.until == item.until);
                if same_end && !same(|item| &item.words) && !may_reword(item) {
                    return Some(format!("{} has its end in other words", item.literal));
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
