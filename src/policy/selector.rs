//! Selectors: the strings that name sources, members and owners.

mod entry;

use super::address_set::AddressRange;
use super::prefix::canonical_network;
use std::borrow::Cow;

pub(super) use entry::IpSetEntry;

/// What a string of a source, member or owner list selects. The texts are whole selectors, prefix
/// included, as the policy spells them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// A login: `ada@example.com`, `ada@github`. Compare by [`member_key`]: two spellings are one login.
    Login(String),
    /// A local group: `group:eng`.
    Group(String),
    /// A group that is synced from a directory: `group:eng@example.com`.
    SyncedGroup(String),
    /// Devices with a tag: `tag:db`.
    Tag(String),
    /// `*`
    Everybody,
    /// A computed set: `autogroup:member`.
    Autogroup(String),
    /// All members with a login in a domain: `user:*@example.com`.
    Domain(String),
    /// An address or prefix in canonical text: RFC 5952, host bits cleared, without `/32` or `/128`.
    Network(String),
    /// Addresses from one to another: `10.0.0.1-10.0.0.9`.
    Range(String),
    /// A named address set: `ipset:lab`.
    IpSet(String),
    /// A service: `svc:web`.
    Service(String),
    /// A name that stands under `hosts`, as address sets write it: `host:web`.
    HostReference(String),
    /// Accounts by the login's part before the `@`: `localpart:*@example.com`.
    LocalPart(String),
    /// A name that stands under `hosts`, or any other word.
    Host(String),
}

impl Selector {
    /// Reads a selector, without regard to space and TAB around it. Every text selects something: what
    /// has no other form is a host name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = trimmed(text);
        match text.split_once(':') {
            _ if text == "*" => Self::Everybody,
            Some(("autogroup", _)) => Self::Autogroup(text.to_owned()),
            Some(("group", name)) if name.contains('@') => Self::SyncedGroup(text.to_owned()),
            Some(("group", _)) => Self::Group(text.to_owned()),
            Some(("tag", _)) => Self::Tag(text.to_owned()),
            Some(("ipset", _)) => Self::IpSet(text.to_owned()),
            Some(("svc", _)) => Self::Service(text.to_owned()),
            Some(("host", _)) => Self::HostReference(text.to_owned()),
            Some(("localpart", name)) if name.starts_with("*@") => Self::LocalPart(text.to_owned()),
            Some(("user", name)) if name.starts_with("*@") => Self::Domain(text.to_owned()),
            _ if is_login(text) => Self::Login(text.trim().to_owned()),
            _ if is_range(text) => Self::Range(text.to_owned()),
            _ => canonical_network(text).map_or_else(|| Self::Host(text.to_owned()), Self::Network),
        }
    }

    /// The selector's text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Everybody => "*",
            Self::Login(text)
            | Self::Group(text)
            | Self::SyncedGroup(text)
            | Self::Tag(text)
            | Self::Autogroup(text)
            | Self::Domain(text)
            | Self::Network(text)
            | Self::Range(text)
            | Self::IpSet(text)
            | Self::Service(text)
            | Self::HostReference(text)
            | Self::LocalPart(text)
            | Self::Host(text) => text,
        }
    }
}

/// Trimmed, ASCII lower case: what logins are compared by.
#[must_use]
pub fn login_key(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

/// What a selector is compared by: two texts with one key are one member of a list. Logins by
/// [`login_key`], addresses by their canonical text, `autogroup:members` as the `autogroup:member` it is
/// an old name of; anything else is itself, without the space and TAB around it.
#[must_use]
pub fn member_key(text: &str) -> Cow<'_, str> {
    let text = trimmed(text);
    if text == "autogroup:members" {
        Cow::Borrowed("autogroup:member")
    } else if is_login(text) {
        Cow::Owned(login_key(text))
    } else {
        canonical_network(text).map_or(Cow::Borrowed(text), Cow::Owned)
    }
}

/// Without the white space that the service ignores around a selector.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Two addresses of one family, the lower one first.
fn is_range(text: &str) -> bool {
    text.contains('-') && text.parse::<AddressRange>().is_ok()
}

/// A user and a domain without white space. `tailnet::Login` has the same rule, and a test holds the two
/// together.
fn is_login(text: &str) -> bool {
    let text = text.trim();
    let blank = |c: char| c.is_whitespace() || c.is_control();
    text.split_once('@').is_some_and(|(user, domain)| {
        !user.is_empty()
            && !user.contains([':', '*', '<'])
            && !domain.is_empty()
            && !domain.contains(['@', '>'])
            && !text.contains(blank)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, form: fn(String) -> Selector, expected: &str) {
        assert_eq!(Selector::parse(text), form(expected.to_owned()), "{text:?}");
    }

    #[test]
    fn forms() {
        check("ada@example.com", Selector::Login, "ada@example.com");
        check(" \tAda@Example.com ", Selector::Login, "Ada@Example.com");
        check("ada@github", Selector::Login, "ada@github");
        check("group:eng", Selector::Group, "group:eng");
        check("group:eng@example.com", Selector::SyncedGroup, "group:eng@example.com");
        check("tag:db", Selector::Tag, "tag:db");
        check("*", |_| Selector::Everybody, "*");
        check(" * ", |_| Selector::Everybody, "*");
        check("autogroup:members", Selector::Autogroup, "autogroup:members");
        check("user:*@example.com", Selector::Domain, "user:*@example.com");
        check("user:b*b@example.com", Selector::Host, "user:b*b@example.com");
        check("ipset:lab", Selector::IpSet, "ipset:lab");
        check("10.1.2.3/8", Selector::Network, "10.0.0.0/8");
        check("fd7a:115c:a1e0:0::1/128", Selector::Network, "fd7a:115c:a1e0::1");
        check("webserver", Selector::Host, "webserver");
        check("svc:web", Selector::Service, "svc:web");
        check("host:web", Selector::HostReference, "host:web");
        check("10.0.0.1-10.0.0.9", Selector::Range, "10.0.0.1-10.0.0.9");
        check("fd7a::1-fd7a::9", Selector::Range, "fd7a::1-fd7a::9");
        check("10.0.0.9-10.0.0.1", Selector::Host, "10.0.0.9-10.0.0.1");
        check("10.0.0.1 - 10.0.0.9", Selector::Host, "10.0.0.1 - 10.0.0.9");
        check("10.0.0.1-fd7a::9", Selector::Host, "10.0.0.1-fd7a::9");
        check("Group:eng", Selector::Host, "Group:eng");
        check("", Selector::Host, "");
        check("Ada <ada@example.com>", Selector::Host, "Ada <ada@example.com>");
        check("@example.com", Selector::Host, "@example.com");
        check("ada@a@b", Selector::Host, "ada@a@b");
        check("localpart:*@example.com", Selector::LocalPart, "localpart:*@example.com");
        check("localpart:ada@example.com", Selector::Host, "localpart:ada@example.com");
    }

    #[test]
    fn one_member_in_several_spellings() {
        for (one, other) in [
            ("ada@example.com", " ADA@Example.COM\t"),
            ("autogroup:member", "autogroup:members"),
            ("group:eng", "\tgroup:eng "),
            ("10.0.0.7", "10.0.0.7/32"),
            ("10.0.0.0/8", "10.9.9.9/8"),
            ("FD7A::1", "fd7a:0::1"),
        ] {
            assert_eq!(member_key(one), member_key(other));
        }
        for (one, other) in [
            ("group:eng", "group:Eng"),
            ("tag:db", "tag:DB"),
            ("user:*@example.com", "user:*@Example.com"),
            ("10.0.0.7", "10.0.0.0/8"),
        ] {
            assert_ne!(member_key(one), member_key(other));
        }
    }
}
