//! The newest policy text that anybody here has seen, and its ends.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::{OnceCell, watch};

use super::count::Counts;
use super::ends::Ends;
use crate::policy::{Lease, ListId};

/// The policy had a text, at a time or later.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) at: Instant,
    pub(super) text: Bytes,
    ends: OnceCell<Arc<Ends>>,
}

/// Who sees policy texts tells them here; who must know the newest is woken.
#[derive(Debug, Default)]
pub(in crate::connector) struct Sightings(watch::Sender<Option<Arc<Sighting>>>);

impl Sighting {
    /// The ends in the text; read once, on a thread that may take its time. None while the text is no
    /// policy: whoever edits it is told so elsewhere.
    pub(super) async fn ends(&self) -> Arc<Ends> {
        let read = || async {
            let text = self.text.clone();
            let ends = tokio::task::spawn_blocking(move || Ends::read(&text)).await;
            Arc::new(ends.ok().and_then(Result::ok).unwrap_or_default())
        };
        Arc::clone(self.ends.get_or_init(read).await)
    }

    /// The same on this thread, which may take its time.
    fn ends_here(&self) -> Arc<Ends> {
        let read = || {
            let ends = Arc::new(Ends::read(&self.text).unwrap_or_default());
            // Where another thread was faster, it has read the same.
            let _ = self.ends.set(Arc::clone(&ends));
            ends
        };
        self.ends.get().cloned().unwrap_or_else(read)
    }
}

impl Sightings {
    /// The policy had this text at `at` or later.
    pub(in crate::connector) fn policy_seen(&self, text: Bytes, at: Instant) {
        self.0.send_if_modified(|newest| match newest {
            Some(known) if known.at > at => false,
            Some(known) if known.text == text => {
                // What was read of it holds on.
                let ends = OnceCell::new_with(known.ends.get().cloned());
                *newest = Some(Arc::new(Sighting { at, text, ends }));
                true
            }
            _ => {
                *newest = Some(Arc::new(Sighting { at, text, ends: OnceCell::new() }));
                true
            }
        });
    }

    /// When a membership ends, as far as has been seen.
    pub(in crate::connector) async fn end_of(&self, list: &ListId, text: &str) -> Option<Lease> {
        let newest = self.0.borrow().clone()?;
        newest.ends().await.of(list, text).cloned()
    }

    /// How many leases there are in the newest text, by the time they have left at `now`; `None` before one
    /// was seen. May have to read the text, so it wants a thread that may take its time.
    pub(in crate::connector) fn count(&self, now: Timestamp) -> Option<Counts> {
        let newest = self.0.borrow().clone()?;
        Some(Counts::of(&newest.ends_here(), now))
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Option<Arc<Sighting>>> {
        self.0.subscribe()
    }
}
