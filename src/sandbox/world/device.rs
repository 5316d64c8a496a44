//! Devices as the API shows them.

use serde::Serialize;

/// A device, with the service's names in JSON. What the service leaves out (tags of an untagged device,
/// switches that are off) is left out here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the service's own switches")]
pub struct Device {
    /// Legacy numeric id.
    pub id: String,
    /// The stable id.
    pub node_id: String,
    /// IPv4 and IPv6.
    pub addresses: Vec<String>,
    /// Login of whoever registered it; a tagged device belongs to its tags nevertheless.
    pub user: String,
    /// DNS name.
    pub name: String,
    /// Name the machine gives itself.
    pub hostname: String,
    /// Empty for external devices, as the next three.
    pub client_version: String,
    /// A newer client exists.
    pub update_available: bool,
    /// For example `linux`.
    pub os: String,
    /// RFC 3339.
    pub created: String,
    /// Online.
    pub connected_to_control: bool,
    /// Absent while online. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// The node key never ends.
    pub key_expiry_disabled: bool,
    /// When the node key ends. RFC 3339.
    pub expires: String,
    /// Approved.
    pub authorized: bool,
    /// Shared in from another tailnet.
    pub is_external: bool,
    /// Public key of the machine.
    pub machine_key: String,
    /// Public key of the node.
    pub node_key: String,
    /// Empty without tailnet lock.
    pub tailnet_lock_key: String,
    /// Empty without tailnet lock.
    pub tailnet_lock_error: String,
    /// Shields up.
    pub blocks_incoming_connections: bool,
    /// Absent on untagged devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Absent when false.
    #[serde(skip_serializing_if = "is_false")]
    pub is_ephemeral: bool,
    /// Routes in use; only shown with `fields=all`, as all that follow.
    #[serde(skip)]
    pub enabled_routes: Vec<String>,
    /// Routes on offer.
    #[serde(skip)]
    pub advertised_routes: Vec<String>,
    /// Tailscale SSH is on.
    #[serde(skip)]
    pub ssh_enabled: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A device with the fields that only `fields=all` shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct Full<'d> {
    #[serde(flatten)]
    device: &'d Device,
    enabled_routes: &'d [String],
    advertised_routes: &'d [String],
    ssh_enabled: bool,
    client_connectivity: Connectivity,
    distro: Distro<'d>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connectivity {
    endpoints: [&'static str; 0],
    mapping_varies_by_dest_ip: bool,
}

#[derive(Serialize)]
struct Distro<'d> {
    name: &'d str,
    version: &'static str,
}

impl Device {
    /// The device as `fields=all` shows it.
    pub(in crate::sandbox) fn full(&self) -> Full<'_> {
        Full {
            device: self,
            enabled_routes: &self.enabled_routes,
            advertised_routes: &self.advertised_routes,
            ssh_enabled: self.ssh_enabled,
            client_connectivity: Connectivity { endpoints: [], mapping_varies_by_dest_ip: false },
            distro: Distro { name: if self.os == "linux" { "debian" } else { "" }, version: "" },
        }
    }
}
