//! Calls: what becomes of those who asked.

use super::checker::{Answer as Told, Call, Event, Op};
use super::sabotage::Sabotage;
use super::world::{Happens, Process, World};
use crate::connector::direction::Direction;
use crate::connector::writer::answer::{Answer, Done};
use crate::connector::writer::machine::Input;
use crate::connector::writer::queue::Ticket;
use crate::connector::{Error, Unavailable};

impl World {
    /// Notes a call; returns its place in the history.
    pub(super) fn call(
        &mut self,
        process: Process,
        op: Op,
        list: &str,
        principal: String,
        also: Vec<String>,
    ) -> usize {
        let id = self.history.calls.len();
        self.history.record(Event::Call(Call {
            id: id as u64,
            replica: process.0,
            caller: String::new(),
            op,
            list: list.to_owned(),
            principal,
            also,
            called: self.now,
            answered: None,
            answer: Told::Gone,
            due: None,
            again: 0,
        }));
        id
    }

    /// A machine answers.
    pub(super) fn reply(&mut self, process: Process, ticket: Ticket, answer: Answer) {
        let (calls, now) = (&self.history.calls, self.now);
        let Some(replica) = self.replicas.get(&process.0) else { return };
        let Some((call, end)) = replica.callers.get(&ticket) else { return };
        let (index, end) = (*call, end.clone());
        let Some(call) = calls.get(index) else { return };
        if matches!(answer, Answer::Foreseen(_)) && replica.surveyed < call.called {
            self.complaints.push(format!("at {now} foreseen by what was before: {call}"));
        }
        let direction = match call.op {
            Op::Grant | Op::Lease { .. } => Direction::Grant,
            Op::Revoke | Op::End { .. } => Direction::Revoke,
        };
        if self.sabotage == Some(Sabotage::NeverAnswered) && index % 8 == 0 {
            return;
        }
        let outcome = answer.into_result("example.com", direction);
        let told = match &outcome {
            Ok(Done::Written) => Told::Changed,
            Ok(Done::Held) => Told::Held,
            Err(Error::Unavailable { reason: Unavailable::OutcomeUnknown, .. }) => Told::Unknown,
            Err(error @ Error::Internal { .. }) => {
                self.complaints.push(format!("at {now} {call}: {error}"));
                Told::Refused
            }
            Err(Error::Unavailable { reason: Unavailable::Journal, .. })
                if direction == Direction::Revoke =>
            {
                self.complaints.push(format!("at {now} not done for want of a record: {call}"));
                Told::Refused
            }
            Err(error) => {
                self.note(|| error.to_string());
                Told::Refused
            }
        };
        self.answered(process, ticket, told);
        if self.sabotage == Some(Sabotage::AnsweredTwice) && index % 8 == 0 {
            self.answered(process, ticket, told);
        }
        if let Some(end) = end {
            self.ended(process, end, outcome);
        }
    }

    /// Somebody gets an answer.
    pub(super) fn answered(&mut self, process: Process, ticket: Ticket, told: Told) {
        let now = self.now;
        let Some(replica) = self.process(process) else { return };
        let Some((index, _)) = replica.callers.get(&ticket) else { return };
        let (index, again) = (*index, !replica.served.insert(ticket));
        let Some(call) = self.history.calls.get_mut(index) else { return };
        if again {
            call.again += 1;
        } else {
            (call.answered, call.answer) = (Some(now), told);
        }
        let call = call.clone();
        self.note(|| call.to_string());
        if !again && self.sabotage == Some(Sabotage::ResendForAnswered) && self.chance.u8(..3) == 0 {
            let again = self.within(500, 90_000);
            self.at(again, Happens::Resend(process, index));
        }
    }

    /// By now everybody whom a process has taken in has to be answered.
    pub(super) fn nobody_waits(&mut self, process: Process) {
        let now = self.now;
        let Some(replica) = self.replicas.get(&process.0).filter(|it| it.incarnation == process.1) else {
            return;
        };
        for (index, _) in replica.callers.values() {
            if let Some(call) = self.history.calls.get_mut(*index) {
                call.due = call.due.map(|due| due.min(now.max(call.called)));
            }
        }
    }

    /// A caller leaves, if it still waits.
    pub(super) fn leave(&mut self, index: usize) {
        let now = self.now;
        let Some(call) = self.history.calls.get_mut(index).filter(|call| call.answered.is_none()) else {
            return;
        };
        call.answered = Some(now);
        let number = call.replica;
        let Some(replica) = self.replicas.get_mut(&number) else { return };
        let process = (number, replica.incarnation);
        let mut callers = replica.callers.iter();
        let ticket = callers.find(|(_, (waiting, _))| *waiting == index).map(|(ticket, _)| *ticket);
        if let Some(ticket) = ticket {
            replica.served.insert(ticket);
            self.tell(process, Input::Abandon(ticket));
        }
    }
}
