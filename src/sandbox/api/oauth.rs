//! Access tokens for OAuth clients.

use serde_json::json;

use super::{Call, parameter};
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::token::basic;
use crate::sandbox::world::World;

/// `POST /oauth/token`: id and secret come in the form or by basic authentication.
pub(super) fn token(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let form = String::from_utf8_lossy(&call.body);
    if parameter(&form, "grant_type").is_some_and(|kind| kind != "client_credentials") {
        return Err(Refusal::bad_request("grant_type must be client_credentials"));
    }
    let in_form = |name| parameter(&form, name).unwrap_or_default().into_owned();
    let (id, secret) =
        basic(&call.headers).unwrap_or_else(|| (in_form("client_id"), in_form("client_secret")));
    let minted =
        world.mint(&id, &secret, parameter(&form, "scope").as_deref().filter(|scope| !scope.is_empty()))?;
    Ok(Answer::json(&json!({
        "access_token": minted.secret,
        "token_type": "Bearer",
        "expires_in": minted.lifetime.as_secs(),
        "scope": minted.scopes.join(" "),
    })))
}
