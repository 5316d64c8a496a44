//! The server over loopback: the real services, the real client of the Tailscale API, a sandbox behind.
#![expect(clippy::unwrap_used, reason = "tests")]

mod exposition;
mod rig;
mod sync;

mod admin;
mod credentials;
mod faults;
mod leases;
mod refusals;
mod serving;
mod snapshots;
