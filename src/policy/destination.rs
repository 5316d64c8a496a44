//! Destinations of ACL rules: a selector and ports.

use super::ports::{PortRange, PortsError, read_ports};
use std::borrow::Cow;

/// `host:ports`, split at the last colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination<'t> {
    /// The selector, without the brackets around an IPv6 address: `tag:web`, `*`, `fd7a::1/64`.
    pub host: Cow<'t, str>,
    /// At least one range.
    pub ports: Vec<PortRange>,
}

/// Why a text is no destination, in the service's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// `web`
    #[error("hostport must contain a colon (\":\")")]
    NoColon,
    /// `tag:a,tag:b:80`
    #[error("host cannot contain a comma (\",\")")]
    Comma,
    /// `tag:web`, `tag:web:ssh`
    #[error(transparent)]
    Ports(#[from] PortsError),
}

impl<'t> Destination<'t> {
    /// Reads a destination. Whether the host is a selector that the rule admits is not its matter.
    ///
    /// # Errors
    ///
    /// Tells the first mistake in the service's words.
    pub fn parse(text: &'t str) -> Result<Self, DestinationError> {
        let (host, ports) = text.rsplit_once(':').ok_or(DestinationError::NoColon)?;
        if host.contains(',') {
            return Err(DestinationError::Comma);
        }
        Ok(Self { host: without_brackets(host), ports: read_ports(ports)? })
    }
}

/// `[fd7a::1]`, `[fd7a::/64]` and `[fd7a::]/64` without brackets.
fn without_brackets(host: &str) -> Cow<'_, str> {
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, "")) => Cow::Borrowed(address),
        Some((address, length)) if length.starts_with('/') => Cow::Owned(format!("{address}{length}")),
        _ => Cow::Borrowed(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, usize), &str>) {
        let read = Destination::parse(text);
        let read = read.as_ref().map(|read| (&*read.host, read.ports.len()));
        assert_eq!(read.map_err(ToString::to_string), expected.map_err(str::to_owned), "{text:?}");
    }

    #[test]
    fn hosts_and_ports() {
        check("*:*", Ok(("*", 1)));
        check("tag:web:80,443", Ok(("tag:web", 2)));
        check("ada@example.com:22", Ok(("ada@example.com", 1)));
        check("fd00:1::/64:443", Ok(("fd00:1::/64", 1)));
        check("[fd00:1::7]:443", Ok(("fd00:1::7", 1)));
        check("[fd00:1::]/64:443", Ok(("fd00:1::/64", 1)));
        check("[fd00:1::/64]:443", Ok(("fd00:1::/64", 1)));
        check(":80", Ok(("", 1)));
        check("web", Err("hostport must contain a colon (\":\")"));
        check("a,b:80", Err("host cannot contain a comma (\",\")"));
        check("autogroup:self", Err("port range \"self\": invalid first integer"));
        check("tag:server:ssh", Err("port range \"ssh\": invalid first integer"));
        check("tag:web:", Err("invalid port list: \"\""));
    }
}
