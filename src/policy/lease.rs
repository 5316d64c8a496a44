//! Memberships that end by themselves: `// tailgrant: until=… by=…` at the end of an element's line.

use super::directive::{ElementDirectives, is_requester};
use super::intent::ListId;
use super::list::Item;
use super::view::Policy;
use crate::hujson::Position;
use jiff::Timestamp;
use std::borrow::Cow;

/// The first moment that a directive can tell.
const EARLIEST: Timestamp = Timestamp::constant(-62_167_219_200, 0);

/// When a membership ends, and who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Written in whole seconds: a fraction is rounded up, so that nothing ends early.
    pub until: Timestamp,
    /// 1 to 64 of `A-Z a-z 0-9 . _ : @ + -`; anything else is left out.
    pub by: Option<String>,
}

/// A member that leaves its list by itself.
#[derive(Clone, Debug)]
pub struct Leased<'d> {
    /// The list; of a rule, by its id.
    pub list: ListId,
    /// The member as it is spelled, without space around it.
    pub text: Cow<'d, str>,
    /// Its end.
    pub lease: Lease,
    /// Where the element stands.
    pub position: Position,
}

impl Lease {
    /// The lease that directives tell of; none where `until` does not count.
    #[must_use]
    pub fn of(directives: &ElementDirectives) -> Option<Self> {
        let until = directives.until.as_deref()?.parse().ok()?;
        Some(Self { until, by: directives.by.clone() })
    }

    /// The lease that is read where this one was written.
    #[must_use]
    pub fn as_written(&self) -> Self {
        let more = i64::from(self.until.subsec_nanosecond() > 0);
        let until = Timestamp::from_second(self.until.as_second() + more).unwrap_or(Timestamp::MAX);
        let by = self.by.clone().filter(|by| is_requester(by));
        Self { until: until.max(EARLIEST), by }
    }

    /// The directives that tell of this lease, which is one that was written.
    pub(super) fn directives(&self) -> ElementDirectives {
        ElementDirectives { until: Some(self.until.to_string()), by: self.by.clone() }
    }
}

/// The members of groups, owners of tags and sources of rules that have an end, in the order of the text.
/// The rules that are one resource tell theirs under its one id, and a member that is there several times
/// is told several times. Where a list is there twice, all of it is read, as [`Policy`] does.
#[must_use]
pub fn leases<'d>(policy: &Policy<'d>) -> Vec<Leased<'d>> {
    let mut leases = Vec::new();
    let mut read = |items: &mut dyn Iterator<Item = &Item<'d>>, list: &dyn Fn() -> ListId| {
        for item in items {
            if let Some(lease) = Lease::of(&item.directives()) {
                let (text, position) = (item.text.clone(), item.value.position());
                leases.push((item.value.span().start, Leased { list: list(), text, lease, position }));
            }
        }
    };
    for group in &policy.groups {
        read(&mut group.items(), &|| ListId::Group(group.name.to_string()));
    }
    for tag in &policy.tags {
        read(&mut tag.items(), &|| ListId::TagOwners(tag.name.to_string()));
    }
    for rule in &policy.rules {
        read(&mut rule.source_items(), &|| ListId::Rule(rule.section, rule.id.clone()));
    }
    leases.sort_by_key(|(start, _)| *start);
    leases.into_iter().map(|(_, lease)| lease).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Section, parse};

    #[test]
    fn members_owners_and_sources_in_order() {
        let text = r#"{
            "acls": [
                // tailgrant: id=a
                {"src": ["group:eng" /* tailgrant: until=2030-01-01T00:00:00Z */, "*"], "dst": []},
                // tailgrant: id=a
                {"users": [
                    " \u0061da@example.com", // tailgrant: until=2030-01-01T01:00:00.5+01:00 by=REQ-1
                    "bob@example.com", // tailgrant: until=tomorrow
                    "eve@example.com", // tailgrant: until=2030-01-01T00:00:00Z until=2030-01-01T00:00:00Z
                ], "dst": []},
            ],
            "tagOwners": {"tag:db": [
                "bob@example.com" // tailgrant: until=2031-01-01T00:00:00Z by="not allowed"
            ]},
            "groups": {"group:eng": [
                // tailgrant: until=2030-01-01T00:00:00Z
                "ada@example.com",
                "Bob@example.com", // why; tailgrant: until=2030-01-01T00:00:00Z
                "BOB@example.com", // tailgrant: until=2029-01-01T00:00:00z
            ]},
        }"#;
        let document = parse(text.as_bytes()).unwrap();
        let policy = Policy::read(&document).unwrap();
        let told: Vec<String> = leases(&policy)
            .iter()
            .map(|Leased { list, text, lease, position }| {
                let by = lease.by.as_deref().unwrap_or("nobody");
                format!("{} {list} {text} {} {by}", position.line, lease.until)
            })
            .collect();
        assert_eq!(
            told,
            [
                "4 acl:a group:eng 2030-01-01T00:00:00Z nobody",
                "7 acl:a ada@example.com 2030-01-01T00:00:00.5Z REQ-1",
                "13 tag:db bob@example.com 2031-01-01T00:00:00Z nobody",
                "19 group:eng BOB@example.com 2029-01-01T00:00:00Z nobody",
            ]
        );
        assert_eq!(leases(&policy)[0].list, ListId::Rule(Section::Acls, "acl:a".to_owned()));
    }

    #[track_caller]
    fn check_written(until: &str, by: Option<&str>, expected: &str) {
        let lease = Lease { until: until.parse().unwrap(), by: by.map(str::to_owned) }.as_written();
        assert_eq!(lease.directives().to_string(), expected);
        assert_eq!(Lease::of(&lease.directives()), Some(lease.clone()));
        assert_eq!(lease.as_written(), lease);
    }

    #[test]
    fn what_is_written_can_be_read() {
        check_written(
            "2030-01-01T01:00:00+01:00",
            Some("REQ-1"),
            "tailgrant: until=2030-01-01T00:00:00Z by=REQ-1",
        );
        check_written("2030-01-01T00:00:00.001Z", Some("a b"), "tailgrant: until=2030-01-01T00:00:01Z");
        check_written("1969-12-31T23:59:58.5Z", None, "tailgrant: until=1969-12-31T23:59:59Z");
        check_written("-000001-01-01T00:00:00Z", Some("*/"), "tailgrant: until=0000-01-01T00:00:00Z");
        let last = Lease { until: Timestamp::MAX, by: None }.as_written();
        assert!(last.directives().until.is_some_and(|until| until.starts_with("9999-12-30T")));
    }
}
