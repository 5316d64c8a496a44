//! Which selectors are valid where.

use super::go::Quoted;
use super::selector::Selector;

/// A list of selectors in the policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `src` of an ACL or grant rule.
    Source,
    /// The host of an ACL rule's `dst`, or `dst` of a grant rule.
    Destination,
    /// `src` of an SSH rule.
    SshSource,
    /// `dst` of an SSH rule.
    SshDestination,
    /// `target` in `nodeAttrs`.
    AttributesTarget,
    /// The owners of a tag.
    TagOwner,
    /// The approvers of routes, exit nodes and services.
    AutoApprover,
    /// The members of a group.
    GroupMember,
    /// The entries of an address set, without `add` and `remove`.
    IpSetEntry,
    /// `via` of a grant rule, and `recorder` of an SSH rule.
    Router,
}

/// Whether a form of selector is valid in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It was seen accepted, or is documented.
    Valid,
    /// It was seen refused, or is documented as invalid.
    Invalid,
    /// There is no evidence, or the documents disagree.
    Unknown,
}

/// Selectors that are valid in the same places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Everybody,
    User,
    Domain,
    Group,
    SyncedGroup,
    Tag,
    Members,
    Role,
    Tagged,
    OwnDevices,
    Internet,
    Shared,
    DangerAll,
    OtherAutogroup,
    Network,
    Range,
    Host,
    HostReference,
    IpSet,
    Service,
    LocalPart,
}

/// Section 4.2 of the policy reference: `+` valid, `-` invalid, `?` unknown, in the order of [`Place`].
const TABLE: [(Form, &str); 21] = [
    //                    src dst ssh ssh target owner approver member set router
    (Form::Everybody, "     +   +   -   -   +      ?     ?        -      -   -"),
    (Form::User, "          +   +   +   +   +      +     +        +      ?   -"),
    (Form::Domain, "        +   +   +   ?   ?      +     +        -      -   -"),
    (Form::Group, "         +   +   +   -   +      +     +        -      -   -"),
    (Form::SyncedGroup, "   +   +   +   -   +      +     +        -      -   -"),
    (Form::Tag, "           +   +   +   +   +      +     +        -      -   +"),
    (Form::Members, "       +   +   +   -   +      +     +        -      -   -"),
    (Form::Role, "          +   +   ?   -   +      +     +        -      -   -"),
    (Form::Tagged, "        +   +   +   +   +      +     +        -      -   -"),
    (Form::OwnDevices, "    -   +   -   +   -      -     -        -      -   -"),
    (Form::Internet, "      -   +   -   -   -      -     -        -      +   -"),
    (Form::Shared, "        +   -   -   -   -      -     -        -      -   -"),
    (Form::DangerAll, "     +   -   -   -   -      -     -        -      -   -"),
    (Form::OtherAutogroup, "-   -   -   -   -      -     -        -      -   -"),
    (Form::Network, "       +   +   -   -   +      -     -        -      +   -"),
    (Form::Range, "         -   -   -   -   -      -     -        -      +   -"),
    (Form::Host, "          +   +   -   -   +      -     -        -      -   -"),
    (Form::HostReference, " -   -   -   -   -      -     -        -      +   -"),
    (Form::IpSet, "         +   +   -   -   -      -     -        -      +   -"),
    (Form::Service, "       -   +   -   -   -      -     +        -      -   -"),
    (Form::LocalPart, "     -   -   -   -   -      -     -        -      -   -"),
];

impl Form {
    fn of(selector: &Selector) -> Self {
        match selector {
            Selector::Everybody => Self::Everybody,
            Selector::Login(_) => Self::User,
            Selector::Domain(_) => Self::Domain,
            Selector::Group(_) => Self::Group,
            Selector::SyncedGroup(_) => Self::SyncedGroup,
            Selector::Tag(_) => Self::Tag,
            Selector::Autogroup(name) => Self::of_autogroup(name),
            Selector::Network(_) => Self::Network,
            Selector::Range(_) => Self::Range,
            Selector::Host(_) => Self::Host,
            Selector::HostReference(_) => Self::HostReference,
            Selector::IpSet(_) => Self::IpSet,
            Selector::Service(_) => Self::Service,
            Selector::LocalPart(_) => Self::LocalPart,
        }
    }

    fn of_autogroup(name: &str) -> Self {
        match name.strip_prefix("autogroup:").unwrap_or(name) {
            "member" | "members" => Self::Members,
            "owner" | "admin" | "it-admin" | "network-admin" | "billing-admin" | "auditor" => Self::Role,
            "tagged" => Self::Tagged,
            "self" => Self::OwnDevices,
            "internet" => Self::Internet,
            "shared" => Self::Shared,
            "danger-all" => Self::DangerAll,
            _ => Self::OtherAutogroup,
        }
    }
}

impl Place {
    /// Whether a selector's form is valid here. Whether what it names is defined is another question.
    #[must_use]
    pub fn validity(self, selector: &Selector) -> Validity {
        let form = Form::of(selector);
        let row = TABLE.iter().find(|(known, _)| *known == form).map(|(_, row)| row);
        match row.and_then(|row| row.split_ascii_whitespace().nth(self as usize)) {
            Some("+") => Validity::Valid,
            Some("?") => Validity::Unknown,
            _ => Validity::Invalid,
        }
    }

    /// What the service says of a selector whose form is not valid here. Only some of these texts were
    /// seen (policy reference, section 6); the others are in their style.
    #[must_use]
    pub fn objection(self, selector: &Selector) -> String {
        let text = Quoted(selector.text());
        match (self, Form::of(selector)) {
            (Self::Source, _) => format!("{text} not valid on the src side of a rule"),
            (Self::Destination, Form::DangerAll) => format!("cannot use {} as a dst", selector.text()),
            (Self::Destination, _) => format!("{text} not valid on the dst side of a rule"),
            (Self::SshSource, _) => format!("invalid src {text}"),
            (Self::SshDestination, _) => format!("invalid dst {text}"),
            (Self::AttributesTarget, _) => format!("invalid target {text}"),
            (Self::TagOwner, _) => format!("{text}: not a valid tag owner"),
            (Self::AutoApprover, _) => format!("{text}: not a valid approver"),
            (Self::GroupMember, Form::Group | Form::SyncedGroup) => {
                format!("{text}: group members cannot be recursive")
            }
            (Self::GroupMember, _) => format!("{text}: group members must be users"),
            (Self::IpSetEntry, _) => format!("{text}: not valid in an ipset"),
            (Self::Router, _) => format!("{text}: not a tag"),
        }
    }
}

/// Whether the devices that a source selects have users, so that it can have `autogroup:self` as its
/// destination.
pub(super) fn is_of_users(selector: &Selector) -> bool {
    matches!(
        Form::of(selector),
        Form::User | Form::Domain | Form::Group | Form::SyncedGroup | Form::Members | Form::Role
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        for (form, row) in TABLE {
            assert_eq!(row.split_ascii_whitespace().count(), Place::Router as usize + 1, "{form:?}");
            assert_eq!(TABLE.iter().filter(|(other, _)| *other == form).count(), 1, "{form:?}");
        }
    }

    #[track_caller]
    fn check(place: Place, text: &str, expected: Validity) {
        assert_eq!(place.validity(&Selector::parse(text)), expected, "{text:?} as {place:?}");
    }

    #[test]
    fn forms_in_places() {
        for (place, valid, invalid) in [
            (
                Place::Source,
                "* ada@example.com autogroup:danger-all 10.0.0.0/8 web",
                "autogroup:self svc:web",
            ),
            (Place::Destination, "* autogroup:internet svc:web ipset:lab", "autogroup:shared host:web"),
            (Place::SshSource, "group:eng autogroup:members tag:ci", "* 10.0.0.1 web"),
            (Place::SshDestination, "tag:db autogroup:self ada@example.com", "* group:eng srv"),
            (Place::AttributesTarget, "* autogroup:auditor 10.0.0.1 web", "autogroup:self svc:web"),
            (Place::TagOwner, "tag:ci group:eng@example.com autogroup:tagged", "autogroup:self 10.0.0.1 web"),
            (Place::AutoApprover, "tag:ci user:*@example.com", "autogroup:internet 10.0.0.0/8"),
            (Place::GroupMember, "ada@example.com", "group:eng tag:ci * autogroup:member"),
            (Place::IpSetEntry, "10.0.0.1-10.0.0.9 host:web ipset:lab", "tag:ci group:eng web"),
            (Place::Router, "tag:ci", "* ada@example.com group:eng autogroup:foo localpart:*@example.com"),
        ] {
            valid.split(' ').for_each(|text| check(place, text, Validity::Valid));
            invalid.split(' ').for_each(|text| check(place, text, Validity::Invalid));
        }
        check(Place::TagOwner, "*", Validity::Unknown);
        check(Place::SshSource, "autogroup:admin", Validity::Unknown);
    }

    #[test]
    fn words_of_the_service() {
        for (place, text, expected) in [
            (Place::Source, "autogroup:self", r#""autogroup:self" not valid on the src side of a rule"#),
            (Place::Destination, "autogroup:danger-all", "cannot use autogroup:danger-all as a dst"),
            (Place::SshDestination, "srv", r#"invalid dst "srv""#),
            (Place::GroupMember, "group:b", r#""group:b": group members cannot be recursive"#),
        ] {
            assert_eq!(place.objection(&Selector::parse(text)), expected);
        }
    }
}
