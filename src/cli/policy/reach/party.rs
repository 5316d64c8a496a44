//! Who asks and who is asked for: words of the command line as devices and addresses.

use std::net::IpAddr;

use crate::cli::policy::Error;
use crate::policy::reach::{Selection, Selections};
use crate::policy::{Destination, Network, Policy, Topology};

/// One end of a way: a device or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Party {
    /// The device's name, or the address.
    pub(super) name: String,
    /// Those that are asked about.
    pub(super) addresses: Vec<IpAddr>,
    /// Index in [`Topology::devices`].
    pub(super) device: Option<usize>,
}

/// What a word stands for: the name of a device, or the part of it before a dot; an address; or a selector.
///
/// # Errors
///
/// Fails when it stands for nothing here, and for prefixes, which are many addresses.
pub(super) fn parties(word: &str, policy: &Policy<'_>, topology: &Topology) -> Result<Vec<Party>, Error> {
    let named = named(word, topology);
    if !named.is_empty() {
        return Ok(named.into_iter().filter_map(|index| device(index, topology)).collect());
    }
    let parties: Vec<Party> = match Selections::new(policy, topology).of(word) {
        Some(Selection::Devices(devices)) => {
            devices.into_iter().filter_map(|index| device(index, topology)).collect()
        }
        Some(Selection::Networks(networks)) => {
            networks.into_iter().map(|network| single(word, network, topology)).collect::<Result<_, _>>()?
        }
        Some(Selection::InRulesOnly) | None => Vec::new(),
    };
    if parties.is_empty() {
        let advice = "give the name or address of a device, or a login, tag, group or host that has one";
        return Err(Error::Question(format!("{word:?} stands for no device of this tailnet: {advice}")));
    }
    Ok(parties)
}

/// Splits a port off the end, as destinations of ACL rules have it. `[address]:port` is IPv6.
///
/// # Errors
///
/// Fails when the port is none.
pub(super) fn split_port(word: &str) -> Result<(String, Option<u16>), Error> {
    let whole = || Ok((word.to_owned(), None));
    if word.parse::<IpAddr>().is_ok() {
        return whole();
    }
    let Some((name, port)) = word.rsplit_once(':') else { return whole() };
    let prefixes = ["tag", "group", "ipset", "autogroup", "user"];
    if port == "*" && !prefixes.contains(&name) {
        let problem = format!("{word:?}: leave the port out; without one, the answer says what is open");
        return Err(Error::Question(problem));
    }
    if prefixes.contains(&name) || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return whole();
    }
    let port = port.parse().ok().filter(|port| *port > 0);
    let port =
        port.ok_or_else(|| Error::Question(format!("{word:?} does not end with a port from 1 to 65535")))?;
    let name = Destination::parse(word).map_or_else(|_| name.to_owned(), |read| read.host.into_owned());
    Ok((name, Some(port)))
}

/// The device of that very name, else those whose name starts with it and a dot.
fn named(word: &str, topology: &Topology) -> Vec<usize> {
    let names = || topology.devices.iter().map(|device| &*device.name).enumerate();
    if let Some((index, _)) = names().find(|(_, name)| *name == word) {
        return vec![index];
    }
    let is_host = |name: &str| name.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'));
    names().filter(|(_, name)| is_host(name)).map(|(index, _)| index).collect()
}

fn device(index: usize, topology: &Topology) -> Option<Party> {
    let device = topology.devices.get(index)?;
    Some(Party { name: device.name.clone(), addresses: device.addresses.clone(), device: Some(index) })
}

fn single(word: &str, network: Network, topology: &Topology) -> Result<Party, Error> {
    let address = match network {
        Network::Prefix(prefix) if prefix.is_single() => prefix.address(),
        _ => return Err(Error::Question(format!("{word:?} is many addresses: give one of them"))),
    };
    let device = topology.devices.iter().position(|device| device.addresses.contains(&address));
    let name = match device.and_then(|index| topology.devices.get(index)) {
        Some(device) => format!("{} ({address})", device.name),
        None => address.to_string(),
    };
    Ok(Party { name, addresses: vec![address], device })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Result<(&str, Option<u16>), ()>) {
        let split = split_port(word);
        let split = split.as_ref().map(|(name, port)| (&**name, *port)).map_err(|_| ());
        assert_eq!(split, expected, "{word}");
    }

    #[test]
    fn ports_are_split_off() {
        check("db", Ok(("db", None)));
        check("db:5432", Ok(("db", Some(5432))));
        check("tag:db", Ok(("tag:db", None)));
        check("tag:443", Ok(("tag:443", None)));
        check("tag:db:443", Ok(("tag:db", Some(443))));
        check("100.64.0.1:22", Ok(("100.64.0.1", Some(22))));
        check("fd7a::1", Ok(("fd7a::1", None)));
        check("[fd7a::1]:22", Ok(("fd7a::1", Some(22))));
        check("ada@example.com:22", Ok(("ada@example.com", Some(22))));
        check("user:*@example.com", Ok(("user:*@example.com", None)));
        check("db:*", Err(()));
        check("tag:db:*", Err(()));
        check("db:0", Err(()));
        check("db:65536", Err(()));
    }
}
