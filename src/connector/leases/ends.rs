//! What one policy text says of ends.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::catalog::last_end;
use crate::policy::{self, Item, Lease, ListId, Policy, ReadError, leases, member_key};

/// How the findings close that are about an end which does not count.
const NEVER_ENDS: &str = "it never ends";

/// A member of a list, by what members are compared by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Member {
    /// The list; of a rule by its native id.
    pub(super) list: ListId,
    key: String,
}

/// When a member's elements begin to leave their list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) member: Member,
    /// The member as it is spelled.
    pub(super) text: String,
    /// The first end of its elements.
    pub(super) until: Timestamp,
}

/// The ends in one policy text.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// One for each member that has any.
    pub(super) ends: Vec<End>,
    /// Ends that are written there and do not count, for people.
    pub(super) unreadable: Vec<String>,
    /// When memberships end as a whole.
    pub(super) last: HashMap<Member, Lease>,
    /// Other ids of rules, with the native one.
    pub(super) other_ids: HashMap<ListId, ListId>,
}

impl Member {
    pub(super) fn new(list: ListId, text: &str) -> Self {
        Self { list, key: member_key(text).into_owned() }
    }
}

impl Ends {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// Fails when the text is no policy. Its author is told elsewhere.
    pub(super) fn read(text: &[u8]) -> Result<Self, ReadError> {
        if memchr::memmem::find(text, b"until").is_none() {
            return Ok(Self::default());
        }
        let document = policy::parse(text)?;
        let policy = Policy::read(&document)?;
        let unreadable = policy
            .findings
            .iter()
            .filter(|finding| finding.message.ends_with(NEVER_ENDS))
            .map(|finding| {
                let position = finding.position;
                format!("policy line {}, column {}: {}", position.line, position.column, finding.message)
            })
            .collect();
        let mut first: BTreeMap<Member, End> = BTreeMap::new();
        for leased in leases(&policy) {
            let member = Member::new(leased.list, &leased.text);
            let until = leased.lease.until;
            let end = first.entry(member.clone()).or_insert_with(|| End {
                member,
                text: leased.text.into_owned(),
                until,
            });
            end.until = end.until.min(until);
        }
        let lists: HashSet<&ListId> = first.keys().map(|member| &member.list).collect();
        let (last, other_ids) = (last(&policy, &lists, &first), other_ids(&policy, &lists));
        Ok(Self { ends: first.into_values().collect(), unreadable, last, other_ids })
    }

    /// When a membership ends, if it does: a list's id as callers know it, and any spelling of the member.
    pub(super) fn of(&self, list: &ListId, text: &str) -> Option<&Lease> {
        let list = self.other_ids.get(list).unwrap_or(list);
        self.last.get(&Member::new(list.clone(), text))
    }
}

/// The elements of a list, by the native id of a rule.
pub(super) fn items<'p, 'd>(
    policy: &'p Policy<'d>,
    list: &ListId,
) -> Box<dyn Iterator<Item = &'p Item<'d>> + 'p> {
    let named = |named: &'p [policy::Named<'d>], name: &str| {
        named.iter().find(|it| it.name == name).into_iter().flat_map(policy::Named::items)
    };
    match list {
        ListId::Group(name) => Box::new(named(&policy.groups, name)),
        ListId::TagOwners(name) => Box::new(named(&policy.tags, name)),
        ListId::Rule(section, id) => {
            let (section, id) = (*section, id.clone());
            let rules = policy.rules.iter().filter(move |rule| rule.section == section && rule.id == id);
            Box::new(rules.flat_map(policy::Rule::source_items))
        }
    }
}

fn last(
    policy: &Policy<'_>,
    lists: &HashSet<&ListId>,
    first: &BTreeMap<Member, End>,
) -> HashMap<Member, Lease> {
    let mut all: HashMap<Member, Vec<Option<Lease>>> = HashMap::new();
    for list in lists {
        for item in items(policy, list) {
            let member = Member::new((*list).clone(), &item.text);
            if first.contains_key(&member) {
                all.entry(member).or_default().push(Lease::of(&item.directives()));
            }
        }
    }
    all.into_iter().filter_map(|(member, ends)| Some((member, last_end(ends)?))).collect()
}

fn other_ids(policy: &Policy<'_>, lists: &HashSet<&ListId>) -> HashMap<ListId, ListId> {
    let mut others = HashMap::new();
    for rule in &policy.rules {
        let native = ListId::Rule(rule.section, rule.id.clone());
        if !lists.contains(&native) {
            continue;
        }
        let baton = rule.baton_id.as_ref().filter(|_| rule.baton_id_unique);
        for id in [Some(&rule.form_id), baton].into_iter().flatten().filter(|id| **id != rule.id) {
            others.insert(ListId::Rule(rule.section, id.clone()), native.clone());
        }
    }
    others
}
