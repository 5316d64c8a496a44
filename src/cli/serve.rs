//! `tailgrant serve`: wires the layers together and runs them until a signal.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use secrecy::SecretString;
use tokio_util::task::AbortOnDropHandle;

use super::block_on;
use super::counted::Counted;
use super::error::Error;
use super::output::Output;
use super::upstream;
use crate::config::{self, Auth, Ids, Serve, Values};
use crate::connector::{Alarm, Connector};
use crate::journal::Journal;
use crate::sandbox::{self, Sandbox};
use crate::server::{Admin, Bound, Rights, Server, Stopped, Subject, Tls, Token};
use crate::shutdown::{self, Stop};
use crate::telemetry::Exposition;
use crate::{catalog, connector, rpc, server, telemetry};

/// How long calls that are safe to repeat are repeated while Tailscale fails or limits the rate.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the daemon.
pub(super) fn run(
    flags: &ArgMatches,
    environment: config::Environment<'_>,
    output: &mut Output,
) -> Result<(), Error> {
    let serve = Serve::check(&Values::collect(flags, environment)?)?;
    telemetry::start(&serve.logs);
    block_on(async {
        let stop = shutdown::on_signals().map_err(Error::Runtime)?;
        let simulated = match serve.upstream.auth {
            Auth::Sandbox => Some(Sandbox::start(sandbox::Settings::default()).await?),
            Auth::ApiKey(_) | Auth::OAuth { .. } => None,
        };
        let daemon = Daemon::start(&serve, simulated.as_ref()).await?;
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            tailnet = serve.upstream.tailnet,
            address = %daemon.address(),
            sandbox = simulated.is_some(),
            provisioning = serve.provisioning,
            dry_run = serve.dry_run,
            journal = serve.journal.is_some(),
            "serving c1.connector.v2"
        );
        output.line(format_args!("serving c1.connector.v2 on {}", daemon.address()))?;
        daemon.run(stop).await
    })
}

/// A daemon that listens but does not serve yet.
pub(super) struct Daemon {
    bound: Bound,
    api: rpc::Api,
    alarm: Alarm,
    /// Answers until the daemon is dropped, so also while it drains.
    _admin: Option<AbortOnDropHandle<()>>,
}

impl Daemon {
    /// Puts the layers together and binds the listeners. With a sandbox, that is the tailnet.
    pub(super) async fn start(serve: &Serve, sandbox: Option<&Sandbox>) -> Result<Self, Error> {
        let counted = Counted::default();
        let bound = Server::bind(listening(serve, counted.server.clone())?).await?;
        let admin = match serve.admin {
            Some(address) => Some(Admin::bind(address).await?),
            None => None,
        };
        let upstream = counted.upstream.clone();
        let client = upstream::counted_client(&serve.upstream, sandbox, PATIENCE, upstream)?;
        let journal = serve.journal.as_deref().map(Journal::open).transpose()?;
        let settings = connector::Settings { journal, ..engine(serve, counted.connector.clone()) };
        let alarm = settings.alarm.clone();
        let connector = Arc::new(Connector::new(client, settings));
        connector.keep_leases();
        let face = rpc::Settings {
            provisioning: serve.provisioning,
            new_traits: serve.new_traits,
            ..rpc::Settings::default()
        };
        let api = rpc::Api::new(Arc::clone(&connector), face);
        let admin = admin.map(|admin| {
            let address = admin.address();
            tracing::info!(%address, "serving metrics and probes");
            if !address.ip().is_loopback() {
                tracing::warn!(
                    %address,
                    "metrics and probes are told to whoever can reach this address: let only the monitoring do so"
                );
            }
            let exposition = counted.exposition(connector.tailnet());
            let scrape = move || exposition.text();
            let subject = Subject::new(bound.phase(), vec![api.clone()], scrape, Exposition::CONTENT_TYPE);
            AbortOnDropHandle::new(tokio::spawn(async move {
                tokio::join!(admin.serve(subject), connector.learn_credential());
            }))
        });
        Ok(Self { bound, api, alarm, _admin: admin })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.bound.address()
    }

    /// Serves until told to drain, or until a part breaks off; and then until calls under way have ended, the
    /// grace is over, or waiting itself is stopped. What broke off comes back with a new process, which whoever
    /// runs this one starts: so that is an error.
    pub(super) async fn run(self, stop: Stop) -> Result<(), Error> {
        let (alarm, drain) = (self.alarm.clone(), stop.drain.clone());
        let _watched = AbortOnDropHandle::new(tokio::spawn(async move {
            alarm.raised().await;
            drain.cancel();
        }));
        let stopped = tokio::select! {
            stopped = self.bound.serve(self.api, stop.drain) => stopped?,
            () = stop.now.cancelled() => {
                tracing::warn!("stopped at once; calls under way were cut off, their writes may or may not be stored");
                return Ok(());
            }
        };
        match stopped {
            Stopped { calls: 0, writes: 0 } => tracing::info!("stopped; nothing was cut off"),
            Stopped { calls, writes } => {
                tracing::warn!(
                    calls,
                    writes,
                    "stopped with calls unanswered; their writes may or may not be stored"
                );
            }
        }
        self.alarm.part().map_or(Ok(()), |part| Err(Error::BrokenOff(part)))
    }
}

fn engine(serve: &Serve, metrics: connector::Metrics) -> connector::Settings {
    connector::Settings {
        provisioning: serve.provisioning,
        catalog: catalog::Options {
            ids: match serve.ids {
                Ids::Native => catalog::IdScheme::Native,
                Ids::BatonTailscale => catalog::IdScheme::BatonTailscale,
            },
            expand_everyone: serve.expand_everyone,
        },
        allow_shrink: serve.allow_shrink,
        allow_external: serve.allow_external,
        metrics,
        dry_run: serve.dry_run,
        restore_leases: serve.restore_leases,
        settle: serve.settle,
        request_timeout: serve.upstream.request_timeout,
        ..connector::Settings::default()
    }
}

fn listening(serve: &Serve, metrics: server::Metrics) -> Result<server::Settings, Error> {
    let (mut tls, mut client_ca) = (None, None);
    if let Some(files) = &serve.listening.tls {
        tls =
            Some(Tls { certificate: read(&files.certificate)?, key: SecretString::from(read(&files.key)?) });
        client_ca = files.client_authorities.as_deref().map(read).transpose()?;
    }
    let token = |token: &config::Token| {
        let rights = match (token.sync, token.provision) {
            (true, true) => Rights::ALL,
            (true, false) => Rights::SYNC,
            (false, true) => Rights::PROVISION,
            (false, false) => Rights::NONE,
        };
        Token::new(rights, &token.secret)
    };
    Ok(server::Settings {
        listen: serve.listening.address.to_string(),
        tls,
        client_ca,
        tokens: serve.tokens.iter().map(token).collect(),
        insecure_listen: serve.insecure_listen,
        grace: serve.shutdown_grace,
        metrics,
    })
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|cause| Error::File { path: path.display().to_string(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::arguments;

    #[tokio::test]
    async fn a_daemon_of_which_a_part_broke_off_ends_with_an_error() {
        let sandbox = Sandbox::start(sandbox::Settings::default()).await.unwrap();
        let flags = ["serve", "--sandbox", "--provisioning", "--listen", "127.0.0.1:0"];
        let flags = clap::Command::new("serve").args(arguments()).try_get_matches_from(flags).unwrap();
        let serve = Serve::check(&Values::collect(&flags, &|_| None).unwrap()).unwrap();
        let daemon = Daemon::start(&serve, Some(&sandbox)).await.unwrap();
        let alarm = daemon.alarm.clone();
        let running = tokio::spawn(daemon.run(Stop::default()));
        alarm.raise("the policy writer");
        let ended = tokio::time::timeout(Duration::from_secs(60), running).await.unwrap().unwrap();
        assert!(matches!(ended, Err(Error::BrokenOff("the policy writer"))), "{ended:?}");
    }
}
