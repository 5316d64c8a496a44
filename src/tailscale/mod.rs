//! The Tailscale API client, in thin layers.
//!
//! `call` builds requests as values, `transport` sends one and reads its answer within bounds,
//! `auth` adds and renews the credential, `retry` waits and repeats, `wire` turns JSON into the
//! nouns of [`crate::tailnet`], and [`Client`] has one short method for each endpoint.
//!
//! Two laws hold here and nowhere else:
//! - Only `retry` sleeps, and only calls that are safe to repeat pass through it.
//! - The policy POST and the role POST reach a socket at most once (`transport` tells why).

mod address;
mod answer;
mod auth;
mod call;
mod client;
mod error;
mod metrics;
mod policy_file;
mod retry;
mod settings;
mod transport;
mod wire;

pub use client::Client;
pub use error::{BoxError, Error, with_causes};
pub use metrics::Metrics;
pub use policy_file::{ETag, PolicyFile, Sent, Verdict};
pub use settings::{Credential, Settings};
