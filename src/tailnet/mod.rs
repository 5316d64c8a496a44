//! The nouns of a tailnet: users, invites, devices, keys, roles. Plain data, read by `tailscale`.

pub mod device;
pub mod invite;
pub mod key;
pub mod login;
pub mod pipeline;
pub mod role;
pub mod user;

pub use device::Device;
pub use invite::Invite;
pub use key::Key;
pub use login::{Login, NotALogin};
pub use pipeline::PolicyPipeline;
pub use role::Role;
pub use user::{User, UserKind, UserStatus};

/// A part of the tailnet that a credential may or may not read.
#[derive(Clone, Debug, PartialEq)]
pub enum Part<T> {
    /// It was read.
    Read(T),
    /// The credential may not read it; the text names the missing scope or key, for people.
    Unreadable(String),
}

impl<T: Default> Part<T> {
    /// What was read, or nothing.
    pub fn into_read(self) -> T {
        match self {
            Self::Read(value) => value,
            Self::Unreadable(_) => T::default(),
        }
    }
}

/// What one load of a tailnet gave, except the policy text.
#[derive(Clone, Debug, PartialEq)]
pub struct Tailnet {
    /// Name as configured, for people; `-` is the credential's own.
    pub name: String,
    /// Everybody, shared users included.
    pub users: Vec<User>,
    /// Open invites.
    pub invites: Part<Vec<Invite>>,
    /// Devices, external ones included.
    pub devices: Part<Vec<Device>>,
}
