//! The simulated tailnet: what the API reads and changes.

mod audit;
mod device;
mod invite;
mod stored;
mod user;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Serialize;

pub(super) use audit::Departure;
pub use device::Device;
pub use invite::Invite;
pub use user::{User, UserType};

use super::history::History;
use super::policy::PolicyFile;
use super::token::{AccessToken, HOUR};

/// The tailnet behind the API. Tests and demos change it by [`Sandbox::change`](super::Sandbox::change).
#[derive(Debug)]
pub struct World {
    /// Everybody, shared users included, in the order of the listing.
    pub users: Vec<User>,
    /// Open invites.
    pub invites: Vec<Invite>,
    /// Devices in the order of the listing.
    pub devices: Vec<Device>,
    /// Tailnet settings.
    pub settings: TailnetSettings,
    /// The API key in use: whose it is and when it ends.
    pub key: ApiKey,
    /// OAuth clients. While there is none and no API key is demanded, any client gets the scope `all`.
    pub oauth_clients: Vec<OauthClient>,
    /// Groups that a directory pushes, as the policy names them (`group:sre@example.com`).
    pub synced_groups: Vec<String>,
    pub(super) tailnet: String,
    policy: PolicyFile,
    history: History,
    pub(super) api_key: Option<SecretString>,
    pub(super) access_tokens: VecDeque<AccessToken>,
    pub(super) refused: Vec<(String, String)>,
    pub(super) departures: Vec<Departure>,
    foreign_edits: u64,
    pub(super) random: fastrand::Rng,
    last_number: u64,
    rendered: BTreeMap<String, Bytes>,
}

/// What is generated, before it becomes a [`World`].
#[derive(Debug)]
pub(super) struct Population {
    pub(super) users: Vec<User>,
    pub(super) invites: Vec<Invite>,
    pub(super) devices: Vec<Device>,
    pub(super) synced_groups: Vec<String>,
}

/// Whose API key is used.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The user who owns it, and whose rights it has; from the start an admin, or the owner where there is
    /// no admin. Where no such user exists, or the user is suspended, the key is refused.
    pub user_id: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; from the start in 60 days.
    pub expires: Timestamp,
}

impl ApiKey {
    pub(super) fn has_expired(&self) -> bool {
        self.expires <= Timestamp::now()
    }
}

/// An OAuth client of the tailnet.
#[derive(Clone, Debug)]
pub struct OauthClient {
    /// Client id.
    pub id: String,
    /// Client secret.
    pub secret: SecretString,
    /// For example `users:read`, `policy_file`, `all`.
    pub scopes: Vec<String>,
    /// How long its access tokens live; an hour at the service.
    pub lifetime: Duration,
}

/// The settings that the API shows, with the service's names in JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the service's own switches")]
#[expect(missing_docs, reason = "named as the service names them")]
pub struct TailnetSettings {
    pub acls_externally_managed_on: bool,
    pub acls_external_link: String,
    pub devices_approval_on: bool,
    pub devices_auto_updates_on: bool,
    pub devices_key_duration_days: u32,
    pub users_approval_on: bool,
    pub users_role_allowed_to_join_external_tailnets: String,
    pub network_flow_logging_on: bool,
    pub regional_routing_on: bool,
    pub posture_identity_collection_on: bool,
    pub https_enabled: bool,
}

impl Default for TailnetSettings {
    fn default() -> Self {
        Self {
            acls_externally_managed_on: false,
            acls_external_link: String::new(),
            devices_approval_on: false,
            devices_auto_updates_on: true,
            devices_key_duration_days: 180,
            users_approval_on: true,
            users_role_allowed_to_join_external_tailnets: "admin".to_owned(),
            network_flow_logging_on: false,
            regional_routing_on: false,
            posture_identity_collection_on: false,
            https_enabled: true,
        }
    }
}

impl World {
    pub(super) fn new(
        tailnet: &str,
        population: Population,
        policy: PolicyFile,
        api_key: Option<SecretString>,
        seed: u64,
        now: Timestamp,
    ) -> Self {
        let Population { users, invites, devices, synced_groups } = population;
        let holder =
            users.iter().find(|user| user.role == "admin" && user.status == "active").or(users.first());
        let day = 24 * HOUR;
        let key = ApiKey {
            user_id: holder.map(|user| user.id.clone()).unwrap_or_default(),
            created: now.saturating_sub(30 * day).unwrap_or(now),
            expires: now.saturating_add(60 * day).unwrap_or(now),
        };
        Self {
            users,
            invites,
            devices,
            settings: TailnetSettings::default(),
            key,
            oauth_clients: Vec::new(),
            synced_groups,
            tailnet: tailnet.to_owned(),
            policy,
            history: History::new(0),
            api_key,
            access_tokens: VecDeque::new(),
            refused: Vec::new(),
            departures: Vec::new(),
            foreign_edits: 0,
            random: fastrand::Rng::with_seed(seed),
            last_number: 0,
            rendered: BTreeMap::new(),
        }
    }

    /// The user with this login, compared without regard to case.
    #[must_use]
    pub fn user(&self, login: &str) -> Option<&User> {
        self.users.iter().find(|user| user.login_name.eq_ignore_ascii_case(login))
    }

    /// The user with this login, to be changed.
    pub fn user_mut(&mut self, login: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.login_name.eq_ignore_ascii_case(login))
    }

    /// A new, active user with this login and role; answers the id.
    pub fn add_user(&mut self, login: &str, role: &str) -> String {
        let id = format!("uA{}CNTRL", self.next_number());
        self.users.push(User { role: role.to_owned(), ..User::new(&id, login) });
        id
    }

    /// The user leaves the tailnet, and the user's devices with them; the audit log tells. Whether there was
    /// such a user.
    pub fn remove_user(&mut self, login: &str) -> bool {
        let left: Vec<User> =
            self.users.extract_if(.., |user| user.login_name.eq_ignore_ascii_case(login)).collect();
        self.devices.retain(|device| !device.tags.is_empty() || !device.user.eq_ignore_ascii_case(login));
        let removed = !left.is_empty();
        self.log_departures(left);
        removed
    }

    /// Adds an OAuth client whose access tokens live for an hour. From now on only added clients are known.
    pub fn add_oauth_client(&mut self, id: &str, secret: &str, scopes: &[&str]) {
        self.oauth_clients.push(OauthClient {
            id: id.to_owned(),
            secret: secret.into(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            lifetime: HOUR,
        });
    }

    /// From now on every policy whose text contains `needle` is refused with `message`, as a failing test
    /// or an invalid rule would be: 400 on set, a message on validate.
    pub fn refuse_policies_with(&mut self, needle: &str, message: &str) {
        self.refused.push((needle.to_owned(), message.to_owned()));
    }

    /// Takes all of [`World::refuse_policies_with`] back.
    pub fn refuse_no_policies(&mut self) {
        self.refused.clear();
    }

    /// The next number for an id.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// A listing's body, made once and kept until the world changes.
    pub(super) fn rendered(&mut self, key: String, render: impl FnOnce(&Self) -> Bytes) -> Bytes {
        if let Some(body) = self.rendered.get(&key) {
            return body.clone();
        }
        let body = render(self);
        self.rendered.insert(key, body.clone());
        body
    }

    /// The world may have changed: listings are made anew.
    pub(super) fn forget_rendered(&mut self) {
        self.rendered.clear();
    }
}

/// The tailnet's id, which paths may name instead of its name.
pub(super) const TAILNET_ID: &str = "TSANDBOXCNTRL";
