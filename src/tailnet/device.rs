//! Devices.

use jiff::Timestamp;

/// A device as `GET /tailnet/{t}/devices?fields=all` gives it (API reference, section 5).
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the API's answer")]
pub struct Device {
    /// Stable id (`n…CNTRL`), or the legacy id where the service gives no other; never empty.
    pub node_id: String,
    /// The older numeric id.
    pub legacy_id: String,
    /// DNS name.
    pub name: String,
    /// Host name; may be empty.
    pub hostname: String,
    /// Login of the registering user. Not the owner when the device has tags.
    pub user: String,
    /// IPv4 and IPv6 addresses.
    pub addresses: Vec<String>,
    /// Tags; empty for a user's device.
    pub tags: Vec<String>,
    /// Operating system in the API's word; empty for external devices.
    pub os: String,
    /// Client version; empty for external devices.
    pub client_version: String,
    /// `None` for external devices.
    pub created: Option<Timestamp>,
    /// `None` while connected or when never seen.
    pub last_seen: Option<Timestamp>,
    /// When the node key expires.
    pub expires: Option<Timestamp>,
    /// The node key does not expire.
    pub key_expiry_disabled: bool,
    /// Approved to join.
    pub authorized: bool,
    /// Shared in from another tailnet.
    pub is_external: bool,
    /// Removed when it goes offline.
    pub is_ephemeral: bool,
    /// Routes it offers.
    pub advertised_routes: Vec<String>,
    /// Routes that are approved.
    pub enabled_routes: Vec<String>,
    /// Tailscale SSH is switched on.
    pub ssh_enabled: bool,
}
