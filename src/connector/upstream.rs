//! What a failed call of the Tailscale API means to a caller of ours.

use std::sync::Arc;
use std::time::Duration;

use super::{Error, Unavailable};
use crate::tailscale;

/// When to come back where Tailscale limits the rate of calls without saying for how long.
const UNSAID_RETRY_AFTER: Duration = Duration::from_secs(60);

impl From<tailscale::Error> for Error {
    fn from(cause: tailscale::Error) -> Self {
        match &cause {
            tailscale::Error::Refused { tailnet, .. } if cause.is_rate_limit() => Self::RateLimited {
                tailnet: tailnet.clone(),
                retry_after: cause.retry_after().unwrap_or(UNSAID_RETRY_AFTER),
            },
            tailscale::Error::Refused { tailnet, needs, .. } if cause.is_forbidden() => Self::Credential {
                tailnet: tailnet.clone(),
                needs: (*needs).to_owned(),
                cause: Arc::new(cause),
            },
            tailscale::Error::Refused { tailnet, .. } if !cause.is_upstream() => {
                Self::Refused { tailnet: tailnet.clone(), reason: cause.to_string(), cancelled: false }
            }
            tailscale::Error::NoAnswer { tailnet, .. }
            | tailscale::Error::Refused { tailnet, .. }
            | tailscale::Error::Unreadable { tailnet, .. }
            | tailscale::Error::TooLarge { tailnet, .. } => Self::Unavailable {
                tailnet: tailnet.clone(),
                reason: Unavailable::Upstream,
                message: "Tailscale cannot be reached or is failing; try again later".to_owned(),
                cause: Some(Arc::new(cause)),
            },
            tailscale::Error::NoSuchId { tailnet, id } => {
                Self::NotFound { tailnet: tailnet.clone(), what: format!("user {id}") }
            }
            tailscale::Error::EmptyPolicy { tailnet } => {
                Self::Internal { tailnet: tailnet.clone(), message: cause.to_string() }
            }
            tailscale::Error::Settings(message) => Self::Invalid(message.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};

    use super::*;
    use crate::tailscale::with_causes;

    #[track_caller]
    fn check(status: StatusCode, message: &str, needs: &'static str, expected: &str) {
        let error = Error::from(tailscale::Error::Refused {
            tailnet: "example.com".to_owned(),
            method: Method::GET,
            path: "/api/v2/tailnet/-/users".into(),
            status,
            message: message.to_owned(),
            retry_after: None,
            needs,
        });
        assert_eq!(with_causes(&error), format!("tailnet example.com: {expected}"));
    }

    #[test]
    fn a_refusal_names_the_tailnet_and_what_helps_once() {
        check(
            StatusCode::NOT_FOUND,
            "no such thing; check the tailnet's name (--tailnet)",
            "",
            "GET /api/v2/tailnet/-/users was refused: 404 Not Found: no such thing; check the tailnet's name (--tailnet)",
        );
        check(StatusCode::CONFLICT, "", "", "GET /api/v2/tailnet/-/users was refused: 409 Conflict");
        check(
            StatusCode::FORBIDDEN,
            "no",
            "the scope users:read",
            "the credential is refused; it needs the scope users:read: \
             GET /api/v2/tailnet/-/users was refused: 403 Forbidden: no",
        );
        check(
            StatusCode::BAD_GATEWAY,
            "",
            "",
            "Tailscale cannot be reached or is failing; try again later: \
             GET /api/v2/tailnet/-/users was refused: 502 Bad Gateway",
        );
    }
}
