//! Remarks for the log about what was read.

use crate::policy::{Policy, Selector};
use crate::tailnet::{Part, Tailnet};

use super::hidden;

/// The policy's own findings, members that a group cannot have, and what was left out.
pub(super) fn of(tailnet: &Tailnet, policy: &Policy<'_>) -> Vec<String> {
    let mut findings: Vec<String> = policy
        .findings
        .iter()
        .map(|finding| {
            let position = finding.position;
            format!("policy line {}, column {}: {}", position.line, position.column, finding.message)
        })
        .collect();
    for group in &policy.groups {
        let odd = |text: &str| !matches!(Selector::parse(text), Selector::Login(_));
        for item in group.items().filter(|item| odd(&item.text)) {
            let position = item.value.position();
            findings.push(format!(
                "policy line {}, column {}: {} lists {:?}, which is no login name",
                position.line, position.column, group.name, item.text
            ));
        }
    }
    if let Part::Unreadable(reason) = &tailnet.invites {
        findings.push(format!("invites are left out: {reason}"));
    }
    if let Part::Unreadable(reason) = &tailnet.devices {
        findings.push(format!("devices are left out: {reason}"));
    }
    match hidden::count(policy) {
        0 => {}
        count => findings.push(format!("rules, groups and tags with the hide directive: {count}")),
    }
    findings
}
