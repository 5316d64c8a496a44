//! Listening, serving, stopping.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::{TcpListener, lookup_host};
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use tonic_health::ServingStatus;

use super::gate::Gate;
use super::{Error, Phase, Settings, services};
use crate::rpc;

/// A handshake that takes longer is given up.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How often a silent connection is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Most bytes of a call's headers.
const LARGEST_HEADERS: u32 = 64 * 1024;

/// Calls at once on one connection: more than the 10,000 grants that may wait for the policy file, so that a
/// platform with one connection can always send a revoke. Their bodies cost little meanwhile: HTTP/2 lets a
/// connection send 64 KiB that nobody has read.
const MOST_STREAMS: u32 = 16_000;

/// How long the last answers may take to leave, after their calls have ended.
const FLUSH: Duration = Duration::from_secs(1);

/// A gRPC server that does not listen yet.
#[derive(Debug)]
pub struct Server;

/// A server that has its address and its certificates, and takes calls once it serves.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    tonic: tonic::transport::Server,
    settings: Settings,
    phase: Phase,
}

/// How a server ended: what was cut off when the grace time ran out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Calls that were not answered.
    pub calls: usize,
    /// Callers whose Grant or Revoke was under way. Their writes may or may not be stored.
    pub writes: usize,
}

impl Server {
    /// Checks the settings and listens.
    ///
    /// # Errors
    ///
    /// Fails when the address cannot be had, when the TLS files cannot be used, and when a listener that other
    /// machines can reach lacks encryption or credentials.
    pub async fn bind(settings: Settings) -> Result<Bound, Error> {
        let address = &settings.listen;
        let unusable = |cause| Error::Listen { address: address.clone(), cause };
        let candidates: Vec<SocketAddr> = lookup_host(address).await.map_err(unusable)?.collect();
        check(&settings, &candidates)?;
        let tonic = configure(&settings)?;
        let listener = TcpListener::bind(&candidates[..]).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        Ok(Bound { listener, address, tonic, settings, phase: Phase::default() })
    }
}

impl Bound {
    /// The address listened on, with the port that was found where 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it takes calls, for whoever watches it.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase.clone()
    }

    /// Serves until `stop`. Then health says so, new calls are turned away, and those under way may finish
    /// within the grace time, writes above all.
    ///
    /// # Errors
    ///
    /// Fails when the listener breaks.
    pub async fn serve(self, api: rpc::Api, stop: CancellationToken) -> Result<Stopped, Error> {
        let Self { listener, address, tonic, settings, phase } = self;
        let (mut health, health_service) = tonic_health::server::health_reporter();
        let (gate, closed) = (Gate::new(&settings, phase.clone()), CancellationToken::new());
        let serving = tonic
            .layer(gate.clone())
            .add_routes(services::routes(&api)?)
            .add_service(health_service)
            .serve_with_incoming_shutdown(
                TcpIncoming::from(listener).with_nodelay(Some(true)),
                closed.clone().cancelled_owned(),
            );
        let stopping = async {
            stop.cancelled().await;
            health.set_service_status("", ServingStatus::NotServing).await;
            let (calls, writes) = tokio::join!(gate.close(settings.grace), api.drain(settings.grace));
            closed.cancel();
            // Ends the streams of those who watch health: they would hold their connections open.
            health.clear_service_status("").await;
            Stopped { calls, writes }
        };
        phase.serve();
        let mut serving = std::pin::pin!(serving);
        tokio::select! {
            served = &mut serving => {
                served.map_err(|cause| Error::Serve { address: address.to_string(), cause })?;
                Ok(Stopped::default())
            }
            stopped = stopping => {
                if tokio::time::timeout(FLUSH, serving).await.is_err() {
                    tracing::debug!("connections were still open at the end");
                }
                Ok(stopped)
            }
        }
    }
}

/// The rules of starting up: what other machines can reach is encrypted and asks who calls.
fn check(settings: &Settings, addresses: &[SocketAddr]) -> Result<(), Error> {
    if settings.client_ca.is_some() && settings.tls.is_none() {
        return Err(Error::ClientCaWithoutTls);
    }
    let local = addresses.iter().all(|address| address.ip().to_canonical().is_loopback());
    let address = || settings.listen.clone();
    if local || settings.insecure_listen {
        Ok(())
    } else if settings.tls.is_none() {
        Err(Error::PlainText { address: address() })
    } else if settings.tokens.is_empty() && settings.client_ca.is_none() {
        Err(Error::Open { address: address() })
    } else {
        Ok(())
    }
}

fn configure(settings: &Settings) -> Result<tonic::transport::Server, Error> {
    let server = tonic::transport::Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_max_header_list_size(LARGEST_HEADERS)
        .max_concurrent_streams(MOST_STREAMS);
    let Some(tls) = &settings.tls else { return Ok(server) };
    let mut config = ServerTlsConfig::new()
        .identity(Identity::from_pem(&tls.certificate, tls.key.expose_secret()))
        .timeout(HANDSHAKE);
    if let Some(authorities) = &settings.client_ca {
        // Optional, because health asks for none; the gate demands one for every other call.
        config = config.client_ca_root(Certificate::from_pem(authorities)).client_auth_optional(true);
    }
    server.tls_config(config).map_err(|cause| Error::Tls { cause })
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::server::{Metrics, Rights, Tls, Token};

    /// Checks a start with what is `given`, as words: `tls`, `ca`, `token`, `insecure`.
    #[track_caller]
    fn check_start(listen: &str, given: &str, expected: &str) {
        let has = |word| given.split(' ').any(|given| given == word);
        let settings = Settings {
            listen: listen.to_owned(),
            tls: has("tls").then(|| Tls { certificate: String::new(), key: SecretString::from("") }),
            client_ca: has("ca").then(String::new),
            tokens: has("token")
                .then(|| Token::new(Rights::ALL, &SecretString::from("secret")))
                .into_iter()
                .collect(),
            insecure_listen: has("insecure"),
            grace: Duration::ZERO,
            metrics: Metrics::default(),
        };
        let answer = match check(&settings, &[listen.parse().unwrap()]) {
            Ok(()) => "starts",
            Err(Error::PlainText { .. }) => "plain text",
            Err(Error::Open { .. }) => "open",
            Err(Error::ClientCaWithoutTls) => "no TLS for the CA",
            Err(_) => "something else",
        };
        assert_eq!(answer, expected, "{listen} with {given}");
    }

    #[test]
    fn loopback_starts_without_anything() {
        for listen in ["127.0.0.1:0", "127.8.8.8:1", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
            check_start(listen, "", "starts");
        }
    }

    #[test]
    fn what_others_can_reach_is_encrypted_and_asks_who_calls() {
        for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:50051", "[2001:db8::1]:1", "[::ffff:192.0.2.1]:1"] {
            check_start(listen, "", "plain text");
            check_start(listen, "token", "plain text");
            check_start(listen, "tls", "open");
            check_start(listen, "tls token", "starts");
            check_start(listen, "tls ca", "starts");
            check_start(listen, "insecure", "starts");
        }
    }

    #[test]
    fn a_client_ca_needs_tls_everywhere() {
        check_start("127.0.0.1:0", "ca", "no TLS for the CA");
        check_start("192.0.2.1:1", "ca insecure", "no TLS for the CA");
    }

    #[tokio::test]
    async fn files_that_are_no_certificates_are_told() {
        let settings = Settings {
            listen: "127.0.0.1:0".to_owned(),
            tls: Some(Tls { certificate: "not PEM".to_owned(), key: SecretString::from("neither") }),
            client_ca: None,
            tokens: Vec::new(),
            insecure_listen: false,
            grace: Duration::ZERO,
            metrics: Metrics::default(),
        };
        assert!(matches!(Server::bind(settings).await, Err(Error::Tls { .. })));
    }
}
