//! What is answered on which path.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;

use super::health;
use crate::rpc;
use crate::server::Phase;

const TEXT: &str = "text/plain; charset=utf-8";

/// Makes the text of a scrape.
type Scrape = Arc<dyn Fn() -> String + Send + Sync>;

/// What metrics and probes tell of.
pub struct Subject {
    phase: Phase,
    tailnets: Vec<rpc::Api>,
    scrape: Scrape,
    scrape_type: &'static str,
}

impl Subject {
    /// A server, by its phase, and the tailnets behind it. `scrape` makes the text for `/metrics`, of the type
    /// `scrape_type`, on a thread that may block.
    pub fn new(
        phase: Phase,
        tailnets: Vec<rpc::Api>,
        scrape: impl Fn() -> String + Send + Sync + 'static,
        scrape_type: &'static str,
    ) -> Self {
        Self { phase, tailnets, scrape: Arc::new(scrape), scrape_type }
    }

    /// Answers a request, whose body is not read. An answer to HEAD loses its body on the way out.
    pub(super) async fn answer<B>(&self, request: &Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered\n");
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Ok(answer);
        }
        Ok(match request.uri().path() {
            "/live" => self.live(),
            "/ready" => self.ready(),
            "/health" => self.health().await,
            "/metrics" => self.metrics().await,
            _ => text(StatusCode::NOT_FOUND, "there are /metrics, /live, /ready and /health\n"),
        })
    }

    /// A part that broke off comes back with a new process alone.
    fn live(&self) -> Response<Full<Bytes>> {
        match self.tailnets.iter().find_map(rpc::Api::broken_off) {
            None => text(StatusCode::OK, "alive\n"),
            Some(part) => text(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("{part} has broken off: start the process anew\n"),
            ),
        }
    }

    /// Tailscale does not matter here: were it down, every replica would turn away from its callers, who would
    /// no longer be told why.
    fn ready(&self) -> Response<Full<Bytes>> {
        match self.phase.obstacle() {
            None => text(StatusCode::OK, "ready\n"),
            Some(obstacle) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{obstacle}\n")),
        }
    }

    async fn health(&self) -> Response<Full<Bytes>> {
        let (phase, tailnets) = (self.phase.clone(), self.tailnets.clone());
        let report = tokio::task::spawn_blocking(move || health::Report::of(&phase, &tailnets));
        match report.await {
            Ok(report) => typed(report.status(), "application/json", report.into_json()),
            Err(defect) => broken(&defect),
        }
    }

    async fn metrics(&self) -> Response<Full<Bytes>> {
        let scrape = Arc::clone(&self.scrape);
        match tokio::task::spawn_blocking(move || scrape()).await {
            Ok(metrics) => typed(StatusCode::OK, self.scrape_type, metrics),
            Err(defect) => broken(&defect),
        }
    }
}

fn broken(defect: &dyn fmt::Display) -> Response<Full<Bytes>> {
    tracing::error!(%defect, "an answer of the admin listener broke off; please report this");
    text(StatusCode::INTERNAL_SERVER_ERROR, "the answer broke off inside tailgrant; please report this\n")
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    typed(status, TEXT, body)
}

fn typed(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
