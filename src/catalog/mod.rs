//! Tailnet + policy → everything a sync lists: resource types, resources, entitlements, grants.
//!
//! [`Catalog::build`] indexes it once; a page of a listing is a slice of what is here.
//!
//! - Every source of every rule is a grant, whatever it is: access is never hidden because its holder is
//!   unknown. An address the tailnet does not know becomes a `policy:` user, a `group:` the policy file does
//!   not define an immutable group.
//! - People are named once. A member wins over a shared user of the same login, both win over an
//!   invite, and of two invites the lower id is the principal.
//! - Groups and autogroups stand for people, so grants to them are expandable; tags and
//!   `autogroup:tagged` stand for devices and are not. `*`, `autogroup:member` and `autogroup:danger-all`
//!   list their people, but grants to them are expandable only with [`Options::expand_everyone`].
//! - `autogroup:member` is always listed; other autogroups where they are named.
//! - What `tailgrant: hide` covers is not listed. A hidden group or tag that something else names is
//!   listed all the same: hiding a group must not hide the access of its people.
//! - A grant whose element in the policy file has an end says so in its metadata: `expires_at`, `requested_by`.
//! - Known limit: a policy's `defaultSrcPosture` is not told apart in a rule's description.

mod autogroups;
mod devices;
mod draft;
mod ends;
mod findings;
mod groups;
mod hidden;
mod names;
mod networks;
mod people;
mod roles;
mod rules;
mod selectors;
mod tags;
mod text;
mod types;

#[cfg(test)]
mod tests;

use crate::access::{Entitlement, Grant, Resource, ResourceId, ResourceKind};
use crate::policy::Policy;
use crate::tailnet::Tailnet;

use draft::Draft;
use people::People;
use selectors::Selectors;

pub use ends::{end_facts, last_end};
pub use rules::DEFAULT_RULE;
pub use selectors::grant_of;
pub use types::resource_types;

/// How resources are named where there is a choice (rules and devices).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum IdScheme {
    /// Pins and hashes of the canonical form for rules, node ids for devices.
    #[default]
    Native,
    /// The ids of the Go connector: its rule hashes where they are stable and mean one rule, legacy device ids.
    BatonTailscale,
}

/// What an operator can choose about a catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which ids are listed; the other scheme's ids are published as aliases.
    pub ids: IdScheme,
    /// Grants to `*`, `autogroup:member` and `autogroup:danger-all` are expandable too. With 10,000 users
    /// and 500 such rules a client stores five million rows.
    pub expand_everyone: bool,
}

/// How much a catalog holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Resources of all kinds.
    pub resources: usize,
    /// Entitlements on them.
    pub entitlements: usize,
    /// Grants, before a client expands any.
    pub grants: usize,
}

/// Everything a sync lists, indexed. Immutable.
///
/// Three vectors, each sorted by its key, so that a listing is a binary search and a slice, and
/// continues after any key whether or not that key is still there.
#[derive(Debug, Default)]
pub struct Catalog {
    resources: Vec<Resource>,
    entitlements: Vec<Entitlement>,
    grants: Vec<Grant>,
    findings: Vec<String>,
}

impl Catalog {
    /// Lists a tailnet. Never fails: what cannot be read is a finding, not the end of a sync.
    #[must_use]
    pub fn build(tailnet: &Tailnet, policy: &Policy<'_>, options: Options) -> Self {
        let devices = devices::identify(tailnet, options.ids);
        let people = People::index(tailnet);
        let mut selectors = Selectors::new(&people, options);

        // Whatever names a selector comes first, what lists the named ones afterwards.
        let unlisted = hidden::unlisted(policy);
        let mut drafts = rules::list(policy, options.ids, &mut selectors);
        let groups = groups::defined(policy, &unlisted, &mut selectors);
        let tags = tags::defined(policy, &unlisted, &mut selectors);
        drafts.extend(devices::list(&devices, &mut selectors));
        drafts.extend(groups::list(groups, &selectors));
        drafts.extend(tags::list(tags, &unlisted, &devices, &selectors));
        drafts.extend(networks::list(policy, &selectors));
        drafts.extend(autogroups::list(&people, &devices, &selectors));
        drafts.extend(roles::list(&people, options));
        drafts.extend(people.list(selectors.strangers()));

        let mut catalog = Self { findings: findings::of(tailnet, policy), ..Self::default() };
        catalog.take(drafts);
        catalog
    }

    /// All resources of a kind, sorted by id.
    #[must_use]
    pub fn resources(&self, kind: ResourceKind) -> &[Resource] {
        equal_range(&self.resources, |resource| resource.id.kind().cmp(&kind))
    }

    /// One resource.
    #[must_use]
    pub fn resource(&self, id: &ResourceId) -> Option<&Resource> {
        equal_range(&self.resources, |resource| resource.id.cmp(id)).first()
    }

    /// A resource's entitlements, sorted by slug.
    #[must_use]
    pub fn entitlements(&self, resource: &ResourceId) -> &[Entitlement] {
        equal_range(&self.entitlements, |entitlement| entitlement.id.resource.cmp(resource))
    }

    /// The grants on a resource, sorted by entitlement and principal, unique by both.
    #[must_use]
    pub fn grants(&self, resource: &ResourceId) -> &[Grant] {
        equal_range(&self.grants, |grant| grant.entitlement.resource.cmp(resource))
    }

    /// How much there is in all, for logs.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            resources: self.resources.len(),
            entitlements: self.entitlements.len(),
            grants: self.grants.len(),
        }
    }

    /// Remarks for the log: the policy's findings, and what had to be left out or is there twice.
    #[must_use]
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// Sorts and stores. Of two drafts with one id the first stays: the tailnet has told one thing twice.
    fn take(&mut self, mut drafts: Vec<Draft>) {
        drafts.sort_by(|a, b| a.resource.id.cmp(&b.resource.id));
        self.resources.reserve(drafts.len());
        self.grants.reserve(drafts.iter().map(|draft| draft.grants.len()).sum());
        let mut drafts = drafts.into_iter().peekable();
        while let Some(mut draft) = drafts.next() {
            while let Some(twin) = drafts.next_if(|next| next.resource.id == draft.resource.id) {
                self.findings.push(format!("{} is there more than once", twin.resource.id));
            }
            draft.entitlements.sort_by_key(|entitlement| entitlement.id.slug);
            draft
                .grants
                .sort_by(|a, b| (a.entitlement.slug, &a.principal).cmp(&(b.entitlement.slug, &b.principal)));
            draft.grants.dedup_by(|later, first| {
                later.entitlement.slug == first.entitlement.slug && later.principal == first.principal
            });
            self.resources.push(draft.resource);
            self.entitlements.append(&mut draft.entitlements);
            self.grants.append(&mut draft.grants);
        }
    }
}

/// The elements of a sorted slice for which `order` says `Equal`.
fn equal_range<T>(sorted: &[T], order: impl Fn(&T) -> std::cmp::Ordering) -> &[T] {
    let start = sorted.partition_point(|item| order(item).is_lt());
    let rest = sorted.get(start..).unwrap_or_default();
    let length = rest.partition_point(|item| order(item).is_eq());
    rest.get(..length).unwrap_or_default()
}
