//! The snapshots of one tailnet: one for each sync under way, and the newest.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::task::AbortHandle;

use super::external::External;
use super::leases::Sightings;
use super::load::Loader;
use super::metrics::Metrics;
use super::overlay::Overlay;
use super::pins::Pins;
use super::snapshot::Snapshot;
use super::{Error, Settings};
use crate::tailnet::{Part, Tailnet, User};
use crate::tailscale::{self, PolicyFile};

/// Loads a tailnet when somebody needs it and remembers what it loaded.
///
/// At most one load is under way at a time, and it runs to its end whoever waits for it.
pub(super) struct Snapshots {
    loader: Loader,
    tailnet: String,
    freshness: Duration,
    metrics: Metrics,
    sightings: Option<Arc<Sightings>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    newest: Option<Arc<Snapshot>>,
    flight: Option<Flight>,
    pins: Pins<Arc<Snapshot>>,
    /// What we know of the tailnet that a load may have begun too early to see.
    overlay: Overlay,
    /// What the newest load could not read, for people.
    unreadable: Vec<String>,
}

/// A load under way.
#[derive(Clone, Debug)]
struct Flight {
    begun: Instant,
    outcome: Shared<BoxFuture<'static, Result<Arc<Snapshot>, Error>>>,
    task: AbortHandle,
}

impl Snapshots {
    /// `sightings` is told of the policy that each load read.
    pub(super) fn new(
        client: tailscale::Client,
        settings: &Settings,
        external: &Arc<External>,
        sightings: Option<Arc<Sightings>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            tailnet: client.tailnet().to_owned(),
            loader: Loader::new(client, settings, Arc::clone(external)),
            freshness: settings.freshness,
            metrics: settings.metrics.clone(),
            sightings,
            state: Mutex::new(State {
                newest: None,
                flight: None,
                pins: Pins::new(),
                overlay: Overlay::default(),
                unreadable: Vec::new(),
            }),
        })
    }

    /// The snapshot of a sync. A sync that has none, because it begins or because this process did not see
    /// its beginning, gets a recent one and keeps it.
    ///
    /// # Errors
    ///
    /// Fails when the tailnet has to be loaded and cannot be.
    pub(super) async fn pinned(self: &Arc<Self>, sync: &str) -> Result<Arc<Snapshot>, Error> {
        let held = self.state().pins.find(sync, Instant::now());
        if let Some(held) = held {
            return Ok(held);
        }
        let recent = self.recent().await?;
        Ok(self.state().pins.pin(sync, recent, Instant::now()))
    }

    /// A snapshot as fresh as reads need to be: the newest, the one being loaded, or a new one. Our own
    /// writes are in it, those that were stored before this call.
    ///
    /// # Errors
    ///
    /// Fails when the tailnet has to be loaded and cannot be.
    pub(super) async fn recent(self: &Arc<Self>) -> Result<Arc<Snapshot>, Error> {
        let flight = {
            let mut state = self.state();
            match &state.newest {
                Some(newest) if newest.begun.elapsed() <= self.freshness => return Ok(Arc::clone(newest)),
                _ => self.flight(&mut state),
            }
        };
        flight.outcome.await
    }

    /// A snapshot whose load began at `earliest` or later: what is not in it was gone by then.
    ///
    /// # Errors
    ///
    /// Fails when the tailnet has to be loaded and cannot be.
    pub(super) async fn load_begun_after(
        self: &Arc<Self>,
        earliest: Instant,
    ) -> Result<Arc<Snapshot>, Error> {
        loop {
            let flight = {
                let mut state = self.state();
                match &state.newest {
                    Some(newest) if newest.begun >= earliest => return Ok(Arc::clone(newest)),
                    _ => self.flight(&mut state),
                }
            };
            let outcome = flight.outcome.await;
            if flight.begun >= earliest {
                return outcome;
            }
        }
    }

    /// Tells the policy text as it stood at `at` or later: after a write was stored, or from a read that
    /// began then. Reads that are not pinned see it from now on.
    pub(super) fn policy_seen(&self, text: Bytes, at: Instant) {
        let mut state = self.state();
        state.overlay.policy_seen(text, at);
        state.refresh();
    }

    /// Tells a user as the tailnet had it at `at` or later.
    pub(super) fn user_seen(&self, user: User, at: Instant) {
        let mut state = self.state();
        state.overlay.user_seen(user, at);
        state.refresh();
    }

    /// What the newest load has read of the policy, and when it began, if that was at `earliest` or later; told once.
    pub(super) fn take_loaded(&self, earliest: Instant) -> Option<(PolicyFile, Instant)> {
        self.loader.take_loaded(earliest)
    }

    /// Ends a sync.
    pub(super) fn release(&self, sync: &str) {
        self.state().pins.release(|held, _| held == sync);
    }

    /// Lets go of a snapshot that is of no use, so that the next read loads a new one.
    pub(super) fn discard(&self, useless: &Arc<Snapshot>) {
        let mut state = self.state();
        state.pins.release(|_, held| Arc::ptr_eq(held, useless));
        state.newest.take_if(|newest| Arc::ptr_eq(newest, useless));
    }

    /// What the newest load could not read, for people.
    pub(super) fn unreadable(&self) -> Vec<String> {
        self.state().unreadable.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The load under way, or a new one.
    fn flight(self: &Arc<Self>, state: &mut State) -> Flight {
        if let Some(flight) = state.flight.as_ref().filter(|flight| !flight.task.is_finished()) {
            return flight.clone();
        }
        let (begun, this) = (Instant::now(), Arc::clone(self));
        let before = state.newest.clone();
        let task = tokio::spawn(async move {
            let loaded = this.loader.load(begun, before.as_deref()).await;
            this.metrics.load_ended(begun, loaded.as_ref().err());
            this.land(loaded)
        });
        let (abort, tailnet) = (task.abort_handle(), self.tailnet.clone());
        let outcome = task.map(move |joined| {
            joined.unwrap_or_else(|_| {
                Err(Error::Internal {
                    tailnet,
                    message: "a load of the tailnet broke off; please report this".to_owned(),
                })
            })
        });
        let flight = Flight { begun, outcome: outcome.boxed().shared(), task: abort };
        state.flight = Some(flight.clone());
        flight
    }

    fn land(&self, loaded: Result<Snapshot, Error>) -> Result<Arc<Snapshot>, Error> {
        let mut state = self.state();
        state.flight = None;
        let loaded = loaded?;
        if let Some(sightings) = &self.sightings {
            sightings.policy_seen(loaded.policy.clone(), loaded.begun);
        }
        state.overlay.forget_before(loaded.begun);
        let newest = Arc::new(loaded);
        state.newest = Some(Arc::clone(&newest));
        state.refresh();
        let unreadable = unreadable(&newest.tailnet);
        if unreadable != state.unreadable {
            for note in &unreadable {
                tracing::warn!(tailnet = self.tailnet, "{note}");
            }
            state.unreadable = unreadable;
        }
        Ok(state.newest.clone().unwrap_or(newest))
    }
}

impl State {
    /// Brings the newest snapshot up to what we know besides.
    fn refresh(&mut self) {
        if let Some(refreshed) = self.newest.as_deref().and_then(|newest| self.overlay.over(newest)) {
            self.newest = Some(Arc::new(refreshed));
        }
    }
}

fn unreadable(tailnet: &Tailnet) -> Vec<String> {
    let mut notes = Vec::new();
    if let Part::Unreadable(needs) = &tailnet.invites {
        notes.push(format!("invites are left out, the credential may not read them: {needs}"));
    }
    if let Part::Unreadable(needs) = &tailnet.devices {
        notes.push(format!("devices are left out, the credential may not read them: {needs}"));
    }
    notes
}
