//! How each membership stood after each stored text.

use std::collections::BTreeMap;

use super::history::{Call, History, Op};
use super::lists::{self, Policy};

/// A list and the key of a selector.
pub(crate) type Place = (String, String);

/// How a selector stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    /// Without an end, for good.
    Member,
    /// With an end, in Unix seconds.
    Until(i64),
}

/// The texts of a history, read.
#[derive(Debug)]
pub(crate) struct Timeline {
    pub(crate) policies: Vec<Policy>,
    /// For each place that ever had a member or was called for: the texts at which it changed, by index, and to what.
    /// The first is the beginning.
    pub(crate) places: BTreeMap<Place, Vec<(usize, State)>>,
}

impl Timeline {
    pub(crate) fn of(history: &History) -> Self {
        let policies: Vec<Policy> = history.stored.iter().map(|stored| lists::read(&stored.text)).collect();
        let mut places: BTreeMap<Place, Vec<(usize, State)>> = BTreeMap::new();
        for place in history.calls.iter().flat_map(Call::places) {
            places.insert(place, Vec::new());
        }
        let states: Vec<BTreeMap<Place, State>> = policies.iter().map(states).collect();
        for place in states.iter().flat_map(BTreeMap::keys) {
            places.entry(place.clone()).or_default();
        }
        for (place, changes) in &mut places {
            let mut last = None;
            for (index, states) in states.iter().enumerate() {
                let state = states.get(place).copied().unwrap_or(State::Absent);
                if last != Some(state) {
                    changes.push((index, state));
                    last = Some(state);
                }
            }
        }
        Self { policies, places }
    }

    /// How a place changed.
    pub(crate) fn changes(&self, place: &Place) -> &[(usize, State)] {
        self.places.get(place).map_or(&[], Vec::as_slice)
    }
}

/// How everybody stands who is listed.
fn states(policy: &Policy) -> BTreeMap<Place, State> {
    let mut states = BTreeMap::new();
    for list in &policy.lists {
        for item in &list.items {
            let state = states.entry((list.id.clone(), item.key.clone())).or_insert(State::Absent);
            *state = match (*state, item.until) {
                (State::Member, _) | (_, None) => State::Member,
                (State::Until(other), Some(until)) => State::Until(until.max(other)),
                (State::Absent, Some(until)) => State::Until(until),
            };
        }
    }
    states
}

impl Call {
    /// What it is about.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let principals = std::iter::once(&self.principal).chain(&self.also);
        principals.map(|principal| (self.list.clone(), lists::key(principal)))
    }

    /// Whether it is about a place.
    pub(crate) fn concerns(&self, place: &Place) -> bool {
        self.places().any(|other| other == *place)
    }
}

impl Op {
    /// What it makes of a state; `None`: it leaves it alone.
    pub(crate) fn makes_of(self, from: State) -> Option<State> {
        let to = match (self, from) {
            (Self::Grant, _) => State::Member,
            (Self::Lease { until }, State::Absent | State::Until(_)) => State::Until(until),
            (Self::Revoke, _) => State::Absent,
            (Self::End { passed }, State::Until(until)) if until <= passed => State::Absent,
            // Who is a member for good stays one.
            (Self::Lease { .. }, State::Member) | (Self::End { .. }, _) => return None,
        };
        (to != from).then_some(to)
    }

    /// Whether a state is as it wants it.
    pub(crate) fn holds_in(self, state: State) -> bool {
        self.makes_of(state).is_none()
    }
}
