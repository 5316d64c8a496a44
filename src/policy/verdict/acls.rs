//! `acls`.

use super::mistake::{Checked, Mistake};
use super::vocabulary::Vocabulary;
use super::{RuleCheck, sides, spellings};
use crate::policy::{Destination, PortRange, Protocol, Rule};

pub(super) const CHECKS: &[RuleCheck] = &[
    |rule, _| spellings::one_name(rule.value, "users", "src"),
    |rule, _| spellings::one_name(rule.value, "ports", "dst"),
    action,
    ports,
    sides::sources,
    sides::destinations,
    sides::own_devices,
    sides::postures,
];

fn action(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    match &*rule.action {
        "accept" => Ok(()),
        other => Err(Mistake::AclAction(other.to_owned()).at(rule.field("action"))),
    }
}

/// Every destination has ports, and others than all of them only where the protocol knows ports.
fn ports(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let protocol = match &*rule.proto {
        "" => None,
        name => Some(name.parse::<Protocol>().map_err(|error| Mistake::from(error).at(rule.field("proto")))?),
    };
    let has_ports = protocol.is_none_or(Protocol::has_ports);
    for (index, text) in rule.destinations.iter().enumerate() {
        let mistake = match Destination::parse(text) {
            Err(error) => Mistake::from(error),
            Ok(destination) if !has_ports && destination.ports != [PortRange::ANY] => {
                Mistake::PortsWithoutProtocol(rule.proto.clone())
            }
            Ok(_) => continue,
        };
        let mistake = Mistake::Destination { destination: text.to_string(), cause: Box::new(mistake) };
        return Err(mistake.at(rule.string("dst", index)));
    }
    Ok(())
}
