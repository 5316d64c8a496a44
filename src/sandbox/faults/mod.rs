//! What goes wrong between the API and its caller: a seeded schedule, and single faults that a test asks
//! for.

mod spec;
mod weather;

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use http::StatusCode;

use super::ForeignEdit;
pub use spec::SpecError;
pub(super) use weather::Weather;

/// A schedule of faults. Written as items joined by `,`:
///
/// - `seed=N` makes the draws repeatable (1 when absent);
/// - `latency=D` or `latency=D..D` delays every call, for example `20ms..80ms`;
/// - `[SCOPE:]FAULT=P[/ARG]` strikes a call with probability `P` from 0 to 1, for example
///   `acl.post:lost-answer=0.05` or `429=0.1/2`. Without a scope it strikes every call that the fault
///   suits. The items are drawn in order and the first hit counts.
///
/// Each endpoint has draws of its own: its nth call meets the same fault, whatever the others do meanwhile.
///
/// See [`Scope`] and [`Fault`] for the words.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    seed: u64,
    latency: Option<Range<Duration>>,
    items: Vec<Scheduled>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { seed: 1, latency: None, items: Vec::new() }
    }
}

/// One item of the schedule.
#[derive(Clone, Debug, PartialEq)]
struct Scheduled {
    scope: Option<Scope>,
    fault: Fault,
    probability: f64,
}

/// The calls that a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `acl.get`: reading the policy.
    ReadPolicy,
    /// `acl.post`: writing the policy.
    WritePolicy,
    /// `acl.validate`
    ValidatePolicy,
    /// `users`: the listing and a single user.
    Users,
    /// `invites`
    Invites,
    /// `devices`
    Devices,
    /// `role`: changing a user's role.
    Role,
    /// `key`: reading the own key.
    Key,
    /// `oauth`: getting an access token.
    Token,
}

impl Scope {
    const ALL: [Self; 9] = [
        Self::ReadPolicy,
        Self::WritePolicy,
        Self::ValidatePolicy,
        Self::Users,
        Self::Invites,
        Self::Devices,
        Self::Role,
        Self::Key,
        Self::Token,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::ReadPolicy => "acl.get",
            Self::WritePolicy => "acl.post",
            Self::ValidatePolicy => "acl.validate",
            Self::Users => "users",
            Self::Invites => "invites",
            Self::Devices => "devices",
            Self::Role => "role",
            Self::Key => "key",
            Self::Token => "oauth",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `429`: the call is not carried out; `Retry-After` says when to come back, in seconds (the argument,
    /// 1 when absent).
    RateLimited {
        /// Value of `Retry-After`.
        seconds: u64,
    },
    /// `500`, `502`, `503`, `504`: the call is not carried out.
    Status(StatusCode),
    /// `500`, `502`, `503`, `504`, each with the argument `after`, as in `504=0.1/after`: the call is carried out, but
    /// this status is answered, as a gateway does that gave up waiting.
    StatusAfter(StatusCode),
    /// `reset-before`: the connection is reset, the call not carried out.
    ResetBefore,
    /// `reset-after`: the call is carried out, then the connection is reset.
    ResetAfter,
    /// `truncate`: the call is carried out, and its answer breaks off in the middle of the body. An answer
    /// without a body arrives.
    Truncate,
    /// `lost-answer`: the change is made, then the connection is closed without an answer.
    LostAnswer,
    /// `lost-answer` with the argument `hold`, as in `lost-answer=0.1/hold`: the change is made, then the connection
    /// stands without an answer until the caller gives up.
    HeldAnswer,
    /// `late-effect/MAX`: the connection is closed at once, and the change is tried later: after this time;
    /// in a schedule, after a time drawn below it.
    LateEffect(Duration),
    /// `foreign-edit/KIND`: somebody else edits the policy: right after it was read, or right before it is
    /// written. The argument says [what they do](ForeignEdit), `remark` when absent.
    ForeignEdit(ForeignEdit),
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "429",
            Self::Status(StatusCode::BAD_GATEWAY) => "502",
            Self::Status(StatusCode::SERVICE_UNAVAILABLE) => "503",
            Self::Status(StatusCode::GATEWAY_TIMEOUT) => "504",
            Self::Status(_) => "500",
            Self::StatusAfter(StatusCode::BAD_GATEWAY) => "502/after",
            Self::StatusAfter(StatusCode::SERVICE_UNAVAILABLE) => "503/after",
            Self::StatusAfter(StatusCode::GATEWAY_TIMEOUT) => "504/after",
            Self::StatusAfter(_) => "500/after",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::Truncate => "truncate",
            Self::LostAnswer => "lost-answer",
            Self::HeldAnswer => "lost-answer/hold",
            Self::LateEffect(_) => "late-effect",
            Self::ForeignEdit(_) => "foreign-edit",
        }
    }

    /// Whether the fault makes sense for these calls; `None` are the calls without a scope.
    fn suits(self, scope: Option<Scope>) -> bool {
        match self {
            Self::LostAnswer | Self::HeldAnswer | Self::LateEffect(_) => {
                matches!(scope, Some(Scope::WritePolicy | Scope::Role))
            }
            Self::ForeignEdit(_) => matches!(scope, Some(Scope::ReadPolicy | Scope::WritePolicy)),
            _ => true,
        }
    }
}
