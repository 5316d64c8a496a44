//! Rules of the three sections, with every source as a grant.

use std::collections::BTreeMap;

use crate::access::{Attribute, Profile, Purpose, ResourceId, ResourceKind, Slug, bounded};
use crate::policy::{Directives, Holder, Policy, Rule, Section};

use super::IdScheme;
use super::draft::Draft;
use super::groups::NEVER;
use super::selectors::Selectors;
use super::{ends, hidden, names, text};

/// Id of the rule that holds while the policy file has neither `acls` nor `grants`.
pub const DEFAULT_RULE: &str = "acl:default-allow-all";

/// One resource for all rules of one id: its members are the union, the strictest directives count.
pub(super) fn list(policy: &Policy<'_>, ids: IdScheme, selectors: &mut Selectors) -> Vec<Draft> {
    let hidden = hidden::rules(policy);
    let mut alike: BTreeMap<&str, Vec<&Rule<'_>>> = BTreeMap::new();
    for rule in policy.rules.iter().filter(|rule| !hidden.contains(rule.id.as_str())) {
        alike.entry(&rule.id).or_default().push(rule);
    }
    let mut drafts: Vec<Draft> =
        alike.values().filter_map(|rules| Some(draft(rules.first()?, rules, ids, selectors))).collect();
    if policy.allows_everything {
        drafts.push(default_rule(selectors));
    }
    drafts
}

fn draft(first: &Rule<'_>, rules: &[&Rule<'_>], ids: IdScheme, selectors: &mut Selectors) -> Draft {
    let directive = |read: fn(&Directives) -> Option<&String>| {
        rules.iter().find_map(|rule| read(&rule.directives)).map(String::as_str)
    };
    let grant_never = rules.iter().any(|rule| rule.directives.grant_never);
    let other_id = rules.iter().filter(|rule| rule.baton_id_unique).find_map(|rule| rule.baton_id.as_deref());
    let (id, alias) = match (ids, other_id) {
        (IdScheme::BatonTailscale, Some(other)) => (other, Some(first.id.as_str())),
        (_, other) => (first.id.as_str(), other),
    };

    let computed_name = names::of(first);
    let name = directive(|directives| directives.name.as_ref()).unwrap_or(&computed_name);
    let mut draft = Draft::new(ResourceId::new(kind(first.section), bounded(id.as_bytes())), name);
    let comment = rules.iter().map(|rule| rule.description.as_str()).find(|words| !words.is_empty());
    let words = directive(|directives| directives.description.as_ref()).or(comment).unwrap_or_default();
    draft.describe(words, &conditions(first, grant_never));
    draft.resource.profile = profile(first);
    if let Some(owner) = directive(|directives| directives.owner.as_ref()) {
        draft.resource.profile.push(("owner", Attribute::Text(owner.to_owned())));
    }
    draft.resource.aliases = alias.into_iter().map(|alias| bounded(alias.as_bytes())).collect();

    let shown = draft.resource.display_name.clone();
    let description = draft.resource.description.clone();
    let member =
        draft.entitlement(Slug::Member, &shown, &description, Purpose::Permission, grantable_to(first));
    draft.entitlements.push(member);
    let sources = rules.iter().flat_map(|rule| rule.source_items());
    draft.grants = ends::grants(sources, &draft.entitlement_id(Slug::Member), selectors);
    draft
}

/// What holds in a tailnet whose policy file has no network rules at all.
fn default_rule(selectors: &mut Selectors) -> Draft {
    let id = ResourceId::new(ResourceKind::AclRule, DEFAULT_RULE);
    let mut draft = Draft::new(id, "any port on everything (default)");
    let why = "The policy file has neither an acls nor a grants section, so everything is allowed.";
    draft.describe(why, &[]);
    let shown = draft.resource.display_name.clone();
    let mut member =
        draft.entitlement(Slug::Member, &shown, why, Purpose::Permission, &[ResourceKind::Autogroup]);
    member.immutable = true;
    let mut grant = selectors.grant(member.id.clone(), "*");
    grant.immutable = true;
    draft.entitlements.push(member);
    draft.grants.push(grant);
    draft
}

fn kind(section: Section) -> ResourceKind {
    match section {
        Section::Acls => ResourceKind::AclRule,
        Section::Ssh => ResourceKind::SshRule,
        Section::Grants => ResourceKind::GrantRule,
    }
}

/// Whom a rule can be granted to. One that nobody can be added to is still held by those who are in.
fn grantable_to(rule: &Rule<'_>) -> &'static [ResourceKind] {
    use ResourceKind::{Group, Tag, User};
    let admits = Holder::Rule(rule).admits();
    match (admits.users, admits.groups, admits.tags) {
        (true, true, true) => &[User, Group, Tag],
        (true, true, false) => &[User, Group],
        (true, false, _) => &[User],
        (false, _, _) => &[],
    }
}

fn conditions(rule: &Rule<'_>, grant_never: bool) -> Vec<String> {
    let mut sentences = Vec::new();
    if !rule.source_posture.is_empty() {
        sentences.push(format!("Only from devices that meet {}.", either(&rule.source_posture)));
    }
    if rule.section == Section::Ssh && rule.action == "check" {
        sentences.push(match rule.check_period.as_str() {
            "" => "People log in again every 12h.".to_owned(),
            "always" => "People log in again for each session.".to_owned(),
            period => format!("People log in again every {}.", text::list(&[period])),
        });
    }
    if !rule.via.is_empty() {
        sentences.push(format!("Only through devices with {}.", either(&rule.via)));
    }
    if grant_never {
        sentences.push(NEVER.to_owned());
    }
    sentences
}

fn either<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [one, other] => format!("{} or {}", text::list(&[one]), text::list(&[other])),
        [_, _, ..] => format!("one of {}", text::list(items)),
        _ => text::list(items),
    }
}

fn profile(rule: &Rule<'_>) -> Profile {
    let mut profile: Profile = vec![("section", Attribute::Text(rule.section.name().to_owned()))];
    for (name, value) in
        [("action", &rule.action), ("proto", &rule.proto), ("check_period", &rule.check_period)]
    {
        if !value.is_empty() {
            profile.push((name, Attribute::Text(value.clone())));
        }
    }
    for (name, values) in [
        ("destinations", &rule.destinations),
        ("ssh_users", &rule.ssh_users),
        ("ip", &rule.ip),
        ("app", &rule.app.iter().map(|capability| capability.name.clone()).collect()),
        ("via", &rule.via),
        ("source_posture", &rule.source_posture),
    ] {
        if !values.is_empty() {
            profile.push((name, Attribute::Texts(values.iter().map(ToString::to_string).collect())));
        }
    }
    profile
}
