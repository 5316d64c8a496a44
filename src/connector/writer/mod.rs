//! The policy writer: many requests, one read and one write.
//!
//! A tailnet has one writer. Grants and revokes are [intents](crate::policy::Intent); those that wait are
//! planned together on a fresh read and written by one conditional POST. The law it keeps:
//!
//! - An intent is answered only when it holds in a read that began after it arrived, or in a 200, and
//!   while no lost request may change that. What a caller is told is true, or it is `outcome_unknown`.
//! - A POST whose answer is lost counts as alive until its [lifetime](Limits) is over, unless the very next
//!   read shows that it was stored. Meanwhile its intents are planned and written anew.
//! - Intents keep their order for a list and a principal; revokes may overtake everything else, and are
//!   not counted against the queue's bound. What a later one means to an earlier one that waits for the end of
//!   a lost request, ends of leases included, stands in [`queue`].
//! - Access that ends by itself is not given once its end has passed.
//! - A batch is bounded, and callers take turns where not everybody fits.
//! - Where the policy has tests, nothing is sent that would certainly break one of them: who asks for it is
//!   refused, from a read of the policy, and of people and devices, that began after they asked, and the rest
//!   is written. What is not certain is sent.
//! - A refused batch is taken apart until the intent is found that the service objects to.
//!
//! [`machine`] decides, without I/O; [`shell`] carries out. [`queue`], [`draft`], [`foresight`], [`lost`] and
//! [`hunt`] are the machine's parts. Known limit: a lost request of another process, or of this one before a
//! restart, is not known here.

mod answer;
#[cfg(test)]
mod bed;
mod draft;
mod foresight;
mod hunt;
mod key;
mod lost;
mod machine;
mod queue;
mod shell;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use self::answer::Answer;
pub(super) use self::answer::Done;
use self::machine::{Limits, Machine};
pub(super) use self::shell::Surveyed;
use self::shell::{Means, Message, Shell};
use super::direction::Direction;
use super::record::Record;
use super::{Caller, Error, Settings};
use crate::policy::{Intent, Wish};
use crate::tailscale::{self, PolicyFile};

/// Where a change comes from. Matters for turns between callers and for the journal, never for the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// Who asks.
    pub(super) caller: Caller,
    /// What the caller calls the request, if it says so.
    pub(super) request_id: Option<Arc<str>>,
}

/// What a caller wants, and until when.
#[derive(Clone, Debug)]
struct Wanted {
    intent: Intent,
    origin: Origin,
    /// When the caller stops waiting.
    deadline: Instant,
    /// When the access that is asked for ends by itself: it is not given after that.
    ends: Option<Instant>,
}

/// Handle of a tailnet's writer.
#[derive(Debug)]
pub(super) struct Writer {
    tailnet: String,
    mailbox: mpsc::UnboundedSender<Message>,
    /// How many calls there have been: a number for each.
    calls: AtomicU64,
}

impl Writer {
    /// Starts the writer's task; needs a Tokio runtime. The task ends with the last handle, or drained.
    /// `seen` is told each text that the policy is known to have, before anybody is answered because of it;
    /// `surveyor` is asked for people and devices where the policy has tests.
    pub(super) fn start(
        client: tailscale::Client,
        settings: &Settings,
        seen: impl Fn(Bytes, Instant) + Send + Sync + 'static,
        surveyor: impl Fn(Option<Instant>) -> BoxFuture<'static, Result<Surveyed, Error>> + Send + Sync + 'static,
    ) -> Self {
        let tailnet = client.tailnet().to_owned();
        let record = Record::new(&tailnet, settings);
        let limits = Limits {
            grants: settings.queue_limit,
            lifetime: record.delay() + settings.request_timeout + settings.settle,
            settle: settings.settle,
        };
        let machine = Machine::new(tailnet.clone(), limits, fastrand::Rng::new());
        let rehearses = settings.dry_run;
        let means = Means { client, surveyor: Arc::new(surveyor), record, rehearses };
        let (mailbox, messages) = mpsc::unbounded_channel();
        let shell = Shell::new(machine, means, Box::new(seen), settings.metrics.clone(), messages);
        tokio::spawn(settings.alarm.clone().guard("the policy writer", shell.run()));
        Self { tailnet, mailbox, calls: AtomicU64::new(0) }
    }

    /// Has a change made, and waits until it holds. Dropping the future withdraws it: nothing more is
    /// sent for it, though a request that is under way takes its course.
    ///
    /// # Errors
    ///
    /// Fails when the policy or the service refuses the change, and when it cannot be made before
    /// `deadline`; the answer comes 200 ms earlier.
    pub(super) async fn submit(
        &self,
        intent: Intent,
        origin: Origin,
        deadline: Instant,
    ) -> Result<Done, Error> {
        let direction = if intent.gives_access() { Direction::Grant } else { Direction::Revoke };
        let (reply, answer) = oneshot::channel();
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let ends = end_of(&intent);
        let wanted = Wanted { intent, origin, deadline, ends };
        let message = Message::Submit { call, wanted, reply };
        if self.mailbox.send(message).is_err() {
            // A task that has ended takes nothing: it has drained, or the process is about to end.
            return Answer::Draining.into_result(&self.tailnet, direction);
        }
        let withdrawal = Withdrawal { mailbox: &self.mailbox, call };
        let answer = answer.await;
        // Who was answered does not leave early.
        std::mem::forget(withdrawal);
        // A task that ended without a word may have sent it.
        answer.unwrap_or(Answer::OutcomeUnknown).into_result(&self.tailnet, direction)
    }

    /// Hands over what a load that began then has read for somebody whose change comes next: where nobody else is
    /// at work, that is written on it.
    pub(super) fn loaded(&self, file: PolicyFile, begun: Instant) {
        // A task that has ended needs nothing.
        let _ = self.mailbox.send(Message::Loaded { file, begun });
    }

    /// Somebody else's read of the policy, which began at `begun`, was answered: the service does not limit the
    /// rate of calls any more, if it did before.
    pub(super) fn served(&self, begun: Instant) {
        // A task that has ended waits for nothing.
        let _ = self.mailbox.send(Message::Served(begun));
    }

    /// Takes no more changes, waits for those it has, and returns how many callers were cut off when
    /// `grace` was over.
    pub(super) async fn drain(&self, grace: Duration) -> usize {
        let (reply, left) = oneshot::channel();
        let until = (tokio::time::Instant::now() + grace).into_std();
        let _ = self.mailbox.send(Message::Drain { until, reply });
        left.await.unwrap_or(0)
    }
}

/// When the access that is asked for ends by itself, by the clock of the runtime.
fn end_of(intent: &Intent) -> Option<Instant> {
    let Wish::Lease { lease, .. } = &intent.wish else { return None };
    // What has passed is over now; what is too far away for the clock never comes.
    let left = Duration::try_from(lease.until.duration_since(Timestamp::now())).unwrap_or_default();
    tokio::time::Instant::now().into_std().checked_add(left)
}

/// Tells the task that a caller is gone, when it is dropped before the answer.
struct Withdrawal<'w> {
    mailbox: &'w mpsc::UnboundedSender<Message>,
    call: u64,
}

impl Drop for Withdrawal<'_> {
    fn drop(&mut self) {
        // Nobody is left to whom it would matter.
        let _ = self.mailbox.send(Message::Withdraw { call: self.call });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Unavailable;
    use crate::policy::ListId;

    #[tokio::test]
    async fn what_a_task_took_with_it_when_it_ended_is_unknown() {
        let (mailbox, mut messages) = mpsc::unbounded_channel();
        let writer = Writer { tailnet: "example.com".into(), mailbox, calls: AtomicU64::new(0) };
        let submit = async || {
            let intent = Intent {
                list: ListId::Group("group:eng".to_owned()),
                wish: Wish::Add { text: "ada@example.com".to_owned() },
                direct_only: false,
                baton_ids: false,
            };
            match writer.submit(intent, Origin::default(), Instant::now()).await {
                Err(Error::Unavailable { reason, .. }) => reason,
                other => panic!("{other:?}"),
            }
        };
        let ends = async {
            messages.recv().await;
            drop(messages);
        };
        assert_eq!(tokio::join!(submit(), ends).0, Unavailable::OutcomeUnknown);
        assert_eq!(submit().await, Unavailable::Draining, "it takes nothing more");
    }
}
