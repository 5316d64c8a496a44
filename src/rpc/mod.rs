//! The Baton operations without a transport: request → connector → response.
//!
//! [`Api`] has one method for each RPC. Every one first checks the request's bounds, then turns its
//! ids into ours, calls the connector once, and turns the answer into messages that keep the bounds
//! and a client's limit on message size. [`status`] alone knows gRPC codes. Whoever brings the
//! requests, a gRPC server or service mode, calls the same methods.

mod absent;
mod api;
mod capabilities;
mod entitlements;
mod grants;
mod lease;
mod metadata;
mod page;
mod provision;
mod rate_limit;
mod resource_types;
mod resources;
pub mod status;

pub use crate::connector::{Caller, Health, Journaling};
pub use api::{Api, Call, MAX_RESPONSE_BYTES, Settings};
pub use capabilities::capabilities;
pub use status::Status;
