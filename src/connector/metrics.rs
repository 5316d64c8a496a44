//! What is counted about one tailnet.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// Counters of one connector; clones count together. Those of the default are shown nowhere until they are
/// registered. No login, group or caller is ever a label.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Policy writes by how they ended: `stored`, `conflict`, `lost`, `refused`, `not_sent`.
    pub writes: Family<[(&'static str, String); 1], Counter>,
    /// Changes refused to callers by why: `impossible`, `foreseen`, `rejected`, `broken`, `contended`,
    /// `outcome_unknown`, `queue_full`, `draining`, `failed`.
    pub refusals: Family<[(&'static str, String); 1], Counter>,
    /// Changes that wait for the writer.
    pub queue_length: Gauge,
    /// Seconds that a change waited for its answer.
    pub queue_wait: Histogram,
    /// Changes carried by one policy write.
    pub batch_size: Histogram,
    /// Leases that were ended.
    pub leases_ended: Counter,
    /// Attempts to end a lease that failed.
    pub lease_failures: Counter,
    /// Ends of leases that were put back.
    pub leases_restored: Counter,
    /// Seconds that a load of the tailnet took.
    pub load_time: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds =
            || Histogram::new([0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0]);
        Self {
            writes: Family::default(),
            refusals: Family::default(),
            queue_length: Gauge::default(),
            queue_wait: seconds(),
            batch_size: Histogram::new([1.0, 2.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10_000.0]),
            leases_ended: Counter::default(),
            lease_failures: Counter::default(),
            leases_restored: Counter::default(),
            load_time: seconds(),
        }
    }
}
