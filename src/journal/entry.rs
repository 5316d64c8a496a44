//! What is told of one attempted change.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Diff;
use super::line::brief;

/// Most bytes of intents in a log line, about.
pub(super) const BRIEF: usize = 8 << 10;

/// One request that was to change something, and how it ended.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The tailnet as configured.
    pub tailnet: Arc<str>,
    /// What was to be changed.
    pub kind: Kind,
    /// When the request was sent.
    pub time: Timestamp,
    /// What callers wanted; all that the request carried.
    pub intents: Vec<Intent>,
    /// The tag of the policy that was to be replaced.
    pub etag_before: Option<String>,
    /// The tag of the stored policy, where the service told it.
    pub etag_after: Option<String>,
    /// What the request was to change.
    pub diff: Diff,
    /// How it ended.
    pub outcome: Outcome,
    /// From sending it to its end.
    pub duration: Duration,
    /// What [`Journal::request`](super::Journal::request) gave it, if a line told of it before it was sent.
    pub request: Option<u64>,
}

impl Entry {
    /// The intents as JSON for a log line; of very many, the first, and how many more there are.
    #[must_use]
    pub fn brief(&self) -> String {
        brief(&self.intents, BRIEF)
    }
}

/// What a request changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The policy file.
    Policy,
    /// The role of a user.
    Role,
}

impl Kind {
    /// The word in the journal.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Role => "role",
        }
    }
}

/// What one caller wanted.
#[derive(Clone, Debug)]
pub struct Intent {
    /// What was to be done.
    pub action: Action,
    /// The list (`group:eng`, `tag:db`, a rule's native id) or the role (`role:admin`).
    pub entitlement: String,
    /// Other ids of the rule that mean no other one.
    pub other_ids: Vec<String>,
    /// Who, as the policy spells it; for a role the user's id.
    pub principal: String,
    /// Other spellings of the principal that are revoked with it.
    pub aliases: Vec<String>,
    /// The end of the access that is granted, restored or ended.
    pub until: Option<Timestamp>,
    /// Of an end, the moment up to which ends had passed.
    pub passed: Option<Timestamp>,
    /// The request that a lease names.
    pub by: Option<String>,
    /// Who asked, in words; empty when unknown.
    pub caller: Arc<str>,
    /// What the caller calls the request.
    pub request_id: Option<Arc<str>>,
}

impl Intent {
    /// With nothing but what each has.
    #[must_use]
    pub fn new(action: Action, entitlement: String, principal: String) -> Self {
        Self {
            action,
            entitlement,
            other_ids: Vec::new(),
            principal,
            aliases: Vec::new(),
            until: None,
            passed: None,
            by: None,
            caller: "".into(),
            request_id: None,
        }
    }
}

/// What a caller wanted done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Give access.
    Grant,
    /// Take it away.
    Revoke,
    /// Take away what has an end that has passed.
    End,
    /// Put back an end that vanished.
    Restore,
}

impl Action {
    pub(super) const ALL: [Self; 4] = [Self::Grant, Self::Revoke, Self::End, Self::Restore];

    /// The word in the journal.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Revoke => "revoke",
            Self::End => "end",
            Self::Restore => "restore",
        }
    }
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It counts.
    Stored,
    /// Somebody else had changed the policy; it does not count.
    Conflict,
    /// The service refused it, in these words.
    Refused(String),
    /// Nobody knows yet whether it counts; why.
    Lost(String),
    /// It was not carried out; why.
    NotSent(String),
}

impl Outcome {
    /// The word in the journal.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Conflict => "conflict",
            Self::Refused(_) => "refused",
            Self::Lost(_) => "lost",
            Self::NotSent(_) => "not_sent",
        }
    }

    /// What was said with it.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Stored | Self::Conflict => None,
            Self::Refused(words) | Self::Lost(words) | Self::NotSent(words) => Some(words),
        }
    }
}
