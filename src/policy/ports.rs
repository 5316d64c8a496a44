//! Ports, protocols, and the traffic that a grant's `ip` lets through.

use super::go::Quoted;
use std::str::FromStr;

/// Ports from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The lowest port.
    pub first: u16,
    /// The highest port.
    pub last: u16,
}

impl PortRange {
    /// `*`: every port, and traffic of protocols that have none.
    pub const ANY: Self = Self { first: 0, last: u16::MAX };

    /// Whether a port is in the range.
    #[must_use]
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    /// Reads `22` or `1000-2000`; the port 0 is none.
    fn read(text: &str) -> Result<Self, PortsError> {
        let error = |error: fn(String) -> PortsError| error(text.to_owned());
        if text.matches('-').count() > 1 {
            return Err(error(PortsError::Dashes));
        }
        let (first, last) = text.split_once('-').map_or((text, None), |(first, last)| (first, Some(last)));
        let first = port(first).ok_or_else(|| error(PortsError::First))?;
        let last = last.map_or(Some(first), port).ok_or_else(|| error(PortsError::Last))?;
        match first {
            0 => Err(error(PortsError::Zero)),
            _ if first > last => Err(error(PortsError::Reversed)),
            _ => Ok(Self { first, last }),
        }
    }
}

/// Decimal digits without a sign.
fn port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Why a text names no ports, in the service's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortsError {
    /// `80,,443`
    #[error("invalid port list: {}", Quoted(.0))]
    List(String),
    /// `1-2-3`
    #[error("port range {}: too many dashes(-)", Quoted(.0))]
    Dashes(String),
    /// `ssh`
    #[error("port range {}: invalid first integer", Quoted(.0))]
    First(String),
    /// `22-ssh`
    #[error("port range {}: invalid last integer", Quoted(.0))]
    Last(String),
    /// `0`
    #[error("port range {}: first port must be >0, or use '*' for wildcard", Quoted(.0))]
    Zero(String),
    /// `443-80`; the service's words have it the wrong way round.
    #[error("port range {}: first port must be >= last port", Quoted(.0))]
    Reversed(String),
}

/// Reads the ports of an ACL destination: `*`, `22`, `80,443`, `1000-2000`, mixtures.
///
/// # Errors
///
/// Tells the first mistake in the service's words.
pub fn read_ports(text: &str) -> Result<Vec<PortRange>, PortsError> {
    if text == "*" {
        return Ok(vec![PortRange::ANY]);
    }
    // The service looks at lower-case letters only, and says so in its messages.
    let text = text.to_lowercase();
    let range = |part: &str| match part {
        "" => Err(PortsError::List(text.clone())),
        part => PortRange::read(part),
    };
    text.split(',').map(range).collect()
}

/// An IP protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(u8);

/// No protocol has this name or number, in the service's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("proto name {} not known; use protocol number 0-255", Quoted(.0))]
pub struct UnknownProtocol(String);

/// The names that the policy file knows, and a few that the service's own parser takes besides.
const NAMES: [(&str, u8); 18] = [
    ("icmp", 1),
    ("icmpv4", 1),
    ("igmp", 2),
    ("ipv4", 4),
    ("ip-in-ip", 4),
    ("tcp", 6),
    ("egp", 8),
    ("igp", 9),
    ("udp", 17),
    ("dccp", 33),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("ipv6-icmp", 58),
    ("icmpv6", 58),
    ("tsmp", 99),
    ("sctp", 132),
    ("fc", 133),
];

impl Protocol {
    /// TCP, UDP, ICMP for IPv4 and for IPv6: what a rule without a protocol means.
    pub const DEFAULT: [Self; 4] = [Self(6), Self(17), Self(1), Self(58)];

    /// The number, as IANA assigns it.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Whether there are ports in it: TCP, UDP, SCTP.
    #[must_use]
    pub const fn has_ports(self) -> bool {
        matches!(self.0, 6 | 17 | 132)
    }
}

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    /// Reads a name, in any ASCII case, or a number from 1 to 255.
    fn from_str(text: &str) -> Result<Self, UnknownProtocol> {
        let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, number)| *number);
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        named
            .or_else(|| text.parse().ok().filter(|number| digits && *number > 0))
            .map(Self)
            .ok_or_else(|| UnknownProtocol(text.to_owned()))
    }
}

/// An item of a grant's `ip`: `*`, `443`, `80-443`, `tcp:443`, `icmp:*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traffic {
    /// `None`: [`Protocol::DEFAULT`].
    pub protocol: Option<Protocol>,
    /// The ports.
    pub ports: PortRange,
}

/// Why a text is no item of a grant's `ip`, in the service's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrafficError {
    /// Nothing is there.
    #[error("empty string")]
    Empty,
    /// `:443`
    #[error("empty protocol")]
    NoProtocol,
    /// `tcp,udp:443`
    #[error("host cannot contain a comma (\",\")")]
    Comma,
    /// `tcp:` and `tcp:80,443`
    #[error(transparent)]
    Ports(#[from] PortsError),
    /// `carrier-pigeon:*`
    #[error(transparent)]
    Protocol(#[from] UnknownProtocol),
}

impl FromStr for Traffic {
    type Err = TrafficError;

    fn from_str(text: &str) -> Result<Self, TrafficError> {
        if text.is_empty() {
            return Err(TrafficError::Empty);
        }
        let text = text.to_lowercase();
        let (protocol, ports) = text.rsplit_once(':').unwrap_or(("*", &text));
        if protocol.contains(',') {
            return Err(TrafficError::Comma);
        }
        let ports = match ports {
            "*" => PortRange::ANY,
            "" => return Err(PortsError::List(String::new()).into()),
            ports => PortRange::read(ports)?,
        };
        match protocol {
            "" => Err(TrafficError::NoProtocol),
            "*" => Ok(Self { protocol: None, ports }),
            name => Ok(Self { protocol: Some(name.parse()?), ports }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ports(text: &str, expected: &str) {
        let read = read_ports(text).map(|ranges| {
            let ranges = ranges.iter().map(|range| format!("{}-{}", range.first, range.last));
            ranges.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(read.unwrap_or_else(|error| error.to_string()), expected, "{text:?}");
    }

    #[test]
    fn port_lists() {
        ports("*", "0-65535");
        ports("22", "22-22");
        ports("80,443", "80-80 443-443");
        ports("1-65535,0022", "1-65535 22-22");
        ports("ssh", "port range \"ssh\": invalid first integer");
        ports("SSH", "port range \"ssh\": invalid first integer");
        ports("22,ssh", "port range \"ssh\": invalid first integer");
        ports("-22", "port range \"-22\": invalid first integer");
        ports("+22", "port range \"+22\": invalid first integer");
        ports("65536", "port range \"65536\": invalid first integer");
        ports(" 22", "port range \" 22\": invalid first integer");
        ports("22-", "port range \"22-\": invalid last integer");
        ports("22-99999", "port range \"22-99999\": invalid last integer");
        ports("1-2-3", "port range \"1-2-3\": too many dashes(-)");
        ports("0", "port range \"0\": first port must be >0, or use '*' for wildcard");
        ports("0-1", "port range \"0-1\": first port must be >0, or use '*' for wildcard");
        ports("443-80", "port range \"443-80\": first port must be >= last port");
        ports("80,", "invalid port list: \"80,\"");
        ports("", "invalid port list: \"\"");
        ports("*,80", "port range \"*\": invalid first integer");
    }

    #[track_caller]
    fn protocol(text: &str, expected: Option<u8>) {
        assert_eq!(text.parse::<Protocol>().ok().map(Protocol::number), expected, "{text:?}");
    }

    #[test]
    fn protocols() {
        protocol("tcp", Some(6));
        protocol("UDP", Some(17));
        protocol("ip-in-ip", Some(4));
        protocol("47", Some(47));
        protocol("255", Some(255));
        for text in ["", "0", "256", "-6", "+6", "6 ", "tcpudp", "*"] {
            protocol(text, None);
        }
        let error = "carrier\"pigeon".parse::<Protocol>().unwrap_err();
        assert_eq!(error.to_string(), r#"proto name "carrier\"pigeon" not known; use protocol number 0-255"#);
        assert!(NAMES.iter().all(|(name, number)| name.parse() == Ok(Protocol(*number))));
    }

    #[track_caller]
    fn traffic(text: &str, expected: Result<(Option<u8>, u16, u16), &str>) {
        let read = text.parse::<Traffic>();
        let read = read.map(|read| (read.protocol.map(Protocol::number), read.ports.first, read.ports.last));
        assert_eq!(read.map_err(|error| error.to_string()), expected.map_err(str::to_owned), "{text:?}");
    }

    #[test]
    fn items_of_ip() {
        traffic("*", Ok((None, 0, 65535)));
        traffic("47", Ok((None, 47, 47)));
        traffic("80-443", Ok((None, 80, 443)));
        traffic("tcp:443", Ok((Some(6), 443, 443)));
        traffic("TCP:*", Ok((Some(6), 0, 65535)));
        traffic("icmp:*", Ok((Some(1), 0, 65535)));
        traffic("47:*", Ok((Some(47), 0, 65535)));
        traffic("*:443", Ok((None, 443, 443)));
        traffic("", Err("empty string"));
        traffic("icmp", Err("port range \"icmp\": invalid first integer"));
        traffic("0", Err("port range \"0\": first port must be >0, or use '*' for wildcard"));
        traffic("80,443", Err("port range \"80,443\": invalid first integer"));
        traffic("tcp:", Err("invalid port list: \"\""));
        traffic(":80", Err("empty protocol"));
        traffic("tcp,udp:80", Err("host cannot contain a comma (\",\")"));
        traffic("pigeon:80", Err("proto name \"pigeon\" not known; use protocol number 0-255"));
        traffic("tcp:udp:80", Err("proto name \"tcp:udp\" not known; use protocol number 0-255"));
    }
}
