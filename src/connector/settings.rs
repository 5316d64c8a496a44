//! What an operator may choose about one tailnet.

use std::time::Duration;

use super::{Alarm, Metrics};
use crate::catalog;
use crate::journal::Journal;

/// Choices of one connector. The default is what a daemon runs with when nothing is said.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the operator's")]
pub struct Settings {
    /// Grant and Revoke are served.
    pub provisioning: bool,
    /// How the catalog is built.
    pub catalog: catalog::Options,
    /// A list that shrinks to less than half is believed at once.
    pub allow_shrink: bool,
    /// A policy file that belongs to another pipeline is written all the same.
    pub allow_external: bool,
    /// Nothing is changed; callers are told what would happen.
    pub dry_run: bool,
    /// An end of a lease that vanished while its member stayed is put back.
    pub restore_leases: bool,
    /// How often the policy is read for leases that have ended.
    pub lease_poll: Duration,
    /// Where attempted changes are recorded, besides the log.
    pub journal: Option<Journal>,
    /// What is counted.
    pub metrics: Metrics,
    /// Where it is told that a part has broken off.
    pub alarm: Alarm,
    /// How long a lost write may live on beyond the request timeout.
    pub settle: Duration,
    /// Request timeout of the client, for the writer's law.
    pub request_timeout: Duration,
    /// Deadline of a Grant or Revoke that brings none.
    pub default_deadline: Duration,
    /// Most grants that may wait for the writer; revokes are exempt.
    pub queue_limit: usize,
    /// How long after a first suspiciously short list a second one like it is believed.
    pub shrink_recheck: Duration,
    /// How old a load may be for a read that is not pinned, or for a sync that begins.
    pub freshness: Duration,
}

impl Settings {
    /// What everybody has to know who takes an answer for a fact.
    pub(super) fn dry_run_note(&self) -> Option<String> {
        (self.provisioning && self.dry_run)
            .then(|| "dry run: nothing is changed, Grant and Revoke tell what would happen".to_owned())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            provisioning: false,
            catalog: catalog::Options::default(),
            allow_shrink: false,
            allow_external: false,
            dry_run: false,
            restore_leases: false,
            lease_poll: Duration::from_secs(60),
            journal: None,
            metrics: Metrics::default(),
            alarm: Alarm::default(),
            settle: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            default_deadline: Duration::from_secs(120),
            queue_limit: 10_000,
            shrink_recheck: Duration::from_secs(60),
            freshness: Duration::from_secs(30),
        }
    }
}
