//! Lists as they become while intents are planned on them.

use super::directive::{Standing, set_lease, standing_without_lease};
use super::lease::Lease;
use super::proof::{Change, Fate};
use super::selector::{member_key, trimmed};
use crate::hujson::{self, CommentChange, Edit, NewElement, NewValue, Value};
use jiff::Timestamp;
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

    /// How a member of several arrays stands, once for each of its elements.
    pub(super) fn standings(&mut self, arrays: &[Option<Value<'d>>], key: &str) -> Vec<Standing> {
        arrays.iter().flatten().flat_map(|array| self.of(*array).standings(key)).collect()
    }

    /// Whether a member that is there need not be touched to have an end: it is there for good, or all of it
    /// has this very end; or to have none.
    pub(super) fn stands_so(
        &mut self,
        arrays: &[Option<Value<'d>>],
        key: &str,
        lease: Option<&Lease>,
    ) -> bool {
        let standings = self.standings(arrays, key);
        let mut ends = standings.iter().map(|standing| match standing {
            Standing::Leased(lease) => Some(lease),
            Standing::Plain | Standing::Marked => None,
        });
        ends.clone().any(|end| end.is_none()) || ends.all(|end| end == lease)
    }

    /// What is to be done to the text, and what must have come of it.
    pub(super) fn finish(self) -> (Vec<Edit>, Vec<Change>) {
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        for (start, list) in self.0 {
            let Some((change, edit)) = list.finish(start) else { continue };
            changes.push(change);
            edits.extend(edit);
        }
        (edits, changes)
    }
}

/// A list and what has been wished of it so far.
pub(super) struct WorkingList<'d> {
    array: Value<'d>,
    /// The strings of a key as they stand in the text, in any spelling.
    listed: HashMap<Cow<'d, str>, Vec<Value<'d>>>,
    /// The members that were touched.
    touched: HashMap<String, Member<'d>>,
    /// How often members were added.
    added: usize,
}

/// A member that was touched.
struct Member<'d> {
    /// What becomes of its elements in the text, in their order.
    elements: Vec<(Value<'d>, Fate)>,
    /// The element that comes.
    new: Option<New>,
}

struct New {
    /// When it was added: members are appended in this order.
    turn: usize,
    text: String,
    lease: Option<Lease>,
}

impl New {
    fn standing(&self) -> Standing {
        self.lease.clone().map_or(Standing::Plain, Standing::Leased)
    }
}

/// How an element stands; `None`: it goes.
fn standing(element: Value<'_>, fate: &Fate) -> Option<Standing> {
    match fate {
        Fate::Stays => Some(Standing::of(element)),
        Fate::Goes | Fate::Ends(_) => None,
        Fate::Leased(lease) => Some(Standing::Leased(lease.clone())),
        Fate::Permanent => Some(standing_without_lease(element)),
    }
}

impl<'d> WorkingList<'d> {
    fn read(array: Value<'d>) -> Self {
        let key = |text: Cow<'d, str>| match text {
            Cow::Borrowed(text) => member_key(text),
            Cow::Owned(text) => Cow::Owned(member_key(&text).into_owned()),
        };
        let mut listed: HashMap<_, Vec<Value<'d>>> = HashMap::new();
        for element in array.elements() {
            if let Some(text) = element.as_str() {
                listed.entry(key(text)).or_default().push(element);
            }
        }
        Self { array, listed, touched: HashMap::new(), added: 0 }
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        match self.touched.get(key) {
            Some(member) => {
                member.new.is_some() || member.elements.iter().any(|(_, fate)| !fate.is_departure())
            }
            None => self.listed.contains_key(key),
        }
    }

    /// How a member stands, once for each of its elements.
    pub(super) fn standings(&self, key: &str) -> Vec<Standing> {
        match self.touched.get(key) {
            Some(Member { elements, new, .. }) => {
                let there = elements.iter().filter_map(|(element, fate)| standing(*element, fate));
                there.chain(new.iter().map(New::standing)).collect()
            }
            None => self.listed.get(key).into_iter().flatten().copied().map(Standing::of).collect(),
        }
    }

    /// Puts a member in that is not there. Where it was taken out of the text before, elements that stood
    /// with the same end, and nothing else noted on them, are left as they were written there.
    pub(super) fn add(&mut self, key: &str, text: &str, lease: Option<&Lease>) {
        let turn = self.added;
        self.added += 1;
        let member = self.touch(key);
        let mut is_back = false;
        for (element, fate) in &mut member.elements {
            let stood = Standing::of(*element);
            let stood_so = match (&stood, lease) {
                (Standing::Plain, None) => true,
                (Standing::Leased(stood), Some(lease)) => stood == lease,
                _ => false,
            };
            if stood_so && standing_without_lease(*element) == Standing::Plain {
                *fate = Fate::Stays;
                is_back = true;
            }
        }
        if !is_back {
            member.new = Some(New { turn, text: text.to_owned(), lease: lease.cloned() });
        }
    }

    /// Takes a member out; tells whether it was there.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let was_there = self.contains(key);
        if was_there {
            let member = self.touch(key);
            member.elements.iter_mut().for_each(|(_, fate)| *fate = Fate::Goes);
            member.new = None;
        }
        was_there
    }

    /// Gives each element of a member this end, or none.
    pub(super) fn set_lease(&mut self, key: &str, lease: Option<&Lease>) {
        let member = self.touch(key);
        for (element, fate) in member.elements.iter_mut().filter(|(_, fate)| !fate.is_departure()) {
            let stood = Standing::of(*element);
            *fate = match (stood, lease) {
                (Standing::Leased(stood), Some(lease)) if stood == *lease => Fate::Stays,
                (_, Some(lease)) => Fate::Leased(lease.clone()),
                (Standing::Leased(_), None) => Fate::Permanent,
                (_, None) => Fate::Stays,
            };
        }
        if let Some(new) = &mut member.new {
            new.lease = lease.cloned();
        }
    }

    /// Takes out the elements of a member whose end is not after a moment.
    pub(super) fn end(&mut self, key: &str, passed: Timestamp) {
        let member = self.touch(key);
        for (element, fate) in &mut member.elements {
            if standing(*element, fate).is_some_and(|standing| standing.has_ended(passed)) {
                *fate = if *fate == Fate::Stays { Fate::Ends(passed) } else { Fate::Goes };
            }
        }
        member.new.take_if(|new| new.standing().has_ended(passed));
    }

    fn touch(&mut self, key: &str) -> &mut Member<'d> {
        self.touched.entry(key.to_owned()).or_insert_with(|| {
            let elements = self.listed.get(key).into_iter().flatten();
            let elements = elements.map(|element| (*element, Fate::Stays)).collect();
            Member { elements, new: None }
        })
    }

    /// The selectors that are there, as they are spelt.
    pub(super) fn selectors(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let is_kept = |element: Value<'d>, text: &str| {
            self.touched.is_empty()
                || self.touched.get(&*member_key(text)).is_none_or(|member| member.keeps(element))
        };
        let elements = self.array.elements().filter_map(|element| Some((element, element.as_str()?)));
        let kept = elements.filter(move |(element, text)| is_kept(*element, text));
        let kept = kept.map(|(_, text)| super::fields::trimmed(text));
        let mut added: Vec<&New> = self.touched.values().filter_map(|member| member.new.as_ref()).collect();
        added.sort_unstable_by_key(|new| new.turn);
        kept.chain(added.into_iter().map(|new| trimmed(&new.text).into()))
    }

    /// The change and its edits, if anything is to be done.
    fn finish(self, start: usize) -> Option<(Change, Vec<Edit>)> {
        let mut new = Vec::new();
        let mut change = Change { start, members: HashMap::new(), come: Vec::new() };
        let mut fates: HashMap<usize, Fate> = HashMap::new();
        for (key, member) in self.touched {
            new.extend(member.new);
            if member.elements.iter().any(|(_, fate)| *fate != Fate::Stays) {
                let by_start = |(element, fate): &(Value<'_>, Fate)| (element.span().start, fate.clone());
                fates.extend(member.elements.iter().map(by_start));
                change.members.insert(key, member.elements.into_iter().map(|(_, fate)| fate).collect());
            }
        }
        new.sort_unstable_by_key(|new| new.turn);
        change.come.extend(new.into_iter().map(|New { text, lease, .. }| (text, lease)));
        if change.members.is_empty() && change.come.is_empty() {
            return None;
        }
        let edits = edits(self.array, &fates, &change.come);
        Some((change, edits))
    }
}

/// The edits to an array of which some elements, told by where they begin, have a fate.
fn edits(array: Value<'_>, fates: &HashMap<usize, Fate>, come: &[(String, Option<Lease>)]) -> Vec<Edit> {
    let (mut remove, mut comments): (Vec<usize>, Vec<(usize, CommentChange)>) = (Vec::new(), Vec::new());
    for (index, element) in array.elements().enumerate().filter(|_| !fates.is_empty()) {
        let lease = match fates.get(&element.span().start) {
            None | Some(Fate::Stays) => continue,
            Some(Fate::Goes | Fate::Ends(_)) => {
                remove.push(index);
                continue;
            }
            Some(Fate::Leased(lease)) => Some(lease),
            Some(Fate::Permanent) => None,
        };
        comments.extend(set_lease(element, lease).into_iter().map(|change| (index, change)));
    }
    let directive = |lease: &Option<Lease>| lease.as_ref().map(|lease| lease.directives().to_string());
    let directives: Vec<Option<String>> = come.iter().map(|(_, lease)| directive(lease)).collect();
    let append = come.iter().zip(&directives).map(|((text, _), comment)| NewElement {
        value: NewValue::String(text),
        comment: comment.as_deref(),
    });
    hujson::edit_array_and_comments(array, &remove, &append.collect::<Vec<_>>(), &comments)
}

impl Member<'_> {
    fn keeps(&self, element: Value<'_>) -> bool {
        let at = |(element, _): &(Value<'_>, Fate)| element.span().start;
        let found = self.elements.binary_search_by_key(&element.span().start, at);
        found.ok().and_then(|at| self.elements.get(at)).is_some_and(|(_, fate)| !fate.is_departure())
    }
}
