//! The people behind selectors.

use super::inheritance::reaches_person;
use super::selector::{Selector, member_key};
use super::topology::Topology;
use super::view::Policy;
use std::collections::HashMap;

/// Looks up who stands behind a selector: the members of groups and, where a tailnet is known, of autogroups,
/// domains and `*`.
pub struct People<'p> {
    groups: HashMap<&'p str, Vec<&'p str>>,
    topology: Option<&'p Topology>,
}

/// Who stands behind a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// These logins, each once, as they are spelt where they were found first.
    People(Vec<String>),
    /// People, but the policy alone does not tell whom: a synced group, or an autogroup without a tailnet.
    NotKnown,
    /// Devices and addresses, whoever uses them.
    NoPeople,
}

impl<'p> People<'p> {
    /// Prepares to look up. Without a topology, autogroups and domains stand for people that are not known.
    #[must_use]
    pub fn new(policy: &'p Policy<'_>, topology: Option<&'p Topology>) -> Self {
        let groups = policy.groups.iter().map(|group| (&*group.name, group.items().map(|item| &*item.text)));
        Self { groups: groups.map(|(name, members)| (name, members.collect())).collect(), topology }
    }

    /// Who stands behind a selector, written in any way.
    #[must_use]
    pub fn behind(&self, text: &str) -> Behind {
        let selector = Selector::parse(text);
        match (&selector, self.topology) {
            (Selector::Login(login), _) => Behind::People(vec![login.clone()]),
            (Selector::Group(name), _) => {
                Behind::People(once_each(self.groups.get(name.as_str()).into_iter().flatten().copied()))
            }
            (Selector::Everybody | Selector::Autogroup(_) | Selector::Domain(_), topology)
                if selector.text() != "autogroup:tagged" =>
            {
                let Some(topology) = topology else { return Behind::NotKnown };
                let reached =
                    topology.people.iter().filter(|person| reaches_person(&selector, person, |_| false));
                Behind::People(once_each(reached.filter_map(|person| Some(person.logins.first()?.as_str()))))
            }
            (Selector::SyncedGroup(_), _) => Behind::NotKnown,
            _ => Behind::NoPeople,
        }
    }
}

fn once_each<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    texts.filter(|text| seen.insert(member_key(text))).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Person, parse};

    #[track_caller]
    fn check(selector: &str, alone: Result<&[&str], &str>, with_tailnet: Result<&[&str], &str>) {
        let text =
            br#"{"groups": {"group:eng": ["Ada@example.com", "ada@example.com ", "bob@example.com"]}}"#;
        let document = parse(text).unwrap();
        let policy = Policy::read(&document).unwrap();
        let person = |login: &str, role: &str| Person {
            logins: vec![login.to_owned()],
            role: role.to_owned(),
            member: true,
            shared: false,
        };
        let people = vec![person("ada@example.com", "owner"), person("eve@example.org", "member")];
        let topology = Topology { people, ..Topology::default() };
        for (topology, expected) in [(None, alone), (Some(&topology), with_tailnet)] {
            let expected = match expected {
                Ok(logins) => Behind::People(logins.iter().map(|login| (*login).to_owned()).collect()),
                Err("not known") => Behind::NotKnown,
                Err(_) => Behind::NoPeople,
            };
            assert_eq!(People::new(&policy, topology).behind(selector), expected, "{selector}");
        }
    }

    #[test]
    fn who_is_behind() {
        let both = Ok(&["Ada@example.com", "bob@example.com"][..]);
        check("group:eng", both, both);
        check("group:none", Ok(&[]), Ok(&[]));
        check(" Eve@example.com", Ok(&["Eve@example.com"]), Ok(&["Eve@example.com"]));
        check("autogroup:member", Err("not known"), Ok(&["ada@example.com", "eve@example.org"]));
        check("autogroup:admin", Err("not known"), Ok(&["ada@example.com"]));
        check("user:*@example.org", Err("not known"), Ok(&["eve@example.org"]));
        check("*", Err("not known"), Ok(&["ada@example.com", "eve@example.org"]));
        check("group:eng@example.com", Err("not known"), Err("not known"));
        for selector in ["tag:db", "10.0.0.1", "ipset:x", "vault", "autogroup:tagged"] {
            check(selector, Err("no people"), Err("no people"));
        }
    }
}
