//! Memberships that end by themselves: `// tailgrant: until=… by=…` at the end of an element's line.

use super::directive::ElementDirectives;
use super::intent::ListId;
use super::view::Policy;
use crate::hujson::Position;
use jiff::Timestamp;
use std::borrow::Cow;

/// When a membership ends, and who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Written in whole seconds.
    pub until: Timestamp,
    /// 1 to 64 of `A-Z a-z 0-9 . _ : @ + -`; anything else is left out.
    pub by: Option<String>,
}

/// A member that leaves its list by itself.
#[derive(Clone, Debug)]
pub struct Leased<'d> {
    /// The list; of a rule, by its id.
    pub list: ListId,
    /// The member as it is spelled, without space around it.
    pub text: Cow<'d, str>,
    /// Its end.
    pub lease: Lease,
    /// Where the element stands.
    pub position: Position,
}

impl Lease {
    /// The lease that directives tell of; none where `until` does not count.
    #[must_use]
    pub fn of(directives: &ElementDirectives) -> Option<Self> {
        let until = directives.until.as_deref()?.parse().ok()?;
        Some(Self { until, by: directives.by.clone() })
    }
}

/// The members of groups, owners of tags and sources of rules that have an end, in the order of the text.
#[must_use]
pub fn leases<'d>(_policy: &Policy<'d>) -> Vec<Leased<'d>> {
    todo!()
}
