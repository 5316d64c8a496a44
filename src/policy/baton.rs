//! Rule ids of the Go connector (baton-tailscale), for tailnets that move over from it.

use super::fields::Fields;
use super::section::Section;
use crate::hujson::{Kind, Value};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The Go connector's id of a rule.
pub(super) struct BatonId {
    pub(super) id: String,
    /// The hash covers all of the rule but its sources. Else a rule that means something else may have
    /// the same id.
    pub(super) covers_rule: bool,
}

/// SHA-256 over `action`, the sorted `dst` and, in SSH rules, the sorted `users`, joined without anything
/// between. It reads exact lower-case names and untrimmed strings.
///
/// `None` where there is no such id or it does not last: grant rules; a rule without an action; an ACL
/// rule with `users`, which are its sources there, so that each grant changes the id; a value or a
/// repetition that the Go connector's decoder takes in its own way.
pub(super) fn id(section: Section, fields: &Fields<'_>) -> Option<BatonId> {
    let under = |name: &'static str| {
        let mut fields = fields.iter().filter(move |field| field.spelling == name).map(|field| field.value);
        (fields.next(), fields.next().is_some())
    };
    let once = |name| match under(name) {
        (value, false) => Some(value),
        (_, true) => None,
    };
    let users = once("users")?;
    match section {
        Section::Grants => return None,
        Section::Acls if users.is_some() => return None,
        Section::Acls | Section::Ssh => {}
    }
    let action = once("action")??.as_str().filter(|action| !action.is_empty())?;
    let mut hash = Sha256::new_with_prefix(&*action);
    for list in [once("dst")?, users] {
        let mut strings = strings(list)?;
        strings.sort_unstable();
        for text in strings {
            hash.update(&*text);
        }
    }
    let covered = |spelling: &str| match spelling {
        "action" | "src" | "dst" => true,
        "users" => section == Section::Ssh,
        _ => false,
    };
    Some(BatonId {
        id: format!("{}{}", section.id_prefix(), hex(&hash.finalize())),
        covers_rule: fields.iter().all(|field| covered(&field.spelling)),
    })
}

/// The strings of a list that may be missing or null; `None` if it holds anything else.
fn strings(list: Option<Value<'_>>) -> Option<Vec<Cow<'_, str>>> {
    match list.map(|list| (list, list.kind())) {
        None | Some((_, Kind::Null)) => Some(Vec::new()),
        Some((list, Kind::Array)) => list.elements().map(Value::as_str).collect(),
        Some(_) => None,
    }
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
