//! What is told of each request that changes something: a line of the journal, and one of the log.

mod ends;
mod intents;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;

pub(super) use self::intents::journal_intents;
use super::{Error, Settings, Unavailable};
use crate::journal::{
    Diff, Entry, Intent, Journal, Kind, Outcome, PATIENCE, Receipt, Remark, Stage, Trouble,
};
use crate::tailscale::{ETag, Sent};

/// The target of the lines that the log has in common with the journal: it stays where this module moves.
const LOG: &str = "tailgrant";

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
    /// The text of the policy file with this tag.
    Policy { etag: ETag, before: Bytes, after: Bytes },
    /// The role of a user.
    Role { before: String, after: String },
}

/// A request that is to be sent. Dropped without an end, it is told as lost, or as not sent.
#[derive(Debug)]
pub(super) struct Attempt<'r> {
    record: &'r Record,
    change: Change,
    intents: Vec<Intent>,
    /// What ties the line of its end to the one before it is sent.
    request: Option<u64>,
    time: Timestamp,
    begun: Instant,
    end: End,
    recorded: bool,
}

/// How a request ended.
#[derive(Clone, Debug)]
struct End {
    outcome: Outcome,
    /// The tag of what was stored.
    etag_after: Option<String>,
    /// How long it took; unknown while nobody has seen its end.
    duration: Option<Duration>,
}

impl Record {
    pub(super) fn new(tailnet: &str, settings: &Settings) -> Self {
        Self {
            tailnet: tailnet.into(),
            journal: settings.journal.clone(),
            failures: settings.metrics.journal_failures.clone(),
        }
    }

    /// Whether there is a journal.
    pub(super) const fn is_kept(&self) -> bool {
        self.journal.is_some()
    }

    /// How long a request may be held back before it is sent.
    pub(super) fn delay(&self) -> Duration {
        if self.journal.is_some() { PATIENCE } else { Duration::ZERO }
    }

    fn unrecorded(&self, trouble: &Trouble) -> Error {
        Error::Unavailable {
            tailnet: self.tailnet.to_string(),
            reason: Unavailable::Journal,
            message: format!(
                "access is only given while that can be recorded, and {trouble}; nothing was changed; make room or \
                 repair the file system, then try again (revokes go on)"
            ),
            cause: None,
        }
    }

    /// Tells how things stand that no answer has told, such as what lost requests carried. Hands it to the journal
    /// at once; the future ends when it is on the disk, or is not in time.
    pub(super) fn settled(
        &self,
        kind: Kind,
        stage: Stage,
        intents: Vec<Intent>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let remark = Remark {
            tailnet: Arc::clone(&self.tailnet),
            kind,
            time: Timestamp::now(),
            intents,
            etag_before: None,
            stage,
            request: None,
        };
        let (tailnet, intents) = (Arc::clone(&self.tailnet), remark.brief());
        let noted = self.journal.as_ref().map(|journal| journal.remark(remark));
        let failures = self.failures.clone();
        async move {
            let (receipt, trouble) = match noted {
                Some(noted) => noted.await.map_or_else(|it| (None, Some(it)), |it| (Some(it), None)),
                None => (None, None),
            };
            tracing::info!(
                target: LOG,
                tailnet = &*tailnet,
                kind = kind.word(),
                outcome = stage.outcome(),
                intents,
                seq = receipt.map(|receipt| receipt.seq),
                hash = receipt.map(|receipt| receipt.hash.to_string()),
                "settled change"
            );
            if let Some(trouble) = trouble {
                failures.inc();
                tracing::error!(error = %trouble, "how a change stands is not in the journal yet");
            }
        }
    }

    /// A request that is to be sent, after [`Attempt::announce`].
    pub(super) fn attempt(&self, change: Change, intents: Vec<Intent>) -> Attempt<'_> {
        Attempt {
            record: self,
            change,
            intents,
            request: None,
            time: Timestamp::now(),
            begun: Instant::now(),
            end: End::unseen(Outcome::NotSent("its caller was gone before".to_owned())),
            recorded: false,
        }
    }

    /// Hands the entry to the journal at once; the future ends when it is on the disk, or is not in time.
    fn append(&self, entry: Entry) -> impl Future<Output = ()> + Send + use<> {
        let log = Log::of(&entry);
        let appended = self.journal.as_ref().map(|journal| journal.append(entry));
        let failures = self.failures.clone();
        async move {
            let receipt = match appended {
                Some(appended) => appended.await.map(Some),
                None => Ok(None),
            };
            match receipt {
                Ok(receipt) => log.emit(receipt),
                Err(trouble) => {
                    failures.inc();
                    log.emit(None);
                    tracing::error!(error = %trouble, "the change above is not in the journal yet");
                }
            }
        }
    }
}

impl Attempt<'_> {
    /// Notes in the journal that it is about to be sent. What gives access waits until that is on the disk; what
    /// takes access away is not held up.
    ///
    /// # Errors
    ///
    /// Fails for what gives access, while lines of the journal cannot be written: it is not to be sent then.
    pub(super) async fn announce(&mut self, gives_access: bool) -> Result<(), Error> {
        if let Some(journal) = &self.record.journal {
            if gives_access && let Err(trouble) = journal.check() {
                // The journal says nothing of what it was not asked to take.
                self.recorded = true;
                return Err(self.record.unrecorded(&trouble));
            }
            let (kind, etag_before) = self.change.about();
            let remark = Remark {
                tailnet: Arc::clone(&self.record.tailnet),
                kind,
                time: Timestamp::now(),
                intents: self.intents.clone(),
                etag_before,
                stage: Stage::Sending,
                request: Some(journal.request()),
            };
            self.request = remark.request;
            let noted = journal.remark(remark);
            if gives_access && let Err(trouble) = noted.await {
                self.record.failures.inc();
                self.end.outcome = Outcome::NotSent(trouble.to_string());
                return Err(self.record.unrecorded(&trouble));
            }
        }
        self.time = Timestamp::now();
        self.begun = Instant::now();
        self.end.outcome = Outcome::Lost("its answer was not waited for".to_owned());
        Ok(())
    }

    /// Tells how it ended, and returns when that is on the disk, or could not be brought there in time.
    pub(super) async fn end(mut self, sent: &Sent) {
        self.end = End::of(sent, self.begun.elapsed());
        let change = self.change.clone();
        // Large policies take milliseconds to compare.
        let diff = tokio::task::spawn_blocking(move || change.diff()).await.unwrap_or_default();
        let entry = self.entry(diff);
        self.record.append(entry).await;
    }

    /// What is told, once.
    fn entry(&mut self, diff: Diff) -> Entry {
        self.recorded = true;
        let End { outcome, etag_after, duration } = self.end.clone();
        let (kind, etag_before) = self.change.about();
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
            request: self.request,
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.recorded {
            let diff = self.change.diff();
            let entry = self.entry(diff);
            // The journal has it; there is nobody left to wait for the disk.
            drop(self.record.append(entry));
        }
    }
}

impl End {
    /// Of a request whose end nobody has seen.
    const fn unseen(outcome: Outcome) -> Self {
        Self { outcome, etag_after: None, duration: None }
    }

    /// What an answer means, after so long.
    fn of(sent: &Sent, duration: Duration) -> Self {
        let etag_after = match sent {
            Sent::Stored(etag) => etag.as_ref().map(|etag| etag.as_str().to_owned()),
            _ => None,
        };
        let outcome = match sent {
            Sent::Stored(_) => Outcome::Stored,
            Sent::Stale => Outcome::Conflict,
            Sent::Refused(error) => Outcome::Refused(super::with_causes(error)),
            Sent::NotSent(error) => Outcome::NotSent(super::with_causes(error)),
            Sent::Lost(error) => Outcome::Lost(super::with_causes(error)),
        };
        Self { outcome, etag_after, duration: Some(duration) }
    }
}

impl Change {
    /// What it changes, and the tag of what is to be replaced.
    fn about(&self) -> (Kind, Option<String>) {
        match self {
            Self::Policy { etag, .. } => (Kind::Policy, Some(etag.as_str().to_owned())),
            Self::Role { .. } => (Kind::Role, None),
        }
    }

    fn diff(&self) -> Diff {
        match self {
            Self::Policy { before, after, .. } => Diff::of(before, after),
            Self::Role { before, after } => Diff::of_words(before, after),
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
    duration_ms: u64,
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
            duration_ms: u64::try_from(entry.duration.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The journal's place of the line goes along, so that the log anchors the journal.
    fn emit(&self, receipt: Option<Receipt>) {
        let hash = receipt.map(|receipt| receipt.hash.to_string());
        tracing::info!(
            target: LOG,
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
