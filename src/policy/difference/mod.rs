//! What changed in meaning between two versions of a policy.
//!
//! Layout, comments, order where it means nothing, and the spelling of names and logins are no change.
//! Rules are matched by their id first (a pin, else the hash of the form), then by their form, then, for
//! those that are left, by their sources: so an edited rule is a changed one, not one that went and one that
//! came.

mod access;
mod devices;
mod lists;
mod rules;
mod targets;
mod values;

use super::fields::Fields;
use super::section::Section;
use super::topology::Topology;
use super::view::{Policy, ReadError, Sections};
use crate::hujson::{Document, Position};

/// All that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// `acls` and `grants` have come or gone altogether, so that everything, or only what rules say, is
    /// allowed now.
    pub default: Option<DefaultChange>,
    /// Groups, tag owners, address sets, postures and approvers.
    pub lists: Vec<ListChange>,
    /// Rules, in the order of the sections.
    pub rules: Vec<RuleChange>,
    /// Everything else that a policy can say.
    pub values: Vec<ValueChange>,
    /// Directives. They change what tailgrant does, not what the tailnet allows.
    pub directives: Vec<DirectiveChange>,
    /// Who has come to reach what through the rules, and who no longer does.
    pub access: Vec<AccessChange>,
    /// The same between devices, where they are known.
    pub devices: Option<DeviceAccess>,
}

/// What holds where no rule says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultChange {
    /// Only what rules allow was allowed; now everything is.
    AllowsEverything,
    /// Everything was allowed; now only what rules allow is.
    AllowsRules,
}

/// What happened to something that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// A change of a named list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChange {
    /// The section, as the policy reference spells it.
    pub section: &'static str,
    /// The name; within `autoApprovers` with its kind before it: `routes 10.0.0.0/8`.
    pub name: String,
    /// What happened to it.
    pub fate: Fate,
    /// Where it stood.
    pub before: Option<Position>,
    /// Where it stands.
    pub after: Option<Position>,
    /// Items that have come, as they are spelt.
    pub gained: Vec<String>,
    /// Items that have gone.
    pub lost: Vec<String>,
    /// The items are the same, in an order that means something else.
    pub reordered: bool,
}

/// A change of a rule, or of several with one id, which are one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// Where it stands.
    pub section: Section,
    /// What happened to it.
    pub fate: Fate,
    /// The old version.
    pub before: Option<RuleRef>,
    /// The new one.
    pub after: Option<RuleRef>,
    /// Sources that have come.
    pub sources_gained: Vec<String>,
    /// Sources that have gone.
    pub sources_lost: Vec<String>,
    /// Everything else that differs, by the name of the field.
    pub fields: Vec<FieldChange>,
}

/// A rule, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// Its native id.
    pub id: String,
    /// Where it begins.
    pub position: Position,
    /// Sources and destinations on one line.
    pub summary: String,
}

/// A field of a rule that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in lower case, old names by their new ones.
    pub name: String,
    /// What it says now and did not say before.
    pub gained: Vec<String>,
    /// What it no longer says.
    pub lost: Vec<String>,
}

/// A change of any other value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueChange {
    /// Names from the top, joined by dots; a list of which it is an item.
    pub path: String,
    /// Where the old value stood, and the value as compact JSON, cut where it is long.
    pub before: Option<(Position, String)>,
    /// The same of the new one.
    pub after: Option<(Position, String)>,
}

/// Other directives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectiveChange {
    /// What bears them: a group, a tag, an element of one of their lists, a rule's id.
    pub on: String,
    /// Where it stands.
    pub position: Position,
    /// The old directives as a comment says them; empty where there were none.
    pub before: String,
    /// The new ones.
    pub after: String,
}

/// Access that some have gained or lost. Conditions, such as postures, are part of what they reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessChange {
    /// Gained, else lost.
    pub gained: bool,
    /// Logins, and selectors that stand for themselves: tags, addresses, `*`, and groups and autogroups
    /// whose members are not known.
    pub who: Vec<String>,
    /// What they reach, in the order of the policy.
    pub what: Vec<Reached>,
}

/// Something that a rule opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Destination, ports and protocol, account or capability, and under which conditions.
    pub target: String,
    /// Id and place of the rule; `None` where it is the default that opens everything.
    pub rule: Option<(String, Position)>,
}

/// Packets that have come to pass between devices, and that no longer do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAccess {
    /// The changes, what was gained first.
    pub changes: Vec<DeviceChange>,
    /// How many devices are told something else than before.
    pub affected: usize,
    /// Every pair of devices was looked at. Else there are too many, and `changes` is empty.
    pub complete: bool,
}

/// Packets between devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceChange {
    /// Gained, else lost.
    pub gained: bool,
    /// The senders, with the users they belong to: `laptop (ada@example.com)`.
    pub from: Vec<String>,
    /// The receivers. What is routed through them is not counted.
    pub to: Vec<String>,
    /// `5432` (TCP and UDP), `443/tcp`, `8000-8099/udp`, `all ports`, `icmp`.
    pub ports: Vec<String>,
}

impl Difference {
    /// Compares two versions. With a topology, autogroups and domains are followed to their people.
    ///
    /// # Errors
    ///
    /// Fails when one of them is no policy.
    pub fn between(
        old: &Document<'_>,
        new: &Document<'_>,
        topology: Option<&Topology>,
    ) -> Result<Self, ReadError> {
        let (old_policy, new_policy) = (Policy::read(old)?, Policy::read(new)?);
        let (old_sections, new_sections) = (Sections::of(old)?, Sections::of(new)?);
        let (rules, mut directives) = rules::compare(&old_policy, &new_policy);
        directives.extend(lists::directives(&old_policy, &new_policy));
        directives.sort_by_key(|change| change.position);
        Ok(Self {
            default: match (old_policy.allows_everything, new_policy.allows_everything) {
                (false, true) => Some(DefaultChange::AllowsEverything),
                (true, false) => Some(DefaultChange::AllowsRules),
                _ => None,
            },
            lists: lists::compare((&old_policy, &old_sections), (&new_policy, &new_sections)),
            rules,
            values: values::compare(&Fields::of(old.root()), &Fields::of(new.root())),
            directives,
            access: access::compare((&old_policy, &old_sections), (&new_policy, &new_sections), topology),
            devices: topology.map(|topology| devices::compare(&old_policy, &new_policy, topology)),
        })
    }

    /// Nothing changed, neither for the tailnet nor for tailgrant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.means_the_same() && self.directives.is_empty()
    }

    /// The tailnet is told the same by both.
    #[must_use]
    pub fn means_the_same(&self) -> bool {
        // What devices are told follows from the rest.
        let Self { default, lists, rules, values, directives: _, access, devices: _ } = self;
        default.is_none() && lists.is_empty() && rules.is_empty() && values.is_empty() && access.is_empty()
    }
}

#[cfg(test)]
mod tests;
