//! Callers, and what they ask for.

use std::time::Duration;

use jiff::Timestamp;

use super::checker::lists;
use super::checker::{Call, Op};
use super::plan::LONGEST_LEASE;
use super::sabotage::Sabotage;
use super::service::REFUSED;
use super::text::{LISTS, PEOPLE};
use super::world::{DEADLINE, Happens, Process, World};
use crate::connector::leases::ends::End;
use crate::connector::writer::machine::Input;
use crate::connector::writer::{Origin, Wanted};
use crate::policy::{Intent, Lease, ListId, Section, Wish};

/// How long before its deadline a call is answered.
const EARLY: u64 = 200;

impl World {
    /// Somebody asks for a change.
    pub(super) fn ask(&mut self) {
        let running: Vec<Process> =
            self.replicas.iter().map(|(number, replica)| (*number, replica.incarnation)).collect();
        if running.is_empty() {
            let later = self.within(500, 5_000);
            return self.at(later, Happens::Ask);
        }
        let crowded = self.chance.f64() < self.plan.crowded;
        let list =
            if crowded { self.plan.crowd + self.chance.usize(..2) } else { self.chance.usize(..LISTS.len()) };
        let list = LISTS[list];
        let person = PEOPLE[self.chance.usize(..if crowded { 2 } else { PEOPLE.len() })];
        // Mostly one replica serves a member, so that its order counts.
        let turn = if self.chance.u8(..4) == 0 {
            self.chance.usize(..running.len())
        } else {
            person.len() + list.len()
        };
        let process = running[turn % running.len()];
        let mut principal = self.spelled(person);
        if self.chance.f64() < self.plan.objections {
            principal = format!("{REFUSED}{}@example.com", self.chance.u8(..3));
        } else if !list.starts_with("group:") && self.chance.u8(..6) == 0 {
            "group:g2".clone_into(&mut principal);
        }
        let op = self.op(process, list, &principal);
        let mut also = Vec::new();
        if op == Op::Revoke && self.chance.u8(..7) == 0 {
            let other = PEOPLE[self.chance.usize(..PEOPLE.len())];
            also.extend((other != person).then(|| self.spelled(other)));
        }
        let deadline = match self.chance.u8(..4) {
            0 => self.within(100, 20_000),
            _ => self.now + DEADLINE,
        };
        let call = self.call(process, op, list, principal, also);
        if self.chance.u8(..10) == 0 {
            let leaves = self.within(1, 20_000);
            self.at(leaves, Happens::Leave(call));
        }
        self.submit(process, call, deadline, None);
    }

    /// What somebody wants: mostly what changes something, and of members mostly that they leave.
    fn op(&mut self, process: Process, list: &str, principal: &str) -> Op {
        let mut items = lists::read(&self.service.current.text).lists.into_iter().filter(|it| it.id == list);
        let key = lists::key(principal);
        let is_member = items.any(|list| list.items.iter().any(|item| item.key == key));
        let against = self.chance.u8(..5) == 0;
        match self.chance.u8(..10) {
            0..6 if is_member != against => Op::Revoke,
            0..=6 => Op::Grant,
            _ => Op::Lease { until: self.end_of_lease(process) },
        }
    }

    /// A name in one of its spellings.
    fn spelled(&mut self, person: &str) -> String {
        if self.chance.u8(..4) == 0 { person.to_ascii_uppercase() } else { person.to_owned() }
    }

    /// An end in the future of the replica that is asked for it.
    fn end_of_lease(&mut self, process: Process) -> i64 {
        let ahead = i64::try_from(self.chance.u64(2_000..LONGEST_LEASE) / 1000).unwrap_or_default();
        let (run, began, now) = (self.history.run.clone(), self.began, self.now);
        self.process(process).map_or(0, |it| it.clocks(&run, began, now).wall.as_second()) + ahead
    }

    /// Hands a call to a process, where it is to be answered before a deadline; `end`: it is for that one of the
    /// schedule's.
    pub(super) fn submit(&mut self, process: Process, index: usize, deadline: u64, end: Option<End>) {
        let (began, run, sabotage) = (self.began, self.history.run.clone(), self.sabotage);
        let Some(call) = self.history.calls.get_mut(index) else { return };
        call.due = Some(deadline.saturating_sub(EARLY).max(call.called));
        if call.op == Op::Revoke
            && let Some(removal) = self.plan.removal
        {
            call.due = call.due.map(|due| due.min(call.called + removal));
        }
        let call = call.clone();
        let moment = |millis| began + Duration::from_millis(millis);
        let Some(replica) = self.process(process) else { return };
        let ticket = replica.machine.ticket();
        replica.callers.insert(ticket, (index, end));
        let ends = match call.op {
            Op::Lease { until } => Some(moment(replica.time_of(&run, until))),
            Op::Grant | Op::Revoke | Op::End { .. } => None,
        };
        if sabotage == Some(Sabotage::EndWithoutWrite) && matches!(call.op, Op::End { .. }) {
            return self.answered_at_once(process, ticket);
        }
        let mut intent = intent(&call);
        if sabotage == Some(Sabotage::EndOfRenewed)
            && let Wish::End { text, .. } = &intent.wish
        {
            intent.wish = Wish::Remove { texts: vec![text.clone()], person: None };
        }
        let origin = Origin { caller: format!("caller {}", index % 3).as_str().into(), request_id: None };
        let deadline = moment(deadline);
        self.tell(process, Input::Submit { ticket, wanted: Wanted { intent, origin, deadline, ends } });
    }
}

/// What a call wants, in the words of the product.
pub(super) fn intent(call: &Call) -> Intent {
    let list = match call.list.split_once(':') {
        Some(("acl", _)) => ListId::Rule(Section::Acls, call.list.clone()),
        Some(("tag", _)) => ListId::TagOwners(call.list.clone()),
        _ => ListId::Group(call.list.clone()),
    };
    let moment = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
    let text = call.principal.clone();
    let wish = match call.op {
        Op::Grant => Wish::Add { text },
        Op::Lease { until } => {
            Wish::Lease { text, lease: Lease { until: moment(until), by: Some(format!("call-{}", call.id)) } }
        }
        Op::Revoke => Wish::Remove {
            texts: std::iter::once(text).chain(call.also.iter().cloned()).collect(),
            person: None,
        },
        Op::End { passed } => Wish::End { text, passed: moment(passed) },
    };
    Intent::new(list, wish)
}
