//! Requests that nobody can say the end of.

use std::collections::HashSet;
use std::time::Instant;

use bytes::Bytes;

use super::key::Key;
use crate::policy;

/// A POST without an answer that settles it. Until its end the service may still carry it out.
#[derive(Debug)]
struct Lost {
    text: Bytes,
    keys: HashSet<Key>,
    ends: Instant,
    /// Nothing was read or sent since.
    unseen: bool,
    /// An older one with the same text lived when it was sent: where that text is read, either may have been carried
    /// out.
    has_twin: bool,
}

/// The lost requests that may still be carried out.
#[derive(Debug, Default)]
pub(super) struct LostRequests(Vec<Lost>);

impl LostRequests {
    pub(super) fn add(&mut self, text: Bytes, keys: HashSet<Key>, ends: Instant) {
        let has_twin = self.0.iter().any(|older| older.text == text);
        self.0.push(Lost { text, keys, ends, unseen: true, has_twin });
    }

    /// Takes note of the text of a read. The very next read after a request can prove that it was
    /// carried out: then it is over, since its tag is used up.
    ///
    /// It proves nothing where an older request with the same text may have been carried out instead, though that one
    /// has ended meanwhile. Tells whether one is over.
    pub(super) fn observe(&mut self, read: &[u8]) -> bool {
        let is_shown = |lost: &Lost| lost.unseen && !lost.has_twin && policy::stored_as(&lost.text, read);
        let proved = self.0.iter().position(is_shown);
        for lost in &mut self.0 {
            lost.unseen = false;
        }
        if let Some(at) = proved {
            self.0.swap_remove(at);
        }
        proved.is_some()
    }

    /// None may still be carried out.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Another request goes out: what is read from now on may be that one's doing.
    pub(super) fn send_another(&mut self) {
        for lost in &mut self.0 {
            lost.unseen = false;
        }
    }

    /// Forgets those that have ended; tells whether there was one.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let before = self.0.len();
        self.0.retain(|lost| lost.ends > now);
        self.0.len() < before
    }

    /// Whether one of them carried one of these keys, so that what holds now need not hold later.
    pub(super) fn may_undo(&self, keys: &[Key]) -> bool {
        self.0.iter().any(|lost| keys.iter().any(|key| lost.keys.contains(key)))
    }

    /// When the first of them ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.0.iter().map(|lost| lost.ends).min()
    }
}
