//! One change of a role that is asked for.

use std::sync::Arc;
use std::time::Instant;

use crate::connector::direction::Direction;
use crate::connector::writer::Origin;
use crate::journal::{self, Action};
use crate::tailnet::Role;

/// How a role change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connector) enum RoleChange {
    /// The user has the role that was wanted, in place of this one.
    Changed { before: Role },
    /// There was nothing to change.
    Unchanged,
}

/// Whose role is to be changed, and for whom.
#[derive(Debug)]
pub(in crate::connector) struct Asked<'a> {
    /// The user's id.
    pub(in crate::connector) user: &'a str,
    /// The role that is to be given or taken away.
    pub(in crate::connector) role: &'a Role,
    pub(in crate::connector) origin: Origin,
    /// The answer comes a little earlier.
    pub(in crate::connector) deadline: Instant,
}

/// One call, and what it has to know when it is cut short.
pub(super) struct Call<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) user: &'a str,
    pub(super) direction: Direction,
    /// When it is answered at the latest.
    pub(super) by: Instant,
    /// What its first POST was to replace.
    pub(super) before: Option<Role>,
    /// A POST of it was lost, and the journal does not say yet what became of it.
    pub(super) lost: bool,
    /// A POST for this user may be carried out yet, or was and nobody has read the user since.
    pub(super) uncertain: bool,
}

impl Call<'_> {
    /// What the journal says of it.
    pub(super) fn journal_intent(&self) -> journal::Intent {
        let Asked { user, role, origin, .. } = self.asked;
        let action = match self.direction {
            Direction::Grant => Action::Grant,
            Direction::Revoke => Action::Revoke,
        };
        journal::Intent {
            caller: Arc::clone(&origin.caller.words),
            request_id: origin.request_id.clone(),
            ..journal::Intent::new(action, format!("role:{role}"), (*user).to_owned())
        }
    }
}
