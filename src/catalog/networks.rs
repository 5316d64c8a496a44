//! Networks as principals: host aliases, address sets, addresses and prefixes.

use std::collections::BTreeMap;

use crate::access::{Attribute, ResourceId, ResourceKind, bounded};
use crate::policy::{Host, Policy, Selector};

use super::draft::Draft;
use super::selectors::{Selectors, host_id};

/// Every host alias and address set of the policy file, and whatever else rules name as a network.
pub(super) fn list(policy: &Policy<'_>, selectors: &Selectors) -> Vec<Draft> {
    let mut drafts: BTreeMap<ResourceId, Draft> = BTreeMap::new();
    let mut define = |id: &str, name: &str, words: &str, contents: (&'static str, Attribute)| {
        let id = network_id(id);
        drafts.entry(id.clone()).or_insert_with(|| {
            let mut draft = draft(id, name, name);
            draft.describe(words, &[]);
            draft.resource.profile.push(contents);
            draft
        });
    };
    for Host { name, address, .. } in &policy.hosts {
        let words = format!("Host alias of {address}.");
        define(&host_id(name), name, &words, ("address", Attribute::Text(address.to_string())));
    }
    for set in policy.ipsets.iter().filter(|set| !set.name.is_empty()) {
        let items = set.items().map(|item| item.text.to_string()).collect();
        define(&set.name, &set.name, &set.description, ("items", Attribute::Texts(items)));
    }
    for (id, selector) in selectors.named(ResourceKind::Network) {
        drafts.entry(id.clone()).or_insert_with(|| only_named(id.clone(), selector));
    }
    drafts.into_values().collect()
}

fn network_id(id: &str) -> ResourceId {
    ResourceId::new(ResourceKind::Network, bounded(id.as_bytes()))
}

fn only_named(id: ResourceId, selector: &str) -> Draft {
    if let Selector::Network(prefix) = Selector::parse(selector) {
        let mut draft = draft(id, &prefix, selector);
        draft.resource.profile.push(("address", Attribute::Text(prefix)));
        draft
    } else {
        let mut draft = draft(id, selector, selector);
        draft.describe("Not defined in the policy file, though a rule names it.", &[]);
        draft
    }
}

fn draft(id: ResourceId, shown: &str, selector: &str) -> Draft {
    let mut draft = Draft::new(id, shown);
    draft.resource.raw_id = Some(selector.to_owned());
    draft
}
