//! Devices.

use serde::Serialize;
use serde_json::Value;

use super::{Call, parameter, parameters};
use crate::sandbox::answer::{Answer, Refusal, json};
use crate::sandbox::world::{Device, World};

#[derive(Serialize)]
struct Listing<D> {
    devices: Vec<D>,
}

/// `GET /tailnet/{tailnet}/devices`. Parameters other than `fields` filter by the property of that name.
pub(super) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let all = match parameter(&call.query, "fields").as_deref() {
        None | Some("default") => false,
        Some("all") => true,
        Some(_) => return Err(Refusal::bad_request("fields must be default or all")),
    };
    let body = world.rendered(format!("devices {all}"), |world| {
        if all {
            json(&Listing { devices: world.devices.iter().map(Device::full).collect() })
        } else {
            json(&Listing { devices: world.devices.iter().collect() })
        }
    });
    let filters: Vec<_> =
        parameters(&call.query).filter(|(name, _)| name != "fields" && is_property(name)).collect();
    if filters.is_empty() {
        return Ok(Answer::body("application/json", body));
    }
    let Ok(Value::Object(mut listing)) = serde_json::from_slice(&body) else { return Ok(Answer::empty()) };
    if let Some(Value::Array(devices)) = listing.get_mut("devices") {
        devices.retain(|device| filters.iter().all(|(name, wanted)| matches(device.get(&**name), wanted)));
    }
    Ok(Answer::json(&listing))
}

/// Clients add parameters of no meaning to get past caches; only names of properties are filters.
fn is_property(name: &str) -> bool {
    serde_json::to_value(Device {
        last_seen: Some(String::new()),
        tags: vec![String::new()],
        is_ephemeral: true,
        ..Device::default()
    })
    .is_ok_and(|device| device.get(name).is_some())
}

/// A list matches when it contains the wanted text, anything else when it is written like it.
fn matches(value: Option<&Value>, wanted: &str) -> bool {
    match value {
        None => false,
        Some(Value::String(text)) => text == wanted,
        Some(Value::Array(items)) => items.iter().any(|item| matches(Some(item), wanted)),
        Some(other) => serde_json::from_str(wanted).is_ok_and(|wanted: Value| *other == wanted),
    }
}
