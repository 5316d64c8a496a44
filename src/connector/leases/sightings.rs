//! The newest policy text that anybody here has seen, and its ends.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;

use super::count::Counts;
use super::ends::Ends;
use crate::connector::with_causes;
use crate::policy::{Lease, ListId};

/// The ends in a text, or why nobody can tell: it is no policy.
pub(in crate::connector) type Reading = Result<Arc<Ends>, Arc<str>>;

/// The policy had a text, at a time or later.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) at: Instant,
    pub(super) text: Bytes,
    ends: OnceLock<Reading>,
}

/// Who sees policy texts tells them here; who must know the newest is woken.
#[derive(Debug, Default)]
pub(in crate::connector) struct Sightings(watch::Sender<Option<Arc<Sighting>>>);

impl Sighting {
    /// The ends in the text; read once, on a thread that may take its time.
    pub(super) async fn ends(self: &Arc<Self>) -> Reading {
        if let Some(known) = self.ends.get() {
            return known.clone();
        }
        let sighting = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || sighting.ends_here().clone()).await;
        reading.unwrap_or_else(|_| Err("reading it broke off inside tailgrant; please report this".into()))
    }

    /// The same on this thread, which may take its time.
    fn ends_here(&self) -> &Reading {
        self.ends.get_or_init(|| read(&self.text))
    }
}

impl Sightings {
    /// The policy had this text at `at` or later.
    pub(in crate::connector) fn policy_seen(&self, text: Bytes, at: Instant) {
        self.0.send_if_modified(|newest| match newest {
            Some(known) if known.at > at => false,
            Some(known) if known.text == text => {
                // What was read of it holds on.
                let ends = known.ends.clone();
                *newest = Some(Arc::new(Sighting { at, text, ends }));
                true
            }
            _ => {
                *newest = Some(Arc::new(Sighting { at, text, ends: OnceLock::new() }));
                true
            }
        });
    }

    /// When a membership ends, as far as has been seen.
    pub(in crate::connector) async fn end_of(&self, list: &ListId, text: &str) -> Option<Lease> {
        let newest = self.0.borrow().clone()?;
        newest.ends().await.ok()?.of(list, text).cloned()
    }

    /// How many leases there are in the newest text, by the time they have left at `now`; `None` before one
    /// was seen, and while it is no policy. May have to read the text, so it wants a thread that may take its
    /// time.
    pub(in crate::connector) fn count(&self, now: Timestamp) -> Option<Counts> {
        let newest = self.0.borrow().clone()?;
        Some(Counts::of(newest.ends_here().as_ref().ok()?, newest.at.elapsed(), now))
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Option<Arc<Sighting>>> {
        self.0.subscribe()
    }
}

fn read(text: &[u8]) -> Reading {
    Ends::read(text).map(Arc::new).map_err(|error| with_causes(&error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is counted as overdue of texts that were seen one after the other.
    #[track_caller]
    fn check(texts: &[&'static str], overdue: Option<usize>) {
        let sightings = Sightings::default();
        for text in texts {
            sightings.policy_seen(Bytes::from_static(text.as_bytes()), Instant::now());
        }
        let counts = sightings.count("2030-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(counts.map(|counts| counts.overdue), overdue, "{texts:?}");
    }

    #[test]
    fn nothing_is_counted_where_nobody_can_tell() {
        let ended =
            r#"{"groups": {"group:a": ["ada@example.com" /* tailgrant: until=2026-01-01T00:00:00Z */]}}"#;
        let stray =
            r#"{"groups": {"group:a": ["ada@example.com" /* tailgrant: until=2026-01-01T00:00:00Z */]}} x"#;
        check(&[], None);
        check(&[ended], Some(1));
        check(&[ended, stray], None);
        check(&[stray, ended], Some(1));
        check(&["{}"], Some(0));
    }
}
