//! What the log says of leases: lists and members as in the journal.

use jiff::Timestamp;

use super::Running;
use crate::connector::leases::ends::End;
use crate::connector::leases::vanished::Vanished;
use crate::connector::writer::Done;
use crate::connector::{Error, with_causes};

impl Running {
    /// Says and counts what came of an end.
    pub(super) fn answered(&self, end: &End, outcome: &Result<Done, Error>) {
        let (tailnet, entitlement, until) = (self.task.client.tailnet(), &end.member.list, end.until);
        let principal = end.text.as_str();
        let late_seconds = Timestamp::now().duration_since(until).as_secs();
        match outcome {
            Ok(Done::Written) if self.rehearses => {
                tracing::info!(
                    tailnet,
                    %entitlement,
                    principal,
                    %until,
                    late_seconds,
                    "dry run: access would end"
                );
            }
            Ok(Done::Written) => {
                self.metrics.leases_ended.inc();
                tracing::info!(tailnet, %entitlement, principal, %until, late_seconds, "access has ended");
            }
            Ok(Done::Held) => {
                tracing::debug!(
                    tailnet,
                    %entitlement,
                    principal,
                    %until,
                    "access had ended already, or was renewed"
                );
            }
            Err(error) => {
                self.metrics.lease_failures.inc();
                let reason = with_causes(error);
                tracing::error!(
                    tailnet,
                    %entitlement,
                    principal,
                    %until,
                    late_seconds,
                    reason,
                    "critical: access stands that should have ended; trying again"
                );
            }
        }
    }

    /// Says and counts that an end is missing.
    pub(super) fn vanished(&self, vanished: &Vanished) {
        self.metrics.leases_vanished.inc();
        let (tailnet, entitlement) = (self.task.client.tailnet(), &vanished.member.list);
        let (principal, until, by) = (&vanished.text, vanished.lease.until, &vanished.lease.by);
        tracing::error!(
            tailnet,
            %entitlement,
            principal,
            %until,
            by,
            "critical: the end of an access has gone from the policy file, the access has not"
        );
    }

    /// Says and counts what came of putting an end back.
    pub(super) fn restored(&self, vanished: &Vanished, outcome: Result<Done, Error>) {
        let (tailnet, entitlement) = (self.task.client.tailnet(), &vanished.member.list);
        let (principal, until) = (&vanished.text, vanished.lease.until);
        match outcome {
            Ok(Done::Written) if self.rehearses => {
                tracing::info!(
                    tailnet,
                    %entitlement,
                    principal,
                    %until,
                    "dry run: the end of an access would be put back"
                );
            }
            Ok(Done::Written) => {
                self.metrics.leases_restored.inc();
                tracing::warn!(tailnet, %entitlement, principal, %until, "the end of an access was put back");
            }
            Ok(Done::Held) => {
                tracing::debug!(
                    tailnet,
                    %entitlement,
                    principal,
                    %until,
                    "there was no end to put back any more"
                );
            }
            Err(error) => {
                let reason = with_causes(&error);
                tracing::error!(
                    tailnet,
                    %entitlement,
                    principal,
                    %until,
                    reason,
                    "the end of an access was not put back"
                );
            }
        }
    }
}
