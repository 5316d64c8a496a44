//! Groups: those of the policy file, those synced from a directory, and those that are only named.

use std::collections::HashSet;

use crate::access::{
    Attribute, GroupSource, Purpose, ResourceId, ResourceKind, Slug, Trait, bounded, fit, is_shortened,
};
use crate::policy::{Named, Policy, Selector};

use super::draft::Draft;
use super::ends;
use super::selectors::Selectors;
use super::text::LONGEST_NAME;

const SYNCED: &str =
    "Synced from the directory: its members are managed there and cannot be read through the API.";
const UNDEFINED: &str = "Not defined in the policy file, though a rule names it.";
const NO_LIST: &str = "Its members are not a list in the policy file; cannot be changed until they are.";
/// Why a group or tag with a shortened id cannot be changed, for descriptions.
pub(super) const TOO_LONG: &str =
    "Its name is longer than 256 bytes; cannot be changed here, but in the policy file by hand.";
/// What `grant=never` means, for descriptions.
pub(super) const NEVER: &str = "Grants are refused: the policy file says grant=never.";

/// The groups of the policy file with their members.
pub(super) fn defined(
    policy: &Policy<'_>,
    unlisted: &HashSet<&str>,
    selectors: &mut Selectors,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let listed = |group: &&Named<'_>| !group.name.is_empty() && !unlisted.contains(group.name.as_ref());
    for group in policy.groups.iter().filter(listed) {
        let mut draft = draft(group);
        let immutable = draft.entitlements.iter().all(|entitlement| entitlement.immutable);
        draft.grants = ends::grants(group.items(), &draft.entitlement_id(Slug::Member), selectors);
        draft.grants.iter_mut().for_each(|grant| grant.immutable |= immutable);
        drafts.push(draft);
    }
    drafts
}

/// The defined groups and those that are only named somewhere.
pub(super) fn list(mut drafts: Vec<Draft>, selectors: &Selectors) -> Vec<Draft> {
    let defined: HashSet<ResourceId> = drafts.iter().map(|draft| draft.resource.id.clone()).collect();
    let named = selectors.named(ResourceKind::Group).filter(|(id, _)| !defined.contains(id));
    drafts.extend(named.map(|(id, selector)| only_named(id.clone(), selector)));
    drafts
}

fn draft(group: &Named<'_>) -> Draft {
    let name = group.name.as_ref();
    let source = match Selector::parse(name) {
        Selector::SyncedGroup(_) => GroupSource::DirectorySynced,
        _ => GroupSource::Native,
    };
    let shown = group.directives.name.as_deref().unwrap_or(name);
    let mut draft = bare(ResourceId::new(ResourceKind::Group, bounded(name.as_bytes())), shown, name, source);
    let words = group.directives.description.as_deref().unwrap_or(&group.description);
    let mut sentences = Vec::new();
    if group.directives.grant_never {
        sentences.push(NEVER.to_owned());
    }
    draft.describe(words, &sentences);
    if let Some(owner) = &group.directives.owner {
        draft.resource.profile.push(("owner", Attribute::Text(owner.clone())));
    }
    for entitlement in &mut draft.entitlements {
        entitlement.description.clone_from(&draft.resource.description);
    }
    if source == GroupSource::DirectorySynced {
        freeze(&mut draft, SYNCED);
    } else if group.list.is_none() {
        freeze(&mut draft, NO_LIST);
    } else if is_shortened(draft.resource.id.id()) {
        freeze(&mut draft, TOO_LONG);
    }
    draft
}

fn only_named(id: ResourceId, selector: &str) -> Draft {
    let (source, sentence) = match Selector::parse(selector) {
        Selector::SyncedGroup(_) => (GroupSource::DirectorySynced, SYNCED),
        _ => (GroupSource::Native, UNDEFINED),
    };
    let mut draft = bare(id, selector, selector, source);
    freeze(&mut draft, sentence);
    draft
}

fn bare(id: ResourceId, shown: &str, name: &str, source: GroupSource) -> Draft {
    let mut draft = Draft::new(id, shown);
    draft.resource.details = Trait::Group(source);
    draft.resource.profile = vec![("name", Attribute::Text(fit(name, LONGEST_NAME)))];
    draft.resource.raw_id = Some(name.to_owned());
    let member = draft.entitlement(
        Slug::Member,
        &format!("Member of {shown}"),
        "",
        Purpose::Assignment,
        &[ResourceKind::User],
    );
    draft.entitlements.push(member);
    draft
}

/// Nobody can change the members from here; says why.
fn freeze(draft: &mut Draft, why: &str) {
    let words = std::mem::take(&mut draft.resource.description);
    draft.describe(&words, &[why.to_owned()]);
    for entitlement in &mut draft.entitlements {
        entitlement.immutable = true;
        entitlement.description.clone_from(&draft.resource.description);
    }
}
