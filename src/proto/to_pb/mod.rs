//! Our words → the protocol's messages. What comes out never breaks a bound of the protocol: texts
//! that are too long are cut and end in `…`.

mod entitlement;
mod grant;
mod resource;
mod resource_type;
pub mod structs;
mod traits;

pub use entitlement::entitlement;
pub use grant::grant;
pub use resource::{resource, resource_id, timestamp};
pub use resource_type::resource_type;

#[cfg(test)]
mod tests;
