//! The writer without I/O: what comes in, at what time, and what is to be done about it.
//!
//! The shell feeds [`Machine::handle`] and carries out what it returns. At most one request is under
//! way at a time; every schedule of answers, losses and clock times can so be played in a test.

mod exchange;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::time::{Duration, Instant};

use bytes::Bytes;

pub(super) use self::exchange::{Input, Output, Posted, Request};
use super::Wanted;
use super::answer::{Answer, Done};
use super::hunt::Hunt;
use super::lost::LostRequests;
use super::queue::{Queue, Ticket, Waiter};
use crate::connector::pace::Pace;
use crate::connector::{Error, Unavailable};
use crate::policy::{Intent, Rejection, Wish};
use crate::tailscale::{ETag, PolicyFile};

/// Bounds of a machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Most grants that may wait.
    pub(super) grants: usize,
    /// How long after its sending a lost request may still be carried out.
    pub(super) lifetime: Duration,
    /// How long it may be carried out at least after it was given up.
    pub(super) settle: Duration,
}

#[derive(Debug)]
enum UnderWay {
    Nothing,
    /// A read, and the ticket horizon at its beginning: it says nothing to intents from there on.
    Reading {
        horizon: Ticket,
        begun: Instant,
    },
    /// A write that waits for what is foreseen of it.
    Foreseeing {
        horizon: Ticket,
        /// When the read began whose text is written on.
        begun: Instant,
        write: Write,
    },
    Writing(Post),
    Judging(Hunt),
}

/// A write as it was planned.
#[derive(Clone, Debug)]
struct Write {
    base: Bytes,
    text: Bytes,
    etag: ETag,
    members: Vec<(Ticket, Intent)>,
}

/// A write under way.
#[derive(Debug)]
struct Post {
    write: Write,
    sent: Instant,
}

/// State of one tailnet's writer.
#[derive(Debug)]
pub(super) struct Machine {
    tailnet: String,
    limits: Limits,
    queue: Queue,
    lost: LostRequests,
    under_way: UnderWay,
    /// Nothing is sent before this time.
    pause: Option<Instant>,
    /// What keeps everybody waiting, if it is not other people's edits.
    obstacle: Option<Error>,
    /// When the service last limited the rate of calls.
    limited_at: Option<Instant>,
    /// What a load has read, and when that began.
    loaded: Option<(PolicyFile, Instant)>,
    /// The last text that was planned on is one that a load has read.
    on_loaded: bool,
    /// When the last write ended.
    written: Option<Instant>,
    /// The tag that a 412 refused, and how often it was read since.
    refused_tag: Option<(ETag, u32)>,
    /// Server errors in a row that batches met on one tag.
    failures: Option<(ETag, u32)>,
    /// A text without our changes that the service accepted.
    sound: Option<Bytes>,
    /// A text without our changes that the service would refuse, as far as is known here, and why.
    broken: Option<(Bytes, Rejection)>,
    /// People and devices could not be read; until then it is not tried again for a write.
    unsurveyed_until: Option<Instant>,
    /// Judgements asked for since something was last stored.
    judgements: u32,
    reading: Pace,
    writing: Pace,
    chance: fastrand::Rng,
    draining: bool,
    outputs: Vec<Output>,
}

impl Machine {
    /// `chance` lengthens pauses; nothing else depends on it.
    pub(super) fn new(tailnet: String, limits: Limits, chance: fastrand::Rng) -> Self {
        Self {
            tailnet,
            limits,
            queue: Queue::default(),
            lost: LostRequests::default(),
            under_way: UnderWay::Nothing,
            pause: None,
            obstacle: None,
            limited_at: None,
            loaded: None,
            on_loaded: false,
            written: None,
            refused_tag: None,
            failures: None,
            sound: None,
            broken: None,
            unsurveyed_until: None,
            judgements: 0,
            reading: Pace::default(),
            writing: Pace::default(),
            chance,
            draining: false,
            outputs: Vec::new(),
        }
    }

    /// A ticket for [`Input::Submit`]; they have to be submitted in the order in which they were given.
    pub(super) fn ticket(&mut self) -> Ticket {
        self.queue.ticket()
    }

    /// Takes in what happened and says what is to be done now.
    pub(super) fn handle(&mut self, now: Instant, input: Input) -> Vec<Output> {
        if matches!(input, Input::Read(_) | Input::Foreseen(_) | Input::Unsurveyed | Input::Judged(_)) {
            // The clock may come after it: nothing is sent any more for those who are late.
            self.reply_to_the_late(now);
        }
        match input {
            Input::Submit { ticket, wanted } => self.submit(now, ticket, wanted),
            Input::Loaded(file, begun) => {
                self.served(begun);
                self.loaded = Some((file, begun));
            }
            Input::Abandon(ticket) => {
                self.queue.give_up(ticket);
            }
            Input::Read(outcome) => self.read(now, outcome),
            Input::Served(begun) => self.served(begun),
            Input::Foreseen(foresight) => self.foreseen(now, foresight),
            Input::Unsurveyed => self.unsurveyed(now),
            Input::Posted(posted) => self.posted(now, posted),
            Input::Judged(outcome) => self.judged(now, outcome),
            Input::Clock => {}
            Input::Drain => self.draining = true,
            Input::CutOff => self.cut_off(),
        }
        self.advance(now);
        std::mem::take(&mut self.outputs)
    }

    /// When [`Input::Clock`] is due, if nothing else happens.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let deadline = self.queue.first_deadline();
        let end = self.lost.next_end().filter(|_| self.asked_at().is_none() && !self.queue.is_empty());
        let pause =
            self.pause.filter(|_| matches!(self.under_way, UnderWay::Nothing) && self.queue.has_work());
        [deadline, end, pause].into_iter().flatten().min()
    }

    /// When the service was asked for what is still to be drawn conclusions from about how the policy
    /// stands. A judgement tells nothing of that.
    fn asked_at(&self) -> Option<Instant> {
        match &self.under_way {
            UnderWay::Reading { begun, .. } | UnderWay::Foreseeing { begun, .. } => Some(*begun),
            UnderWay::Writing(post) => Some(post.sent),
            UnderWay::Nothing | UnderWay::Judging(_) => None,
        }
    }

    /// Nobody waits and nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && matches!(self.under_way, UnderWay::Nothing)
    }

    /// Forgets what only mattered to those who waited. A rate limit matters to whoever comes next.
    fn rest(&mut self, now: Instant) {
        let limited = matches!(self.obstacle, Some(Error::RateLimited { .. }));
        if !limited || self.pause.is_none_or(|until| until <= now) {
            self.pause = None;
            self.obstacle = None;
        }
        self.failures = None;
        self.sound = None;
        self.broken = None;
        self.judgements = 0;
        self.reading.reset();
        self.writing.reset();
    }

    fn submit(&mut self, now: Instant, ticket: Ticket, wanted: Wanted) {
        let intent = &wanted.intent;
        if self.draining {
            self.reply(ticket, Answer::Draining);
        } else if intent.gives_access() && self.queue.grants() >= self.limits.grants {
            self.reply(ticket, Answer::QueueFull(self.limits.grants));
        } else if matches!(intent.wish, Wish::Restore { .. }) && self.queue.is_granted(intent) {
            // Whoever found an end missing did not know of this grant, which decides about it.
            self.reply(ticket, Answer::Done(Done::Held));
        } else {
            self.queue.push(ticket, wanted, now);
        }
    }

    fn cut_off(&mut self) {
        for waiter in self.queue.take_all() {
            let answer = if self.is_uncertain(&waiter) { Answer::OutcomeUnknown } else { Answer::Draining };
            self.reply(waiter.ticket, answer);
        }
    }

    /// What time brings, and the next request if none is under way.
    fn advance(&mut self, now: Instant) {
        // What was asked before the end of a lost request says nothing about what came of it.
        let ended = self.lost.expire(self.asked_at().unwrap_or(now));
        self.wake(ended);
        self.reply_to_the_late(now);
        if self.is_idle() {
            self.rest(now);
        }
        if self.pause.is_some_and(|until| until <= now) {
            self.pause = None;
        }
        let free = matches!(self.under_way, UnderWay::Nothing) && self.pause.is_none();
        if free && self.queue.has_work() {
            self.write_on_loaded(now);
        }
        if free && self.queue.has_work() && matches!(self.under_way, UnderWay::Nothing) {
            self.under_way = UnderWay::Reading { horizon: self.queue.horizon(), begun: now };
            self.outputs.push(Output::Send(Request::Read));
        }
    }

    /// Answers those whose deadline is here, and those who cannot be served before theirs.
    fn reply_to_the_late(&mut self, now: Instant) {
        let resumed = match (&self.obstacle, self.pause) {
            (Some(Error::RateLimited { .. }), Some(pause)) => now.max(pause),
            _ => now,
        };
        let mut late = Vec::new();
        for waiter in self.queue.late(resumed) {
            match (self.is_uncertain(waiter), &self.obstacle) {
                (true, _) if waiter.reply_by > now => {}
                (true, _) => late.push((waiter.ticket, Answer::OutcomeUnknown)),
                (false, Some(obstacle)) => late.push((waiter.ticket, Answer::Failed(obstacle.clone()))),
                (false, None) if waiter.contended => late.push((waiter.ticket, Answer::Contended)),
                (false, None) => late.push((waiter.ticket, Answer::Failed(self.out_of_time()))),
            }
        }
        for (ticket, answer) in late {
            self.settle(ticket, answer);
        }
    }

    /// What to say when a deadline comes and nothing but time was lacking: what took it.
    fn out_of_time(&self) -> Error {
        let why = match self.under_way {
            UnderWay::Nothing => "there was no time left",
            UnderWay::Reading { .. } => "the policy file was not read",
            UnderWay::Foreseeing { .. } => {
                "what the policy file's own tests and rules say to the change was not found out"
            }
            UnderWay::Writing(_) => "another change was not written",
            UnderWay::Judging(_) => "what Tailscale has against it was not found out",
        };
        Error::Unavailable {
            tailnet: self.tailnet.clone(),
            reason: Unavailable::Upstream,
            message: format!("{why} before the deadline, so nothing was changed; try again"),
            cause: None,
        }
    }

    /// Whether a request that carries the intent, or another one with a key of it, was or may yet be
    /// carried out: then nobody can say that nothing was written.
    fn is_uncertain(&self, waiter: &Waiter) -> bool {
        let under_way = match &self.under_way {
            UnderWay::Writing(post) => {
                post.write.members.binary_search_by_key(&waiter.ticket, |(ticket, _)| *ticket).is_ok()
            }
            UnderWay::Nothing
            | UnderWay::Reading { .. }
            | UnderWay::Foreseeing { .. }
            | UnderWay::Judging(_) => false,
        };
        under_way || waiter.may_count() || self.lost.may_undo(&waiter.keys)
    }

    /// The intent holds: in a 200, or in a read that began after it arrived. Answered now, unless a lost
    /// request may still change that.
    fn holds(&mut self, ticket: Ticket, done: Done) {
        let Some(waiter) = self.queue.find_mut(ticket) else { return };
        let done = if waiter.perhaps_written { Done::Written } else { done };
        // Whatever a later read shows, we have made it so once.
        waiter.perhaps_written = done == Done::Written;
        let may_be_undone = self.lost.may_undo(&waiter.keys);
        self.queue.hold(ticket, done);
        if may_be_undone {
            self.queue.wait(ticket);
        } else {
            self.settle(ticket, Answer::Done(done));
        }
    }

    /// The intent fails, unless a lost request may still carry it out: then its end is waited for.
    fn fails(&mut self, ticket: Ticket, answer: Answer) {
        let Some(waiter) = self.queue.find(ticket) else { return };
        if self.lost.may_undo(&waiter.keys) {
            self.queue.wait(ticket);
        } else if waiter.may_count() && matches!(answer, Answer::Failed(_) | Answer::Broken(_)) {
            self.settle(ticket, Answer::OutcomeUnknown);
        } else {
            self.settle(ticket, answer);
        }
    }

    fn settle(&mut self, ticket: Ticket, answer: Answer) {
        if matches!(answer, Answer::Done(_)) {
            let done = self.queue.take_done(ticket);
            self.reply_as_held(done);
        } else if self.queue.give_up(ticket).is_some() {
            self.reply(ticket, answer);
        }
    }

    /// Wakes those whose lost requests have ended, if one has; answers those for whom nothing is left to
    /// check.
    fn wake(&mut self, ended: bool) {
        let undone = self.queue.wake(&self.lost, ended);
        self.reply_as_held(undone);
    }

    fn reply_as_held(&mut self, waiters: Vec<Waiter>) {
        for waiter in waiters {
            if let Some(done) = waiter.held() {
                self.reply(waiter.ticket, Answer::Done(done));
            }
        }
    }

    fn reply(&mut self, ticket: Ticket, answer: Answer) {
        self.outputs.push(Output::Reply(ticket, answer));
    }

    /// The request that is under way has ended.
    fn end_request(&mut self) -> UnderWay {
        std::mem::replace(&mut self.under_way, UnderWay::Nothing)
    }
}
