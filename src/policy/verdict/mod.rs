//! What the service says to a policy.

use super::assertion::{self, Failure, Objection};
use super::topology::Topology;
use super::view::Policy;
use crate::hujson::Position;

/// Why the service refuses a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status of the answer: 400, or 500 where the service itself stumbles.
    pub status: u16,
    /// The `message` of the answer, word for word where it is known (policy reference, section 6).
    pub message: String,
    /// Where in the text the mistake is.
    pub position: Position,
    /// The tests that fail; empty when something else is wrong.
    pub failures: Vec<Failure>,
}

/// Predicts the service's answer to a policy. The service tells one mistake, so does this.
///
/// # Errors
///
/// Fails with what the service would say to a policy that it refuses.
pub fn judge(policy: &Policy<'_>, topology: &Topology) -> Result<(), Rejection> {
    match assertion::objection(policy, topology) {
        Some(Objection { message, position, failures }) => {
            Err(Rejection { status: 400, message, position, failures })
        }
        None => Ok(()),
    }
}
