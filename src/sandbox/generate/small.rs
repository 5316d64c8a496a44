//! The small tailnet that a sandbox has when nobody asks for a size: made by hand, for people to look at.

use super::{Clock, devices};
use crate::sandbox::world::{Device, Invite, Population, User, UserType};

/// The policy, written for `example.com`.
const POLICY: &str = include_str!("small.hujson");

/// Login before the `@`, role, status, days since the user was seen (0: online).
const USERS: [(&str, &str, &str, i64); 11] = [
    ("ada", "owner", "active", 0),
    ("grace", "admin", "active", 0),
    ("lin", "it-admin", "active", 1),
    ("noor", "network-admin", "active", 0),
    ("kofi", "auditor", "active", 12),
    ("mei", "member", "active", 0),
    ("Priya", "member", "active", 0),
    ("tomas", "member", "active", 2),
    ("ines", "member", "idle", 97),
    ("sam", "member", "suspended", 41),
    ("juno", "member", "needs-approval", 3),
];

/// Host name, who registered it, its tag (if any), operating system.
const DEVICES: [(&str, &str, &str, &str); 15] = [
    ("ada-laptop", "ada", "", "macOS"),
    ("ada-phone", "ada", "", "iOS"),
    ("grace-laptop", "grace", "", "linux"),
    ("noor-desktop", "noor", "", "windows"),
    ("mei-laptop", "mei", "", "linux"),
    ("priya-laptop", "Priya", "", "macOS"),
    ("tomas-laptop", "tomas", "", "linux"),
    ("ines-tablet", "ines", "", "android"),
    ("prod-1", "ada", "tag:prod", "linux"),
    ("prod-2", "ada", "tag:prod", "linux"),
    ("db-1", "ada", "tag:db", "linux"),
    ("web-1", "grace", "tag:web", "linux"),
    ("staging-1", "grace", "tag:staging", "linux"),
    ("runner-1", "grace", "tag:ci", "linux"),
    ("router-1", "noor", "tag:router", "linux"),
];

/// The tailnet, with the logins in this domain.
pub(super) fn tailnet(domain: &str, clock: Clock) -> (Population, Vec<u8>) {
    let population = Population {
        users: users(domain, clock),
        invites: vec![
            Invite::mailed("i1CNTRL", &format!("lee@{domain}"), "member"),
            Invite::link("i2CNTRL", "member"),
        ],
        devices: all_devices(domain, clock),
        synced_groups: vec![format!("group:site-reliability@{domain}")],
    };
    (population, POLICY.replace("example.com", domain).into_bytes())
}

fn users(domain: &str, clock: Clock) -> Vec<User> {
    let mut users: Vec<User> = (1..)
        .zip(USERS)
        .map(|(number, (name, role, status, days))| {
            let joined = clock.hours(-24 * 30 * (20 - number));
            User {
                display_name: capitalised(name),
                role: role.to_owned(),
                status: status.to_owned(),
                created: joined,
                last_seen: clock.hours(-24 * days),
                currently_connected: days == 0,
                ..User::new(&format!("u{number}CNTRL"), &format!("{name}@{domain}"))
            }
        })
        .collect();
    users.push(User {
        display_name: "Robin".to_owned(),
        r#type: UserType::Shared,
        created: clock.hours(-24 * 60),
        last_seen: clock.hours(-24 * 5),
        ..User::new("u12CNTRL", "robin@example.net")
    });
    users
}

fn all_devices(domain: &str, clock: Clock) -> Vec<Device> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut all: Vec<Device> = (1..)
        .zip(DEVICES)
        .map(|(number, (name, login, tag, os))| {
            let mut device = Device {
                user: format!("{login}@{domain}"),
                name: format!("{name}.{domain}"),
                hostname: name.to_owned(),
                os: os.to_owned(),
                ..devices::plain(number, domain, clock, &mut random)
            };
            if !tag.is_empty() {
                device.tags = vec![tag.to_owned()];
                device.key_expiry_disabled = true;
                device.ssh_enabled = true;
                device.is_ephemeral = tag == "tag:ci";
            }
            if tag == "tag:router" {
                device.advertised_routes =
                    vec!["10.20.0.0/16".to_owned(), "0.0.0.0/0".to_owned(), "::/0".to_owned()];
                device.enabled_routes = vec!["10.20.0.0/16".to_owned()];
            }
            device
        })
        .collect();
    let mut shared = Device {
        user: "robin@example.net".to_owned(),
        name: "build-server.example.net".to_owned(),
        hostname: "build-server".to_owned(),
        ..devices::plain(16, domain, clock, &mut random)
    };
    devices::make_external(&mut shared);
    all.push(shared);
    all
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
