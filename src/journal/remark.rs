//! What is told of a request besides its end.

use std::sync::Arc;

use jiff::Timestamp;

use super::entry::{BRIEF, Intent, Kind};
use super::line::brief;

/// That a request is about to be sent, what became of one whose answer was lost, or how things stand without one.
#[derive(Clone, Debug)]
pub struct Remark {
    /// The tailnet as configured.
    pub tailnet: Arc<str>,
    /// What the request changes.
    pub kind: Kind,
    /// When it is told.
    pub time: Timestamp,
    /// What callers wanted; of a lost request only those of whom something is known now.
    pub intents: Vec<Intent>,
    /// The tag of the policy that is to be replaced, where the request is about to be sent.
    pub etag_before: Option<String>,
    /// What is told.
    pub stage: Stage,
    /// What [`Journal::request`](super::Journal::request) gave the request that is about to be sent: the
    /// [`Entry`](super::Entry) of its end has it, too.
    pub request: Option<u64>,
}

impl Remark {
    /// The intents as JSON for a log line; of very many, the first, and how many more there are.
    #[must_use]
    pub fn brief(&self) -> String {
        brief(&self.intents, BRIEF)
    }
}

/// What a remark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The request is about to be sent.
    Sending,
    /// Its answer was lost, and what it was to change is so.
    InEffect,
    /// Its answer was lost, what it was to change was so, and a later change of the same has taken its place.
    Superseded,
    /// What was asked for was so already, and lines before tell otherwise.
    Held,
    /// The policy file tells so, and lines before tell otherwise: somebody else made it so.
    Seen,
}

impl Stage {
    pub(super) const ALL: [Self; 5] =
        [Self::Sending, Self::InEffect, Self::Superseded, Self::Held, Self::Seen];

    /// Whether what it tells of is so.
    pub(super) const fn holds(self) -> bool {
        matches!(self, Self::InEffect | Self::Held | Self::Seen)
    }

    /// The outcome in the journal; a request that is about to be sent has none.
    #[must_use]
    pub const fn outcome(self) -> Option<&'static str> {
        match self {
            Self::Sending => None,
            Self::InEffect => Some("in_effect"),
            Self::Superseded => Some("superseded"),
            Self::Held => Some("held"),
            Self::Seen => Some("seen"),
        }
    }
}
