//! The journal, as writes meet it. For a time it cannot be written: then what gives access is not sent, and the rest is
//! held up a moment.

use super::fault::{Fault, On};
use super::sabotage::Sabotage;
use super::world::{Happens, Process, RECORDING, World};
use crate::connector::writer::machine::{Input, Posted, Request};
use crate::connector::{Error, Unavailable};

impl World {
    /// How much later a write is sent because it is recorded first; `None`: it is not sent.
    pub(super) fn record(&mut self, process: Process, request: &Request) -> Option<u64> {
        let now = self.now;
        let Request::Write { text, etag, members, .. } = request else { return Some(0) };
        if !self.plan.outages.iter().any(|outage| outage.contains(&now)) {
            return Some(0);
        }
        *self.hits.entry((Fault::Unrecorded, On::Post)).or_default() += 1;
        self.history.faults.push((now, "journal:unrecorded".to_owned()));
        let tried = self.within(1, RECORDING);
        let gives_access = members.iter().any(|(_, intent)| intent.gives_access());
        if !gives_access && self.sabotage != Some(Sabotage::RemovalsWaitForRecord) {
            return Some(tried - now);
        }
        if self.sabotage == Some(Sabotage::WrittenUnrecorded) {
            let (request, tag) = (self.sends(now), etag.as_str().to_owned());
            self.at(tried, Happens::Lands { process, request, tag, new: self.version(text) });
        }
        self.at(tried, Happens::Tell(process, Input::Posted(Posted::Unrecorded(unrecorded()))));
        None
    }
}

fn unrecorded() -> Error {
    Error::Unavailable {
        tailnet: "example.com".to_owned(),
        reason: Unavailable::Journal,
        message: "it cannot be recorded".to_owned(),
        cause: None,
    }
}
