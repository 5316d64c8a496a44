//! Policy files that belong to another pipeline.
//!
//! The service takes our write all the same, and the pipeline overwrites it later: a grant that was
//! answered OK would vanish, and a revoked member come back. So neither is tried, unless the operator says
//! that it is wanted.
//!
//! Where the settings cannot be read, what they said before stays so. If they never said anything, changes are
//! made: the check is a help to the operator, and no reason to leave somebody their access. `Validate` and
//! the log tell of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::direction::Direction;
use super::{Error, Settings, with_causes};
use crate::tailnet::{Part, PolicyPipeline};
use crate::tailscale;

/// How long what the settings said is taken to be so.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// How long the settings are left alone after they could not be read. Nobody waits for the reads that follow.
const PAUSE: Duration = Duration::from_secs(30);

/// How long one read of the settings may take. It may not hold up a sync or a revoke for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Of the time that is left to a deadline, the part that may be waited: one in so many.
const SHARE: u32 = 4;

/// What the settings said of who owns the policy file.
type Told = Result<Part<Option<PolicyPipeline>>, tailscale::Error>;

/// Reads the settings.
type Read = Box<dyn Fn() -> BoxFuture<'static, Told> + Send + Sync>;

/// What is known of the policy file's owner.
pub(super) struct External {
    tailnet: String,
    read: Read,
    /// Nothing is written, or everything may be: nothing needs to be known.
    indifferent: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Who owns the policy file instead of us, as the settings said when they last said something.
    pipeline: Option<PolicyPipeline>,
    /// They have said something.
    told: bool,
    /// Why the newest read said nothing.
    doubt: Option<Doubt>,
    /// Until then they are not read for a change.
    until: Option<Instant>,
    flight: Option<Flight>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Doubt {
    /// The credential may not know; what it lacks.
    Forbidden(String),
    /// It may pass; why.
    Failed(String),
}

/// A read under way, which runs to its end whoever waits for it.
struct Flight {
    outcome: Shared<BoxFuture<'static, ()>>,
    task: AbortHandle,
}

impl External {
    pub(super) fn new(client: tailscale::Client, settings: &Settings) -> Self {
        let tailnet = client.tailnet().to_owned();
        let read = move || {
            let client = client.clone();
            async move { client.policy_pipeline().await }.boxed()
        };
        Self::reading(tailnet, Box::new(read), settings.allow_external || !settings.provisioning)
    }

    fn reading(tailnet: String, read: Read, indifferent: bool) -> Self {
        Self { tailnet, read, indifferent, state: Mutex::default() }
    }

    /// Reads the settings anew; at its leisure, where the newest read failed.
    pub(super) async fn refresh(self: &Arc<Self>) {
        let flight = {
            let mut state = self.state();
            if self.indifferent || (state.is_failing() && state.is_settled()) {
                return;
            }
            let flight = self.flight(&mut state);
            if state.is_failing() {
                return;
            }
            flight
        };
        flight.await;
    }

    /// Who owns the policy file instead of us, as far as is known.
    pub(super) fn pipeline(&self) -> Option<PolicyPipeline> {
        self.state().pipeline.clone()
    }

    /// What people should know about the policy file's owner.
    pub(super) fn notes(&self) -> Vec<String> {
        let state = self.state();
        let doubt = state.doubt.as_ref().map(|doubt| {
            let reason = doubt.reason();
            if state.told {
                format!(
                    "whether another pipeline manages the policy file cannot be read any more, and is taken to be as \
                     it was: {reason}"
                )
            } else {
                format!(
                    "whether another pipeline manages the policy file is not known, and Grant and Revoke change it \
                     all the same: {reason}"
                )
            }
        });
        state.pipeline.as_ref().map(ownership).into_iter().chain(doubt).collect()
    }

    /// Makes sure that the policy file is not known to be somebody else's to write. Answers well before `by`.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::Refused`] when it belongs to another pipeline.
    pub(super) async fn check(self: &Arc<Self>, direction: Direction, by: Instant) -> Result<(), Error> {
        if self.indifferent {
            return Ok(());
        }
        let flight = {
            let mut state = self.state();
            let flight = (!state.is_settled()).then(|| self.flight(&mut state));
            flight.filter(|_| !state.is_failing())
        };
        if let Some(flight) = flight {
            let patience = by.saturating_duration_since(Instant::now()) / SHARE;
            // Whoever has no more time goes by what is known.
            let _ = tokio::time::timeout(patience, flight).await;
        }
        match self.pipeline() {
            None => Ok(()),
            Some(pipeline) => Err(Error::Refused {
                tailnet: self.tailnet.clone(),
                reason: format!(
                    "{}; change it there, or start tailgrant with --allow-external",
                    ownership(&pipeline)
                ),
                cancelled: direction == Direction::Grant,
            }),
        }
    }

    /// The read under way, or a new one.
    fn flight(self: &Arc<Self>, state: &mut State) -> Shared<BoxFuture<'static, ()>> {
        if let Some(flight) = state.flight.as_ref().filter(|flight| !flight.task.is_finished()) {
            return flight.outcome.clone();
        }
        let external = Arc::clone(self);
        let task = tokio::spawn(async move {
            let told = tokio::time::timeout(PATIENCE, (external.read)()).await;
            external.take(match told {
                Ok(Ok(Part::Read(pipeline))) => Ok(pipeline),
                Ok(Ok(Part::Unreadable(needs))) => Err(Doubt::Forbidden(needs)),
                Ok(Err(error)) => Err(Doubt::Failed(with_causes(&error))),
                Err(_) => Err(Doubt::Failed(format!("no answer within {} seconds", PATIENCE.as_secs()))),
            });
        });
        let handle = task.abort_handle();
        // However it ends, what is known then is what counts.
        let outcome = task.map(drop).boxed().shared();
        state.flight = Some(Flight { outcome: outcome.clone(), task: handle });
        outcome
    }

    /// Takes in what a read came to.
    fn take(&self, told: Result<Option<PolicyPipeline>, Doubt>) {
        let mut state = self.state();
        let now = Instant::now();
        let doubted = state.doubt.is_some();
        state.doubt = None;
        match told {
            Ok(pipeline) => {
                state.pipeline = pipeline;
                state.told = true;
                state.until = Some(now + KEPT);
                if doubted {
                    tracing::info!(tailnet = self.tailnet, "who manages the policy file is known again");
                }
            }
            Err(doubt) => {
                state.until = Some(now + if matches!(doubt, Doubt::Failed(_)) { PAUSE } else { KEPT });
                if !doubted {
                    tracing::warn!(
                        tailnet = self.tailnet,
                        reason = doubt.reason(),
                        "who manages the policy file could not be read; changes are made as far as no other \
                         pipeline is known"
                    );
                }
                state.doubt = Some(doubt);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Doubt {
    fn reason(&self) -> &str {
        match self {
            Self::Forbidden(reason) | Self::Failed(reason) => reason,
        }
    }
}

impl State {
    /// The settings were read lately, or tried to.
    fn is_settled(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }

    fn is_failing(&self) -> bool {
        matches!(self.doubt, Some(Doubt::Failed(_)))
    }
}

/// The state of affairs, for people.
fn ownership(pipeline: &PolicyPipeline) -> String {
    match pipeline.link.as_str() {
        "" => "the policy file is managed by another pipeline".to_owned(),
        link => format!("the policy file is managed by another pipeline ({link})"),
    }
}

#[cfg(test)]
mod tests;
