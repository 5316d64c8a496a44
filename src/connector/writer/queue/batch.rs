//! Who is planned and written together.

use super::{Company, Queue, Ticket, Waiter};
use crate::policy::Intent;

/// Most intents of one write. The plan and its proof then stay within milliseconds, so that a conflict with
/// somebody else's edit does not cost much; and an intent that the service objects to is found with twelve
/// judgements, so that two of them are found before the others go alone. A thousand grants are one write.
pub(super) const BATCH: usize = 4_096;

/// Which kinds of intents are kept apart, and which is next.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    /// Whether the next batch is one of those that go alone, so that neither kind starves the other.
    alone_next: bool,
    /// Whether it is the grants' turn, while they are kept apart from what gives no access.
    grants_next: bool,
    /// Grants are kept apart, suspects or not.
    parted: bool,
}

impl Queue {
    /// The intents that are planned and written together next, in the order of their arrival; at most
    /// [`BATCH`], the callers in turn.
    ///
    /// No two of them share a key: so what one of them finds is what the text says, not what another one
    /// of the batch is about to write, and each grant that is revoked at once was in the policy once.
    pub(in crate::connector::writer) fn next_batch(&mut self) -> Vec<(Ticket, Intent)> {
        let free = self.free.iter().filter_map(|ticket| self.waiters.get(ticket));
        let (alone, together): (Vec<&Waiter>, Vec<&Waiter>) =
            free.partition(|waiter| waiter.company == Company::Nobody);
        let turn = !alone.is_empty() && (self.kinds.alone_next || together.is_empty());
        let mut grants_next = self.kinds.grants_next;
        let chosen: Vec<&Waiter> = if turn {
            let (grants, others): (Vec<_>, Vec<_>) =
                alone.into_iter().partition(|waiter| waiter.gives_access());
            self.turns_alone.choose(if others.is_empty() { grants } else { others }, 1)
        } else if (self.kinds.parted || together.iter().any(|waiter| waiter.company == Company::Suspect))
            && together.iter().any(|waiter| waiter.gives_access())
            && together.iter().any(|waiter| !waiter.gives_access())
        {
            let grants = grants_next;
            grants_next = !grants;
            let kind = together.into_iter().filter(|waiter| waiter.gives_access() == grants).collect();
            self.turns.choose(kind, BATCH)
        } else {
            grants_next = false;
            self.turns.choose(together, BATCH)
        };
        let batch = chosen.into_iter().map(|waiter| (waiter.ticket, waiter.intent.clone())).collect();
        self.kinds.alone_next = !turn;
        self.kinds.grants_next = grants_next;
        batch
    }

    /// Whether grants are written in batches of their own from now on, in turn with those that give no access;
    /// these come first.
    pub(in crate::connector::writer) fn part_grants(&mut self, parted: bool) {
        if parted && !self.kinds.parted {
            self.kinds.grants_next = false;
        }
        self.kinds.parted = parted;
    }
}
