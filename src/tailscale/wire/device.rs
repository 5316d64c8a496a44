//! Devices (API reference, section 5). Untagged devices have no `tags`, external ones an empty
//! `created`, and false flags are often left out.

use jiff::Timestamp;
use serde::Deserialize;

use super::lenient;
use crate::tailnet::Device;
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

#[derive(Deserialize)]
struct DeviceList {
    #[serde(deserialize_with = "lenient::list")]
    devices: Vec<DeviceJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the API's answer")]
struct DeviceJson {
    #[serde(default, deserialize_with = "lenient::text")]
    node_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    hostname: String,
    #[serde(default, deserialize_with = "lenient::text")]
    user: String,
    #[serde(default, deserialize_with = "lenient::list")]
    addresses: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    os: String,
    #[serde(default, deserialize_with = "lenient::text")]
    client_version: String,
    #[serde(default, deserialize_with = "lenient::time")]
    created: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::time")]
    last_seen: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::time")]
    expires: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::flag")]
    key_expiry_disabled: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    authorized: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    is_external: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    is_ephemeral: bool,
    #[serde(default, deserialize_with = "lenient::list")]
    advertised_routes: Vec<String>,
    /// The spelling of the official Go client. A field of its own, because an alias would refuse an
    /// answer that has both.
    #[serde(default, rename = "AdvertisedRoutes", deserialize_with = "lenient::list")]
    advertised_routes_capitalised: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    enabled_routes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    ssh_enabled: bool,
}

/// The answer of `GET /tailnet/{t}/devices`.
pub(in crate::tailscale) fn devices(answer: &Answer<'_>) -> Result<Vec<Device>, Error> {
    let list: DeviceList = answer.json()?;
    list.devices.into_iter().enumerate().map(|(index, device)| noun(answer, index, device)).collect()
}

fn noun(answer: &Answer<'_>, index: usize, device: DeviceJson) -> Result<Device, Error> {
    // Either id is accepted wherever a device is named, so the older one stands in for a missing newer.
    let node_id = if device.node_id.is_empty() { device.id.clone() } else { device.node_id };
    if node_id.is_empty() {
        return Err(answer.unreadable(format!("devices[{index}] ({:?}) has no nodeId", device.name).into()));
    }
    let advertised_routes = if device.advertised_routes.is_empty() {
        device.advertised_routes_capitalised
    } else {
        device.advertised_routes
    };
    Ok(Device {
        node_id,
        legacy_id: device.id,
        name: device.name,
        hostname: device.hostname,
        user: device.user,
        addresses: device.addresses,
        tags: device.tags,
        os: device.os,
        client_version: device.client_version,
        created: device.created,
        last_seen: device.last_seen,
        expires: device.expires,
        key_expiry_disabled: device.key_expiry_disabled,
        authorized: device.authorized,
        is_external: device.is_external,
        is_ephemeral: device.is_ephemeral,
        advertised_routes,
        enabled_routes: device.enabled_routes,
        ssh_enabled: device.ssh_enabled,
    })
}
