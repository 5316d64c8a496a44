//! The generated rules.
//!
//! Of every eight rules four are ACL rules, two SSH rules and two grant rules. Within each section the
//! sources follow [`MIX`] in turn. All destinations differ in a port or an account, so that as many rules
//! as were asked for are told apart.

use super::policy::{CI, Names, ROUTER, SYNCED, service};
use super::text::Text;

/// What a rule's sources are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sources {
    /// One or two groups.
    Groups,
    /// The group that a directory pushes.
    Synced,
    /// One to four people, by their logins.
    People,
    /// Two people and a group.
    Mixed,
    /// `autogroup:member`
    Members,
    /// `autogroup:admin` or `autogroup:it-admin`
    Admins,
    /// A tag.
    Tag,
    /// A host, and every other time an IP set.
    Network,
    /// `user:*@domain`
    Domain,
    /// `*`
    Everybody,
}

/// The sources of twenty rules in a row: 25 % groups, 25 % people, 15 % both, and 5 % each of everything
/// else. Where SSH rules may not have a source (networks, everybody, role autogroups), people or groups
/// take its place.
const MIX: [Sources; 20] = [
    Sources::Groups,
    Sources::People,
    Sources::Groups,
    Sources::Mixed,
    Sources::Members,
    Sources::People,
    Sources::Groups,
    Sources::Tag,
    Sources::Mixed,
    Sources::People,
    Sources::Groups,
    Sources::Network,
    Sources::People,
    Sources::Groups,
    Sources::Everybody,
    Sources::Mixed,
    Sources::Domain,
    Sources::People,
    Sources::Synced,
    Sources::Admins,
];

/// Writes the sections `acls`, `ssh` and `grants`.
pub(super) fn sections(rules: usize, names: &Names<'_>, text: &mut Text, random: &mut fastrand::Rng) {
    let of_eight = |from: usize, to: usize| rules / 8 * (to - from) + (rules % 8).clamp(from, to) - from;
    text.line(1, "\"acls\": [");
    for number in 1..=of_eight(0, 4) {
        acl(number, names, text, random);
    }
    text.line(1, "],");
    text.blank();
    text.line(1, "\"ssh\": [");
    for number in 1..=of_eight(4, 6) {
        ssh(number, names, text, random);
    }
    text.line(1, "],");
    text.blank();
    text.line(1, "\"grants\": [");
    for number in 1..=of_eight(6, 8) {
        grant(number, names, text, random);
    }
    text.line(1, "],");
}

fn acl(number: usize, names: &Names<'_>, text: &mut Text, random: &mut fastrand::Rng) {
    let service = number % names.services + 1;
    let port = 1024 + number;
    let site = number % names.sites + 1;
    let to_site = number.is_multiple_of(6);
    let what = if to_site { format!("Site {site}") } else { format!("Service {service}") };
    text.line(2, &format!("// {what} listens on port {port}."));
    text.line(2, "{");
    text.pair(3, "action", "accept");
    text.list(3, "src", &sources(mix(number), number, names, random));
    match number % 6 {
        _ if to_site => text.inline(3, "dst", &[&format!("site{site}:{port}")]),
        1 => text.inline(3, "dst", &[&format!("tag:service{service}:{port},443"), &format!("{CI}:{port}")]),
        _ => text.inline(3, "dst", &[&format!("tag:service{service}:{port}")]),
    }
    if number.is_multiple_of(3) {
        text.pair(3, "proto", "tcp");
    }
    text.line(2, "},");
}

fn ssh(number: usize, names: &Names<'_>, text: &mut Text, random: &mut fastrand::Rng) {
    let from = match mix(number) {
        Sources::Network => Sources::People,
        Sources::Everybody | Sources::Admins => Sources::Groups,
        other => other,
    };
    // A tagged source cannot be asked to check in.
    let check = number.is_multiple_of(3) && from != Sources::Tag;
    let target = number % names.services + 1;
    text.line(2, &format!("// Account app{number} of service {target}."));
    text.line(2, "{");
    text.pair(3, "action", if check { "check" } else { "accept" });
    text.list(3, "src", &sources(from, number, names, random));
    text.inline(3, "dst", &[&service(target)]);
    text.inline(
        3,
        "users",
        &[if number.is_multiple_of(5) { "root" } else { "ubuntu" }, &format!("app{number}")],
    );
    if check {
        text.pair(3, "checkPeriod", "12h");
    }
    text.line(2, "},");
}

fn grant(number: usize, names: &Names<'_>, text: &mut Text, random: &mut fastrand::Rng) {
    let target = number % names.services + 1;
    let port = format!("tcp:{}", 1024 + number);
    text.line(2, &format!("// Tables of service {target}."));
    text.line(2, "{");
    text.list(3, "src", &sources(mix(number), number, names, random));
    match number % 4 {
        0 => {
            text.inline(3, "dst", &[&format!("site{}", number % names.sites + 1)]);
            text.inline(3, "ip", &[&port]);
            text.inline(3, "via", &[ROUTER]);
        }
        1 => {
            text.inline(3, "dst", &[&service(target)]);
            text.inline(3, "ip", &[&port]);
            text.line(3, r#""app": {"example.com/cap/tables": [{"tables": ["orders", "stock"]}]},"#);
        }
        _ => {
            text.inline(3, "dst", &[&service(target)]);
            text.inline(3, "ip", &[&port, "udp:53"]);
        }
    }
    text.line(2, "},");
}

fn mix(number: usize) -> Sources {
    MIX.get((number - 1) % MIX.len()).copied().unwrap_or(Sources::People)
}

/// Selectors with comments here and there. Where there are no groups, people stand in.
fn sources(
    kind: Sources,
    number: usize,
    names: &Names<'_>,
    random: &mut fastrand::Rng,
) -> Vec<(String, Option<String>)> {
    let people = |count, random: &mut fastrand::Rng| {
        let logins = random.choose_multiple(names.logins.iter(), count);
        logins.into_iter().map(|login| (login.clone(), None)).collect::<Vec<_>>()
    };
    let one = |selector: &str| vec![(selector.to_owned(), None)];
    match kind {
        Sources::Groups | Sources::Mixed if names.groups == 0 => people(3, random),
        Sources::Groups => {
            let first = random.usize(1..=names.groups);
            let mut groups = one(&format!("group:team{first}"));
            if number.is_multiple_of(2) && names.groups > 1 {
                groups.extend(one(&format!("group:team{}", first % names.groups + 1)));
            }
            groups
        }
        Sources::Synced => one(&format!("group:{SYNCED}@{}", names.domain)),
        Sources::People => {
            let mut people = people(number % 4 + 1, random);
            if let Some((_, comment)) = people.first_mut() {
                *comment = Some("looks after it".to_owned());
            }
            people
        }
        Sources::Mixed => {
            let mut mixed = one(&format!("group:team{}", random.usize(1..=names.groups)));
            mixed.extend(people(2, random));
            mixed
        }
        Sources::Members => one("autogroup:member"),
        Sources::Admins if number.is_multiple_of(40) => one("autogroup:it-admin"),
        Sources::Admins => one("autogroup:admin"),
        Sources::Tag => one(&service(number % names.services + 1)),
        Sources::Network if number % 40 < 20 => one(&format!("site{}", number % names.sites + 1)),
        Sources::Network => one("ipset:offices"),
        Sources::Domain => one(&format!("user:*@{}", names.domain)),
        Sources::Everybody => one("*"),
    }
}
