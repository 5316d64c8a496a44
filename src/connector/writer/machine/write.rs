//! What the end of a write leads to, and the search for what the service objects to.

use std::time::Instant;

use super::{Machine, Output, Post, Posted, Request, UnderWay, Write};
use crate::connector::Error;
use crate::connector::objection;
use crate::connector::writer::answer::{Answer, Done};
use crate::connector::writer::hunt::{Hunt, Lead};
use crate::connector::writer::key::Key;
use crate::connector::writer::queue::{Company, Ticket};
use crate::policy::Intent;
use crate::tailscale::{ETag, Verdict};

/// Server errors in a row on an unchanged tag, after which a batch is taken apart, and after which an
/// intent that goes alone is given up.
const SERVER_ERRORS: u32 = 3;

/// Judgements that are asked for before what is undecided goes alone.
const JUDGEMENTS: u32 = 32;

impl Machine {
    pub(super) fn posted(&mut self, now: Instant, posted: Posted) {
        let UnderWay::Writing(post) = self.end_request() else { return };
        self.written = Some(now);
        let recorded = !matches!(posted, Posted::Unrecorded(_));
        if !recorded || post.write.members.iter().any(|(_, intent)| intent.gives_access()) {
            // While grants cannot be recorded, nobody is kept waiting by them for a write that is not sent.
            self.queue.part_grants(!recorded);
        }
        match posted {
            Posted::Stored => self.stored(now, post.write),
            Posted::Stale => {
                for (ticket, _) in &post.write.members {
                    if let Some(waiter) = self.queue.find_mut(*ticket) {
                        waiter.contended = true;
                    }
                }
                self.refused_tag = Some((post.write.etag, 0));
                self.obstacle = None;
                let pause = self.writing.pause_if_repeated(&mut self.chance);
                self.pause = Some(now + pause);
            }
            // Whose fault that is is found out on a read of our own.
            Posted::Unacceptable(_) if self.on_loaded => {}
            Posted::Unacceptable(words) => self.unacceptable(post.write, words),
            Posted::Refused(error @ Error::RateLimited { .. }) => self.obstructed(now, error),
            Posted::NotSent(error) => {
                // What it lacked, a connection or a valid token, the next read gets first, or fails for.
                self.obstacle = Some(error);
                let pause = self.writing.pause_if_repeated(&mut self.chance);
                self.pause = Some(now + pause);
            }
            Posted::Refused(error) => {
                for (ticket, _) in post.write.members {
                    self.fails(ticket, Answer::Failed(error.clone()));
                }
            }
            Posted::Unrecorded(error) => {
                // The others are planned anew without them.
                for (ticket, _) in post.write.members.iter().filter(|(_, intent)| intent.gives_access()) {
                    self.fails(*ticket, Answer::Failed(error.clone()));
                }
            }
            Posted::Lost { server_error, error } => self.lost(now, post, server_error, error),
        }
    }

    fn stored(&mut self, now: Instant, write: Write) {
        self.outputs.push(Output::Seen(write.text, now));
        self.refused_tag = None;
        self.failures = None;
        self.obstacle = None;
        self.judgements = 0;
        self.writing.reset();
        for (ticket, _) in write.members {
            self.holds(ticket, Done::Written);
        }
    }

    /// The write may or may not count. Those it carried are read for and planned anew.
    fn lost(&mut self, now: Instant, post: Post, server_error: bool, error: Error) {
        let Post { write, sent } = post;
        let keys = write.members.iter().flat_map(|(_, intent)| Key::of(intent)).collect();
        let ends = (sent + self.limits.lifetime).max(now + self.limits.settle);
        self.lost.add(write.text, keys, ends);
        self.obstacle = Some(error);
        for (ticket, _) in &write.members {
            if let Some(waiter) = self.queue.find_mut(*ticket) {
                waiter.perhaps_written = true;
            }
        }
        let pause = self.writing.pause_if_repeated(&mut self.chance);
        self.pause = Some(now + pause);
        if server_error {
            self.take_apart(&write.etag, &write.members);
        }
    }

    /// Server errors that do not end may be one intent's fault: each then has to stand for itself.
    fn take_apart(&mut self, etag: &ETag, members: &[(Ticket, Intent)]) {
        let alone = match members {
            [(ticket, _)] => self.queue.find_mut(*ticket).filter(|waiter| waiter.company == Company::Nobody),
            _ => None,
        };
        if let Some(waiter) = alone {
            let ticket = waiter.ticket;
            if count(&mut waiter.failures, etag) >= SERVER_ERRORS {
                self.settle(ticket, Answer::OutcomeUnknown);
            }
        } else if count(&mut self.failures, etag) >= SERVER_ERRORS {
            self.failures = None;
            self.go_alone(members.iter().map(|(ticket, _)| *ticket));
        }
    }

    /// The service refuses the text.
    fn unacceptable(&mut self, write: Write, words: String) {
        let Write { base, mut members, .. } = write;
        members.retain(|(ticket, _)| self.queue.find(*ticket).is_some());
        let mut entangled = members.is_empty();
        for (ticket, _) in &members {
            if let Some(waiter) = self.queue.find_mut(*ticket) {
                waiter.suspect();
                if self.lost.may_undo(&waiter.keys) {
                    // A lost request may still carry it out, so it cannot be failed: it waits for the end.
                    self.queue.wait(*ticket);
                    entangled = true;
                }
            }
        }
        if !entangled {
            let sound = self.sound.as_ref() == Some(&base);
            let mut hunt = Hunt::new(base, members, words, sound);
            let lead = hunt.lead();
            self.follow(hunt, lead);
        }
    }

    pub(super) fn judged(&mut self, now: Instant, outcome: Result<Verdict, Error>) {
        let UnderWay::Judging(mut hunt) = self.end_request() else { return };
        match outcome {
            Ok(verdict) => {
                let lead = hunt.hear(verdict);
                self.follow(hunt, lead);
            }
            Err(error) => self.obstructed(now, error),
        }
    }

    fn follow(&mut self, hunt: Hunt, lead: Lead) {
        if hunt.is_base_sound() {
            self.sound = Some(hunt.base().clone());
        }
        match lead {
            Lead::Ask(_) if self.judgements >= JUDGEMENTS && hunt.tickets().nth(1).is_some() => {
                self.go_alone(hunt.tickets());
            }
            Lead::Ask(text) => {
                self.judgements += 1;
                self.under_way = UnderWay::Judging(hunt);
                self.outputs.push(Output::Send(Request::Validate { text }));
            }
            Lead::Broken(mut words) => {
                if let Some((_, rejection)) = self.broken.as_ref().filter(|(base, _)| base == hunt.base()) {
                    words = objection::with_tests(words, rejection);
                }
                for ticket in hunt.tickets() {
                    self.fails(ticket, Answer::Broken(words.clone()));
                }
            }
            Lead::Offender(ticket, words) => self.fails(ticket, Answer::Rejected(words)),
            Lead::RevokesFirst => {}
            Lead::Undecided => self.go_alone(hunt.tickets()),
        }
    }
}

/// Counts a server error on `etag`; another tag begins anew.
fn count(failures: &mut Option<(ETag, u32)>, etag: &ETag) -> u32 {
    let before = match failures {
        Some((tag, count)) if tag == etag => *count,
        _ => 0,
    };
    *failures = Some((etag.clone(), before + 1));
    before + 1
}
