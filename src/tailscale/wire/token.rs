//! Access tokens of OAuth clients (API reference, 2.1).

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::lenient;
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

/// Life of a token whose answer does not tell: the documented hour is not counted on.
const UNKNOWN_LIFE: Duration = Duration::from_secs(300);

/// What an OAuth client is exchanged for.
pub(in crate::tailscale) struct AccessToken {
    pub(in crate::tailscale) secret: SecretString,
    /// From the answer on.
    pub(in crate::tailscale) life: Duration,
    /// `None` when the answer did not tell.
    pub(in crate::tailscale) scopes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct TokenJson {
    #[serde(default)]
    access_token: String,
    #[serde(default, deserialize_with = "lenient::text")]
    expires_in: String,
    #[serde(default, deserialize_with = "lenient::text")]
    scope: String,
}

/// The answer of `POST /oauth/token`.
pub(in crate::tailscale) fn access_token(answer: &Answer<'_>) -> Result<AccessToken, Error> {
    // Whatever the parser says might quote the token, so it is not passed on.
    let unreadable = || answer.unreadable("there is no access token in it".into());
    let token: TokenJson = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    if token.access_token.is_empty() {
        return Err(unreadable());
    }
    let scopes: Vec<String> = token.scope.split_whitespace().map(str::to_owned).collect();
    Ok(AccessToken {
        secret: token.access_token.into(),
        life: token.expires_in.parse().map_or(UNKNOWN_LIFE, Duration::from_secs),
        scopes: (!scopes.is_empty()).then_some(scopes),
    })
}
