//! The tailnet that is worked on, and the way to it.

use std::time::Duration;

use secrecy::SecretString;

use super::check::{invalid, switch, time};
use super::{Error, Values, read_secret};

/// The settings that say how a tailnet is reached: enough to read or write it without serving it.
pub(super) const NAMES: [&str; 6] =
    ["tailnet", "api-key", "oauth-client-id", "oauth-client-secret", "api-url", "request-timeout"];

/// A tailnet and how to reach it.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Tailnet name.
    pub tailnet: String,
    /// Credential for the Tailscale API.
    pub auth: Auth,
    /// Base URL of the Tailscale API, without a final slash.
    pub api_url: String,
    /// Limit for one API request: 100 ms to 30 min.
    pub request_timeout: Duration,
}

/// How to authenticate to the Tailscale API.
#[derive(Clone, Debug)]
pub enum Auth {
    /// An API access token.
    ApiKey(SecretString),
    /// An OAuth client.
    OAuth {
        /// Client id.
        id: String,
        /// Client secret.
        secret: SecretString,
    },
    /// None needed: the tailnet is simulated.
    Sandbox,
}

impl Upstream {
    /// Checks the values that say how a tailnet is reached; it needs no others.
    ///
    /// # Errors
    ///
    /// Fails on the first value that is not of its setting's form, on secrets that cannot be read, and
    /// when there is not exactly one credential.
    pub fn check(values: &Values) -> Result<Self, Error> {
        Ok(Self {
            tailnet: tailnet(values)?,
            auth: auth(values)?,
            api_url: api_url(values)?,
            request_timeout: time(
                values,
                "request-timeout",
                Duration::from_millis(100),
                Duration::from_mins(30),
            )?,
        })
    }

    /// As [`check`](Self::check), where a tailnet is optional. `None`: there is no credential, nor a part
    /// of one, or the tailnet is to be the daemon's simulated one.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn check_optional(values: &Values) -> Result<Option<Self>, Error> {
        let credential = ["api-key", "oauth-client-id", "oauth-client-secret"];
        let given = credential.iter().any(|name| values.one(name).is_some()) && !switch(values, "sandbox")?;
        given.then(|| Self::check(values)).transpose()
    }
}

fn tailnet(values: &Values) -> Result<String, Error> {
    let name = values.one("tailnet").unwrap_or_default().trim();
    if name.is_empty()
        || name.len() > 253
        || name.contains(char::is_whitespace)
        || name.contains(char::is_control)
    {
        return Err(invalid(values, "tailnet", name, "the name of a tailnet, or - for the credential's own"));
    }
    Ok(name.to_owned())
}

fn api_url(values: &Values) -> Result<String, Error> {
    let url = values.one("api-url").unwrap_or_default().trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains([' ', '@', '?', '#']) => Ok(url.to_owned()),
        // What stands before an `@` is a user's name and password.
        _ if url.contains('@') => Err(invalid(
            values,
            "api-url",
            "(hidden)",
            "a URL without a user, such as https://api.tailscale.com",
        )),
        _ => Err(invalid(values, "api-url", url, "a URL such as https://api.tailscale.com")),
    }
}

fn auth(values: &Values) -> Result<Auth, Error> {
    let (key, id, secret) =
        (values.one("api-key"), values.one("oauth-client-id"), values.one("oauth-client-secret"));
    if switch(values, "sandbox")? {
        return Ok(Auth::Sandbox);
    }
    match (key, id, secret) {
        (Some(key), None, None) => Ok(Auth::ApiKey(read_secret(&values.origin("api-key"), key)?)),
        (None, Some(id), Some(secret)) => Ok(Auth::OAuth {
            id: id.to_owned(),
            secret: read_secret(&values.origin("oauth-client-secret"), secret)?,
        }),
        (None, None, None) => Err(Error::Combination(
            "no credential for the Tailscale API: give --api-key (or TAILGRANT_API_KEY), or --oauth-client-id with \
             --oauth-client-secret, or try --sandbox"
                .to_owned(),
        )),
        (Some(_), _, _) => Err(Error::Combination(format!(
            "{} and {} exclude each other: give one credential",
            values.origin("api-key"),
            values.origin(if id.is_some() { "oauth-client-id" } else { "oauth-client-secret" }),
        ))),
        (None, _, _) => Err(Error::Combination(
            "--oauth-client-id and --oauth-client-secret are needed together".to_owned(),
        )),
    }
}
