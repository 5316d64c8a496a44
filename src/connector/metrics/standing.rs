//! What is a matter of now, worked out when somebody asks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::Queue;
use super::label::Left;
use crate::connector::Error;
use crate::connector::leases::{Counts, Sightings};

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
    credential_refused: bool,
    lease_findings: usize,
    /// Gone with its connector.
    sightings: Weak<Sightings>,
}

impl Standing {
    pub(super) fn new(queue: Queue) -> Self {
        Self { queue, seen: Arc::default() }
    }

    /// Leases are counted in what is seen there.
    pub(in crate::connector) fn watch(&self, sightings: &Arc<Sightings>) {
        self.seen().sightings = Arc::downgrade(sightings);
    }

    /// Notes the end of a load of the tailnet that began at `begun`.
    pub(super) fn load_ended(&self, begun: Instant, failure: Option<&Error>) {
        let mut seen = self.seen();
        seen.failure = failure.cloned();
        match failure {
            None => {
                seen.loaded = Some(begun);
                seen.credential_refused = false;
            }
            Some(Error::Credential { .. }) => seen.credential_refused = true,
            Some(_) => {}
        }
    }

    /// Notes when the credential's key ends; `None` when it has no end or tells none.
    pub(in crate::connector) fn key_ends(&self, end: Option<Timestamp>) {
        self.seen().key_ends = end;
    }

    /// Notes that a call about the credential failed.
    pub(in crate::connector) fn key_unread(&self, failure: &Error) {
        if matches!(failure, Error::Credential { .. }) {
            self.seen().credential_refused = true;
        }
    }

    /// Notes how many critical findings about leases there are.
    pub(in crate::connector) fn lease_findings(&self, number: usize) {
        self.seen().lease_findings = number;
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

    /// Whether Tailscale refused the credential when it was last used for a load or a look at its key.
    pub(in crate::connector) fn credential_refused(&self) -> bool {
        self.seen().credential_refused
    }

    /// Leases of the newest policy; `None` before it was read, and while it is none. May parse it.
    pub(in crate::connector) fn leases(&self, now: Timestamp) -> Option<Counts> {
        let sightings = self.seen().sightings.upgrade()?;
        sightings.count(now)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Standing {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let now = Timestamp::now();
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: f64| {
            ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?)
        };
        if let Some(age) = self.snapshot_age() {
            let help = "Time since the newest load of the tailnet began.";
            gauge("snapshot_age", help, Some(&Unit::Seconds), age.as_secs_f64())?;
        }
        gauge("queue_length", "Changes that wait for the policy writer.", None, count(self.queue.length()))?;
        let waited = self.queue.oldest(Instant::now()).unwrap_or_default();
        let help = "Time that the change has waited which came first of those that wait; 0 when none does.";
        gauge("queue_oldest_wait", help, Some(&Unit::Seconds), waited.as_secs_f64())?;
        let help = "1 while Tailscale refuses the credential, else 0.";
        gauge("credential_refused", help, None, f64::from(u8::from(self.credential_refused())))?;
        if let Some(end) = self.key_ends_at() {
            let days = Unit::Other("days".to_owned());
            let help = "Days until the API key ends; negative afterwards. Absent without an end.";
            let left = end.duration_since(now).as_secs_f64() / 86_400.0;
            gauge("credential_left", help, Some(&days), left)?;
        }
        let findings = self.seen().lease_findings;
        gauge("lease_findings", "Critical findings about leases that stand now.", None, count(findings))?;
        let Some(leases) = self.leases(now) else { return Ok(()) };
        let help = "Leases in the newest policy by the time they have left.";
        let mut family = encoder.encode_descriptor("leases", help, None, MetricType::Gauge)?;
        for left in Left::ALL {
            ConstGauge::new(count(of(&leases, *left))).encode(family.encode_family(left)?)?;
        }
        Ok(())
    }
}

const fn of(leases: &Counts, left: Left) -> usize {
    match left {
        Left::Overdue => leases.overdue,
        Left::Hour => leases.hour,
        Left::Day => leases.day,
        Left::Week => leases.week,
        Left::Later => leases.later,
        Left::Unreadable => leases.unreadable,
    }
}

/// A number of things as a gauge holds it. Exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "nobody waits in such numbers")]
fn count(number: usize) -> f64 {
    number as f64
}
