//! Users.

use jiff::Timestamp;

use super::Role;

/// Whether the user belongs to the tailnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserKind {
    /// A direct member.
    Member,
    /// Somebody from another tailnet who accepted a share.
    Shared,
    /// A word this version does not know.
    Other(String),
}

/// State of the account (API reference, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// In use.
    Active,
    /// Enabled, without recent activity.
    Idle,
    /// Suspended by an admin or the directory.
    Suspended,
    /// Cannot use the tailnet until approved.
    NeedsApproval,
    /// Blocked by the plan's seat count.
    OverBillingLimit,
    /// A word this version does not know.
    Other(String),
}

impl UserKind {
    /// Reads the API's word; none stands for the default, a member.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "member" | "" => Self::Member,
            "shared" => Self::Shared,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The API's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Member => "member",
            Self::Shared => "shared",
            Self::Other(word) => word,
        }
    }
}

impl UserStatus {
    /// Reads the API's word. A user without one is of an unknown status, not an active one.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "idle" => Self::Idle,
            "suspended" => Self::Suspended,
            "needs-approval" => Self::NeedsApproval,
            "over-billing-limit" => Self::OverBillingLimit,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The API's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Suspended => "suspended",
            Self::NeedsApproval => "needs-approval",
            Self::OverBillingLimit => "over-billing-limit",
            Self::Other(word) => word,
        }
    }
}

/// A user as `GET /tailnet/{t}/users` and `GET /users/{id}` give it.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Opaque id.
    pub id: String,
    /// Login name as the service spells it; usually parses as a [`Login`](super::Login), but nothing promises so.
    pub login_name: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// Member or shared.
    pub kind: UserKind,
    /// Role.
    pub role: Role,
    /// State of the account.
    pub status: UserStatus,
    /// When the user joined.
    pub created: Option<Timestamp>,
    /// Later of device contact and login; `None` when never or unset.
    pub last_seen: Option<Timestamp>,
    /// Whether a device of theirs is connected now.
    pub currently_connected: bool,
    /// Number of devices.
    pub device_count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_were() {
        for word in ["active", "idle", "suspended", "needs-approval", "over-billing-limit", "asleep", ""] {
            let status = UserStatus::from_word(word);
            assert_eq!(status.as_str(), word);
            assert_eq!(matches!(status, UserStatus::Other(_)), matches!(word, "asleep" | ""), "{word}");
        }
        for word in ["member", "shared", "robot"] {
            let kind = UserKind::from_word(word);
            assert_eq!(kind.as_str(), word);
            assert_eq!(matches!(kind, UserKind::Other(_)), word == "robot", "{word}");
        }
        assert_eq!(UserKind::from_word(""), UserKind::Member);
    }
}
