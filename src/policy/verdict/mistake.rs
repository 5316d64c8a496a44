//! Every mistake, and what the service says of it.
//!
//! What is not marked otherwise was seen (policy reference, section 6), or is what the service's public
//! libraries say. *Guess*: nobody has seen the text; it is in the style of the others.

use crate::hujson::{Position, Value};
use crate::policy::go::{Duration, DurationError, Quoted};
use crate::policy::place::Place;
use crate::policy::{DestinationError, Selector, TrafficError, UnknownProtocol};

/// What is wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Mistake {
    /// A value of another kind than it must be. The names of the service's types are a guess.
    #[error("json: cannot unmarshal {found} into Go struct field Policy.{path} of type {wanted}")]
    Kind { found: &'static str, path: String, wanted: String },
    /// In a section that is a map: the section and the name.
    #[error("{section}[{}]: {cause}", Quoted(.name))]
    Named { section: &'static str, name: String, cause: Box<Self> },

    /// In the sources of an ACL or grant rule.
    #[error("src={0}")]
    Source(Box<Self>),
    /// In a destination of an ACL or grant rule.
    #[error("dst={}: {cause}", Quoted(.destination))]
    Destination { destination: String, cause: Box<Self> },
    #[error("[ssh] {0}")]
    SshSource(Box<Self>),

    #[error("tag not found: {}", Quoted(.0))]
    UndefinedTag(String),
    /// Guess.
    #[error("group not found: {}", Quoted(.0))]
    UndefinedGroup(String),
    /// Guess.
    #[error("ipset not found: {}", Quoted(.0))]
    UndefinedIpSet(String),
    /// Guess.
    #[error("posture not found: {}", Quoted(.0))]
    UndefinedPosture(String),
    /// A word that is neither defined nor anything else.
    #[error("{}: invalid address", Quoted(.0))]
    InvalidAddress(String),
    #[error("{0} is not associated with this Tailnet and cannot be used in user:*@<domain> expressions")]
    ForeignDomain(String),
    /// A selector of a form that its place does not admit.
    #[error("{}", .place.objection(.selector))]
    Misplaced { place: Place, selector: Selector },
    /// Guess.
    #[error("cannot use both \"autogroup:member\" and \"autogroup:members\"")]
    BothSpellings,
    /// Guess.
    #[error("cannot use both {0} and {1}")]
    OldAndNewName(&'static str, &'static str),

    #[error("tags must start with 'tag:'")]
    NoTag,
    #[error("tag names must not be empty")]
    EmptyTagName,
    #[error("tag names must start with a letter, after 'tag:'")]
    TagNameStart,
    #[error("tag names can only contain numbers, letters, or dashes")]
    TagNameCharacters,
    /// Guess.
    #[error("names must start with '{0}'")]
    NamePrefix(&'static str),
    /// Guess.
    #[error("host names must not contain '@'")]
    HostName,
    /// Guess.
    #[error("ipsets cannot be recursive")]
    RecursiveIpSet,
    /// Guess.
    #[error("{}: invalid type, use string, number or bool", Quoted(.0))]
    AttributeType(String),
    /// Guess.
    #[error("OneCGNATRoute {} is not valid", Quoted(.0))]
    OneCgnatRoute(String),

    #[error("action={} is not supported", Quoted(.0))]
    AclAction(String),
    #[error(transparent)]
    Protocol(#[from] UnknownProtocol),
    #[error(transparent)]
    BadDestination(#[from] DestinationError),
    /// Guess.
    #[error("proto {} has no ports, use '*'", Quoted(.0))]
    PortsWithoutProtocol(String),
    #[error("autogroup:self can only be used with users, groups, or supported autogroups")]
    OwnDevicesOfOthers,

    #[error("ip and app can not both be empty")]
    EmptyGrant,
    #[error(transparent)]
    Traffic(#[from] TrafficError),
    #[error("capability name must have the form {{domain}}/{{path}}")]
    CapabilityForm,
    #[error("capability name must not be in the tailscale.com domain")]
    ReservedCapability,
    #[error("via can only be a tag")]
    Via,
    #[error("tag {} not found", Quoted(.0))]
    UndefinedVia(String),
    #[error("cannot use app grants with autogroup:internet")]
    AppOnInternet,
    #[error("dst {}: to allow all IP addresses, use \"*\" or \"autogroup:internet\"", Quoted(.0))]
    AllAddresses(String),

    #[error("action must be specified")]
    NoSshAction,
    #[error("{} is not a valid action", Quoted(.0))]
    SshAction(String),
    #[error("users must be specified")]
    NoSshUsers,
    #[error("user {} is not valid", Quoted(.0))]
    SshUser(String),
    #[error("acceptEnv values cannot be empty")]
    EmptyVariable,
    #[error(transparent)]
    Duration(#[from] DurationError),
    #[error("checkPeriod {0} must be a positive duration")]
    NegativeCheckPeriod(Duration),
    #[error("checkPeriod {0} is above the max (168h)")]
    LongCheckPeriod(Duration),
    /// Guess.
    #[error("tags cannot be used as src of a rule with action \"check\"")]
    CheckedTag,
    /// Guess.
    #[error("users in dst must be the only src")]
    DevicesOfAnother,
    /// Guess.
    #[error("recorder must be one tag")]
    Recorder,

    /// The service stumbles over `autogroup:self` as a target.
    #[error("internal server error")]
    Internal,
    #[error("IPPool({0}): network within reserved range")]
    ReservedPool(String),
    /// Guess.
    #[error("IPPool({0}): network must be within 100.64.0.0/10")]
    ForeignPool(String),
    /// Guess.
    #[error("IPPool({0}): invalid network")]
    InvalidPool(String),
    /// Guess.
    #[error("{}: invalid prefix", Quoted(.0))]
    InvalidPrefix(String),
}

/// A mistake and its place in the text.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) mistake: Mistake,
    pub(super) position: Position,
}

/// Nothing, or what is wrong.
pub(super) type Checked = Result<(), Wrong>;

impl Mistake {
    /// The HTTP status of the answer.
    pub(super) const fn status(&self) -> u16 {
        if matches!(self, Self::Internal) { 500 } else { 400 }
    }

    /// Whether the service was seen to refuse this, or says so in public. Otherwise it is concluded from the
    /// documentation, or from the style of the rest.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Self::Named { cause, .. }
            | Self::Destination { cause, .. }
            | Self::Source(cause)
            | Self::SshSource(cause) => cause.is_known(),
            Self::UndefinedGroup(_)
            | Self::UndefinedIpSet(_)
            | Self::UndefinedPosture(_)
            | Self::BothSpellings
            | Self::OldAndNewName(..)
            | Self::NamePrefix(_)
            | Self::HostName
            | Self::RecursiveIpSet
            | Self::AttributeType(_)
            | Self::OneCgnatRoute(_)
            | Self::PortsWithoutProtocol(_)
            | Self::CheckedTag
            | Self::DevicesOfAnother
            | Self::Recorder
            | Self::ForeignPool(_)
            | Self::InvalidPool(_)
            | Self::InvalidPrefix(_) => false,
            _ => true,
        }
    }

    pub(super) fn at(self, value: Value<'_>) -> Wrong {
        Wrong { mistake: self, position: value.position() }
    }

    /// The mistake in a map.
    pub(super) fn under(self, section: &'static str, name: &str) -> Self {
        Self::Named { section, name: name.to_owned(), cause: Box::new(self) }
    }
}
