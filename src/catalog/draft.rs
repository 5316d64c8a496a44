//! One resource with all that hangs on it, before it is indexed.

use crate::access::{
    Entitlement, EntitlementId, Grant, Purpose, Resource, ResourceId, ResourceKind, Slug, Trait, fit,
};

use super::text::{LONGEST_DESCRIPTION, LONGEST_NAME};

/// A resource, its entitlements and the grants on it. Made through its methods, it fits the wire's bounds.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) resource: Resource,
    pub(super) entitlements: Vec<Entitlement>,
    pub(super) grants: Vec<Grant>,
}

impl Draft {
    /// A bare resource; an empty display name gives way to the id.
    pub(super) fn new(id: ResourceId, display_name: &str) -> Self {
        let shown = if display_name.is_empty() { id.id() } else { display_name };
        let resource = Resource {
            display_name: fit(shown, LONGEST_NAME),
            id,
            description: String::new(),
            status: None,
            created: None,
            profile: Vec::new(),
            details: Trait::None,
            raw_id: None,
            aliases: Vec::new(),
        };
        Self { resource, entitlements: Vec::new(), grants: Vec::new() }
    }

    /// Describes the resource: the author's words, then our sentences, which are never cut off.
    pub(super) fn describe(&mut self, words: &str, sentences: &[String]) {
        self.resource.description = description(words, sentences);
    }

    /// An entitlement of the resource, to be pushed when what is special about it has been set.
    pub(super) fn entitlement(
        &self,
        slug: Slug,
        display_name: &str,
        description: &str,
        purpose: Purpose,
        grantable_to: &'static [ResourceKind],
    ) -> Entitlement {
        Entitlement {
            id: self.entitlement_id(slug),
            display_name: fit(display_name, LONGEST_NAME),
            description: fit(description, LONGEST_DESCRIPTION),
            purpose,
            grantable_to,
            immutable: false,
            exclusion: None,
        }
    }

    /// The id of one of the resource's entitlements.
    pub(super) fn entitlement_id(&self, slug: Slug) -> EntitlementId {
        EntitlementId { resource: self.resource.id.clone(), slug }
    }
}

/// The author's words and our sentences in one paragraph that fits.
pub(super) fn description(words: &str, sentences: &[String]) -> String {
    let ours = fit(&sentences.join(" "), LONGEST_DESCRIPTION);
    let words = words.trim();
    if words.is_empty() {
        return ours;
    }
    if ours.is_empty() {
        return fit(words, LONGEST_DESCRIPTION);
    }
    let stop = if words.ends_with(['.', '!', '?', ':', ';']) { " " } else { ". " };
    let room = LONGEST_DESCRIPTION.saturating_sub(ours.len() + stop.len());
    if room < '…'.len_utf8() { ours } else { format!("{}{stop}{ours}", fit(words, room)) }
}

/// A grant that only the tailnet itself can change.
pub(super) fn computed(entitlement: EntitlementId, principal: ResourceId) -> Grant {
    Grant { entitlement, principal, expandable: None, immutable: true, metadata: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_sentences_survive_long_words() {
        let check = |words: &str, sentences: &[&str], expected: &str| {
            let sentences: Vec<String> = sentences.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(description(words, &sentences), expected);
        };
        check("", &[], "");
        check(" Databases ", &[], "Databases");
        check("", &["One.", "Two."], "One. Two.");
        check("Databases", &["One."], "Databases. One.");
        check("Databases!", &["One."], "Databases! One.");
        check("Databases", &[&"x".repeat(3000)], &format!("{}…", "x".repeat(2045)));

        let long = description(&"w".repeat(5000), &["One.".to_owned()]);
        assert_eq!(long.len(), LONGEST_DESCRIPTION);
        assert!(long.ends_with("…. One."), "{long}");
    }
}
