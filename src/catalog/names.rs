//! What a rule is called: its effect in one line, such as `tcp 5432 on tag:db`.

use std::collections::HashSet;

use crate::policy::{Rule, Section};

use super::text::list;

/// Sets of destinations with different ports that are written out.
const PARTS_SHOWN: usize = 3;

/// The display name of a rule that has no `name=` directive.
pub(super) fn of(rule: &Rule<'_>) -> String {
    let effect = match rule.section {
        Section::Acls => ports_on_targets(rule),
        Section::Ssh => format!("SSH as {} on {}", accounts(rule), targets(&rule.destinations)),
        Section::Grants => format!("{} on {}{}", permissions(rule), targets(&rule.destinations), via(rule)),
    };
    match notes(rule) {
        notes if notes.is_empty() => effect,
        notes => format!("{effect} ({})", notes.join(", ")),
    }
}

/// `tcp 443 on tag:web, tag:api; tcp 5432 on tag:db`: targets with equal ports are named together.
fn ports_on_targets(rule: &Rule<'_>) -> String {
    let mut by_ports: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut more = HashSet::new();
    for destination in &rule.destinations {
        let (target, ports) = destination.rsplit_once(':').unwrap_or((destination, ""));
        let has_room = by_ports.len() < PARTS_SHOWN;
        match by_ports.iter_mut().find(|(known, _)| *known == ports) {
            Some((_, targets)) => targets.push(target),
            None if has_room => by_ports.push((ports, vec![target])),
            None => drop(more.insert(ports)),
        }
    }
    if by_ports.is_empty() {
        return format!("{} on nothing", traffic(&rule.proto, "*"));
    }
    let parts: Vec<String> = by_ports
        .iter()
        .map(|(ports, on)| format!("{} on {}", traffic(&rule.proto, ports), targets(on)))
        .collect();
    match more.len() {
        0 => parts.join("; "),
        more => format!("{} and {more} more", parts.join("; ")),
    }
}

/// Protocol and ports: `tcp 443`, `any udp port`, `ports 80,443`, `icmp`.
fn traffic(proto: &str, ports: &str) -> String {
    let proto = match proto {
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "ipv6-icmp",
        "132" => "sctp",
        other => other,
    };
    match (proto, ports) {
        ("" | "*", "*") => "any port".to_owned(),
        ("" | "*", "") => "no port".to_owned(),
        ("" | "*", ports) if ports.contains([',', '-']) => format!("ports {ports}"),
        ("" | "*", port) => format!("port {port}"),
        ("tcp" | "udp" | "sctp", "*") => format!("any {proto} port"),
        (proto, "*" | "") if proto.bytes().all(|byte| byte.is_ascii_digit()) => format!("protocol {proto}"),
        (proto, "*" | "") => proto.to_owned(),
        (proto, ports) => format!("{proto} {ports}"),
    }
}

/// What a grant rule gives: traffic, application capabilities, or both.
fn permissions(rule: &Rule<'_>) -> String {
    let traffic: Vec<String> = rule
        .ip
        .iter()
        .map(|item| match item.split_once(':') {
            Some((proto, ports)) => traffic(proto, ports),
            None => traffic("", item),
        })
        .collect();
    match (traffic.is_empty(), rule.app.is_empty()) {
        (true, true) => "grant of nothing".to_owned(),
        (true, false) => format!("grant {}", list(&rule.app)),
        (false, true) => list(&traffic),
        (false, false) => format!("{} and grant {}", list(&traffic), list(&rule.app)),
    }
}

fn accounts(rule: &Rule<'_>) -> String {
    let accounts: Vec<&str> = rule
        .ssh_users
        .iter()
        .map(|account| if account == "autogroup:nonroot" { "any non-root user" } else { account })
        .collect();
    if accounts.is_empty() { "nobody".to_owned() } else { list(&accounts) }
}

fn targets<S: AsRef<str>>(targets: &[S]) -> String {
    let words: Vec<&str> = targets
        .iter()
        .map(|target| match target.as_ref() {
            "*" => "everything",
            "autogroup:self" => "own devices",
            other => other,
        })
        .collect();
    if words.is_empty() { "nothing".to_owned() } else { list(&words) }
}

fn via(rule: &Rule<'_>) -> String {
    if rule.via.is_empty() { String::new() } else { format!(" via {}", list(&rule.via)) }
}

/// An unusual action, and the postures that make the access conditional.
fn notes(rule: &Rule<'_>) -> Vec<String> {
    let action = match (rule.section, rule.action.as_str()) {
        (Section::Grants, _) | (_, "accept") => None,
        (_, "") => Some("no action".to_owned()),
        (_, other) => Some(list(&[other])),
    };
    let postures = (!rule.source_posture.is_empty()).then(|| list(&rule.source_posture));
    action.into_iter().chain(postures).collect()
}
