//! Sets of sources, numbered, and what one has that the other has not.

use crate::policy::people::{Behind, People};
use crate::policy::selector::{Selector, login_key, member_key};
use crate::policy::topology::Topology;
use std::collections::{HashMap, HashSet};

/// How much is counted in all, in members looked at times lists they are looked for in. Beyond that, groups
/// are named instead of their members.
const MOST_STEPS: usize = 1_000_000;

/// A version of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Old,
    New,
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

/// The number of a person or of another selector.
type Id = u32;

/// The number of a set of selectors: equal sets have one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Set(u32);

/// Whom a selector stands for, where that is known.
#[derive(Default)]
struct Members {
    list: Vec<Id>,
    all: HashSet<Id>,
}

/// All sources of both versions.
pub(super) struct Sources<'p> {
    people: [People<'p>; 2],
    /// Other logins of somebody, and the one they count by.
    aliases: HashMap<String, String>,
    ids: HashMap<String, Id>,
    selectors: Vec<Selector>,
    members: HashMap<(Id, Side), Members>,
    /// Selectors that stand for other people than they did.
    changed: HashSet<Id>,
    sets: Vec<Vec<Id>>,
    set_numbers: HashMap<Vec<Id>, Set>,
    known: HashMap<(Set, Set, Option<Set>, Side), Vec<Id>>,
    steps_left: usize,
}

impl<'p> Sources<'p> {
    pub(super) fn new(old: People<'p>, new: People<'p>, topology: Option<&Topology>) -> Self {
        let people = topology.into_iter().flat_map(|topology| &topology.people);
        let aliases = people.flat_map(|person| {
            let first = person.logins.first().map(|login| login_key(login)).unwrap_or_default();
            person.logins.iter().skip(1).map(move |login| (login_key(login), first.clone()))
        });
        let mut sources = Self {
            people: [old, new],
            aliases: aliases.collect(),
            ids: HashMap::new(),
            selectors: Vec::new(),
            members: HashMap::new(),
            changed: HashSet::new(),
            sets: Vec::new(),
            set_numbers: HashMap::new(),
            known: HashMap::new(),
            steps_left: MOST_STEPS,
        };
        // The empty set is the default one.
        sources.numbered(Vec::new());
        sources
    }

    /// The set of these selectors.
    pub(super) fn set<'t>(&mut self, texts: impl Iterator<Item = &'t str>) -> Set {
        let ids = texts.map(|text| self.id(text)).collect();
        self.numbered(ids)
    }

    /// Those of all the sets.
    pub(super) fn union(&mut self, sets: impl Iterator<Item = Set>) -> Set {
        let mut distinct: Vec<Set> = sets.collect();
        distinct.sort_unstable();
        distinct.dedup();
        match distinct.as_slice() {
            [] => Set::default(),
            [one] => *one,
            several => {
                let ids = several.iter().flat_map(|set| self.ids_of(*set)).copied().collect();
                self.numbered(ids)
            }
        }
    }

    /// Whether the set stands for other people than it did.
    pub(super) fn have_changed(&self, set: Set) -> bool {
        self.ids_of(set).iter().any(|id| self.changed.contains(id))
    }

    /// Whom `set` stands for on one side, who are not in `without`, nor in `covered`, on the other.
    pub(super) fn difference(&mut self, set: Set, without: Set, covered: Option<Set>, side: Side) -> Vec<Id> {
        let key = (set, without, covered, side);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let others = [Some(without), covered];
        let lists = 1 + others.iter().flatten().map(|set| self.ids_of(*set).len().min(64)).sum::<usize>();
        let mut steps_left = self.steps_left;
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for id in self.ids_of(set) {
            let stayed = self.ids_of(without).binary_search(id).is_ok();
            match self.members.get(&(*id, side)) {
                None if stayed => {}
                Some(_) if stayed && !self.changed.contains(id) => {}
                Some(Members { list, .. }) if steps_left >= list.len().saturating_mul(lists) => {
                    steps_left -= list.len() * lists;
                    found.extend(list.iter().filter(|member| seen.insert(**member)));
                }
                _ if seen.insert(*id) => found.push(*id),
                _ => {}
            }
        }
        self.steps_left = steps_left;
        found.retain(|id| !others.iter().flatten().any(|set| self.has(*set, *id, side.other())));
        found.sort_unstable();
        self.known.insert(key, found.clone());
        found
    }

    /// The text of a person or selector.
    pub(super) fn text(&self, id: Id) -> &str {
        self.selectors.get(id as usize).map_or("", Selector::text)
    }

    /// Whether somebody is in a set: listed, through a group, or as everybody is.
    pub(super) fn has(&self, set: Set, id: Id, side: Side) -> bool {
        let is_coverable = !matches!(
            self.selectors.get(id as usize),
            Some(Selector::Network(_) | Selector::Host(_) | Selector::IpSet(_))
        );
        let ids = self.ids_of(set);
        ids.binary_search(&id).is_ok()
            || ids.iter().any(|listed| match self.selectors.get(*listed as usize) {
                Some(Selector::Everybody) => is_coverable && self.text(id) != "autogroup:danger-all",
                Some(Selector::Autogroup(name)) if name == "autogroup:danger-all" => true,
                _ => self.members.get(&(*listed, side)).is_some_and(|members| members.all.contains(&id)),
            })
    }

    fn ids_of(&self, set: Set) -> &[Id] {
        self.sets.get(set.0 as usize).map_or(&[], Vec::as_slice)
    }

    fn numbered(&mut self, mut ids: Vec<Id>) -> Set {
        ids.sort_unstable();
        ids.dedup();
        if let Some(set) = self.set_numbers.get(&ids) {
            return *set;
        }
        let set = Set(number(self.sets.len()));
        self.sets.push(ids.clone());
        self.set_numbers.insert(ids, set);
        set
    }

    /// The number of a selector; the first time, its members are looked up.
    fn id(&mut self, text: &str) -> Id {
        let mut key = member_key(text).into_owned();
        if let Some(first) = self.aliases.get(&key) {
            key.clone_from(first);
        }
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = number(self.selectors.len());
        let selector = Selector::parse(text);
        let stands_for_others = !matches!(selector, Selector::Login(_) | Selector::Everybody)
            && selector.text() != "autogroup:danger-all";
        self.ids.insert(key, id);
        self.selectors.push(selector);
        if stands_for_others {
            let [old, new] = &self.people;
            let behind = [(Side::Old, old.behind(text)), (Side::New, new.behind(text))];
            for (side, behind) in behind {
                if let Behind::People(logins) = behind {
                    let list: Vec<Id> = logins.iter().map(|login| self.id(login)).collect();
                    let all = list.iter().copied().collect();
                    self.members.insert((id, side), Members { list, all });
                }
            }
            let all = |side| self.members.get(&(id, side)).map(|members| &members.all);
            if all(Side::Old) != all(Side::New) {
                self.changed.insert(id);
            }
        }
        id
    }
}

/// A text has fewer than 4 Gi of anything.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
