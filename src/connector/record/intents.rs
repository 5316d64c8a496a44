//! Intents in the journal's words.

use std::collections::HashMap;
use std::sync::Arc;

use crate::connector::writer::Origin;
use crate::journal::{Action, Intent};
use crate::policy::{self, Lease, ListId, Policy, Rule, Wish, member_key};

/// Intents for a policy text: rules by their native ids, and ends with the lease that is over.
///
/// Costs what reading the text once costs: a batch may be thousands of ends.
pub(in crate::connector) fn journal_intents<'i>(
    base: &[u8],
    members: impl Iterator<Item = (&'i policy::Intent, &'i Origin)>,
) -> Vec<Intent> {
    let members: Vec<_> = members.collect();
    let ends = members.iter().any(|(intent, _)| matches!(intent.wish, Wish::End { .. }));
    let rules = members.iter().any(|(intent, _)| matches!(intent.list, ListId::Rule(..)));
    let document = (ends || rules).then(|| policy::parse(base).ok()).flatten();
    let policy = document.as_ref().and_then(|document| Policy::read(document).ok());
    let mut text = Text { policy: policy.as_ref(), names: HashMap::new(), leases: HashMap::new() };
    if ends {
        text.read_leases();
    }
    members.into_iter().map(|(intent, origin)| text.one(intent, origin)).collect()
}

/// What a policy text says of the lists and members that intents name.
struct Text<'p, 'd> {
    policy: Option<&'p Policy<'d>>,
    /// Each list that was looked up.
    names: HashMap<ListId, Name>,
    /// By native list, and by what the member is compared by.
    leases: HashMap<(ListId, String), Vec<Lease>>,
}

/// What a list is called.
#[derive(Clone)]
struct Name {
    native: ListId,
    /// Other ids of the rule that mean no other one.
    others: Vec<String>,
}

impl Text<'_, '_> {
    fn read_leases(&mut self) {
        for leased in self.policy.map(policy::leases).unwrap_or_default() {
            let key = (leased.list, member_key(&leased.text).into_owned());
            self.leases.entry(key).or_default().push(leased.lease);
        }
    }

    fn name(&mut self, list: &ListId) -> Name {
        if let Some(name) = self.names.get(list) {
            return name.clone();
        }
        let rule = match (list, self.policy) {
            (ListId::Rule(section, id), Some(policy)) => policy.rule(*section, id).map(|rule| Name {
                native: ListId::Rule(*section, rule.id.clone()),
                others: other_ids(policy, rule),
            }),
            _ => None,
        };
        let name = rule.unwrap_or_else(|| Name { native: list.clone(), others: Vec::new() });
        self.names.insert(list.clone(), name.clone());
        name
    }

    fn one(&mut self, intent: &policy::Intent, origin: &Origin) -> Intent {
        let Name { native, others } = self.name(&intent.list);
        let words = |action: Action, text: &str| Intent {
            other_ids: others,
            caller: Arc::clone(&origin.caller.words),
            request_id: origin.request_id.clone(),
            ..Intent::new(action, native.to_string(), spelled(text))
        };
        let leased = |intent: Intent, lease: &Lease| Intent {
            until: Some(lease.until),
            by: lease.by.clone(),
            ..intent
        };
        match &intent.wish {
            Wish::Add { text } => words(Action::Grant, text),
            Wish::Lease { text, lease } => leased(words(Action::Grant, text), lease),
            Wish::Restore { text, lease } => leased(words(Action::Restore, text), lease),
            Wish::End { text, passed } => {
                let end = Intent { passed: Some(*passed), ..words(Action::End, text) };
                let all = self.leases.get(&(native, member_key(text).into_owned()));
                match all.and_then(|all| all.iter().find(|lease| lease.until <= *passed)) {
                    Some(over) => leased(end, over),
                    None => end,
                }
            }
            Wish::Remove { texts, .. } => {
                let (first, others) =
                    texts.split_first().map_or(("", [].as_slice()), |(first, others)| (first, others));
                let aliases = others.iter().map(|text| spelled(text)).collect();
                Intent { aliases, ..words(Action::Revoke, first) }
            }
        }
    }
}

/// A login as it was given; anything else as selectors are compared, so that the journal knows it again.
fn spelled(text: &str) -> String {
    if text.contains('@') { text.to_owned() } else { member_key(text).into_owned() }
}

/// The ids that mean this rule, besides its native one, and no other.
fn other_ids(policy: &Policy<'_>, rule: &Rule<'_>) -> Vec<String> {
    rule.other_ids()
        .filter(|id| policy.rules.iter().all(|other| other.id != *id))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Section;

    const POLICY: &str = r#"{
      "groups": { "group:eng": [
        "Ada@example.com", // tailgrant: until=2020-01-01T00:00:00Z by=REQ-1
        "bob@example.com", // tailgrant: until=2030-01-01T00:00:00Z
      ] },
      "acls": [
        // tailgrant: id=web
        { "action": "accept", "src": [], "dst": ["tag:db:443"] },
        // tailgrant: id=a
        { "action": "accept", "src": [], "dst": ["tag:db:80"] },
        { "action": "accept", "src": [], "dst": ["tag:db:80"] },
      ],
    }"#;

    fn told_of(list: ListId, wish: Wish) -> Intent {
        let intent = policy::Intent::new(list, wish);
        let origin = Origin::default();
        journal_intents(POLICY.as_bytes(), std::iter::once((&intent, &origin))).remove(0)
    }

    #[track_caller]
    fn check_end(text: &str, until: Option<&str>, by: Option<&str>) {
        let passed = "2026-01-01T00:00:00Z".parse().unwrap();
        let told =
            told_of(ListId::Group("group:eng".to_owned()), Wish::End { text: text.to_owned(), passed });
        assert_eq!(told.passed, Some(passed));
        assert_eq!(told.until.map(|until| until.to_string()).as_deref(), until);
        assert_eq!(told.by.as_deref(), by);
    }

    #[test]
    fn an_end_tells_the_lease_that_is_over() {
        check_end("ada@example.com", Some("2020-01-01T00:00:00Z"), Some("REQ-1"));
        check_end("bob@example.com", None, None);
        check_end("eve@example.com", None, None);
    }

    #[test]
    fn a_rule_is_told_by_its_native_id_and_all_that_mean_it_alone() {
        let document = policy::parse(POLICY.as_bytes()).unwrap();
        let policy = Policy::read(&document).unwrap();
        let [web, one, other] = policy.rules.as_slice() else { panic!("three rules") };
        let told = |id: &str| {
            let list = ListId::Rule(Section::Acls, id.to_owned());
            let told = told_of(list, Wish::Add { text: "ada@example.com".to_owned() });
            (told.entitlement, told.other_ids)
        };
        let baton = web.baton_id.clone().unwrap();
        let all = ("acl:web".to_owned(), vec![web.form_id.clone(), baton.clone()]);
        assert_eq!(told("acl:web"), all);
        assert_eq!(told(&baton), all);
        assert_eq!(one.form_id, other.id);
        assert_eq!(told("acl:a"), ("acl:a".to_owned(), Vec::new()));
        assert_eq!(told("acl:gone"), ("acl:gone".to_owned(), Vec::new()));
    }

    #[test]
    fn a_principal_is_spelled_so_that_it_is_known_again() {
        assert_eq!(spelled("Ada@Example.com"), "Ada@Example.com");
        assert_eq!(spelled(" autogroup:members "), "autogroup:member");
        assert_eq!(spelled("10.1.2.3/8"), member_key("10.1.2.3/8"));
    }

    /// Listed anew for each of them, this takes minutes.
    #[test]
    fn thousands_of_ends_are_told_at_once() {
        const ENDS: usize = 4096;
        let members: Vec<String> = (0..ENDS)
            .map(|number| format!("\"user{number}@example.com\", // tailgrant: until=2020-01-01T00:00:00Z\n"))
            .collect();
        let base = format!("{{\"groups\": {{\"group:eng\": [\n{}]}}}}", members.concat());
        let passed = "2026-01-01T00:00:00Z".parse().unwrap();
        let list = ListId::Group("group:eng".to_owned());
        let end = |number| Wish::End { text: format!("user{number}@example.com"), passed };
        let intents: Vec<_> =
            (0..ENDS).map(|number| policy::Intent::new(list.clone(), end(number))).collect();
        let origin = Origin::default();
        let begun = std::time::Instant::now();
        let told = journal_intents(base.as_bytes(), intents.iter().map(|intent| (intent, &origin)));
        let took = begun.elapsed();
        assert!(told.iter().all(|intent| intent.until.is_some()));
        assert!(took < std::time::Duration::from_secs(10), "{took:?}");
    }
}
