//! What is a matter of now, worked out when somebody asks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::Queue;
use crate::connector::Error;

/// What was last seen of a tailnet. Clones see the same.
#[derive(Clone, Debug)]
pub(in crate::connector) struct Standing {
    queue: Queue,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    /// When the newest load began.
    loaded: Option<Instant>,
    /// Why the newest load failed; `None` when it did not.
    failure: Option<Error>,
    key_ends: Option<Timestamp>,
}

impl Standing {
    pub(super) fn new(queue: Queue) -> Self {
        Self { queue, seen: Arc::default() }
    }

    /// Notes the end of a load of the tailnet that began at `begun`.
    pub(super) fn load_ended(&self, begun: Instant, failure: Option<&Error>) {
        let mut seen = self.seen();
        seen.failure = failure.cloned();
        if failure.is_none() {
            seen.loaded = Some(begun);
        }
    }

    /// Notes when the credential's key ends; `None` when it has no end or tells none.
    pub(in crate::connector) fn key_ends(&self, end: Option<Timestamp>) {
        self.seen().key_ends = end;
    }

    /// Time since the newest load of the tailnet began; `None` before the first one.
    pub(in crate::connector) fn snapshot_age(&self) -> Option<Duration> {
        self.seen().loaded.map(|begun| begun.elapsed())
    }

    /// Why the newest load of the tailnet failed; `None` when it did not.
    pub(in crate::connector) fn failure(&self) -> Option<Error> {
        self.seen().failure.clone()
    }

    /// When the credential's key ends; `None` when it has no end, or that is not known.
    pub(in crate::connector) fn key_ends_at(&self) -> Option<Timestamp> {
        self.seen().key_ends
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Standing {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let waited = self.queue.oldest(Instant::now()).unwrap_or_default();
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
        };
        if let Some(age) = self.snapshot_age() {
            let help = "Time since the newest load of the tailnet began.";
            gauge("snapshot_age", help, Some(&Unit::Seconds), age.as_secs_f64())?;
        }
        gauge("queue_length", "Changes that wait for the policy writer.", None, count(self.queue.length()))?;
        let help = "Time that the change has waited which came first of those that wait; 0 when none does.";
        gauge("queue_oldest_wait", help, Some(&Unit::Seconds), waited.as_secs_f64())?;
        if let Some(end) = self.key_ends_at() {
            let days = Unit::Other("days".to_owned());
            let help = "Days until the API key ends; negative afterwards. Absent without an end.";
            gauge(
                "credential_left",
                help,
                Some(&days),
                end.duration_since(Timestamp::now()).as_secs_f64() / 86_400.0,
            )?;
        }
        Ok(())
    }
}

/// A number of things as a gauge holds it. Exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "nobody waits in such numbers")]
fn count(number: usize) -> f64 {
    number as f64
}
