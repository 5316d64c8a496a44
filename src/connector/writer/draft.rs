//! A batch against one text: what stands already, what has to be written.

use bytes::Bytes;

use super::queue::Ticket;
use crate::policy::{self, Intent, Outcome, ReadError, Unproved};

/// What a batch comes to on one text.
#[derive(Debug)]
pub(super) struct Draft {
    /// Intents that the text answers by itself, and how: they hold or are refused.
    pub(super) standing: Vec<(Ticket, Outcome)>,
    /// Intents that need the write, in the order of their arrival.
    pub(super) edited: Vec<(Ticket, Intent)>,
    /// The text that carries them out; `None` where there is nothing to write.
    pub(super) text: Option<Bytes>,
}

/// Why a batch cannot be drafted.
#[derive(Debug)]
pub(super) enum NoDraft {
    /// Nobody can edit this text.
    Unreadable(ReadError),
    /// The new text does not mean what was planned.
    Unproved(Unproved),
}

/// Plans a batch and proves the new text.
pub(super) fn draft(text: &[u8], batch: &[(Ticket, Intent)]) -> Result<Draft, NoDraft> {
    let (outcomes, new) = rewrite(text, batch.iter().map(|(_, intent)| intent))?;
    let (edited, standing): (Vec<_>, Vec<_>) =
        batch.iter().zip(outcomes).partition(|(_, outcome)| *outcome == Outcome::Edited);
    let edited: Vec<(Ticket, Intent)> = edited.into_iter().map(|(member, _)| member.clone()).collect();
    if new.is_none() && !edited.is_empty() {
        return Err(NoDraft::Unproved(Unproved("the planned edits come to nothing".to_owned())));
    }
    let standing = if edited.is_empty() {
        standing.into_iter().map(|((ticket, _), outcome)| (*ticket, outcome)).collect()
    } else {
        standing_alone(text, &standing.into_iter().map(|(member, _)| member).collect::<Vec<_>>())?
    };
    Ok(Draft { standing, edited, text: new })
}

/// Plans a prefix of a batch for the service to judge; `None` where it changes nothing.
pub(super) fn candidate(text: &[u8], batch: &[(Ticket, Intent)]) -> Result<Option<Bytes>, NoDraft> {
    rewrite(text, batch.iter().map(|(_, intent)| intent)).map(|(_, new)| new)
}

/// What `text` says about `members` without the edits of the rest of their batch: inherited access may
/// go with an edit that is planned and not yet written. Those for which it does are left out.
fn standing_alone(text: &[u8], members: &[&(Ticket, Intent)]) -> Result<Vec<(Ticket, Outcome)>, NoDraft> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let (outcomes, _) = rewrite(text, members.iter().map(|(_, intent)| intent))?;
    let tickets = members.iter().map(|(ticket, _)| *ticket);
    Ok(tickets.zip(outcomes).filter(|(_, outcome)| *outcome != Outcome::Edited).collect())
}

fn rewrite<'i>(
    text: &[u8],
    intents: impl Iterator<Item = &'i Intent>,
) -> Result<(Vec<Outcome>, Option<Bytes>), NoDraft> {
    let intents: Vec<Intent> = intents.cloned().collect();
    let plan = policy::plan(text, &intents).map_err(NoDraft::Unreadable)?;
    let new = plan.prove().map_err(NoDraft::Unproved)?;
    Ok((plan.outcomes, new.map(Bytes::from)))
}
