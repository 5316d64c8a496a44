//! The thread that writes, and the handle to it.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::chain::Chain;
use super::entry::{Entry, Intent};
use super::error::Trouble;
use super::file::Sink;
use super::hash::Hash;
use super::leases::{Leases, OutstandingLease};
use super::line::{Body, bodies, mentions, seal};
use super::queue::{Content, Queue, Waiting};
use super::remark::Remark;

/// A line that takes longer to reach the disk counts as not written.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is tried again after a failure, also when nothing new comes.
pub(super) const RETRY: Duration = Duration::from_secs(5);

/// Most requests that are under way. What is beyond it has an end that was lost.
const UNDER_WAY: usize = 10_000;

/// How long the end of the process waits for the last lines.
const FAREWELL: Duration = Duration::from_secs(2);

/// A line that is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its number.
    pub seq: u64,
    /// Its hash; noted elsewhere, it proves later that the line was there.
    pub hash: Hash,
}

/// A journal that is open. Clones write to the same file; it is closed with the last one.
#[derive(Clone, Debug)]
pub struct Journal {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    path: Arc<str>,
    requests: AtomicU64,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// There is something to write, or nobody is left.
    work: Condvar,
    /// The thread has ended.
    end: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: Queue,
    /// Something came since the last attempt.
    fresh: bool,
    /// Since when the entry is waiting that is being written.
    busy_since: Option<Instant>,
    /// Why an attempt failed; until nothing waits any more.
    failure: Option<Arc<str>>,
    /// Entries that were lost since then, and a line says so.
    lost: u64,
    head: Option<Receipt>,
    leases: Leases,
    closed: bool,
    ended: bool,
}

/// What the thread works with.
pub(super) struct Scribe {
    sink: Box<dyn Sink>,
    chain: Chain,
    /// The lines that told of requests before they were sent, by the request.
    sending: BTreeMap<u64, u64>,
}

impl Journal {
    /// Starts the thread, after it has written what `first` says.
    pub(super) fn start(
        path: Arc<str>,
        mut scribe: Scribe,
        leases: Leases,
        first: Option<Content>,
        retry: Duration,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        {
            let mut state = shared.lock();
            state.leases = leases;
            state.head = scribe.head();
            if let Some(content) = first {
                state.queue.push(Waiting::new(content, None));
            }
        }
        if !shared.lock().queue.is_empty() {
            shared.attempt(&mut scribe, &path);
        }
        let (working, named) = (Arc::clone(&shared), Arc::clone(&path));
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || working.run(scribe, &named, retry))?;
        Ok(Self { handle: Arc::new(Handle { path, requests: AtomicU64::new(0), shared }) })
    }

    /// A number for a request that no other one has: it ties the line of its end to the one before it is sent.
    #[must_use]
    pub fn request(&self) -> u64 {
        self.handle.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes an entry in at once; the future ends when it is on the disk. The entry is also written when the
    /// future is dropped, and when it fails: later, when that is possible.
    ///
    /// # Errors
    ///
    /// Fails when it is not on the disk yet: the file cannot be written, or that took longer than [`PATIENCE`].
    pub fn append(&self, entry: Entry) -> impl Future<Output = Result<Receipt, Trouble>> + Send + use<> {
        self.take(Content::Change(entry))
    }

    /// Takes in what is told of a request besides its end, as [`Journal::append`] takes in that.
    ///
    /// # Errors
    ///
    /// As for [`Journal::append`].
    pub fn remark(&self, remark: Remark) -> impl Future<Output = Result<Receipt, Trouble>> + Send + use<> {
        self.take(Content::Remark(remark))
    }

    fn take(&self, content: Content) -> impl Future<Output = Result<Receipt, Trouble>> + Send + use<> {
        let (reply, written) = oneshot::channel();
        {
            let mut state = self.handle.shared.lock();
            state.leases.note(&content);
            state.queue.push(Waiting::new(content, Some(reply)));
            state.fresh = true;
        }
        self.handle.shared.work.notify_one();
        let journal = self.clone();
        async move {
            if let Ok(Ok(receipt)) = tokio::time::timeout(PATIENCE, written).await {
                return Ok(receipt);
            }
            let failure = journal.handle.shared.lock().failure.clone();
            Err(journal.trouble(failure.unwrap_or_else(silent)))
        }
    }

    /// Whether entries are being written.
    ///
    /// # Errors
    ///
    /// Fails from an entry that could not be written until all that wait have been.
    pub fn check(&self) -> Result<(), Trouble> {
        let state = self.handle.shared.lock();
        let oldest = state.busy_since.or(state.queue.oldest());
        let stuck = oldest.is_some_and(|since| since.elapsed() > PATIENCE).then(silent);
        match state.failure.clone().or(stuck) {
            Some(reason) => Err(self.trouble(reason)),
            None => Ok(()),
        }
    }

    /// The last line; `None` in an empty journal.
    #[must_use]
    pub fn head(&self) -> Option<Receipt> {
        self.handle.shared.lock().head
    }

    /// The leases of a tailnet that were stored, and neither revoked nor ended since, as far as this journal
    /// tells, by list and principal. A change that was lost counts once it is known to hold.
    #[must_use]
    pub fn leases(&self, tailnet: &str) -> Vec<OutstandingLease> {
        self.handle.shared.lock().leases.of(tailnet)
    }

    /// Whether any lease of a tailnet is outstanding.
    #[must_use]
    pub fn has_leases(&self, tailnet: &str) -> bool {
        self.handle.shared.lock().leases.has(tailnet)
    }

    /// The outstanding lease that an intent concerns.
    #[must_use]
    pub fn lease_of(&self, tailnet: &str, intent: &Intent) -> Option<OutstandingLease> {
        self.handle.shared.lock().leases.of_intent(tailnet, intent).cloned()
    }

    /// Whether a lease is still outstanding as it is told here.
    #[must_use]
    pub fn tells(&self, tailnet: &str, lease: &OutstandingLease) -> bool {
        self.handle.shared.lock().leases.tell(tailnet, lease)
    }

    fn trouble(&self, reason: Arc<str>) -> Trouble {
        Trouble { path: Arc::clone(&self.handle.path), reason }
    }
}

fn silent() -> Arc<str> {
    "the disk does not answer".into()
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        self.shared.work.notify_one();
        let waited = self.shared.end.wait_timeout_while(state, FAREWELL, |state| !state.ended);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if !state.ended || !state.queue.is_empty() {
            let left = state.queue.len();
            tracing::error!(journal = &*self.path, left, "closed before every line could be written");
        }
    }
}

impl State {
    /// Notes that an attempt worked, and that it told of so many lost entries. Tells how many there were in all
    /// where nothing waits any more after a failure.
    fn recovered(&mut self, lost: u64) -> Option<u64> {
        self.lost += lost;
        if !self.queue.is_empty() {
            return None;
        }
        let lost = std::mem::take(&mut self.lost);
        self.failure.take().map(|_| lost)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes until nobody is left. What fails is tried once more when something new comes, from time to
    /// time, and at the end; once that works, all that waits is written at once.
    fn run(&self, mut scribe: Scribe, path: &str, retry: Duration) {
        let mut failed = self.lock().failure.is_some();
        loop {
            let mut state = self.lock();
            state = if failed {
                let waited =
                    self.work.wait_timeout_while(state, retry, |state| !state.fresh && !state.closed);
                waited.unwrap_or_else(PoisonError::into_inner).0
            } else {
                let idle = |state: &mut State| state.queue.is_empty() && !state.closed;
                self.work.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner)
            };
            let closed = state.closed;
            let empty = state.queue.is_empty();
            drop(state);
            failed = !empty && !self.attempt(&mut scribe, path);
            if closed && (empty || failed) {
                break;
            }
        }
        // With the file its lock goes.
        drop(scribe);
        self.lock().ended = true;
        self.end.notify_all();
    }

    /// Writes the oldest entries; tells whether that worked.
    fn attempt(&self, scribe: &mut Scribe, path: &str) -> bool {
        let (mut batch, lost) = {
            let mut state = self.lock();
            state.fresh = false;
            let batch = state.queue.take();
            state.busy_since = batch.first().map(|waiting| waiting.since);
            (batch, state.queue.lost)
        };
        // A defect must not end the thread: to whoever waits it is as if the disk had failed.
        let written = catch_unwind(AssertUnwindSafe(|| scribe.write(lost, &batch))).unwrap_or_else(|_| {
            Err(io::Error::other("writing it broke off inside tailgrant; please report this"))
        });
        let mut state = self.lock();
        state.busy_since = None;
        match written {
            Ok(receipts) => {
                state.head = scribe.head();
                state.queue.lost -= lost;
                if let Some(lost) = state.recovered(lost) {
                    tracing::warn!(journal = path, lost, "the journal can be written again");
                }
                drop(state);
                for (waiting, receipt) in batch.iter_mut().zip(receipts) {
                    // Whoever waited for it may have given up.
                    let _ = waiting.reply.take().map(|reply| reply.send(receipt));
                }
                true
            }
            Err(error) => {
                if state.failure.is_none() {
                    tracing::error!(
                        journal = path,
                        error = %error,
                        "the journal cannot be written; grants are refused until it can be, revokes go on"
                    );
                }
                state.failure = Some(error.to_string().into());
                state.queue.take_back(batch);
                false
            }
        }
    }
}

impl Scribe {
    pub(super) const fn new(sink: Box<dyn Sink>, chain: Chain) -> Self {
        Self { sink, chain, sending: BTreeMap::new() }
    }

    fn head(&self) -> Option<Receipt> {
        (self.chain.seq > 0).then_some(Receipt { seq: self.chain.seq, hash: self.chain.hash })
    }

    /// Writes entries, after a line that tells of those that were lost before them. The chain goes on only if
    /// all of it is on the disk.
    fn write(&mut self, lost: u64, batch: &[Waiting]) -> io::Result<Vec<Receipt>> {
        let (mut chain, mut sending) = (self.chain, self.sending.clone());
        let mut lines = Vec::new();
        let mut put = |time: Timestamp, body: &Body<'_>| -> io::Result<Receipt> {
            let seq = chain.seq.saturating_add(1);
            let (line, hash) = seal(seq, chain.hash, time, body).map_err(io::Error::other)?;
            lines.extend_from_slice(&line);
            chain = Chain { seq, hash };
            Ok(Receipt { seq, hash })
        };
        if lost > 0 {
            put(Timestamp::now(), &Body::Gap { lost })?;
        }
        let mut receipts = Vec::with_capacity(batch.len());
        for waiting in batch {
            let mut receipt = None;
            match &waiting.content {
                Content::Change(entry) => {
                    let of = entry.request.and_then(|request| sending.remove(&request));
                    for body in bodies(entry, of) {
                        receipt = Some(put(entry.time, &body)?);
                    }
                }
                Content::Remark(remark) => {
                    for body in mentions(remark) {
                        receipt = Some(put(remark.time, &body)?);
                    }
                    sending.extend(remark.request.zip(receipt.map(|receipt| receipt.seq)));
                }
                Content::Repair { time, cut, sha256 } => {
                    receipt = Some(put(*time, &Body::Repair { cut: *cut, sha256: *sha256 })?);
                }
            }
            receipts.extend(receipt);
        }
        self.sink.append(&lines)?;
        while sending.len() > UNDER_WAY {
            sending.pop_first();
        }
        (self.chain, self.sending) = (chain, sending);
        Ok(receipts)
    }
}

#[cfg(test)]
mod tests;
