//! What is asked of Grant and Revoke, and what they answer.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::access::{EntitlementId, Grant, GrantId, ResourceId};
use crate::connector::{Caller, Error, with_causes};

/// What was asked for: for the log, when it was refused.
pub(super) struct Asked {
    caller: Caller,
    entitlement: EntitlementId,
    principal: ResourceId,
}

impl Asked {
    pub(super) fn of(caller: &Caller, entitlement: &EntitlementId, principal: &ResourceId) -> Self {
        let (caller, entitlement) = (caller.clone(), entitlement.clone());
        Self { caller, entitlement, principal: principal.clone() }
    }

    /// `what` came of it, for this reason.
    pub(super) fn log_refusal(&self, tailnet: &str, error: &Error, what: &str) {
        let Self { caller, entitlement, principal } = self;
        let (caller, error) = (&*caller.words, with_causes(error));
        tracing::warn!(tailnet, caller, %entitlement, %principal, error, "{what}");
    }
}

/// Give this principal that entitlement.
#[derive(Clone, Debug)]
pub struct GrantRequest {
    /// What to grant.
    pub entitlement: EntitlementId,
    /// To whom; only the id counts, whatever else the caller believes about the principal.
    pub principal: ResourceId,
    /// When the caller stops waiting; `None` means the settings' default.
    pub deadline: Option<Instant>,
    /// Who asks.
    pub caller: Caller,
    /// What the caller calls the request: written beside a lease, and in the journal.
    pub request_id: Option<String>,
    /// When the access is to end by itself.
    pub end: Option<LeaseEnd>,
}

/// When access is to end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEnd {
    /// At this moment.
    At(Timestamp),
    /// So long after the call.
    After(Duration),
}

/// Why access cannot end like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEnd {
    /// The end has passed, or would pass at once.
    #[error("must be in the future")]
    NotAhead,
    /// Later than can be written.
    #[error("is too far in the future: the last year is 9999")]
    TooFar,
}

impl LeaseEnd {
    /// The moment that is written: in whole seconds, rounded up.
    ///
    /// # Errors
    ///
    /// Fails when it would not be after `now`, and when it cannot be written as RFC 3339 does.
    pub fn until(self, now: Timestamp) -> Result<Timestamp, BadEnd> {
        let end = match self {
            Self::At(end) => end,
            Self::After(length) => now.checked_add(length).map_err(|_| BadEnd::TooFar)?,
        };
        if end <= now {
            return Err(BadEnd::NotAhead);
        }
        let begun = i64::from(end.subsec_nanosecond() > 0);
        Timestamp::from_second(end.as_second() + begun).map_err(|_| BadEnd::TooFar)
    }
}

/// A grant that is there now.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The grant.
    pub grant: Grant,
    /// How it came to be.
    pub outcome: GrantOutcome,
}

/// How a grant came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantOutcome {
    /// It was added, or got or lost an end.
    Added,
    /// It was there, directly, and as it was asked for; or without an end, which it keeps.
    AlreadyExists,
    /// It was added, and took the place of this one.
    Replaced(GrantId),
}

impl GrantOutcome {
    /// For the log.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::AlreadyExists => "already_exists",
            Self::Replaced(_) => "replaced",
        }
    }
}

/// Take that entitlement from this principal.
#[derive(Clone, Debug)]
pub struct RevokeRequest {
    /// What to take away.
    pub entitlement: EntitlementId,
    /// From whom.
    pub principal: ResourceId,
    /// Login, e-mail addresses and aliases that the request's own user trait gives: they may name the
    /// principal in the policy after the id has left the tailnet.
    pub logins: Vec<String>,
    /// When the caller stops waiting; `None` means the settings' default.
    pub deadline: Option<Instant>,
    /// Who asks.
    pub caller: Caller,
    /// What the caller calls the request, for the journal.
    pub request_id: Option<String>,
}

/// How a revoke ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeOutcome {
    /// The grant was there and is gone.
    Removed,
    /// The grant was not there.
    AlreadyRevoked,
}

impl RevokeOutcome {
    /// For the log.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::AlreadyRevoked => "already_revoked",
        }
    }
}
