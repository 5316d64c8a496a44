//! What becomes of requests: the model of the service does with them what it does, unless a fault strikes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;

use super::checker::{By, Event};
use super::fault::{Fault, On};
use super::sabotage::Sabotage;
use super::service::{Verdict as Ruling, Version};
use super::world::{Happens, LIFETIME, Process, TIMEOUT, World};
use crate::connector::writer::machine::{Input, Posted, Request};
use crate::connector::{Error, Unavailable};
use crate::tailscale::{self, ETag, PolicyFile, Verdict};

/// How often a tag that a 412 has refused may still be read.
const STALE_READS: u32 = 6;

impl World {
    /// The service gets a request.
    pub(super) fn serve(&mut self, process: Process, request: Request, sent: u64) {
        let on = match request {
            Request::Write { .. } => On::Post,
            Request::Validate { .. } => On::Validate,
            Request::Read | Request::Foresee { .. } => On::Get,
        };
        let fault = self.strike(on);
        if fault == Some(Fault::ForeignEditBefore) {
            self.foreign_edit();
        }
        let (at, input) = match request {
            Request::Write { text, etag, .. } => self.write(process, &text, &etag, fault, sent),
            Request::Validate { text } => {
                let (at, error) = self.failure(fault, sent);
                let words = self.version(&text).objection();
                let verdict = words.map_or(Verdict::Accepted, Verdict::Refused);
                (at, Input::Judged(error.map_or(Ok(verdict), Err)))
            }
            Request::Read | Request::Foresee { .. } => {
                let (at, error) = self.failure(fault, sent);
                let file = self.read(process, fault);
                (at, Input::Read(error.map_or(Ok(file), Err)))
            }
        };
        if fault == Some(Fault::ForeignEditAfter) {
            self.foreign_edit();
        }
        self.at(at, Happens::Tell(process, input));
    }

    /// Something goes wrong with a request, or not.
    pub(super) fn strike(&mut self, on: On) -> Option<Fault> {
        let strikes = !self.calm && self.chance.f64() < self.plan.faults;
        let is_late = on == On::Post && self.chance.f64() < self.plan.late;
        let fault =
            strikes.then(|| if is_late { Fault::LateEffect } else { Fault::draw(on, &mut self.chance) })?;
        self.note(|| format!("{on}: {fault}"));
        *self.hits.entry((fault, on)).or_default() += 1;
        self.history.faults.push((self.now, format!("{on}:{fault}")));
        Some(fault)
    }

    /// How a request ends that changes nothing, and when.
    pub(super) fn failure(&mut self, fault: Option<Fault>, sent: u64) -> (u64, Option<Error>) {
        let timed_out = sent + TIMEOUT;
        let soon = self.within(1, self.plan.latency);
        match fault {
            None | Some(Fault::ForeignEditBefore | Fault::ForeignEditAfter | Fault::Untagged) => (soon, None),
            Some(Fault::LostAnswer | Fault::LateEffect) => (timed_out.max(soon), Some(down())),
            Some(Fault::RateLimit) => (soon, Some(self.limited())),
            Some(Fault::Forbidden) => (soon, Some(forbidden())),
            Some(_) => (soon, Some(down())),
        }
    }

    /// What a process reads.
    pub(super) fn read(&mut self, process: Process, fault: Option<Fault>) -> PolicyFile {
        let current = self.service.current.clone();
        let version = match self.stale.get_mut(&process) {
            Some((old, left @ 1..)) => {
                *left -= 1;
                old.clone()
            }
            _ => current,
        };
        let header = HeaderValue::from_str(&version.tag).ok();
        let etag = header.and_then(|header| ETag::from_header(&header));
        PolicyFile { text: Bytes::from(version.text), etag: etag.filter(|_| fault != Some(Fault::Untagged)) }
    }

    /// What the service makes of a text that is sent.
    pub(super) fn version(&self, text: &[u8]) -> Version {
        self.service.version(&String::from_utf8_lossy(text))
    }

    /// A write is sent; its number.
    pub(super) fn sends(&mut self, at: u64) -> u64 {
        self.requests += 1;
        self.history.record(Event::Sent { at, request: self.requests });
        self.requests
    }

    /// Carries a write out, now, later or not at all; how it ends, and when.
    fn write(
        &mut self,
        process: Process,
        text: &Bytes,
        etag: &ETag,
        fault: Option<Fault>,
        sent: u64,
    ) -> (u64, Input) {
        let timed_out = sent + TIMEOUT;
        let (number, new, tag) = (self.sends(sent), self.version(text), etag.as_str().to_owned());
        let soon = self.within(1, self.plan.latency);
        let latest = sent + LIFETIME - 1;
        let late = if self.chance.u8(..4) == 0 { latest } else { self.chance.u64(self.now..=latest) };
        let lost = |server_error| Posted::Lost { server_error, error: down() };
        let now = |world: &mut Self| world.carry_out(process, number, &tag, new.clone());
        let later = Happens::Lands { process, request: number, tag: tag.clone(), new: new.clone() };
        let (at, posted) = match fault {
            None | Some(Fault::ForeignEditBefore | Fault::ForeignEditAfter | Fault::Untagged) => {
                let posted = match now(self) {
                    Ruling::Stored => Posted::Stored,
                    Ruling::Stale => {
                        self.conflicts += 1;
                        self.lag_behind(process, &tag);
                        Posted::Stale
                    }
                    Ruling::Refused(words) => {
                        // Who is held up by it has to be hunted for.
                        self.history.faults.push((self.now, "acl.post:400".to_owned()));
                        Posted::Unacceptable(words)
                    }
                };
                (soon, posted)
            }
            Some(Fault::LostAnswer) => {
                now(self);
                (timed_out, lost(false))
            }
            Some(Fault::LateEffect) => {
                self.land(late, later);
                (if self.chance.bool() { soon } else { timed_out }, lost(false))
            }
            Some(Fault::ResetBefore) => (soon, lost(false)),
            Some(Fault::ResetAfter) => {
                now(self);
                (soon, lost(false))
            }
            Some(Fault::Truncate) => match now(self) {
                // The status line suffices, if it came.
                Ruling::Stored if self.chance.bool() => (soon, Posted::Stored),
                _ => (soon, lost(false)),
            },
            Some(Fault::Status(_)) => {
                match self.chance.u8(..3) {
                    0 => {
                        now(self);
                    }
                    1 => self.land(late, later),
                    _ => {}
                }
                (soon, lost(true))
            }
            Some(Fault::RateLimit) => (soon, Posted::Refused(self.limited())),
            Some(Fault::NotSent | Fault::Unrecorded) => (soon, Posted::NotSent(down())),
            Some(Fault::Forbidden) => (soon, Posted::Refused(forbidden())),
        };
        let posted = match posted {
            Posted::Lost { .. } if self.sabotage == Some(Sabotage::NoReadBack) => Posted::Stored,
            posted => posted,
        };
        (at.max(self.now + 1), Input::Posted(posted))
    }

    /// Puts a late write on the agenda. At times somebody takes back just before what was done since: then its tag
    /// is there again.
    fn land(&mut self, late: u64, write: Happens) {
        if let Happens::Lands { tag, .. } = &write
            && self.chance.f64() < self.plan.takes_back
        {
            self.at(late, Happens::TakeBack(tag.clone()));
        }
        self.at(late, write);
    }

    /// The service decides about a write and keeps the text, or not.
    pub(super) fn carry_out(&mut self, process: Process, request: u64, tag: &str, new: Version) -> Ruling {
        let condition = Some(tag).filter(|_| self.sabotage != Some(Sabotage::NoIfMatch));
        let ruling = self.service.judge(condition, &new);
        self.note(|| format!("request {request} of replica {} on {tag}: {ruling:?}", process.0));
        match &ruling {
            Ruling::Stored => {
                self.stale.remove(&process);
                let by = By::Tailgrant { replica: Some(process.0), request: Some(request) };
                if self.sabotage == Some(Sabotage::ApplyTwice) {
                    self.repeats.push((by, tag.to_owned(), new.clone()));
                }
                self.store(by, new);
            }
            Ruling::Stale | Ruling::Refused(_) => {}
        }
        ruling
    }

    /// A process that was told 412 may still read for a while what it wrote on. What is refused again is not
    /// read again: in the end the service tells the truth.
    fn lag_behind(&mut self, process: Process, tag: &str) {
        let old = self.history.stored.iter().rev().find(|stored| stored.tag == tag);
        let old = old.map(|old| Version { text: old.text.clone(), tag: tag.to_owned() });
        let (lags, reads) = (self.chance.bool() && !self.calm, self.chance.u32(1..=STALE_READS));
        let known = self.stale.get(&process).is_some_and(|(old, _)| old.tag == tag);
        if let Some(old) = old.filter(|_| lags && !known) {
            self.stale.insert(process, (old, reads));
        }
    }

    fn limited(&mut self) -> Error {
        let retry_after = Duration::from_secs(self.chance.u64(0..=5));
        Error::RateLimited { tailnet: "example.com".to_owned(), retry_after }
    }
}

fn down() -> Error {
    Error::Unavailable {
        tailnet: "example.com".to_owned(),
        reason: Unavailable::Upstream,
        message: "down".to_owned(),
        cause: None,
    }
}

fn forbidden() -> Error {
    let cause = Arc::new(tailscale::Error::Settings("forbidden".to_owned()));
    Error::Credential { tailnet: "example.com".to_owned(), needs: "policy_file".to_owned(), cause }
}
