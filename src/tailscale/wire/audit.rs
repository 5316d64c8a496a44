//! The configuration audit log (API reference, section 10). Only what it tells about logins is read.

use serde::Deserialize;
use serde_json::Value;

use super::lenient;
use crate::tailnet::Login;
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

#[derive(Deserialize)]
struct Log {
    #[serde(default, deserialize_with = "lenient::list")]
    logs: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    target: Option<Target>,
    #[serde(default)]
    old: Value,
    #[serde(default)]
    new: Value,
    /// Present where the change failed.
    #[serde(default)]
    error: Value,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default, deserialize_with = "lenient::text")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    kind: String,
}

/// Members of an old or new value that hold a login, in lower case: the service's own name, and those of
/// directories.
const LOGIN_NAMES: [&str; 4] = ["loginname", "login", "username", "email"];

/// The logins under which the answer of `GET /tailnet/{t}/logging/configuration` knows this user, each once,
/// the newest first. Filters are texts that match in part, so every entry is looked at again; one with an
/// error changed nothing and may tell what never came to be.
pub(in crate::tailscale) fn former_logins(answer: &Answer<'_>, user_id: &str) -> Result<Vec<Login>, Error> {
    let log: Log = answer.json()?;
    let mut logins: Vec<Login> = Vec::new();
    for entry in log.logs.iter().rev().filter(|entry| is_empty(&entry.error)) {
        let Some(target) =
            entry.target.as_ref().filter(|target| target.kind == "USER" && target.id == user_id)
        else {
            continue;
        };
        let told = [Some(target.name.as_str())].into_iter().chain(texts(&entry.new)).chain(texts(&entry.old));
        for login in told.flatten().filter_map(|text| text.parse().ok()) {
            if !logins.contains(&login) {
                logins.push(login);
            }
        }
    }
    Ok(logins)
}

fn is_empty(error: &Value) -> bool {
    error.is_null() || error.as_str() == Some("")
}

/// What in an old or new value may be a login: the value itself, or its members with such names.
fn texts(value: &Value) -> impl Iterator<Item = Option<&str>> {
    let members = value.as_object().into_iter().flatten();
    let named = members.filter(|(name, _)| LOGIN_NAMES.contains(&name.to_ascii_lowercase().as_str()));
    std::iter::once(value.as_str()).chain(named.map(|(_, value)| value.as_str()))
}
