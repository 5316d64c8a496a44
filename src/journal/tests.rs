//! What the tests of the journal share.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::file::Sink;
use super::{Action, Diff, Entry, Intent, Journal, Kind, Outcome, Remark, Stage};

/// An entry with one intent, at a time that says which one it is.
pub(super) fn entry(number: i64, action: Action, entitlement: &str, principal: &str) -> Entry {
    Entry {
        tailnet: "example.com".into(),
        kind: Kind::Policy,
        time: jiff::Timestamp::from_second(1_800_000_000 + number).unwrap(),
        intents: vec![intent(action, entitlement, principal)],
        etag_before: Some("a1".to_owned()),
        etag_after: Some("b2".to_owned()),
        diff: Diff::of(b"one\n", b"one\ntwo \"quoted\"\n"),
        outcome: Outcome::Stored,
        duration: Duration::from_millis(12),
        request: None,
    }
}

pub(super) fn intent(action: Action, entitlement: &str, principal: &str) -> Intent {
    Intent { caller: "token 1".into(), ..Intent::new(action, entitlement.to_owned(), principal.to_owned()) }
}

/// What is told of that entry before it is sent, or after it was lost.
pub(super) fn remark(entry: &Entry, stage: Stage) -> Remark {
    Remark {
        tailnet: entry.tailnet.clone(),
        kind: entry.kind,
        time: entry.time,
        intents: entry.intents.clone(),
        etag_before: None,
        stage,
        request: entry.request,
    }
}

/// A grant to somebody, for tests that only count lines.
pub(super) fn grant(number: i64) -> Entry {
    entry(number, Action::Grant, "group:eng", &format!("user{number}@example.com"))
}

/// Writes a journal of so many lines, and gives back its bytes.
pub(super) async fn journal_of(path: &Path, lines: i64) -> Vec<u8> {
    let journal = Journal::open(path).unwrap();
    for number in 0..lines {
        journal.append(grant(number)).await.unwrap();
    }
    drop(journal);
    std::fs::read(path).unwrap()
}

/// A disk that can be filled and emptied.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    state: Arc<Mutex<(Vec<u8>, bool)>>,
}

impl Disk {
    pub(super) fn fill(&self, full: bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = full;
    }

    pub(super) fn text(&self) -> Vec<u8> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}

impl Sink for Disk {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1 {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"));
        }
        state.0.extend_from_slice(lines);
        Ok(())
    }
}
