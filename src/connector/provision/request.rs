//! What is asked of Grant and Revoke, and what they answer.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::access::{EntitlementId, Grant, GrantId, ResourceId};

/// Give this principal that entitlement.
#[derive(Clone, Debug)]
pub struct GrantRequest {
    /// What to grant.
    pub entitlement: EntitlementId,
    /// To whom; only the id counts, whatever else the caller believes about the principal.
    pub principal: ResourceId,
    /// When the caller stops waiting; `None` means the settings' default.
    pub deadline: Option<Instant>,
    /// Who asks, for the log.
    pub caller: String,
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
    /// It was added.
    Added,
    /// It was there, directly.
    AlreadyExists,
    /// It was added, and took the place of this one.
    Replaced(GrantId),
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
    /// Who asks, for the log.
    pub caller: String,
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
