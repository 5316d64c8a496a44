//! Loading a tailnet: all its calls at once, judged before anybody sees them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::external::External;
use super::shrink::{Guard, Shrunk};
use super::snapshot::Snapshot;
use super::{Error, Settings, Unavailable};
use crate::tailnet::{Part, Tailnet};
use crate::tailscale::{self, PolicyFile};

/// Reads the whole of a tailnet.
pub(super) struct Loader {
    client: tailscale::Client,
    external: Arc<External>,
    allow_shrink: bool,
    shrink_recheck: Duration,
    guards: Mutex<Guards>,
    /// What the newest load has read of the policy, and when it began, until somebody takes it.
    loaded: Mutex<Option<(PolicyFile, Instant)>>,
}

#[derive(Debug, Default)]
struct Guards {
    users: Guard,
    devices: Guard,
}

impl Loader {
    pub(super) fn new(client: tailscale::Client, settings: &Settings, external: Arc<External>) -> Self {
        Self {
            client,
            external,
            allow_shrink: settings.allow_shrink,
            shrink_recheck: settings.shrink_recheck,
            guards: Mutex::default(),
            loaded: Mutex::default(),
        }
    }

    /// Reads users, invites, devices and the policy file. What equals `before` is shared with it.
    ///
    /// # Errors
    ///
    /// Fails when users or policy cannot be read, when the service fails, and when a list has shrunk in a way
    /// that is not believed yet. Invites or devices that the credential may not read are left out.
    pub(super) async fn load(&self, begun: Instant, before: Option<&Snapshot>) -> Result<Snapshot, Error> {
        let client = &self.client;
        let ((users, invites, devices, file), ()) = tokio::try_join!(
            async { tokio::try_join!(client.users(), client.invites(), client.devices(), client.policy()) },
            async {
                self.external.refresh().await;
                Ok(())
            },
        )?;
        let tailnet = Tailnet { name: client.tailnet().to_owned(), users, invites, devices };
        self.judge(&tailnet, begun)?;
        let text = file.text.clone();
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some((file, begun));
        tracing::debug!(
            tailnet = tailnet.name,
            users = tailnet.users.len(),
            policy_bytes = text.len(),
            elapsed = ?begun.elapsed(),
            "loaded"
        );
        Ok(Snapshot::new(begun, tailnet, text, before))
    }

    /// What the newest load has read of the policy, and when it began, if that was at `earliest` or later; told once.
    pub(super) fn take_loaded(&self, earliest: Instant) -> Option<(PolicyFile, Instant)> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.take_if(|(_, begun)| *begun >= earliest)
    }

    fn judge(&self, tailnet: &Tailnet, begun: Instant) -> Result<(), Error> {
        let mut guards = self.guards.lock().unwrap_or_else(PoisonError::into_inner);
        if self.allow_shrink {
            guards.accept(tailnet);
            return Ok(());
        }
        guards.judge(tailnet, begun, self.shrink_recheck)
    }
}

impl Guards {
    /// Judges every list before it tells of one, so that the waits of lists that shrink together begin
    /// together.
    fn judge(&mut self, tailnet: &Tailnet, begun: Instant, recheck: Duration) -> Result<(), Error> {
        let shrank = |obstacle: String, wait| unbelievable(&tailnet.name, &obstacle, wait);
        let users = self.users.judge(tailnet.users.len(), begun, recheck).map_err(|shrunk| {
            let Shrunk { from, to, wait } = shrunk;
            shrank(format!("the list of users shrank from {from} to {to} entries"), wait)
        });
        let devices = self.devices.judge(device_count(tailnet), begun, recheck).map_err(|shrunk| {
            let Shrunk { from, to, wait } = shrunk;
            let obstacle = match &tailnet.devices {
                Part::Read(_) => format!("the list of devices shrank from {from} to {to} entries"),
                Part::Unreadable(needs) => {
                    format!("{from} devices could be read before, and now none may be: {needs}")
                }
            };
            shrank(obstacle, wait)
        });
        users.and(devices)
    }

    /// Believes every list.
    fn accept(&mut self, tailnet: &Tailnet) {
        self.users.accept(tailnet.users.len());
        self.devices.accept(device_count(tailnet));
    }
}

/// A credential that may not read devices any more has lost its view of them: that is a list of none.
fn device_count(tailnet: &Tailnet) -> usize {
    match &tailnet.devices {
        Part::Read(devices) => devices.len(),
        Part::Unreadable(_) => 0,
    }
}

fn unbelievable(tailnet: &str, obstacle: &str, wait: Duration) -> Error {
    Error::Unavailable {
        tailnet: tailnet.to_owned(),
        reason: Unavailable::Upstream,
        message: format!(
            "{obstacle}; it is believed when a read in {} s or later agrees, or at once with --allow-shrink",
            wait.as_secs_f64().ceil()
        ),
        cause: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tailnet::{Device, Role, User, UserKind, UserStatus};

    const RECHECK: Duration = Duration::from_secs(60);

    fn tailnet(users: usize, devices: Part<usize>) -> Tailnet {
        let user = User {
            id: "u1".to_owned(),
            login_name: "ada@example.com".to_owned(),
            display_name: String::new(),
            kind: UserKind::Member,
            role: Role::Member,
            status: UserStatus::Active,
            created: None,
            last_seen: None,
            currently_connected: false,
            device_count: 0,
        };
        Tailnet {
            name: "example.com".to_owned(),
            users: vec![user; users],
            invites: Part::Read(Vec::new()),
            devices: match devices {
                Part::Read(count) => Part::Read(vec![Device::default(); count]),
                Part::Unreadable(needs) => Part::Unreadable(needs),
            },
        }
    }

    /// Judges reads given as (second, users, devices) and tells of each what is not believed.
    #[track_caller]
    fn check(reads: &[(u64, usize, Part<usize>)], expected: &[&str]) {
        let (mut guards, start) = (Guards::default(), Instant::now());
        for ((second, users, devices), expected) in reads.iter().zip(expected) {
            let read = tailnet(*users, devices.clone());
            let told = guards
                .judge(&read, start + Duration::from_secs(*second), RECHECK)
                .map_or_else(|refused| refused.to_string(), |()| String::new());
            assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{second}: {told}");
        }
    }

    #[test]
    fn lists_that_shrink_together_are_believed_together() {
        check(
            &[(0, 100, Part::Read(100)), (1, 10, Part::Read(10)), (61, 10, Part::Read(10))],
            &["", "users shrank from 100 to 10", ""],
        );
    }

    #[test]
    fn devices_that_may_not_be_read_any_more_are_believed_after_a_while() {
        let forbidden = || Part::Unreadable("devices need a scope".to_owned());
        let told = "100 devices could be read before, and now none may be: devices need a scope";
        check(
            &[(0, 1, Part::Read(100)), (1, 1, forbidden()), (60, 1, forbidden()), (61, 1, forbidden())],
            &["", told, told, ""],
        );
        check(&[(0, 1, Part::Read(100)), (1, 1, forbidden()), (2, 1, Part::Read(100))], &["", told, ""]);
        check(&[(0, 1, Part::Read(19)), (1, 1, forbidden())], &["", ""]);
        check(&[(0, 1, forbidden()), (1, 1, Part::Read(100)), (2, 1, Part::Read(90))], &["", "", ""]);
    }
}
