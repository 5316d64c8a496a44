//! Callers, and the part of a replica that looks for leases that have ended.

use jiff::Timestamp;

use super::checker::lists;
use super::checker::{Answer as Told, Call, Op};
use super::plan::LONGEST_LEASE;
use super::sabotage::Sabotage;
use super::service::REFUSED;
use super::text::{LISTS, PEOPLE};
use super::world::{Happens, POLL, Process, World};
use crate::connector::writer::Origin;
use crate::connector::writer::machine::Input;
use crate::policy::{Intent, Lease, ListId, Section, Wish};

/// How long a call may take that says nothing of it.
const DEADLINE: u64 = 120_000;

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
        let list = LISTS[self.chance.usize(..if crowded { 2 } else { LISTS.len() })];
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
        self.submit(process, call, deadline);
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
        let (run, now) = (self.history.run.clone(), self.now);
        self.process(process).map_or(0, |replica| replica.seconds(&run, now)) + ahead
    }

    /// Hands a call to a process.
    pub(super) fn submit(&mut self, process: Process, index: usize, deadline: u64) {
        let Some(call) = self.history.calls.get(index).cloned() else { return };
        let deadline = self.began + std::time::Duration::from_millis(deadline);
        let sabotage = self.sabotage;
        let Some(replica) = self.process(process) else { return };
        let ticket = replica.machine.ticket();
        replica.callers.insert(ticket, index);
        if sabotage == Some(Sabotage::EndWithoutWrite) && matches!(call.op, Op::End { .. }) {
            return self.answered(process, ticket, Told::Changed);
        }
        let mut intent = intent(&call);
        if sabotage == Some(Sabotage::EndOfRenewed)
            && let Wish::End { text, .. } = &intent.wish
        {
            intent.wish = Wish::Remove { texts: vec![text.clone()], person: None };
        }
        let origin = Origin { caller: format!("caller {}", index % 3).into(), request_id: None };
        self.tell(process, Input::Submit { ticket, intent, origin, deadline, ends: None });
    }

    /// A planted bug: a call is handed in again, for nobody.
    pub(super) fn resend(&mut self, process: Process, index: usize) {
        let Some(call) = self.history.calls.get(index).cloned() else { return };
        let deadline = self.instant() + std::time::Duration::from_millis(DEADLINE);
        let Some(replica) = self.process(process) else { return };
        let ticket = replica.machine.ticket();
        let (intent, origin) = (intent(&call), Origin::default());
        self.tell(process, Input::Submit { ticket, intent, origin, deadline, ends: None });
    }

    /// A caller leaves, if it still waits.
    pub(super) fn leave(&mut self, index: usize) {
        let now = self.now;
        let Some(call) = self.history.calls.get_mut(index).filter(|call| call.answered.is_none()) else {
            return;
        };
        call.answered = Some(now);
        let replica = call.replica;
        let Some(replica) = self.replicas.get_mut(&replica) else { return };
        let process = (call.replica, replica.incarnation);
        let ticket =
            replica.callers.iter().find(|(_, waiting)| **waiting == index).map(|(ticket, _)| *ticket);
        if let Some(ticket) = ticket {
            replica.callers.remove(&ticket);
            self.tell(process, Input::Abandon(ticket));
        }
    }

    /// A replica reads the policy to see which leases have ended.
    pub(super) fn poll(&mut self, process: Process) {
        if self.process(process).is_none() {
            return;
        }
        let answer = self.within(1, 2 * self.plan.latency);
        let text = self.service.current.text.clone();
        let fails = !self.calm && self.chance.f64() < self.plan.faults;
        if fails {
            let again = self.within(1_000, 30_000);
            self.at(again, Happens::Poll(process));
        } else {
            self.at(answer, Happens::Polled(process, text));
            self.at(self.now + POLL, Happens::Poll(process));
        }
    }

    /// Asks for the end of the leases that have ended, as a text has them.
    pub(super) fn end_leases(&mut self, process: Process, text: &str) {
        let (run, now) = (self.history.run.clone(), self.now);
        for list in lists::read(text).lists {
            for item in list.items {
                let Some(replica) = self.process(process) else { return };
                let passed = replica.seconds(&run, now);
                let ended = item.until.is_some_and(|until| until <= passed);
                if ended && replica.ending.insert((list.id.clone(), item.key.clone())) {
                    let call = self.call(process, Op::End { passed }, &list.id, item.key, Vec::new());
                    self.submit(process, call, self.now + DEADLINE);
                }
            }
        }
    }
}

/// What a call wants, in the words of the product.
fn intent(call: &Call) -> Intent {
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
