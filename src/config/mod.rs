//! Configuration: flag, then environment, then file, then default, into one checked value.
//!
//! [`SETTINGS`] is the one list of what can be set for `serve`. The command line, the environment
//! names, the keys of the file and the table in the README all follow it.

mod check;
mod secret;
mod setting;
mod source;
mod upstream;

pub use check::{Ids, Listening, Serve, Tls, Token, duration};
pub use secret::read_secret;
pub use setting::{Environment, SETTINGS, Setting, Takes, arguments, upstream_arguments};
pub use source::{Origin, Values};
pub use upstream::{Auth, Upstream};

/// What is wrong with the configuration. Each message names the setting, where its value came from,
/// and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The file is not JSON5, or a value in it has the wrong type.
    #[error("the configuration file {path} is wrong at {place}")]
    Malformed {
        /// The file.
        path: String,
        /// Key, where known.
        place: String,
        /// Why.
        #[source]
        cause: json5::Error,
    },
    /// The file sets something that does not exist.
    #[error("the configuration file {path} sets {key:?}, which does not exist; see `tailgrant serve --help`")]
    UnknownKey {
        /// The file.
        path: String,
        /// The key.
        key: String,
    },
    /// A variable of the environment is not text. It is never passed over: what it holds may be what
    /// protects the daemon.
    #[error("the environment variable {name} is not UTF-8 text")]
    NotText {
        /// The variable.
        name: String,
    },
    /// A value is not of the form that its setting takes.
    #[error("{origin}: {value:?} is not {expected}")]
    Invalid {
        /// Setting and where it was set.
        origin: String,
        /// The value; never a secret.
        value: String,
        /// What it should look like.
        expected: String,
    },
    /// A file that a setting names cannot be read.
    #[error("{origin}: the file {path} cannot be read")]
    SecretFile {
        /// Setting and where it was set.
        origin: String,
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A secret is empty or not text.
    #[error("{origin}: the secret is {problem}")]
    BadSecret {
        /// Setting and where it was set.
        origin: String,
        /// `empty`, `not UTF-8 text`, …
        problem: &'static str,
    },
    /// Settings that exclude or need each other.
    #[error("{0}")]
    Combination(String),
}

#[cfg(test)]
mod tests;
