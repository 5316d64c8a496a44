//! What every call passes before it reaches a service, whatever the service.
//!
//! In order: is the server stopping, who calls, may they; then the call runs in a span of its own, is
//! counted while it runs, and is answered even where its handler breaks.

use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::caller::Caller;
use super::rights::Need;
use super::{Metrics, Phase, Rights, Settings, Token};

/// One for a listener; clones are the same gate.
#[derive(Clone)]
pub(super) struct Gate(Arc<Inner>);

struct Inner {
    tokens: Vec<Token>,
    demands_certificate: bool,
    phase: Phase,
    metrics: Metrics,
    calls: TaskTracker,
}

impl Gate {
    pub(super) fn new(settings: &Settings, phase: Phase) -> Self {
        Self(Arc::new(Inner {
            tokens: settings.tokens.clone(),
            demands_certificate: settings.client_ca.is_some(),
            phase,
            metrics: settings.metrics.clone(),
            calls: TaskTracker::new(),
        }))
    }

    /// Lets no further call in and waits for those under way. Returns how many were left when `grace` ran
    /// out.
    pub(super) async fn close(&self, grace: Duration) -> usize {
        self.0.phase.drain();
        self.0.calls.close();
        match tokio::time::timeout(grace, self.0.calls.wait()).await {
            Ok(()) => 0,
            Err(_) => self.0.calls.len(),
        }
    }

    /// Lets a call in and leaves its [`Caller`] with it, or says why not. Health is asked while stopping too.
    fn admit(&self, request: &mut Request<Body>) -> Result<Option<TaskTrackerToken>, Status> {
        let need = Need::of(request.uri().path());
        if need == Need::Nothing {
            return Ok(None);
        }
        let place = self.0.calls.token();
        if self.0.phase.is_draining() {
            return Err(Status::with_error_details(
                Code::Unavailable,
                "tailgrant is stopping; try again",
                ErrorDetails::with_error_info("draining", "tailgrant", []),
            ));
        }
        let caller = self.authenticate(request, need)?;
        request.extensions_mut().insert(caller);
        Ok(Some(place))
    }

    fn authenticate(&self, request: &Request<Body>, need: Need) -> Result<Caller, Status> {
        let caller = Caller::of(request.extensions());
        if self.0.demands_certificate && !caller.has_certificate() {
            return Err(Status::unauthenticated(
                "a client certificate is needed, issued by the authority that --tls-client-ca names",
            ));
        }
        if self.0.tokens.is_empty() {
            return Ok(caller);
        }
        let (held, position) =
            bearer(request.headers()).map_or((Rights::NONE, 0), |secret| Token::find(&self.0.tokens, secret));
        if held == Rights::NONE {
            return Err(Status::unauthenticated(
                "a token is needed: send `authorization: Bearer SECRET` with the secret of an --auth-token",
            ));
        }
        match need {
            Need::Right(needed) if !held.include(needed) => Err(Status::permission_denied(format!(
                "the token has the right {held}, and this call needs {needed}: see --auth-token"
            ))),
            Need::Right(_) | Need::Known | Need::Nothing => Ok(caller.with_token(position)),
        }
    }
}

/// The secret of the one `authorization: Bearer SECRET`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    let (scheme, secret) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { gate: self.clone(), inner }
    }
}

/// A service behind the gate.
#[derive(Clone)]
pub(super) struct Gated<S> {
    gate: Gate,
    inner: S,
}

impl<S> Service<Request<Body>> for Gated<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let mut counted = self.gate.0.metrics.begin(request.uri().path());
        let rpc = request.uri().path().trim_start_matches('/').to_owned();
        let place = match self.gate.admit(&mut request) {
            Ok(place) => place,
            Err(refusal) => {
                let caller = Caller::of(request.extensions());
                tracing::warn!(rpc, %caller, code = ?refusal.code(), "{}", refusal.message());
                counted.answered(refusal.code());
                return future::ready(Ok(refusal.into_http())).boxed();
            }
        };
        // The one that was polled ready takes the call; its clone waits for the next.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let span = tracing::info_span!("call", rpc, resource = Empty, code = Empty, elapsed = Empty);
        let call = async move {
            let answer = AssertUnwindSafe(async move { inner.call(request).await }).catch_unwind().await;
            let answer = answer.unwrap_or_else(|_| {
                tracing::error!("the call's handler broke off; please report this");
                Ok(Status::internal("the call broke off inside tailgrant; please report this").into_http())
            });
            if let Ok(response) = &answer {
                let code =
                    Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code());
                let elapsed = counted.answered(code);
                Span::current().record("code", tracing::field::debug(code));
                Span::current().record("elapsed", tracing::field::debug(elapsed));
                tracing::debug!(?code, ?elapsed, "answered");
            }
            drop(place);
            answer
        };
        call.instrument(span).boxed()
    }
}

#[cfg(test)]
mod tests;
