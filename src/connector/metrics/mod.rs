//! What is counted about one tailnet.
//!
//! Counters are increased where something happens. What is a matter of now, such as the age of the newest
//! snapshot, is worked out when somebody asks ([`standing`]).

mod label;
mod queue;
mod standing;

use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use self::label::LoadEnd;
pub(super) use self::label::{Refusal, WriteEnd};
use self::queue::Queue;
use self::standing::Standing;
use super::Error;

/// Upper bounds of the buckets of a duration, in seconds: from what is answered from memory to the deadline of
/// who names none. The durations of `server` have the same, so that one panel can show both.
const SECONDS: [f64; 13] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];

/// What is counted about one connector; clones count together. Those of the default are shown nowhere until
/// they are [registered](Self::register). No login, group or caller is ever a label.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Policy writes by how they ended.
    pub(super) writes: Family<WriteEnd, Counter>,
    /// Changes that one policy write carried.
    pub(super) batch_size: Histogram,
    /// Changes that were refused after they had reached the writer.
    pub(super) refusals: Family<Refusal, Counter>,
    /// Changes that wait for the writer, and how long those waited that were answered.
    pub(super) queue: Queue,
    /// Leases that were ended.
    pub(super) leases_ended: Counter,
    /// Attempts to end a lease that failed.
    pub(super) lease_failures: Counter,
    /// Ends of leases that were found to have gone while their members stayed.
    pub(super) leases_vanished: Counter,
    /// Ends of leases that were put back.
    pub(super) leases_restored: Counter,
    /// Attempted changes that were not in the journal when their callers were answered.
    pub(super) journal_failures: Counter,
    /// Loads of the tailnet by how they ended.
    pub(super) loads: Family<LoadEnd, Counter>,
    /// Seconds that a load of the tailnet took, whatever its end.
    pub(super) load_time: Histogram,
    /// What is worked out when somebody asks.
    pub(super) standing: Standing,
}

impl Default for Metrics {
    fn default() -> Self {
        let (writes, refusals, loads) = (Family::default(), Family::default(), Family::default());
        for outcome in WriteEnd::ALL {
            writes.get_or_create_owned(outcome);
        }
        for reason in Refusal::ALL {
            refusals.get_or_create_owned(reason);
        }
        for outcome in LoadEnd::ALL {
            loads.get_or_create_owned(outcome);
        }
        let queue = Queue::default();
        Self {
            writes,
            batch_size: Histogram::new([1.0, 2.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10_000.0]),
            refusals,
            leases_ended: Counter::default(),
            lease_failures: Counter::default(),
            leases_vanished: Counter::default(),
            leases_restored: Counter::default(),
            journal_failures: Counter::default(),
            loads,
            load_time: Histogram::new(SECONDS),
            standing: Standing::new(queue.clone()),
            queue,
        }
    }
}

impl Metrics {
    /// Shows these metrics in `registry`, which gives every series the tailnet as a label. Names have no prefix
    /// here: that is the registry's too.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("policy_writes", "Policy writes by how they ended", self.writes.clone());
        registry.register(
            "policy_write_changes",
            "Grants, revokes and ends of leases that one policy write carried",
            self.batch_size.clone(),
        );
        registry.register(
            "refusals",
            "Grants, revokes and ends of leases that the policy writer refused",
            self.refusals.clone(),
        );
        registry.register_with_unit(
            "queue_wait",
            "Time from a change's arrival at the policy writer to its answer",
            Unit::Seconds,
            self.queue.wait.clone(),
        );
        registry.register(
            "leases_ended",
            "Leases that were ended in the policy file",
            self.leases_ended.clone(),
        );
        registry.register(
            "lease_failures",
            "Attempts to end a lease that failed; each is repeated",
            self.lease_failures.clone(),
        );
        registry.register(
            "leases_vanished",
            "Ends of leases that have gone from the policy file while their members stayed",
            self.leases_vanished.clone(),
        );
        registry.register(
            "leases_restored",
            "Ends of leases that were put back",
            self.leases_restored.clone(),
        );
        registry.register(
            "journal_failures",
            "Attempted changes that were not in the journal when their callers were answered",
            self.journal_failures.clone(),
        );
        registry.register("loads", "Loads of the tailnet by how they ended", self.loads.clone());
        registry.register_with_unit(
            "load_duration",
            "Time that a load of the tailnet took",
            Unit::Seconds,
            self.load_time.clone(),
        );
        registry.register_collector(Box::new(self.standing.clone()));
    }

    /// Counts a load that began at `begun` and ended now.
    pub(super) fn load_ended(&self, begun: Instant, failure: Option<&Error>) {
        let end = if failure.is_none() { LoadEnd::Loaded } else { LoadEnd::Failed };
        self.loads.get_or_create(&end).inc();
        self.load_time.observe(begun.elapsed().as_secs_f64());
        self.standing.load_ended(begun, failure);
    }
}
