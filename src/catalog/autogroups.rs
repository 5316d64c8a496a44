//! Autogroups: sets that the tailnet computes, and who is in them.

use std::collections::HashMap;

use crate::access::{Attribute, GroupSource, Purpose, ResourceId, ResourceKind, Slug, Trait};
use crate::policy::member_key;
use crate::tailnet::{Role, UserKind};

use super::devices::KnownDevice;
use super::draft::{Draft, computed};
use super::people::People;
use super::selectors::{MEMBER, Selectors, TAGGED};

/// Every autogroup that is named somewhere, with its members.
pub(super) fn list(people: &People<'_>, devices: &[KnownDevice<'_>], selectors: &Selectors) -> Vec<Draft> {
    let mut domains: HashMap<&str, Vec<ResourceId>> = HashMap::new();
    for (id, user) in people.members() {
        if let Some((_, domain)) = user.login_name.trim().split_once('@') {
            domains.entry(domain).or_default().push(id.clone());
        }
    }
    let select = |set: &Set| -> Vec<ResourceId> {
        match set {
            Set::Members => people.members().map(|(id, _)| id.clone()).collect(),
            Set::Everybody => people.users().map(|(id, _)| id.clone()).collect(),
            Set::Shared => people
                .users()
                .filter(|(_, user)| user.kind == UserKind::Shared)
                .map(|(id, _)| id.clone())
                .collect(),
            Set::Role(wanted) => people
                .users()
                .filter(|(_, user)| holds(&user.role, wanted))
                .map(|(id, _)| id.clone())
                .collect(),
            // The service compares these domains case-sensitively.
            Set::Domain(domain) => domains.get(domain.as_str()).cloned().unwrap_or_default(),
            Set::Tagged => devices
                .iter()
                .filter(|device| !device.facts.tags.is_empty() && !device.facts.is_external)
                .map(|device| device.id.clone())
                .collect(),
            Set::Nobody | Set::Unknown => Vec::new(),
        }
    };
    selectors
        .named(ResourceKind::Autogroup)
        .map(|(id, selector)| {
            let selector = member_key(selector);
            let set = Set::of(&selector);
            let mut draft = draft(id.clone(), &selector, &set);
            let member = draft.entitlement_id(Slug::Member);
            draft.grants =
                select(&set).into_iter().map(|principal| computed(member.clone(), principal)).collect();
            draft
        })
        .collect()
}

/// What an autogroup selects.
#[derive(Debug)]
enum Set {
    Members,
    Everybody,
    Shared,
    Role(Role),
    Domain(String),
    Tagged,
    /// A destination or a host account, which has no meaning as a source.
    Nobody,
    Unknown,
}

impl Set {
    fn of(selector: &str) -> Self {
        match selector {
            MEMBER => Self::Members,
            TAGGED => Self::Tagged,
            "*" | "autogroup:danger-all" => Self::Everybody,
            "autogroup:shared" => Self::Shared,
            "autogroup:self" | "autogroup:internet" | "autogroup:nonroot" => Self::Nobody,
            _ => {
                if let Some(domain) = selector.strip_prefix("user:*@") {
                    return Self::Domain(domain.to_owned());
                }
                match selector.strip_prefix("autogroup:").map(Role::from_word) {
                    None | Some(Role::Other(_)) => Self::Unknown,
                    Some(role) => Self::Role(role),
                }
            }
        }
    }

    fn description(&self, selector: &str) -> String {
        match self {
            Self::Members => "Direct members of the tailnet. Tagged devices and shared users are not in it.".to_owned(),
            Self::Everybody if selector == "*" => {
                "Everybody: all devices of the tailnet, tagged and shared-in ones too, and its routed subnets. People are listed.".to_owned()
            }
            Self::Everybody => "Any address at all, also outside the tailnet. The people of the tailnet are listed.".to_owned(),
            Self::Shared => "People of other tailnets with whom a device is shared.".to_owned(),
            Self::Role(Role::Admin) => "Users with the role admin, and the owner.".to_owned(),
            Self::Role(role) => format!("Users with the role {role}."),
            Self::Domain(domain) => format!("Direct members whose login is in the domain {domain}."),
            Self::Tagged => "Every device that carries a tag.".to_owned(),
            Self::Nobody => "Has no meaning as a source, so nobody is in it.".to_owned(),
            Self::Unknown => "This version does not know who is in it, so nobody is listed.".to_owned(),
        }
    }
}

/// The service counts the owner among the admins.
fn holds(role: &Role, wanted: &Role) -> bool {
    role == wanted || (*wanted == Role::Admin && *role == Role::Owner)
}

fn draft(id: ResourceId, selector: &str, set: &Set) -> Draft {
    let mut draft = Draft::new(id, if selector == "*" { "* (everybody)" } else { selector });
    draft.describe(&set.description(selector), &[]);
    draft.resource.details = Trait::Group(GroupSource::BuiltIn);
    draft.resource.profile = vec![("name", Attribute::Text(selector.to_owned()))];
    let holders: &[ResourceKind] =
        if matches!(set, Set::Tagged) { &[ResourceKind::Device] } else { &[ResourceKind::User] };
    let mut member = draft.entitlement(
        Slug::Member,
        &format!("Member of {selector}"),
        &draft.resource.description,
        Purpose::Assignment,
        holders,
    );
    member.immutable = true;
    draft.resource.raw_id = Some(selector.to_owned());
    draft.entitlements.push(member);
    draft
}
