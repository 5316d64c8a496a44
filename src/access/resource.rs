//! Resources: people, groups, devices, rules.

use jiff::Timestamp;

use super::ResourceId;

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusKind {
    /// Usable.
    Enabled,
    /// There, but not usable (yet).
    Disabled,
    /// Gone; known only from what it left behind.
    Deleted,
}

/// Status and the reason for it, in the tailnet's own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The status.
    pub kind: StatusKind,
    /// Up to 1024 bytes; empty means nothing to add.
    pub details: String,
}

/// A value in a resource's profile.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// Text.
    Text(String),
    /// A number that fits a double exactly.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Several texts.
    Texts(Vec<String>),
}

/// Named facts about a resource, in the order in which they were added. Names are unique.
pub type Profile = Vec<(&'static str, Attribute)>;

/// What the user trait carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserTrait {
    /// Login name; empty when unknown (a link-only invite).
    pub login: String,
    /// E-mail addresses, the first one primary. Each is an RFC 5322 address.
    pub emails: Vec<String>,
    /// Last time the account was seen.
    pub last_login: Option<Timestamp>,
}

/// Where a group's members come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupSource {
    /// Written in the policy file.
    Native,
    /// Computed by the tailnet.
    BuiltIn,
    /// Synced from a directory.
    DirectorySynced,
}

/// What the managed-device trait carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceTrait {
    /// Operating system in the tailnet's word (`linux`, `macOS`, `windows`, `iOS`, …); may be empty.
    pub os: String,
    /// First time the device was seen.
    pub enrolled: Option<Timestamp>,
}

/// The trait message of a resource, if its type has one.
#[derive(Clone, Debug, PartialEq)]
pub enum Trait {
    /// None.
    None,
    /// An account.
    User(UserTrait),
    /// A set of people.
    Group(GroupSource),
    /// A role.
    Role,
    /// A device.
    Device(DeviceTrait),
}

/// One resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Kind and id.
    pub id: ResourceId,
    /// Up to 1024 bytes, not empty.
    pub display_name: String,
    /// Up to 2048 bytes; empty means none.
    pub description: String,
    /// Only on users.
    pub status: Option<Status>,
    /// When it came to be, where the tailnet says so.
    pub created: Option<Timestamp>,
    /// Named facts.
    pub profile: Profile,
    /// Trait message.
    pub details: Trait,
    /// The id in the upstream API, or the selector in the policy file, where it has one.
    pub raw_id: Option<String>,
    /// Other ids of the same resource (the other id scheme): unique, at most 100, 1 to 256 characters.
    pub aliases: Vec<String>,
}
