//! A rule as a typed view of its object.

use super::baton;
use super::directive::{self, Directives};
use super::fields::Fields;
use super::finding::Findings;
use super::identity;
use super::list::List;
use super::schema;
use super::section::Section;
use crate::hujson::{Kind, Member, Position, Value};
use std::borrow::Cow;

/// An application capability: a name, and what the application is told.
#[derive(Clone)]
pub struct Capability<'d> {
    /// `example.com/cap/backup`
    pub name: Cow<'d, str>,
    /// An array of any values.
    pub value: Value<'d>,
}

impl<'d> Capability<'d> {
    /// Reads all objects under a name such as `app`.
    pub(super) fn read_all(objects: impl Iterator<Item = Value<'d>>) -> Vec<Self> {
        let capability =
            |member: Member<'d>| member.name.as_str().map(|name| Self { name, value: member.value });
        objects.flat_map(Value::members).filter_map(capability).collect()
    }
}

impl AsRef<str> for Capability<'_> {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

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
    /// The capabilities (`app`) of a grant rule.
    pub app: Vec<Capability<'d>>,
    /// `via` of a grant rule.
    pub via: Vec<Cow<'d, str>>,
    /// `srcPosture`: any of them must hold.
    pub source_posture: Vec<Cow<'d, str>>,
    /// `checkPeriod` of an SSH rule; empty when missing.
    pub check_period: String,
    /// `acceptEnv` of an SSH rule: names of variables, with `*` and `?`.
    pub accept_env: Vec<Cow<'d, str>>,
    /// `recorder` of an SSH rule: a tag of the devices that record sessions.
    pub recorder: Vec<Cow<'d, str>>,
    /// `enforceRecorder` of an SSH rule: no session without a recorder.
    pub enforce_recorder: bool,
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
    /// Ids that it is, or was, known by besides its native one: that of its form where it has a pin, and the Go
    /// connector's where that is no other rule's.
    pub fn other_ids(&self) -> impl Iterator<Item = &str> {
        let baton = self.baton_id.as_deref().filter(|_| self.baton_id_unique);
        [Some(self.form_id.as_str()), baton].into_iter().flatten().filter(|id| *id != self.id)
    }

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
        schema::report_unknown(&fields, section.fields(), section.one(), findings);
        let sources = List::read_all(fields.all("src"), "the rule's sources", findings);
        let (directives, description) = directive::read(&value.comments(), true, findings);
        let form_id = identity::form_id(section, &fields);
        let baton = baton::id(section, &fields);
        let is_ssh = section == Section::Ssh;
        Some(Self {
            section,
            index,
            value,
            position: value.position(),
            sources,
            action: fields.text("action", findings).into_owned(),
            proto: fields.text("proto", findings).into_owned(),
            destinations: fields.strings("dst", findings),
            ssh_users: if is_ssh { fields.strings("users", findings) } else { Vec::new() },
            ip: fields.strings("ip", findings),
            app: Capability::read_all(fields.all("app")),
            via: fields.strings("via", findings),
            source_posture: fields.strings("srcposture", findings),
            check_period: fields.text("checkperiod", findings).into_owned(),
            accept_env: fields.strings("acceptenv", findings),
            recorder: fields.strings("recorder", findings),
            enforce_recorder: fields.truth("enforcerecorder", findings).unwrap_or(false),
            directives,
            description,
            id: form_id.clone(),
            form_id,
            baton_id_covers_rule: baton.as_ref().is_some_and(|baton| baton.covers_rule),
            baton_id: baton.map(|baton| baton.id),
            baton_id_unique: false,
        })
    }

    /// The value of a field by its lower-case name, old names by the new one; the last one, as a decoder
    /// takes it, and the rule itself where there is none.
    pub(super) fn field(&self, name: &str) -> Value<'d> {
        Fields::of_rule(self.section, self.value).all(name).last().unwrap_or(self.value)
    }

    /// Where one of the strings of a field stands, such as one of `destinations`.
    pub(super) fn string(&self, field: &str, index: usize) -> Value<'d> {
        let fields = Fields::of_rule(self.section, self.value);
        let mut strings = fields.all(field).flat_map(Value::elements).filter(|it| it.kind() == Kind::String);
        strings.nth(index).unwrap_or(self.value)
    }

    /// The sources, if there are any, else nothing.
    pub fn source_items(&self) -> impl Iterator<Item = &super::list::Item<'d>> {
        self.sources.iter().flat_map(|list| &list.items)
    }
}
