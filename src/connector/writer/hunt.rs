//! Finding out which intent of a refused batch the service objects to.

use bytes::Bytes;

use super::draft::{NoDraft, candidate};
use super::queue::Ticket;
use crate::policy::Intent;
use crate::tailscale::Verdict;

/// A batch that was refused, and what is known about it so far.
#[derive(Debug)]
pub(super) struct Hunt {
    base: Bytes,
    /// In the order of arrival; not empty.
    members: Vec<(Ticket, Intent)>,
    /// What the service said when it refused the shortest prefix known to be refused.
    words: String,
    /// So many of the first members are known to be accepted together. `None`: not even the text
    /// without any of them has been judged.
    accepted: Option<usize>,
    /// So many of the first members are known to be refused together.
    refused: usize,
    /// So many of them are being judged.
    asked: usize,
}

/// What to do next about a refused batch.
#[derive(Debug)]
pub(super) enum Lead {
    /// Ask the service to judge this text.
    Ask(Bytes),
    /// The text was refused before we touched it; the service's words.
    Broken(String),
    /// The text without changes is fine. The batch holds grants and revokes: try the revokes by themselves.
    RevokesFirst,
    /// This intent is what the service objects to; its words.
    Offender(Ticket, String),
    /// A part of the batch cannot be drafted, so the search ends here.
    Undecided,
}

impl Hunt {
    /// Begins with the words of the refusal. `sound`: the text without changes is known to be accepted.
    pub(super) fn new(base: Bytes, members: Vec<(Ticket, Intent)>, words: String, sound: bool) -> Self {
        let refused = members.len();
        Self { base, members, words, accepted: sound.then_some(0), refused, asked: 0 }
    }

    pub(super) fn base(&self) -> &Bytes {
        &self.base
    }

    pub(super) fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.members.iter().map(|(ticket, _)| *ticket)
    }

    /// Whether the text without changes is known to be accepted.
    pub(super) fn is_base_sound(&self) -> bool {
        self.accepted.is_some()
    }

    /// What to do next.
    pub(super) fn lead(&mut self) -> Lead {
        let Some(accepted) = self.accepted else {
            self.asked = 0;
            return Lead::Ask(self.base.clone());
        };
        let grants = self.members.iter().filter(|(_, intent)| intent.gives_access()).count();
        if (1..self.members.len()).contains(&grants) {
            return Lead::RevokesFirst;
        }
        if self.refused <= accepted + 1 {
            let offender = self.refused.checked_sub(1).and_then(|last| self.members.get(last));
            return offender
                .map_or(Lead::Undecided, |(ticket, _)| Lead::Offender(*ticket, self.words.clone()));
        }
        self.asked = usize::midpoint(accepted, self.refused);
        match candidate(&self.base, self.members.get(..self.asked).unwrap_or_default()) {
            Ok(Some(text)) => Lead::Ask(text),
            Ok(None) | Err(NoDraft::Unreadable(_) | NoDraft::Unproved(_)) => Lead::Undecided,
        }
    }

    /// Takes the service's verdict on what was asked.
    pub(super) fn hear(&mut self, verdict: Verdict) -> Lead {
        match verdict {
            Verdict::Accepted => self.accepted = Some(self.asked),
            Verdict::Refused(words) if self.asked == 0 => return Lead::Broken(words),
            Verdict::Refused(words) => {
                self.refused = self.asked;
                self.words = words;
            }
        }
        self.lead()
    }
}
