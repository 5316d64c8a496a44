//! Keys (API reference, section 6). The field `key`, which holds a secret, is not read.

use jiff::Timestamp;
use serde::Deserialize;

use super::lenient;
use crate::tailnet::Key;
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyJson {
    #[serde(default, deserialize_with = "lenient::text")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    key_type: String,
    #[serde(default, deserialize_with = "lenient::text")]
    user_id: String,
    #[serde(default, deserialize_with = "lenient::time")]
    expires: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::flag")]
    invalid: bool,
    #[serde(default, deserialize_with = "lenient::list")]
    scopes: Vec<String>,
}

/// The answer of `GET /tailnet/{t}/keys/{id}`.
pub(in crate::tailscale) fn key(answer: &Answer<'_>) -> Result<Key, Error> {
    let key: KeyJson = answer.json()?;
    if key.id.is_empty() {
        return Err(answer.unreadable("a key without an id".into()));
    }
    Ok(Key {
        id: key.id,
        kind: key.key_type,
        user_id: key.user_id,
        expires: key.expires,
        invalid: key.invalid,
        scopes: key.scopes,
    })
}
