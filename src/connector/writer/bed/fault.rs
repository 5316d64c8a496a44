//! What goes wrong with a request.

use std::collections::BTreeMap;
use std::fmt;

/// A request's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum On {
    Get,
    Post,
    Validate,
}

/// What goes wrong with it. The words are those of the sandbox's `--faults`, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// Carried out, and never answered.
    LostAnswer,
    /// Not answered, and carried out later, at any time of its life.
    LateEffect,
    /// The connection breaks before the service gets it, and nobody can tell.
    ResetBefore,
    /// The connection breaks when the service has carried it out.
    ResetAfter,
    /// A server error: carried out, not carried out, or later.
    Status(u16),
    /// Carried out, and the answer is cut off.
    Truncate,
    /// 429.
    RateLimit,
    /// Somebody else edits the policy just before.
    ForeignEditBefore,
    /// Somebody else edits the policy just after.
    ForeignEditAfter,
    /// No connection: certainly not sent.
    NotSent,
    /// The credential is refused.
    Forbidden,
    /// A policy comes without its tag.
    Untagged,
    /// A write cannot be recorded before it is sent.
    Unrecorded,
}

impl Fault {
    const EVERYWHERE: [Self; 13] = [
        Self::LostAnswer,
        Self::LateEffect,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Status(500),
        Self::Status(502),
        Self::Status(503),
        Self::Status(504),
        Self::Truncate,
        Self::RateLimit,
        Self::ForeignEditBefore,
        Self::ForeignEditAfter,
        Self::NotSent,
    ];

    /// All that a write may meet.
    pub(super) fn of_writes() -> impl Iterator<Item = Self> {
        Self::EVERYWHERE.into_iter().chain([Self::Forbidden, Self::Unrecorded])
    }

    /// One of those that a request of this kind may meet. Credentials are seldom refused: it ends every wait.
    pub(super) fn draw(on: On, chance: &mut fastrand::Rng) -> Self {
        match (on, chance.u8(..40)) {
            (_, 0) => Self::Forbidden,
            (On::Get, 1) => Self::Untagged,
            _ => Self::EVERYWHERE[chance.usize(..Self::EVERYWHERE.len())],
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LostAnswer => out.write_str("lost-answer"),
            Self::LateEffect => out.write_str("late-effect"),
            Self::ResetBefore => out.write_str("reset-before"),
            Self::ResetAfter => out.write_str("reset-after"),
            Self::Status(status) => write!(out, "{status}"),
            Self::Truncate => out.write_str("truncate"),
            Self::RateLimit => out.write_str("429"),
            Self::ForeignEditBefore => out.write_str("foreign-edit before"),
            Self::ForeignEditAfter => out.write_str("foreign-edit after"),
            Self::NotSent => out.write_str("not sent"),
            Self::Forbidden => out.write_str("403"),
            Self::Untagged => out.write_str("no ETag"),
            Self::Unrecorded => out.write_str("unrecorded"),
        }
    }
}

impl fmt::Display for On {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Get => "acl.get",
            Self::Post => "acl.post",
            Self::Validate => "acl.validate",
        })
    }
}

/// How often each fault struck which kind of request.
pub(super) type Hits = BTreeMap<(Fault, On), u64>;
