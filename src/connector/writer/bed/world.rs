//! A run: replicas, the service, callers, somebody else, and a clock that jumps from one event to the next.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::checker::{By, Event, History, Run, Store, Stored};
use super::fault::Hits;
use super::foreign;
use super::plan::Plan;
use super::replica::Replica;
use super::sabotage::Sabotage;
use super::service::{Service, Version};
use super::text;
use crate::connector::Error;
use crate::connector::leases::schedule;
use crate::connector::writer::machine::{Input, Limits, Request};

/// How long recording a write may hold it up.
pub(super) const RECORDING: u64 = 1_000;
/// How long after it was to be sent a request is given up at the latest.
pub(super) const TIMEOUT: u64 = RECORDING + 30_000;
pub(super) const SETTLE: u64 = 30_000;
pub(super) const LIFETIME: u64 = TIMEOUT + SETTLE;
/// How long a call may take that says nothing of it.
pub(super) const DEADLINE: u64 = 120_000;
/// How often a replica looks for leases that have ended, and how long it may take to end them.
pub(super) const POLL: u64 = 60_000;
const ENDING: u64 = 5_000;
/// How far clocks may be apart.
pub(super) const CLOCKS: u64 = 30_000;
/// The longest that a fault holds up the end of a lease: until the lost request that carried the member is dead, after
/// one that took its whole time, with the pause that follows a third refusal.
const RECOVERY: u64 = LIFETIME + TIMEOUT + 4 * POLL;
/// The moment at which every run begins, in Unix milliseconds.
const EPOCH: i64 = 1_800_000_000_000;

/// Names a process: a replica, and how often it was started before.
pub(super) type Process = (u32, u32);

/// Something that happens at a time.
#[derive(Debug)]
pub(super) enum Happens {
    /// Somebody asks for changes.
    Ask,
    /// The caller of a call leaves.
    Leave(usize),
    /// Somebody else edits the policy.
    Edit,
    /// Somebody else takes back everything since the text with a tag.
    TakeBack(String),
    /// A process is killed.
    Kill(Process),
    /// It is asked to stop, and later cut off.
    Stop(Process),
    CutOff(Process),
    Start(u32),
    /// The schedule of a process is told the time.
    Look(Process),
    /// The service gets the read of a process that looks for leases, begun at a time.
    Poll(Process, u64),
    /// That read has ended.
    Polled(Process, u64, Result<Bytes, Error>),
    /// The schedule of a process is told something.
    Leases(Process, schedule::Input),
    /// A request of a process gets to the service.
    Arrives {
        process: Process,
        request: Request,
        sent: u64,
    },
    /// A late write is carried out.
    Lands {
        process: Process,
        request: u64,
        tag: String,
        new: Version,
    },
    /// A process is told something.
    Tell(Process, Input),
    /// A process is told the time.
    Clock(Process),
    /// From now on nothing goes wrong any more.
    Calm,
    /// A planted bug: what was asked for is asked for again.
    Resend(Process, usize),
}

/// Everything that there is.
pub(super) struct World {
    pub(super) chance: fastrand::Rng,
    pub(super) plan: Plan,
    pub(super) sabotage: Option<Sabotage>,
    pub(super) began: Instant,
    pub(super) now: u64,
    pub(super) calm: bool,
    pub(super) service: Service,
    pub(super) replicas: BTreeMap<u32, Replica>,
    pub(super) history: History,
    pub(super) hits: Hits,
    pub(super) conflicts: u64,
    /// What the checker does not see: judgements by what was before, defects that the product tells of itself.
    pub(super) complaints: Vec<String>,
    /// What a process may still read although a 412 has told it better, and how often.
    pub(super) stale: BTreeMap<Process, (Version, u32)>,
    /// A planted bug: writes that are carried out whenever their tag comes back.
    pub(super) repeats: Vec<(By, String, Version)>,
    pub(super) requests: u64,
    agenda: BTreeMap<(u64, u64), Happens>,
    sequence: u64,
    starts: u32,
    trace: bool,
}

impl World {
    pub(super) fn new(seed: u64, sabotage: Option<Sabotage>, trace: bool) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let plan = Plan::draw(&mut chance);
        let store = if chance.bool() { Store::Formatted } else { Store::Verbatim };
        let service = Service::new(&text::policy(&mut chance), store, chance.bool());
        let run = Run {
            seed,
            store,
            epoch: EPOCH,
            lifetime: LIFETIME,
            clock_tolerance: CLOCKS,
            lease_delay: POLL + ENDING,
            recovery: RECOVERY,
            slack: 0,
            ordered: true,
            restores: false,
            duration: plan.end,
        };
        let mut world = Self {
            chance,
            sabotage,
            began: Instant::now(),
            now: 0,
            calm: false,
            replicas: BTreeMap::new(),
            history: History::new(run),
            hits: Hits::new(),
            conflicts: 0,
            complaints: Vec::new(),
            stale: BTreeMap::new(),
            repeats: Vec::new(),
            requests: 0,
            agenda: BTreeMap::new(),
            sequence: 0,
            starts: 0,
            trace,
            service,
            plan,
        };
        let first = Stored {
            at: 0,
            by: By::Foreign,
            tag: world.service.current.tag.clone(),
            text: world.service.current.text.clone(),
        };
        world.history.record(Event::Stored(first));
        world.arrange();
        world
    }

    /// Puts on the agenda what the plan says.
    fn arrange(&mut self) {
        for replica in 0..self.plan.replicas {
            self.at(0, Happens::Start(replica));
        }
        for at in self.plan.asks(&mut self.chance) {
            self.at(at, Happens::Ask);
        }
        for at in self.plan.edits(&mut self.chance) {
            self.at(at, Happens::Edit);
        }
        self.at(self.plan.calm, Happens::Calm);
    }

    /// Runs to the end.
    pub(super) fn run(mut self) -> Self {
        while let Some(((at, _), happens)) = self.agenda.pop_first() {
            if at > self.plan.end {
                break;
            }
            self.now = at;
            self.note(|| format!("{happens:?}"));
            self.happens(happens);
            assert!(self.sequence < 1_000_000, "seed {} does not come to an end", self.history.run.seed);
        }
        self
    }

    fn happens(&mut self, happens: Happens) {
        match happens {
            Happens::Ask => self.ask(),
            Happens::Leave(call) => self.leave(call),
            Happens::Edit => self.foreign_edit(),
            Happens::TakeBack(tag) => self.take_back(&tag),
            Happens::Calm => self.calm_down(),
            Happens::Start(replica) => self.start(replica),
            Happens::Kill(process) => self.kill(process),
            Happens::Stop(process) => {
                if let Some(replica) = self.process(process) {
                    replica.stopping = true;
                }
                self.tell(process, Input::Drain);
            }
            Happens::CutOff(process) => {
                self.tell(process, Input::CutOff);
                self.nobody_waits(process);
                self.at(self.now + 1, Happens::Kill(process));
            }
            Happens::Look(process) => self.look(process),
            Happens::Poll(process, begun) => self.poll(process, begun),
            Happens::Polled(process, begun, outcome) => self.polled(process, begun, outcome),
            Happens::Leases(process, input) => self.schedule(process, input),
            Happens::Arrives { process, request, sent } => self.serve(process, request, sent),
            Happens::Lands { process, request, tag, new } => {
                self.carry_out(process, request, &tag, new);
            }
            Happens::Tell(process, input) => self.tell(process, input),
            Happens::Clock(process) => {
                let now = self.now;
                if self
                    .process(process)
                    .is_some_and(|replica| replica.wake.take_if(|at| *at == now).is_some())
                {
                    self.tell(process, Input::Clock);
                }
            }
            Happens::Resend(process, call) => self.resend(process, call),
        }
    }

    pub(super) fn at(&mut self, at: u64, happens: Happens) {
        self.sequence += 1;
        self.agenda.insert((at.max(self.now), self.sequence), happens);
    }

    pub(super) fn within(&mut self, shortest: u64, longest: u64) -> u64 {
        self.now + self.chance.u64(shortest..=longest)
    }

    /// A line of the trace, when one replays a seed.
    pub(super) fn note(&self, line: impl Fn() -> String) {
        if self.trace {
            super::tests::show(&format!("{:>8} {}", self.now, line()));
        }
    }

    pub(super) fn instant(&self) -> Instant {
        self.began + Duration::from_millis(self.now)
    }

    /// A process that runs.
    pub(super) fn process(&mut self, (replica, incarnation): Process) -> Option<&mut Replica> {
        self.replicas.get_mut(&replica).filter(|replica| replica.incarnation == incarnation)
    }

    fn start(&mut self, replica: u32) {
        if self.replicas.contains_key(&replica) {
            return;
        }
        self.starts += 1;
        let lifetime = u64::from(self.sabotage != Some(Sabotage::AnswerWhileLostLives));
        let limits = Limits {
            grants: self.plan.queue,
            lifetime: Duration::from_millis(LIFETIME * lifetime),
            settle: Duration::from_millis(SETTLE * lifetime),
        };
        let clocks = i64::try_from(CLOCKS).unwrap_or_default();
        let clock = self.chance.i64(-clocks..=clocks);
        let process = (replica, self.starts);
        let new = Replica::new(self.starts, clock, limits, self.instant(), self.chance.u64(..));
        self.replicas.insert(replica, new);
        self.history.record(Event::Started { at: self.now, replica });
        self.schedule(process, schedule::Input::Clock);
        if let Some(end) = self.plan.next_end(self.now, &mut self.chance) {
            let stops = self.chance.u8(..4) == 0;
            self.at(end, if stops { Happens::Stop(process) } else { Happens::Kill(process) });
            if stops {
                let grace = self.within(0, 20_000) - self.now;
                self.at(end + grace, Happens::CutOff(process));
            }
        }
    }

    /// The process is gone, and its callers are told nothing more. What it has sent takes its course.
    fn kill(&mut self, process: Process) {
        if self.process(process).is_none() {
            return;
        }
        let Some(replica) = self.replicas.remove(&process.0) else { return };
        for (ticket, (call, _)) in replica.callers {
            if let Some(call) = self.history.calls.get_mut(call).filter(|_| !replica.served.contains(&ticket))
            {
                call.answered = Some(self.now);
            }
        }
        self.history.record(Event::Ended { at: self.now, replica: process.0 });
        let again = self.within(50, 30_000);
        self.at(again, Happens::Start(process.0));
    }

    /// From now on everything works, somebody runs, and nobody edits. Whoever mends what is in the way changes the
    /// policy: then ends that were refused are tried again.
    fn calm_down(&mut self) {
        self.calm = true;
        let repaired = foreign::repair(&self.service.current.text);
        let repaired = foreign::comment(&repaired, &mut self.chance);
        self.store(By::Foreign, self.service.version(&repaired));
        for replica in 0..self.plan.replicas {
            self.start(replica);
        }
    }

    pub(super) fn foreign_edit(&mut self) {
        if self.calm {
            return;
        }
        let earlier = self.history.stored.iter().rev().skip(1).take(6).map(|stored| stored.text.as_str());
        let earlier: Vec<&str> = earlier.collect();
        let mut text = foreign::edit(&self.service.current.text, &earlier, &mut self.chance);
        if !self.plan.breaks {
            text = foreign::repair(&text);
        }
        self.store(By::Foreign, self.service.version(&text));
    }

    fn take_back(&mut self, tag: &str) {
        let old = self.history.stored.iter().rev().find(|stored| stored.tag == tag);
        if let Some(text) = old.map(|old| old.text.clone()).filter(|_| !self.calm) {
            self.store(By::Foreign, self.service.version(&text));
        }
    }

    /// The policy has another text.
    pub(super) fn store(&mut self, by: By, new: Version) {
        if new == self.service.current {
            return;
        }
        let stored = Stored { at: self.now, by, tag: new.tag.clone(), text: new.text.clone() };
        self.note(|| format!("{stored} {}:\n{}", stored.tag, stored.text));
        self.history.record(Event::Stored(stored));
        self.service.current = new;
        let tag = &self.service.current.tag;
        if let Some(at) = self.repeats.iter().position(|(_, old, _)| old == tag) {
            let (by, _, new) = self.repeats.swap_remove(at);
            self.store(by, new);
        }
    }
}
