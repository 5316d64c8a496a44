//! What the configuration audit log keeps.

use jiff::Timestamp;

use super::{User, World};

/// Somebody left the tailnet: the one change that is logged here.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Departure {
    pub(in crate::sandbox) time: Timestamp,
    /// Who did it, where that user still exists.
    pub(in crate::sandbox) actor: Option<User>,
    /// Who left, as they were.
    pub(in crate::sandbox) user: User,
}

impl World {
    /// Logs what the owner of the API key did to these users just now.
    pub(super) fn log_departures(&mut self, users: Vec<User>) {
        let actor = self.users.iter().find(|user| user.id == self.key.user_id).cloned();
        let time = Timestamp::now();
        self.departures.extend(users.into_iter().map(|user| Departure { time, actor: actor.clone(), user }));
    }
}
