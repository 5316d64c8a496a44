//! Sections that are neither rules nor lists of names: compared as plain values.

use super::ValueChange;
use crate::hujson::{Kind, Position, Value};
use crate::policy::canonical;
use crate::policy::fields::{Field, Fields};
use std::collections::HashMap;

/// Sections that others compare.
const ELSEWHERE: [&str; 9] = [
    "groups",
    "tagowners",
    "ipsets",
    "postures",
    "defaultsrcposture",
    "autoapprovers",
    "acls",
    "ssh",
    "grants",
];
/// A section that is a list of items: its name, as it is spelt, and old and new names of its fields.
type Items = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
/// Those in which the order means nothing.
const ITEMS: [Items; 3] = [
    ("nodeattrs", "nodeAttrs", &[]),
    ("tests", "tests", &[("user", "src"), ("allow", "accept")]),
    ("sshtests", "sshTests", &[]),
];
/// The longest value that is shown, in bytes.
const SHOWN: usize = 200;
/// How deep objects are compared name by name; below, a value is the same or another one.
const DEEPEST: usize = 6;

/// The changes of all such sections. `old` and `new` are the fields of the policies' objects.
pub(super) fn compare(old: &Fields<'_>, new: &Fields<'_>) -> Vec<ValueChange> {
    let mut changes = Vec::new();
    let sides = [(old, Side::Old), (new, Side::New)];
    let fields = sides.iter().flat_map(|(fields, side)| fields.iter().map(move |field| (field, *side)));
    let others = fields.filter(|(field, _)| !is_elsewhere(field));
    let others = others.map(|(field, side)| (&*field.name, &*field.spelling, side, field.value));
    by_name("", others, 0, &mut changes);
    for (name, spelling, old_names) in ITEMS {
        items(spelling, forms(old, name, old_names), forms(new, name, old_names), &mut changes);
    }
    changes
}

fn is_elsewhere(field: &Field<'_>) -> bool {
    let name = &*field.name;
    field.value.kind() == Kind::Null
        || ELSEWHERE.contains(&name)
        || ITEMS.iter().any(|(items, ..)| *items == name)
}

#[derive(Clone, Copy)]
enum Side {
    Old,
    New,
}

/// What stands under one name in both versions.
struct Both<'v, 's> {
    spelling: &'s str,
    old: Vec<Value<'v>>,
    new: Vec<Value<'v>>,
}

/// Compares values name by name: each with what it is found by, its spelling, and whose it is.
fn by_name<'v, 's>(
    path: &str,
    values: impl Iterator<Item = (&'s str, &'s str, Side, Value<'v>)>,
    depth: usize,
    changes: &mut Vec<ValueChange>,
) {
    let (mut names, mut all) = (HashMap::new(), Vec::<Both<'v, 's>>::new());
    for (name, spelling, side, value) in values {
        let index = *names.entry(name).or_insert(all.len());
        if index == all.len() {
            all.push(Both { spelling, old: Vec::new(), new: Vec::new() });
        }
        if let Some(both) = all.get_mut(index) {
            match side {
                Side::Old => both.old.push(value),
                Side::New => both.new.push(value),
            }
        }
    }
    for both in all {
        let dot = if path.is_empty() { "" } else { "." };
        value(&format!("{path}{dot}{}", both.spelling), &both, depth, changes);
    }
}

fn value(path: &str, both: &Both<'_, '_>, depth: usize, changes: &mut Vec<ValueChange>) {
    let is_object = |value: &Value<'_>| value.kind() == Kind::Object;
    let descends = match (&*both.old, &*both.new) {
        ([old], [new]) => depth < DEEPEST && is_object(old) && is_object(new),
        ([value], []) | ([], [value]) => depth == 0 && is_object(value),
        _ => false,
    };
    if descends {
        let names = |values: &[Value<'_>], side| -> Vec<(String, Side)> {
            let members = values.iter().flat_map(|value| value.members());
            members.map(|member| (member.name.as_str().unwrap_or_default().into_owned(), side)).collect()
        };
        let names = [names(&both.old, Side::Old), names(&both.new, Side::New)].concat();
        let values = both.old.iter().chain(&both.new).flat_map(|value| value.members());
        let members =
            names.iter().zip(values).map(|((name, side), member)| (&**name, &**name, *side, member.value));
        return by_name(path, members, depth + 1, changes);
    }
    let form = |values: &[Value<'_>]| -> Option<(Position, Vec<u8>)> {
        let position = values.first()?.position();
        Some((
            position,
            values.iter().map(|value| canonical::compact(*value)).collect::<Vec<_>>().join(&b','),
        ))
    };
    let (before, after) = (form(&both.old), form(&both.new));
    if before.as_ref().map(|(_, form)| form) != after.as_ref().map(|(_, form)| form) {
        changes.push(ValueChange { path: path.to_owned(), before: shown(before), after: shown(after) });
    }
}

fn shown(form: Option<(Position, Vec<u8>)>) -> Option<(Position, String)> {
    form.map(|(position, form)| (position, cut(&form, SHOWN)))
}

/// The start of a text, and a mark where there is more.
pub(super) fn cut(text: &[u8], most: usize) -> String {
    let text = String::from_utf8_lossy(text).into_owned();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The items of a section in a form in which only what means something differs.
fn forms<'d>(
    fields: &Fields<'d>,
    name: &str,
    old_names: &[(&str, &'static str)],
) -> Vec<(Position, Vec<u8>)> {
    let items = fields.all(name).flat_map(Value::elements);
    let form = |item: Value<'d>| match item.kind() {
        Kind::Object => canonical::item(&Fields::of(item).renamed(old_names)),
        _ => canonical::compact(item),
    };
    items.map(|item| (item.position(), form(item))).collect()
}

/// Items that are not in the other version as often.
fn items(
    section: &str,
    old: Vec<(Position, Vec<u8>)>,
    new: Vec<(Position, Vec<u8>)>,
    changes: &mut Vec<ValueChange>,
) {
    let mut left: HashMap<Vec<u8>, Vec<Position>> = HashMap::new();
    for (position, form) in old.into_iter().rev() {
        left.entry(form).or_default().push(position);
    }
    let change = |before, after| ValueChange { path: section.to_owned(), before, after };
    let mut came = Vec::new();
    for (position, form) in new {
        if left.get_mut(&form).and_then(Vec::pop).is_none() {
            came.push(change(None, shown(Some((position, form)))));
        }
    }
    let gone = left
        .into_iter()
        .flat_map(|(form, positions)| positions.into_iter().map(move |position| (position, form.clone())));
    let mut gone: Vec<_> = gone.collect();
    gone.sort_unstable();
    changes.extend(gone.into_iter().map(|item| change(shown(Some(item)), None)));
    changes.extend(came);
}
