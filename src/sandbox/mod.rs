//! A simulated Tailscale API: for the demo, for tests, and to rehearse a change before it is made.
//!
//! It speaks real HTTP and behaves as the service is documented and observed to: entity tags and
//! `If-Match` of the policy file, both of its content types, the odd shapes of answers (`null` for no
//! invites, absent `tags`), the rights of tokens, and, on request, its [faults](Faults).
//!
//! A request takes this way: `server` accepts, `exchange` counts, waits, and lets a fault strike,
//! `api` answers out of the [`World`].
//!
//! Policies are judged, and their tests run, by [`policy::judge`](crate::policy::judge) against the simulated
//! users and devices. What the simulation leaves out: who is in a synced group, which device meets which
//! posture, and all keys but the caller's own.

mod answer;
mod api;
mod control;
mod error;
mod exchange;
mod faults;
mod foreign;
mod generate;
mod history;
mod policy;
mod route;
mod server;
mod settings;
mod stats;
mod token;
mod verdict;
mod world;

pub use error::Error;
pub use faults::{Fault, Faults, Scope, SpecError};
pub use foreign::ForeignEdit;
pub use history::{Author, RoleChange, Stored};
pub use server::Sandbox;
pub use settings::{Generate, Settings, Store, StoreError};
pub use stats::Stats;
pub use world::{ApiKey, Device, Invite, OauthClient, TailnetSettings, User, UserType, World};
