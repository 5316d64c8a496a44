//! The state of a server and its tailnets, for people and programs.

use http::StatusCode;
use serde::Serialize;

use crate::rpc::{self, Health, Journaling};
use crate::server::Phase;

/// The answer of `/health`.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Nothing needs anybody.
    healthy: bool,
    version: &'static str,
    /// Why calls are turned away.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_ready: Option<&'static str>,
    tailnets: Vec<Tailnet>,
}

#[derive(Debug, Serialize)]
struct Tailnet {
    #[serde(rename = "tailnet")]
    name: String,
    /// What somebody has to look into now.
    critical: Vec<String>,
    /// Seconds since the newest load began.
    snapshot_age_seconds: Option<f64>,
    /// Why the newest load failed.
    last_error: Option<String>,
    credential: Credential,
    /// Link of the pipeline that manages the policy file, perhaps empty.
    managed_externally: Option<String>,
    queue: Queue,
    /// Leases that should have ended.
    leases_overdue: Option<usize>,
    /// `written`, `failing`; nothing without a journal.
    journal: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Credential {
    refused: bool,
    days_left: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Queue {
    length: usize,
    oldest_wait_seconds: f64,
}

impl Report {
    /// What is to be told now. May parse a policy file.
    pub(super) fn of(phase: &Phase, tailnets: &[rpc::Api]) -> Self {
        let tailnets: Vec<Tailnet> = tailnets.iter().map(|api| Tailnet::of(api.health())).collect();
        Self {
            healthy: tailnets.iter().all(|tailnet| tailnet.critical.is_empty()),
            version: env!("CARGO_PKG_VERSION"),
            not_ready: phase.obstacle(),
            tailnets,
        }
    }

    /// 200, or 503 where somebody has to look into something.
    pub(super) fn status(&self) -> StatusCode {
        if self.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    }

    pub(super) fn into_json(self) -> String {
        // There is nothing in it that JSON cannot hold.
        serde_json::to_string_pretty(&self).unwrap_or_default() + "\n"
    }
}

impl Tailnet {
    fn of(health: Health) -> Self {
        Self {
            name: health.tailnet,
            critical: health.critical,
            snapshot_age_seconds: health.snapshot_age.map(|age| age.as_secs_f64()),
            last_error: health.last_error,
            credential: Credential {
                refused: health.credential_refused,
                days_left: health.credential_days_left,
            },
            managed_externally: health.managed_externally,
            queue: Queue {
                length: health.queue_length,
                oldest_wait_seconds: health.oldest_wait.unwrap_or_default().as_secs_f64(),
            },
            leases_overdue: health.leases_overdue,
            journal: health.journal.map(|journal| match journal {
                Journaling::Written => "written",
                Journaling::Failing => "failing",
            }),
        }
    }
}
