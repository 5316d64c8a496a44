//! Ends that have gone from the policy file while their members stayed.

use super::ends::{Member, items};
use super::schedule::words;
use crate::journal::OutstandingLease;
use crate::policy::{self, Item, Lease, ListId, Policy, ReadError, Section};

/// A member that was granted with an end, and now stands in its list without a word about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vanished {
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

/// Which of the leases that a journal tells of have lost their end in this text. One whose member has gone has
/// not; nor has one whose member bears another end, which counts, or one that cannot be read, which is a finding.
/// Rules that have got another id since are not looked for.
///
/// # Errors
///
/// Fails when the text is no policy.
pub(super) fn vanished(text: &[u8], outstanding: Vec<OutstandingLease>) -> Result<Vec<Vanished>, ReadError> {
    if outstanding.is_empty() {
        return Ok(Vec::new());
    }
    let document = policy::parse(text)?;
    let policy = Policy::read(&document)?;
    let vanished = outstanding.into_iter().filter_map(|known| {
        let member = Member::new(list(&policy, &known.entitlement)?, &known.principal);
        let mut elements = items(&policy, &member.list)
            .filter(|item| Member::new(member.list.clone(), &item.text) == member)
            .peekable();
        elements.peek()?;
        elements.all(|item| !tells_an_end(item)).then_some(Vanished {
            lease: Lease { until: known.until, by: known.by },
            text: known.principal,
            member,
        })
    });
    Ok(vanished.collect())
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
    let rules = || policy.rules.iter().filter(|rule| rule.section == section);
    let rule = rules()
        .find(|rule| rule.id == name)
        .or_else(|| rules().find(|rule| rule.form_id == name))
        .or_else(|| rules().find(|rule| rule.baton_id_unique && rule.baton_id.as_deref() == Some(name)))?;
    Some(ListId::Rule(section, rule.id.clone()))
}

/// Whether something about an end stands beside an element, well or badly.
fn tells_an_end(item: &Item<'_>) -> bool {
    item.directives().until.is_some()
        || item.value.comments().trailing.iter().any(|comment| comment.text.contains("until"))
}

/// What has vanished, and whether that was told: one text may be read while its cause is not known yet here, such
/// as a grant without an end that is being answered, so only what stays so is told.
#[derive(Debug, Default)]
pub(super) struct Watch {
    suspected: Vec<Vanished>,
    known: Vec<Vanished>,
}

impl Watch {
    /// Takes in what a poll has shown; returns what is to be told now.
    pub(super) fn polled(&mut self, shown: Vec<Vanished>) -> Vec<Vanished> {
        self.known.retain(|known| shown.contains(known));
        let fresh: Vec<Vanished> = shown.into_iter().filter(|it| !self.known.contains(it)).collect();
        let (sure, suspected): (Vec<_>, _) = fresh.into_iter().partition(|it| self.suspected.contains(it));
        self.suspected = suspected;
        self.known.extend(sure.iter().cloned());
        sure
    }

    /// Something should be looked at again soon.
    pub(super) fn is_unsure(&self) -> bool {
        !self.suspected.is_empty()
    }

    /// What has vanished for sure and is not back.
    pub(super) fn known(&self) -> &[Vanished] {
        &self.known
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

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
        let found = vanished(POLICY.as_bytes(), vec![outstanding(entitlement, principal)]).unwrap();
        let texts: Vec<&str> = found.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, [principal].get(usize::from(!expected)..).unwrap(), "{entitlement}");
    }

    #[test]
    fn only_a_member_that_tells_of_no_end_has_lost_its_own() {
        check("group:eng", "bare@example.com", true);
        check("group:eng", "by@example.com", true);
        for name in ["ended", "odd", "twice", "gone"] {
            check("group:eng", &format!("{name}@example.com"), false);
        }
        check("group:ops", "bare@example.com", false);
        check("tag:db", "group:eng", true);
        check("tag:db", "group:ops", false);
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
        let found = vanished(POLICY.as_bytes(), vec![outstanding("acl:web", "group:eng")]).unwrap();
        assert_eq!(
            found.iter().map(Vanished::words).collect::<Vec<_>>(),
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
        let mut watch = Watch::default();
        assert_eq!(watch.polled(vec![ada.clone(), bob.clone()]), []);
        assert!(watch.is_unsure());
        assert_eq!(watch.polled(vec![ada.clone()]), std::slice::from_ref(&ada), "bob had a reason");
        assert!(!watch.is_unsure());
        assert_eq!(watch.polled(vec![ada.clone(), bob.clone()]), []);
        assert_eq!(watch.polled(vec![ada.clone(), bob.clone()]), std::slice::from_ref(&bob));
        assert_eq!(watch.known(), [ada.clone(), bob]);
        assert_eq!(watch.polled(Vec::new()), []);
        assert_eq!(watch.known(), []);
        assert_eq!(watch.polled(vec![ada.clone()]), []);
        assert_eq!(watch.polled(vec![ada.clone()]), [ada], "again");
    }
}
