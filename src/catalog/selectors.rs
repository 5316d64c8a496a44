//! From the selectors of a policy file to principals.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::access::{
    EntitlementId, Expandable, Grant, ResourceId, ResourceKind, Slug, bounded, is_shortened,
};
use crate::policy::{Selector, login_key, member_key};
use crate::tailnet::Role;

use super::Options;
use super::people::People;
use super::roles;

/// The kinds that expansion carries over: people, also through groups in between.
const PEOPLE: &[ResourceKind] = &[ResourceKind::User];

/// Autogroups that are everybody; grants to them are expandable only on demand.
const EVERYBODY: [&str; 3] = ["*", MEMBER, "autogroup:danger-all"];
/// All direct members. `autogroup:members` is an old name of it and the same resource.
pub(super) const MEMBER: &str = "autogroup:member";
/// The autogroup whose members are devices.
pub(super) const TAGGED: &str = "autogroup:tagged";

/// Makes principals of selectors, each once, and remembers which were named.
#[derive(Debug)]
pub(super) struct Selectors {
    options: Options,
    /// Selector text → principal.
    known: HashMap<String, ResourceId>,
    /// Login key → principal.
    logins: HashMap<String, ResourceId>,
    /// Logins that no user and no invite has, as they were first spelled.
    strangers: BTreeMap<ResourceId, String>,
    /// Principals that are not people, with the selector that first named them.
    named: BTreeMap<ResourceId, String>,
}

impl Selectors {
    pub(super) fn new(people: &People<'_>, options: Options) -> Self {
        let mut selectors = Self {
            options,
            known: HashMap::new(),
            logins: people.logins(),
            strangers: BTreeMap::new(),
            named: BTreeMap::new(),
        };
        selectors.principal(MEMBER);
        selectors
    }

    /// Who a selector stands for.
    pub(super) fn principal(&mut self, selector: &str) -> ResourceId {
        if let Some(id) = self.known.get(selector) {
            return id.clone();
        }
        let (kind, id) = match Selector::parse(selector) {
            Selector::Login(_) => {
                let id = self.person(selector);
                self.known.insert(selector.to_owned(), id.clone());
                return id;
            }
            Selector::Group(name) | Selector::SyncedGroup(name) => (ResourceKind::Group, name),
            Selector::Tag(name) => (ResourceKind::Tag, name),
            Selector::Everybody => (ResourceKind::Autogroup, "*".to_owned()),
            Selector::Autogroup(name) => (ResourceKind::Autogroup, member_key(&name).into_owned()),
            Selector::Domain(text) => (ResourceKind::Autogroup, text),
            Selector::Network(prefix) => (ResourceKind::Network, format!("ip:{prefix}")),
            Selector::IpSet(name) => (ResourceKind::Network, name),
            Selector::Host(name)
            | Selector::HostReference(name)
            | Selector::Range(name)
            | Selector::Service(name)
            | Selector::LocalPart(name) => (ResourceKind::Network, host_id(&name)),
        };
        let id = ResourceId::new(kind, bounded(id.as_bytes()));
        self.known.insert(selector.to_owned(), id.clone());
        self.named.entry(id.clone()).or_insert_with(|| selector.to_owned());
        id
    }

    /// Who a login stands for: a member, else a shared user, else an invite, else a stranger.
    pub(super) fn person(&mut self, login: &str) -> ResourceId {
        let key = login_key(login);
        if let Some(id) = self.logins.get(&key) {
            return id.clone();
        }
        let id = ResourceId::new(ResourceKind::User, bounded(format!("policy:{key}").as_bytes()));
        self.strangers.entry(id.clone()).or_insert_with(|| login.trim().to_owned());
        self.logins.insert(key, id.clone());
        id
    }

    /// The grant that a selector in a list of the policy file is.
    pub(super) fn grant(&mut self, entitlement: EntitlementId, selector: &str) -> Grant {
        let principal = self.principal(selector);
        grant_of(entitlement, principal, self.options)
    }

    /// The named principals of a kind that is not people, with the selectors that name them.
    pub(super) fn named(&self, kind: ResourceKind) -> impl Iterator<Item = (&ResourceId, &str)> {
        let first = ResourceId::new(kind, Arc::from(""));
        self.named
            .range(first..)
            .take_while(move |(id, _)| id.kind() == kind)
            .map(|(id, selector)| (id, selector.as_str()))
    }

    /// Logins that no user and no invite has, with the spelling that first named them.
    pub(super) fn strangers(&self) -> impl Iterator<Item = (&ResourceId, &str)> {
        self.strangers.iter().map(|(id, login)| (id, login.as_str()))
    }
}

/// The grant that somebody has who holds an entitlement directly: in a list of the policy file, or as a role.
#[must_use]
pub fn grant_of(entitlement: EntitlementId, principal: ResourceId, options: Options) -> Grant {
    let people = match principal.kind() {
        ResourceKind::Group => true,
        ResourceKind::Autogroup if EVERYBODY.contains(&principal.id()) => options.expand_everyone,
        ResourceKind::Autogroup => principal.id() != TAGGED,
        _ => false,
    };
    let expandable = people.then(|| Expandable {
        entitlements: vec![EntitlementId { resource: principal.clone(), slug: Slug::Member }],
        shallow: false,
        kinds: PEOPLE,
    });
    let is_fixed_role = entitlement.resource.kind() == ResourceKind::Role
        && roles::is_fixed(&Role::from_word(entitlement.resource.id()));
    // Who is meant cannot be told from a shortened id, so nothing can be taken away from it.
    let immutable = is_fixed_role || is_shortened(principal.id());
    Grant { entitlement, principal, expandable, immutable, metadata: Vec::new() }
}

/// The id of a host alias.
pub(super) fn host_id(name: &str) -> String {
    format!("host:{name}")
}
