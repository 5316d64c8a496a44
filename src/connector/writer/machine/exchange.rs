//! What the machine is told, and what it wants done.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::connector::Error;
use crate::connector::writer::Wanted;
use crate::connector::writer::answer::Answer;
use crate::connector::writer::foresight::{Foresight, Survey};
use crate::connector::writer::queue::Ticket;
use crate::policy::Intent;
use crate::tailscale::{ETag, PolicyFile, Verdict};

/// What the machine is told.
#[derive(Debug)]
pub(in crate::connector::writer) enum Input {
    /// Somebody wants a change.
    Submit { ticket: Ticket, wanted: Wanted },
    /// A load of the tailnet that began then has read this.
    Loaded(PolicyFile, Instant),
    /// The caller of an intent is gone: nothing is to be sent for it any more.
    Abandon(Ticket),
    /// The read that was asked for ended.
    Read(Result<PolicyFile, Error>),
    /// The service has answered somebody else's read of the policy, which began at this time.
    Served(Instant),
    /// What was to be foreseen is.
    Foreseen(Foresight),
    /// It cannot be: people and devices were not read in time.
    Unsurveyed,
    /// The write that was asked for ended.
    Posted(Posted),
    /// The judgement that was asked for ended.
    Judged(Result<Verdict, Error>),
    /// A time that was waited for has come.
    Clock,
    /// Take no more intents.
    Drain,
    /// Answer everybody now.
    CutOff,
}

/// How a policy POST ended.
#[derive(Debug)]
pub(in crate::connector::writer) enum Posted {
    /// 200.
    Stored,
    /// 412.
    Stale,
    /// The service refuses the policy text (400, 422); its words.
    Unacceptable(String),
    /// Another 4xx: not stored, for a reason that is not in the text.
    Refused(Error),
    /// Certainly not carried out, for a reason that the next read does away with or tells.
    NotSent(Error),
    /// Not sent, because of the grants in it, which could not be recorded.
    Unrecorded(Error),
    /// Nobody knows whether it is or will be stored.
    Lost { server_error: bool, error: Error },
}

/// What the machine wants done.
#[derive(Debug)]
pub(in crate::connector::writer) enum Output {
    /// Send this; its end is the input that is waited for.
    Send(Request),
    /// The policy has this text, at this time or later.
    Seen(Bytes, Instant),
    /// Answer the caller of an intent.
    Reply(Ticket, Answer),
}

/// Something to be done that takes time; one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connector::writer) enum Request {
    /// Read the policy, past every cache.
    Read,
    /// Find out which of the intents the service would refuse on this text, without asking it. Neither the
    /// survey nor the judging may take longer than `patience`.
    Foresee { base: Bytes, members: Vec<(Ticket, Intent)>, survey: Survey, patience: Duration },
    /// Store a text if the tag is still current: `base` with what these intents ask for.
    Write { base: Bytes, text: Bytes, etag: ETag, members: Vec<(Ticket, Intent)> },
    /// Judge a text.
    Validate { text: Bytes },
}

impl Request {
    /// A word for logs.
    pub(in crate::connector::writer) const fn word(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Foresee { .. } => "foresee",
            Self::Write { .. } => "write",
            Self::Validate { .. } => "validate",
        }
    }
}
