//! What can go wrong in the use cases, in the caller's terms.

use std::sync::Arc;
use std::time::Duration;

use crate::tailscale;

/// Why a use case failed. Cheap to copy: one failed request may answer many callers.
///
/// Every message names the tailnet, the thing and what to do; none repeats its cause.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// An entitlement, rule, group or principal that is not there (any more).
    #[error("tailnet {tailnet}: {what} does not exist")]
    NotFound {
        /// Tailnet as configured.
        tailnet: String,
        /// What was looked for, such as `user u123`.
        what: String,
    },
    /// The request itself makes no sense: wrong kind of principal, malformed id or page token.
    #[error("{0}")]
    Invalid(String),
    /// The request is understood and will not be carried out in the present state of the tailnet.
    #[error("tailnet {tailnet}: {reason}")]
    Refused {
        /// Tailnet as configured.
        tailnet: String,
        /// What stands against it, and what to do.
        reason: String,
        /// A Grant that is refused for good: repeating it is no use.
        cancelled: bool,
    },
    /// Grant or Revoke while provisioning is switched off.
    #[error("tailnet {tailnet}: provisioning is not enabled (start tailgrant with --provisioning)")]
    ProvisioningOff {
        /// Tailnet as configured.
        tailnet: String,
    },
    /// Tailscale refuses our credential (401 or 403).
    #[error("tailnet {tailnet}: the credential is refused; it needs {needs}")]
    Credential {
        /// Tailnet as configured.
        tailnet: String,
        /// Scope or key that would allow the call.
        needs: String,
        /// The refused call.
        #[source]
        cause: Arc<tailscale::Error>,
    },
    /// Tailscale asks for fewer calls, beyond the caller's deadline.
    #[error("tailnet {tailnet}: Tailscale limits the rate of calls; try again in {} s", retry_after.as_secs())]
    RateLimited {
        /// Tailnet as configured.
        tailnet: String,
        /// When to come back.
        retry_after: Duration,
    },
    /// Something that passes: worth another attempt by the caller.
    #[error("tailnet {tailnet}: {message}")]
    Unavailable {
        /// Tailnet as configured.
        tailnet: String,
        /// The kind of obstacle, for programs.
        reason: Unavailable,
        /// The obstacle, for people.
        message: String,
        /// The call that failed, where one did.
        #[source]
        cause: Option<Arc<tailscale::Error>>,
    },
    /// A defect of ours, such as an edit that could not be proved. Nothing was changed.
    #[error("tailnet {tailnet}: {message}")]
    Internal {
        /// Tailnet as configured.
        tailnet: String,
        /// What was found wrong.
        message: String,
    },
}

/// Obstacles that pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// Tailscale is unreachable or failing, after our own retries.
    Upstream,
    /// Somebody else kept changing the policy file until the deadline.
    Contended,
    /// A write was sent and nobody can say yet whether it counts.
    OutcomeUnknown,
    /// Too many changes are waiting.
    QueueFull,
    /// The daemon is stopping.
    Draining,
    /// The journal cannot be written, and access is given only where that is recorded.
    Journal,
}

impl Unavailable {
    /// The word for programs, as it stands on the wire.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Upstream => "upstream_unavailable",
            Self::Contended => "contended",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::QueueFull => "queue_full",
            Self::Draining => "draining",
            Self::Journal => "journal_unavailable",
        }
    }
}
