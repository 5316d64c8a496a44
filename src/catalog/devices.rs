//! Devices and whose they are.

use crate::access::{
    Attribute, DeviceTrait, Profile, Purpose, ResourceId, ResourceKind, Slug, Trait, bounded,
};
use crate::tailnet::{Device, Login, Part, Tailnet};

use super::IdScheme;
use super::draft::{Draft, computed};
use super::selectors::Selectors;

/// A device with its id under the chosen scheme.
#[derive(Debug)]
pub(super) struct KnownDevice<'t> {
    pub(super) id: ResourceId,
    raw_id: &'t str,
    pub(super) facts: &'t Device,
}

/// Names every device; one without a legacy id keeps its node id.
pub(super) fn identify(tailnet: &Tailnet, ids: IdScheme) -> Vec<KnownDevice<'_>> {
    let devices = match &tailnet.devices {
        Part::Read(devices) => devices.as_slice(),
        Part::Unreadable(_) => &[],
    };
    devices
        .iter()
        .map(|facts| {
            let raw_id = match ids {
                IdScheme::BatonTailscale if !facts.legacy_id.is_empty() => &facts.legacy_id,
                _ => &facts.node_id,
            };
            let id = ResourceId::new(ResourceKind::Device, bounded(raw_id.as_bytes()));
            KnownDevice { id, raw_id, facts }
        })
        .collect()
}

pub(super) fn list(devices: &[KnownDevice<'_>], selectors: &mut Selectors) -> Vec<Draft> {
    devices.iter().map(|device| draft(device, selectors)).collect()
}

fn draft(device: &KnownDevice<'_>, selectors: &mut Selectors) -> Draft {
    let facts = device.facts;
    let name = if facts.name.is_empty() { &facts.hostname } else { &facts.name };
    let mut draft = Draft::new(device.id.clone(), name);
    draft.resource.details = Trait::Device(DeviceTrait { os: facts.os.clone(), enrolled: facts.created });
    draft.resource.created = facts.created;
    draft.resource.profile = profile(facts);
    draft.resource.raw_id = Some(device.raw_id.to_owned());
    draft.resource.aliases = [&facts.node_id, &facts.legacy_id]
        .into_iter()
        .filter(|id| !id.is_empty() && id.as_str() != device.raw_id)
        .map(|id| bounded(id.as_bytes()))
        .take(1)
        .collect();
    // A tagged device belongs to its tags. The login it still shows is only who registered it.
    if facts.tags.is_empty() {
        let mut assigned = draft.entitlement(
            Slug::Assigned,
            &format!("User of {}", draft.resource.display_name),
            "Whose device it is. Changes only by logging in on the device.",
            Purpose::Ownership,
            &[ResourceKind::User],
        );
        assigned.immutable = true;
        draft.entitlements.push(assigned);
        if facts.user.parse::<Login>().is_ok() {
            let owner = selectors.person(&facts.user);
            draft.grants.push(computed(draft.entitlement_id(Slug::Assigned), owner));
        }
    }
    draft
}

fn profile(facts: &Device) -> Profile {
    let mut profile: Profile = Vec::with_capacity(17);
    for (name, text) in [
        ("hostname", &facts.hostname),
        ("os", &facts.os),
        ("client_version", &facts.client_version),
        ("registered_by", &facts.user),
        ("node_id", &facts.node_id),
        ("legacy_id", &facts.legacy_id),
    ] {
        if !text.is_empty() {
            profile.push((name, Attribute::Text(text.clone())));
        }
    }
    for (name, texts) in [
        ("addresses", &facts.addresses),
        ("tags", &facts.tags),
        ("advertised_routes", &facts.advertised_routes),
        ("enabled_routes", &facts.enabled_routes),
    ] {
        if !texts.is_empty() {
            profile.push((name, Attribute::Texts(texts.clone())));
        }
    }
    for (name, time) in [("last_seen", facts.last_seen), ("key_expires", facts.expires)] {
        if let Some(time) = time {
            profile.push((name, Attribute::Text(time.to_string())));
        }
    }
    profile.extend([
        ("authorized", Attribute::Flag(facts.authorized)),
        ("external", Attribute::Flag(facts.is_external)),
        ("ephemeral", Attribute::Flag(facts.is_ephemeral)),
        ("key_expiry_disabled", Attribute::Flag(facts.key_expiry_disabled)),
        ("ssh_enabled", Attribute::Flag(facts.ssh_enabled)),
    ]);
    profile
}
