//! The task that carries out what the machine wants.

mod means;
mod settled;

use std::collections::HashMap;
use std::future;
use std::pin::Pin;
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{mpsc, oneshot};

use self::means::Ended;
pub(super) use self::means::Means;
pub(in crate::connector) use self::means::Surveyed;
use self::settled::Unsettled;
use super::answer::{Answer, Done};
use super::machine::{Input, Machine, Output, Posted, Request};
use super::queue::Ticket;
use super::{Origin, Wanted};
use crate::connector::metrics::{Metrics, Refusal, WriteEnd};
use crate::connector::with_causes;
use crate::journal::{self, Stage};
use crate::policy::Intent;
use crate::tailscale::PolicyFile;

/// What callers send to the task.
pub(super) enum Message {
    /// A change, under a number that no other one has, and where its answer goes.
    Submit { call: u64, wanted: Wanted, reply: oneshot::Sender<Answer> },
    /// A load that began then has read this; who needed it comes next.
    Loaded { file: PolicyFile, begun: Instant },
    /// The caller of a change is gone.
    Withdraw { call: u64 },
    /// The service has answered somebody else's read of the policy, which began at this time.
    Served(Instant),
    /// Take no more changes; answer with the number of callers who had to be cut off at `until`.
    Drain { until: Instant, reply: oneshot::Sender<usize> },
}

/// Tells others of a text that the policy has, and from when on.
pub(super) type Seen = Box<dyn Fn(Bytes, Instant) + Send + Sync>;

type UnderWay = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// The task's own state: what has handles and futures in it.
pub(super) struct Shell {
    machine: Machine,
    means: Means,
    seen: Seen,
    metrics: Metrics,
    mailbox: mpsc::UnboundedReceiver<Message>,
    /// The newest text that the policy is known to have.
    text: Bytes,
    callers: HashMap<Ticket, Caller>,
    /// The tickets of those calls.
    tickets: HashMap<u64, Ticket>,
    under_way: Option<UnderWay>,
    unsettled: Unsettled,
    /// Answers that wait until the journal tells what they say; each gives the number of its callers.
    telling: FuturesUnordered<BoxFuture<'static, usize>>,
    /// How many callers wait for that.
    awaiting: usize,
    draining: Option<(Instant, oneshot::Sender<usize>)>,
}

/// Somebody who waits.
struct Caller {
    call: u64,
    origin: Origin,
    /// What is asked for, if it gives access and that is recorded.
    grant: Option<Intent>,
    reply: oneshot::Sender<Answer>,
}

enum Event {
    Message(Message),
    /// Every handle is gone.
    Closed,
    Ended(Ended),
    /// So many callers were answered after the journal was.
    Told(usize),
    Clock,
}

impl Shell {
    pub(super) fn new(
        machine: Machine,
        means: Means,
        seen: Seen,
        metrics: Metrics,
        mailbox: mpsc::UnboundedReceiver<Message>,
    ) -> Self {
        Self {
            machine,
            means,
            seen,
            metrics,
            mailbox,
            text: Bytes::new(),
            callers: HashMap::new(),
            tickets: HashMap::new(),
            under_way: None,
            unsettled: Unsettled::default(),
            telling: FuturesUnordered::new(),
            awaiting: 0,
            draining: None,
        }
    }

    /// Runs until it has drained, or every handle is gone and nothing is left to do.
    pub(super) async fn run(mut self) {
        let mut open = true;
        loop {
            match self.next(open).await {
                Event::Message(message) => {
                    self.take(message);
                    // All that wait join the next batch.
                    while let Ok(message) = self.mailbox.try_recv() {
                        self.take(message);
                    }
                }
                Event::Closed => open = false,
                Event::Ended(Ended { input, carried }) => {
                    self.under_way = None;
                    self.log(&input);
                    if let Input::Posted(posted) = &input {
                        self.note(posted, carried);
                        self.metrics.writes.get_or_create(&end(posted, self.means.rehearses)).inc();
                    }
                    self.feed(input);
                }
                Event::Told(callers) => self.awaiting -= callers,
                Event::Clock => {
                    self.feed(Input::Clock);
                }
            }
            let idle = self.machine.is_idle() && self.telling.is_empty();
            if let Some((_, reply)) = self.draining.take_if(|(until, _)| idle || *until <= now()) {
                let left = self.feed(Input::CutOff) + self.awaiting;
                // Whoever asked for it may have stopped waiting.
                let _ = reply.send(left);
                return;
            }
            if idle && !open {
                return;
            }
        }
    }

    /// Waits for something to happen. Messages come first: who waits should join the batch that the end
    /// of a read makes.
    async fn next(&mut self, open: bool) -> Event {
        let until = self.draining.as_ref().map(|(until, _)| *until);
        let wake = [self.machine.wake_at(), until].into_iter().flatten().min();
        let clock = async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake.into()).await,
                None => future::pending().await,
            }
        };
        let ended = async {
            match &mut self.under_way {
                Some(under_way) => under_way.await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            message = self.mailbox.recv(), if open => message.map_or(Event::Closed, Event::Message),
            ended = ended => Event::Ended(ended),
            Some(callers) = self.telling.next(), if !self.telling.is_empty() => Event::Told(callers),
            () = clock => Event::Clock,
        }
    }

    /// Says what an operator may want to look into.
    fn log(&self, input: &Input) {
        let tailnet = self.means.client.tailnet();
        let (error, what) = match input {
            Input::Posted(Posted::Lost { error, .. }) => {
                (with_causes(error), "a policy write was not answered; what became of it will be looked up")
            }
            Input::Posted(Posted::Refused(error) | Posted::NotSent(error) | Posted::Unrecorded(error))
            | Input::Read(Err(error)) => (with_causes(error), "the policy could not be written"),
            Input::Posted(Posted::Unacceptable(words)) => (words.clone(), "Tailscale refuses a policy text"),
            _ => return,
        };
        tracing::warn!(tailnet, error, "{what}");
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Submit { call, wanted, reply } => {
                let ticket = self.machine.ticket();
                let recorded = self.means.record.is_kept() && !self.means.rehearses;
                let grant = (recorded && wanted.intent.gives_access()).then(|| wanted.intent.clone());
                self.callers.insert(ticket, Caller { call, origin: wanted.origin.clone(), grant, reply });
                self.tickets.insert(call, ticket);
                self.metrics.queue.enter(ticket, now());
                self.feed(Input::Submit { ticket, wanted });
            }
            Message::Loaded { file, begun } => {
                self.feed(Input::Loaded(file, begun));
            }
            Message::Withdraw { call } => {
                if let Some(ticket) = self.tickets.remove(&call) {
                    self.callers.remove(&ticket);
                    self.unsettled.forget(ticket);
                    self.metrics.queue.leave(ticket, now());
                    self.feed(Input::Abandon(ticket));
                }
            }
            Message::Served(begun) => {
                self.feed(Input::Served(begun));
            }
            Message::Drain { until, reply } => {
                self.draining = Some((until, reply));
                self.feed(Input::Drain);
            }
        }
    }

    /// Tells the machine, does what it wants, and returns how many callers were answered.
    fn feed(&mut self, input: Input) -> usize {
        let mut answered = 0;
        // What is only rehearsed is in no policy.
        let rehearsed = self.means.rehearses && matches!(input, Input::Posted(Posted::Stored));
        let mut settled = Settled::default();
        for output in self.machine.handle(now(), input) {
            match output {
                Output::Send(request) => self.send(request),
                Output::Seen(text, at) if !rehearsed => {
                    self.text = text.clone();
                    (self.seen)(text, at);
                }
                Output::Seen(..) => {}
                Output::Reply(ticket, answer) => {
                    answered += 1;
                    self.reply(ticket, answer, &mut settled);
                }
            }
        }
        self.settle(settled);
        answered
    }

    fn send(&mut self, request: Request) {
        let tailnet = self.means.client.tailnet();
        tracing::debug!(tailnet, request = request.word(), "policy writer");
        let mut origins = Vec::new();
        if let Request::Write { members, .. } = &request {
            self.metrics.batch_size.observe(f64::from(u32::try_from(members.len()).unwrap_or(u32::MAX)));
            // Their callers may leave while it is under way.
            let origin =
                |(ticket, _): &(Ticket, Intent)| self.callers.get(ticket).map(|it| it.origin.clone());
            origins = members.iter().map(|member| origin(member).unwrap_or_default()).collect();
        }
        self.under_way = Some(Box::pin(self.means.clone().carry_out(request, origins)));
    }

    /// Remembers of whom the journal does not know how they stand.
    fn note(&mut self, posted: &Posted, carried: Vec<(Ticket, journal::Intent)>) {
        for (ticket, intent) in carried {
            match posted {
                Posted::Lost { .. } if self.callers.contains_key(&ticket) => {
                    self.unsettled.lost(ticket, intent);
                }
                Posted::Stored => self.unsettled.stored(ticket, &intent),
                _ => {}
            }
        }
    }

    /// Answers, at once or after the journal has told what it does not know yet.
    fn reply(&mut self, ticket: Ticket, answer: Answer, settled: &mut Settled) {
        self.metrics.queue.leave(ticket, now());
        if let Some(reason) = reason(&answer) {
            self.metrics.refusals.get_or_create(&reason).inc();
        }
        let of_lost = match answer {
            Answer::Done(_) => self.unsettled.done(ticket),
            _ => None,
        };
        self.unsettled.forget(ticket);
        let Some(Caller { call, origin, grant, reply }) = self.callers.remove(&ticket) else { return };
        self.tickets.remove(&call);
        match (of_lost, &answer, grant) {
            (Some(told), ..) => settled.intents.push(told),
            (None, Answer::Done(Done::Held), Some(grant)) => settled.held.push((grant, origin)),
            _ => {
                // A caller who is gone needs no answer.
                let _ = reply.send(answer);
                return;
            }
        }
        settled.answers.push((reply, answer));
    }

    /// Has the journal tell what holds, and answers then.
    fn settle(&mut self, settled: Settled) {
        let Settled { mut intents, held, answers } = settled;
        intents.extend(self.means.record.at_odds(&self.text, &held));
        if intents.is_empty() {
            for (reply, answer) in answers {
                // A caller who is gone needs no answer.
                let _ = reply.send(answer);
            }
            return;
        }
        let mut told = Vec::new();
        // What was superseded comes first: the rest says how it stands now.
        for stage in [Stage::Superseded, Stage::InEffect, Stage::Held, Stage::Seen] {
            let of_it = intents.extract_if(.., |(of, _)| *of == stage).map(|(_, intent)| intent);
            let of_it: Vec<_> = of_it.collect();
            if !of_it.is_empty() {
                told.push(self.means.record.settled(journal::Kind::Policy, stage, of_it));
            }
        }
        self.awaiting += answers.len();
        self.telling.push(Box::pin(async move {
            futures_util::future::join_all(told).await;
            let callers = answers.len();
            for (reply, answer) in answers {
                // A caller who is gone needs no answer.
                let _ = reply.send(answer);
            }
            callers
        }));
    }
}

/// What the journal may have to tell, and the answers that are given once it has.
#[derive(Default)]
struct Settled {
    /// What lost requests carried and holds.
    intents: Vec<(Stage, journal::Intent)>,
    /// Grants that held already.
    held: Vec<(Intent, Origin)>,
    answers: Vec<(oneshot::Sender<Answer>, Answer)>,
}

/// How a write ended, for the metrics.
const fn end(posted: &Posted, rehearsed: bool) -> WriteEnd {
    match posted {
        Posted::Stored if rehearsed => WriteEnd::Rehearsed,
        Posted::Stored => WriteEnd::Stored,
        Posted::Stale => WriteEnd::Conflict,
        Posted::Unacceptable(_) | Posted::Refused(_) => WriteEnd::Refused,
        Posted::NotSent(_) | Posted::Unrecorded(_) => WriteEnd::NotSent,
        Posted::Lost { .. } => WriteEnd::Lost,
    }
}

/// Why a change was refused, for the metrics.
const fn reason(answer: &Answer) -> Option<Refusal> {
    Some(match answer {
        Answer::Done(_) => return None,
        Answer::Impossible(_) => Refusal::Impossible,
        Answer::Foreseen(_) => Refusal::Foreseen,
        Answer::Rejected(_) => Refusal::Rejected,
        Answer::Broken(_) => Refusal::Broken,
        Answer::Unproved(_) => Refusal::Unproved,
        Answer::Failed(_) => Refusal::Failed,
        Answer::Contended => Refusal::Contended,
        Answer::OutcomeUnknown => Refusal::OutcomeUnknown,
        Answer::QueueFull(_) => Refusal::QueueFull,
        Answer::Draining => Refusal::Draining,
    })
}

/// The clock of the runtime, which tests may pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
