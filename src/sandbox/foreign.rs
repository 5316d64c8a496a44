//! What somebody else does to the policy file while tailgrant is at it.

use std::fmt;

use crate::hujson::{self, Document, Edit, Kind, NewValue, Value};

/// An edit by somebody else. Repeated, each comes and goes, so that the file does not grow without end.
/// Where the policy has no place for it, it is a [remark](Self::Remark).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForeignEdit {
    /// `remark`: a comment line at the top, written anew each time. Every offset moves and the tag changes,
    /// the meaning does not.
    #[default]
    Remark,
    /// `comment`: a comment line above some group or host.
    Comment,
    /// `member`: somebody of their own comes into some group, or leaves it: `visitor-N@DOMAIN`, nobody else.
    Member,
    /// `host`: a name that no rule uses comes among the hosts, or goes.
    Host,
    /// `rule`: an ACL rule with sources and destinations of its own comes, or goes.
    Rule,
    /// `layout`: a line is indented further. The tag stays; a store that formats undoes it.
    Layout,
    /// `lease`: the end of somebody's access is removed, the access stays, as it happens when the admin
    /// console writes a group anew.
    Lease,
    /// `any`: one of the others, drawn.
    Any,
}

/// How everything begins that somebody else says.
const MARK: &str = "Edited by somebody else, time ";

/// How everybody and everything is named that somebody else brings.
const VISITOR: &str = "visitor-";

/// How many of their own somebody else has.
const VISITORS: u64 = 8;

/// How the directive begins that ends somebody's access.
const END: &str = "tailgrant: until=";

impl ForeignEdit {
    pub(super) const ALL: [Self; 8] = [
        Self::Remark,
        Self::Comment,
        Self::Member,
        Self::Host,
        Self::Rule,
        Self::Layout,
        Self::Lease,
        Self::Any,
    ];

    /// The word in a schedule.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Remark => "remark",
            Self::Comment => "comment",
            Self::Member => "member",
            Self::Host => "host",
            Self::Rule => "rule",
            Self::Layout => "layout",
            Self::Lease => "lease",
            Self::Any => "any",
        }
    }

    /// The policy after the `time`th edit. Equal draws do the same to equal texts; `domain` is the visitors'.
    pub(super) fn carried_out(self, text: &[u8], time: u64, draw: u64, domain: &str) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(draw);
        let edit = match self {
            Self::Any => random.choice(Self::ALL).unwrap_or_default(),
            one => one,
        };
        let edited = hujson::parse(text).ok().and_then(|document| {
            let mut hand = Hand { document: &document, time, domain, random };
            let edits = match edit {
                Self::Remark | Self::Any => None,
                Self::Comment => hand.comment(),
                Self::Member => hand.member(),
                Self::Host => hand.host(),
                Self::Rule => hand.rule(),
                Self::Layout => hand.layout(),
                Self::Lease => hand.lease(),
            };
            hujson::apply(text, edits?).ok()
        });
        edited.unwrap_or_else(|| remark(text, time))
    }
}

impl fmt::Display for ForeignEdit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

fn remark(text: &[u8], time: u64) -> Vec<u8> {
    let head = format!("// {MARK}");
    let rest = if text.starts_with(head.as_bytes()) {
        text.split_inclusive(|&byte| byte == b'\n')
            .next()
            .map_or(text, |line| text.get(line.len()..).unwrap_or_default())
    } else {
        text
    };
    [format!("{head}{time}.\n").as_bytes(), rest].concat()
}

/// Somebody else at work. Each method is one kind of edit; `None`: there is no place for it.
struct Hand<'d> {
    document: &'d Document<'d>,
    time: u64,
    domain: &'d str,
    random: fastrand::Rng,
}

impl<'d> Hand<'d> {
    fn comment(&mut self) -> Option<Vec<Edit>> {
        let mut places = self.values("groups");
        places.extend(self.values("hosts"));
        let place = self.random.choice(places)?;
        // Each place carries one at most.
        let said = place.comments().above;
        if let Some(own) = said.iter().find(|comment| comment.text.starts_with(MARK)) {
            let opens = self.document.text().get(own.span.clone())?.get(..2)?;
            let comment = match opens {
                b"/*" => format!("/* {MARK}{}. */", self.time),
                _ => format!("// {MARK}{}.", self.time),
            };
            return Some(vec![replace(own.span.clone(), comment)]);
        }
        Some(vec![hujson::insert_comment_above(place, &format!("{MARK}{}.", self.time))])
    }

    fn member(&mut self) -> Option<Vec<Edit>> {
        let groups = self.values("groups").into_iter().filter(|value| value.kind() == Kind::Array);
        let group = self.random.choice(groups.collect::<Vec<_>>())?;
        let visitor = format!("{VISITOR}{}@{}", self.random.u64(..VISITORS), self.domain);
        let there = group.elements().position(|element| element.as_str().as_deref() == Some(&visitor));
        Some(match there {
            Some(index) => hujson::edit_array::<&str>(group, &[index], &[]),
            None => hujson::edit_array(group, &[], &[visitor.as_str()]),
        })
    }

    fn host(&mut self) -> Option<Vec<Edit>> {
        let number = self.random.u64(..VISITORS);
        let (name, address) = (format!("{VISITOR}{number}"), format!("198.51.100.{number}"));
        let new = (name.as_str(), NewValue::String(&address));
        let Some(hosts) = self.section("hosts", Kind::Object) else {
            let root = self.document.root();
            let taken = root.members().any(|member| member.name.as_str().as_deref() == Some("hosts"));
            let edits = hujson::edit_object(root, &[], &[("hosts", NewValue::Object(&[new]))]);
            return (!taken && !edits.is_empty()).then_some(edits);
        };
        let there = hosts.members().position(|member| member.name.as_str().as_deref() == Some(&name));
        Some(match there {
            Some(index) => hujson::edit_object(hosts, &[index], &[]),
            None => hujson::edit_object(hosts, &[], &[new]),
        })
    }

    /// Without the section there is no place: an empty policy allows everything, and one rule would end that.
    fn rule(&mut self) -> Option<Vec<Edit>> {
        let rules = self.section("acls", Kind::Array)?;
        let number = self.random.u64(..VISITORS);
        let destination = format!("198.51.100.{number}:22");
        let there = rules.elements().position(|rule| {
            let to = member(rule, "dst").and_then(|to| to.elements().next());
            to.is_some_and(|to| to.as_str().as_deref() == Some(&destination))
        });
        if let Some(index) = there {
            return Some(hujson::edit_array::<&str>(rules, &[index], &[]));
        }
        let visitor = format!("{VISITOR}{number}@{}", self.domain);
        let written =
            format!(r#"{{"action": "accept", "src": ["{visitor}"], "dst": ["{destination}"]}}"#).into_bytes();
        let rule = hujson::parse(&written).ok()?;
        Some(hujson::edit_array(rules, &[], &[rule.root()]))
    }

    fn layout(&mut self) -> Option<Vec<Edit>> {
        let text = self.document.text();
        let lines = (1..text.len()).filter(|&at| text.get(at - 1..=at) == Some(b"\n\t"));
        let at = self.random.choice(lines.collect::<Vec<_>>())?;
        let edits = vec![replace(at..at, "\t".to_owned())];
        let edited = hujson::apply(text, edits.clone()).ok()?;
        // Inside a block comment it would be more than layout.
        (hujson::format(&edited).ok()? == hujson::format(text).ok()?).then_some(edits)
    }

    fn lease(&mut self) -> Option<Vec<Edit>> {
        let text = self.document.text();
        let elements = self.values("groups").into_iter().flat_map(Value::elements);
        let ends = elements.flat_map(|element| element.comments().trailing);
        let ends: Vec<_> = ends.filter(|end| end.text.starts_with(END)).map(|end| end.span).collect();
        let end = self.random.choice(ends)?;
        let space = text.get(..end.start)?.iter().rev().take_while(|byte| **byte == b' ').count();
        Some(vec![replace(end.start - space..end.end, String::new())])
    }

    /// The values in a section that is an object.
    fn values(&self, section: &str) -> Vec<Value<'d>> {
        let section = self.section(section, Kind::Object);
        section.into_iter().flat_map(Value::members).map(|member| member.value).collect()
    }

    fn section(&self, name: &str, kind: Kind) -> Option<Value<'d>> {
        member(self.document.root(), name).filter(|section| section.kind() == kind)
    }
}

fn member<'d>(object: Value<'d>, name: &str) -> Option<Value<'d>> {
    let mut members = object.members();
    members.find(|member| member.name.as_str().as_deref() == Some(name)).map(|member| member.value)
}

fn replace(range: std::ops::Range<usize>, new: String) -> Edit {
    Edit { range, bytes: new.into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "{\n\t\"groups\": {\n\t\t\"group:eng\": [\n\t\t\t\"ada@example.com\", // tailgrant: until=2026-11-21T10:00:00Z by=R-1\n\t\t],\n\t},\n\t\"acls\": [],\n}\n";

    #[track_caller]
    fn check(edit: ForeignEdit, text: &str, time: u64, expected: &str) {
        // The draw only chooses among places and names; one with number 3 is taken.
        let draw = (0..1_000).find(|&draw| fastrand::Rng::with_seed(draw).u64(..VISITORS) == 3).unwrap();
        let edited = edit.carried_out(text.as_bytes(), time, draw, "example.com");
        let edited = String::from_utf8(edited).unwrap();
        let changed: Vec<String> = similar::TextDiff::from_lines(text, &edited)
            .iter_all_changes()
            .filter(|change| change.tag() != similar::ChangeTag::Equal)
            .map(|change| format!("{}{}", change.tag(), change.value().trim_end()))
            .collect();
        assert_eq!(changed.join("\n"), expected, "{edited}");
    }

    fn twice(edit: ForeignEdit) -> String {
        let once = edit.carried_out(POLICY.as_bytes(), 1, 7, "example.com");
        assert_ne!(once, POLICY.as_bytes());
        String::from_utf8(edit.carried_out(&once, 2, 7, "example.com")).unwrap()
    }

    #[test]
    fn each_edit_is_what_it_says() {
        check(ForeignEdit::Remark, POLICY, 4, "+// Edited by somebody else, time 4.");
        check(ForeignEdit::Comment, POLICY, 4, "+\t\t// Edited by somebody else, time 4.");
        check(
            ForeignEdit::Lease,
            POLICY,
            1,
            "-\t\t\t\"ada@example.com\", // tailgrant: until=2026-11-21T10:00:00Z by=R-1\n+\t\t\t\"ada@example.com\",",
        );
        check(ForeignEdit::Host, POLICY, 1, "+\t\"hosts\": {\n+\t\t\"visitor-3\": \"198.51.100.3\",\n+\t},");
    }

    #[test]
    fn what_came_goes_again() {
        for edit in [ForeignEdit::Member, ForeignEdit::Rule] {
            assert_eq!(twice(edit), POLICY, "{edit}");
        }
        assert!(!twice(ForeignEdit::Host).contains(VISITOR));
        for edit in [ForeignEdit::Remark, ForeignEdit::Comment] {
            let text = twice(edit);
            assert_eq!((text.matches(MARK).count(), text.contains("time 2.")), (1, true), "{edit}: {text}");
        }
    }

    #[test]
    fn layout_is_nothing_else() {
        let edited = ForeignEdit::Layout.carried_out(POLICY.as_bytes(), 1, 7, "example.com");
        assert_eq!(edited.len(), POLICY.len() + 1);
        assert_eq!(hujson::format(&edited).unwrap(), hujson::format(POLICY.as_bytes()).unwrap());
    }

    #[test]
    fn without_a_place_it_is_a_remark() {
        for edit in ForeignEdit::ALL {
            let edited = edit.carried_out(b"[]\n", 1, 7, "example.com");
            assert_eq!(edited, b"// Edited by somebody else, time 1.\n[]\n", "{edit}");
        }
    }

    #[test]
    fn every_edit_leaves_a_policy() {
        let inline =
            r#"{"groups": {"group:eng": [], "group:ops": []}, "hosts": {"lab": "192.0.2.1"}, "acls": []}"#;
        for draw in 0..400 {
            let mut text = if draw % 2 == 0 { POLICY } else { inline }.as_bytes().to_vec();
            for time in 0..20 {
                text = ForeignEdit::Any.carried_out(&text, time, draw * 31 + time, "example.com");
                hujson::parse(&text).unwrap();
            }
            assert!(text.len() < 3_000, "{}", String::from_utf8_lossy(&text));
        }
    }
}
