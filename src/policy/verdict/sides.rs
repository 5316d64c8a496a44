//! Sources and destinations of ACL and grant rules.

use super::mistake::{Checked, Mistake};
use super::vocabulary::Vocabulary;
use crate::policy::place::{self, Place};
use crate::policy::{Destination, Rule, Section, Selector};
use std::borrow::Cow;

pub(super) fn sources(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    rule.source_items().try_for_each(|item| {
        let admitted = names.admit(Place::Source, Selector::parse(&item.text));
        admitted.map_err(|mistake| match mistake {
            misplaced @ Mistake::Misplaced { .. } => misplaced.at(item.value),
            other => Mistake::Source(Box::new(other)).at(item.value),
        })
    })
}

pub(super) fn destinations(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    hosts(rule).enumerate().try_for_each(|(index, host)| {
        let admitted = names.admit(Place::Destination, Selector::parse(&host));
        admitted.map_err(|mistake| {
            let mistake = match mistake {
                misplaced @ Mistake::Misplaced { .. } => misplaced,
                other => Mistake::Destination { destination: host.into_owned(), cause: Box::new(other) },
            };
            mistake.at(rule.string("dst", index))
        })
    })
}

/// Whoever may reach `autogroup:self` must have devices of their own. An ACL rule, but no other, may say
/// `*` for everybody who has.
pub(super) fn own_devices(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let Some(index) = hosts(rule).position(|host| host == "autogroup:self") else { return Ok(()) };
    let suits = |selector: &Selector| {
        place::is_of_users(selector) || (rule.section == Section::Acls && *selector == Selector::Everybody)
    };
    if rule.source_items().all(|item| suits(&Selector::parse(&item.text))) {
        return Ok(());
    }
    Err(Mistake::OwnDevicesOfOthers.at(rule.string("dst", index)))
}

pub(super) fn postures(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    match rule.source_posture.iter().position(|posture| !names.has_posture(posture)) {
        None => Ok(()),
        Some(index) => {
            let value = rule.string("srcposture", index);
            let posture = rule.source_posture.get(index).map(ToString::to_string);
            Err(Mistake::UndefinedPosture(posture.unwrap_or_default()).at(value))
        }
    }
}

/// The selectors among the destinations: without the ports of an ACL rule.
pub(super) fn hosts<'r>(rule: &'r Rule<'_>) -> impl Iterator<Item = Cow<'r, str>> {
    rule.destinations.iter().map(|text| match Destination::parse(text) {
        Ok(destination) if rule.section == Section::Acls => destination.host,
        _ => Cow::Borrowed(&**text),
    })
}
