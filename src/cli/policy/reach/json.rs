//! The answer for programs.

use serde::Serialize;

use super::Answered;
use super::question::Way;
use crate::cli::policy::words;
use crate::policy::reach::{Origin, SshDecision};

/// `yes`: every way is open; `no`: none is; `partly`.
#[derive(Serialize)]
pub(super) struct View<'a> {
    answer: &'static str,
    ways: Vec<WayView<'a>>,
}

#[derive(Serialize)]
struct WayView<'a> {
    from: &'a str,
    to: &'a str,
    open: bool,
    rules: Vec<RuleView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssh: Option<SshView<'a>>,
}

/// A rule of the policy. Without section and place: there are neither `acls` nor `grants`.
#[derive(Serialize)]
struct RuleView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    /// What it lets through, as a grant's `ip` has it; empty where one kind of traffic was asked for.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    opens: &'a [String],
    /// One of these must be met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    postures: Vec<&'a str>,
}

#[derive(Serialize)]
struct SshView<'a> {
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleView<'a>>,
}

pub(super) fn view<'a>(answered: &Answered<'a, '_>) -> View<'a> {
    let open = answered.ways.iter().filter(|way| way.is_open()).count();
    View {
        answer: match open {
            0 => "no",
            count if count == answered.ways.len() => "yes",
            _ => "partly",
        },
        ways: answered.ways.iter().map(|way| way_view(answered, way)).collect(),
    }
}

fn way_view<'a>(answered: &Answered<'a, '_>, way: &'a Way<'a>) -> WayView<'a> {
    let ssh = way.ssh.map(|decision| SshView {
        decision: match decision {
            SshDecision::Refused => "refused",
            SshDecision::Accepted(_) => "accepted",
            SshDecision::Checked(_) => "checked",
        },
        rule: way.ssh_origin().map(|origin| rule_view(answered, origin, &[])),
    });
    WayView {
        from: &way.from.name,
        to: &way.to.name,
        open: way.is_open(),
        rules: way.rules.iter().map(|(origin, opens)| rule_view(answered, *origin, opens)).collect(),
        ssh,
    }
}

fn rule_view<'a>(answered: &Answered<'a, '_>, origin: Origin, opens: &'a [String]) -> RuleView<'a> {
    let rule = words::rule(answered.policy, origin);
    RuleView {
        section: rule.map(|rule| rule.section.name()),
        id: rule.map(|rule| &*rule.id),
        line: rule.map(|rule| rule.position.line),
        column: rule.map(|rule| rule.position.column),
        opens,
        postures: rule.map(|rule| words::postures(answered.policy, rule)).unwrap_or_default(),
    }
}
