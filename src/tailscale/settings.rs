//! What a client needs to know.

use std::time::Duration;

use secrecy::SecretString;

/// How the client proves who it is. Prints without its secret.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An API access token of a user (`tskey-api-…`), with that user's rights at the time of a call.
    ApiKey(SecretString),
    /// An OAuth client, exchanged for access tokens that live an hour and belong to the tailnet.
    OAuth {
        /// Id of the client; no secret.
        client_id: String,
        /// Its secret (`tskey-client-…`).
        client_secret: SecretString,
    },
}

/// Settings of one tailnet's client.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API is, for example `https://api.tailscale.com`. A final `/` or `/api/v2` is dropped.
    pub url: String,
    /// The tailnet's name or id; `-` is the tailnet of the credential.
    pub tailnet: String,
    /// Who calls.
    pub credential: Credential,
    /// Bound of one request, from the connection to the last byte of its answer.
    pub timeout: Duration,
    /// `User-Agent` of every request.
    pub user_agent: String,
    /// How long a safe call is repeated: no repetition begins later than this after the first attempt,
    /// so a call ends within `patience` plus `timeout`.
    pub patience: Duration,
}
