//! Which selectors may be added to which list. The service refuses more than this tells (an undefined
//! tag, a test that fails); what is refused here, it would refuse for certain, or it is nothing that a
//! grant can be about.

use super::place::{Place, Validity};
use super::rule::Rule;
use super::section::Section;
use super::selector::{Selector, login_key};

/// A list, as far as it decides what may be added to it.
#[derive(Clone, Copy)]
pub enum Holder<'a> {
    /// The members of a local group.
    Group,
    /// The owners of a tag.
    TagOwners,
    /// The sources of a rule.
    Rule(&'a Rule<'a>),
}

/// The kinds of principal that a list admits. Of users, an SSH rule may admit just one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent answers")]
pub struct Admits {
    /// Logins.
    pub users: bool,
    /// Local and synced groups.
    pub groups: bool,
    /// Computed sets of people.
    pub autogroups: bool,
    /// Tags.
    pub tags: bool,
}

impl Holder<'_> {
    /// Whether a selector may be added.
    ///
    /// # Errors
    ///
    /// Tells what the list admits instead.
    pub fn may_hold(self, selector: &Selector) -> Result<(), &'static str> {
        match self {
            Self::Group => match Place::GroupMember.validity(selector) {
                Validity::Valid => Ok(()),
                Validity::Invalid | Validity::Unknown => {
                    Err("a group holds users only, groups cannot be nested")
                }
            },
            Self::TagOwners => match Place::TagOwner.validity(selector) {
                Validity::Valid => Ok(()),
                Validity::Invalid | Validity::Unknown => Err(
                    "a tag is owned by users, groups, tags, or autogroups of members, domains, roles, tagged devices",
                ),
            },
            // Networks, hosts and autogroups may be sources of a rule, but nobody is granted them.
            Self::Rule(rule) => match selector {
                Selector::Login(login) => may_hold_user(rule, login),
                Selector::Group(_) | Selector::SyncedGroup(_) => may_hold_group(rule),
                Selector::Tag(_) => may_hold_tag(rule),
                _ => Err("a rule is granted to users, groups or tags"),
            },
        }
    }

    /// The kinds of principal that may be added.
    #[must_use]
    pub fn admits(self) -> Admits {
        let may_hold = |selector: &Selector| self.may_hold(selector).is_ok();
        Admits {
            users: match self {
                Self::Rule(rule) => !matches!(DevicesOf::opened_by(rule), DevicesOf::Several),
                Self::Group | Self::TagOwners => true,
            },
            groups: may_hold(&Selector::Group("group:any".to_owned())),
            autogroups: may_hold(&Selector::Autogroup("autogroup:member".to_owned())),
            tags: may_hold(&Selector::Tag("tag:any".to_owned())),
        }
    }
}

fn may_hold_user(rule: &Rule<'_>, login: &str) -> Result<(), &'static str> {
    match DevicesOf::opened_by(rule) {
        DevicesOf::Nobody => Ok(()),
        DevicesOf::User(user) if user == login_key(login) => Ok(()),
        DevicesOf::User(_) | DevicesOf::Several => Err("SSH to a user's own devices is for that very user"),
    }
}

fn may_hold_group(rule: &Rule<'_>) -> Result<(), &'static str> {
    match DevicesOf::opened_by(rule) {
        DevicesOf::Nobody => Ok(()),
        DevicesOf::User(_) | DevicesOf::Several => Err("SSH to a user's own devices is for that very user"),
    }
}

fn may_hold_tag(rule: &Rule<'_>) -> Result<(), &'static str> {
    let is_self = |destination: &str| {
        destination
            .strip_prefix("autogroup:self")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    may_hold_group(rule)?;
    if rule.destinations.iter().any(|destination| is_self(destination)) {
        return Err("autogroup:self as a destination is for users and groups");
    }
    if rule.section == Section::Ssh && rule.action == "check" {
        return Err("nobody could answer the check of a tagged device");
    }
    Ok(())
}

/// The users whose devices an SSH rule opens by name: nobody else can be its source.
enum DevicesOf {
    Nobody,
    /// By what logins are compared by.
    User(String),
    Several,
}

impl DevicesOf {
    fn opened_by(rule: &Rule<'_>) -> Self {
        let destinations = rule.destinations.iter().filter(|_| rule.section == Section::Ssh);
        let mut users = destinations.filter_map(|text| match Selector::parse(text) {
            Selector::Login(login) => Some(login_key(&login)),
            _ => None,
        });
        match users.next() {
            None => Self::Nobody,
            Some(first) if users.all(|user| user == first) => Self::User(first),
            Some(_) => Self::Several,
        }
    }
}

#[cfg(test)]
mod tests;
