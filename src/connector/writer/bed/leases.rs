//! The part of a replica that ends leases: the product's own schedule, fed as its task feeds it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::checker::Op;
use super::fault::{Fault, On};
use super::replica::millis;
use super::world::{DEADLINE, Happens, Process, World};
use crate::connector::leases::ends::{End, Ends};
use crate::connector::leases::schedule::{Input, Output};
use crate::connector::writer::answer::Done;
use crate::connector::{Error, with_causes};
use crate::policy::ListId;

/// For how long at most a text is being read for ends.
const READING: u64 = 50;

impl World {
    /// Tells a process's schedule something, and does what it wants.
    pub(super) fn schedule(&mut self, process: Process, input: Input) {
        let (run, began, at) = (self.history.run.clone(), self.began, self.now);
        let Some(replica) = self.process(process).filter(|replica| !replica.stopping) else { return };
        let now = replica.clocks(&run, began, at);
        let mut outputs = replica.schedule.note(now, input);
        outputs.extend(replica.schedule.due(now));
        let wake = replica.schedule.wake_at(now).map(|wake| millis(began, wake).max(at + 1));
        let sooner = wake.filter(|wake| replica.looks_at.is_none_or(|set| *wake < set));
        if let Some(sooner) = sooner {
            replica.looks_at = Some(sooner);
            self.at(sooner, Happens::Look(process));
        }
        for output in outputs {
            match output {
                Output::Poll => {
                    let arrives = self.within(1, self.plan.latency);
                    self.at(arrives, Happens::Poll(process, at));
                }
                Output::End { end, passed } => self.end_lease(process, end, passed.as_second()),
                // Only a journal tells of leases that vanish, and here is none.
                Output::Tell(_) | Output::Restore(_) => {}
            }
        }
    }

    /// It is time for a process to look at its leases.
    pub(super) fn look(&mut self, process: Process) {
        let now = self.now;
        if self.process(process).is_some_and(|replica| replica.looks_at.take_if(|at| *at == now).is_some()) {
            self.schedule(process, Input::Clock);
        }
    }

    /// The service gets the read of a process that looks for ends.
    pub(super) fn poll(&mut self, process: Process, begun: u64) {
        if self.process(process).is_none() {
            return;
        }
        let fault = self.strike(On::Get);
        if fault == Some(Fault::ForeignEditBefore) {
            self.foreign_edit();
        }
        let (at, error) = self.failure(fault, begun);
        let text = self.read(process, fault).text;
        if fault == Some(Fault::ForeignEditAfter) {
            self.foreign_edit();
        }
        let outcome = error.map_or(Ok(text), Err);
        self.at(at, Happens::Polled(process, begun, outcome));
    }

    /// The read has ended.
    pub(super) fn polled(&mut self, process: Process, begun: u64, outcome: Result<Bytes, Error>) {
        let shown = outcome.map(|text| {
            self.sighted(process, text, begun);
            None
        });
        self.schedule(process, Input::Polled(shown));
    }

    /// A process knows what text the policy had, at a time or later.
    pub(super) fn sighted(&mut self, process: Process, text: Bytes, at: u64) {
        let ends = Ends::read(&text).map(Arc::new).map_err(|error| with_causes(&error).into());
        let input = Input::Seen { at: self.began + Duration::from_millis(at), text, ends };
        let read = self.within(0, READING);
        self.at(read, Happens::Leases(process, input));
    }

    fn end_lease(&mut self, process: Process, end: End, passed: i64) {
        let list = match &end.member.list {
            ListId::Group(id) | ListId::TagOwners(id) | ListId::Rule(_, id) => id.clone(),
        };
        let call = self.call(process, Op::End { passed }, &list, end.text.clone(), Vec::new());
        self.submit(process, call, self.now + DEADLINE, Some(end));
    }

    /// The writer has answered for an end. A process that stops does not look at it any more.
    pub(super) fn ended(&mut self, process: Process, end: End, outcome: Result<Done, Error>) {
        let input = Input::Answered { end, outcome: outcome.map(|_| ()) };
        self.at(self.now, Happens::Leases(process, input));
    }
}
