//! JSON patches of the reference: what they mean, done with our edits. The layout is ours.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::Value as Json;
use tailgrant::hujson::{Edit, Kind, NewValue, Value, apply, edit_array, edit_object, parse, replace};

use crate::{records, report, say};

#[test]
fn patch_by_edits() {
    let file = "hujson-patch.jsonl";
    let Some(records) = records(file) else { return };
    let (mut total, mut wrong) = (0, Vec::new());
    for record in &records {
        let Some(out) = record["out"].as_str() else { continue };
        let text = record["in"].as_str().unwrap().as_bytes().to_vec();
        let Some(patched) = patch(text, record["patch"].as_str().unwrap()) else { continue };
        total += 1;
        let patched = String::from_utf8(patched).unwrap();
        if meaning(&patched) != meaning(out) {
            wrong.push(format!("{}: got {patched:?}, want the meaning of {out:?}", record["id"]));
        }
    }
    assert!(total > 0, "no patch was an edit");
    report(&format!("{file}, patches that are edits"), total, &wrong);
    let others = records.len() - total;
    say(&format!("{file}: {others} others (refused, or to test, move, copy, insert in the middle)"));
}

/// What another parser makes of a text.
fn meaning(text: &str) -> Json {
    json5::from_str(text).unwrap()
}

/// Carries out a patch; `None` if one of its operations is no edit of ours.
fn patch(mut text: Vec<u8>, patch: &str) -> Option<Vec<u8>> {
    let patch = parse(patch.as_bytes()).ok()?;
    for operation in patch.root().elements() {
        let field = |name: &str| {
            let mut members = operation.members();
            members.find(|member| member.name.as_str().as_deref() == Some(name)).map(|member| member.value)
        };
        let (kind, pointer) = (field("op")?.as_str()?, field("path")?.as_str()?);
        let document = parse(&text).unwrap();
        let old = document.find(&pointer);
        let edits = match (&*kind, old, pointer.rsplit_once('/')) {
            ("replace", Some(old), _) | ("add", Some(old), None) => {
                vec![replace(old, field("value")?.into())]
            }
            ("add", _, Some((around, token))) => add(document.find(around)?, token, field("value")?.into())?,
            ("remove", Some(old), Some((around, _))) => remove(document.find(around)?, old),
            _ => return None,
        };
        text = apply(&text, edits).unwrap();
    }
    Some(text)
}

/// Adds a member, or replaces its value; appends an element.
fn add(composite: Value<'_>, token: &str, new: NewValue<'_>) -> Option<Vec<Edit>> {
    let name = token.replace("~1", "/").replace("~0", "~");
    if composite.kind() == Kind::Object {
        let mut members = composite.members();
        return Some(match members.find(|member| member.name.as_str().as_deref() == Some(&*name)) {
            Some(member) => vec![replace(member.value, new)],
            None => edit_object(composite, &[], &[(&*name, new)]),
        });
    }
    let end = name == "-" || name == composite.elements().count().to_string();
    (composite.kind() == Kind::Array && end).then(|| edit_array(composite, &[], &[new]))
}

fn remove(composite: Value<'_>, old: Value<'_>) -> Vec<Edit> {
    let mut values = composite.elements().chain(composite.members().map(|member| member.value));
    let index = values.position(|value| value.span() == old.span()).unwrap();
    [edit_array::<&str>(composite, &[index], &[]), edit_object(composite, &[index], &[])].concat()
}
