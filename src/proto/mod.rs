//! The messages of the Baton protocol and their conversions from and to the words of [`access`].
//!
//! [`c1`] and our own additions, [`tailgrant`], are made by the build from the interface files in `proto/`; so is
//! the check of each message's [`bounds`]. Everything else here is pure data conversion.
//!
//! [`access`]: crate::access

pub mod annotation;
pub mod bounds;
pub mod from_pb;
pub mod to_pb;

#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    deprecated,
    clippy::all,
    clippy::pedantic,
    reason = "made by the build from proto/; the words are in the interface files"
)]
mod packages {
    include!(concat!(env!("OUT_DIR"), "/packages.rs"));
}

pub use packages::{c1, tailgrant};

/// Descriptors of everything in `proto/` and what it imports, encoded, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
