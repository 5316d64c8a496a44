//! What has been asked of the sandbox.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Serialize;

/// How often each call was made, by its outcome, since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Call (`GET /tailnet/{tailnet}/acl`) → status (`200`, or `none` when no status was sent) → number.
    pub requests: BTreeMap<String, BTreeMap<String, u64>>,
    /// Policies stored by the API, whether the caller got the answer or not.
    pub policy_writes: u64,
}

impl Stats {
    /// All requests, whatever their outcome.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.requests.values().flat_map(BTreeMap::values).sum()
    }

    /// Requests of one call, for example `GET /tailnet/{tailnet}/acl`.
    #[must_use]
    pub fn of(&self, call: &str) -> u64 {
        self.requests.get(call).into_iter().flat_map(BTreeMap::values).sum()
    }

    /// Requests of one call that ended in this way: a status, or `none`.
    #[must_use]
    pub fn ended(&self, call: &str, outcome: &str) -> u64 {
        self.requests.get(call).and_then(|by_outcome| by_outcome.get(outcome)).copied().unwrap_or(0)
    }

    pub(super) fn count(&mut self, call: &str, status: Option<StatusCode>) {
        let outcome = status.as_ref().map_or("none", StatusCode::as_str);
        let by_outcome = self.requests.entry(call.to_owned()).or_default();
        *by_outcome.entry(outcome.to_owned()).or_default() += 1;
    }
}
