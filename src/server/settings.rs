//! What an operator may choose about the listener.

use std::time::Duration;

use secrecy::SecretString;

use super::{Metrics, Token};

/// Choices of one listener.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Host and port, such as `127.0.0.1:50051`. Port 0 takes any free one.
    pub listen: String,
    /// Encryption; without it the listener speaks plain text.
    pub tls: Option<Tls>,
    /// PEM of the authorities whose client certificates are let in. Needs `tls`. Where it is set, each call
    /// must come over a connection with such a certificate.
    pub client_ca: Option<String>,
    /// Tokens, of which each call must bring one. Empty: none is asked for.
    pub tokens: Vec<Token>,
    /// Lets a listener outside loopback do without encryption or credentials. For test rigs.
    pub insecure_listen: bool,
    /// How long calls under way may take to finish when the server stops.
    pub grace: Duration,
    /// What is counted.
    pub metrics: Metrics,
}

/// Certificate chain and private key, both PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The server's certificate, then those of its issuers.
    pub certificate: String,
    /// The certificate's private key.
    pub key: SecretString,
}
