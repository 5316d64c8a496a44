//! `tailgrant health-check`: asks a running daemon, for `HEALTHCHECK` and scripts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use clap::{ArgMatches, Command};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::block_on;
use super::error::Error;
use super::output::Output;
use super::probe;
use crate::config::{self, Listening, Values};

/// Asks once.
pub(super) fn run(
    flags: &ArgMatches,
    environment: config::Environment<'_>,
    output: &mut Output,
) -> Result<(), Error> {
    let target = target(flags, environment)?;
    let timeout = flags.get_one::<String>("timeout").map_or("5s", String::as_str);
    let timeout = config::duration(timeout).map_err(|expected| Error::Flag {
        flag: "timeout",
        problem: format!("{timeout:?} is not {expected}"),
    })?;
    block_on(ask(&target, timeout))?;
    if !flags.get_flag("quiet") {
        output.line(format_args!("{} is healthy", target.address))?;
    }
    Ok(())
}

/// Where to ask: `--address`, or where the daemon's own configuration says it listens.
fn target(flags: &ArgMatches, environment: config::Environment<'_>) -> Result<Listening, Error> {
    let words = ["serve"].into_iter().map(str::to_owned);
    let file =
        flags.get_one::<String>("config").into_iter().flat_map(|path| ["--config".to_owned(), path.clone()]);
    let daemon = Command::new("serve").args(config::arguments()).get_matches_from(words.chain(file));
    let mut target = Listening::check(&Values::collect(&daemon, environment)?)?;
    if let Some(text) = flags.get_one::<String>("address") {
        let address = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        target.address = address.ok_or_else(|| Error::Flag {
            flag: "address",
            problem: format!("{text:?} is not an address and port such as 127.0.0.1:50051"),
        })?;
    }
    target.address = reachable(target.address);
    Ok(target)
}

/// A daemon that listens everywhere is asked over loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

/// Asks in the way the configuration says, and if that brings no answer, in the other: a daemon may have
/// been told by its flags whether to serve TLS.
async fn ask(target: &Listening, timeout: Duration) -> Result<(), Error> {
    let configured = target.tls.is_some();
    let asked = async {
        match status(target.address, configured).await {
            Err(problem) => status(target.address, !configured).await.map_err(|_| problem),
            answered => answered,
        }
    };
    let unhealthy = |problem| Error::Unhealthy { address: target.address.to_string(), problem };
    match tokio::time::timeout(timeout, asked).await {
        Ok(Ok(ServingStatus::Serving)) => Ok(()),
        Ok(Ok(other)) => Err(unhealthy(format!("its status is {}", other.as_str_name()))),
        Ok(Err(problem)) => Err(unhealthy(problem)),
        Err(_) => Err(unhealthy(format!("no answer within {timeout:?}"))),
    }
}

/// The status that the daemon says it has, or why there is no answer.
async fn status(address: SocketAddr, tls: bool) -> Result<ServingStatus, String> {
    let channel = probe::connect(address, tls)
        .await
        .map_err(|error| format!("it cannot be reached: {}", error.root_cause()))?;
    let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    let answer = answer.map_err(|status| format!("it answered {}: {}", status.code(), status.message()))?;
    Ok(answer.into_inner().status())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_that_listens_everywhere_is_asked_over_loopback() {
        for (listen, asked) in
            [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:2", "[::1]:2"), ("192.0.2.7:3", "192.0.2.7:3")]
        {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), asked);
        }
    }
}
