//! The generated policy file: sections and who is named in them. The rules are in [`super::rules`].

use super::rules;
use super::text::Text;
use crate::sandbox::settings::Generate;
use crate::sandbox::world::{User, UserType};

/// Name of the group that a directory pushes; without its domain.
pub(super) const SYNCED: &str = "site-reliability";
/// What build machines carry.
pub(super) const CI: &str = "tag:ci";
/// What subnet routers carry.
pub(super) const ROUTER: &str = "tag:router";

/// How many service tags there are: one for ten rules, from 4 to 100.
pub(super) fn services(sizes: &Generate) -> usize {
    (sizes.rules / 10).clamp(4, 100)
}

/// How many sites (hosts) there are: one for twenty rules, from 2 to 50.
pub(super) fn sites(sizes: &Generate) -> usize {
    (sizes.rules / 20).clamp(2, 50)
}

/// The tag of a service.
pub(super) fn service(number: usize) -> String {
    format!("tag:service{number}")
}

/// The network behind a site.
pub(super) fn site_prefix(number: usize) -> String {
    format!("10.{}.{}.0/24", number / 256 % 256, number % 256)
}

/// Who and what rules can name.
#[derive(Debug)]
pub(super) struct Names<'n> {
    pub(super) logins: &'n [String],
    pub(super) groups: usize,
    pub(super) services: usize,
    pub(super) sites: usize,
    pub(super) domain: &'n str,
}

/// The whole file.
pub(super) fn text(sizes: &Generate, domain: &str, users: &[User], random: &mut fastrand::Rng) -> Vec<u8> {
    let logins: Vec<String> = users
        .iter()
        .filter(|user| user.r#type == UserType::Member)
        .map(|user| user.login_name.to_ascii_lowercase())
        .collect();
    let names = Names {
        logins: &logins,
        groups: sizes.groups,
        services: services(sizes),
        sites: sites(sizes),
        domain,
    };
    let mut text = Text::default();
    text.line(0, &format!("// Who may reach what in {domain}."));
    text.line(0, "//");
    text.line(0, "// Ask the owners of a section before you change it.");
    text.line(0, "{");
    groups(&names, &mut text, random);
    tags(&names, &mut text);
    networks(&names, &mut text);
    rules::sections(sizes.rules, &names, &mut text, random);
    text.line(0, "}");
    text.finish()
}

/// Groups of three to fifteen people; every twentieth is ten times as large, every fiftieth is empty, and
/// every tenth still lists somebody who is not in the tailnet.
fn groups(names: &Names<'_>, text: &mut Text, random: &mut fastrand::Rng) {
    text.line(1, "\"groups\": {");
    for number in 1..=names.groups {
        let size = random.usize(3..=15) * if number % 20 == 19 { 10 } else { 1 };
        let size = if number % 50 == 49 { 0 } else { size.min(names.logins.len()) };
        let mut members: Vec<(String, Option<String>)> = random
            .choose_multiple(names.logins.iter(), size)
            .into_iter()
            .map(|login| {
                (login.clone(), (random.u8(..8) == 0).then(|| "for the time of the project".to_owned()))
            })
            .collect();
        if number % 10 == 5 {
            members.push((format!("left{number}@{}", names.domain), Some("has left".to_owned())));
        }
        if number % 4 == 1 {
            text.line(
                2,
                &format!("// Team {number}: everybody who works on service {}.", number % names.services + 1),
            );
        }
        text.list(2, &format!("group:team{number}"), &members);
    }
    text.line(1, "},");
    text.blank();
}

/// Services belong to a team, or to admins where there is no team; build machines may tag their like.
fn tags(names: &Names<'_>, text: &mut Text) {
    text.line(1, "\"tagOwners\": {");
    text.inline(2, CI, &["autogroup:admin"]);
    text.inline(2, ROUTER, &["autogroup:admin", "autogroup:network-admin"]);
    for number in 1..=names.services {
        let team = if names.groups == 0 {
            "autogroup:admin".to_owned()
        } else {
            format!("group:team{}", number % names.groups + 1)
        };
        match number % 5 {
            0 => text.inline(2, &service(number), &[]),
            1 => text.inline(2, &service(number), &[&team, CI]),
            _ => text.inline(2, &service(number), &[&team]),
        }
    }
    text.line(1, "},");
    text.blank();
}

fn networks(names: &Names<'_>, text: &mut Text) {
    text.line(1, "// Networks behind the subnet routers.");
    text.line(1, "\"hosts\": {");
    for number in 1..=names.sites {
        text.pair(2, &format!("site{number}"), &site_prefix(number));
    }
    text.line(1, "},");
    text.blank();
    text.line(1, "\"ipsets\": {");
    text.inline(2, "ipset:offices", &["host:site1", "add 192.0.2.0/24"]);
    text.inline(2, "ipset:backup", &["198.51.100.0/24", "remove 198.51.100.128/25"]);
    text.line(1, "},");
    text.blank();
}
