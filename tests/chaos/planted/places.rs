//! Where a bug in a history surely is one: nobody else can have done what it does.

use std::ops::Range;

use super::wants;
use crate::checker::lists::{Item, Policy, key, read};
use crate::checker::{Answer, By, Call, History, Op};

/// A history, and who was in which list in each text.
pub(super) struct Places<'h> {
    pub(super) history: &'h History,
    policies: Vec<Policy>,
}

impl<'h> Places<'h> {
    pub(super) fn of(history: &'h History) -> Self {
        Self { history, policies: history.stored.iter().map(|stored| read(&stored.text)).collect() }
    }

    fn item(&self, text: usize, list: &str, member: &str) -> Option<&Item> {
        let list = self.policies[text].lists.iter().find(|known| known.id == list)?;
        list.items.iter().find(|item| item.key == member)
    }

    /// How what a call is about stood in a text.
    fn item_of(&self, text: usize, call: &Call) -> Option<&Item> {
        self.item(text, &call.list, &key(&call.principal))
    }

    /// The texts that were in effect at some time between two.
    fn in_effect(&self, from: u64, to: u64) -> impl Iterator<Item = usize> {
        let stored = &self.history.stored;
        (0..stored.len()).filter(move |&text| {
            stored[text].at <= to && stored.get(text + 1).is_none_or(|next| next.at >= from)
        })
    }

    fn is_ours(&self, text: usize) -> bool {
        self.history.stored.get(text).is_some_and(|stored| stored.by != By::Foreign)
    }

    /// The texts that we wrote.
    pub(super) fn written(&self) -> impl Iterator<Item = usize> {
        (1..self.history.stored.len()).filter(|&text| self.is_ours(text))
    }

    /// Grants without an OK of people who were not in the list at any time of the call.
    pub(super) fn without_effect(&self) -> impl Iterator<Item = usize> {
        let slack = 2 * self.history.run.slack;
        self.calls(move |call, answered| {
            !call.answer.is_ok()
                && wants(call.op)
                && self
                    .in_effect(call.called.saturating_sub(slack), answered + slack)
                    .all(|text| self.item_of(text, call).is_none())
        })
    }

    /// Calls that were told that it was so, and for as long as a request can have been under way it was.
    pub(super) fn found_so(&self) -> impl Iterator<Item = usize> {
        let slack = 2 * self.history.run.slack;
        let before = slack + self.history.run.lifetime;
        self.calls(move |call, answered| {
            let mut texts = self.in_effect(call.called.saturating_sub(before), answered + slack);
            let first = texts.next().and_then(|text| self.item_of(text, call));
            call.answer == Answer::Held && texts.all(|text| self.item_of(text, call) == first)
        })
    }

    fn calls(&self, is: impl Fn(&Call, u64) -> bool) -> impl Iterator<Item = usize> {
        let calls = self.history.calls.iter().enumerate();
        calls.filter(move |(_, call)| call.answered.is_some_and(|at| is(call, at))).map(|(call, _)| call)
    }

    /// Texts with which came what a call was told to have changed, the only ones in its time in which it is so.
    pub(super) fn made_by_one_text(&self) -> impl Iterator<Item = usize> {
        let (stored, slack) = (&self.history.stored, 2 * self.history.run.slack);
        self.written().filter(move |&text| {
            let is_so = |text: usize, call: &Call| self.item_of(text, call).is_some() == wants(call.op);
            self.history.calls.iter().any(|call| {
                let Some(answered) = call.answered else { return false };
                let mut texts = self.in_effect(call.called.saturating_sub(slack), answered + slack);
                call.answer == Answer::Changed
                    && (call.called..=answered).contains(&stored[text].at)
                    && stored.get(text + 1).is_none_or(|next| next.at > answered + slack)
                    && is_so(text, call)
                    && texts.all(|other| other >= text || !is_so(other, call))
            })
        })
    }

    /// Members who came with a text of ours: where they stand in it.
    pub(super) fn came(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        self.written().flat_map(move |text| {
            let items = self.items(text).filter(move |(list, item)| {
                self.item(text - 1, list, &item.key).is_none() && self.lists(text) == self.lists(text - 1)
            });
            items.filter_map(move |(list, item)| Some((text, self.range(text, list, item)?)))
        })
    }

    /// Texts of ours with which somebody came who was taken out again later, each with a text after which nobody
    /// waits any more for what would bring that one back.
    pub(super) fn undone(&self) -> impl Iterator<Item = (usize, usize)> {
        let stored = &self.history.stored;
        self.written().filter_map(move |text| {
            let mut came =
                self.items(text).filter(|(list, item)| self.item(text - 1, list, &item.key).is_none());
            came.find_map(|(list, item)| {
                let after = (text + 1..stored.len()).find(|&after| {
                    self.item(after, list, &item.key).is_none()
                        && stored[after].tag != stored[text - 1].tag
                        && !self.is_asked_for(list, &item.key, true, stored[after].at)
                })?;
                Some((text, after))
            })
        })
    }

    /// Texts in which somebody has an end that has not come, and nobody waits for the revoke: the line.
    pub(super) fn leased(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (stored, run) = (&self.history.stored, &self.history.run);
        (0..stored.len()).filter_map(move |text| {
            let mut leased = self.items(text).filter(move |(list, item)| {
                let at = stored[text].at;
                let end = item.until.map_or(0, |until| run.time_of(until));
                end > at + run.clock_tolerance + 2 * run.slack
                    && !self.is_asked_for(list, &item.key, false, at)
            });
            leased.find_map(|(list, item)| {
                let (range, whole) = (self.range(text, list, item)?, &stored[text].text);
                let start = whole[..range.start].rfind('\n')? + 1;
                let end = range.end + whole[range.end..].find('\n')? + 1;
                let alone =
                    whole[start..range.start].trim().is_empty() && !whole[range.end..end].contains(']');
                let rest = [&whole[..start], &whole[end..]].concat();
                let known = stored.iter().any(|stored| stored.text == rest);
                (alone && !known).then_some((text, start..end))
            })
        })
    }

    /// Texts of ours with which somebody went whose end had come, while a replica ran.
    pub(super) fn ended(&self) -> impl Iterator<Item = usize> {
        let run = &self.history.run;
        self.written().filter(move |&text| {
            let at = self.history.stored[text].at;
            let lives = self.history.lives.iter().filter(|(time, ..)| *time < at);
            let running: i64 = lives.map(|(_, _, started)| if *started { 1 } else { -1 }).sum();
            let mut before = self.items(text - 1);
            running > 0
                && before.any(|(list, item)| {
                    item.until.is_some_and(|until| run.time_of(until) < at)
                        && self.item(text, list, &item.key).is_none()
                })
        })
    }

    /// Edits by others, of who is in the lists or of anything else, upon which we wrote.
    pub(super) fn edited(&self, members: bool) -> impl Iterator<Item = usize> {
        let stored = &self.history.stored;
        (1..stored.len().saturating_sub(1)).filter(move |&text| {
            let standing = |text: usize| -> Vec<(&str, &str, Option<i64>)> {
                self.items(text).map(|(list, item)| (list, item.key.as_str(), item.until)).collect()
            };
            !self.is_ours(text)
                && self.is_ours(text + 1)
                && stored[text].tag != stored[text - 1].tag
                && (standing(text) != standing(text - 1)) == members
                && self.lists(text) == self.lists(text - 1)
        })
    }

    /// Who is in which list in a text.
    fn items(&self, text: usize) -> impl Iterator<Item = (&str, &Item)> {
        let lists = self.policies[text].lists.iter();
        lists.flat_map(|list| list.items.iter().map(|item| (list.id.as_str(), item)))
    }

    fn lists(&self, text: usize) -> Vec<&str> {
        self.policies[text].lists.iter().map(|list| list.id.as_str()).collect()
    }

    /// Where an element stands.
    fn range(&self, text: usize, list: &str, item: &Item) -> Option<Range<usize>> {
        let list = self.policies[text].lists.iter().find(|known| known.id == list)?;
        let inside = &self.history.stored[text].text[list.range.clone()];
        let start = list.range.start + inside.find(&item.literal)?;
        Some(start..start + item.literal.len())
    }

    /// Whether a call may take effect at a time that wants somebody in a list, or out of it.
    fn is_asked_for(&self, list: &str, member: &str, wanted: bool, at: u64) -> bool {
        let run = &self.history.run;
        self.history.calls.iter().any(|call| {
            call.list == list
                && key(&call.principal) == member
                && wants(call.op) == wanted
                && !matches!(call.op, Op::End { .. })
                && call.called <= at + run.slack
                && call.answered.is_none_or(|answered| at <= answered + run.lifetime + 2 * run.slack)
        })
    }
}
