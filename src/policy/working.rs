//! Lists as they become while intents are planned on them.

use super::proof::Change;
use super::selector::{member_key, trimmed};
use crate::hujson::{self, Edit, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// The lists that were looked at, by where they begin in the text.
#[derive(Default)]
pub(super) struct WorkingLists<'d>(BTreeMap<usize, WorkingList<'d>>);

impl<'d> WorkingLists<'d> {
    /// The list that an array holds, as it has become.
    pub(super) fn of(&mut self, array: Value<'d>) -> &mut WorkingList<'d> {
        self.0.entry(array.span().start).or_insert_with(|| WorkingList::read(array))
    }

    /// What is to be done to the text, and what must have come of it.
    pub(super) fn finish(self) -> (Vec<Edit>, Vec<Change>) {
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        for (start, list) in self.0 {
            let (mut remove, mut gone, mut come) = (Vec::new(), Vec::new(), Vec::new());
            let (mut touched, mut listed) = (Vec::from_iter(list.touched), list.listed);
            touched.sort_unstable_by_key(|(_, touched)| touched.turn);
            for (key, Touched { text, .. }) in touched {
                match (listed.remove(key.as_str()), text) {
                    (Some(indices), None) => {
                        remove.extend(indices);
                        gone.push(key);
                    }
                    (None, Some(text)) => come.push(text),
                    _ => {}
                }
            }
            if remove.is_empty() && come.is_empty() {
                continue;
            }
            remove.sort_unstable();
            let append: Vec<&str> = come.iter().map(String::as_str).collect();
            edits.extend(hujson::edit_array(list.array, &remove, &append));
            changes.push(Change { start, gone, come });
        }
        (edits, changes)
    }
}

/// A list and what has been wished of it so far.
pub(super) struct WorkingList<'d> {
    array: Value<'d>,
    /// Where the strings of a key stand in the text, in any spelling.
    listed: HashMap<Cow<'d, str>, Vec<usize>>,
    /// The members that were touched.
    touched: HashMap<String, Touched>,
    /// How often members were touched.
    turns: usize,
}

struct Touched {
    /// When it was touched last: members are appended in this order.
    turn: usize,
    /// How it is to be written if it is not in the text. `None`: it shall not be there.
    text: Option<String>,
}

impl<'d> WorkingList<'d> {
    fn read(array: Value<'d>) -> Self {
        let key = |text: Cow<'d, str>| match text {
            Cow::Borrowed(text) => member_key(text),
            Cow::Owned(text) => Cow::Owned(member_key(&text).into_owned()),
        };
        let mut listed: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, element) in array.elements().enumerate() {
            if let Some(text) = element.as_str() {
                listed.entry(key(text)).or_default().push(index);
            }
        }
        Self { array, listed, touched: HashMap::new(), turns: 0 }
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        match self.touched.get(key) {
            Some(touched) => touched.text.is_some(),
            None => self.listed.contains_key(key),
        }
    }

    /// Puts a member in that is not there. One that was taken out of the text before is left as it was
    /// written there.
    pub(super) fn add(&mut self, key: &str, text: &str) {
        self.touch(key, Some(text.to_owned()));
    }

    /// Takes a member out; tells whether it was there.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let was_there = self.contains(key);
        if was_there {
            self.touch(key, None);
        }
        was_there
    }

    fn touch(&mut self, key: &str, text: Option<String>) {
        self.touched.insert(key.to_owned(), Touched { turn: self.turns, text });
        self.turns += 1;
    }

    /// The selectors that are there, as they are spelt.
    pub(super) fn selectors(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let is_kept = |text: &str| {
            self.touched.is_empty()
                || self.touched.get(&*member_key(text)).is_none_or(|touched| touched.text.is_some())
        };
        let elements = self.array.elements().filter_map(Value::as_str);
        let kept = elements.filter(move |text| is_kept(text)).map(super::fields::trimmed);
        let is_new = |(key, _): &(&String, &Touched)| !self.listed.contains_key(key.as_str());
        let mut added: Vec<_> = self.touched.iter().filter(is_new).map(|(_, touched)| touched).collect();
        added.sort_unstable_by_key(|touched| touched.turn);
        let added = added.into_iter().filter_map(|touched| touched.text.as_deref());
        kept.chain(added.map(|text| trimmed(text).into()))
    }
}
