//! Sections that give names to things, and settings.

use super::mistake::{Checked, Mistake, Wrong};
use super::vocabulary::Vocabulary;
use crate::policy::fields::Fields;
use crate::policy::place::Place;
use crate::policy::{Named, Policy, Prefix, Selector};

pub(super) fn groups(policy: &Policy<'_>, names: &Vocabulary<'_>) -> Checked {
    for group in &policy.groups {
        begins_with("group:", "groups", group)?;
        lists_only(Place::GroupMember, "groups", group, names)?;
    }
    Ok(())
}

pub(super) fn tags(policy: &Policy<'_>, names: &Vocabulary<'_>) -> Checked {
    for tag in &policy.tags {
        tag_name(&tag.name).map_err(|mistake| Wrong {
            mistake: mistake.under("tagOwners", &tag.name),
            position: tag.position,
        })?;
    }
    policy.tags.iter().try_for_each(|tag| lists_only(Place::TagOwner, "tagOwners", tag, names))
}

/// The rules that the service's clients apply to tags, too.
fn tag_name(tag: &str) -> Result<(), Mistake> {
    let name = tag.strip_prefix("tag:").ok_or(Mistake::NoTag)?;
    match name.bytes().next() {
        None => Err(Mistake::EmptyTagName),
        Some(first) if !first.is_ascii_alphabetic() => Err(Mistake::TagNameStart),
        Some(_) if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => Ok(()),
        Some(_) => Err(Mistake::TagNameCharacters),
    }
}

pub(super) fn hosts(policy: &Policy<'_>, _names: &Vocabulary<'_>) -> Checked {
    for host in &policy.hosts {
        let mistake = if host.name.contains('@') {
            Mistake::HostName
        } else if host.address.parse::<Prefix>().is_err() {
            Mistake::InvalidAddress(host.address.to_string())
        } else {
            continue;
        };
        return Err(Wrong { mistake: mistake.under("hosts", &host.name), position: host.position });
    }
    Ok(())
}

pub(super) fn postures(policy: &Policy<'_>, names: &Vocabulary<'_>) -> Checked {
    if let Some(posture) = policy.postures.iter().find(|posture| !posture.name.starts_with("posture:")) {
        let mistake = Mistake::NamePrefix("posture:").under("postures", &posture.name);
        return Err(Wrong { mistake, position: posture.position });
    }
    for item in policy.default_source_posture.iter().flat_map(|list| &list.items) {
        if !names.has_posture(&item.text) {
            return Err(Mistake::UndefinedPosture(item.text.to_string()).at(item.value));
        }
    }
    Ok(())
}

pub(super) fn settings(policy: &Policy<'_>, _names: &Vocabulary<'_>) -> Checked {
    for attribute in &policy.attribute_settings {
        if !matches!(&*attribute.kind, "" | "string" | "number" | "bool") {
            let mistake = Mistake::AttributeType(attribute.kind.to_string());
            let mistake = mistake.under("attrConfig", &attribute.name);
            return Err(Wrong { mistake, position: attribute.position });
        }
    }
    match policy.settings.one_cgnat_route.as_deref() {
        None | Some("" | "mac-always" | "mac-never") => Ok(()),
        Some(other) => {
            let field = Fields::of(policy.root).all("onecgnatroute").last().unwrap_or(policy.root);
            Err(Mistake::OneCgnatRoute(other.to_owned()).at(field))
        }
    }
}

/// The name has the prefix that tells what it names.
pub(super) fn begins_with(prefix: &'static str, section: &'static str, named: &Named<'_>) -> Checked {
    if named.name.starts_with(prefix) {
        return Ok(());
    }
    let mistake = Mistake::NamePrefix(prefix).under(section, &named.name);
    Err(Wrong { mistake, position: named.position })
}

/// All items of a list may stand there, and name something.
pub(super) fn lists_only(
    place: Place,
    section: &'static str,
    list: &Named<'_>,
    names: &Vocabulary<'_>,
) -> Checked {
    list.items().try_for_each(|item| {
        let admitted = names.admit(place, Selector::parse(&item.text));
        admitted.map_err(|mistake| mistake.under(section, &list.name).at(item.value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_names() {
        for name in ["tag:a", "tag:Web-01"] {
            assert!(tag_name(name).is_ok(), "{name}");
        }
        for (name, expected) in [
            ("server", "tags must start with 'tag:'"),
            ("tag:", "tag names must not be empty"),
            ("tag:1", "tag names must start with a letter, after 'tag:'"),
            ("tag:сервер", "tag names must start with a letter, after 'tag:'"),
            ("tag:a_b", "tag names can only contain numbers, letters, or dashes"),
            ("tag:a:22", "tag names can only contain numbers, letters, or dashes"),
        ] {
            assert_eq!(tag_name(name).unwrap_err().to_string(), expected);
        }
    }
}
