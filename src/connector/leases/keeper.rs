//! The task that carries out what the schedule wants.

mod log;

use std::future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::ends::End;
use super::schedule::{Input, Now, Output, Schedule};
use super::sightings::{Sighting, Sightings};
use super::vanished::{Shown, Vanished};
use crate::connector::direction::Direction;
use crate::connector::external::External;
use crate::connector::record::Record;
use crate::connector::writer::{Done, Origin, Writer};
use crate::connector::{Error, Metrics, Settings, Unavailable, with_causes};
use crate::policy::{Intent, ListId, Wish};
use crate::tailscale;

/// Who asks for a change where nobody else does, for the journal.
const CALLER: &str = "tailgrant";

/// Most findings that are told one by one.
const TOLD: usize = 100;

/// Keeps a tailnet's leases while it lives.
#[derive(Debug)]
pub(in crate::connector) struct Keeper {
    stop: CancellationToken,
    tasks: TaskTracker,
    findings: Arc<Mutex<Findings>>,
    /// A connector that is dropped ends its task.
    _stop_on_drop: DropGuard,
}

/// What people should look into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::connector) struct Findings {
    /// Access that stands although it should not.
    pub(in crate::connector) critical: Vec<String>,
    /// Ends that do not count.
    pub(in crate::connector) notes: Vec<String>,
}

/// What the task works with.
pub(in crate::connector) struct Task {
    pub(in crate::connector) client: tailscale::Client,
    pub(in crate::connector) writer: Arc<Writer>,
    pub(in crate::connector) external: Arc<External>,
    pub(in crate::connector) sightings: Arc<Sightings>,
    /// Tells which leases there should be.
    pub(in crate::connector) record: Record,
}

struct Running {
    task: Arc<Task>,
    metrics: Metrics,
    deadline: Duration,
    /// Nothing is written, whatever the writer answers.
    rehearses: bool,
    schedule: Schedule,
    newest: watch::Receiver<Option<Arc<Sighting>>>,
    /// The newest sighting is being read.
    reading: bool,
    /// Why the newest text is no policy, as it was told.
    unread: Option<Arc<str>>,
    under_way: FuturesUnordered<BoxFuture<'static, Event>>,
    findings: Arc<Mutex<Findings>>,
    stop: CancellationToken,
}

enum Event {
    Clock,
    /// There is a newer sighting.
    News,
    Read(Input),
    Polled(Result<Option<Shown>, tailscale::Error>),
    Answered(End, Result<Done, Error>),
    Restored(Vanished, Result<Done, Error>),
}

impl Default for Keeper {
    fn default() -> Self {
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        Self { stop, tasks: TaskTracker::new(), findings: Arc::default(), _stop_on_drop: guard }
    }
}

impl Keeper {
    /// Starts the task, unless it was started or stopped before; needs a Tokio runtime.
    pub(in crate::connector) fn start(&self, task: Task, settings: &Settings) {
        if !self.tasks.is_empty() || self.stop.is_cancelled() {
            return;
        }
        let running = Running {
            metrics: settings.metrics.clone(),
            deadline: settings.default_deadline,
            rehearses: settings.dry_run,
            schedule: Schedule::new(
                settings.lease_poll,
                settings.restore_leases,
                now().at,
                fastrand::Rng::new(),
            ),
            newest: task.sightings.subscribe(),
            task: Arc::new(task),
            reading: false,
            unread: None,
            under_way: FuturesUnordered::new(),
            findings: Arc::clone(&self.findings),
            stop: self.stop.clone(),
        };
        self.tasks.spawn(settings.alarm.clone().guard("the keeper of leases", running.run()));
    }

    /// What people should look into now.
    pub(in crate::connector) fn findings(&self) -> Findings {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins nothing more, and waits for what the writer was asked for; it answers while it drains.
    pub(in crate::connector) async fn drain(&self, grace: Duration) {
        self.stop.cancel();
        self.tasks.close();
        // Whatever is left then, the writer has counted.
        let _ = tokio::time::timeout(grace, self.tasks.wait()).await;
    }
}

impl Running {
    async fn run(mut self) {
        // What was seen before is news, too.
        self.newest.mark_changed();
        loop {
            let Some(event) = self.next().await else { return };
            self.take(event);
            // Ends come in crowds; the schedule is asked once for all that have happened.
            while let Some(Some(event)) = self.under_way.next().now_or_never() {
                self.take(event);
            }
            let due = self.schedule.due(now());
            self.carry_out(due);
            self.publish();
        }
    }

    /// Waits for something to happen; `None` when nothing more is to be done.
    async fn next(&mut self) -> Option<Event> {
        if self.stop.is_cancelled() {
            return self.under_way.next().await;
        }
        let wake = self.schedule.wake_at(now());
        let clock = async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake.into()).await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => self.under_way.next().await,
            Some(event) = self.under_way.next() => Some(event),
            // Its sender lives as long as the task that is held here.
            Ok(()) = self.newest.changed(), if !self.reading => Some(Event::News),
            () = clock => Some(Event::Clock),
        }
    }

    fn take(&mut self, event: Event) {
        let input = match event {
            Event::Clock => Input::Clock,
            Event::News => {
                self.read();
                return;
            }
            Event::Read(input) => {
                self.reading = false;
                input
            }
            Event::Polled(outcome) => Input::Polled(outcome.map_err(|error| self.unread(error))),
            Event::Answered(_, Err(Error::Unavailable { reason: Unavailable::Draining, .. })) => return,
            Event::Answered(end, outcome) => {
                self.answered(&end, &outcome);
                Input::Answered { end, outcome: outcome.map(|_| ()) }
            }
            Event::Restored(vanished, outcome) => {
                self.restored(&vanished, outcome);
                Input::Restored(vanished.member)
            }
        };
        let outputs = self.schedule.note(now(), input);
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        if self.stop.is_cancelled() {
            return;
        }
        for output in outputs {
            let (task, by) = (Arc::clone(&self.task), Instant::now() + self.deadline);
            match output {
                Output::Poll => self.under_way.push(self.stoppable(poll(task))),
                Output::End { end, passed } => {
                    self.under_way.push(end_lease(task, end, passed, by).boxed());
                }
                Output::Tell(vanished) => self.vanished(&vanished),
                Output::Restore(vanished) => self.under_way.push(restore(task, vanished, by).boxed()),
            }
        }
    }

    /// Has the ends of the newest sighting read.
    fn read(&mut self) {
        let Some(sighting) = self.newest.borrow_and_update().clone() else { return };
        self.reading = true;
        let read = async move {
            let ends = sighting.ends().await;
            Event::Read(Input::Seen { at: sighting.at, text: sighting.text.clone(), ends })
        };
        self.under_way.push(self.stoppable(read));
    }

    /// What a stop cuts off; the clock then comes instead.
    fn stoppable(&self, work: impl Future<Output = Event> + Send + 'static) -> BoxFuture<'static, Event> {
        let stop = self.stop.clone();
        async move { stop.run_until_cancelled(work).await.unwrap_or(Event::Clock) }.boxed()
    }

    fn unread(&self, error: tailscale::Error) -> Error {
        let error = Error::from(error);
        let tailnet = self.task.client.tailnet();
        tracing::warn!(tailnet, error = with_causes(&error), "the policy was not read for ends of leases");
        error
    }

    /// Tells what people should look into, and logs what is new about it.
    fn publish(&mut self) {
        let tailnet = self.task.client.tailnet();
        let (critical, notes) = (self.schedule.critical_count(), self.schedule.unreadable());
        self.metrics.standing.lease_findings(critical);
        let now = Findings {
            critical: some(self.schedule.critical(), critical),
            notes: some(notes.iter().cloned(), notes.len()),
        };
        let unread = self.schedule.unread().cloned();
        if let Some(reason) = unread.as_deref().filter(|_| self.unread != unread) {
            tracing::error!(tailnet, reason, "critical: the policy file cannot be read, so no access ends");
        }
        self.unread = unread;
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        for note in now.notes.iter().filter(|note| !findings.notes.contains(note)) {
            tracing::warn!(tailnet, "{note}");
        }
        *findings = now;
    }
}

async fn poll(task: Arc<Task>) -> Event {
    let begun = Instant::now();
    // What is granted after this moment may not be in the text yet.
    let outstanding = task.record.leases();
    let text = match task.client.policy_uncached().await {
        Ok(file) => file.text,
        Err(error) => return Event::Polled(Err(error)),
    };
    task.writer.served(begun);
    task.sightings.policy_seen(text.clone(), begun);
    // While the text is no policy, nobody can say what has vanished from it.
    let shown = tokio::task::spawn_blocking(move || Shown::in_text(&text, outstanding)).await;
    let mut shown = shown.ok().and_then(Result::ok);
    if let Some(shown) = &mut shown {
        task.record.renewed(std::mem::take(&mut shown.renewed)).await;
    }
    Event::Polled(Ok(shown))
}

async fn restore(task: Arc<Task>, vanished: Vanished, by: Instant) -> Event {
    let Vanished { member, text, lease } = vanished.clone();
    // The text may have been read before it was.
    if task.record.is_over(&member.list, &text, lease.until) {
        return Event::Restored(vanished, Ok(Done::Held));
    }
    let outcome = change(&task, member.list, Wish::Restore { text, lease }, by).await;
    Event::Restored(vanished, outcome)
}

async fn end_lease(task: Arc<Task>, end: End, passed: Timestamp, by: Instant) -> Event {
    let wish = Wish::End { text: end.text.clone(), passed };
    let outcome = change(&task, end.member.list.clone(), wish, by).await;
    Event::Answered(end, outcome)
}

async fn change(task: &Task, list: ListId, wish: Wish, by: Instant) -> Result<Done, Error> {
    task.external.check(Direction::Revoke, by.into()).await?;
    let origin = Origin { caller: CALLER.into(), request_id: None };
    task.writer.submit(Intent::new(list, wish), origin, by).await
}

/// The first of so many.
fn some(findings: impl Iterator<Item = String>, count: usize) -> Vec<String> {
    let more = count.saturating_sub(TOLD);
    findings.take(TOLD).chain((more > 0).then(|| format!("and {more} more"))).collect()
}

/// Both clocks; that of the runtime is the one that tests may pause.
fn now() -> Now {
    Now { at: tokio::time::Instant::now().into_std(), wall: Timestamp::now() }
}
