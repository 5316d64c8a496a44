//! The JSON shapes of the API, read into the nouns of [`crate::tailnet`].
//!
//! Readers are as tolerant as the service is loose (API reference, and each shape's comment), but never
//! lose a whole thing: a list with an entry that has no id is an error that names the entry, because
//! leaving the entry out would hide somebody's access.

mod audit;
mod device;
mod invite;
mod key;
mod lenient;
mod policy;
pub(super) mod problem;
mod settings;
mod token;
mod user;

pub(super) use audit::former_logins;
pub(super) use device::devices;
pub(super) use invite::invites;
pub(super) use key::key;
pub(super) use policy::policy_file;
pub(super) use problem::verdict;
pub(super) use settings::policy_pipeline;
pub(super) use token::{AccessToken, access_token};
pub(super) use user::{user, users};

#[cfg(test)]
mod tests;
