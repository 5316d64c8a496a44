//! Grant and Revoke: who is meant, what has to change, and who changes it.

mod network;
mod person;
mod request;
mod target;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use self::request::Asked;
use self::target::Target;
use super::deadline::{answer_by, repeat_until};
use super::direction::Direction;
use super::external::External;
use super::leases::Sightings;
use super::role::{self, RoleChange, Roles};
use super::snapshots::Snapshots;
use super::writer::{Done, Origin, Writer};
use super::{Caller, Connector, Error, Settings, Unavailable};
use crate::access::{EntitlementId, GrantId, ResourceId, ResourceKind, Slug, is_shortened};
use crate::catalog::{self, IdScheme};
use crate::policy::{Intent, Lease, ListId, Selector, Wish};
use crate::tailnet::Role;
use crate::tailscale;

pub use request::{BadEnd, GrantOutcome, GrantRequest, Granted, LeaseEnd, RevokeOutcome, RevokeRequest};

/// Carries out Grant and Revoke for one tailnet.
pub(super) struct Provisioner {
    tailnet: String,
    settings: Settings,
    client: tailscale::Client,
    snapshots: Arc<Snapshots>,
    pub(super) writer: Arc<Writer>,
    sightings: Arc<Sightings>,
    external: Arc<External>,
    roles: Roles,
    stopping: CancellationToken,
}

/// The time of a call.
#[derive(Clone, Copy, Debug)]
struct Time {
    /// When it began.
    called: Instant,
    /// When it is answered at the latest.
    by: Instant,
}

impl Connector {
    /// Gives a principal an entitlement.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::NotFound`] for what does not exist (any more), [`Error::Invalid`] for a principal of
    /// the wrong kind, [`Error::Refused`] for what cannot be granted, and with the passing obstacles of
    /// [`Error`] when the change could not be made before the deadline.
    pub async fn grant(&self, request: GrantRequest) -> Result<Granted, Error> {
        let asked = Asked::of(&request.caller, &request.entitlement, &request.principal);
        let granted = self.provisioner.grant(request).await;
        granted.inspect_err(|error| asked.log_refusal(self.tailnet(), error, "not granted"))
    }

    /// Takes an entitlement away. [`RevokeOutcome::AlreadyRevoked`] only when the principal certainly does
    /// not hold it.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::Refused`] for access that cannot be taken away here, and with the passing obstacles
    /// of [`Error`] when the change could not be made before the deadline.
    pub async fn revoke(&self, request: RevokeRequest) -> Result<RevokeOutcome, Error> {
        let asked = Asked::of(&request.caller, &request.entitlement, &request.principal);
        let revoked = self.provisioner.revoke(request).await;
        revoked.inspect_err(|error| asked.log_refusal(self.tailnet(), error, "not revoked"))
    }

    /// Refuses new grants and revokes, ends no more leases, waits for what is under way, and returns how many
    /// callers were cut off when `grace` ran out.
    pub async fn drain(&self, grace: Duration) -> usize {
        let (cut_off, ()) = tokio::join!(self.provisioner.drain(grace), self.keeper.drain(grace));
        cut_off
    }
}

impl Provisioner {
    /// Starts the tailnet's writer; needs a Tokio runtime.
    pub(super) fn start(
        client: &tailscale::Client,
        settings: &Settings,
        snapshots: &Arc<Snapshots>,
        sightings: &Arc<Sightings>,
        external: &Arc<External>,
    ) -> Self {
        let (newest, surveyed) = (Arc::clone(snapshots), Arc::clone(snapshots));
        let sighted = Arc::clone(sightings);
        let writer = Writer::start(
            client.clone(),
            settings,
            move |text, at| {
                sighted.policy_seen(text.clone(), at);
                newest.policy_seen(text, at);
            },
            move |begun_after| {
                let snapshots = Arc::clone(&surveyed);
                async move {
                    let known = match begun_after {
                        Some(earliest) => snapshots.load_begun_after(earliest).await?,
                        None => snapshots.recent().await?,
                    };
                    Ok((Arc::clone(&known.tailnet), known.begun))
                }
                .boxed()
            },
        );
        Self {
            tailnet: client.tailnet().to_owned(),
            settings: settings.clone(),
            client: client.clone(),
            snapshots: Arc::clone(snapshots),
            writer: Arc::new(writer),
            sightings: Arc::clone(sightings),
            external: Arc::clone(external),
            roles: Roles::new(client.clone(), Arc::clone(snapshots), settings),
            stopping: CancellationToken::new(),
        }
    }

    async fn grant(&self, request: GrantRequest) -> Result<Granted, Error> {
        let called = Instant::now();
        self.check_enabled()?;
        let GrantRequest { entitlement, principal, deadline, caller, request_id, end } = request;
        let target = Target::of(&entitlement)
            .map_err(|no| no.into_error(&self.tailnet, &entitlement, Direction::Grant))?;
        target.check_grantable_to(&entitlement, &principal)?;
        self.check_principal(&principal, Direction::Grant)?;
        let lease = end.map(|end| lease(end, request_id.as_deref())).transpose()?;
        let deadline = deadline.unwrap_or(called + self.settings.default_deadline);
        let mut ends = None;
        let outcome = match target {
            Target::Role(_) if lease.is_some() => {
                return Err(Error::Invalid(format!(
                    "{entitlement}: roles cannot be leased; grant the role without an end and revoke it when \
                     its time is over, or lease a membership"
                )));
            }
            Target::Role(role) => {
                let origin = origin(&caller, request_id);
                self.grant_role(&entitlement, &principal, &role, origin, deadline).await?
            }
            Target::List(list) => {
                let text = async {
                    match principal.kind() {
                        ResourceKind::User => {
                            self.login_of(&principal, Time { called, by: answer_by(deadline) }).await
                        }
                        _ => selector_of(&principal),
                    }
                };
                let ours = self.external.check(Direction::Grant, answer_by(deadline).into());
                let (text, ()) = tokio::try_join!(text, ours)?;
                let wish = match lease.clone() {
                    Some(lease) => Wish::Lease { text: text.clone(), lease },
                    None => Wish::Add { text: text.clone() },
                };
                let intent = self.intent(list.clone(), wish);
                self.hand_over(called);
                let done = self.writer.submit(intent, origin(&caller, request_id), deadline).await?;
                ends = match (lease, done) {
                    (None, _) => None,
                    // No policy shows what would be written.
                    (Some(lease), Done::Written) if self.settings.dry_run => Some(lease.as_written()),
                    (Some(_), _) => self.sightings.end_of(&list, &text).await,
                };
                match done {
                    Done::Written => GrantOutcome::Added,
                    Done::Held => GrantOutcome::AlreadyExists,
                }
            }
        };
        let replaced = match &outcome {
            GrantOutcome::Replaced(replaced) => Some(tracing::field::display(replaced)),
            GrantOutcome::Added | GrantOutcome::AlreadyExists => None,
        };
        tracing::info!(
            tailnet = self.tailnet,
            caller = %caller.words,
            %entitlement,
            %principal,
            outcome = outcome.word(),
            replaced,
            until = ends.as_ref().map(|lease| tracing::field::display(lease.until)),
            "{}",
            if self.settings.dry_run { "dry run: would be granted" } else { "granted" }
        );
        let mut grant = catalog::grant_of(entitlement, principal, self.settings.catalog);
        grant.metadata.extend(ends.iter().flat_map(catalog::end_facts));
        Ok(Granted { grant, outcome })
    }

    async fn revoke(&self, request: RevokeRequest) -> Result<RevokeOutcome, Error> {
        let called = Instant::now();
        self.check_enabled()?;
        let RevokeRequest { entitlement, principal, logins, deadline, caller, request_id } = request;
        let target = Target::of(&entitlement)
            .map_err(|no| no.into_error(&self.tailnet, &entitlement, Direction::Revoke))?;
        self.check_principal(&principal, Direction::Revoke)?;
        let deadline = deadline.unwrap_or(called + self.settings.default_deadline);
        let outcome = match target {
            Target::Role(role) if principal.kind() == ResourceKind::User => {
                let origin = origin(&caller, request_id);
                let asked = role::Asked { user: principal.id(), role: &role, origin, deadline };
                match self.roles.revoke(&asked).await? {
                    RoleChange::Changed { .. } => RevokeOutcome::Removed,
                    RoleChange::Unchanged => RevokeOutcome::AlreadyRevoked,
                }
            }
            Target::Role(_) => return Err(target::wrong_kind(&entitlement, &principal)),
            Target::List(list) => {
                let names = async {
                    match principal.kind() {
                        ResourceKind::User => {
                            let time = Time { called, by: answer_by(deadline) };
                            self.names_of(&principal, &logins, time).await
                        }
                        _ => Ok((vec![selector_of(&principal)?], None)),
                    }
                };
                let ours = self.external.check(Direction::Revoke, answer_by(deadline).into());
                let ((texts, person), ()) = tokio::try_join!(names, ours)?;
                self.hand_over(called);
                match self
                    .writer
                    .submit(
                        self.intent(list, Wish::Remove { texts, person }),
                        origin(&caller, request_id),
                        deadline,
                    )
                    .await?
                {
                    Done::Written => RevokeOutcome::Removed,
                    Done::Held => RevokeOutcome::AlreadyRevoked,
                }
            }
        };
        tracing::info!(
            tailnet = self.tailnet,
            caller = %caller.words,
            %entitlement,
            %principal,
            outcome = outcome.word(),
            "{}",
            if self.settings.dry_run { "dry run: would be revoked" } else { "revoked" }
        );
        Ok(outcome)
    }

    /// What was loaded because of this call has the policy, too: the writer need not read it once more.
    fn hand_over(&self, called: Instant) {
        if let Some((file, begun)) = self.snapshots.take_loaded(called) {
            self.writer.loaded(file, begun);
        }
    }

    async fn drain(&self, grace: Duration) -> usize {
        self.stopping.cancel();
        let (writer, roles) = tokio::join!(self.writer.drain(grace), self.roles.drain(grace));
        writer + roles
    }

    /// Repeats what changes nothing until `by`, or until the daemon stops.
    async fn repeat_until<T, F>(&self, by: Instant, attempt: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let repeated = repeat_until(by, &self.tailnet, attempt);
        self.stopping.run_until_cancelled(repeated).await.unwrap_or_else(|| {
            Err(Error::Unavailable {
                tailnet: self.tailnet.clone(),
                reason: Unavailable::Draining,
                message: "tailgrant is stopping, nothing was written; try again".to_owned(),
                cause: None,
            })
        })
    }

    async fn grant_role(
        &self,
        entitlement: &EntitlementId,
        principal: &ResourceId,
        role: &Role,
        origin: Origin,
        deadline: Instant,
    ) -> Result<GrantOutcome, Error> {
        let asked = role::Asked { user: principal.id(), role, origin, deadline };
        Ok(match self.roles.grant(&asked).await? {
            RoleChange::Unchanged => GrantOutcome::AlreadyExists,
            RoleChange::Changed { before } => {
                let resource = ResourceId::new(entitlement.resource.kind(), before.as_str());
                GrantOutcome::Replaced(GrantId {
                    entitlement: EntitlementId { resource, slug: Slug::Member },
                    principal: principal.clone(),
                })
            }
        })
    }

    fn intent(&self, list: ListId, wish: Wish) -> Intent {
        Intent { baton_ids: self.settings.catalog.ids == IdScheme::BatonTailscale, ..Intent::new(list, wish) }
    }

    fn check_principal(&self, principal: &ResourceId, direction: Direction) -> Result<(), Error> {
        if is_shortened(principal.id()) {
            return Err(target::shortened(&self.tailnet, principal.id(), direction));
        }
        Ok(())
    }

    fn check_enabled(&self) -> Result<(), Error> {
        if self.settings.provisioning {
            Ok(())
        } else {
            Err(Error::ProvisioningOff { tailnet: self.tailnet.clone() })
        }
    }
}

/// The end as it is written, and who asked for it; the policy leaves out what cannot be written.
fn lease(end: LeaseEnd, request_id: Option<&str>) -> Result<Lease, Error> {
    let until = end.until(Timestamp::now());
    let until = until.map_err(|bad| Error::Invalid(format!("the end of the access {bad}")))?;
    Ok(Lease { until, by: request_id.map(str::to_owned) })
}

fn origin(caller: &Caller, request_id: Option<String>) -> Origin {
    Origin { caller: caller.clone(), request_id: request_id.map(Into::into) }
}

/// The selector that a principal other than a person is. What the id says is not looked up anywhere: it is
/// only made sure that an id of one kind does not name something of another kind, and that it is written as
/// ids are: a selector in the file may have space around it, an id never has.
fn selector_of(principal: &ResourceId) -> Result<String, Error> {
    let id = principal.id();
    let text = match (principal.kind(), Selector::parse(id)) {
        (ResourceKind::Group, Selector::Group(_) | Selector::SyncedGroup(_))
        | (ResourceKind::Tag, Selector::Tag(_))
        | (ResourceKind::Autogroup, Selector::Everybody | Selector::Autogroup(_) | Selector::Domain(_)) => {
            Some(id)
        }
        (ResourceKind::Network, _) => network::selector(id),
        _ => None,
    };
    let text = text.filter(|text| text.trim_matches([' ', '\t']).len() == text.len());
    text.map(str::to_owned).ok_or_else(|| {
        Error::Invalid(format!("{:?} is not the id of a {} in a policy file", id, principal.kind()))
    })
}
