//! Open invites as the API shows them.

use serde::Serialize;

/// An open invite. Both numbers are integers here although the same ids are texts elsewhere: so the
/// service does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Opaque id.
    pub id: String,
    /// The role the person will have.
    pub role: String,
    /// Number of the tailnet.
    pub tailnet_id: i64,
    /// Number of the inviting user.
    pub inviter_id: i64,
    /// Absent for an invite that is only a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Only with an email. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_email_sent_at: Option<String>,
    /// A secret: whoever holds the link can accept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_url: Option<String>,
}

impl Invite {
    /// An invite that was mailed to an address of the tailnet's own domain.
    #[must_use]
    pub fn mailed(id: &str, email: &str, role: &str) -> Self {
        Self {
            id: id.to_owned(),
            role: role.to_owned(),
            tailnet_id: 4_711,
            inviter_id: 1,
            email: Some(email.to_owned()),
            last_email_sent_at: Some("2026-01-02T09:00:00Z".to_owned()),
            invite_url: None,
        }
    }

    /// An invite that is only a link.
    #[must_use]
    pub fn link(id: &str, role: &str) -> Self {
        Self {
            email: None,
            last_email_sent_at: None,
            invite_url: Some(format!("https://login.example.com/invite/{id}")),
            ..Self::mailed(id, "", role)
        }
    }
}
