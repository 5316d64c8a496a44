//! Ids: what a client stores, sends back, and may keep for years.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Longest id, in bytes, that is written as it stands; see [`bounded`].
const LONGEST_PLAIN_ID: usize = 256;

/// An id that has no known form; holds the offending text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {text:?} is not known here")]
pub struct MalformedId {
    /// What the text was taken for, such as `resource type`.
    pub what: &'static str,
    /// The text as it came in.
    pub text: String,
}

/// The kinds of resource that a tailnet has; their texts are the resource type ids on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A person: member, shared user, open invite, or an address only the policy knows.
    User,
    /// A role of the tailnet, such as `it-admin`.
    Role,
    /// A group of the policy file, or one synced from a directory.
    Group,
    /// A computed set of people or devices: `autogroup:…`, `user:*@domain`, `*`.
    Autogroup,
    /// A device tag.
    Tag,
    /// A device (node).
    Device,
    /// Hosts, addresses, prefixes and IP sets that rules name as sources.
    Network,
    /// A rule of the `acls` section.
    AclRule,
    /// A rule of the `ssh` section.
    SshRule,
    /// A rule of the `grants` section.
    GrantRule,
}

impl ResourceKind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::User,
        Self::Role,
        Self::Group,
        Self::Autogroup,
        Self::Tag,
        Self::Device,
        Self::Network,
        Self::AclRule,
        Self::SshRule,
        Self::GrantRule,
    ];

    /// The resource type id on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
            Self::Autogroup => "autogroup",
            Self::Tag => "tag",
            Self::Device => "device",
            Self::Network => "network",
            Self::AclRule => "aclrule",
            Self::SshRule => "sshrule",
            Self::GrantRule => "grantrule",
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for ResourceKind {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| MalformedId { what: "resource type", text: text.to_owned() })
    }
}

/// Kind and id of one resource. Prints as `kind:id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    kind: ResourceKind,
    id: Arc<str>,
}

impl ResourceId {
    /// Names a resource. `id` is 1 to 1024 bytes; what a tailnet gives is made to fit by [`bounded`].
    pub fn new(kind: ResourceKind, id: impl Into<Arc<str>>) -> Self {
        Self { kind, id: id.into() }
    }

    /// The resource's kind.
    #[must_use]
    pub const fn kind(&self) -> ResourceKind {
        self.kind
    }

    /// The id within the kind.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.kind, self.id)
    }
}

/// The last part of an entitlement id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slug {
    /// Belongs to a role, a group or the sources of a rule.
    Member,
    /// May assign a tag.
    Owner,
    /// A device is a user's, or carries a tag.
    Assigned,
}

impl Slug {
    /// The text on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Owner => "owner",
            Self::Assigned => "assigned",
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Slug {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        [Self::Member, Self::Owner, Self::Assigned]
            .into_iter()
            .find(|slug| slug.as_str() == text)
            .ok_or_else(|| MalformedId { what: "entitlement slug", text: text.to_owned() })
    }
}

/// One entitlement of one resource. Prints as `type:resource:slug`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntitlementId {
    /// What the entitlement is on.
    pub resource: ResourceId,
    /// Which of the resource's entitlements.
    pub slug: Slug,
}

impl fmt::Display for EntitlementId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.resource, self.slug)
    }
}

impl FromStr for EntitlementId {
    type Err = MalformedId;

    /// Reads `type:resource:slug`; the resource part may itself contain colons.
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let malformed = || MalformedId { what: "entitlement id", text: text.to_owned() };
        let (kind, rest) = text.split_once(':').ok_or_else(malformed)?;
        let (id, slug) = rest.rsplit_once(':').ok_or_else(malformed)?;
        if id.is_empty() {
            return Err(malformed());
        }
        Ok(Self { resource: ResourceId::new(kind.parse()?, id), slug: slug.parse()? })
    }
}

/// One grant: an entitlement in the hands of a principal.
/// Prints as the entitlement id plus `:principal-type:principal-id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantId {
    /// What is granted.
    pub entitlement: EntitlementId,
    /// To whom.
    pub principal: ResourceId,
}

impl fmt::Display for GrantId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.entitlement, self.principal)
    }
}

/// Makes an id of text from a tailnet: the text itself, or, where it is longer than 256 bytes or
/// not UTF-8, its text through the first `:`, a `~`, and the first 32 hex digits of its SHA-256.
#[must_use]
pub fn bounded(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) if text.len() <= LONGEST_PLAIN_ID => text.to_owned(),
        _ => {
            let through_colon = text.iter().position(|&byte| byte == b':').map_or(0, |at| at + 1);
            let head = text.get(..through_colon.min(LONGEST_PLAIN_ID)).unwrap_or_default();
            let digest = Sha256::digest(text);
            let mut id = format!("{}~", String::from_utf8_lossy(head));
            for byte in digest.iter().take(16) {
                for digit in [byte >> 4, byte & 0xf] {
                    id.extend(char::from_digit(u32::from(digit), 16));
                }
            }
            id
        }
    }
}

/// Whether an id was made of a name that is too long for one ([`bounded`]), so that the name cannot be told
/// from it. A real name that looks like that is taken for one.
#[must_use]
pub fn is_shortened(id: &str) -> bool {
    let (_, rest) = id.split_once(':').unwrap_or(("", id));
    rest.strip_prefix('~').is_some_and(|digest| {
        digest.len() == 32
            && digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_listed_in_their_order() {
        assert!(ResourceKind::ALL.is_sorted());
        for kind in ResourceKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        let error = "users".parse::<ResourceKind>().unwrap_err();
        assert_eq!(error.to_string(), r#"resource type "users" is not known here"#);
    }

    #[test]
    fn ids_are_read_as_they_are_printed() {
        for (text, kind, id, slug) in [
            ("group:group:eng:member", ResourceKind::Group, "group:eng", Slug::Member),
            ("tag:tag:db:owner", ResourceKind::Tag, "tag:db", Slug::Owner),
            ("device:nABC11CNTRL:assigned", ResourceKind::Device, "nABC11CNTRL", Slug::Assigned),
            ("network:ip:fd7a::1:member", ResourceKind::Network, "ip:fd7a::1", Slug::Member),
            ("autogroup:*:member", ResourceKind::Autogroup, "*", Slug::Member),
        ] {
            let entitlement: EntitlementId = text.parse().unwrap();
            assert_eq!(entitlement, EntitlementId { resource: ResourceId::new(kind, id), slug });
            assert_eq!(entitlement.to_string(), text);
        }
    }

    #[test]
    fn malformed_entitlement_ids() {
        for (text, what) in [
            ("", "entitlement id"),
            ("group", "entitlement id"),
            ("group:member", "entitlement id"),
            ("group::member", "entitlement id"),
            ("squad:eng:member", "resource type"),
            ("group:group:eng:admin", "entitlement slug"),
        ] {
            assert_eq!(text.parse::<EntitlementId>().unwrap_err().what, what, "{text:?}");
        }
    }

    #[test]
    fn grant_ids_name_both_sides() {
        let grant = GrantId {
            entitlement: "group:group:eng:member".parse().unwrap(),
            principal: ResourceId::new(ResourceKind::User, "policy:ada@example.com"),
        };
        assert_eq!(grant.to_string(), "group:group:eng:member:user:policy:ada@example.com");
    }

    #[test]
    fn long_and_broken_ids_become_hashes() {
        let check = |text: &[u8], expected: &str| assert_eq!(bounded(text), expected);
        check("group:größe".as_bytes(), "group:größe");
        check(&[b'a'; 256], &"a".repeat(256));
        // The hashes are those of `sha256sum`.
        check(&[b'a'; 257], "~e8d95cc2b4bc198c54b40bd214df958a");
        check(b"group:\xff", "group:~6feaa19020d4cf5828eb21eb29dddb1e");
    }

    #[test]
    fn ids_made_of_long_names_are_known() {
        let long = format!("group:{}", "x".repeat(300));
        for id in [&long, &long[6..]] {
            assert!(is_shortened(&bounded(id.as_bytes())), "{id}");
        }
        for id in ["group:eng", "group:~eng", &long, "acl:a04c968c638da636c2cc0e75d36e0d57"] {
            assert!(!is_shortened(id), "{id}");
        }
    }
}
