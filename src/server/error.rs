//! Why a server does not start, or ends.

use std::io;
use std::net::SocketAddr;

/// What stands in the way, and what to change.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be resolved or listened on.
    #[error("cannot listen on {address}: choose a free local address with --listen, such as 127.0.0.1:50051")]
    Listen {
        /// As configured.
        address: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The address for metrics and probes cannot be listened on.
    #[error("cannot serve metrics and probes on {address}: choose a free local address with --admin-listen")]
    AdminListen {
        /// As configured.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Plain text would leave this machine.
    #[error(
        "{address} can be reached from other machines, and calls carry access data and credentials: give \
         --tls-cert and --tls-key, listen on 127.0.0.1, or say --insecure-listen on a test rig"
    )]
    PlainText {
        /// As configured.
        address: String,
    },
    /// Anybody could call.
    #[error(
        "{address} can be reached from other machines, and anybody could call: give --auth-token or \
         --tls-client-ca, listen on 127.0.0.1, or say --insecure-listen on a test rig"
    )]
    Open {
        /// As configured.
        address: String,
    },
    /// Client certificates exist only with TLS.
    #[error("--tls-client-ca has no effect without TLS: give --tls-cert and --tls-key as well")]
    ClientCaWithoutTls,
    /// Certificate, key or authorities cannot be used.
    #[error(
        "the TLS files cannot be used: --tls-cert, --tls-key and --tls-client-ca are PEM, and the key is the certificate's"
    )]
    Tls {
        /// Why.
        #[source]
        cause: tonic::transport::Error,
    },
    /// What reflection would serve is broken.
    #[error("the interface descriptors inside this program cannot be read; please report this")]
    Descriptors(#[from] tonic_reflection::server::Error),
    /// The listener broke while serving.
    #[error("the server on {address} broke off")]
    Serve {
        /// As configured.
        address: String,
        /// Why.
        #[source]
        cause: tonic::transport::Error,
    },
}
