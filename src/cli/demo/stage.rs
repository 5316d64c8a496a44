//! What the demo plays on: a sandbox and a daemon over loopback, in this process.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;

use crate::cli::error::Error;
use crate::cli::serve::Daemon;
use crate::config::{Serve, Values, arguments};
use crate::sandbox::{self, Sandbox, Store};
use crate::shutdown::Stop;

/// The two servers.
pub(super) struct Stage {
    sandbox: Sandbox,
    daemon: SocketAddr,
    stop: Stop,
    running: JoinHandle<Result<(), Error>>,
}

impl Stage {
    /// Starts both on free ports. The sandbox keeps policies byte for byte.
    pub(super) async fn set() -> anyhow::Result<Self> {
        let sandbox =
            Sandbox::start(sandbox::Settings { store: Store::Verbatim, ..Default::default() }).await?;
        let flags =
            ["serve", "--sandbox", "--provisioning", "--listen", "127.0.0.1:0", "--tailnet", "example.com"];
        let flags = clap::Command::new("serve").args(arguments()).try_get_matches_from(flags)?;
        let serve = Serve::check(&Values::collect(&flags, &|_| None)?)?;
        let daemon = Daemon::start(&serve, Some(&sandbox)).await?;
        let (address, stop) = (daemon.address(), Stop::default());
        let running = tokio::spawn(daemon.run(stop.clone()));
        Ok(Self { sandbox, daemon: address, stop, running })
    }

    /// Waits until the daemon has looked for access that ends, as it does once a minute beside all syncs, and
    /// counts API calls from there.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        let looked = async {
            while self.sandbox.stats().of("GET /tailnet/{tailnet}/acl") == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), looked).await.context("the daemon reads no policy")?;
        self.sandbox.reset_stats();
        Ok(())
    }

    /// The simulated tailnet.
    pub(super) const fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Calls that the simulated API answered.
    pub(super) fn api_calls(&self) -> u64 {
        self.sandbox.stats().total()
    }

    /// Policy texts that were stored by calls.
    pub(super) fn policy_writes(&self) -> u64 {
        self.sandbox.stats().policy_writes
    }

    /// Where the daemon listens.
    pub(super) const fn daemon(&self) -> SocketAddr {
        self.daemon
    }

    /// Stops both in good order.
    pub(super) async fn strike(self) -> anyhow::Result<()> {
        self.stop.drain.cancel();
        self.running.await??;
        self.sandbox.stop().await;
        Ok(())
    }
}
