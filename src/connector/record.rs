//! What is told of each request that changes something: a line of the journal, and one of the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;

use super::writer::Origin;
use super::{Error, Settings, Unavailable};
use crate::journal::{Action, Diff, Entry, Intent, Journal, Kind, Outcome, Receipt};
use crate::policy::{self, Wish};
use crate::tailscale::{ETag, Sent};

/// Tells of one tailnet's attempted changes.
#[derive(Clone, Debug)]
pub(super) struct Record {
    tailnet: Arc<str>,
    journal: Option<Journal>,
    failures: Counter,
}

/// What a request is to change.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// The policy file with this tag: the first text gives way to the second.
    Policy(ETag, Bytes, Bytes),
    /// A user's role: the first one gives way to the second.
    Role(String, String),
}

/// A request that was sent. Dropped without an end, it is told as lost.
#[derive(Debug)]
pub(super) struct Attempt<'r> {
    record: &'r Record,
    change: Change,
    intents: Vec<Intent>,
    time: Timestamp,
    begun: Instant,
    /// How it ended, the tag of what was stored, and how long it took.
    end: (Outcome, Option<String>, Option<Duration>),
    told: bool,
}

impl Record {
    pub(super) fn new(tailnet: &str, settings: &Settings) -> Self {
        Self {
            tailnet: tailnet.into(),
            journal: settings.journal.clone(),
            failures: settings.metrics.journal_failures.clone(),
        }
    }

    /// Makes sure that a request which gives access can be told of. What takes access away is not held up.
    ///
    /// # Errors
    ///
    /// Fails while lines of the journal cannot be written.
    pub(super) fn check(&self) -> Result<(), Error> {
        let Some(Err(trouble)) = self.journal.as_ref().map(Journal::check) else { return Ok(()) };
        Err(Error::Unavailable {
            tailnet: self.tailnet.to_string(),
            reason: Unavailable::Journal,
            message: format!(
                "access is only given while that can be recorded, and {trouble}; nothing was changed; make room or \
                 repair the file system, then try again (revokes go on)"
            ),
            cause: None,
        })
    }

    /// Notes that a request is about to be sent.
    pub(super) fn attempt(&self, change: Change, intents: Vec<Intent>) -> Attempt<'_> {
        Attempt {
            record: self,
            change,
            intents,
            time: Timestamp::now(),
            begun: Instant::now(),
            end: (Outcome::Lost("its answer was not waited for".to_owned()), None, None),
            told: false,
        }
    }

    /// Hands the entry to the journal at once; the future ends when it is on the disk, or is not in time.
    fn tell(&self, entry: Entry) -> impl Future<Output = ()> + Send + use<> {
        let log = Log::of(&entry);
        let appended = self.journal.as_ref().map(|journal| journal.append(entry));
        let failures = self.failures.clone();
        async move {
            let receipt = match appended {
                Some(appended) => appended.await.map(Some),
                None => Ok(None),
            };
            match receipt {
                Ok(receipt) => log.tell(receipt),
                Err(trouble) => {
                    failures.inc();
                    log.tell(None);
                    tracing::error!(error = %trouble, "the change above is not in the journal yet");
                }
            }
        }
    }
}

impl Attempt<'_> {
    /// Tells how it ended, and returns when that is on the disk, or could not be brought there in time.
    pub(super) async fn ended(mut self, sent: &Sent) {
        let (outcome, etag_after) = outcome(sent);
        self.end = (outcome, etag_after, Some(self.begun.elapsed()));
        let change = self.change.clone();
        // Large policies take milliseconds to compare.
        let diff = tokio::task::spawn_blocking(move || change.diff()).await.unwrap_or_default();
        let entry = self.entry(diff);
        self.record.tell(entry).await;
    }

    /// What is told, once.
    fn entry(&mut self, diff: Diff) -> Entry {
        self.told = true;
        let (outcome, etag_after, duration) = self.end.clone();
        let (kind, etag_before) = match &self.change {
            Change::Policy(etag, ..) => (Kind::Policy, Some(etag.as_str().to_owned())),
            Change::Role(..) => (Kind::Role, None),
        };
        Entry {
            tailnet: Arc::clone(&self.record.tailnet),
            kind,
            time: self.time,
            intents: std::mem::take(&mut self.intents),
            etag_before,
            etag_after,
            diff,
            outcome,
            duration: duration.unwrap_or_else(|| self.begun.elapsed()),
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.told {
            let diff = self.change.diff();
            let entry = self.entry(diff);
            // The journal has it; there is nobody left to wait for the disk.
            drop(self.record.tell(entry));
        }
    }
}

impl Change {
    fn diff(&self) -> Diff {
        match self {
            Self::Policy(_, before, after) => Diff::of(before, after),
            Self::Role(before, after) => Diff::of_words(before, after),
        }
    }
}

/// What the log says of an entry.
struct Log {
    tailnet: Arc<str>,
    kind: &'static str,
    outcome: &'static str,
    words: Option<String>,
    intents: String,
    etag_before: Option<String>,
    etag_after: Option<String>,
    lines_added: usize,
    lines_removed: usize,
    duration_ms: u128,
}

impl Log {
    fn of(entry: &Entry) -> Self {
        Self {
            tailnet: Arc::clone(&entry.tailnet),
            kind: entry.kind.word(),
            outcome: entry.outcome.word(),
            words: entry.outcome.words().map(str::to_owned),
            intents: entry.brief(),
            etag_before: entry.etag_before.clone(),
            etag_after: entry.etag_after.clone(),
            lines_added: entry.diff.added,
            lines_removed: entry.diff.removed,
            duration_ms: entry.duration.as_millis(),
        }
    }

    /// The journal's place of the line goes along, so that the log anchors the journal.
    fn tell(&self, receipt: Option<Receipt>) {
        let hash = receipt.map(|receipt| receipt.hash.to_string());
        tracing::info!(
            target: "tailgrant",
            tailnet = &*self.tailnet,
            kind = self.kind,
            outcome = self.outcome,
            words = self.words,
            intents = self.intents,
            etag_before = self.etag_before,
            etag_after = self.etag_after,
            lines_added = self.lines_added,
            lines_removed = self.lines_removed,
            duration_ms = self.duration_ms,
            seq = receipt.map(|receipt| receipt.seq),
            hash,
            "attempted change"
        );
    }
}

/// An intent for the policy in the journal's words: the list's id, the principal as the policy spells it.
pub(super) fn told(intent: &policy::Intent, origin: &Origin) -> Intent {
    let words = |action: Action, text: &str| Intent {
        action,
        entitlement: intent.list.to_string(),
        principal: text.to_owned(),
        aliases: Vec::new(),
        until: None,
        by: None,
        caller: Arc::clone(&origin.caller),
        request_id: origin.request_id.clone(),
    };
    match &intent.wish {
        Wish::Add { text } => words(Action::Grant, text),
        Wish::Lease { text, lease } => {
            Intent { until: Some(lease.until), by: lease.by.clone(), ..words(Action::Grant, text) }
        }
        Wish::Restore { text, lease } => {
            Intent { until: Some(lease.until), by: lease.by.clone(), ..words(Action::Restore, text) }
        }
        Wish::End { text, passed } => Intent { until: Some(*passed), ..words(Action::End, text) },
        Wish::Remove { texts, .. } => {
            let (first, others) =
                texts.split_first().map_or(("", [].as_slice()), |(first, others)| (first, others));
            Intent { aliases: others.to_vec(), ..words(Action::Revoke, first) }
        }
    }
}

/// How a request ended, in the journal's words, and the tag of what was stored.
fn outcome(sent: &Sent) -> (Outcome, Option<String>) {
    let outcome = match sent {
        Sent::Stored(etag) => return (Outcome::Stored, etag.as_ref().map(|etag| etag.as_str().to_owned())),
        Sent::Stale => Outcome::Conflict,
        Sent::Refused(error) => Outcome::Refused(super::with_causes(error)),
        Sent::NotSent(error) => Outcome::NotSent(super::with_causes(error)),
        Sent::Lost(error) => Outcome::Lost(super::with_causes(error)),
    };
    (outcome, None)
}
