//! Why a call failed.

use std::time::Duration;

use http::{Method, StatusCode};

/// A cause of any kind; printed with the chain, never inside a message.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why the API did not give what was asked. No message holds a secret or policy text of ours, nor the tailnet,
/// which whoever tells the error names once.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection, a reset, a time-out, or an answer cut off.
    #[error("{method} {path} was not answered")]
    NoAnswer {
        /// Tailnet as configured.
        tailnet: String,
        /// Method of the request.
        method: Method,
        /// Path without query.
        path: Box<str>,
        /// What went wrong below.
        #[source]
        cause: BoxError,
    },
    /// An answer with a status that is not success.
    #[error("{method} {path} was refused: {status}{}", said(message))]
    Refused {
        /// Tailnet as configured.
        tailnet: String,
        /// Method of the request.
        method: Method,
        /// Path without query.
        path: Box<str>,
        /// Status of the answer.
        status: StatusCode,
        /// The service's words, shortened; empty when it said nothing.
        message: String,
        /// How long the service asks us to wait.
        retry_after: Option<Duration>,
        /// Scope or key that would allow the call; empty where none is known. Not part of the message:
        /// whoever tells the user puts it first.
        needs: &'static str,
    },
    /// An answer of success whose content is not what the API promises.
    #[error("the answer to {method} {path} cannot be read")]
    Unreadable {
        /// Tailnet as configured.
        tailnet: String,
        /// Method of the request.
        method: Method,
        /// Path without query.
        path: Box<str>,
        /// What is wrong with it.
        #[source]
        cause: BoxError,
    },
    /// An answer beyond the bound for its kind.
    #[error("the answer to {method} {path} is larger than {limit} bytes")]
    TooLarge {
        /// Tailnet as configured.
        tailnet: String,
        /// Method of the request.
        method: Method,
        /// Path without query.
        path: Box<str>,
        /// The bound.
        limit: usize,
    },
    /// Text that no id of the API can be, so it was not asked for.
    #[error("there can be no user with the id {id:?}")]
    NoSuchId {
        /// Tailnet as configured.
        tailnet: String,
        /// The text.
        id: String,
    },
    /// A policy text that the service would read as a reset to the default; it was not sent.
    #[error("refused to store a policy text without an object, which would reset the policy")]
    EmptyPolicy {
        /// Tailnet as configured.
        tailnet: String,
    },
    /// Settings that no client can be built from.
    #[error("{0}")]
    Settings(String),
}

impl Error {
    /// The service limits the rate (429). See [`Error::retry_after`].
    #[must_use]
    pub fn is_rate_limit(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// The credential was refused (401, or the OAuth client at the token exchange) or may not do this
    /// (403). [`Error::needs`] tells what would help.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.needs().is_some()
            || matches!(self.status(), Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
    }

    /// The thing is not there (404), or cannot be. Never said of a failed token exchange.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::NoSuchId { .. } => true,
            _ => self.status() == Some(StatusCode::NOT_FOUND) && !self.is_forbidden(),
        }
    }

    /// How long the service asked us to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The service could not be reached, failed (5xx), or answered nonsense: nothing that the caller,
    /// the credential or the settings could change.
    #[must_use]
    pub fn is_upstream(&self) -> bool {
        match self {
            Self::NoAnswer { .. } | Self::Unreadable { .. } | Self::TooLarge { .. } => true,
            Self::Refused { status, .. } => status.is_server_error(),
            Self::NoSuchId { .. } | Self::EmptyPolicy { .. } | Self::Settings(_) => false,
        }
    }

    /// Scope or key that would allow what was refused.
    #[must_use]
    pub fn needs(&self) -> Option<&'static str> {
        match self {
            Self::Refused { needs, .. } if !needs.is_empty() => Some(needs),
            _ => None,
        }
    }

    /// Status of the answer, where a refusal came with one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether a call that is safe to repeat may do better the next time.
    pub(super) fn may_pass(&self) -> bool {
        self.is_rate_limit() || (self.is_upstream() && !matches!(self, Self::TooLarge { .. }))
    }
}

/// An error and its causes on one line, joined by `: `. A cause that the text already ends with is not said
/// twice.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

/// The service's words as the end of a message.
fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
