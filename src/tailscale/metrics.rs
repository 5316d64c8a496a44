//! What is counted about the calls of one client.

use std::fmt;
use std::time::Instant;

use http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::call::{Call, ENDPOINTS};

/// What is counted about one client; clones count together. Those of the default are shown nowhere until they
/// are [registered](Self::register). Endpoints are labelled by their template, so no id or login is a label.
#[derive(Clone, Debug)]
pub struct Metrics {
    calls: Family<Ended, Counter>,
    duration: Family<Endpoint, Histogram, fn() -> Histogram>,
    retries: Family<Endpoint, Counter>,
}

/// The template of a call, such as `GET /tailnet/{tailnet}/acl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Endpoint {
    method: Method,
    path: &'static str,
}

/// A call by its template and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Ended {
    endpoint: Endpoint,
    /// See [`word`].
    status: &'static str,
}

/// Ends of calls that alerts watch for. They have their series before the first one, which an alert on an increase
/// would else miss.
const WATCHED: [Option<StatusCode>; 6] = [
    None,
    Some(StatusCode::TOO_MANY_REQUESTS),
    Some(StatusCode::INTERNAL_SERVER_ERROR),
    Some(StatusCode::BAD_GATEWAY),
    Some(StatusCode::SERVICE_UNAVAILABLE),
    Some(StatusCode::GATEWAY_TIMEOUT),
];

impl Default for Metrics {
    fn default() -> Self {
        let (calls, retries) = (Family::default(), Family::default());
        for (method, path) in ENDPOINTS {
            let endpoint = Endpoint { method, path };
            for status in WATCHED {
                calls.get_or_create_owned(&Ended { endpoint: endpoint.clone(), status: word(status) });
            }
            retries.get_or_create_owned(&endpoint);
        }
        Self {
            calls,
            duration: Family::new_with_constructor(|| {
                Histogram::new([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
            }),
            retries,
        }
    }
}

impl Metrics {
    /// Shows these metrics in `registry`, which has prefix and tailnet.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "api_calls",
            "Requests to the Tailscale API by the status of their answer",
            self.calls.clone(),
        );
        registry.register_with_unit(
            "api_call_duration",
            "Time from a request to the Tailscale API to the end of its answer",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register(
            "api_retries",
            "Requests to the Tailscale API that repeat one that failed",
            self.retries.clone(),
        );
    }

    /// Counts a call from now until what is returned is dropped.
    pub(super) fn begin(&self, call: &Call) -> UnderWay<'_> {
        UnderWay { metrics: self, endpoint: Endpoint::of(call), begun: Instant::now(), status: None }
    }

    /// Counts that a call will be repeated.
    pub(super) fn repeated(&self, call: &Call) {
        self.retries.get_or_create(&Endpoint::of(call)).inc();
    }
}

/// A call that is counted when it ends: answered, failed, or dropped by whoever waited.
pub(super) struct UnderWay<'metrics> {
    metrics: &'metrics Metrics,
    endpoint: Endpoint,
    begun: Instant,
    status: Option<StatusCode>,
}

impl UnderWay<'_> {
    /// The status line has come. What happens to the body makes no other status of it.
    pub(super) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let elapsed = self.begun.elapsed().as_secs_f64();
        self.metrics.duration.get_or_create(&self.endpoint).observe(elapsed);
        let ended = Ended { endpoint: self.endpoint.clone(), status: word(self.status) };
        self.metrics.calls.get_or_create(&ended).inc();
    }
}

impl Endpoint {
    fn of(call: &Call) -> Self {
        Self { method: call.method.clone(), path: call.endpoint }
    }
}

/// The status as a label: the statuses that the service is known to give, the class of any other one, `none`
/// where there was no answer.
fn word(status: Option<StatusCode>) -> &'static str {
    let Some(status) = status else { return "none" };
    match status.as_u16() {
        200 => "200",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        409 => "409",
        412 => "412",
        422 => "422",
        429 => "429",
        500 => "500",
        502 => "502",
        503 => "503",
        504 => "504",
        other => match other / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "other",
        },
    }
}

impl EncodeLabelSet for Endpoint {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("method", self.method.as_str()).encode(encoder.encode_label())?;
        ("endpoint", self.path).encode(encoder.encode_label())
    }
}

impl EncodeLabelSet for Ended {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.endpoint.encode(encoder)?;
        ("status", self.status).encode(encoder.encode_label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_few_statuses() {
        let words: std::collections::BTreeSet<&str> =
            (100..1000).map(|status| word(Some(StatusCode::from_u16(status).unwrap()))).collect();
        assert_eq!(words.len(), 19);
        assert_eq!((word(None), word(Some(StatusCode::IM_A_TEAPOT))), ("none", "4xx"));
    }
}
