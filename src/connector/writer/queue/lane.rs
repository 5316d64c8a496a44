//! The intents that share a key.

use std::collections::BTreeSet;

use super::Ticket;

/// The intents with one key, in the order of arrival.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Those that later ones wait for.
    blocking: BTreeSet<Ticket>,
    /// Those that hold and let later ones pass.
    passable: BTreeSet<Ticket>,
}

impl Lane {
    /// Puts one where it belongs.
    pub(super) fn place(&mut self, ticket: Ticket, lets_pass: bool) {
        self.remove(ticket);
        if lets_pass { &mut self.passable } else { &mut self.blocking }.insert(ticket);
    }

    pub(super) fn remove(&mut self, ticket: Ticket) {
        self.blocking.remove(&ticket);
        self.passable.remove(&ticket);
    }

    /// The first that later ones wait for: nobody else may be planned.
    pub(super) fn head(&self) -> Option<Ticket> {
        self.blocking.first().copied()
    }

    /// Those that came earlier and let this one pass.
    pub(super) fn passed_by(&self, ticket: Ticket) -> impl Iterator<Item = Ticket> {
        self.passable.range(..ticket).copied()
    }

    /// All that came earlier.
    pub(super) fn before(&self, ticket: Ticket) -> impl Iterator<Item = Ticket> {
        self.passable.range(..ticket).chain(self.blocking.range(..ticket)).copied()
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Ticket> {
        self.passable.iter().chain(&self.blocking).copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocking.is_empty() && self.passable.is_empty()
    }
}
