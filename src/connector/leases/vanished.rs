//! Ends that have gone from the policy file while their members stayed.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::ends::{Member, items};
use super::schedule::words;
use crate::journal::OutstandingLease;
use crate::policy::{self, Lease, ListId, Policy, ReadError, Section};

/// A member that was granted with an end, and now stands in its list without a word about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connector) struct Vanished {
    pub(super) member: Member,
    /// The member as it was granted.
    pub(super) text: String,
    /// The end that is gone.
    pub(super) lease: Lease,
}

impl Vanished {
    /// For people.
    pub(super) fn words(&self) -> String {
        let Self { member, text, lease } = self;
        let by = lease.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        format!(
            "the access of {text:?} to {} was granted until {}{by}, and the policy file no longer says so: it \
             does not end any more; put the end back there, or revoke the access",
            words(&member.list),
            lease.until
        )
    }
}

/// A lease that a journal tells of, for as long as it does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Known {
    entitlement: String,
    principal: String,
    until: Timestamp,
}

/// What a text shows of the leases that a journal tells of. One whose member bears its end, or one that does not
/// count, which is a finding, is in no list. Rules that have got another id since are not looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::connector) struct Shown {
    /// Their end is gone.
    pub(super) vanished: Vec<(Known, Vanished)>,
    /// Their member is gone: somebody else has ended or revoked them.
    pub(super) gone: Vec<Known>,
    /// Somebody else gave them another end, the last one that counts.
    pub(super) renewed: Vec<(OutstandingLease, Lease)>,
}

impl Shown {
    /// Looks a text up for leases that were outstanding before it was read.
    ///
    /// # Errors
    ///
    /// Fails when the text is no policy.
    pub(super) fn in_text(text: &[u8], outstanding: Vec<OutstandingLease>) -> Result<Self, ReadError> {
        let mut shown = Self::default();
        if outstanding.is_empty() {
            return Ok(shown);
        }
        let document = policy::parse(text)?;
        let policy = Policy::read(&document)?;
        let mut lists = Lists::new(&policy);
        for lease in outstanding {
            let Some((member, standing)) = lists.look_up(&lease) else { continue };
            if let Standing::Renewed(end) = standing {
                shown.renewed.push((lease, end));
                continue;
            }
            let OutstandingLease { entitlement, principal, until, by } = lease;
            let known = Known { entitlement, principal: principal.clone(), until };
            match standing {
                Standing::Gone => shown.gone.push(known),
                Standing::Permanent => {
                    let lease = Lease { until, by };
                    shown.vanished.push((known, Vanished { lease, text: principal, member }));
                }
                Standing::Renewed(_) | Standing::AsTold => {}
            }
        }
        Ok(shown)
    }
}

/// How a text shows a lease that a journal tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connector) enum Standing {
    /// Its member is not there.
    Gone,
    /// Its member is there without a word about an end.
    Permanent,
    /// Its member bears this end and not its own.
    Renewed(Lease),
    /// Its member bears its end, or one that does not count.
    AsTold,
}

/// The lists of a policy in which leases are looked up, each read once for all of them.
pub(in crate::connector) struct Lists<'p, 'd> {
    policy: &'p Policy<'d>,
    /// By what the journal calls them.
    read: HashMap<String, Option<Members>>,
}

struct Members {
    list: ListId,
    words: HashMap<Member, Words>,
}

/// What a member's elements say of ends.
#[derive(Default)]
struct Words {
    /// Something, whether it counts or not.
    any: bool,
    /// What counts.
    ends: Vec<Lease>,
}

impl<'p, 'd> Lists<'p, 'd> {
    pub(in crate::connector) fn new(policy: &'p Policy<'d>) -> Self {
        Self { policy, read: HashMap::new() }
    }

    /// How the policy shows a lease, and whose it is; `None` where its list is not there.
    pub(in crate::connector) fn look_up(&mut self, lease: &OutstandingLease) -> Option<(Member, Standing)> {
        let policy = self.policy;
        let read = || Some(Members::of(policy, list(policy, &lease.entitlement)?));
        let members = self.read.entry(lease.entitlement.clone()).or_insert_with(read).as_ref()?;
        let member = Member::new(members.list.clone(), &lease.principal);
        let standing = match members.words.get(&member) {
            None => Standing::Gone,
            Some(Words { any: false, .. }) => Standing::Permanent,
            Some(Words { ends, .. }) if ends.iter().any(|end| end.until == lease.until) => Standing::AsTold,
            Some(Words { ends, .. }) => {
                let last = ends.iter().max_by_key(|end| end.until);
                last.cloned().map_or(Standing::AsTold, Standing::Renewed)
            }
        };
        Some((member, standing))
    }
}

impl Members {
    fn of(policy: &Policy<'_>, list: ListId) -> Self {
        let mut words: HashMap<Member, Words> = HashMap::new();
        for item in items(policy, &list) {
            let told = words.entry(Member::new(list.clone(), &item.text)).or_default();
            told.any |= item.tells_of_end();
            told.ends.extend(Lease::of(&item.directives()));
        }
        Self { list, words }
    }
}

/// The list that the journal names, by the native id of a rule that is there.
fn list(policy: &Policy<'_>, name: &str) -> Option<ListId> {
    if name.starts_with("group:") {
        return Some(ListId::Group(name.to_owned()));
    }
    if name.starts_with("tag:") {
        return Some(ListId::TagOwners(name.to_owned()));
    }
    let section = Section::ALL.into_iter().find(|section| name.starts_with(section.id_prefix()))?;
    let by_form = || policy.rules.iter().find(|rule| rule.section == section && rule.form_id == name);
    let rule = policy.rule(section, name).or_else(by_form)?;
    Some(ListId::Rule(section, rule.id.clone()))
}

/// What has vanished, and whether that was told: one text may be read while its cause is not known yet here, such
/// as a grant without an end that is being answered, so only what stays so is told.
#[derive(Debug, Default)]
pub(super) struct Watch {
    suspected: BTreeMap<Known, Vanished>,
    known: BTreeMap<Known, Vanished>,
    /// Leases whose member was gone since the journal told of them: who is there again was granted anew, by
    /// somebody else. Known until the next start.
    over: HashSet<Known>,
}

impl Watch {
    /// Takes in what a poll has shown; returns what is to be told now.
    pub(super) fn polled(&mut self, shown: Shown) -> Vec<Vanished> {
        let Shown { vanished, gone, .. } = shown;
        let (over, open): (Vec<_>, Vec<_>) =
            vanished.into_iter().partition(|(known, _)| self.over.contains(known));
        self.over = gone.into_iter().chain(over.into_iter().map(|(known, _)| known)).collect();
        let mut open: BTreeMap<Known, Vanished> = open.into_iter().collect();
        self.known.retain(|known, vanished| open.get(known) == Some(vanished));
        open.retain(|known, _| !self.known.contains_key(known));
        let (sure, suspected): (BTreeMap<_, _>, _) =
            open.into_iter().partition(|(known, vanished)| self.suspected.get(known) == Some(vanished));
        self.suspected = suspected;
        let told = sure.values().cloned().collect();
        self.known.extend(sure);
        told
    }

    /// Something should be looked at again soon.
    pub(super) fn is_unsure(&self) -> bool {
        !self.suspected.is_empty()
    }

    /// What has vanished for sure and is not back.
    pub(super) fn known(&self) -> impl ExactSizeIterator<Item = &Vanished> {
        self.known.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Known {
        /// A lease of somebody in some list.
        pub(in crate::connector::leases) fn new(principal: &str) -> Self {
            let (entitlement, principal) = ("group:eng".to_owned(), principal.to_owned());
            Self { entitlement, principal, until: at("2030-01-01T00:00:00Z") }
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn outstanding(entitlement: &str, principal: &str) -> OutstandingLease {
        OutstandingLease {
            entitlement: entitlement.to_owned(),
            principal: principal.to_owned(),
            until: at("2030-01-01T00:00:00Z"),
            by: Some("REQ-1".to_owned()),
        }
    }

    const POLICY: &str = r#"{
      "groups": {
        "group:eng": [
          "Bare@example.com", // on call
          "ended@example.com", // tailgrant: until=2030-01-01T00:00:00Z
          "odd@example.com", // tailgrant: until=soon
          "by@example.com", // tailgrant: by=REQ-1
          "friday@example.com", // covers for Bob until Friday
          "unmarked@example.com", // tailgrant until=2030-01-01T00:00:00Z
          "twice@example.com",
          "Twice@example.com", // tailgrant: until=2031-01-01T00:00:00Z
        ],
      },
      "tagOwners": { "tag:db": ["group:eng"] },
      "acls": [
        // tailgrant: id=web
        { "action": "accept", "src": ["group:eng"], "dst": ["tag:db:443"] },
      ],
    }"#;

    #[track_caller]
    fn check(entitlement: &str, principal: &str, expected: bool) {
        let shown = Shown::in_text(POLICY.as_bytes(), vec![outstanding(entitlement, principal)]).unwrap();
        let texts: Vec<&str> = shown.vanished.iter().map(|(_, it)| it.text.as_str()).collect();
        assert_eq!(texts, [principal].get(usize::from(!expected)..).unwrap(), "{entitlement}");
    }

    #[test]
    fn only_a_member_that_tells_of_no_end_has_lost_its_own() {
        check("group:eng", "bare@example.com", true);
        for name in ["by", "friday", "unmarked"] {
            check("group:eng", &format!("{name}@example.com"), true);
        }
        for name in ["ended", "odd", "twice", "gone"] {
            check("group:eng", &format!("{name}@example.com"), false);
        }
        check("group:ops", "bare@example.com", false);
        check("tag:db", "group:eng", true);
        check("tag:db", "group:ops", false);
    }

    #[track_caller]
    fn check_renewed(principal: &str, until: &str, expected: Option<&str>) {
        let known = OutstandingLease { until: at(until), ..outstanding("group:eng", principal) };
        let shown = Shown::in_text(POLICY.as_bytes(), vec![known]).unwrap();
        let ends: Vec<String> = shown.renewed.iter().map(|(_, lease)| lease.until.to_string()).collect();
        assert_eq!(ends.first().map(String::as_str), expected);
    }

    #[test]
    fn an_end_that_somebody_else_gave_is_known_by_the_text() {
        check_renewed("ended@example.com", "2030-01-01T00:00:00Z", None);
        check_renewed("ended@example.com", "2029-01-01T00:00:00Z", Some("2030-01-01T00:00:00Z"));
        check_renewed("twice@example.com", "2032-01-01T00:00:00Z", Some("2031-01-01T00:00:00Z"));
        for name in ["bare", "odd", "gone"] {
            check_renewed(&format!("{name}@example.com"), "2029-01-01T00:00:00Z", None);
        }
    }

    #[test]
    fn a_rule_is_found_by_its_ids() {
        check("acl:web", "group:eng", true);
        check("ssh:web", "group:eng", false);
        check("acl:00000000000000000000000000000000", "group:eng", false);
        let document = policy::parse(POLICY.as_bytes()).unwrap();
        let policy = Policy::read(&document).unwrap();
        let [rule] = policy.rules.as_slice() else { panic!("one rule") };
        for id in [Some(&rule.form_id), rule.baton_id.as_ref()].into_iter().flatten() {
            check(id, "group:eng", true);
        }
    }

    #[test]
    fn what_has_vanished_is_told_in_words() {
        let shown = Shown::in_text(POLICY.as_bytes(), vec![outstanding("acl:web", "group:eng")]).unwrap();
        assert_eq!(
            shown.vanished.iter().map(|(_, it)| it.words()).collect::<Vec<_>>(),
            [
                "the access of \"group:eng\" to rule acl:web was granted until 2030-01-01T00:00:00Z by REQ-1, and \
              the policy file no longer says so: it does not end any more; put the end back there, or revoke \
              the access"
            ]
        );
    }

    #[test]
    fn what_stays_vanished_is_told_once() {
        let one = |name: &str| {
            let list = ListId::Group("group:eng".to_owned());
            let lease = Lease { until: at("2030-01-01T00:00:00Z"), by: None };
            Vanished { member: Member::new(list, name), text: name.to_owned(), lease }
        };
        let (ada, bob) = (one("ada"), one("bob"));
        let shown = |shown: &[&Vanished]| {
            let vanished = shown.iter().map(|it| (Known::new(&it.text), (*it).clone())).collect();
            Shown { vanished, ..Shown::default() }
        };
        let mut watch = Watch::default();
        assert_eq!(watch.polled(shown(&[&ada, &bob])), []);
        assert!(watch.is_unsure());
        assert_eq!(watch.polled(shown(&[&ada])), std::slice::from_ref(&ada), "bob had a reason");
        assert!(!watch.is_unsure());
        assert_eq!(watch.polled(shown(&[&ada, &bob])), []);
        assert_eq!(watch.polled(shown(&[&ada, &bob])), std::slice::from_ref(&bob));
        assert_eq!(watch.known().collect::<Vec<_>>(), [&ada, &bob]);
        assert_eq!(watch.polled(shown(&[])), []);
        assert_eq!(watch.known().len(), 0);
        assert_eq!(watch.polled(shown(&[&ada])), []);
        assert_eq!(watch.polled(shown(&[&ada])), [ada], "again");
    }

    /// How many findings the last of some texts leads to, each with this list of members and read twice.
    #[track_caller]
    fn check_history(lists: &[&str], expected: usize) {
        let mut watch = Watch::default();
        for list in lists.iter().flat_map(|list| [list, list]) {
            let text = format!("{{\"groups\": {{\"group:eng\": [\n{list}\n]}}}}");
            let known = vec![outstanding("group:eng", "ada@example.com")];
            watch.polled(Shown::in_text(text.as_bytes(), known).unwrap());
        }
        assert_eq!(watch.known().len(), expected, "{lists:?}");
    }

    #[test]
    fn who_was_gone_and_is_there_again_was_granted_anew() {
        let (bare, leased) =
            ("\"ada@example.com\"", "\"ada@example.com\" // tailgrant: until=2030-01-01T00:00:00Z");
        check_history(&[bare], 1);
        check_history(&["", bare], 0);
        check_history(&[leased, "", bare, bare], 0);
        check_history(&[bare, "", bare], 0);
        check_history(&["", leased, bare], 1);
    }
}
