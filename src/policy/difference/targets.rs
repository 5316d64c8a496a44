//! What a rule opens, in pieces that can be told apart: the same piece of two rules is the same access.

use crate::policy::canonical;
use crate::policy::prefix::Prefix;
use crate::policy::rule::{Capability, Rule};
use crate::policy::section::Section;

/// A destination with what is allowed there and under which conditions, in words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) text: String,
    pub(super) reach: Reach,
}

/// How far a target goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Reach {
    /// All ports of everything, without conditions.
    Everything,
    /// Some packets.
    Packets,
    /// Logins, capabilities: nothing that [`Reach::Everything`] gives.
    Other,
}

/// A rule is taken apart as far as this; destinations times permissions beyond it are taken together, so
/// that a short rule cannot have pieces without end.
const MOST_PIECES: usize = 64;

impl Target {
    /// What holds where there are neither `acls` nor `grants`.
    pub(super) fn everything() -> Self {
        packets("*", "*", "", "")
    }
}

/// The pieces of a rule. `default_posture` are the postures of rules that name none.
pub(super) fn of(rule: &Rule<'_>, default_posture: &[String]) -> Vec<Target> {
    let conditions = conditions(rule, default_posture);
    match rule.section {
        Section::Acls => {
            let pieces = rule.destinations.iter().map(|text| text.rsplit_once(':').unwrap_or((text, "")));
            let each_port = |(host, ports): (&'_ str, &'_ str)| -> Vec<Target> {
                let count = ports.matches(',').count();
                let all = if count < MOST_PIECES { ports.split(',').collect() } else { vec![ports] };
                all.into_iter().map(|ports| packets(host, ports.trim(), &rule.proto, &conditions)).collect()
            };
            pieces.flat_map(each_port).collect()
        }
        Section::Ssh => {
            let action = match (&*rule.action, &*rule.check_period) {
                ("check", "") => "check".to_owned(),
                ("check", "always") => "check at every login".to_owned(),
                ("check", period) => format!("check every {period}"),
                (action, _) => action.to_owned(),
            };
            let accounts = rule.ssh_users.iter().map(ToString::to_string).collect();
            products(rule, accounts, |account, destination| {
                // `localpart:*@example.com` would read as if the destination began at its own `@`.
                let account = if account.contains('@') { format!("{account:?}") } else { account.to_owned() };
                Target {
                    text: format!("ssh {account}@{destination} ({action}){conditions}"),
                    reach: Reach::Other,
                }
            })
        }
        Section::Grants => {
            let ports = rule.ip.iter().map(ToString::to_string).collect();
            let mut targets = products(rule, ports, |item, destination| {
                let (proto, ports) = item.split_once(':').unwrap_or(("", item));
                packets(destination, ports, proto, &conditions)
            });
            targets.extend(products(rule, capabilities(rule), |capability, destination| Target {
                text: format!("{destination} app {capability}{conditions}"),
                reach: Reach::Other,
            }));
            targets
        }
    }
}

/// A piece for each permission at each destination, or for all permissions at each, if there are many.
fn products(
    rule: &Rule<'_>,
    mut permissions: Vec<String>,
    piece: impl Fn(&str, &str) -> Target,
) -> Vec<Target> {
    permissions.sort_unstable();
    permissions.dedup();
    if permissions.len() * rule.destinations.len() > MOST_PIECES && !permissions.is_empty() {
        permissions = vec![permissions.join(",")];
    }
    let at =
        |destination| permissions.iter().map(|permission| piece(permission, destination)).collect::<Vec<_>>();
    rule.destinations.iter().flat_map(|destination| at(&**destination)).collect()
}

/// Names, with the values where there are some.
fn capabilities(rule: &Rule<'_>) -> Vec<String> {
    let capability = |capability: &Capability<'_>| {
        let name = &capability.name;
        match super::values::cut(&canonical::compact(capability.value), 80) {
            empty if matches!(&*empty, "[]" | "[{}]" | "null") => name.to_string(),
            values => format!("{name} {values}"),
        }
    };
    rule.app.iter().map(capability).collect()
}

fn packets(host: &str, ports: &str, proto: &str, conditions: &str) -> Target {
    let host = canonical_host(host);
    let proto = match proto {
        "*" => "",
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "ipv6-icmp",
        "132" => "sctp",
        other => other,
    };
    let everything = host == "*" && ports == "*" && proto.is_empty() && conditions.is_empty();
    let protocol = if proto.is_empty() { String::new() } else { format!("/{proto}") };
    Target {
        text: format!("{host}:{ports}{protocol}{conditions}"),
        reach: if everything { Reach::Everything } else { Reach::Packets },
    }
}

/// An address or prefix in its one form, in brackets if it has colons.
fn canonical_host(host: &str) -> String {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<Prefix>() {
        Ok(prefix) if prefix.address().is_ipv6() => format!("[{prefix}]"),
        Ok(prefix) => prefix.to_string(),
        Err(_) => host.to_owned(),
    }
}

/// ` through tag:a from devices that meet posture:b or posture:c`; empty if there are none.
fn conditions(rule: &Rule<'_>, default_posture: &[String]) -> String {
    let sorted = |texts: Vec<String>, or: &str| {
        let mut texts = texts;
        texts.sort_unstable();
        texts.dedup();
        texts.join(or)
    };
    let via = sorted(rule.via.iter().map(ToString::to_string).collect(), " or ");
    let own: Vec<String> = rule.source_posture.iter().map(ToString::to_string).collect();
    let posture = sorted(if own.is_empty() { default_posture.to_vec() } else { own }, " or ");
    let mut text = String::new();
    if !via.is_empty() {
        text = format!(" through {via}");
    }
    if !posture.is_empty() {
        text = format!("{text} from devices that meet {posture}");
    }
    text
}
