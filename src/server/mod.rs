//! The gRPC face: who may call, over what, and how a call ends.
//!
//! Handlers know nothing of it: every call passes the `gate`, which authenticates it by its path,
//! counts it, and catches what breaks. The services themselves only hand messages on to
//! [`rpc`](crate::rpc).
//!
//! Beside it, on an address of its own, [`Admin`] serves metrics and probes over HTTP.

mod admin;
mod caller;
mod error;
mod gate;
mod listen;
mod metrics;
mod phase;
mod rights;
mod services;
mod settings;
mod token;

pub use admin::{Admin, Subject};
pub use error::Error;
pub use listen::{Bound, Server, Stopped};
pub use metrics::Metrics;
pub use phase::Phase;
pub use rights::Rights;
pub use settings::{Settings, Tls};
pub use token::Token;
