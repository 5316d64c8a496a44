//! How a connector does, for operators.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::validate::days_until;
use super::{Connector, with_causes};

/// The state of one connector. Names no people and holds no secret, so that anybody may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The tailnet as configured.
    pub tailnet: String,
    /// What somebody has to look into now; empty when all is well.
    pub critical: Vec<String>,
    /// Time since the newest load of the tailnet began; `None` before the first one.
    pub snapshot_age: Option<Duration>,
    /// Why the newest load failed; `None` when it did not.
    pub last_error: Option<String>,
    /// Tailscale refused the credential when the tailnet was last loaded.
    pub credential_refused: bool,
    /// Whole days until the credential's key ends; `None` when that is not known, or it has no end.
    pub credential_days_left: Option<i64>,
    /// Link of the pipeline that manages the policy file, perhaps empty; `None` when none is known.
    pub managed_externally: Option<String>,
    /// Changes that wait for the policy writer.
    pub queue_length: usize,
    /// How long the change has waited that came first of those.
    pub oldest_wait: Option<Duration>,
    /// Leases of the newest policy whose end has passed; `None` before it was read, and while it cannot be.
    pub leases_overdue: Option<usize>,
    /// Those of them that had ended over 65 s before that policy was read, so that nobody seems to end them.
    pub leases_late: usize,
    /// Whether the journal is being written; `None` without one.
    pub journal: Option<Journaling>,
}

/// How a journal does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journaling {
    /// Entries are written.
    Written,
    /// Entries wait, and access is only taken away.
    Failing,
}

impl Connector {
    /// How this connector does. Never asks the tailnet; may parse its policy, so it wants a thread that may
    /// block.
    #[must_use]
    pub fn health(&self) -> Health {
        let metrics = &self.settings.metrics;
        let (standing, now) = (&metrics.standing, Timestamp::now());
        let failure = standing.failure();
        let leases = standing.leases(now);
        let mut health = Health {
            tailnet: self.tailnet().to_owned(),
            critical: Vec::new(),
            snapshot_age: standing.snapshot_age(),
            credential_refused: standing.credential_refused(),
            last_error: failure.map(|error| without_logins(&with_causes(&error))),
            credential_days_left: standing.key_ends_at().map(|end| days_until(end, now)),
            managed_externally: self.external.pipeline().map(|pipeline| pipeline.link),
            queue_length: metrics.queue.length(),
            oldest_wait: metrics.queue.oldest(Instant::now()),
            leases_overdue: leases.map(|leases| leases.overdue),
            leases_late: leases.map_or(0, |leases| leases.late),
            journal: self.settings.journal.as_ref().map(|journal| match journal.check() {
                Ok(()) => Journaling::Written,
                Err(_) => Journaling::Failing,
            }),
        };
        health.critical = criticals(&health, self.critical().len());
        health.critical.extend(self.settings.alarm.part().map(|part| {
            format!("{part} has broken off inside tailgrant, and the process ends to be started anew: please report it")
        }));
        health
    }
}

/// What somebody has to look into. Findings about leases name their holders, so they are told by their number.
fn criticals(health: &Health, about_leases: usize) -> Vec<String> {
    let mut told = Vec::new();
    if health.credential_refused {
        told.push(
            "Tailscale refuses the credential: see the log for the scope or key that it needs".to_owned(),
        );
    }
    if health.credential_days_left.is_some_and(|days| days < 0) {
        told.push("the API key has ended: make a new one in the admin console, and restart".to_owned());
    }
    if health.journal == Some(Journaling::Failing) {
        told.push("the journal cannot be written, so no access is given: see the log".to_owned());
    }
    if health.leases_late > 0 {
        let number = health.leases_late;
        told.push(format!(
            "leases that ended more than 65 seconds ago and still stand: {number}; a replica has to run with \
             --provisioning and without --dry-run"
        ));
    }
    if about_leases > 0 {
        told.push(format!(
            "critical findings about leases: {about_leases}; see the log, or `critical` in the answer to Validate"
        ));
    }
    told
}

/// The text with `…` for each word that may be a login: errors quote what Tailscale or the policy says.
fn without_logins(text: &str) -> String {
    let word = |word: &str| if word.contains('@') { "…".to_owned() } else { word.to_owned() };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_critical_is_told() {
        assert!(criticals(&Health { credential_days_left: Some(0), ..Health::default() }, 0).is_empty());
        for (health, about_leases, expected) in [
            (Health { credential_refused: true, ..Health::default() }, 0, "refuses the credential"),
            (Health { credential_days_left: Some(-1), ..Health::default() }, 0, "the API key has ended"),
            (Health { journal: Some(Journaling::Failing), ..Health::default() }, 0, "the journal cannot"),
            (
                Health { journal: Some(Journaling::Written), ..Health::default() },
                2,
                "findings about leases: 2",
            ),
            (Health { leases_overdue: Some(4), leases_late: 3, ..Health::default() }, 0, "still stand: 3"),
        ] {
            let told = criticals(&health, about_leases);
            assert!(matches!(&told[..], [one] if one.contains(expected)), "{told:?}");
        }
    }

    #[test]
    fn words_that_may_be_logins_are_left_out() {
        assert_eq!(without_logins("line 3: \"ada@example.com\" is odd"), "line 3: … is odd");
        assert_eq!(without_logins("nobody is  named"), "nobody is  named");
    }
}
