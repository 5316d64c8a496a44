//! The second lane of a run: roles, which are set at the user with one call each. They have a small judge of their own.

mod judge;

use fastrand::Rng;
use std::fmt;
use std::time::Duration;

use tailgrant::proto::c1::connector::v2 as pb;

pub(crate) use judge::{Known, RoleSet};

use crate::checker::{Answer, Op};
use crate::client::Patience;
use crate::tailnet::resource;

/// Who gets roles, by the start of their login; nobody else's roles change.
pub(crate) const PEOPLE: [&str; 3] = ["rosa", "sven", "uma"];

/// The roles that come and go. Without any of them one is a `member`.
const ROLES: [&str; 3] = ["admin", "auditor", "it-admin"];

/// Clients of the lane, and the calls of each.
const CLIENTS: usize = 3;
const STEPS: std::ops::Range<usize> = 8..13;

/// What strikes changes of roles.
pub(crate) const OF_ROLES: [&str; 11] = [
    "429/0",
    "500",
    "502",
    "503",
    "504",
    "504/after",
    "reset-before",
    "reset-after",
    "lost-answer",
    "lost-answer/hold",
    "late-effect",
];

/// One call of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoleStep {
    pub(crate) replica: u32,
    pub(crate) grants: bool,
    pub(crate) role: &'static str,
    pub(crate) person: &'static str,
    pub(crate) patience: Patience,
}

/// A call with its answer.
#[derive(Clone, Debug)]
pub(crate) struct RoleCall {
    pub(crate) step: RoleStep,
    /// In milliseconds since the beginning of the run, as all times.
    pub(crate) called: u64,
    /// When the answer came or the caller left; none: not before the end of the run.
    pub(crate) answered: Option<u64>,
    pub(crate) answer: Answer,
}

/// What the clients of the lane ask for.
pub(crate) fn steps(random: &mut Rng, replicas: u32) -> Vec<Vec<RoleStep>> {
    let client = |random: &mut Rng| {
        (0..random.usize(STEPS)).map(|_| RoleStep::draw(random, replicas)).collect::<Vec<_>>()
    };
    (0..CLIENTS).map(|_| client(random)).collect()
}

impl RoleStep {
    fn draw(random: &mut Rng, replicas: u32) -> Self {
        Self {
            replica: random.u32(..replicas),
            grants: random.u8(..5) < 3,
            role: ROLES[random.usize(..ROLES.len())],
            person: PEOPLE[random.usize(..PEOPLE.len())],
            patience: match random.u8(..10) {
                0 => Patience::Leaves(Duration::from_millis(random.u64(1..80))),
                1..4 => Patience::Deadline(Duration::from_millis(random.u64(250..2_500))),
                _ => Patience::Endless,
            },
        }
    }

    pub(crate) fn op(&self) -> Op {
        if self.grants { Op::Grant } else { Op::Revoke }
    }

    pub(crate) fn entitlement(&self) -> pb::Entitlement {
        pb::Entitlement {
            id: format!("role:{}:member", self.role),
            slug: "member".to_owned(),
            resource: Some(resource("role", self.role)),
            ..Default::default()
        }
    }

    /// Whether a role is as it wants it.
    fn holds_in(&self, role: &str) -> bool {
        (role == self.role) == self.grants
    }
}

impl fmt::Display for RoleCall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleStep { replica, grants, role, person, .. } = self.step;
        let verb = if grants { "grant" } else { "revoke" };
        write!(out, "on replica {replica} at {}: {verb} role {role} {person}; ", self.called)?;
        match self.answered {
            Some(at) => write!(out, "{:?} at {at}", self.answer),
            None => out.write_str("never answered"),
        }
    }
}
