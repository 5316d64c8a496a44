//! What a read of the policy leads to.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::{Machine, Output, Post, Request, UnderWay, Write};
use crate::connector::pace::LONGEST_LIMIT;
use crate::connector::with_causes;
use crate::connector::writer::answer::{Answer, Done};
use crate::connector::writer::draft::{Draft, NoDraft, draft};
use crate::connector::writer::foresight::{self, Foresight, Need, Survey};
use crate::connector::writer::queue::{Company, Ticket};
use crate::connector::{Error, Unavailable};
use crate::policy::{Intent, Outcome};
use crate::tailscale::{ETag, PolicyFile};

/// How often a tag that a 412 has refused is taken for a stale read. After that it may be the policy's
/// tag again, because somebody took back what they did: writing on it is safe either way.
const STALE_READS: u32 = 4;

/// So often such a tag has to be read before its text is also believed. With the pauses between the
/// reads that is more than ten seconds after the 412.
const DISBELIEVED_READS: u32 = 9;

/// For how long after the beginning of a load it is worth writing on what it has read.
const LOADED: Duration = Duration::from_secs(2);

/// For how long nothing is foreseen by tests after people and devices could not be read.
const UNSURVEYED: Duration = Duration::from_secs(30);

/// Of the time that is left to the first deadline, the part that may be spent on foresight: one in so many.
const SHARE: u32 = 4;

impl Machine {
    pub(super) fn read(&mut self, now: Instant, outcome: Result<PolicyFile, Error>) {
        let UnderWay::Reading { horizon, begun } = self.end_request() else { return };
        self.on_loaded = false;
        match outcome {
            Err(error) => self.obstructed(now, error),
            Ok(file) => match self.reads_of_refused(file.etag.as_ref()) {
                0 => {
                    self.reading.reset();
                    self.believe(now, begun, horizon, &file);
                }
                reads => {
                    let pause = self.reading.pause(&mut self.chance);
                    if reads > DISBELIEVED_READS {
                        self.believe(now, begun, horizon, &file);
                    } else if reads > STALE_READS {
                        // Nobody is answered from it.
                        self.plan(now, begun, Ticket::MIN, &file);
                    }
                    if matches!(self.under_way, UnderWay::Nothing) {
                        self.pause = Some(now + pause);
                    }
                }
            },
        }
    }

    /// Writes for those who wait on what a load has just read for them, if it did: the tag says whether that is
    /// still the policy, so a read is saved. Nobody is answered from it, nor where it meets an obstacle.
    pub(super) fn write_on_loaded(&mut self, now: Instant) {
        let Some((file, begun)) = self.loaded.take() else { return };
        let fresh = now.saturating_duration_since(begun) <= LOADED
            && self.written.is_none_or(|written| written <= begun);
        let untroubled = self.lost.is_empty() && self.refused_tag.is_none() && self.obstacle.is_none();
        if fresh && untroubled && file.etag.is_some() {
            self.on_loaded = true;
            self.plan(now, begun, Ticket::MIN, &file);
        }
    }

    fn believe(&mut self, now: Instant, begun: Instant, horizon: Ticket, file: &PolicyFile) {
        self.obstacle = None;
        let ended = self.lost.observe(&file.text);
        self.wake(ended);
        self.plan(now, begun, horizon, file);
    }

    /// A call failed for a reason that concerns everybody: those it may pass for wait on.
    pub(super) fn obstructed(&mut self, now: Instant, mut error: Error) {
        let pause = match &mut error {
            Error::RateLimited { retry_after, .. } => {
                // A service is not taken at its word for ever, neither if it says "at once" nor "tomorrow". Its
                // next answer is to a single read.
                *retry_after = LONGEST_LIMIT.min(*retry_after);
                self.limited_at = Some(now);
                self.reading.pause(&mut self.chance).max(*retry_after)
            }
            Error::Unavailable { .. } => self.reading.pause(&mut self.chance),
            Error::NotFound { .. }
            | Error::Invalid(_)
            | Error::Refused { .. }
            | Error::ProvisioningOff { .. }
            | Error::Credential { .. }
            | Error::Internal { .. } => {
                let waiting: Vec<Ticket> =
                    self.queue.iter().filter(|waiter| waiter.is_due()).map(|waiter| waiter.ticket).collect();
                for ticket in waiting {
                    self.fails(ticket, Answer::Failed(error.clone()));
                }
                return;
            }
        };
        self.obstacle = Some(error);
        self.pause = Some(now + pause);
    }

    /// The service answers others: a limit from before their call has ended.
    pub(super) fn served(&mut self, begun: Instant) {
        let limited = matches!(self.obstacle, Some(Error::RateLimited { .. }));
        if limited && self.limited_at.is_some_and(|limited_at| limited_at < begun) {
            self.obstacle = None;
            self.pause = None;
        }
    }

    /// How often the tag that a 412 has refused was read since, this time included; 0 for any other tag. What
    /// comes without a tag may be that text as well.
    fn reads_of_refused(&mut self, etag: Option<&ETag>) -> u32 {
        match &mut self.refused_tag {
            Some((refused, reads)) if etag.is_none_or(|etag| etag == refused) => {
                *reads = reads.saturating_add(1);
                *reads
            }
            _ => {
                self.refused_tag = None;
                0
            }
        }
    }

    /// Plans everybody who can be planned for; answers, or writes.
    fn plan(&mut self, now: Instant, begun: Instant, horizon: Ticket, file: &PolicyFile) {
        let batch = self.queue.next_batch();
        self.plan_batch(now, begun, horizon, file, batch);
    }

    fn plan_batch(
        &mut self,
        now: Instant,
        begun: Instant,
        horizon: Ticket,
        file: &PolicyFile,
        mut batch: Vec<(Ticket, Intent)>,
    ) {
        if batch.is_empty() {
            return;
        }
        let draft = match draft(&file.text, &batch) {
            Ok(draft) => draft,
            Err(NoDraft::Unreadable(error)) => {
                for (ticket, _) in batch.iter().filter(|(ticket, _)| *ticket < horizon) {
                    self.fails(*ticket, Answer::Broken(with_causes(&error)));
                }
                return;
            }
            Err(NoDraft::Unproved(error)) => return self.unproved(&batch, &error.to_string()),
        };
        let ended = self.tell_the_ended(now, &draft.edited);
        if !ended.is_empty() {
            batch.retain(|(ticket, _)| !ended.contains(ticket));
            return self.plan_batch(now, begun, horizon, file, batch);
        }
        let mut seen = false;
        for (ticket, outcome) in draft.standing.into_iter().filter(|(ticket, _)| *ticket < horizon) {
            if !seen {
                self.outputs.push(Output::Seen(file.text.clone(), begun));
                seen = true;
            }
            match outcome {
                Outcome::Holds => self.holds(ticket, Done::Held),
                Outcome::Refused(refusal) => self.fails(ticket, Answer::Impossible(refusal)),
                Outcome::Edited => {}
            }
        }
        let Some(text) = draft.text else { return };
        let Some(etag) = file.etag.clone() else {
            return self.obstructed(now, self.untagged());
        };
        for (ticket, _) in &draft.edited {
            if let Some(waiter) = self.queue.find_mut(*ticket) {
                waiter.intent.direct_only = true;
            }
        }
        let write = Write { base: file.text.clone(), text, etag, members: draft.edited };
        match foresight::need(&write.base, &write.members) {
            Need::Nothing => self.write(now, write),
            Need::Survey if self.unsurveyed_until.is_some_and(|until| now < until) => self.write(now, write),
            Need::Policy => self.foresee(now, begun, horizon, write, Survey::Needless),
            Need::Survey => self.foresee(now, begun, horizon, write, Survey::Recent),
        }
    }

    fn foresee(&mut self, now: Instant, begun: Instant, horizon: Ticket, write: Write, survey: Survey) {
        let (base, members) = (write.base.clone(), write.members.clone());
        let first = members.iter().filter_map(|(ticket, _)| Some(self.queue.find(*ticket)?.reply_by)).min();
        let patience = first.unwrap_or(now).saturating_duration_since(now) / SHARE;
        self.outputs.push(Output::Send(Request::Foresee { base, members, survey, patience }));
        self.under_way = UnderWay::Foreseeing { horizon, begun, write };
    }

    /// Leaves it to the service to judge, and for a while whatever comes next.
    pub(super) fn unsurveyed(&mut self, now: Instant) {
        self.unsurveyed_until = Some(now + UNSURVEYED);
        self.foreseen(now, Foresight::default());
    }

    fn write(&mut self, now: Instant, write: Write) {
        let Write { base, text, etag, members } = write.clone();
        self.outputs.push(Output::Send(Request::Write { base, text, etag, members }));
        self.lost.send_another();
        self.under_way = UnderWay::Writing(Post { write, sent: now });
    }

    /// Refuses those who would certainly be refused, and writes for the others. Who came after the read
    /// began is only left out: somebody may have made room for them meanwhile. Nobody is refused because of
    /// people and devices of a time before they asked: then all are judged again by those of now.
    pub(super) fn foreseen(&mut self, now: Instant, foresight: Foresight) {
        let UnderWay::Foreseeing { horizon, begun, mut write } = self.end_request() else { return };
        let Foresight { offenders, undecided, broken, surveyed } = foresight;
        let outdated = offenders.iter().filter(|(ticket, _)| *ticket < horizon).any(|(ticket, _)| {
            let arrived = self.queue.find(*ticket).map(|waiter| waiter.arrived);
            arrived.zip(surveyed).is_some_and(|(arrived, surveyed)| surveyed < arrived)
        });
        if outdated {
            return self.foresee(now, begun, horizon, write, Survey::BegunAfter(now));
        }
        self.broken = broken.map(|rejection| (write.base.clone(), rejection));
        let planned = write.members.len();
        let mut left_out = self.tell_the_ended(now, &write.members);
        left_out.extend(undecided.iter().copied().chain(offenders.iter().map(|(ticket, _)| *ticket)));
        write.members.retain(|(ticket, _)| !left_out.contains(ticket) && self.queue.find(*ticket).is_some());
        self.go_alone(undecided.into_iter());
        for (ticket, rejection) in offenders.into_iter().filter(|(ticket, _)| *ticket < horizon) {
            self.fails(ticket, Answer::Foreseen(rejection));
        }
        if write.members.len() == planned {
            return self.write(now, write);
        }
        match draft(&write.base, &write.members) {
            Ok(Draft { edited: members, text: Some(text), .. }) => {
                self.write(now, Write { text, members, ..write });
            }
            _ if horizon == Ticket::MIN && !self.on_loaded => {
                // Nobody was answered from this read, so the next one would find the same.
                self.pause = Some(now + self.reading.pause(&mut self.chance));
            }
            Ok(_) | Err(NoDraft::Unreadable(_)) => {}
            Err(NoDraft::Unproved(error)) => self.unproved(&write.members, &error.to_string()),
        }
    }

    /// Of those who would be written, tells whose access has ended meanwhile; returns who they are.
    fn tell_the_ended(&mut self, now: Instant, members: &[(Ticket, Intent)]) -> HashSet<Ticket> {
        let waiters = members.iter().filter_map(|(ticket, _)| self.queue.find(*ticket));
        let ended = waiters.filter(|waiter| waiter.ends.is_some_and(|ends| ends <= now));
        let ended: Vec<(Ticket, Option<Done>)> = ended.map(|waiter| (waiter.ticket, waiter.held())).collect();
        for (ticket, held) in &ended {
            match held {
                // It was given in time, and somebody has ended it since.
                Some(done) => self.holds(*ticket, *done),
                None => self.fails(*ticket, Answer::Failed(self.too_late())),
            }
        }
        ended.into_iter().map(|(ticket, _)| ticket).collect()
    }

    fn too_late(&self) -> Error {
        Error::Invalid(format!(
            "tailnet {}: the end of the access passed before it could be given, and it was not; ask again with a \
             later end",
            self.tailnet
        ))
    }

    /// One intent of a batch may spoil the proof for all: next time each goes by itself.
    fn unproved(&mut self, batch: &[(Ticket, Intent)], reason: &str) {
        if let [(ticket, _)] = batch {
            return self.fails(*ticket, Answer::Unproved(reason.to_owned()));
        }
        self.go_alone(batch.iter().map(|(ticket, _)| *ticket));
    }

    /// From now on these are written each by itself.
    pub(super) fn go_alone(&mut self, tickets: impl Iterator<Item = Ticket>) {
        for ticket in tickets {
            if let Some(waiter) = self.queue.find_mut(ticket) {
                waiter.company = Company::Nobody;
            }
        }
    }

    fn untagged(&self) -> Error {
        Error::Unavailable {
            tailnet: self.tailnet.clone(),
            reason: Unavailable::Upstream,
            message: "the policy file came without an ETag, and is not written without one; \
                      see whether a proxy removes the header"
                .to_owned(),
            cause: None,
        }
    }
}
