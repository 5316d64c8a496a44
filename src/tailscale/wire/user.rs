//! Users (API reference, section 3).

use jiff::Timestamp;
use serde::Deserialize;

use super::lenient;
use crate::tailnet::{Role, User, UserKind, UserStatus};
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

#[derive(Deserialize)]
struct UserList {
    #[serde(deserialize_with = "lenient::list")]
    users: Vec<UserJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserJson {
    #[serde(default, deserialize_with = "lenient::text")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    login_name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    display_name: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    kind: String,
    #[serde(default, deserialize_with = "lenient::text")]
    role: String,
    #[serde(default, deserialize_with = "lenient::text")]
    status: String,
    #[serde(default, deserialize_with = "lenient::time")]
    created: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::time")]
    last_seen: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::flag")]
    currently_connected: bool,
    #[serde(default, deserialize_with = "lenient::count")]
    device_count: u64,
}

/// The answer of `GET /tailnet/{t}/users`.
pub(in crate::tailscale) fn users(answer: &Answer<'_>) -> Result<Vec<User>, Error> {
    let list: UserList = answer.json()?;
    list.users.into_iter().enumerate().map(|(index, user)| noun(answer, index, user)).collect()
}

/// The answer of `GET /users/{id}`.
pub(in crate::tailscale) fn user(answer: &Answer<'_>) -> Result<User, Error> {
    noun(answer, 0, answer.json()?)
}

fn noun(answer: &Answer<'_>, index: usize, user: UserJson) -> Result<User, Error> {
    if user.id.is_empty() {
        return Err(answer.unreadable(format!("users[{index}] ({:?}) has no id", user.login_name).into()));
    }
    Ok(User {
        id: user.id,
        login_name: user.login_name,
        display_name: user.display_name,
        kind: UserKind::from_word(&user.kind),
        role: role(&user.role),
        status: UserStatus::from_word(&user.status),
        created: user.created,
        last_seen: user.last_seen,
        currently_connected: user.currently_connected,
        device_count: user.device_count,
    })
}

/// Who has no role has no console rights, which is what `member` means.
pub(super) fn role(word: &str) -> Role {
    if word.is_empty() { Role::Member } else { Role::from_word(word) }
}
