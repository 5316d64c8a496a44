//! What passes between a machine and the world: answers to callers, requests to the service.

use std::time::Duration;

use super::replica::millis;
use super::sabotage::Sabotage;
use super::world::{Happens, Process, World};
use crate::connector::writer::foresight::{Foresight, Survey};
use crate::connector::writer::machine::{Input, Output, Request};
use crate::connector::writer::queue::Ticket;
use crate::policy::{Policy, Rejection, parse};

impl World {
    /// Tells a process something, and does what it wants.
    pub(super) fn tell(&mut self, process: Process, input: Input) {
        let (now, began, at) = (self.instant(), self.began, self.now);
        let Some(replica) = self.process(process) else { return };
        let outputs = replica.machine.handle(now, input);
        let wake = replica.wakes_at(began).map(|wake| wake.max(at + 1));
        let sooner = wake.filter(|wake| replica.wake.is_none_or(|set| *wake < set));
        if let Some(sooner) = sooner {
            replica.wake = Some(sooner);
            self.at(sooner, Happens::Clock(process));
        }
        for output in outputs {
            match output {
                Output::Reply(ticket, answer) => self.reply(process, ticket, answer),
                Output::Send(request) => self.send(process, request),
                Output::Seen(text, at) => self.sighted(process, text, millis(began, at)),
            }
        }
    }

    fn send(&mut self, process: Process, request: Request) {
        self.note(|| format!("replica {} sends {}", process.0, request.word()));
        if let Request::Write { members, .. } = &request
            && self.sabotage == Some(Sabotage::AnswerBefore200)
        {
            for (ticket, _) in members {
                self.answered_at_once(process, *ticket);
            }
        }
        let latency = self.plan.latency;
        let (arrives, sent) = (self.within(1, latency), self.now);
        if let Request::Foresee { members, survey, patience, .. } = request {
            let patience = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
            let at = self.within(1, latency).min(self.now + patience.max(1));
            let tickets = members.into_iter().map(|(ticket, _)| ticket).collect();
            let input = self.foresee(process, tickets, survey);
            self.at(at, Happens::Tell(process, input));
        } else if let Some(held_up) = self.record(process, &request) {
            self.at(arrives + held_up, Happens::Arrives { process, request, sent });
        }
    }

    /// Some are refused, some cannot be told, and at times nothing is foreseen at all.
    fn foresee(&mut self, process: Process, tickets: Vec<Ticket>, survey: Survey) -> Input {
        let age = self.chance.u64(0..20_000).min(self.now);
        let surveyed = match survey {
            Survey::BegunAfter(_) | Survey::Needless => self.now,
            Survey::Recent => self.now - age,
        };
        let begun = match self.sabotage {
            Some(Sabotage::JudgesByWhatWasBefore) => self.instant(),
            _ => self.began + Duration::from_millis(surveyed),
        };
        if !self.calm && self.chance.f64() < self.plan.faults {
            return Input::Unsurveyed;
        }
        if let Some(replica) = self.process(process) {
            replica.surveyed = surveyed;
        }
        let mut foresight = Foresight { surveyed: Some(begun), ..Foresight::default() };
        for ticket in tickets {
            // In calm nobody stands in the way of the end of a lease.
            if !self.calm && self.chance.f64() < self.plan.objections {
                self.history.faults.push((self.now, "foresight:objection".to_owned()));
                if self.chance.bool() {
                    foresight.offenders.push((ticket, rejection()));
                } else {
                    foresight.undecided.push(ticket);
                }
            }
        }
        Input::Foreseen(foresight)
    }
}

/// What the policy's own tests have against an edit.
fn rejection() -> Rejection {
    let document = parse(br#"{"tests": [{"src": "ada@example.com"}]}"#).unwrap();
    let position = Policy::read(&document).unwrap().tests[0].position;
    Rejection {
        status: 400,
        message: "a test fails".to_owned(),
        position,
        failures: Vec::new(),
        certain: true,
    }
}
