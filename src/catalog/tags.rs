//! Tags: who may assign them, and which devices carry them.

use std::collections::{BTreeMap, HashSet};

use crate::access::{Attribute, Purpose, ResourceId, ResourceKind, Slug, bounded, is_shortened};
use crate::policy::{Named, Policy, TAG_OWNER_BY_DEFAULT};

use super::devices::KnownDevice;
use super::draft::{Draft, computed, description};
use super::ends;
use super::groups::{NEVER, TOO_LONG};
use super::selectors::Selectors;

const OWNERS: &[ResourceKind] =
    &[ResourceKind::User, ResourceKind::Group, ResourceKind::Autogroup, ResourceKind::Tag];

/// The tags of the policy file with their owners.
pub(super) fn defined(
    policy: &Policy<'_>,
    unlisted: &HashSet<&str>,
    selectors: &mut Selectors,
) -> BTreeMap<ResourceId, Draft> {
    let mut drafts = BTreeMap::new();
    let listed = |tag: &&Named<'_>| !tag.name.is_empty() && !unlisted.contains(tag.name.as_ref());
    for tag in policy.tags.iter().filter(listed) {
        let id = tag_id(&tag.name);
        let mut draft = draft(id.clone(), tag);
        let owner = draft.entitlement_id(Slug::Owner);
        draft.grants = ends::grants(tag.items(), &owner, selectors);
        if draft.grants.is_empty() {
            let mut grant = selectors.grant(owner, TAG_OWNER_BY_DEFAULT);
            grant.immutable = true;
            grant.metadata.push(("reason", "a tag without owners belongs to the admins".to_owned()));
            draft.grants.push(grant);
        }
        if is_shortened(id.id()) {
            draft.entitlements.iter_mut().for_each(|entitlement| entitlement.immutable = true);
            draft.grants.iter_mut().for_each(|grant| grant.immutable = true);
        }
        drafts.insert(id, draft);
    }
    drafts
}

/// The defined tags, and those that are only named somewhere or carried by a device; with their devices.
pub(super) fn list(
    mut drafts: BTreeMap<ResourceId, Draft>,
    unlisted: &HashSet<&str>,
    devices: &[KnownDevice<'_>],
    selectors: &Selectors,
) -> Vec<Draft> {
    for (id, name) in selectors.named(ResourceKind::Tag) {
        drafts.entry(id.clone()).or_insert_with(|| undefined(id.clone(), name));
    }
    for device in devices.iter().filter(|device| !device.facts.is_external) {
        let listed = |name: &&String| !name.is_empty() && !unlisted.contains(name.as_str());
        for name in device.facts.tags.iter().filter(listed) {
            let id = tag_id(name);
            let draft = drafts.entry(id.clone()).or_insert_with(|| undefined(id, name));
            let assigned = draft.entitlement_id(Slug::Assigned);
            draft.grants.push(computed(assigned, device.id.clone()));
        }
    }
    drafts.into_values().collect()
}

fn tag_id(name: &str) -> ResourceId {
    ResourceId::new(ResourceKind::Tag, bounded(name.as_bytes()))
}

fn draft(id: ResourceId, tag: &Named<'_>) -> Draft {
    let name = tag.name.as_ref();
    let words = tag.directives.description.as_deref().unwrap_or(&tag.description);
    let mut sentences = Vec::new();
    if tag.directives.grant_never {
        sentences.push(NEVER.to_owned());
    }
    if is_shortened(id.id()) {
        sentences.push(TOO_LONG.to_owned());
    }
    let mut draft = bare(id, tag.directives.name.as_deref().unwrap_or(name), name, words, &sentences);
    if let Some(owner) = &tag.directives.owner {
        draft.resource.profile.push(("owner", Attribute::Text(owner.clone())));
    }
    draft
}

fn undefined(id: ResourceId, name: &str) -> Draft {
    let why = "Not defined in the policy file, so nobody can be made its owner.".to_owned();
    let mut draft = bare(id, name, name, "", &[why]);
    draft.entitlements.iter_mut().for_each(|entitlement| entitlement.immutable = true);
    draft
}

fn bare(id: ResourceId, shown: &str, name: &str, words: &str, sentences: &[String]) -> Draft {
    let mut draft = Draft::new(id, shown);
    draft.describe(words, sentences);
    draft.resource.profile = vec![("name", Attribute::Text(name.to_owned()))];
    draft.resource.raw_id = Some(name.to_owned());
    let meaning = format!("May give {shown} to devices, and with it all that the tag can reach.");
    let meaning = description(&meaning, sentences);
    let owner =
        draft.entitlement(Slug::Owner, &format!("Owner of {shown}"), &meaning, Purpose::Permission, OWNERS);
    let mut assigned = draft.entitlement(
        Slug::Assigned,
        &format!("Device with {shown}"),
        &format!("Devices that carry {shown}. A tag cannot be taken off through the API."),
        Purpose::Assignment,
        &[ResourceKind::Device],
    );
    assigned.immutable = true;
    draft.entitlements.extend([owner, assigned]);
    draft
}
