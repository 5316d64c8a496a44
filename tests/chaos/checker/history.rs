//! What happened in a run: what clients asked for and were told, which replicas ran, and what the service stored.
//!
//! A history is JSON lines. The first is a [`Run`]; the order of the others does not matter, but that of the
//! stored texts among themselves does: it is the order in which the service stored them. So a recorded run can
//! be checked again, whoever recorded it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One line of a history. Times are milliseconds since the beginning of the run, by one clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event {
    /// What the run was like. The first line.
    Run(Run),
    /// A text that the service stored; the first one is what it had in the beginning.
    Stored(Stored),
    /// A change that somebody asked for, with its answer.
    Call(Call),
    /// A replica sent a request. Recorded where that is known: then no request carries calls that came after it
    /// was sent, or that had been answered.
    Sent { at: u64, request: u64 },
    /// A replica began to run (again).
    Started { at: u64, replica: u32 },
    /// A replica was killed, or ended.
    Ended { at: u64, replica: u32 },
    /// The service, the network or somebody else disturbed a request: until some time after the last of them
    /// nobody can demand that leases end in time.
    Fault {
        at: u64,
        /// As the sandbox spells it, such as `acl.post:lost-answer`.
        fault: String,
    },
}

/// What a run was like, and what may be demanded of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// What made the run, so that it can be made again.
    pub(crate) seed: u64,
    /// How the store keeps texts.
    pub(crate) store: Store,
    /// Unix time in milliseconds at the beginning of the run: ends of leases are absolute.
    pub(crate) epoch: i64,
    /// How long after it was sent a request may be carried out: request timeout and settling time together.
    pub(crate) lifetime: u64,
    /// How much earlier or later than the run's clock a replica's clock may be.
    pub(crate) clock_tolerance: u64,
    /// How often each replica looks for leases that have ended, with the time it may take to end them
    /// (60 s and 5 s in the product).
    pub(crate) lease_delay: u64,
    /// For how long after a fault, a start or an edit by somebody else leases may be late: the longest pauses
    /// and waits that it may cause.
    pub(crate) recovery: u64,
    /// How far the times of two recorders may be apart.
    pub(crate) slack: u64,
    /// Whether a replica takes calls in the order of their ids: then it has to keep it for a list and a principal.
    /// Over gRPC nobody knows in which order concurrent calls arrive; of calls that do not overlap everybody does.
    #[serde(default)]
    pub(crate) ordered: bool,
    /// Whether replicas put back the end of a lease that vanished (`--restore-leases`).
    #[serde(default)]
    pub(crate) restores: bool,
    /// How long the run was observed.
    pub(crate) duration: u64,
}

/// How the store keeps texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Store {
    /// As they are sent, to the byte.
    Verbatim,
    /// In the canonical layout: what is between the lists is compared without layout.
    Formatted,
}

/// A text that the service stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) at: u64,
    pub(crate) by: By,
    /// Texts that differ in layout only have the same tag.
    pub(crate) tag: String,
    pub(crate) text: String,
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum By {
    /// A replica; which one, and which of its requests, if that is known.
    Tailgrant {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replica: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
    },
    /// Somebody else. Also what the policy was in the beginning.
    Foreign,
}

/// A change that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// Names the call; unique, and in the order in which a replica was asked.
    pub(crate) id: u64,
    pub(crate) replica: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) caller: String,
    pub(crate) op: Op,
    /// `group:NAME`, `tag:NAME` (its owners), or a pinned rule: `acl:PIN`, `ssh:PIN`, `grant:PIN`.
    pub(crate) list: String,
    /// The selector, in any spelling.
    pub(crate) principal: String,
    /// Other principals of the same revoke: all of them are to leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
    pub(crate) called: u64,
    /// When the answer came or the caller left; none: the run ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answered: Option<u64>,
    pub(crate) answer: Answer,
    /// By when it has to be answered, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<u64>,
    /// How often it was answered again, or after its caller had left.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(crate) again: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

/// What a call wants of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Op {
    /// Membership without an end.
    Grant,
    /// Membership with an end, in Unix seconds.
    Lease { until: i64 },
    /// No membership.
    Revoke,
    /// No membership whose own end is not after `passed`, in Unix seconds. Replicas ask that of themselves;
    /// such calls need not be recorded.
    End { passed: i64 },
}

/// What a caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// OK: changed by this call.
    Changed,
    /// OK: it was so already (already granted, already revoked).
    Held,
    /// A definite refusal: nothing was changed. Everything else that is neither OK nor `outcome_unknown`.
    Refused,
    /// `outcome_unknown`.
    Unknown,
    /// Nothing: the caller left (deadline, cancellation), the connection broke, or the run ended.
    Gone,
}

/// Everything about one run.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) run: Run,
    /// In the order in which the service stored them; the first is the beginning.
    pub(crate) stored: Vec<Stored>,
    pub(crate) calls: Vec<Call>,
    /// When requests were sent, as far as that is known.
    pub(crate) sent: BTreeMap<u64, u64>,
    /// When replicas started (true) and ended, in order of time.
    pub(crate) lives: Vec<(u64, u32, bool)>,
    /// When something was disturbed, in order of time.
    pub(crate) faults: Vec<(u64, String)>,
}

impl Answer {
    /// OK.
    pub(crate) fn is_ok(self) -> bool {
        matches!(self, Self::Changed | Self::Held)
    }
}

impl History {
    /// A run of which nothing has been recorded yet.
    pub(crate) fn new(run: Run) -> Self {
        let (stored, calls, lives, faults) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { run, stored, calls, sent: BTreeMap::new(), lives, faults }
    }

    /// Takes in another event of the run.
    pub(crate) fn record(&mut self, event: Event) {
        match event {
            Event::Run(run) => self.run = run,
            Event::Stored(stored) => self.stored.push(stored),
            Event::Call(call) => self.calls.push(call),
            Event::Sent { at, request } => drop(self.sent.insert(request, at)),
            Event::Started { at, replica } => self.lives.push((at, replica, true)),
            Event::Ended { at, replica } => self.lives.push((at, replica, false)),
            Event::Fault { at, fault } => self.faults.push((at, fault)),
        }
    }

    /// Reads JSON lines.
    ///
    /// # Errors
    ///
    /// Fails with the number of the line that is no event, and when the first one is not the run.
    pub(crate) fn read(lines: &str) -> Result<Self, String> {
        let mut events =
            lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(number, line)| {
                serde_json::from_str::<Event>(line).map_err(|error| format!("line {}: {error}", number + 1))
            });
        let Some(Event::Run(run)) = events.next().transpose()? else {
            return Err("a history begins with its run".to_owned());
        };
        let mut history = Self::new(run);
        for event in events {
            history.record(event?);
        }
        history.lives.sort_by_key(|(at, ..)| *at);
        history.faults.sort_by_key(|(at, _)| *at);
        Ok(history)
    }

    /// Writes JSON lines.
    pub(crate) fn write(&self) -> String {
        let mut events = vec![Event::Run(self.run.clone())];
        events.extend(self.stored.iter().cloned().map(Event::Stored));
        events.extend(self.calls.iter().cloned().map(Event::Call));
        events.extend(self.sent.iter().map(|(&request, &at)| Event::Sent { at, request }));
        events.extend(self.lives.iter().map(|&(at, replica, started)| {
            if started { Event::Started { at, replica } } else { Event::Ended { at, replica } }
        }));
        events.extend(self.faults.iter().map(|(at, fault)| Event::Fault { at: *at, fault: fault.clone() }));
        let lines = events.iter().filter_map(|event| serde_json::to_string(event).ok());
        lines.fold(String::new(), |text, line| text + &line + "\n")
    }
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "call {} on replica {} at {}: ", self.id, self.replica, self.called)?;
        match self.op {
            Op::Grant => out.write_str("grant")?,
            Op::Lease { until } => write!(out, "lease until {until}")?,
            Op::Revoke => out.write_str("revoke")?,
            Op::End { passed } => write!(out, "end what passed by {passed}")?,
        }
        write!(out, " {} {}", self.list, self.principal)?;
        for other in &self.also {
            write!(out, ", {other}")?;
        }
        match self.answered {
            Some(at) => write!(out, "; {:?} at {at}", self.answer)?,
            None => out.write_str("; never answered")?,
        }
        self.due.map_or(Ok(()), |due| write!(out, ", due by {due}"))
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "stored at {} by ", self.at)?;
        match self.by {
            By::Tailgrant { replica: Some(replica), request } => {
                write!(out, "replica {replica}")?;
                request.map_or(Ok(()), |request| write!(out, " (request {request})"))
            }
            By::Tailgrant { .. } => out.write_str("a replica"),
            By::Foreign => out.write_str("somebody else"),
        }
    }
}
