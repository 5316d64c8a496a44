//! One request: it is counted, it takes its time, a fault may strike it, and it is answered.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answer::{Answer, Refusal};
use super::api::{self, Call};
use super::faults::Weather;
use super::route::{self, Endpoint};
use super::{Fault, ForeignEdit, Stats, World, control};

/// Largest request body: far above any policy that a test would send.
const LARGEST: usize = 64 << 20;

/// The connection ends without an answer, or before the answer's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cut {
    /// An orderly end of the stream.
    #[error("closed without an answer")]
    Close,
    /// A TCP reset.
    #[error("reset without an answer")]
    Reset,
}

pub(super) type Body = UnsyncBoxBody<Bytes, Cut>;

/// What all requests share.
#[derive(Debug)]
pub(super) struct Exchange {
    world: Mutex<World>,
    weather: Mutex<Weather>,
    stats: Mutex<Stats>,
    under_way: AtomicUsize,
    pub(super) stopped: CancellationToken,
    pub(super) tasks: TaskTracker,
}

/// How a call ends for its caller.
enum Ending {
    Answer(Answer),
    Truncated(Answer),
    Cut(Cut),
    /// Not before the caller gives up.
    Never,
}

impl Exchange {
    pub(super) fn new(world: World, weather: Weather) -> Arc<Self> {
        Arc::new(Self {
            world: Mutex::new(world),
            weather: Mutex::new(weather),
            stats: Mutex::default(),
            under_way: AtomicUsize::new(0),
            stopped: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn weather(&self) -> MutexGuard<'_, Weather> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts calls and faults from zero.
    pub(super) fn reset_stats(&self) {
        *self.stats() = Stats::default();
        self.weather().reset_hits();
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// Answers a request, or tells how its connection ends.
    pub(super) async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (head, body) = request.into_parts();
        if let Some(path) = head.uri.path().strip_prefix("/_sandbox/") {
            let answer = match read(body).await? {
                Ok(body) => control::answer(&self, &head.method, path, &body),
                Err(too_large) => too_large.into(),
            };
            return Ok(whole(answer));
        }
        let Some(route) = route::find(&head.method, head.uri.path()) else {
            let counted = Counted::new(&self, unknown(&head.method));
            counted.with(StatusCode::NOT_FOUND);
            return Ok(whole(Refusal::new(StatusCode::NOT_FOUND, "not found").into()));
        };
        let counted = Counted::new(&self, route.endpoint.name());
        let body = match read(body).await? {
            Ok(body) => body,
            Err(too_large) => {
                counted.with(too_large.status);
                return Ok(whole(too_large.into()));
            }
        };
        let query = head.uri.query().unwrap_or_default().to_owned();
        let call = Call { route, query, headers: head.headers, body };
        // A task of its own: what was sent is carried out, also when its sender does not wait for it.
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let ending = self.tasks.spawn(Arc::clone(&self).meet(call)).await;
        match ending.unwrap_or(Ending::Cut(Cut::Close)) {
            Ending::Answer(answer) => {
                counted.with(answer.status);
                Ok(whole(answer))
            }
            Ending::Truncated(answer) => {
                counted.with(answer.status);
                Ok(truncated(answer))
            }
            Ending::Cut(cut) => Err(cut),
            Ending::Never => {
                self.stopped.cancelled().await;
                Err(Cut::Close)
            }
        }
    }

    /// Lets the call take its time and meet its fault.
    async fn meet(self: Arc<Self>, call: Call) -> Ending {
        let ending = self.suffer(call).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        ending
    }

    async fn suffer(self: &Arc<Self>, call: Call) -> Ending {
        let (latency, fault) = {
            let mut weather = self.weather();
            let scope = call.route.endpoint.fault_scope();
            (weather.latency(scope), weather.strike(scope))
        };
        if self.wait(latency).await.is_none() {
            return Ending::Cut(Cut::Close);
        }
        match fault {
            None => Ending::Answer(self.carry_out(&call)),
            Some(Fault::RateLimited { seconds }) => {
                let answer = Answer::from(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too many requests"));
                Ending::Answer(answer.header(header::RETRY_AFTER, &seconds.to_string()))
            }
            Some(Fault::Status(status)) => Ending::Answer(Refusal::new(status, words(status)).into()),
            Some(Fault::StatusAfter(status)) => {
                self.carry_out(&call);
                Ending::Answer(Refusal::new(status, words(status)).into())
            }
            Some(Fault::ResetBefore) => Ending::Cut(Cut::Reset),
            Some(Fault::ResetAfter) => {
                self.carry_out(&call);
                Ending::Cut(Cut::Reset)
            }
            Some(Fault::Truncate) => Ending::Truncated(self.carry_out(&call)),
            Some(Fault::LostAnswer) => {
                self.carry_out(&call);
                Ending::Cut(Cut::Close)
            }
            Some(Fault::HeldAnswer) => {
                self.carry_out(&call);
                Ending::Never
            }
            Some(Fault::LateEffect(delay)) => {
                let later = Arc::clone(self);
                self.tasks.spawn(async move {
                    if later.wait(delay).await.is_some() {
                        later.carry_out(&call);
                    }
                });
                Ending::Cut(Cut::Close)
            }
            Some(Fault::ForeignEdit(edit)) if call.route.endpoint == Endpoint::ReadPolicy => {
                let answer = self.carry_out(&call);
                self.edit(edit);
                Ending::Answer(answer)
            }
            Some(Fault::ForeignEdit(edit)) => {
                self.edit(edit);
                Ending::Answer(self.carry_out(&call))
            }
        }
    }

    /// Does what the API does; counts the policies that are stored.
    fn carry_out(&self, call: &Call) -> Answer {
        let answer = api::answer(&mut self.world(), call);
        if call.route.endpoint == Endpoint::WritePolicy && answer.status == StatusCode::OK {
            self.stats().policy_writes += 1;
        }
        answer
    }

    /// Somebody else edits the policy.
    fn edit(&self, edit: ForeignEdit) {
        let draw = self.weather().draw();
        self.world().edit_as_somebody_else(edit, draw);
    }

    /// `None`: the sandbox was stopped.
    async fn wait(&self, time: Duration) -> Option<()> {
        if time.is_zero() {
            return Some(());
        }
        self.stopped.run_until_cancelled(tokio::time::sleep(time)).await
    }
}

/// The service's words with a status.
fn words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::GATEWAY_TIMEOUT => "request took too long to process, please try again later",
        StatusCode::BAD_GATEWAY => "bad gateway",
        StatusCode::SERVICE_UNAVAILABLE => "service unavailable",
        _ => "internal server error",
    }
}

/// How the statistics name a call that is not simulated. The path is left out: it may be anything.
fn unknown(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET (unknown path)",
        Method::POST => "POST (unknown path)",
        Method::DELETE => "DELETE (unknown path)",
        _ => "(unknown path)",
    }
}

/// Counts a request once: under the status it got, or under `none` when it goes without.
struct Counted<'e> {
    exchange: &'e Exchange,
    call: &'static str,
    status: Option<StatusCode>,
}

impl<'e> Counted<'e> {
    fn new(exchange: &'e Exchange, call: &'static str) -> Self {
        Self { exchange, call, status: None }
    }

    /// Counts at once, so that whoever reads the answer also finds it in the statistics.
    fn with(mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.exchange.stats().count(self.call, self.status);
    }
}

/// The whole request body, or the answer to one that is too large.
async fn read(body: Incoming) -> Result<Result<Bytes, Refusal>, Cut> {
    match Limited::new(body, LARGEST).collect().await {
        Ok(body) => Ok(Ok(body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => {
            Ok(Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "request body too large")))
        }
        Err(_) => Err(Cut::Close),
    }
}

fn whole(answer: Answer) -> Response<Body> {
    let body = Full::new(answer.body).map_err(|never: Infallible| match never {}).boxed_unsync();
    response(answer.status, answer.headers, body)
}

/// The length of the whole body is announced and half of it sent.
fn truncated(answer: Answer) -> Response<Body> {
    let length = answer.body.len();
    if length == 0 {
        return whole(answer);
    }
    let half = answer.body.slice(..length / 2);
    let frames = stream::unfold(Some(half), |half| async move {
        if let Some(half) = half {
            return Some((Ok(Frame::data(half)), None));
        }
        // Lets the first half reach the wire before the connection is given up.
        tokio::task::yield_now().await;
        Some((Err(Cut::Close), None))
    });
    let mut response = response(answer.status, answer.headers, StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
