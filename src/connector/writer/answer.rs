//! What an intent is answered, and what that means to its caller.

use crate::connector::direction::Direction;
use crate::connector::objection;
use crate::connector::{Error, Unavailable};
use crate::policy::{Refusal, Rejection};

/// How a change that was asked for stands in the policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connector) enum Done {
    /// We made it.
    Written,
    /// It was so already.
    Held,
}

/// The answer to one intent.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// It holds in the policy file.
    Done(Done),
    /// The text does not allow it.
    Impossible(Refusal),
    /// The service would refuse the policy with this change, as its own tests or rules tell.
    Foreseen(Rejection),
    /// The service refuses the policy with this change; its words.
    Rejected(String),
    /// The service refuses the policy as it is, or nobody can read it; why.
    Broken(String),
    /// The edit could not be proved; why.
    Unproved(String),
    /// A call failed.
    Failed(Error),
    /// Somebody else kept changing the policy until the deadline.
    Contended,
    /// A request that carries it may still be carried out, or not.
    OutcomeUnknown,
    /// So many grants wait already.
    QueueFull(usize),
    /// The daemon is stopping.
    Draining,
}

impl Answer {
    /// What the caller is told.
    pub(super) fn into_result(self, tailnet: &str, direction: Direction) -> Result<Done, Error> {
        let refused = |reason: String, cancelled: bool| Error::Refused {
            tailnet: tailnet.to_owned(),
            reason,
            cancelled: cancelled && direction == Direction::Grant,
        };
        let unavailable = |reason: Unavailable, message: &str| Error::Unavailable {
            tailnet: tailnet.to_owned(),
            reason,
            message: message.to_owned(),
            cause: None,
        };
        Err(match self {
            Self::Done(done) => return Ok(done),
            Self::Impossible(refusal) => return impossible(tailnet, &refusal, direction),
            Self::Foreseen(rejection) => refused(objection::to_edit(&rejection), true),
            Self::Rejected(words) => refused(
                format!(
                    "Tailscale refuses the policy file with this change: {words}; the policy file is as it was"
                ),
                true,
            ),
            Self::Broken(reason) => refused(
                format!(
                    "the policy file cannot be changed before it is repaired in the Tailscale admin console: {reason}"
                ),
                false,
            ),
            Self::Unproved(reason) => Error::Internal {
                tailnet: tailnet.to_owned(),
                message: format!("nothing was written: {reason}; please report this"),
            },
            Self::Failed(error) => error,
            Self::Contended => unavailable(
                Unavailable::Contended,
                "the policy file kept changing until the deadline, nothing was written; try again",
            ),
            Self::OutcomeUnknown => unavailable(
                Unavailable::OutcomeUnknown,
                "a change of the policy file was sent and Tailscale did not say whether it counts; \
                 look at the policy file or try again",
            ),
            Self::QueueFull(bound) => unavailable(
                Unavailable::QueueFull,
                &format!("{bound} grants wait already to be written to the policy file; try again later"),
            ),
            Self::Draining => {
                unavailable(Unavailable::Draining, "tailgrant is stopping, nothing was written; try again")
            }
        })
    }
}

/// What the policy file itself says against a change.
fn impossible(tailnet: &str, refusal: &Refusal, direction: Direction) -> Result<Done, Error> {
    match (refusal, direction) {
        // What is not there has no members.
        (Refusal::NoSuchGroup(_) | Refusal::NoSuchTag(_) | Refusal::NoSuchRule(_), Direction::Revoke) => {
            Ok(Done::Held)
        }
        (Refusal::NoSuchGroup(name), Direction::Grant) => Err(not_found(tailnet, "group", name)),
        (Refusal::NoSuchTag(name), Direction::Grant) => Err(not_found(tailnet, "tag", name)),
        (Refusal::NoSuchRule(id), Direction::Grant) => Err(not_found(tailnet, "rule", id)),
        (Refusal::NotAllowed { .. }, Direction::Grant) => {
            Err(Error::Invalid(format!("tailnet {tailnet}: {refusal}")))
        }
        (
            Refusal::NotAllowed { .. }
            | Refusal::RuleUnknown { .. }
            | Refusal::AmbiguousRule { .. }
            | Refusal::SyncedGroup(_)
            | Refusal::GrantNever(_)
            | Refusal::Twice(_)
            | Refusal::NotAList(_)
            | Refusal::Inherited { .. }
            | Refusal::LeftToAdmins(_),
            _,
        ) => Err(Error::Refused {
            tailnet: tailnet.to_owned(),
            reason: refusal.to_string(),
            cancelled: direction == Direction::Grant,
        }),
    }
}

fn not_found(tailnet: &str, what: &str, name: &str) -> Error {
    Error::NotFound { tailnet: tailnet.to_owned(), what: format!("{what} {name:?} of the policy file") }
}
