//! Generated users and invites.

use super::Clock;
use crate::sandbox::world::{Invite, User, UserType};

/// Users 1 to `count`. User 1 is the owner. Of every hundred, one each is admin, IT admin, network admin,
/// auditor and billing admin (numbers ending in 02 to 06), two are suspended, four idle, two await
/// approval, two are over the seat limit, one is from another tailnet (99), and four have typed their
/// login in mixed case. Everybody else is an active member.
pub(super) fn users(count: usize, domain: &str, clock: Clock, random: &mut fastrand::Rng) -> Vec<User> {
    (1..=count).map(|number| user(number, domain, clock, random)).collect()
}

fn user(number: usize, domain: &str, clock: Clock, random: &mut fastrand::Rng) -> User {
    let role = match number % 100 {
        _ if number == 1 => "owner",
        2 => "admin",
        3 => "it-admin",
        4 => "network-admin",
        5 => "auditor",
        6 => "billing-admin",
        _ => "member",
    };
    let status = match number % 50 {
        10 => "suspended",
        20 | 21 => "idle",
        30 => "needs-approval",
        40 => "over-billing-limit",
        _ => "active",
    };
    let shared = number % 100 == 99;
    let login = match number % 25 {
        _ if shared => format!("guest{number}@example.net"),
        7 => format!("User{number}@{}", capitalised(domain)),
        _ => format!("user{number}@{domain}"),
    };
    let connected = status == "active" && random.u8(..3) > 0;
    let seen = match status {
        _ if connected => 0,
        "idle" => -24 * random.i64(60..200),
        _ => -random.i64(1..24 * 20),
    };
    User {
        display_name: format!("User {number}"),
        role: role.to_owned(),
        status: status.to_owned(),
        created: clock.hours(-24 * random.i64(210..900)),
        last_seen: clock.hours(seen),
        currently_connected: connected,
        r#type: if shared { UserType::Shared } else { UserType::Member },
        ..User::new(&format!("u{number}CNTRL"), &login)
    }
}

fn capitalised(domain: &str) -> String {
    let mut letters = domain.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// One invite for every hundred users; every fifth is only a link, and every seventh is for an auditor.
pub(super) fn invites(users: usize, domain: &str) -> Vec<Invite> {
    (1..=users / 100)
        .map(|number| {
            let id = format!("i{number}CNTRL");
            let role = if number % 7 == 0 { "auditor" } else { "member" };
            match number % 5 {
                0 => Invite::link(&id, role),
                _ => Invite::mailed(&id, &format!("invited{number}@{domain}"), role),
            }
        })
        .collect()
}
