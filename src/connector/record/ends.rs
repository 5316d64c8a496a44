//! What the journal knows of ends of access, and what it learns of them without a request.

use jiff::Timestamp;

use super::{Record, journal_intents};
use crate::connector::leases::{Lists, Standing};
use crate::connector::writer::Origin;
use crate::journal::{Action, Intent, Kind, OutstandingLease, Stage};
use crate::policy::{self, Lease, ListId, Policy};

impl Record {
    /// The leases that should be there, as far as the journal knows.
    pub(in crate::connector) fn leases(&self) -> Vec<OutstandingLease> {
        self.journal.as_ref().map(|journal| journal.leases(&self.tailnet)).unwrap_or_default()
    }

    /// Tells of leases to which somebody else gave other ends, unless they have changed since they were asked for.
    pub(in crate::connector) async fn renewed(&self, renewed: Vec<(OutstandingLease, Lease)>) {
        let Some(journal) = &self.journal else { return };
        let still = renewed.into_iter().filter(|(known, _)| journal.tells(&self.tailnet, known));
        let intents: Vec<Intent> = still.map(|(known, lease)| seen(known, lease)).collect();
        if !intents.is_empty() {
            self.settled(Kind::Policy, Stage::Seen, intents).await;
        }
    }

    /// What the journal has to tell before these grants are answered, which held in this text already: where it
    /// tells of another end than the text does.
    pub(in crate::connector) fn at_odds(
        &self,
        text: &[u8],
        held: &[(policy::Intent, Origin)],
    ) -> Vec<(Stage, Intent)> {
        let Some(journal) = self.journal.as_ref().filter(|it| it.has_leases(&self.tailnet)) else {
            return Vec::new();
        };
        let of = |intent: Intent| {
            let lease = journal.lease_of(&self.tailnet, &intent)?;
            (Some(lease.until) != intent.until).then_some((intent, lease))
        };
        let told = journal_intents(text, held.iter().map(|(intent, origin)| (intent, origin)));
        let suspects: Vec<_> = told.into_iter().filter_map(of).collect();
        if suspects.is_empty() {
            return Vec::new();
        }
        let Ok(document) = policy::parse(text) else { return Vec::new() };
        let Ok(policy) = Policy::read(&document) else { return Vec::new() };
        let mut lists = Lists::new(&policy);
        let tell = |(intent, lease): (Intent, OutstandingLease)| match lists.look_up(&lease)?.1 {
            Standing::Permanent => Some((Stage::Held, intent)),
            Standing::Renewed(end) => Some((Stage::Seen, seen(lease, end))),
            Standing::Gone | Standing::AsTold => None,
        };
        suspects.into_iter().filter_map(tell).collect()
    }

    /// Whether a lease that was outstanding is so no longer: its member was granted anew, or revoked. Of a rule that
    /// has got another id nobody can tell.
    pub(in crate::connector) fn is_over(&self, list: &ListId, text: &str, until: Timestamp) -> bool {
        let Some(journal) = &self.journal else { return false };
        let intent = Intent::new(Action::Restore, list.to_string(), text.to_owned());
        match journal.lease_of(&self.tailnet, &intent) {
            Some(lease) => lease.until != until,
            None => !matches!(list, ListId::Rule(..)),
        }
    }
}

/// That a lease has another end now.
fn seen(known: OutstandingLease, lease: Lease) -> Intent {
    let intent = Intent::new(Action::Grant, known.entitlement, known.principal);
    Intent { until: Some(lease.until), by: lease.by, ..intent }
}
