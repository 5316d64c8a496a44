//! A rule as a typed view of its object.

use super::baton;
use super::directive::{self, Directives};
use super::fields::{Fields, elements, trimmed};
use super::finding::Findings;
use super::identity;
use super::list::List;
use super::section::Section;
use crate::hujson::{Kind, Position, Value};
use std::borrow::Cow;

/// A rule of one of the three sections. Strings are decoded and without space and TAB around them.
#[derive(Clone)]
pub struct Rule<'d> {
    /// The section it stands in.
    pub section: Section,
    /// Its place in the section, from 0; elements that are no rules are counted.
    pub index: usize,
    /// The rule's object.
    pub value: Value<'d>,
    /// Where it begins.
    pub position: Position,
    /// `src`, in ACL rules also `users`. `None`: missing, null or no array.
    pub sources: Option<List<'d>>,
    /// `action`; empty when missing. Not in grant rules.
    pub action: String,
    /// `proto`; empty when missing: TCP, UDP and ICMP.
    pub proto: String,
    /// `dst`, in ACL rules also `ports`, with ports there.
    pub destinations: Vec<Cow<'d, str>>,
    /// The host accounts (`users`) of an SSH rule: no principals, whatever they look like.
    pub ssh_users: Vec<Cow<'d, str>>,
    /// `ip` of a grant rule.
    pub ip: Vec<Cow<'d, str>>,
    /// The capability names (`app`) of a grant rule.
    pub app: Vec<Cow<'d, str>>,
    /// `via` of a grant rule.
    pub via: Vec<Cow<'d, str>>,
    /// `srcPosture`: any of them must hold.
    pub source_posture: Vec<Cow<'d, str>>,
    /// `checkPeriod` of an SSH rule; empty when missing.
    pub check_period: String,
    /// Directives in its comments.
    pub directives: Directives,
    /// The other text of its comments, one line for each line.
    pub description: String,
    /// The native id that follows from the canonical form: prefix and 32 hex digits.
    pub form_id: String,
    /// The native id: prefix and pin where the rule has one that is its own, else `form_id`. Rules with
    /// equal ids are one resource: members are the union, the strictest directive wins.
    pub id: String,
    /// The Go connector's id, where it has a lasting one.
    pub baton_id: Option<String>,
    /// No rule with another `id` has this `baton_id`.
    pub baton_id_unique: bool,
    /// The Go connector's hash covers every member of the rule but its sources.
    pub baton_id_covers_rule: bool,
}

impl<'d> Rule<'d> {
    /// Reads an element of a section; `None` with a finding if it is no object. The ids of the section's
    /// rules are still to be told apart by [`identity::assign`].
    pub(super) fn read(
        section: Section,
        index: usize,
        value: Value<'d>,
        findings: &mut Findings<'d>,
    ) -> Option<Self> {
        if value.kind() != Kind::Object {
            findings.report(value, format!("{section} holds something that is no rule: it does not count"));
            return None;
        }
        let fields = Fields::of_rule(section, value);
        if let Some(field) = fields.doubled() {
            let spelling = &field.spelling;
            findings.report(
                field.value,
                format!("{spelling:?} is in this rule twice, perhaps in another spelling: all of it is read"),
            );
        }
        let mut reader = Reader { fields: &fields, findings };
        let sources = List::read_all(fields.all("src"), "the rule's sources", reader.findings);
        let ssh_users = if section == Section::Ssh { reader.strings("users") } else { Vec::new() };
        let (directives, description) = directive::read(&value.comments(), true, reader.findings);
        let form_id = identity::form_id(section, &fields);
        let baton = baton::id(section, &fields);
        Some(Self {
            section,
            index,
            value,
            position: value.position(),
            sources,
            action: reader.text("action"),
            proto: reader.text("proto"),
            destinations: reader.strings("dst"),
            ssh_users,
            ip: reader.strings("ip"),
            app: fields
                .all("app")
                .flat_map(Value::members)
                .filter_map(|member| member.name.as_str())
                .collect(),
            via: reader.strings("via"),
            source_posture: reader.strings("srcposture"),
            check_period: reader.text("checkperiod"),
            directives,
            description,
            id: form_id.clone(),
            form_id,
            baton_id_covers_rule: baton.as_ref().is_some_and(|baton| baton.covers_rule),
            baton_id: baton.map(|baton| baton.id),
            baton_id_unique: false,
        })
    }

    /// The sources, if there are any, else nothing.
    pub fn source_items(&self) -> impl Iterator<Item = &super::list::Item<'d>> {
        self.sources.iter().flat_map(|list| &list.items)
    }
}

struct Reader<'r, 'd> {
    fields: &'r Fields<'d>,
    findings: &'r mut Findings<'d>,
}

impl<'d> Reader<'_, 'd> {
    fn strings(&mut self, name: &str) -> Vec<Cow<'d, str>> {
        let mut strings = Vec::new();
        for value in self.fields.all(name) {
            for element in elements(value, name, self.findings) {
                match element.as_str() {
                    Some(text) => strings.push(trimmed(text)),
                    None => {
                        self.findings.report(element, format!("{name} holds something that is no string"));
                    }
                }
            }
        }
        strings
    }

    /// The last string under a name, as a decoder would take it. Numbers are taken as they are written.
    fn text(&mut self, name: &str) -> String {
        let mut text = String::new();
        for value in self.fields.all(name) {
            match (value.as_str(), value.kind()) {
                (Some(string), _) => text = trimmed(string).into_owned(),
                (None, Kind::Null) => {}
                (None, kind) => {
                    self.findings.report(value, format!("{name} is no string"));
                    if kind == Kind::Number {
                        text = String::from_utf8_lossy(value.raw()).into_owned();
                    }
                }
            }
        }
        text
    }
}
