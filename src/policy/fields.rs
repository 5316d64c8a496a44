//! Members of an object by name, as the service finds them: in any ASCII case, escapes decoded.

use super::finding::Findings;
use super::section::Section;
use crate::hujson::{Kind, Member, Value};
use std::borrow::Cow;

/// A member of an object.
pub(super) struct Field<'d> {
    /// The name as the text spells it, decoded.
    pub(super) spelling: Cow<'d, str>,
    /// The name it is found by: lower case, old names by their new one.
    pub(super) name: Cow<'d, str>,
    pub(super) value: Value<'d>,
}

/// The members of an object in order, duplicates included; none if the value is no object.
pub(super) struct Fields<'d>(Vec<Field<'d>>);

/// What stands under a name that should be there once.
#[derive(Clone, Copy)]
pub(super) enum Slot<'d> {
    /// The name is missing, or its value is null.
    Nothing,
    /// One array.
    Array(Value<'d>),
    /// One value of another kind.
    Other,
    /// Several: the name is doubled, has two spellings, or stands beside its old form.
    Twice,
}

impl<'d> Fields<'d> {
    pub(super) fn of(object: Value<'d>) -> Self {
        let field = |member: Member<'d>| {
            let spelling = member.name.as_str().unwrap_or_default();
            let name = if spelling.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(spelling.to_ascii_lowercase())
            } else {
                spelling.clone()
            };
            Field { spelling, name, value: member.value }
        };
        Self(object.members().map(field).collect())
    }

    /// The fields of a rule. ACL rules have old names: `users` are `src`, `ports` are `dst`.
    pub(super) fn of_rule(section: Section, rule: Value<'d>) -> Self {
        let fields = Self::of(rule);
        if section == Section::Acls { fields.renamed(&[("users", "src"), ("ports", "dst")]) } else { fields }
    }

    /// The fields with old names (first of a pair) by their new ones (second).
    pub(super) fn renamed(mut self, names: &[(&str, &'static str)]) -> Self {
        for field in &mut self.0 {
            if let Some((_, new)) = names.iter().find(|(old, _)| field.name == *old) {
                field.name = Cow::Borrowed(new);
            }
        }
        self
    }

    pub(super) fn into_members(self) -> impl Iterator<Item = Field<'d>> {
        self.0.into_iter()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field<'d>> + Clone {
        self.0.iter()
    }

    /// The values under a name, in order.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = Value<'d>> {
        self.named(name).map(|field| field.value)
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Field<'d>> {
        self.0.iter().filter(move |field| field.name == name)
    }

    pub(super) fn slot(&self, name: &str) -> Slot<'d> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Slot::Twice,
            (None, _) => Slot::Nothing,
            (Some(value), _) => match value.kind() {
                Kind::Null => Slot::Nothing,
                Kind::Array => Slot::Array(value),
                _ => Slot::Other,
            },
        }
    }

    /// The strings of all arrays under a name, without the white space that the service ignores.
    pub(super) fn strings(&self, name: &str, findings: &mut Findings<'d>) -> Vec<Cow<'d, str>> {
        let mut strings = Vec::new();
        for Field { spelling, value, .. } in self.named(name) {
            for element in elements(*value, spelling, findings) {
                match element.as_str() {
                    Some(text) => strings.push(trimmed(text)),
                    None => findings.report(element, format!("{spelling} holds something that is no string")),
                }
            }
        }
        strings
    }

    /// The last string under a name, as a decoder would take it; empty when there is none. Numbers are
    /// taken as they are written.
    pub(super) fn text(&self, name: &str, findings: &mut Findings<'d>) -> Cow<'d, str> {
        let mut text = Cow::Borrowed("");
        for Field { spelling, value, .. } in self.named(name) {
            match (value.as_str(), value.kind()) {
                (Some(string), _) => text = trimmed(string),
                (None, Kind::Null) => {}
                (None, kind) => {
                    findings.report(*value, format!("{spelling} is no string"));
                    if kind == Kind::Number {
                        text = String::from_utf8_lossy(value.raw());
                    }
                }
            }
        }
        text
    }

    /// The last truth value under a name.
    pub(super) fn truth(&self, name: &str, findings: &mut Findings<'d>) -> Option<bool> {
        let mut truth = None;
        for Field { spelling, value, .. } in self.named(name) {
            match value.as_bool() {
                Some(value) => truth = Some(value),
                None if value.kind() == Kind::Null => {}
                None => findings.report(*value, format!("{spelling} is neither true nor false")),
            }
        }
        truth
    }

    /// The first field whose name was there before.
    pub(super) fn doubled(&self) -> Option<&Field<'d>> {
        let mut fields: Vec<&Field<'d>> = self.0.iter().collect();
        fields.sort_by(|one, other| one.name.cmp(&other.name));
        let doubled = fields.windows(2).filter_map(|pair| match pair {
            [one, other] if one.name == other.name => Some(*other),
            _ => None,
        });
        doubled.min_by_key(|field| field.value.span().start)
    }
}

/// What stands in an array, with a finding where the value is neither array nor null. `what` names it.
pub(super) fn elements<'d>(
    value: Value<'d>,
    what: &str,
    findings: &mut Findings<'d>,
) -> impl Iterator<Item = Value<'d>> + use<'d> {
    if !matches!(value.kind(), Kind::Array | Kind::Null) {
        findings.report(value, format!("{what} is no array: nothing in it counts"));
    }
    value.elements()
}

/// A decoded string without the white space that the service ignores around it.
pub(super) fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(super::selector::trimmed(text)),
        Cow::Owned(text) => {
            let inner = super::selector::trimmed(&text);
            if inner.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(inner.to_owned()) }
        }
    }
}
