//! The caller's own key.

use http::StatusCode;
use serde_json::json;

use super::Call;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::token::{Caller, Holder};
use crate::sandbox::world::World;

/// `GET /tailnet/{tailnet}/keys/{id}`: every credential may read its own key, and no other is known here.
pub(super) fn show(world: &World, caller: &Caller, call: &Call) -> Result<Answer, Refusal> {
    let id = &call.route.id;
    if *id != caller.key_id || id.is_empty() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "key not found"));
    }
    let key = match &caller.holder {
        Holder::User { user_id, .. } => json!({
            "id": id,
            "keyType": "api",
            "description": "",
            "created": world.key.created.to_string(),
            "expires": world.key.expires.to_string(),
            "userId": user_id,
            "capabilities": {},
        }),
        Holder::Client { scopes } => json!({
            "id": id,
            "keyType": "api",
            "description": "",
            "userId": "",
            "capabilities": {},
            "scopes": scopes,
        }),
    };
    Ok(Answer::json(&key))
}
