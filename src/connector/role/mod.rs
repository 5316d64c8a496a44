//! Roles: who holds one is changed at the user, not in the policy file.
//!
//! A change is a fresh read, one POST and a confirming read, one change of a user at a time. A POST whose
//! answer is lost counts as alive for the request timeout and the settling time, unless the very next read
//! shows the new role: until then nobody is told anything about this user, and no other POST is sent.

mod call;
mod turns;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;

use self::call::Call;
pub(super) use self::call::{Asked, RoleChange};
use self::turns::{Turn, Turns};
use super::deadline::{answer_by, repeat_until};
use super::direction::Direction;
use super::pace::Pace;
use super::record::{Change, Record};
use super::snapshot::Snapshot;
use super::snapshots::Snapshots;
use super::{Error, Settings, Unavailable};
use crate::journal::{Kind, Stage};
use crate::tailnet::{Part, Role, User, UserKind};
use crate::tailscale::{self, Sent};

/// How long a rate limit is waited for at least.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Changes the roles of a tailnet's users.
pub(super) struct Roles {
    client: tailscale::Client,
    snapshots: Arc<Snapshots>,
    /// Told of each role that is set.
    record: Record,
    /// How long after its sending a lost POST may still be carried out.
    lifetime: Duration,
    /// No role is set (`--dry-run`).
    rehearses: bool,
    turns: Turns,
    /// Whose key we use; `None` where it is nobody's.
    own_user: OnceCell<Option<String>>,
    calls: TaskTracker,
}

impl Roles {
    pub(super) fn new(client: tailscale::Client, snapshots: Arc<Snapshots>, settings: &Settings) -> Self {
        Self {
            snapshots,
            record: Record::new(client.tailnet(), settings),
            client,
            lifetime: settings.request_timeout + settings.settle,
            rehearses: settings.dry_run,
            turns: Turns::default(),
            own_user: OnceCell::new(),
            calls: TaskTracker::new(),
        }
    }

    /// Gives a user a role.
    ///
    /// # Errors
    ///
    /// Fails for the owner's role, for people who are not members, for our own user, and when the change
    /// could not be made and seen before `deadline`.
    pub(super) async fn grant(&self, asked: &Asked<'_>) -> Result<RoleChange, Error> {
        let Asked { user, role, deadline, .. } = *asked;
        let by = answer_by(deadline);
        match role {
            Role::Owner => {
                let reason = "ownership is transferred in the admin console, never granted";
                return Err(self.refused(reason.into(), true));
            }
            Role::Other(_) if !self.somebody_has(role, by).await? => {
                return Err(self.not_found(format!("role {role}")));
            }
            _ => {}
        }
        let joined =
            |id: &str| format!("{id} has not joined the tailnet; a role can be granted once they have");
        if user.starts_with("policy:") {
            return Err(self.refused(joined(user), true));
        }
        let outcome = self
            .change(asked, Direction::Grant, |user| match &user.role {
                _ if user.kind == UserKind::Shared => Err(self.refused(
                    format!("{} belongs to another tailnet, which gives them their role", user.login_name),
                    true,
                )),
                current if current == role => Ok(None),
                Role::Owner => Err(self.refused(
                    format!(
                        "{} is the owner; transfer the ownership in the admin console first",
                        user.login_name
                    ),
                    true,
                )),
                _ => Ok(Some(role.clone())),
            })
            .await;
        match outcome {
            Err(Error::NotFound { .. }) if self.is_invited(user, by).await? => {
                Err(self.refused(joined(user), true))
            }
            outcome => outcome,
        }
    }

    /// Makes a user a plain member, if they still have this role.
    ///
    /// # Errors
    ///
    /// Fails for the roles `owner` and `member`, for a user who cannot be read, for our own user, and when
    /// the change could not be made and seen before `deadline`.
    pub(super) async fn revoke(&self, asked: &Asked<'_>) -> Result<RoleChange, Error> {
        let role = asked.role;
        match role {
            Role::Owner => {
                let reason = "ownership is transferred in the admin console, never revoked";
                return Err(self.refused(reason.into(), false));
            }
            Role::Member => {
                let reason =
                    "the role member is what remains without any other; delete or suspend the user instead";
                return Err(self.refused(reason.into(), false));
            }
            _ => {}
        }
        let outcome = self
            .change(asked, Direction::Revoke, |user| Ok((user.role == *role).then_some(Role::Member)))
            .await;
        match outcome {
            Err(Error::NotFound { what, .. }) => Err(self.refused(
                format!("{what} does not exist, so nobody can tell whether they hold a role; sync again"),
                false,
            )),
            outcome => outcome,
        }
    }

    /// Refuses further changes, waits for those under way and returns how many were left when `grace` was over.
    pub(super) async fn drain(&self, grace: Duration) -> usize {
        self.calls.close();
        // What counts is how many are left, whether or not the time was over.
        let _ = tokio::time::timeout(grace, self.calls.wait()).await;
        self.calls.len()
    }

    /// Changes a user's role to what `wanted` makes of a fresh read: a new role, or nothing. Answers before
    /// the deadline.
    async fn change(
        &self,
        asked: &Asked<'_>,
        direction: Direction,
        wanted: impl Fn(&User) -> Result<Option<Role>, Error>,
    ) -> Result<RoleChange, Error> {
        if self.calls.is_closed() {
            return Err(self.unavailable(
                Unavailable::Draining,
                "tailgrant is stopping, nothing was changed; try again".to_owned(),
            ));
        }
        let _counted = self.calls.token();
        let (user, by) = (asked.user, answer_by(asked.deadline));
        let mut call = Call { asked, user, direction, by, before: None, lost: false, uncertain: false };
        let work = async {
            let mut turn = self.turns.take(user).await;
            self.attempt(&mut call, &mut turn, wanted).await
        };
        match tokio::time::timeout_at(by.into(), work).await {
            Ok(outcome) => outcome,
            Err(_) if call.uncertain => Err(self.unknown(user)),
            Err(_) => Err(self.unavailable(
                Unavailable::Upstream,
                format!("the role of user {user} could not be changed before the deadline; try again later"),
            )),
        }
    }

    async fn attempt(
        &self,
        call: &mut Call<'_>,
        turn: &mut Turn,
        wanted: impl Fn(&User) -> Result<Option<Role>, Error>,
    ) -> Result<RoleChange, Error> {
        let (mut pace, mut chance) = (Pace::default(), fastrand::Rng::new());
        loop {
            call.uncertain |= turn.alive_until().is_some();
            turn.wait().await;
            let read = self.read(call).await;
            let user = read.map_err(|error| if call.uncertain { self.unknown(call.user) } else { error })?;
            call.uncertain = false;
            let Some(role) = wanted(&user)? else {
                return Ok(match call.before.take() {
                    Some(before) => {
                        self.settled(call).await;
                        RoleChange::Changed { before }
                    }
                    None => RoleChange::Unchanged,
                });
            };
            self.check_not_our_own(&user, call).await?;
            if self.rehearses {
                let (tailnet, before) = (self.client.tailnet(), user.role);
                tracing::info!(tailnet, user = call.user, %before, after = %role, "dry run: the role would be set");
                return Ok(RoleChange::Changed { before });
            }
            let exchange = Change::Role { before: user.role.to_string(), after: role.to_string() };
            let mut attempt = self.record.attempt(exchange, vec![call.journal_intent()]);
            attempt.announce(call.direction == Direction::Grant).await?;
            let before = call.before.get_or_insert(user.role).clone();
            turn.begin(Instant::now() + self.lifetime);
            call.uncertain = true;
            let sent = self.client.set_role(call.user, &role).await;
            attempt.end(&sent).await;
            match sent {
                Sent::Stored(_) => {
                    turn.settle();
                    call.lost = false;
                    return self.confirm(call, before, &role, wanted).await;
                }
                Sent::Lost(_) => {
                    call.lost = true;
                    let user = self.read(call).await.map_err(|_| self.unknown(call.user))?;
                    if user.role == role {
                        turn.settle();
                        self.settled(call).await;
                        return Ok(RoleChange::Changed { before });
                    }
                }
                // Roles have no tags to be stale.
                Sent::Stale => turn.settle(),
                Sent::NotSent(error) => {
                    turn.settle();
                    call.uncertain = false;
                    let pause = pace.pause(&mut chance);
                    if call.by.saturating_duration_since(Instant::now()) <= pause {
                        return Err(error.into());
                    }
                    tokio::time::sleep(pause).await;
                }
                Sent::Refused(error) => {
                    turn.settle();
                    call.uncertain = false;
                    self.wait_out(call, error).await?;
                }
            }
        }
    }

    /// The change holds; where a request was lost that may have made it, the journal tells before anybody is told.
    async fn settled(&self, call: &Call<'_>) {
        if call.lost {
            self.record.settled(Kind::Role, Stage::InEffect, vec![call.journal_intent()]).await;
        }
    }

    /// Reads a user whose role was set.
    async fn confirm(
        &self,
        call: &Call<'_>,
        before: Role,
        role: &Role,
        wanted: impl Fn(&User) -> Result<Option<Role>, Error>,
    ) -> Result<RoleChange, Error> {
        let user = self.read(call).await.map_err(|_| self.unknown(call.user))?;
        if user.role == *role || wanted(&user)?.is_none() {
            return Ok(RoleChange::Changed { before });
        }
        let reason = format!(
            "user {} was made {role}, and {} at the same time by somebody else; try again",
            call.user, user.role
        );
        Err(self.unavailable(Unavailable::Contended, reason))
    }

    /// Waits until the service's rate limit is over, if that is before the call has to be answered. Any
    /// other refusal is final.
    async fn wait_out(&self, call: &Call<'_>, refusal: tailscale::Error) -> Result<(), Error> {
        let wait = refusal.retry_after().unwrap_or_default().max(SHORTEST_WAIT);
        if !refusal.is_rate_limit() || call.by.saturating_duration_since(Instant::now()) < wait {
            return Err(refusal.into());
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Reads the user, and lets unpinned reads know.
    async fn read(&self, call: &Call<'_>) -> Result<User, Error> {
        let read = || async {
            let begun = Instant::now();
            match self.client.user(call.user).await {
                Ok(user) => {
                    self.snapshots.user_seen(user.clone(), begun);
                    Ok(user)
                }
                Err(error) if error.is_not_found() => Err(self.not_found(format!("user {}", call.user))),
                Err(error) => Err(error.into()),
            }
        };
        repeat_until(call.by, self.client.tailnet(), read).await
    }

    async fn recent(&self, by: Instant) -> Result<Arc<Snapshot>, Error> {
        repeat_until(by, self.client.tailnet(), || self.snapshots.recent()).await
    }

    /// A role that this version does not know exists where somebody has it.
    async fn somebody_has(&self, role: &Role, by: Instant) -> Result<bool, Error> {
        Ok(self.recent(by).await?.tailnet.users.iter().any(|user| user.role == *role))
    }

    async fn is_invited(&self, id: &str, by: Instant) -> Result<bool, Error> {
        Ok(match &self.recent(by).await?.tailnet.invites {
            Part::Read(invites) => invites.iter().any(|invite| invite.id == id),
            Part::Unreadable(_) => false,
        })
    }

    /// A key that demotes its own user would saw off the branch we sit on; the service refuses it too.
    async fn check_not_our_own(&self, user: &User, call: &Call<'_>) -> Result<(), Error> {
        let read = || async { self.client.own_key().await.map_err(Error::from) };
        let own = self
            .own_user
            .get_or_try_init(|| async {
                let key = repeat_until(call.by, self.client.tailnet(), read).await?;
                Ok::<_, Error>(key.map(|key| key.user_id).filter(|id| !id.is_empty()))
            })
            .await?;
        if own.as_deref() == Some(&user.id) {
            let reason = format!(
                "{} owns the API key in use, and a key cannot change its own user's role; use an OAuth client or \
                 somebody else's key",
                user.login_name
            );
            return Err(self.refused(reason, call.direction == Direction::Grant));
        }
        Ok(())
    }

    fn refused(&self, reason: String, cancelled: bool) -> Error {
        Error::Refused { tailnet: self.client.tailnet().to_owned(), reason, cancelled }
    }

    fn not_found(&self, what: String) -> Error {
        Error::NotFound { tailnet: self.client.tailnet().to_owned(), what }
    }

    fn unknown(&self, user: &str) -> Error {
        self.unavailable(
            Unavailable::OutcomeUnknown,
            format!("a change of the role of user {user} was sent and nobody can say yet whether it counts; try again"),
        )
    }

    fn unavailable(&self, reason: Unavailable, message: String) -> Error {
        Error::Unavailable { tailnet: self.client.tailnet().to_owned(), reason, message, cause: None }
    }
}
