//! What one policy text says of ends.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::catalog::last_end;
use crate::policy::{self, FindingKind, Item, Lease, ListId, Policy, ReadError, leases, member_key};

/// A member of a list, by what members are compared by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::connector) struct Member {
    /// The list; of a rule by its native id.
    pub(in crate::connector) list: ListId,
    key: String,
}

/// When a member's elements begin to leave their list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connector) struct End {
    pub(in crate::connector) member: Member,
    /// The member as it is spelled.
    pub(in crate::connector) text: String,
    /// The first end of its elements.
    pub(super) until: Timestamp,
}

/// The ends in one policy text.
#[derive(Debug, Default)]
pub(in crate::connector) struct Ends {
    /// One for each member that has any, in the order of members.
    pub(super) members: Vec<End>,
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
    /// Reads a text. One without the word `until` has no ends, and is not looked at any closer.
    ///
    /// # Errors
    ///
    /// Fails when the text is no policy.
    pub(in crate::connector) fn read(text: &[u8]) -> Result<Self, ReadError> {
        if memchr::memmem::find(text, b"until").is_none() {
            return Ok(Self::default());
        }
        let document = policy::parse(text)?;
        let policy = Policy::read(&document)?;
        let unreadable = policy
            .findings
            .iter()
            .filter(|finding| finding.kind == FindingKind::NeverEnds)
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
        Ok(Self { members: first.into_values().collect(), unreadable, last, other_ids })
    }

    /// Whether this is how a member's elements begin to leave.
    pub(super) fn has(&self, end: &End) -> bool {
        let found = self.members.binary_search_by(|known| known.member.cmp(&end.member));
        found.ok().and_then(|at| self.members.get(at)).is_some_and(|known| known.until == end.until)
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
        for id in rule.other_ids() {
            others.insert(ListId::Rule(rule.section, id.to_owned()), native.clone());
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Section;

    const POLICY: &str = r#"{
      "groups": {
        "group:eng": [
          "ada@example.com",
          "Bob@example.com", // tailgrant: until=2031-01-01T00:00:00Z by=second
          "bob@example.com", // tailgrant: until=2030-01-01T00:00:00Z by=first
          "cyd@example.com", // tailgrant: until=2030-01-01T00:00:00Z
          "CYD@example.com",
          "dan@example.com", // tailgrant: until=soon
          "eve@example.com", // tailgrant: until=2030-01-01T00:00:00Z until=2030-01-01T00:00:00Z
        ],
      },
      "tagOwners": { "tag:db": ["group:eng" /* tailgrant: until=2029-01-01T00:00:00Z */] },
      "acls": [
        // tailgrant: id=web
        {
          "action": "accept", "dst": ["tag:db:443"],
          "src": [
            "group:eng", // tailgrant: until=2028-01-01T00:00:00Z
          ],
        },
      ],
    }"#;

    #[test]
    fn members_are_told_with_their_first_end() {
        let ends = Ends::read(POLICY.as_bytes()).unwrap();
        let told: Vec<_> = ends
            .members
            .iter()
            .map(|end| format!("{} {} {}", end.member.list, end.text, end.until))
            .collect();
        assert_eq!(
            told,
            [
                "group:eng Bob@example.com 2030-01-01T00:00:00Z",
                "group:eng cyd@example.com 2030-01-01T00:00:00Z",
                "tag:db group:eng 2029-01-01T00:00:00Z",
                "acl:web group:eng 2028-01-01T00:00:00Z",
            ]
        );
    }

    #[track_caller]
    fn check(list: &ListId, member: &str, expected: Option<&str>) {
        let ends = Ends::read(POLICY.as_bytes()).unwrap();
        let until = ends.of(list, member).map(|lease| lease.until.to_string());
        assert_eq!(until.as_deref(), expected, "{list} {member}");
    }

    #[test]
    fn a_membership_ends_as_a_whole() {
        let eng = || ListId::Group("group:eng".to_owned());
        check(&eng(), "ada@example.com", None);
        check(&eng(), "BOB@example.com", Some("2031-01-01T00:00:00Z"));
        check(&eng(), "cyd@example.com", None);
        check(&eng(), "dan@example.com", None);
        check(&ListId::Group("group:ops".to_owned()), "bob@example.com", None);
        check(&ListId::TagOwners("tag:db".to_owned()), "group:eng", Some("2029-01-01T00:00:00Z"));
    }

    #[test]
    fn a_rule_is_known_by_all_its_ids() {
        let document = policy::parse(POLICY.as_bytes()).unwrap();
        let policy = Policy::read(&document).unwrap();
        let [rule] = policy.rules.as_slice() else { panic!("one rule") };
        let end = Some("2028-01-01T00:00:00Z");
        for id in [&rule.id, &rule.form_id, rule.baton_id.as_ref().unwrap()] {
            check(&ListId::Rule(Section::Acls, id.clone()), "group:eng", end);
        }
        check(&ListId::Rule(Section::Ssh, rule.id.clone()), "group:eng", None);
    }

    #[test]
    fn ends_that_do_not_count_are_told() {
        let ends = Ends::read(POLICY.as_bytes()).unwrap();
        let lines: Vec<_> = ends.unreadable.iter().map(|it| it.split(',').next().unwrap()).collect();
        assert_eq!(lines, ["policy line 9", "policy line 10"], "{:?}", ends.unreadable);
    }

    #[test]
    fn a_text_that_is_no_policy_has_no_ends() {
        assert!(Ends::read(b"{ // until\n").is_err());
        assert!(Ends::read(b"[] // until").is_err());
        assert!(Ends::read(b"{}").unwrap().members.is_empty());
    }
}
