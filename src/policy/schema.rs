//! What may stand where in the policy file: the names that are known, and the shape of their values.

use super::fields::Fields;
use super::finding::Findings;

/// The shape of a value. `null` has every shape: it is read as nothing there.
pub(super) enum Shape {
    /// Whatever the service itself does not look into, or what several shapes are known for.
    Anything,
    /// A string.
    Text,
    /// `true` or `false`.
    Truth,
    /// An array of these.
    List(&'static Shape),
    /// An object whose names are the policy's own, with these as values.
    Each(&'static Shape),
    /// An object with these names, each in any ASCII case.
    Object(&'static [Known]),
}

/// A name that has a meaning in an object.
pub(super) struct Known {
    /// As the service documents it.
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

const fn known(name: &'static str, shape: Shape) -> Known {
    Known { name, shape }
}

const TEXTS: Shape = Shape::List(&Shape::Text);
const LISTS: Shape = Shape::Each(&TEXTS);

/// The sections.
pub(super) const POLICY: &[Known] = &[
    known("groups", LISTS),
    known("hosts", Shape::Each(&Shape::Text)),
    known("ipsets", LISTS),
    known("tagOwners", LISTS),
    known("acls", Shape::List(&Shape::Object(ACL_RULE))),
    known("grants", Shape::List(&Shape::Object(GRANT_RULE))),
    known("ssh", Shape::List(&Shape::Object(SSH_RULE))),
    known("autoApprovers", Shape::Object(AUTO_APPROVERS)),
    known("nodeAttrs", Shape::List(&Shape::Object(NODE_ATTRIBUTES))),
    known("postures", Shape::Each(&Shape::Anything)),
    known("defaultSrcPosture", TEXTS),
    known("attrConfig", Shape::Each(&Shape::Object(ATTRIBUTE_SETTINGS))),
    known("tests", Shape::List(&Shape::Object(NETWORK_TEST))),
    known("sshTests", Shape::List(&Shape::Object(SSH_TEST))),
    known("derpMap", Shape::Object(DERP_MAP)),
    known("disableIPv4", Shape::Truth),
    known("OneCGNATRoute", Shape::Text),
    known("randomizeClientPort", Shape::Truth),
];

/// `users` and `ports` are old names of `src` and `dst`. Whether the service takes a number as `proto` is
/// not known.
pub(super) const ACL_RULE: &[Known] = &[
    known("action", Shape::Text),
    known("src", TEXTS),
    known("users", TEXTS),
    known("dst", TEXTS),
    known("ports", TEXTS),
    known("proto", Shape::Anything),
    known("srcPosture", TEXTS),
];

pub(super) const GRANT_RULE: &[Known] = &[
    known("src", TEXTS),
    known("dst", TEXTS),
    known("ip", TEXTS),
    known("app", Shape::Each(&Shape::List(&Shape::Anything))),
    known("via", TEXTS),
    known("srcPosture", TEXTS),
];

pub(super) const SSH_RULE: &[Known] = &[
    known("action", Shape::Text),
    known("src", TEXTS),
    known("dst", TEXTS),
    known("users", TEXTS),
    known("checkPeriod", Shape::Text),
    known("acceptEnv", TEXTS),
    known("srcPosture", TEXTS),
    known("recorder", TEXTS),
    known("enforceRecorder", Shape::Truth),
];

pub(super) const AUTO_APPROVERS: &[Known] =
    &[known("routes", LISTS), known("exitNode", TEXTS), known("services", LISTS)];

pub(super) const NODE_ATTRIBUTES: &[Known] = &[
    known("target", TEXTS),
    known("attr", TEXTS),
    known("app", Shape::Each(&Shape::List(&Shape::Anything))),
    known("ipPool", TEXTS),
];

pub(super) const ATTRIBUTE_SETTINGS: &[Known] = &[
    known("type", Shape::Text),
    known("allowSetByNode", Shape::Truth),
    known("broadcastToPeers", Shape::Truth),
];

/// The object form of a posture.
pub(super) const POSTURE: &[Known] = &[known("assertions", TEXTS), known("onFailure", Shape::Anything)];

pub(super) const DERP_MAP: &[Known] =
    &[known("regions", Shape::Each(&Shape::Anything)), known("omitDefaultRegions", Shape::Truth)];

/// `user` and `allow` are old names of `src` and `accept`.
pub(super) const NETWORK_TEST: &[Known] = &[
    known("src", Shape::Text),
    known("user", Shape::Text),
    known("srcPostureAttrs", Shape::Anything),
    known("proto", Shape::Anything),
    known("accept", TEXTS),
    known("allow", TEXTS),
    known("deny", TEXTS),
];

pub(super) const SSH_TEST: &[Known] = &[
    known("src", Shape::Text),
    known("srcPostureAttrs", Shape::Anything),
    known("dst", TEXTS),
    known("accept", TEXTS),
    known("check", TEXTS),
    known("deny", TEXTS),
];

/// Finds a name in any ASCII case.
pub(super) fn find(names: &'static [Known], name: &str) -> Option<&'static Known> {
    names.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// Reports the fields whose names have no meaning here. They stay in the text as they are.
pub(super) fn report_unknown<'d>(
    fields: &Fields<'d>,
    names: &'static [Known],
    place: &str,
    findings: &mut Findings<'d>,
) {
    for field in fields.iter().filter(|field| find(names, &field.name).is_none()) {
        let meant = names.iter().find(|known| is_one_typo_away(&field.name, known.name));
        let meant = meant.map(|known| format!(", did you mean {:?}?", known.name)).unwrap_or_default();
        let message = format!("{:?} has no known meaning in {place}{meant}", field.spelling);
        findings.report(field.value, message);
    }
}

/// One letter more, one less, one other, or two neighbours swapped; without regard to ASCII case.
fn is_one_typo_away(text: &str, name: &str) -> bool {
    let (text, name) = (text.as_bytes(), name.as_bytes());
    let same = |pair: &(&u8, &u8)| pair.0.eq_ignore_ascii_case(pair.1);
    let head = text.iter().zip(name).take_while(same).count();
    let (text, name) = (text.get(head..).unwrap_or_default(), name.get(head..).unwrap_or_default());
    let tail = text.iter().rev().zip(name.iter().rev()).take_while(same).count();
    let differing = (
        text.get(..text.len() - tail).unwrap_or_default(),
        name.get(..name.len() - tail).unwrap_or_default(),
    );
    match differing {
        ([_], [] | [_]) | ([], [_]) => true,
        ([a, b], [c, d]) => a.eq_ignore_ascii_case(d) && b.eq_ignore_ascii_case(c),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos() {
        for (text, name) in [
            ("tagowner", "tagOwners"),
            ("tagownerss", "tagOwners"),
            ("acl", "acls"),
            ("gruops", "groups"),
            ("hosst", "hosts"),
            ("ownerstag", "ownersTags"),
            ("grantz", "grants"),
            ("aacls", "acls"),
        ] {
            assert!(is_one_typo_away(text, name), "{text:?} {name:?}");
        }
        for (text, name) in [("acls", "acls"), ("tags", "tagOwners"), ("", "ssh"), ("spost", "hosts")] {
            assert!(!is_one_typo_away(text, name), "{text:?} {name:?}");
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(find(POLICY, "onecgnatroute").map(|known| known.name), Some("OneCGNATRoute"));
        assert!(find(POLICY, "acl").is_none());
    }
}
