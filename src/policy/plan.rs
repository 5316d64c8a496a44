//! From intents to edits.

use super::directive::Standing;
use super::inheritance::{TAG_OWNER_BY_DEFAULT, covers, reaches_person};
use super::intent::{Intent, ListId, Wish};
use super::lease::Lease;
use super::lookup::{self, Found, Lookup};
use super::proof::{self, Change, Unproved};
use super::refusal::Refusal;
use super::selector::{Selector, login_key, member_key};
use super::topology::Person;
use super::view::{ReadError, parse};
use super::working::WorkingLists;
use crate::hujson::{Document, Edit, Value};
use jiff::Timestamp;
use std::borrow::Cow;

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The list had to change. A later intent of the batch may have undone it: a plan may have edited
    /// intents and nothing to write.
    Edited,
    /// The list was as wished.
    Holds,
    /// It cannot be done on this text.
    Refused(Refusal),
}

/// The outcome of each intent, in order, and the edits that carry out the edited ones.
#[derive(Debug)]
pub struct Plan<'t> {
    /// One for each intent.
    pub outcomes: Vec<Outcome>,
    edits: Vec<Edit>,
    changes: Vec<Change>,
    document: Document<'t>,
}

impl Plan<'_> {
    /// There is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// What is to be written.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Applies the edits, parses the result and compares it with the text that was planned on: the planned
    /// members have come and gone, with the planned ends, and nothing else differs, to the byte. `None`: there
    /// is nothing to write.
    ///
    /// # Errors
    ///
    /// Fails when that is not so, which is a defect in this program. Nothing may be sent then.
    pub fn prove(&self) -> Result<Option<Vec<u8>>, Unproved> {
        if self.is_empty() {
            return Ok(None);
        }
        proof::apply_and_compare(&self.document, &self.edits, &self.changes).map(Some)
    }
}

/// Plans intents on a text, in order: a later intent sees what the earlier ones did.
///
/// A removal of what is not listed is refused as inherited where another selector of the list surely
/// reaches the principal, if it is a person of whom the intent tells, or a group, tag or autogroup.
///
/// # Errors
///
/// Fails when nobody could edit this text.
pub fn plan<'t>(text: &'t [u8], intents: &[Intent]) -> Result<Plan<'t>, ReadError> {
    let document = parse(text)?;
    let mut planner = Planner { lookup: Lookup::new(&document)?, lists: WorkingLists::default() };
    let outcomes = intents.iter().map(|intent| planner.outcome(intent)).collect();
    let (edits, changes) = planner.lists.finish();
    Ok(Plan { outcomes, edits, changes, document })
}

struct Planner<'d> {
    lookup: Lookup<'d>,
    lists: WorkingLists<'d>,
}

impl Planner<'_> {
    fn outcome(&mut self, intent: &Intent) -> Outcome {
        let changed = match &intent.wish {
            Wish::Add { text } => self.add(intent, text, None),
            Wish::Lease { text, lease } => self.add(intent, text, Some(&lease.as_written())),
            Wish::Remove { texts, person } => self.remove(intent, texts, person.as_ref()),
            Wish::End { text, passed } => self.end(intent, text, *passed),
            Wish::Restore { text, lease } => self.restore(intent, text, &lease.as_written()),
        };
        match changed {
            Ok(true) => Outcome::Edited,
            Ok(false) => Outcome::Holds,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    /// Adds a member, with an end or for good. What is there for good stays so.
    fn add(&mut self, intent: &Intent, text: &str, lease: Option<&Lease>) -> Result<bool, Refusal> {
        let list = intent.list.to_string();
        let Some(found) = self.lookup.find(intent)? else {
            return Err(match intent.list {
                ListId::Group(_) => Refusal::NoSuchGroup(list),
                ListId::TagOwners(_) => Refusal::NoSuchTag(list),
                ListId::Rule(..) => Refusal::NoSuchRule(list),
            });
        };
        let key = member_key(text);
        let is_there = found.arrays.iter().flatten().any(|array| self.lists.of(*array).contains(&key));
        if is_there && self.lists.stands_so(&found.arrays, &key, lease) {
            return Ok(false);
        }
        if found.grant_never {
            return Err(Refusal::GrantNever(list));
        }
        found.holder.may_hold(&Selector::parse(text)).map_err(|reason| Refusal::NotAllowed {
            principal: text.to_owned(),
            list: list.clone(),
            reason: reason.to_owned(),
        })?;
        if is_there {
            for array in found.arrays.iter().flatten() {
                self.lists.of(*array).set_lease(&key, lease);
            }
            return Ok(true);
        }
        let Some(Some(array)) = found.arrays.first() else {
            return Err(Refusal::NotAList(format!("{list:?}")));
        };
        self.lists.of(*array).add(&key, self.lookup.spelling_in_use(text), lease);
        Ok(true)
    }

    /// Takes out the elements whose own end is not after a moment.
    fn end(&mut self, intent: &Intent, text: &str, passed: Timestamp) -> Result<bool, Refusal> {
        let Some(found) = self.lookup.find(intent)? else { return Ok(false) };
        let key = member_key(text);
        let standings = self.lists.standings(&found.arrays, &key);
        if !standings.iter().any(|standing| standing.has_ended(passed)) {
            return Ok(false);
        }
        let is_admins = || covers(&Selector::parse(TAG_OWNER_BY_DEFAULT), &Selector::parse(text));
        if matches!(intent.list, ListId::TagOwners(_))
            && is_admins()
            && !Self::others_stay(&mut self.lists, &found, &key, passed)
        {
            return Err(Refusal::LeftToAdmins(intent.list.to_string()));
        }
        for array in found.arrays.iter().flatten() {
            self.lists.of(*array).end(&key, passed);
        }
        Ok(true)
    }

    /// Whether a list has a selector left when what of a member has ended is out. Looks at each that is there, so
    /// it is only asked where that matters.
    fn others_stay<'d>(
        lists: &mut WorkingLists<'d>,
        found: &Found<'_, 'd>,
        key: &str,
        passed: Timestamp,
    ) -> bool {
        found.arrays.iter().flatten().any(|array| {
            let list = lists.of(*array);
            let ended = list.standings(key).iter().filter(|standing| standing.has_ended(passed)).count();
            list.selectors().nth(ended).is_some()
        })
    }

    /// Gives a member its end back if nothing is noted on any of its elements.
    fn restore(&mut self, intent: &Intent, text: &str, lease: &Lease) -> Result<bool, Refusal> {
        let Some(found) = self.lookup.find(intent)? else { return Ok(false) };
        let key = member_key(text);
        let standings = self.lists.standings(&found.arrays, &key);
        if standings.is_empty() || standings.iter().any(|standing| *standing != Standing::Plain) {
            return Ok(false);
        }
        for array in found.arrays.iter().flatten() {
            self.lists.of(*array).set_lease(&key, Some(lease));
        }
        Ok(true)
    }

    fn remove(
        &mut self,
        intent: &Intent,
        texts: &[String],
        person: Option<&Person>,
    ) -> Result<bool, Refusal> {
        let Some(found) = self.lookup.find(intent)? else {
            return self.remove_from_unknown(&intent.list, texts);
        };
        if matches!(intent.list, ListId::TagOwners(_))
            && Self::is_left_to_admins(&mut self.lists, &found, intent, texts, person)
        {
            return Err(Refusal::LeftToAdmins(intent.list.to_string()));
        }
        let mut changed = false;
        for array in found.arrays.iter().flatten() {
            for text in texts {
                changed |= self.lists.of(*array).remove(&member_key(text));
            }
        }
        if changed || intent.direct_only || matches!(intent.list, ListId::Group(_)) {
            return Ok(changed);
        }
        match Self::inherited(&self.lookup, &mut self.lists, &found, texts, person) {
            Some(path) => Err(Refusal::Inherited { list: intent.list.to_string(), path }),
            None => Ok(false),
        }
    }

    /// Whether a tag would list no owner without this principal, who is one by default then.
    fn is_left_to_admins<'d>(
        lists: &mut WorkingLists<'d>,
        found: &Found<'_, 'd>,
        intent: &Intent,
        texts: &[String],
        person: Option<&Person>,
    ) -> bool {
        let by_default = Selector::parse(TAG_OWNER_BY_DEFAULT);
        let is_admin = match person {
            Some(person) => reaches_person(&by_default, person, |_| false),
            None => texts.iter().any(|text| covers(&by_default, &Selector::parse(text))),
        };
        if !is_admin {
            return false;
        }
        let mut is_listed = false;
        for array in found.arrays.iter().flatten() {
            for selector in lists.of(*array).selectors() {
                let key = member_key(&selector);
                if !texts.iter().any(|text| member_key(text) == key) {
                    return false;
                }
                is_listed = true;
            }
        }
        is_listed || !intent.direct_only
    }

    /// A group or tag that is gone gives no access. A rule may only have got another id.
    fn remove_from_unknown(&mut self, list: &ListId, texts: &[String]) -> Result<bool, Refusal> {
        let ListId::Rule(section, id) = list else { return Ok(false) };
        let mut listed: Vec<String> = Vec::new();
        let keys: Vec<_> = texts.iter().map(|text| member_key(text)).collect();
        for rule in self.lookup.rules(*section) {
            let is_listed = lookup::source_arrays(rule).any(|array| {
                let list = self.lists.of(array);
                keys.iter().any(|key| list.contains(key))
            });
            if is_listed && !listed.contains(&rule.id) {
                listed.push(rule.id.clone());
            }
        }
        if listed.is_empty() { Ok(false) } else { Err(Refusal::RuleUnknown { id: id.clone(), listed }) }
    }

    /// The selector of the list through which the principal has the access anyway.
    fn inherited<'d>(
        lookup: &Lookup<'d>,
        lists: &mut WorkingLists<'d>,
        found: &Found<'_, 'd>,
        texts: &[String],
        person: Option<&Person>,
    ) -> Option<String> {
        for array in found.arrays.iter().flatten() {
            let selectors: Vec<String> = lists.of(*array).selectors().map(Cow::into_owned).collect();
            for text in selectors {
                let selector = Selector::parse(&text);
                let reached = match person {
                    Some(person) => reaches_person(&selector, person, |group| {
                        lookup.group_arrays(group).any(|members: Value<'d>| {
                            let members = lists.of(members);
                            person.logins.iter().any(|login| members.contains(&login_key(login)))
                        })
                    }),
                    None => texts.iter().any(|text| covers(&selector, &Selector::parse(text))),
                };
                if reached {
                    return Some(text);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
