//! The task that carries out what the machine wants.

use std::collections::HashMap;
use std::future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::StatusCode;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::Origin;
use super::answer::Answer;
use super::foresight::{Foresight, JUDGING, SURVEY, Survey, foresee};
use super::machine::{Input, Machine, Output, Posted, Request};
use super::queue::Ticket;
use crate::connector::Error;
use crate::connector::topology;
use crate::connector::with_causes;
use crate::policy::{Intent, Topology};
use crate::tailnet::Tailnet;
use crate::tailscale::{self, Sent};

/// What callers send to the task.
pub(super) enum Message {
    /// A change, and where its answer goes. A dropped receiver is a caller who is gone.
    Submit { intent: Intent, origin: Origin, deadline: Instant, reply: oneshot::Sender<Answer> },
    /// Take no more changes; answer with the number of callers who had to be cut off at `until`.
    Drain { until: Instant, reply: oneshot::Sender<usize> },
}

/// Tells others of a text that the policy has, and from when on.
pub(super) type Seen = Box<dyn Fn(Bytes, Instant) + Send + Sync>;

/// The people and devices of a tailnet, and when their load began.
pub(in crate::connector) type Surveyed = (Arc<Tailnet>, Instant);

/// Tells people and devices whose load began at a time or later; without one, as fresh as reads need them.
pub(super) type Surveyor =
    Arc<dyn Fn(Option<Instant>) -> BoxFuture<'static, Result<Surveyed, Error>> + Send + Sync>;

type UnderWay = Pin<Box<dyn Future<Output = Input> + Send>>;

/// The task's own state: what has handles and futures in it.
pub(super) struct Shell {
    machine: Machine,
    client: tailscale::Client,
    seen: Seen,
    surveyor: Surveyor,
    mailbox: mpsc::UnboundedReceiver<Message>,
    callers: HashMap<Ticket, oneshot::Sender<Answer>>,
    under_way: Option<UnderWay>,
    draining: Option<(Instant, oneshot::Sender<usize>)>,
}

enum Event {
    Message(Message),
    /// Every handle is gone.
    Closed,
    Ended(Input),
    Clock,
}

impl Shell {
    pub(super) fn new(
        machine: Machine,
        client: tailscale::Client,
        seen: Seen,
        surveyor: Surveyor,
        mailbox: mpsc::UnboundedReceiver<Message>,
    ) -> Self {
        Self {
            machine,
            client,
            seen,
            surveyor,
            mailbox,
            callers: HashMap::new(),
            under_way: None,
            draining: None,
        }
    }

    /// Runs until it has drained, or every handle is gone and nothing is left to do.
    pub(super) async fn run(mut self) {
        let mut open = true;
        loop {
            match self.next(open).await {
                Event::Message(message) => {
                    self.take(message);
                    // All that wait join the next batch.
                    while let Ok(message) = self.mailbox.try_recv() {
                        self.take(message);
                    }
                }
                Event::Closed => open = false,
                Event::Ended(input) => {
                    self.under_way = None;
                    self.log(&input);
                    self.tell(input);
                }
                Event::Clock => {
                    self.tell(Input::Clock);
                }
            }
            let idle = self.machine.is_idle();
            if let Some((_, reply)) = self.draining.take_if(|(until, _)| idle || *until <= now()) {
                let left = self.tell(Input::CutOff);
                // Whoever asked for it may have stopped waiting.
                let _ = reply.send(left);
                return;
            }
            if idle && !open {
                return;
            }
        }
    }

    /// Waits for something to happen. Messages come first: who waits should join the batch that the end
    /// of a read makes.
    async fn next(&mut self, open: bool) -> Event {
        let until = self.draining.as_ref().map(|(until, _)| *until);
        let wake = [self.machine.wake_at(), until].into_iter().flatten().min();
        let clock = async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake.into()).await,
                None => future::pending().await,
            }
        };
        let ended = async {
            match &mut self.under_way {
                Some(under_way) => under_way.await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            message = self.mailbox.recv(), if open => message.map_or(Event::Closed, Event::Message),
            input = ended => Event::Ended(input),
            () = clock => Event::Clock,
        }
    }

    /// Says what an operator may want to look into.
    fn log(&self, input: &Input) {
        let tailnet = self.client.tailnet();
        let (error, what) = match input {
            Input::Posted(Posted::Lost { error, .. }) => {
                (with_causes(error), "a policy write was not answered; what became of it will be looked up")
            }
            Input::Posted(Posted::Refused(error) | Posted::NotSent(error)) | Input::Read(Err(error)) => {
                (with_causes(error), "the policy could not be written")
            }
            Input::Posted(Posted::Unacceptable(words)) => (words.clone(), "Tailscale refuses a policy text"),
            _ => return,
        };
        tracing::warn!(tailnet, error, "{what}");
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Submit { intent, origin, deadline, reply } => {
                let ticket = self.machine.ticket();
                self.callers.insert(ticket, reply);
                self.tell(Input::Submit { ticket, intent, origin, deadline });
            }
            Message::Drain { until, reply } => {
                self.draining = Some((until, reply));
                self.tell(Input::Drain);
            }
        }
    }

    /// Tells the machine, does what it wants, and returns how many callers were answered.
    fn tell(&mut self, input: Input) -> usize {
        let mut outputs = Vec::new();
        let gone = self.callers.extract_if(|_, reply| reply.is_closed());
        for (ticket, _) in gone {
            outputs.extend(self.machine.handle(now(), Input::Abandon(ticket)));
        }
        outputs.extend(self.machine.handle(now(), input));
        let mut answered = 0;
        for output in outputs {
            match output {
                Output::Send(request) => {
                    tracing::debug!(
                        tailnet = self.client.tailnet(),
                        request = request.word(),
                        "policy writer"
                    );
                    let (client, surveyor) = (self.client.clone(), Arc::clone(&self.surveyor));
                    self.under_way = Some(Box::pin(perform(client, surveyor, request)));
                }
                Output::Seen(text, at) => (self.seen)(text, at),
                Output::Reply(ticket, answer) => {
                    answered += 1;
                    if let Some(caller) = self.callers.remove(&ticket) {
                        // A caller who is gone needs no answer.
                        let _ = caller.send(answer);
                    }
                }
            }
        }
        answered
    }
}

async fn perform(client: tailscale::Client, surveyor: Surveyor, request: Request) -> Input {
    match request {
        Request::Read => Input::Read(client.policy_uncached().await.map_err(Error::from)),
        Request::Foresee { base, members, survey, patience } => {
            let warn = |obstacle: String| {
                let tailnet = client.tailnet();
                tracing::warn!(tailnet, obstacle, "what tests of the policy would fail is not foreseen");
            };
            match known(&surveyor, survey, patience.min(SURVEY)).await {
                Ok((topology, surveyed)) => {
                    let foresight = look_ahead(base, members, topology, patience.min(JUDGING)).await;
                    let foresight = foresight.map_err(warn).unwrap_or_default();
                    Input::Foreseen(Foresight { surveyed, ..foresight })
                }
                Err(obstacle) => {
                    warn(obstacle);
                    Input::Unsurveyed
                }
            }
        }
        Request::Write { text, etag, .. } => Input::Posted(posted(client.put_policy(text, &etag).await)),
        Request::Validate { text } => Input::Judged(client.validate_policy(text).await.map_err(Error::from)),
    }
}

/// People and devices, and when their load began, where they matter.
async fn known(
    surveyor: &Surveyor,
    survey: Survey,
    patience: Duration,
) -> Result<(Topology, Option<Instant>), String> {
    let begun_after = match survey {
        Survey::Needless => return Ok((Topology::default(), None)),
        Survey::Recent => None,
        Survey::BegunAfter(earliest) => Some(earliest),
    };
    let surveyed = tokio::time::timeout(patience, surveyor(begun_after)).await;
    let (tailnet, begun) = surveyed.map_err(|_| too_long())?.map_err(|error| with_causes(&error))?;
    Ok((topology::of(&tailnet)?, Some(begun)))
}

/// Foresees on a thread that may take its time; dropped, it stops there soon.
async fn look_ahead(
    base: Bytes,
    members: Vec<(Ticket, Intent)>,
    topology: Topology,
    patience: Duration,
) -> Result<Foresight, String> {
    let stop = CancellationToken::new();
    let _stops = stop.clone().drop_guard();
    let judged =
        tokio::task::spawn_blocking(move || foresee(&base, &members, &topology, || !stop.is_cancelled()));
    let judged = tokio::time::timeout(patience, judged).await.map_err(|_| too_long())?;
    judged.map_err(|defect| defect.to_string())
}

fn too_long() -> String {
    "it takes too long".to_owned()
}

fn posted(sent: Sent) -> Posted {
    match sent {
        Sent::Stored => Posted::Stored,
        Sent::Stale => Posted::Stale,
        Sent::Refused(tailscale::Error::Refused {
            status: StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY,
            message,
            ..
        }) => Posted::Unacceptable(message),
        Sent::Refused(error) => Posted::Refused(error.into()),
        Sent::NotSent(error) => Posted::NotSent(error.into()),
        Sent::Lost(error) => {
            let server_error = error.status().is_some_and(|status| status.is_server_error());
            Posted::Lost { server_error, error: error.into() }
        }
    }
}

/// The clock of the runtime, which tests may pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
