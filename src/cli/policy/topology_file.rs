//! `--topology FILE`: the users and devices of a tailnet, in a file.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use super::input::Source;
use super::{Error, words};
use crate::hujson;
use crate::policy::{Device, Person, Prefix, Topology};
use crate::tailnet::Role;

/// Most entries that are named in a message.
const MOST_NAMED: usize = 5;

/// Users and devices as the file has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    users: Vec<User>,
    nodes: BTreeMap<String, Node>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    name: String,
    login: String,
    role: Word<Role>,
}

/// Lists that are null or missing are empty.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Node {
    /// The name of its user; none if it is tagged.
    user: Option<String>,
    tags: Option<Vec<String>>,
    ipv4: Option<Ipv4Addr>,
    ipv6: Option<Ipv6Addr>,
    routable_ips: Option<Vec<Word<Prefix>>>,
    approved_routes: Option<Vec<Word<Prefix>>>,
}

/// A record that has such an entry among other things.
#[derive(Deserialize)]
struct Record<T> {
    topology: T,
}

/// What tells an entry from other objects.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "users")]
    _users: IgnoredAny,
    #[serde(rename = "nodes")]
    _nodes: IgnoredAny,
}

/// A string that stands for something else.
struct Word<T>(T);

/// Reads a file: an object with `users` and `nodes`, or one that has such an object as its `topology`.
/// Comments and trailing commas are allowed.
///
/// # Errors
///
/// Fails when the file cannot be read or is of another form, naming the place.
pub(super) fn read(path: &str) -> Result<Topology, Error> {
    let source = Source::read(path)?;
    let malformed = |problem: String| Error::Topology { file: source.name.clone(), problem };
    let text = hujson::standardize(&source.text).map_err(|error| malformed(error.to_string()))?;
    let entry = entry(&text).map_err(malformed)?;
    topology(entry).map_err(malformed)
}

#[expect(clippy::zero_sized_map_values, reason = "only the shape of the values matters")]
fn entry(text: &[u8]) -> Result<Entry, String> {
    if let Ok(several) = serde_json::from_slice::<BTreeMap<String, Shape>>(text)
        && !several.is_empty()
    {
        let names = words::some_of(several.into_keys().map(|name| format!("{name:?}")), MOST_NAMED);
        return Err(format!(
            "it has several entries ({names}), and one is wanted: put that one in a file of its own"
        ));
    }
    let is_record = serde_json::from_slice::<Record<IgnoredAny>>(text).is_ok();
    if is_record { decoded::<Record<Entry>>(text).map(|record| record.topology) } else { decoded(text) }
}

fn decoded<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        if matches!(&*place, "." | "?") {
            error.inner().to_string()
        } else {
            format!("{place}: {}", error.inner())
        }
    })
}

/// The tailnet's own login domain is the owner's: whoever has another one is a member, but
/// `user:*@domain` does not know their domain.
fn topology(entry: Entry) -> Result<Topology, String> {
    let owner = entry.users.iter().find(|user| user.role.0 == Role::Owner);
    let domain = owner.and_then(|owner| owner.login.rsplit_once('@')).map(|(_, domain)| domain.to_owned());
    let people = unambiguous(&entry.users)?;
    let mut at: HashMap<IpAddr, String> = HashMap::new();
    let mut devices = Vec::with_capacity(entry.nodes.len());
    for (name, node) in entry.nodes {
        let owner = match node.user {
            Some(user) => {
                let index = people.get(&*user).copied();
                Some(index.ok_or_else(|| format!("nodes.{name}.user: no user is called {user:?}"))?)
            }
            None => None,
        };
        let tags = node.tags.unwrap_or_default();
        if let (Some(owner), Some(tag)) = (owner.and_then(|index| entry.users.get(index)), tags.first()) {
            let owner = &owner.name;
            return Err(format!(
                "nodes.{name}: it has user {owner:?} and tag {tag:?}: a tagged device has no user"
            ));
        }
        let addresses: Vec<IpAddr> =
            node.ipv4.map(Into::into).into_iter().chain(node.ipv6.map(Into::into)).collect();
        for address in &addresses {
            if let Some(other) = at.insert(*address, name.clone()) {
                return Err(format!("nodes.{name}: it has address {address}, as nodes.{other} has"));
            }
        }
        devices.push(Device {
            name,
            owner,
            tags,
            addresses,
            advertised_routes: prefixes(node.routable_ips),
            approved_routes: prefixes(node.approved_routes),
        });
    }
    let person = |user: User| Person {
        logins: vec![user.login],
        role: user.role.0.as_str().to_owned(),
        member: true,
        shared: false,
    };
    Ok(Topology {
        people: entry.users.into_iter().map(person).collect(),
        devices,
        domains: domain.into_iter().collect(),
    })
}

/// The users' indexes by name.
///
/// # Errors
///
/// Fails where two have one name or one login.
fn unambiguous(users: &[User]) -> Result<HashMap<&str, usize>, String> {
    let (mut names, mut logins) = (HashMap::new(), HashMap::new());
    for (index, user) in users.iter().enumerate() {
        if let Some(other) = names.insert(&*user.name, index) {
            return Err(format!("users[{other}] and users[{index}] have one name: {:?}", user.name));
        }
        if let Some(other) = logins.insert(user.login.to_lowercase(), index) {
            return Err(format!("users[{other}] and users[{index}] have one login: {:?}", user.login));
        }
    }
    Ok(names)
}

fn prefixes(words: Option<Vec<Word<Prefix>>>) -> Vec<Prefix> {
    words.unwrap_or_default().into_iter().map(|word| word.0).collect()
}

impl<'de> Deserialize<'de> for Word<Prefix> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        text.parse().map(Self).map_err(|error: crate::policy::NotAPrefix| not(&text, &error))
    }
}

impl<'de> Deserialize<'de> for Word<Role> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        match Role::from_word(&text) {
            Role::Other(_) => Err(not(
                &text,
                &"not a role: owner, admin, it-admin, network-admin, billing-admin, auditor or member",
            )),
            role => Ok(Self(role)),
        }
    }
}

fn not<E: serde::de::Error>(text: &str, problem: &dyn fmt::Display) -> E {
    E::custom(format_args!("{text:?} is {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Topology, String> {
        entry(text.as_bytes()).and_then(topology)
    }

    const USERS: &str = r#""users": [
        {"name": "ada", "login": "ada@example.com", "role": "owner"},
        {"name": "bo", "login": "bo@example.org", "role": "member"}
    ]"#;

    #[test]
    fn users_and_devices() {
        let text = format!(
            r#"{{{USERS}, "nodes": {{
                "laptop": {{"user": "bo", "tags": [], "ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1",
                           "routable_ips": [], "approved_routes": []}},
                "bare": {{"user": "ada", "tags": null, "routable_ips": null}},
                "router": {{"user": null, "tags": ["tag:router"], "ipv4": "100.64.0.2",
                           "routable_ips": ["10.0.0.0/8", "::/0"], "approved_routes": ["10.0.0.0/8"]}}
            }}}}"#
        );
        let topology = parse(&text).unwrap();
        assert_eq!(topology.domains, ["example.com"], "the owner's domain is the tailnet's");
        let logins: Vec<_> =
            topology.people.iter().map(|person| (&*person.logins[0], &*person.role)).collect();
        assert_eq!(logins, [("ada@example.com", "owner"), ("bo@example.org", "member")]);
        assert!(topology.people.iter().all(|person| person.member && !person.shared));
        let [bare, laptop, router] = &*topology.devices else { panic!("{topology:?}") };
        assert_eq!((&*laptop.name, laptop.owner, laptop.addresses.len()), ("laptop", Some(1), 2));
        assert_eq!((bare.owner, bare.tags.len(), bare.addresses.len()), (Some(0), 0, 0));
        assert_eq!((router.owner, &*router.tags), (None, &["tag:router".to_owned()][..]));
        assert_eq!((router.advertised_routes.len(), router.approved_routes.len()), (2, 1));
        let record = format!(r#"{{"id": "x", "policy": {{}}, "topology": {text}, "filters": {{}}}}"#);
        assert_eq!(parse(&record).unwrap(), topology, "a record that has it among other things");
    }

    #[test]
    fn without_an_owner_the_domains_are_not_known() {
        let text = r#"{"users": [{"name": "a", "login": "a@example.com", "role": "admin"}], "nodes": {}}"#;
        assert_eq!(parse(text).unwrap().domains, Vec::<String>::new());
    }

    #[test]
    fn mistakes_name_their_place() {
        let node = |node: &str| format!(r#"{{{USERS}, "nodes": {{"n": {node}}}}}"#);
        for (text, expected) in [
            ("{".to_owned(), "EOF while parsing an object at line 1 column 1"),
            ("{}".to_owned(), "missing field `users`"),
            (r#"{"t2": {}}"#.to_owned(), "t2: unknown field `t2`, expected `users` or `nodes`"),
            (r#"{"topology": {"users": [7]}}"#.to_owned(), "topology.users[0]: invalid type: integer `7`"),
            (
                r#"{"users": [{"name": "a", "login": "b", "role": "king"}]}"#.to_owned(),
                "users[0].role: \"king\" is not a role: owner,",
            ),
            (node(r#"{"user": "eve"}"#), "nodes.n.user: no user is called \"eve\""),
            (
                node(r#"{"user": "ada", "tags": ["tag:a"]}"#),
                "nodes.n: it has user \"ada\" and tag \"tag:a\": a tagged device has no user",
            ),
            (
                node(r#"{"ipv4": "100.64.0.1"}, "m": {"ipv4": "100.64.0.1"}"#),
                "nodes.n: it has address 100.64.0.1, as nodes.m has",
            ),
            (
                r#"{"users": [{"name": "a", "login": "b", "role": "owner"}, {"name": "a", "login": "c", "role": "member"}], "nodes": {}}"#.to_owned(),
                "users[0] and users[1] have one name: \"a\"",
            ),
            (
                r#"{"users": [{"name": "a", "login": "b", "role": "owner"}, {"name": "c", "login": "B", "role": "member"}], "nodes": {}}"#.to_owned(),
                "users[0] and users[1] have one login: \"B\"",
            ),
            (
                r#"{"t2": {"users": [], "nodes": {}}, "t3": {"users": [], "nodes": {}}}"#.to_owned(),
                "it has several entries (\"t2\", \"t3\"), and one is wanted",
            ),
            (node(r#"{"ipv4": "fd7a::1"}"#), "nodes.n.ipv4: invalid IPv4 address syntax"),
            (
                node(r#"{"approved_routes": ["10.0.0.0/33"]}"#),
                "nodes.n.approved_routes[0]: \"10.0.0.0/33\" is neither an address nor a prefix",
            ),
            (node(r#"{"aproved_routes": []}"#), "nodes.n.aproved_routes: unknown field `aproved_routes`"),
        ] {
            let problem = parse(&text).unwrap_err();
            assert!(problem.starts_with(expected), "{text}: {problem}");
        }
    }
}
