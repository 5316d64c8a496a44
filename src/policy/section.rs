//! The sections of the policy file that this crate understands.

use super::schema::{self, Known};
use std::fmt;

/// A section that holds rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// First-generation network rules.
    Acls,
    /// Tailscale SSH rules.
    Ssh,
    /// Network and application rules.
    Grants,
}

impl Section {
    /// Every rule section.
    pub const ALL: [Self; 3] = [Self::Acls, Self::Ssh, Self::Grants];

    /// The section's name in the policy file. The service accepts it in any ASCII case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acls => "acls",
            Self::Ssh => "ssh",
            Self::Grants => "grants",
        }
    }

    /// What a rule of the section is called.
    pub(super) const fn one(self) -> &'static str {
        match self {
            Self::Acls => "an ACL rule",
            Self::Ssh => "an SSH rule",
            Self::Grants => "a grant rule",
        }
    }

    /// The fields of its rules, old names included.
    pub(super) const fn fields(self) -> &'static [Known] {
        match self {
            Self::Acls => schema::ACL_RULE,
            Self::Ssh => schema::SSH_RULE,
            Self::Grants => schema::GRANT_RULE,
        }
    }

    /// What the ids of the section's rules begin with: `acl:`, `ssh:`, `grant:`.
    #[must_use]
    pub const fn id_prefix(self) -> &'static str {
        match self {
            Self::Acls => "acl:",
            Self::Ssh => "ssh:",
            Self::Grants => "grant:",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
