//! Whether a connector can do its work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::snapshot::Snapshot;
use super::{Connector, Error, objection, topology, with_causes};
use crate::policy::{Forecast, Topology, has_tests};
use crate::tailnet::{Key, Role, User};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(60);

/// How long it is looked for what Tailscale has against the policy file.
const PATIENCE: Duration = Duration::from_secs(10);

/// Days left from which on a key's end is told.
const WARN_DAYS: i64 = 14;

/// What a check of the connector found, for people and for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// What needs somebody at once: access that stands although it should have ended, a journal that cannot be
    /// written.
    pub critical: Vec<String>,
    /// What is left out, what will not work, what ends soon.
    pub notes: Vec<String>,
    /// Whole days until the credential's key ends; `None` when it has no end or tells none.
    pub key_days_left: Option<i64>,
    /// Whether the credential may write what provisioning writes; `None` when that cannot be told without
    /// writing, or provisioning is off.
    pub may_write: Option<bool>,
}

/// Checks a connector and keeps the answer for a while.
#[derive(Debug, Default)]
pub(super) struct Validator {
    kept: Mutex<Option<(Instant, Validation)>>,
}

impl Validator {
    /// See [`Connector::validate`]. Concurrent calls wait for one answer; failures are not kept.
    pub(super) async fn validate(&self, connector: &Connector) -> Result<Validation, Error> {
        let mut kept = self.kept.lock().await;
        if let Some((at, validation)) = kept.as_ref().filter(|(at, _)| at.elapsed() < KEPT) {
            tracing::debug!(age = ?at.elapsed(), "validated lately");
            return Ok(validation.clone());
        }
        let validation = check(connector).await?;
        *kept = Some((Instant::now(), validation.clone()));
        Ok(validation)
    }
}

async fn check(connector: &Connector) -> Result<Validation, Error> {
    let snapshot = connector.snapshots.recent().await?;
    connector.catalog_of(&snapshot).await?;
    let mut notes = connector.snapshots.unreadable();
    if let Some(note) = defect(&snapshot).await {
        tracing::warn!(tailnet = connector.tailnet(), "{note}");
        notes.push(note);
    }
    let key = match connector.own_key().await {
        Ok(key) => key,
        Err(refused @ Error::Credential { .. }) => return Err(refused),
        // The users and the policy file could be read: the connector can do its work.
        Err(obstacle) => {
            notes.push(format!("the credential's own key could not be read: {}", with_causes(&obstacle)));
            None
        }
    };
    let writing = match (connector.settings.provisioning, &key) {
        (false, _) => Writing { allowed: None, notes: Vec::new() },
        (true, Some(key)) => by_role(key, &snapshot.tailnet.users),
        (true, None) => {
            let scopes = connector.client.token_scopes().await?;
            scopes.map_or_else(Writing::unknown, |scopes| by_scopes(&scopes))
        }
    };
    let key_days_left = key.and_then(|key| key.expires).map(|end| days_until(end, Timestamp::now()));
    notes.extend(writing.notes);
    notes.extend(connector.settings.dry_run_note());
    notes.extend(connector.external.notes());
    notes.extend(key_days_left.filter(|days| *days <= WARN_DAYS).map(|days| {
        format!(
            "the API key ends in {days} days: make a new one in the admin console, or use an OAuth client"
        )
    }));
    Ok(Validation { critical: Vec::new(), notes, key_days_left, may_write: writing.allowed })
}

/// What Tailscale would say to the policy file as it stands, if it would refuse it: nobody's change goes
/// through then. A test fails, for one, as soon as its source has left the tailnet. Said only where it can
/// be told: tests take devices, and time.
async fn defect(snapshot: &Snapshot) -> Option<String> {
    let (tailnet, text) = (Arc::clone(&snapshot.tailnet), snapshot.policy.clone());
    let judged = tokio::task::spawn_blocking(move || {
        let topology =
            if has_tests(&text).ok()? { topology::of(&tailnet).ok()? } else { Topology::default() };
        let forecast = Forecast::of(&text, &topology).ok()?;
        let rejection = forecast.rejection()?;
        Some(objection::with_tests(rejection.message.clone(), rejection))
    });
    let words = tokio::time::timeout(PATIENCE, judged).await.ok()?.ok()??;
    Some(format!(
        "Tailscale seems to refuse the policy file as it is, and so every change of it; repair it in the admin \
         console: {words}"
    ))
}

/// Whether a credential may write all that provisioning writes, and what it lacks.
#[derive(Debug, PartialEq, Eq)]
struct Writing {
    allowed: Option<bool>,
    notes: Vec<String>,
}

impl Writing {
    fn lacking(notes: Vec<String>) -> Self {
        Self { allowed: Some(notes.is_empty()), notes }
    }

    fn unknown() -> Self {
        let note = "whether this credential may write is not known before it is tried";
        Self { allowed: None, notes: vec![note.to_owned()] }
    }
}

/// An access token may do what its scopes say (API reference, 2.3). `policy_file` is of use only together
/// with two scopes for what policies speak of.
fn by_scopes(scopes: &[String]) -> Writing {
    const LISTS: &str = "groups, tags and rules";
    let needed: [(&str, &str, &[&str]); 4] = [
        (LISTS, "policy_file", &["all"]),
        (LISTS, "devices:core:read", &["devices:core", "all:read", "all"]),
        (LISTS, "devices:posture_attributes", &["all"]),
        ("roles", "users", &["all"]),
    ];
    let has = |scope: &str| scopes.iter().any(|held| held == scope);
    Writing::lacking(
        needed
            .into_iter()
            .filter(|(_, scope, wider)| !has(scope) && !wider.iter().any(|scope| has(scope)))
            .map(|(what, scope, _)| {
                format!("{what} cannot be changed: give the OAuth client the scope {scope}")
            })
            .collect(),
    )
}

/// An API key may do what its user's role allows at the time of the call (API reference, 2).
fn by_role(key: &Key, users: &[User]) -> Writing {
    let Some(user) = users.iter().find(|user| user.id == key.user_id) else {
        return Writing::unknown();
    };
    let (policy, roles) = match user.role {
        Role::Owner | Role::Admin => (true, true),
        Role::NetworkAdmin => (true, false),
        Role::ItAdmin => (false, true),
        Role::BillingAdmin | Role::Auditor | Role::Member => (false, false),
        Role::Other(_) => return Writing::unknown(),
    };
    let lacking = |what: &str, needed: &str| {
        format!("{what} cannot be changed: the API key's user is {}, which takes {needed}", user.role)
    };
    let mut notes = Vec::new();
    if !policy {
        notes.push(lacking("groups, tags and rules", "owner, admin or network-admin"));
    }
    if !roles {
        notes.push(lacking("roles", "owner, admin or it-admin"));
    }
    Writing::lacking(notes)
}

/// Whole days from now on, negative once `end` has passed.
pub(super) fn days_until(end: Timestamp, now: Timestamp) -> i64 {
    end.duration_since(now).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tailnet::{UserKind, UserStatus};

    #[track_caller]
    fn check_scopes(scopes: &[&str], lacking: &[&str]) {
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let writing = by_scopes(&scopes);
        assert_eq!(writing.allowed, Some(lacking.is_empty()), "{scopes:?}");
        assert_eq!(writing.notes.len(), lacking.len(), "{:?}", writing.notes);
        for (note, scope) in writing.notes.iter().zip(lacking) {
            assert!(note.ends_with(&format!("the scope {scope}")), "{note}");
        }
    }

    #[test]
    fn scopes_tell_what_a_token_may_write() {
        check_scopes(&["all"], &[]);
        let (devices, posture) = ("devices:core:read", "devices:posture_attributes");
        check_scopes(&["policy_file", devices, posture, "users"], &[]);
        check_scopes(&["policy_file", "devices:core", posture, "users:read"], &["users"]);
        check_scopes(&["policy_file", "users"], &[devices, posture]);
        check_scopes(&["policy_file", "users", "all:read"], &[posture]);
        check_scopes(&["policy_file", devices, "devices:posture_attributes:read", "users"], &[posture]);
        check_scopes(&["all:read"], &["policy_file", posture, "users"]);
        check_scopes(&[], &["policy_file", devices, posture, "users"]);
    }

    #[track_caller]
    fn check_role(role: Role, owner: &str, allowed: Option<bool>, notes: usize) {
        let user = User {
            id: "u1".to_owned(),
            login_name: "ada@example.com".to_owned(),
            display_name: String::new(),
            kind: UserKind::Member,
            role,
            status: UserStatus::Active,
            created: None,
            last_seen: None,
            currently_connected: false,
            device_count: 0,
        };
        let writing = by_role(&Key { user_id: owner.to_owned(), ..Key::default() }, &[user]);
        assert_eq!((writing.allowed, writing.notes.len()), (allowed, notes), "{:?}", writing.notes);
    }

    #[test]
    fn the_users_role_tells_what_a_key_may_write() {
        check_role(Role::Owner, "u1", Some(true), 0);
        check_role(Role::Admin, "u1", Some(true), 0);
        check_role(Role::NetworkAdmin, "u1", Some(false), 1);
        check_role(Role::ItAdmin, "u1", Some(false), 1);
        check_role(Role::Auditor, "u1", Some(false), 2);
        check_role(Role::Other("chief".to_owned()), "u1", None, 1);
        check_role(Role::Owner, "somebody else", None, 1);
        check_role(Role::Owner, "", None, 1);
    }

    #[test]
    fn days_are_whole_and_go_below_nothing() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-03-01T12:00:00Z");
        for (end, days) in [
            ("2026-03-01T13:00:00Z", 0),
            ("2026-03-02T11:00:00Z", 0),
            ("2026-03-02T12:00:00Z", 1),
            ("2026-05-30T12:00:00Z", 90),
            ("2026-02-27T12:00:00Z", -2),
        ] {
            assert_eq!(days_until(at(end), now), days, "{end}");
        }
    }
}
