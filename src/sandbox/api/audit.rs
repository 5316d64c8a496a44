//! The configuration audit log.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Call, parameter, parameters};
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::world::{Departure, User, World};

/// `GET /tailnet/{tailnet}/logging/configuration`: `null`, not an empty list, when nothing is found.
pub(super) fn list(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let (start, end) = (moment(call, "start")?, moment(call, "end")?);
    let found: Vec<Value> = world
        .departures
        .iter()
        .enumerate()
        .filter(|(_, departure)| (start..=end).contains(&departure.time) && is_wanted(departure, &call.query))
        .map(|(number, departure)| entry(number, departure))
        .collect();
    let logs = if found.is_empty() { Value::Null } else { Value::Array(found) };
    Ok(Answer::json(&json!({ "version": "1.1", "tailnet": world.tailnet, "logs": logs })))
}

fn moment(call: &Call, name: &str) -> Result<Timestamp, Refusal> {
    let text = parameter(&call.query, name).unwrap_or_default();
    text.parse().map_err(|_| Refusal::bad_request(format!("{name} must be a time (RFC 3339)")))
}

/// Filters of one name are alternatives; those of different names must all agree.
fn is_wanted(departure: &Departure, query: &str) -> bool {
    let agrees = |name: &str, is: &dyn Fn(&str) -> bool| {
        let mut wanted = parameters(query).filter(|(found, _)| found == name).peekable();
        wanted.peek().is_none() || wanted.any(|(_, value)| is(&value))
    };
    let user = &departure.user;
    agrees("event", &|event| event == "USER.DELETE")
        && agrees("target", &|text| user.id.contains(text) || user.login_name.contains(text))
        && agrees("actor", &|wanted| {
            departure.actor.as_ref().is_some_and(|actor| match wanted.strip_prefix('~') {
                Some(text) => actor.login_name.contains(text) || actor.display_name.contains(text),
                None => actor.id == wanted,
            })
        })
}

fn entry(number: usize, Departure { time, actor, user }: &Departure) -> Value {
    json!({
        "eventTime": time.to_string(),
        "deferredAt": "0001-01-01T00:00:00Z",
        "type": "CONFIG",
        "eventGroupID": format!("{number:032x}"),
        "origin": "ADMIN_CONSOLE",
        "actor": actor.as_ref().map(|User { id, login_name, display_name, .. }| json!({
            "id": id,
            "type": "USER",
            "loginName": login_name,
            "displayName": display_name,
        })),
        "target": { "id": user.id, "name": user.login_name, "type": "USER" },
        "action": "DELETE",
    })
}
