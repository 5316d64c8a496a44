//! What we know of a tailnet that its newest load does not show.

use std::time::Instant;

use bytes::Bytes;

use super::snapshot::Snapshot;
use crate::tailnet::User;

/// Our own writes, and what the writer has read, each with the time at which it was true.
///
/// A load that began before that time may have read the older state, so it is laid over such loads. A
/// load that began later has seen it, or something newer.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    policy: Option<(Instant, Bytes)>,
    users: Vec<(Instant, User)>,
}

impl Overlay {
    pub(super) fn policy_seen(&mut self, text: Bytes, at: Instant) {
        if self.policy.as_ref().is_none_or(|(known, _)| *known <= at) {
            self.policy = Some((at, text));
        }
    }

    pub(super) fn user_seen(&mut self, user: User, at: Instant) {
        match self.users.iter_mut().find(|(_, known)| known.id == user.id) {
            Some((known, _)) if *known > at => {}
            Some(known) => *known = (at, user),
            None => self.users.push((at, user)),
        }
    }

    /// Forgets what a load that began at `begun` has seen for itself.
    pub(super) fn forget_before(&mut self, begun: Instant) {
        self.policy.take_if(|(at, _)| *at <= begun);
        self.users.retain(|(at, _)| *at > begun);
    }

    /// The snapshot with what we know laid over it, or nothing when it shows all of it already.
    pub(super) fn over(&self, snapshot: &Snapshot) -> Option<Snapshot> {
        let policy = self.policy.as_ref().filter(|(_, text)| *text != snapshot.policy);
        let with_policy = policy.map(|(_, text)| snapshot.with_policy(text.clone()));
        let base = with_policy.as_ref().unwrap_or(snapshot);
        let unlike = |user: &User| !base.tailnet.users.contains(user);
        if !self.users.iter().any(|(_, user)| unlike(user)) {
            return with_policy;
        }
        let mut tailnet = (*base.tailnet).clone();
        for (_, user) in &self.users {
            match tailnet.users.iter_mut().find(|known| known.id == user.id) {
                Some(known) => *known = user.clone(),
                None => tailnet.users.push(user.clone()),
            }
        }
        Some(base.with_tailnet(tailnet))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tailnet::{Part, Role, Tailnet, UserKind, UserStatus};

    fn user(id: &str, role: Role) -> User {
        User {
            id: id.to_owned(),
            login_name: format!("{id}@example.com"),
            display_name: String::new(),
            kind: UserKind::Member,
            role,
            status: UserStatus::Active,
            created: None,
            last_seen: None,
            currently_connected: false,
            device_count: 0,
        }
    }

    fn snapshot(begun: Instant) -> Snapshot {
        let tailnet = Tailnet {
            name: "example.com".to_owned(),
            users: vec![user("ada", Role::Member), user("bob", Role::Member)],
            invites: Part::Read(Vec::new()),
            devices: Part::Read(Vec::new()),
        };
        Snapshot::new(begun, tailnet, Bytes::from_static(b"{}"), None)
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_written_policy_shows_until_a_later_load() {
        let begun = Instant::now();
        let mut overlay = Overlay::default();
        overlay.policy_seen(Bytes::from_static(b"{ }"), begun + seconds(2));
        overlay.policy_seen(Bytes::from_static(b"older"), begun + seconds(1));
        assert_eq!(overlay.over(&snapshot(begun)).unwrap().policy, "{ }");
        overlay.forget_before(begun + seconds(1));
        assert_eq!(overlay.over(&snapshot(begun + seconds(1))).unwrap().policy, "{ }");
        overlay.forget_before(begun + seconds(2));
        assert!(overlay.over(&snapshot(begun + seconds(2))).is_none());
    }

    #[test]
    fn a_changed_user_shows_until_a_later_load() {
        let begun = Instant::now();
        let mut overlay = Overlay::default();
        overlay.user_seen(user("bob", Role::Admin), begun + seconds(1));
        overlay.user_seen(user("bob", Role::Auditor), begun);
        let shown = overlay.over(&snapshot(begun)).unwrap();
        let roles: Vec<_> = shown.tailnet.users.iter().map(|user| user.role.clone()).collect();
        assert_eq!(roles, [Role::Member, Role::Admin]);
        assert!(overlay.over(&shown).is_none(), "it is all there already");
        overlay.forget_before(begun + seconds(1));
        assert!(overlay.over(&snapshot(begun)).is_none());
    }
}
