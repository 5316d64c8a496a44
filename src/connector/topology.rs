//! The tailnet as the policy sees it.

use std::collections::{HashMap, HashSet};

use crate::policy::{self, Topology, login_key};
use crate::tailnet::{self, Part, Tailnet, User, UserKind};

/// People and devices in the terms of the policy, in their order here.
///
/// What cannot be read as an address or a prefix is left out: nothing is known of it that a rule could
/// match. A tagged device belongs to nobody, and a device shared in from another tailnet is neither its
/// user's nor its tags' here. A device that awaits approval is told to no other: no rule lets it do
/// anything yet, and no selector finds it. One that is shared in is approved where it belongs. The tailnet's
/// login domains are not told by the API: a login of the tailnet's name proves one, but nothing proves that
/// there are no others, so they are left unknown.
#[must_use]
pub fn topology(users: &[User], devices: &[tailnet::Device]) -> Topology {
    let mut owners = HashMap::new();
    for (index, user) in users.iter().enumerate() {
        owners.entry(login_key(&user.login_name)).or_insert(index);
    }
    let mut names = HashSet::new();
    Topology {
        people: users.iter().map(person).collect(),
        devices: devices
            .iter()
            .filter(|facts| facts.authorized || facts.is_external)
            .map(|facts| {
                let own = facts.tags.is_empty() && !facts.is_external;
                policy::Device {
                    name: unique_name(facts, &mut names),
                    owner: owners.get(&login_key(&facts.user)).copied().filter(|_| own),
                    tags: if facts.is_external { Vec::new() } else { facts.tags.clone() },
                    addresses: parsed(&facts.addresses),
                    advertised_routes: parsed(&facts.advertised_routes),
                    approved_routes: parsed(&facts.enabled_routes),
                }
            })
            .collect(),
        domains: Vec::new(),
    }
}

/// The same of a whole tailnet.
///
/// # Errors
///
/// Fails with what the credential lacks to read devices.
pub(super) fn of(tailnet: &Tailnet) -> Result<Topology, String> {
    match &tailnet.devices {
        Part::Read(devices) => Ok(topology(&tailnet.users, devices)),
        Part::Unreadable(needs) => Err(needs.clone()),
    }
}

/// A user, known to the policy by their login.
pub(super) fn person(user: &User) -> policy::Person {
    policy::Person {
        logins: vec![user.login_name.clone()],
        role: user.role.as_str().to_owned(),
        member: user.kind == UserKind::Member,
        shared: user.kind == UserKind::Shared,
    }
}

/// The device's DNS name, or whatever else tells it from the others.
fn unique_name(facts: &tailnet::Device, names: &mut HashSet<String>) -> String {
    let given = [&facts.name, &facts.hostname, &facts.node_id].into_iter().cloned();
    let numbered = (names.len()..).map(|number| format!("{} {number}", facts.name));
    let name = given.chain(numbered).find(|name| !name.is_empty() && !names.contains(name));
    let name = name.unwrap_or_default();
    names.insert(name.clone());
    name
}

fn parsed<T: std::str::FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| text.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tailnet::{Device, Role, UserStatus};

    fn user(login: &str, kind: UserKind) -> User {
        User {
            id: login.to_owned(),
            login_name: login.to_owned(),
            display_name: String::new(),
            kind,
            role: Role::ItAdmin,
            status: UserStatus::Active,
            created: None,
            last_seen: None,
            currently_connected: false,
            device_count: 0,
        }
    }

    fn device(name: &str, user: &str) -> Device {
        Device {
            node_id: format!("id-{name}"),
            name: name.to_owned(),
            user: user.to_owned(),
            authorized: true,
            ..Device::default()
        }
    }

    #[test]
    fn people_keep_login_role_and_kind() {
        let known = topology(&[user("Ada@Example.com", UserKind::Shared)], &[]);
        let ada = &known.people[0];
        assert_eq!(
            (ada.logins.as_slice(), ada.role.as_str()),
            (&["Ada@Example.com".to_owned()][..], "it-admin")
        );
        assert_eq!((ada.member, ada.shared), (false, true));
        assert!(known.domains.is_empty(), "what is not told is not known");
    }

    #[test]
    fn a_device_is_its_users_only_without_tags_and_in_this_tailnet() {
        let users = [user("ada@example.com", UserKind::Member), user("bob@example.com", UserKind::Member)];
        let tagged = Device { tags: vec!["tag:db".to_owned()], ..device("db", "bob@example.com") };
        let external =
            Device { is_external: true, tags: vec!["tag:x".to_owned()], ..device("far", "bob@example.com") };
        let devices =
            [device("laptop", "BOB@example.com"), tagged, external, device("lost", "gone@example.com")];
        let owners: Vec<_> =
            topology(&users, &devices).devices.into_iter().map(|it| (it.owner, it.tags)).collect();
        let nobody = |tags: &[&str]| (None, tags.iter().map(ToString::to_string).collect());
        assert_eq!(owners, [(Some(1), Vec::new()), nobody(&["tag:db"]), nobody(&[]), nobody(&[])]);
    }

    #[test]
    fn a_device_that_awaits_approval_is_left_out() {
        let waiting = Device { authorized: false, ..device("new", "ada@example.com") };
        let known = topology(&[], &[waiting, device("old", "ada@example.com")]);
        let names: Vec<&str> = known.devices.iter().map(|device| device.name.as_str()).collect();
        assert_eq!(names, ["old"]);
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let router = Device {
            addresses: texts(&["100.64.0.1", " fd7a:115c:a1e0::1", "", "100.64.0.1/32", "router"]),
            advertised_routes: texts(&["10.0.0.0/8", "10.0.0.0/33"]),
            enabled_routes: texts(&["10.0.0.0/8"]),
            ..device("router", "")
        };
        let known = &topology(&[], &[router]).devices[0];
        assert_eq!(
            known.addresses,
            ["100.64.0.1".parse::<std::net::IpAddr>().unwrap(), "fd7a:115c:a1e0::1".parse().unwrap()]
        );
        assert_eq!(known.advertised_routes, ["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(known.approved_routes, known.advertised_routes);
    }

    #[test]
    fn every_device_has_a_name_of_its_own() {
        let same = || Device { node_id: "n1".to_owned(), ..device("db", "") };
        let nameless = || Device { authorized: true, ..Device::default() };
        let devices = [same(), same(), same(), nameless(), nameless()];
        let known = topology(&[], &devices);
        let names: Vec<&str> = known.devices.iter().map(|device| device.name.as_str()).collect();
        assert_eq!(names, ["db", "n1", "db 2", " 3", " 4"]);
    }
}
