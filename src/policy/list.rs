//! Lists of selectors, and the groups and tags that have one.

use super::directive::{self, Directives};
use super::fields::{Fields, elements, trimmed};
use super::finding::Findings;
use crate::hujson::{Kind, Position, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// One string of a list.
#[derive(Clone)]
pub struct Item<'d> {
    /// Decoded, without space and TAB around it.
    pub text: Cow<'d, str>,
    /// The element.
    pub value: Value<'d>,
}

/// A list of selectors: members, sources, owners.
#[derive(Clone)]
pub struct List<'d> {
    /// The array; the last one if several stand under the name.
    pub value: Value<'d>,
    /// The strings, of all arrays if there are several. Other elements are left out.
    pub items: Vec<Item<'d>>,
}

impl<'d> List<'d> {
    /// Reads what stands under one name. `None`: no array is there.
    pub(super) fn read_all(
        values: impl Iterator<Item = Value<'d>>,
        what: &str,
        findings: &mut Findings<'d>,
    ) -> Option<Self> {
        let mut list: Option<Self> = None;
        for value in values {
            let mut items = list.take().map(|list| list.items);
            for element in elements(value, what, findings) {
                match element.as_str() {
                    Some(text) => {
                        let item = Item { text: trimmed(text), value: element };
                        items.get_or_insert_default().push(item);
                    }
                    None => findings.report(element, format!("{what} holds something that is no string")),
                }
            }
            if value.kind() == Kind::Array || items.is_some() {
                list = Some(Self { value, items: items.unwrap_or_default() });
            }
        }
        list
    }
}

/// A group, tag or address set: a name and a list.
#[derive(Clone)]
pub struct Named<'d> {
    /// The whole name, decoded: `group:eng`, `tag:db`.
    pub name: Cow<'d, str>,
    /// `None`: null or no array.
    pub list: Option<List<'d>>,
    /// Directives in its comments.
    pub directives: Directives,
    /// The other text of its comments, one line for each line.
    pub description: String,
    /// Where its value begins.
    pub position: Position,
}

impl<'d> Named<'d> {
    /// Reads all sections of one kind. A name that is there twice gives one entry with all lists; the
    /// strictest directives of all win.
    pub(super) fn read_all(
        section: &str,
        values: impl Iterator<Item = Value<'d>>,
        bears_directives: bool,
        findings: &mut Findings<'d>,
    ) -> Vec<Self> {
        let mut names: HashMap<Cow<'d, str>, Vec<Value<'d>>> = HashMap::new();
        let mut order = Vec::new();
        for value in values {
            if !matches!(value.kind(), Kind::Object | Kind::Null) {
                findings.report(value, format!("{section} is no object: nothing in it counts"));
            }
            for member in Fields::of(value).into_members() {
                let spots = names.entry(member.spelling.clone()).or_default();
                if spots.is_empty() {
                    order.push(member.spelling);
                } else {
                    let name = &member.spelling;
                    findings.report(member.value, format!("{name:?} is there twice: all of it is read"));
                }
                spots.push(member.value);
            }
        }
        order
            .into_iter()
            .filter_map(|name| {
                let values = names.remove(&name)?;
                Self::read(name, &values, bears_directives, findings)
            })
            .collect()
    }

    fn read(
        name: Cow<'d, str>,
        values: &[Value<'d>],
        bears_directives: bool,
        findings: &mut Findings<'d>,
    ) -> Option<Self> {
        let position = values.first()?.position();
        let list = List::read_all(values.iter().copied(), &name, findings);
        let (mut directives, mut description) = (Directives::default(), String::new());
        for value in values.iter().filter(|_| bears_directives) {
            let (more, text) = directive::read(&value.comments(), false, findings);
            directives.absorb(more);
            if description.is_empty() {
                description = text;
            }
        }
        Some(Self { name, list, directives, description, position })
    }

    /// The strings of the list, if there is one.
    pub fn items(&self) -> impl Iterator<Item = &Item<'d>> {
        self.list.iter().flat_map(|list| &list.items)
    }
}
