//! One intent whose caller waits.

use std::sync::Arc;
use std::time::Instant;

use super::Ticket;
use super::overtaking::{Effect, effect};
use crate::connector::writer::Origin;
use crate::connector::writer::answer::Done;
use crate::connector::writer::key::Key;
use crate::policy::Intent;
use crate::tailscale::ETag;

/// Whether there is something to do for an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is to be read for, planned and, where needed, written.
    Due,
    /// It waits for the end of the lost requests that carried one of its keys.
    Waiting,
}

/// With whom an intent may share a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connector::writer) enum Company {
    Anybody,
    /// It was in a batch that the service refused: revokes and grants then take turns, revokes first.
    Suspect,
    /// Nobody: it was in batches that failed for reasons that could not be told.
    Nobody,
}

/// A later intent that has held since, and leaves nothing, or not this end, to write again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overtaken {
    pub(super) by: Ticket,
    /// It wished the opposite: nothing is left to check. Else this one is answered with it.
    pub(super) undone: bool,
}

/// An intent whose caller waits. What decides about its turn is the queue's to change.
#[derive(Debug)]
pub(in crate::connector::writer) struct Waiter {
    pub(in crate::connector::writer) ticket: Ticket,
    pub(in crate::connector::writer) intent: Intent,
    pub(super) origin: Origin,
    pub(in crate::connector::writer) keys: Arc<[Key]>,
    pub(in crate::connector::writer) arrived: Instant,
    pub(in crate::connector::writer) reply_by: Instant,
    /// When the access that it asks for ends by itself: it is not given after that.
    pub(in crate::connector::writer) ends: Option<Instant>,
    pub(in crate::connector::writer) company: Company,
    /// A lost request carried it, so what a read shows may be its doing.
    pub(in crate::connector::writer) perhaps_written: bool,
    /// A write that carried it met somebody else's edit.
    pub(in crate::connector::writer) contended: bool,
    /// Server errors in a row that it met alone, and the tag they were met on.
    pub(in crate::connector::writer) failures: Option<(ETag, u32)>,
    pub(super) standing: Standing,
    /// It held once, in a 200 or a read; before it is answered it has to hold after the last lost request.
    pub(super) held: Option<Done>,
    pub(super) overtaken: Option<Overtaken>,
    /// Another one counts as overtaken because of it: if it is given up, that has to be told as uncertain.
    pub(super) overtakes: bool,
}

impl Waiter {
    /// It was in a batch that the service refused.
    pub(in crate::connector::writer) fn suspect(&mut self) {
        if self.company == Company::Anybody {
            self.company = Company::Suspect;
        }
    }

    /// There is something to do for it now.
    pub(in crate::connector::writer) fn is_due(&self) -> bool {
        self.standing == Standing::Due
    }

    /// Nobody can say that it changed nothing.
    pub(in crate::connector::writer) fn may_count(&self) -> bool {
        self.perhaps_written || self.overtakes
    }

    /// How it held, if it did.
    pub(in crate::connector::writer) fn held(&self) -> Option<Done> {
        self.held
    }

    pub(super) fn gives_access(&self) -> bool {
        self.intent.gives_access()
    }

    /// Later intents with its keys need not wait for its answer, unless they would undo a part of it.
    pub(super) fn lets_pass(&self) -> bool {
        self.overtaken.is_some() || (self.standing == Standing::Waiting && self.held.is_some())
    }

    /// This later intent would undo a part of it, and it has to be checked for all of it.
    pub(super) fn is_undone_in_part_by(&self, later: &Self) -> bool {
        self.overtaken.is_none() && self.wishes_say(later) != Effect::Nothing && !self.is_covered_by(later)
    }

    /// What this later intent, which holds, makes of it.
    pub(super) fn effect_of(&self, later: &Self) -> Effect {
        if self.held.is_some() && self.is_covered_by(later) {
            self.wishes_say(later)
        } else {
            Effect::Nothing
        }
    }

    /// What the later wish means to this one, for the principals that both name. The lists have to be spelled
    /// alike: rules of one section share their keys, and are different rules as a rule. Two ids of one rule
    /// lose nothing: then both wishes are checked, in order.
    fn wishes_say(&self, later: &Self) -> Effect {
        if self.intent.list == later.intent.list {
            effect(&later.intent.wish, &self.intent.wish)
        } else {
            Effect::Nothing
        }
    }

    fn is_covered_by(&self, later: &Self) -> bool {
        self.keys.iter().all(|key| later.keys.contains(key))
    }
}
