//! Roles of a tailnet.

use std::fmt;

/// A user's role (API reference, section 3). A word that is not known is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Exactly one user; changed only in the console.
    Owner,
    /// Everything but ownership.
    Admin,
    /// Users and devices.
    ItAdmin,
    /// The policy file and the network.
    NetworkAdmin,
    /// Billing.
    BillingAdmin,
    /// Reads everything.
    Auditor,
    /// No console rights: what everybody has who has no other role.
    Member,
    /// A word this version does not know.
    Other(String),
}

impl Role {
    /// The known roles, strongest first.
    pub const KNOWN: [Self; 7] = [
        Self::Owner,
        Self::Admin,
        Self::ItAdmin,
        Self::NetworkAdmin,
        Self::BillingAdmin,
        Self::Auditor,
        Self::Member,
    ];

    /// Reads the API's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|role| role.as_str() == word)
            .unwrap_or_else(|| Self::Other(word.to_owned()))
    }

    /// The API's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::ItAdmin => "it-admin",
            Self::NetworkAdmin => "network-admin",
            Self::BillingAdmin => "billing-admin",
            Self::Auditor => "auditor",
            Self::Member => "member",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_roles_and_others_are_kept() {
        for word in ["owner", "admin", "it-admin", "network-admin", "billing-admin", "auditor", "member"] {
            let role = Role::from_word(word);
            assert!(Role::KNOWN.contains(&role), "{word}");
            assert_eq!(role.to_string(), word);
        }
        let newer = Role::from_word("Admin");
        assert_eq!((newer.as_str(), &newer), ("Admin", &Role::Other("Admin".to_owned())));
    }
}
