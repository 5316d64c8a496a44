//! Names for rules that have none, written into the policy as `id=` directives.
//!
//! A rule without a pin is named by the hash of its form, so that each edit of the rule gives it another id.
//! A pin stays. Rules of one section that are equal but for their sources are one resource, and get one pin.

mod name;

use super::directive::{Directives, says_id};
use super::proof::Unproved;
use super::rule::Rule;
use super::section::Section;
use super::view::{Policy, ReadError, parse};
use crate::hujson::{self, Document, Edit, Position};
use name::Names;
use std::collections::HashMap;

/// A rule that is to get a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The section it stands in.
    pub section: Section,
    /// Index within the section.
    pub index: usize,
    /// Where it begins in the old text.
    pub position: Position,
    /// The id it had: prefix and hash.
    pub before: String,
    /// The new one: prefix and pin.
    pub id: String,
}

/// Comment lines that give each rule a pin that says nothing of its id yet.
#[derive(Debug)]
pub struct Pinning<'t> {
    /// The rules that get a pin, in the order of [`Policy::rules`].
    pub pins: Vec<Pin>,
    /// Rules whose comments have an `id=` that does not count, in the same order.
    pub ignored: Vec<Position>,
    /// How many rules there are.
    pub rules: usize,
    edits: Vec<Edit>,
    document: Document<'t>,
}

/// Invents a pin for each rule whose comments have no `id=`. One that does not count (malformed, doubled,
/// on rules that differ) is its author's to put right, and stays alone.
///
/// # Errors
///
/// Fails when the text is no policy.
pub fn pin(text: &[u8]) -> Result<Pinning<'_>, ReadError> {
    let document = parse(text)?;
    let policy = Policy::read(&document)?;
    let (mut pins, mut edits) = (Vec::new(), Vec::new());
    for section in Section::ALL {
        let rules = || policy.rules.iter().filter(|rule| rule.section == section);
        let mut names = Names::default();
        for pin in rules().filter_map(|rule| rule.directives.id.as_deref()) {
            names.take(pin);
        }
        // By the hash that names the rules now: one resource stays one resource.
        let mut given: HashMap<&str, String> = HashMap::new();
        for rule in rules().filter(|rule| !says_id(&rule.value.comments())) {
            let name = given.entry(&rule.id).or_insert_with(|| names.invent(rule));
            pins.push(Pin {
                section,
                index: rule.index,
                position: rule.position,
                before: rule.id.clone(),
                id: format!("{}{name}", section.id_prefix()),
            });
            let directives = Directives { id: Some(name.clone()), ..Directives::default() };
            edits.push(hujson::insert_comment_above(rule.value, &directives.to_string()));
        }
    }
    let says_in_vain = |rule: &&Rule<'_>| rule.id == rule.form_id && says_id(&rule.value.comments());
    let ignored = policy.rules.iter().filter(says_in_vain).map(|rule| rule.position).collect();
    let rules = policy.rules.len();
    drop(policy);
    Ok(Pinning { pins, ignored, rules, edits, document })
}

impl Pinning<'_> {
    /// There is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The new text, once it is sure that nothing but comments has come, that each rule has the id it was to
    /// get, and that this holds too when the service lays the text out anew. `None`: there is nothing to
    /// write.
    ///
    /// # Errors
    ///
    /// Fails when that is not so, which is a defect in this program. Nothing may be written then.
    pub fn prove(&self) -> Result<Option<Vec<u8>>, Unproved> {
        if self.is_empty() {
            return Ok(None);
        }
        let old = self.document.text();
        let defect = |what: &str| Unproved(what.to_owned());
        if !self.edits.iter().all(|edit| edit.range.is_empty()) {
            return Err(defect("something would be replaced, not only inserted"));
        }
        let new = hujson::apply(old, self.edits.clone()).map_err(|overlap| Unproved(overlap.to_string()))?;
        let plain = |text| hujson::minimize(text).map_err(|error| Unproved(error.to_string()));
        if plain(old)? != plain(&new)? {
            return Err(defect("more than comments has come"));
        }
        let laid_out = hujson::format(&new).map_err(|error| Unproved(error.to_string()))?;
        let before = Policy::read(&self.document).map_err(|error| Unproved(error.to_string()))?;
        for text in [&new, &laid_out] {
            let document = parse(text).map_err(|error| Unproved(error.to_string()))?;
            let after = Policy::read(&document).map_err(|error| Unproved(error.to_string()))?;
            self.compare(&before, &after)?;
        }
        Ok(Some(new))
    }

    /// Each rule, group and tag says what it said, and the pinned rules their ids as well.
    fn compare(&self, before: &Policy<'_>, after: &Policy<'_>) -> Result<(), Unproved> {
        let mut pins = self.pins.iter().peekable();
        let mut rules = after.rules.iter();
        for old in &before.rules {
            let pin = pins.next_if(|pin| pin.section == old.section && pin.position == old.position);
            let id = pin.map_or(&old.id, |pin| &pin.id);
            let name = pin.and_then(|pin| pin.id.strip_prefix(old.section.id_prefix())).map(str::to_owned);
            let directives =
                Directives { id: name.or_else(|| old.directives.id.clone()), ..old.directives.clone() };
            let holds = rules.next().is_some_and(|new| {
                let same_rule = (new.section, &new.form_id) == (old.section, &old.form_id);
                same_rule && new.id == *id && new.directives == directives
            });
            if !holds {
                return Err(Unproved(format!("the rule on line {} would change", old.position.line)));
            }
        }
        let bearers = |policy: &Policy<'_>| -> Vec<(String, Directives)> {
            let named = policy.groups.iter().chain(&policy.tags);
            named.map(|named| (named.name.to_string(), named.directives.clone())).collect()
        };
        if rules.next().is_some() || pins.next().is_some() || bearers(before) != bearers(after) {
            return Err(Unproved("the directives would differ".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
