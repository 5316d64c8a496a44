//! Policy files that belong to another pipeline.
//!
//! The service takes our write all the same, and the pipeline overwrites it later: a grant that was
//! answered OK would vanish, and a revoked member come back. So neither is tried, unless the operator says
//! that it is wanted.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::direction::Direction;
use super::{Error, Settings};
use crate::tailnet::PolicyPipeline;
use crate::tailscale;

/// How long what the settings said is taken to be so.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// How long the settings are waited for. They may not hold up a sync or a revoke.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the policy file's owner.
pub(super) struct External {
    client: tailscale::Client,
    /// Nothing is written, or everything may be: nothing needs to be known.
    indifferent: bool,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    at: Instant,
    pipeline: Option<PolicyPipeline>,
}

impl External {
    pub(super) fn new(client: tailscale::Client, settings: &Settings) -> Self {
        Self {
            client,
            indifferent: settings.allow_external || !settings.provisioning,
            known: Mutex::default(),
        }
    }

    /// Reads the settings. Where they cannot be read, what was known stays so: the check is a help to the
    /// operator, and no reason to leave somebody their access.
    pub(super) async fn refresh(&self) {
        if self.indifferent {
            return;
        }
        let at = Instant::now();
        let pipeline = match tokio::time::timeout(PATIENCE, self.client.policy_pipeline()).await {
            Ok(Ok(pipeline)) => pipeline,
            unread => {
                tracing::debug!(
                    tailnet = self.client.tailnet(),
                    ?unread,
                    "the tailnet's settings were not read"
                );
                self.pipeline()
            }
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known { at, pipeline });
    }

    /// Who owns the policy file instead of us, as far as is known.
    pub(super) fn pipeline(&self) -> Option<PolicyPipeline> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.pipeline.clone()
    }

    /// Makes sure that the policy file is ours to write.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::Refused`] when it belongs to another pipeline.
    pub(super) async fn check(&self, direction: Direction) -> Result<(), Error> {
        let fresh = |known: &Known| known.at.elapsed() < KEPT;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(fresh);
        if !known {
            self.refresh().await;
        }
        match self.pipeline() {
            None => Ok(()),
            Some(pipeline) => Err(Error::Refused {
                tailnet: self.client.tailnet().to_owned(),
                reason: format!(
                    "{}; change it there, or start tailgrant with --allow-external",
                    told(&pipeline)
                ),
                cancelled: direction == Direction::Grant,
            }),
        }
    }
}

/// The state of affairs, for people.
pub(super) fn told(pipeline: &PolicyPipeline) -> String {
    match pipeline.link.as_str() {
        "" => "the policy file is managed by another pipeline".to_owned(),
        link => format!("the policy file is managed by another pipeline ({link})"),
    }
}
