//! What a daemon counts, put together from what its layers count.

use std::time::SystemTime;

use crate::telemetry::Exposition;
use crate::{connector, server, tailscale};

/// The metrics of a daemon that serves one tailnet.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Calls that come in.
    pub(super) server: server::Metrics,
    /// What is done about them.
    pub(super) connector: connector::Metrics,
    /// Calls to Tailscale.
    pub(super) upstream: tailscale::Metrics,
}

impl Counted {
    /// What a scrape shows: all of it, under the names and labels that docs/operations.md lists.
    pub(super) fn exposition(&self, tailnet: &str) -> Exposition {
        let mut exposition = Exposition::new(SystemTime::now());
        self.server.register(exposition.process());
        let of_tailnet = exposition.tailnet(tailnet);
        self.connector.register(of_tailnet);
        self.upstream.register(of_tailnet);
        exposition
    }
}
