//! Invites of people who have not joined.

use jiff::Timestamp;

use super::Role;

/// An open invite. Its link is a secret and is not kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Invite {
    /// Opaque id; disappears when the invite is accepted.
    pub id: String,
    /// Role the person will have.
    pub role: Role,
    /// Address it was sent to; `None` for a link that anybody may accept.
    pub email: Option<String>,
    /// Last time a mail went out.
    pub last_email_sent: Option<Timestamp>,
}
