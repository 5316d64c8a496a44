//! Why a sandbox cannot start.

use std::net::SocketAddr;

use crate::hujson::SyntaxError;

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours.
    #[error("the sandbox cannot listen on {address}; pass another address, or port 0 for a free one")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The policy file that was given is no HuJSON.
    #[error("the policy file given to the sandbox cannot be parsed")]
    Policy(#[source] SyntaxError),
}
