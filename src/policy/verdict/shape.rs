//! Values of another kind than the service's decoder takes.

use super::mistake::{Checked, Mistake, Wrong};
use super::vocabulary::Vocabulary;
use crate::hujson::{Kind, Value};
use crate::policy::Policy;
use crate::policy::schema::{self, Shape};
use std::borrow::Cow;

pub(super) fn check(policy: &Policy<'_>, _names: &Vocabulary<'_>) -> Checked {
    mismatch(policy.root, &Shape::Object(schema::POLICY))
        .map_or(Ok(()), |mismatch| Err(mismatch.into_wrong()))
}

/// A value of the wrong kind, and the names that lead to it, the innermost first.
struct Mismatch<'d> {
    value: Value<'d>,
    path: Vec<Cow<'d, str>>,
    wanted: String,
}

/// The first value that does not have its shape. It looks no deeper than the shape does.
fn mismatch<'d>(value: Value<'d>, shape: &Shape) -> Option<Mismatch<'d>> {
    let inside = |name: Cow<'d, str>, value, shape: &Shape| {
        let mut mismatch = mismatch(value, shape)?;
        mismatch.path.push(name);
        Some(mismatch)
    };
    let mut members = value.members().map(|member| (member.name.as_str().unwrap_or_default(), member.value));
    match (shape, value.kind()) {
        (Shape::Anything, _) | (_, Kind::Null) | (Shape::Text, Kind::String) | (Shape::Truth, Kind::Bool) => {
            None
        }
        (Shape::List(shape), Kind::Array) => value.elements().find_map(|element| mismatch(element, shape)),
        (Shape::Each(shape), Kind::Object) => members.find_map(|(name, value)| inside(name, value, shape)),
        (Shape::Object(names), Kind::Object) => members.find_map(|(name, value)| {
            let known = schema::find(names, &name)?;
            inside(name, value, &known.shape)
        }),
        _ => Some(Mismatch { value, path: Vec::new(), wanted: type_of(shape) }),
    }
}

impl Mismatch<'_> {
    fn into_wrong(self) -> Wrong {
        let found = match self.value.kind() {
            Kind::Null => "null",
            Kind::Bool => "bool",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Array => "array",
            Kind::Object => "object",
        };
        let path = self.path.iter().rev().map(|name| &**name).collect::<Vec<_>>().join(".");
        Mistake::Kind { found, path, wanted: self.wanted }.at(self.value)
    }
}

/// A shape as Go would name its type.
fn type_of(shape: &Shape) -> String {
    match shape {
        Shape::Anything => "interface {}".to_owned(),
        Shape::Text => "string".to_owned(),
        Shape::Truth => "bool".to_owned(),
        Shape::List(shape) => format!("[]{}", type_of(shape)),
        Shape::Each(shape) => format!("map[string]{}", type_of(shape)),
        Shape::Object(_) => "struct".to_owned(),
    }
}
