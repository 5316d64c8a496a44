//! Access that a principal has without being listed.

use super::selector::{Selector, login_key};
use super::topology::Person;

/// Who owns a tag that lists no owner.
pub const TAG_OWNER_BY_DEFAULT: &str = "autogroup:admin";

/// Whether a selector of a list reaches a person. `is_member` answers for local groups. The members of a
/// synced group are not known, and addresses are not followed to somebody's devices.
pub(super) fn reaches_person(
    selector: &Selector,
    person: &Person,
    is_member: impl FnOnce(&str) -> bool,
) -> bool {
    match selector {
        Selector::Everybody => true,
        Selector::Group(name) => is_member(name),
        Selector::Autogroup(name) => match name.strip_prefix("autogroup:").unwrap_or(name) {
            "danger-all" => true,
            "member" | "members" => person.member,
            "shared" => person.shared,
            "admin" => matches!(&*person.role, "admin" | "owner"),
            role => !role.is_empty() && person.role == role,
        },
        // Domains are compared as they are spelt, and guests with a login there are no members.
        Selector::Domain(pattern) => {
            let domain = pattern.strip_prefix("user:*@").unwrap_or(pattern);
            let in_domain =
                |login: &String| login.trim().rsplit_once('@').is_some_and(|(_, at)| at == domain);
            person.member && person.logins.iter().any(in_domain)
        }
        Selector::Login(login) => person.logins.iter().any(|known| login_key(known) == login_key(login)),
        Selector::SyncedGroup(_)
        | Selector::Tag(_)
        | Selector::Network(_)
        | Selector::Range(_)
        | Selector::IpSet(_)
        | Selector::Service(_)
        | Selector::HostReference(_)
        | Selector::LocalPart(_)
        | Selector::Host(_) => false,
    }
}

/// Whether a selector of a list covers another one wholly, whoever that selects. Only what is certain
/// without knowing the tailnet.
pub(super) fn covers(selector: &Selector, other: &Selector) -> bool {
    match (selector, other) {
        (_, Selector::Login(_) | Selector::Network(_) | Selector::IpSet(_) | Selector::Host(_)) => false,
        (Selector::Everybody, _) => true,
        (Selector::Autogroup(name), other) => match (name.as_str(), other) {
            ("autogroup:danger-all", _) | ("autogroup:tagged", Selector::Tag(_)) => true,
            ("autogroup:admin", Selector::Autogroup(role)) => {
                matches!(role.as_str(), "autogroup:admin" | "autogroup:owner")
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: &str, member: bool) -> Person {
        let logins = vec!["Ada@example.com".to_owned(), "ada@example.org".to_owned()];
        Person { logins, role: role.to_owned(), member, shared: !member }
    }

    #[track_caller]
    fn check(selector: &str, person: &Person, expected: bool) {
        let reached = reaches_person(&Selector::parse(selector), person, |group| group == "group:eng");
        assert_eq!(reached, expected, "{selector}");
    }

    #[test]
    fn people_are_reached() {
        let member = person("member", true);
        for selector in ["*", "autogroup:danger-all", "autogroup:member", "autogroup:members", "group:eng"] {
            check(selector, &member, true);
        }
        for selector in ["user:*@example.com", "user:*@example.org", "ADA@example.com"] {
            check(selector, &member, true);
        }
        for selector in ["user:*@Example.com", "group:ops", "group:eng@example.com", "tag:db", "10.0.0.0/8"] {
            check(selector, &member, false);
        }
        for selector in ["autogroup:admin", "autogroup:", "autogroup:tagged", "autogroup:shared", "web", ""] {
            check(selector, &member, false);
        }
    }

    #[test]
    fn roles() {
        check("autogroup:admin", &person("admin", true), true);
        check("autogroup:admin", &person("owner", true), true);
        check("autogroup:owner", &person("admin", true), false);
        check("autogroup:it-admin", &person("it-admin", true), true);
        check("autogroup:network-admin", &person("it-admin", true), false);
        check("autogroup:", &person("", true), false);
    }

    #[test]
    fn guests_are_no_members() {
        let guest = person("member", false);
        check("*", &guest, true);
        check("autogroup:shared", &guest, true);
        check("autogroup:member", &guest, false);
        check("user:*@example.com", &guest, false);
    }

    #[test]
    fn selectors_cover_selectors() {
        for (selector, other, expected) in [
            ("*", "group:eng", true),
            ("*", "tag:db", true),
            ("*", "ada@example.com", false),
            ("*", "10.0.0.1", false),
            ("autogroup:danger-all", "group:eng@example.com", true),
            ("autogroup:tagged", "tag:db", true),
            ("autogroup:tagged", "group:eng", false),
            ("autogroup:admin", "autogroup:owner", true),
            ("autogroup:admin", "autogroup:admin", true),
            ("autogroup:owner", "autogroup:admin", false),
            ("autogroup:member", "group:eng", false),
            ("group:eng", "tag:db", false),
        ] {
            assert_eq!(
                covers(&Selector::parse(selector), &Selector::parse(other)),
                expected,
                "{selector} {other}"
            );
        }
    }
}
