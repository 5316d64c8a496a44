//! `postures`: conditions on devices.

use crate::hujson::{Kind, Position, Value};
use crate::policy::fields::Fields;
use crate::policy::finding::Findings;
use crate::policy::list::List;
use crate::policy::schema;
use std::borrow::Cow;

/// A posture: all of its conditions must hold.
#[derive(Clone)]
pub struct Posture<'d> {
    /// The whole name: `posture:managed`.
    pub name: Cow<'d, str>,
    /// Where its value begins.
    pub position: Position,
    /// One condition each, such as `node:os IN ['macos', 'linux']`. `None`: no array is there.
    pub assertions: Option<List<'d>>,
    /// `onFailure`, in the object form.
    pub on_failure: Option<Value<'d>>,
}

impl<'d> Posture<'d> {
    pub(in crate::policy) fn read_all(
        sections: impl Iterator<Item = Value<'d>>,
        findings: &mut Findings<'d>,
    ) -> Vec<Self> {
        let postures = sections.flat_map(|section| Fields::of(section).into_members());
        postures.map(|posture| Self::read(posture.spelling, posture.value, findings)).collect()
    }

    fn read(name: Cow<'d, str>, value: Value<'d>, findings: &mut Findings<'d>) -> Self {
        let position = value.position();
        if value.kind() != Kind::Object {
            let assertions = List::read_all(std::iter::once(value), &name, findings);
            return Self { name, position, assertions, on_failure: None };
        }
        let fields = Fields::of(value);
        schema::report_unknown(&fields, schema::POSTURE, "a posture", findings);
        let assertions = List::read_all(fields.all("assertions"), "assertions", findings);
        Self { name, position, assertions, on_failure: fields.all("onfailure").last() }
    }
}
