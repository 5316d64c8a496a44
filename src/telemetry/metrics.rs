//! The registry of all metrics, and the text that a scrape gets.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use prometheus_client::encoding::text;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// All metrics of a process. Every layer registers its own; their names get the prefix `tailgrant_`.
#[derive(Debug)]
pub struct Exposition {
    registry: Registry,
}

impl Exposition {
    /// What the text of a scrape is: `OpenMetrics` 1.0, which Prometheus reads.
    pub const CONTENT_TYPE: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// The metrics of a process that began at `started`: for now, what it is and since when it runs.
    #[must_use]
    pub fn new(started: SystemTime) -> Self {
        let mut registry = Registry::with_prefix("tailgrant");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program that runs; always 1", version);
        let since = started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64();
        registry.register_with_unit(
            "start_time",
            "When the process began, in seconds since 1970",
            Unit::Seconds,
            ConstGauge::new(since),
        );
        Self { registry }
    }

    /// Where metrics of the process register.
    pub fn process(&mut self) -> &mut Registry {
        &mut self.registry
    }

    /// Where metrics of one tailnet register: each of their series gets its name as a label.
    pub fn tailnet(&mut self, name: &str) -> &mut Registry {
        self.registry.sub_registry_with_label((Cow::Borrowed("tailnet"), Cow::Owned(name.to_owned())))
    }

    /// The text of a scrape. May parse a policy file, so it wants a thread that may block.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail, and a collector that did would leave the rest as it is.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}
