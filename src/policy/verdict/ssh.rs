//! `ssh`.

use super::mistake::{Checked, Mistake};
use super::vocabulary::Vocabulary;
use super::{RuleCheck, sides};
use crate::policy::go::Duration;
use crate::policy::place::{self, Place, Validity};
use crate::policy::{Rule, Selector, login_key};

pub(super) const CHECKS: &[RuleCheck] = &[
    action,
    accounts,
    check_period,
    variables,
    sources,
    destinations,
    own_devices,
    devices_of_a_user,
    checked_tags,
    recorder,
    sides::postures,
];

const LONGEST_CHECK_PERIOD: Duration = Duration::from_hours(168);

fn action(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let mistake = match &*rule.action {
        "accept" | "check" => return Ok(()),
        "" => Mistake::NoSshAction,
        other => Mistake::SshAction(other.to_owned()),
    };
    Err(mistake.at(rule.field("action")))
}

/// Accounts are taken literally, whatever they look like, but for a domain in `localpart:*@domain`.
fn accounts(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    if rule.ssh_users.is_empty() {
        return Err(Mistake::NoSshUsers.at(rule.field("users")));
    }
    rule.ssh_users.iter().enumerate().try_for_each(|(index, account)| {
        let valid = match (&**account, account.strip_prefix("localpart:*@")) {
            ("" | "*", _) => Err(Mistake::SshUser(account.to_string())),
            (_, Some(domain)) if !domain.is_empty() => names.associated(domain),
            _ => Ok(()),
        };
        valid.map_err(|mistake| mistake.at(rule.string("users", index)))
    })
}

fn check_period(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let mistake = match &*rule.check_period {
        "" | "always" => return Ok(()),
        text => match text.parse::<Duration>() {
            Err(error) => Mistake::from(error),
            Ok(period) if period < Duration::ZERO => Mistake::NegativeCheckPeriod(period),
            Ok(period) if period > LONGEST_CHECK_PERIOD => Mistake::LongCheckPeriod(period),
            Ok(_) => return Ok(()),
        },
    };
    Err(mistake.at(rule.field("checkperiod")))
}

fn variables(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    match rule.accept_env.iter().position(|name| name.is_empty()) {
        None => Ok(()),
        Some(index) => Err(Mistake::EmptyVariable.at(rule.string("acceptenv", index))),
    }
}

fn sources(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    rule.source_items().try_for_each(|item| {
        let admitted = names.admit(Place::SshSource, Selector::parse(&item.text));
        admitted.map_err(|mistake| match mistake {
            foreign @ Mistake::ForeignDomain(_) => Mistake::SshSource(Box::new(foreign)).at(item.value),
            other => other.at(item.value),
        })
    })
}

fn destinations(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    rule.destinations.iter().enumerate().try_for_each(|(index, text)| {
        let admitted = names.admit(Place::SshDestination, Selector::parse(text));
        admitted.map_err(|mistake| mistake.at(rule.string("dst", index)))
    })
}

fn own_devices(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let Some(index) = rule.destinations.iter().position(|text| text == "autogroup:self") else {
        return Ok(());
    };
    if rule.source_items().all(|item| place::is_of_users(&Selector::parse(&item.text))) {
        return Ok(());
    }
    Err(Mistake::OwnDevicesOfOthers.at(rule.string("dst", index)))
}

/// Nobody but a user may be let into that user's devices by name. Where there are no sources nobody is.
///
/// This and [`checked_tags`] refuse what the documentation rules out, and no more: it does not say who may
/// be let into the devices of `user:*@domain`, so anybody may.
fn devices_of_a_user(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let login = |text: &str| match Selector::parse(text) {
        Selector::Login(login) => Some(login_key(&login)),
        _ => None,
    };
    let mut sources = rule.source_items().map(|item| login(&item.text));
    let Some(first) = sources.next() else { return Ok(()) };
    let only = first.filter(|first| sources.all(|other| other.as_ref() == Some(first)));
    let is_of_another = |text: &str| login(text).is_some_and(|user| only.as_ref() != Some(&user));
    match rule.destinations.iter().position(|text| is_of_another(text)) {
        None => Ok(()),
        Some(index) => Err(Mistake::DevicesOfAnother.at(rule.string("dst", index))),
    }
}

/// Nobody could answer the check of a tagged device.
fn checked_tags(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let tagged = |text: &str| text.starts_with("tag:") || text == "autogroup:tagged";
    match rule.source_items().find(|item| tagged(&item.text)) {
        Some(item) if rule.action == "check" => Err(Mistake::CheckedTag.at(item.value)),
        _ => Ok(()),
    }
}

fn recorder(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    let mistake = match &rule.recorder[..] {
        [] => return Ok(()),
        [tag] if Place::Router.validity(&Selector::parse(tag)) == Validity::Valid => {
            if names.has_tag(tag) {
                return Ok(());
            }
            Mistake::UndefinedTag(tag.to_string())
        }
        _ => Mistake::Recorder,
    };
    Err(mistake.at(rule.field("recorder")))
}
