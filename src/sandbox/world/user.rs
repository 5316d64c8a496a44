//! Users as the API shows them.

use serde::Serialize;

use super::TAILNET_ID;

/// A user, with the service's names in JSON. Roles and states are texts, so that a test can also set one
/// that nobody knows yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Opaque id.
    pub id: String,
    /// Name for people to read.
    pub display_name: String,
    /// Address-like login, as the user typed it at first.
    pub login_name: String,
    /// Often empty.
    pub profile_pic_url: String,
    /// Id of the tailnet.
    pub tailnet_id: String,
    /// RFC 3339.
    pub created: String,
    /// Member or shared.
    pub r#type: UserType,
    /// `owner`, `admin`, `it-admin`, `network-admin`, `billing-admin`, `auditor`, `member`.
    pub role: String,
    /// `active`, `idle`, `suspended`, `needs-approval`, `over-billing-limit`.
    pub status: String,
    /// RFC 3339.
    pub last_seen: String,
    /// A device of the user is online.
    pub currently_connected: bool,
}

/// Whether a user belongs to the tailnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserType {
    /// Belongs to the tailnet.
    Member,
    /// Belongs to another tailnet and accepted a shared device.
    Shared,
}

impl User {
    /// An active member.
    #[must_use]
    pub fn new(id: &str, login: &str) -> Self {
        Self {
            id: id.to_owned(),
            display_name: login.split('@').next().unwrap_or_default().to_owned(),
            login_name: login.to_owned(),
            profile_pic_url: String::new(),
            tailnet_id: TAILNET_ID.to_owned(),
            created: "2026-01-01T09:00:00Z".to_owned(),
            r#type: UserType::Member,
            role: "member".to_owned(),
            status: "active".to_owned(),
            last_seen: "2026-01-01T09:00:00Z".to_owned(),
            currently_connected: false,
        }
    }
}
