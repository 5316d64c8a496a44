//! Rules and traffic in few words.

use crate::cli::excerpt::harmless;
use crate::hujson::Position;
use crate::policy::reach::Origin;
use crate::policy::{Policy, PortRange, Protocol, Rule};

/// Most characters of a rule that are shown.
const LONGEST: usize = 80;

/// The rule that something comes from; nothing for what no rule says.
pub(super) fn rule<'p, 'd>(policy: &'p Policy<'d>, origin: Origin) -> Option<&'p Rule<'d>> {
    match origin {
        Origin::Rule(index) => policy.rules.get(index),
        Origin::Default => None,
    }
}

/// `FILE:LINE`, where the policy says something; where it says nothing, that.
pub(super) fn place(name: &str, position: Option<Position>) -> String {
    match position {
        Some(position) => format!("{}:{}", harmless(name), position.line),
        None => format!("{}: neither acls nor grants, so everything is allowed", harmless(name)),
    }
}

/// The beginning of a rule's text on one line, and under which condition it holds.
pub(super) fn first_words(policy: &Policy<'_>, rule: &Rule<'_>) -> String {
    let raw = rule.value.raw();
    let head = String::from_utf8_lossy(raw.get(..8 * LONGEST).unwrap_or(raw));
    let words = head.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = words.chars().take(LONGEST).collect();
    if shown.len() < words.len() || 8 * LONGEST < raw.len() {
        shown.push('…');
    }
    let condition = match &*postures(policy, rule) {
        [] => String::new(),
        postures => format!(" (only from devices that meet {})", postures.join(" or ")),
    };
    harmless(&format!("{shown}{condition}"))
}

/// The postures of which a device must meet one: the rule's own, else those that hold by default.
pub(super) fn postures<'p>(policy: &'p Policy<'_>, rule: &'p Rule<'_>) -> Vec<&'p str> {
    if !rule.source_posture.is_empty() {
        return rule.source_posture.iter().map(|name| &**name).collect();
    }
    let default = policy.default_source_posture.iter();
    default.flat_map(|list| &list.items).map(|item| &*item.text).collect()
}

/// Traffic as a grant's `ip` has it: `*`, `443`, `tcp:22,80-90`. Without a protocol it is TCP, UDP and ICMP.
pub(super) fn traffic(protocol: Option<Protocol>, ports: &[PortRange]) -> String {
    let range = |range: &PortRange| match (range.first, range.last) {
        _ if *range == PortRange::ANY => "*".to_owned(),
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    };
    let ports = ports.iter().map(range).collect::<Vec<_>>().join(",");
    match protocol {
        None => ports,
        Some(protocol) => format!("{}:{ports}", name(protocol)),
    }
}

/// The name of a protocol that has one that people know, else its number.
pub(super) fn name(protocol: Protocol) -> String {
    match protocol.number() {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "ipv6-icmp".to_owned(),
        132 => "sctp".to_owned(),
        number => number.to_string(),
    }
}

/// The first few of some words, and how many more there are.
pub(super) fn some_of(words: impl Iterator<Item = String>, most: usize) -> String {
    let words: Vec<String> = words.collect();
    let more = match words.len().checked_sub(most) {
        None | Some(0) => String::new(),
        Some(more) => format!(" and {more} more"),
    };
    words.into_iter().take(most).collect::<Vec<_>>().join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_as_grants_have_it() {
        let port = |first, last| PortRange { first, last };
        assert_eq!(traffic(None, &[PortRange::ANY]), "*");
        assert_eq!(traffic(None, &[port(443, 443)]), "443");
        assert_eq!(traffic("tcp".parse().ok(), &[port(22, 22), port(80, 90)]), "tcp:22,80-90");
        assert_eq!(traffic("gre".parse().ok(), &[PortRange::ANY]), "47:*");
    }

    #[test]
    fn long_lists_are_cut() {
        let words = |count: usize| (1..=count).map(|number| number.to_string());
        assert_eq!(some_of(words(3), 3), "1, 2, 3");
        assert_eq!(some_of(words(5), 3), "1, 2, 3 and 2 more");
    }
}
