//! Whether what became of roles is what callers were told. A change of a role that nobody could still cause is wrong;
//! so is an OK that was never so, or was so no more when it was told by the doing of an earlier call; and who is told
//! of a change has seen one.
//!
//! Roles have no tags: a replica whose answer was lost and reads the role that it set takes that for its own doing,
//! also when another replica set it. Then its own request may still live, which is allowed here as in the policy.

use std::fmt;

use super::{RoleCall, RoleStep};
use crate::checker::Answer;

/// A role that the service set.
#[derive(Clone, Debug)]
pub(crate) struct RoleSet {
    pub(crate) at: u64,
    pub(crate) replica: Option<u32>,
    /// As in [`PEOPLE`](super::PEOPLE).
    pub(crate) person: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What is known of the roles of a run. All begin as members.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// How long after it was sent a request may be carried out, in milliseconds.
    pub(crate) lifetime: u64,
    /// How far two times may be apart that mean the same moment.
    pub(crate) slack: u64,
    pub(crate) calls: Vec<RoleCall>,
    /// In the order in which they were set.
    pub(crate) sets: Vec<RoleSet>,
    /// When replicas ended.
    pub(crate) ends: Vec<(u64, u32)>,
}

impl Known {
    /// What must not be.
    pub(crate) fn violations(&self) -> Vec<String> {
        let uncaused =
            self.sets.iter().filter(|set| self.causes(set).next().is_none() && !self.has_twin(set));
        let uncaused = uncaused.map(|set| (set.person.as_str(), format!("{set}: nothing could do that")));
        let told = self.calls.iter().filter_map(|call| {
            let what = self.was_so(call).err()?;
            Some((call.step.person, format!("{call}: {what}")))
        });
        uncaused.chain(told).map(|(person, what)| what + &self.evidence(person)).collect()
    }

    /// The calls that could set a role when it was set.
    fn causes<'k>(&'k self, set: &'k RoleSet) -> impl Iterator<Item = &'k RoleCall> {
        self.calls.iter().filter(move |call| {
            let RoleStep { replica, grants, role, person, .. } = call.step;
            let wants = if grants {
                set.after == role
            } else {
                set.after == "member" && self.roles(person, call.called, set.at).any(|other| other == role)
            };
            let heard = call.answered.or_else(|| self.end_of(call));
            let last = match call.answer {
                Answer::Changed | Answer::Held => heard,
                // Nothing was changed, unless somebody changed it again.
                Answer::Refused => heard.filter(|heard| self.is_undone(set, *heard)).or(Some(0)),
                Answer::Unknown | Answer::Gone => heard.map(|heard| heard + self.lifetime),
            };
            wants
                && person == set.person
                && set.replica.is_none_or(|by| by == replica)
                && call.called <= set.at + self.slack
                && last.is_none_or(|last| set.at <= last + self.slack)
                && !self.is_superseded(call, set)
        })
    }

    fn is_undone(&self, set: &RoleSet, by: u64) -> bool {
        let later = self.of(&set.person).skip_while(|other| !std::ptr::eq(*other, set)).skip(1);
        later.into_iter().any(|other| other.at <= by + self.slack)
    }

    /// Whether a later call to the same process was told OK before, and wants something else.
    fn is_superseded(&self, call: &RoleCall, set: &RoleSet) -> bool {
        self.calls.iter().any(|later| {
            self.keeps_order(call, later)
                && later.answer.is_ok()
                && later.answered.is_some_and(|answered| answered + self.slack < set.at)
                && !later.step.holds_in(&set.after)
        })
    }

    /// Whether another replica had set the same while a call waited whose request may then still live.
    fn has_twin(&self, set: &RoleSet) -> bool {
        self.of(&set.person).any(|twin| {
            twin.after == set.after
                && twin.replica != set.replica
                && twin.at < set.at
                && self.calls.iter().any(|call| {
                    let answered = call.answered.unwrap_or(u64::MAX);
                    Some(call.step.replica) == set.replica
                        && call.step.person == set.person
                        && call.step.holds_in(&set.after)
                        && (call.called..=answered.saturating_add(self.slack)).contains(&twin.at)
                        && set.at <= answered.saturating_add(self.lifetime + self.slack)
                })
        })
    }

    /// Whether an OK is true.
    fn was_so(&self, call: &RoleCall) -> Result<(), &'static str> {
        let (true, Some(answered)) = (call.answer.is_ok(), call.answered) else { return Ok(()) };
        let (step, to) = (call.step, answered + self.slack);
        if !self.roles(step.person, call.called, to).any(|role| step.holds_in(role)) {
            return Err("it was never so between the call and its answer");
        }
        let meanwhile = || {
            let sets = self.of(step.person).filter(|set| set.at + self.slack >= call.called);
            sets.filter(|set| set.at <= to)
        };
        let became_so = |set: &&RoleSet| !step.holds_in(&set.before) && step.holds_in(&set.after);
        if call.answer == Answer::Changed && !meanwhile().any(|set| became_so(&set)) {
            return Err("nobody made it so between the call and its answer");
        }
        match meanwhile().last().filter(|set| !step.holds_in(&set.after)) {
            Some(undone) if self.causes(undone).all(|cause| self.keeps_order(cause, call)) => {
                Err("what was asked earlier undid it before the answer")
            }
            _ => Ok(()),
        }
    }

    /// The roles that somebody had at some time between two.
    fn roles<'k>(&'k self, person: &'k str, from: u64, to: u64) -> impl Iterator<Item = &'k str> {
        let sets = self.of(person).filter(move |set| set.at <= to + self.slack);
        let last = self.of(person).filter(move |set| set.at + self.slack < from).last();
        let first = last.map_or("member", |set| set.after.as_str());
        let later = sets.filter(move |set| set.at + self.slack >= from).map(|set| set.after.as_str());
        std::iter::once(first).chain(later)
    }

    fn of<'k>(&'k self, person: &'k str) -> impl Iterator<Item = &'k RoleSet> {
        self.sets.iter().filter(move |set| set.person == person)
    }

    /// Whether one process took both calls about somebody, this one first.
    fn keeps_order(&self, earlier: &RoleCall, later: &RoleCall) -> bool {
        earlier.answered.is_some_and(|answered| answered + self.slack < later.called)
            && earlier.step.replica == later.step.replica
            && earlier.step.person == later.step.person
            && self.end_of(earlier).is_none_or(|end| later.called <= end)
    }

    /// When the process ended that was called.
    fn end_of(&self, call: &RoleCall) -> Option<u64> {
        let ends =
            self.ends.iter().filter(|(at, replica)| *replica == call.step.replica && *at >= call.called);
        ends.map(|(at, _)| *at).min()
    }

    /// All that is known of somebody.
    fn evidence(&self, person: &str) -> String {
        let calls = self.calls.iter().filter(|call| call.step.person == person);
        let calls = calls.map(|call| (call.called, call.to_string()));
        let mut lines: Vec<_> = calls.chain(self.of(person).map(|set| (set.at, set.to_string()))).collect();
        lines.sort();
        lines.into_iter().fold(String::new(), |text, (_, line)| text + "\n    " + &line)
    }
}

impl fmt::Display for RoleSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, replica, person, before, after } = self;
        let replica = replica.map_or_else(|| "somebody".to_owned(), |replica| format!("replica {replica}"));
        write!(out, "set at {at} by {replica}: {person} is {after}, was {before}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Patience;

    /// `5..20 on 0 grant admin: Changed` and `10 by 0 admin`, all about one person; `30 end 0`.
    #[track_caller]
    fn check(lines: &str, expected: &[&str]) {
        let mut known =
            Known { lifetime: 100, slack: 0, calls: Vec::new(), sets: Vec::new(), ends: Vec::new() };
        for line in lines.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let replica = words[2].parse().unwrap();
            match words[1] {
                "on" => {
                    let (called, answered) = words[0].split_once("..").unwrap();
                    let role =
                        ["admin", "auditor"].into_iter().find(|role| words[4].starts_with(role)).unwrap();
                    known.calls.push(RoleCall {
                        step: RoleStep {
                            replica,
                            grants: words[3] == "grant",
                            role,
                            person: "uma",
                            patience: Patience::Endless,
                        },
                        called: called.parse().unwrap(),
                        answered: answered.parse().ok(),
                        answer: match words[5] {
                            "Changed" => Answer::Changed,
                            "Held" => Answer::Held,
                            "Refused" => Answer::Refused,
                            "Unknown" => Answer::Unknown,
                            _ => Answer::Gone,
                        },
                    });
                }
                "by" => known.sets.push(RoleSet {
                    at: words[0].parse().unwrap(),
                    replica: Some(replica),
                    person: "uma".to_owned(),
                    before: known.sets.last().map_or("member", |set| set.after.as_str()).to_owned(),
                    after: words[3].to_owned(),
                }),
                _ => known.ends.push((words[0].parse().unwrap(), replica)),
            }
        }
        let violations = known.violations();
        assert_eq!(violations.len(), expected.len(), "{violations:#?}");
        for (violation, expected) in violations.iter().zip(expected) {
            assert!(violation.lines().next().unwrap().contains(expected), "{violation}");
        }
    }

    #[test]
    fn what_was_done_as_asked_passes() {
        check(
            "5..20 on 0 grant admin: Changed\n10 by 0 admin\n25..40 on 1 revoke admin: Changed\n30 by 1 member",
            &[],
        );
        check("5..20 on 0 revoke admin: Held\n25..30 on 0 grant auditor: Refused", &[]);
        check("5..20 on 0 grant admin: Unknown\n115 by 0 admin", &[]);
        check("5.. on 0 grant admin: Gone\n20 end 0\n115 by 0 admin", &[]);
    }

    #[test]
    fn an_ok_has_to_be_true() {
        check("5..20 on 0 grant admin: Changed", &["never so"]);
        check("5..20 on 0 grant admin: Held", &["never so"]);
        check("5..20 on 0 revoke admin: Changed", &["nobody made it so"]);
        let undone =
            "5..6 on 0 revoke admin: Unknown\n7..30 on 0 grant admin: Changed\n7 by 0 admin\n20 by 0 member";
        check(undone, &["undid it"]);
        check(&undone.replace("5..6 on 0", "5..6 on 1").replace("20 by 0", "20 by 1"), &[]);
    }

    #[test]
    fn a_refusal_changes_nothing() {
        check("5..20 on 0 grant admin: Refused\n10 by 0 admin", &["nothing could do that"]);
        // Told as contended.
        check(
            "5..20 on 0 grant admin: Refused\n10 by 0 admin\n11..20 on 1 grant auditor: Changed\n12 by 1 auditor",
            &[],
        );
    }

    #[test]
    fn nothing_takes_effect_again() {
        let late = "5..20 on 0 grant admin: Unknown\n121 by 0 admin";
        check(late, &["nothing could do that"]);
        check("5..20 on 0 grant admin: Changed\n10 by 0 admin\n30 by 0 member", &["nothing could do that"]);
        let again = "5..10 on 0 grant admin: Gone\n15..20 on 0 revoke admin: Held\n30 by 0 admin";
        check(again, &["nothing could do that"]);
        // The known limits: another replica or life knows nothing of a request that lives, nor has a role a tag.
        check(&again.replace("20 on 0", "20 on 1"), &[]);
        check(&format!("{again}\n12 end 0"), &[]);
        check(
            "5..20 on 0 grant admin: Changed\n8..20 on 1 grant admin: Changed\n10 by 1 admin
             25..30 on 0 revoke admin: Changed\n28 by 0 member\n50 by 0 admin",
            &[],
        );
    }
}
