//! Entries that wait to be written.

use std::collections::VecDeque;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::entry::{Entry, Intent};
use super::hash::Hash;
use super::line::written_size;
use super::remark::Remark;
use super::writer::Receipt;

/// Most entries that wait.
const MOST: usize = 10_000;

/// Most bytes of entries that wait, about.
const MOST_BYTES: usize = 64 << 20;

/// Most entries that are written at once.
const BATCH: usize = 256;

/// What a line is to tell.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Change(Entry),
    Remark(Remark),
    /// So much was cut off the end of the file.
    Repair {
        time: Timestamp,
        cut: u64,
        sha256: Hash,
    },
}

/// An entry, and who waits for it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) content: Content,
    size: usize,
    /// Since when.
    pub(super) since: Instant,
    /// Told when it is on the disk; dropped when it could not be written.
    pub(super) reply: Option<oneshot::Sender<Receipt>>,
}

impl Waiting {
    pub(super) fn new(content: Content, reply: Option<oneshot::Sender<Receipt>>) -> Self {
        let size = match &content {
            Content::Repair { .. } => 0,
            Content::Change(entry) => written_size(&entry.diff.text) + size(&entry.intents),
            Content::Remark(remark) => size(&remark.intents),
        };
        Self { content, size, since: Instant::now(), reply }
    }
}

/// Entries in the order of their arrival, within bounds: when it is full, the oldest go.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// Entries that went, and no line says so yet.
    pub(super) lost: u64,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn oldest(&self) -> Option<Instant> {
        self.waiting.front().map(|waiting| waiting.since)
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        self.bytes += waiting.size;
        self.waiting.push_back(waiting);
        self.bound();
    }

    /// The oldest, to be written.
    pub(super) fn take(&mut self) -> Vec<Waiting> {
        let batch: Vec<Waiting> = self.waiting.drain(..self.waiting.len().min(BATCH)).collect();
        self.bytes -= batch.iter().map(|waiting| waiting.size).sum::<usize>();
        batch
    }

    /// Takes back what could not be written. Nobody waits for that any longer.
    pub(super) fn take_back(&mut self, batch: Vec<Waiting>) {
        for waiting in batch.into_iter().rev() {
            self.bytes += waiting.size;
            self.waiting.push_front(waiting);
        }
        for waiting in &mut self.waiting {
            waiting.reply = None;
        }
        self.bound();
    }

    fn bound(&mut self) {
        while self.waiting.len() > MOST || self.bytes > MOST_BYTES {
            let Some(oldest) = self.waiting.pop_front() else { return };
            self.bytes -= oldest.size;
            self.lost += 1;
        }
    }
}

/// Bytes that these take besides the diff, about.
fn size(intents: &[Intent]) -> usize {
    let sizes = intents.iter().map(|intent| {
        let others = intent.aliases.iter().chain(&intent.other_ids).map(String::len).sum::<usize>();
        200 + intent.entitlement.len() + intent.principal.len() + others
    });
    200 + sizes.sum::<usize>()
}
