//! One request and its answer, within bounds of time and size.
//!
//! Nothing here repeats a request, and nothing below does either once a byte may have left:
//! - `reqwest` would repeat after some HTTP/2 refusals (GOAWAY, `REFUSED_STREAM`); that is switched off.
//! - `hyper-util` hands a request to another connection only when the pooled one was found closed before
//!   the request was taken off its queue, that is, before any of it was written. A connection that
//!   closes after that gives an error here, and the request may have been carried out.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use tracing::debug;

use super::address::Address;
use super::answer::{Answer, retry_after};
use super::call::Call;
use super::{ETag, Error, Metrics, Settings, with_causes};

/// Bound of connecting, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// How often an HTTP/2 connection is asked whether it lives. A dead one would else swallow every request
/// until the operating system notices.
const PING: Duration = Duration::from_secs(20);
/// Unused connections are closed before servers and middle-boxes tend to forget them.
const IDLE: Duration = Duration::from_secs(30);
/// Most bytes of a refusal that are read.
const REFUSAL: usize = 64 << 10;
/// How long the rest of an answer may hold us up that is read for the connection's sake alone.
const DRAIN: Duration = Duration::from_millis(250);

/// Sends requests to one service.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    address: Address,
    metrics: Metrics,
}

impl Transport {
    /// Prepares connections; none is made yet.
    ///
    /// Roots of trust are the system's, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`. Proxies come from
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; a loopback service is reached directly.
    pub(super) fn new(settings: &Settings, metrics: Metrics) -> Result<Self, Error> {
        let address = Address::read(&settings.url)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(CONNECT))
            .pool_idle_timeout(IDLE)
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(CONNECT)
            .http2_keep_alive_while_idle(true);
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        if address.is_plain() {
            // Without TLS no roots are needed, and a container image may have none.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| {
            Error::Settings(format!(
                "no client for {address} can be made (are there CA certificates? see SSL_CERT_FILE): {}",
                with_causes(&error)
            ))
        })?;
        Ok(Self { http, address, metrics })
    }

    /// Sends the call once and reads the whole answer, whatever its status.
    pub(super) async fn exchange<'call>(
        &self,
        call: &'call Call,
        authorization: Option<&HeaderValue>,
    ) -> Result<Answer<'call>, Error> {
        let mut counted = self.metrics.begin(call);
        let mut response = self.send(call, authorization).await.map_err(|failure| failure.error)?;
        let mut answer = head(call, &response);
        counted.answered(answer.status);
        answer.body = if answer.status == StatusCode::OK {
            body(&mut response, call).await?
        } else {
            beginning(&mut response).await
        };
        Ok(answer)
    }

    /// Sends the call once and goes by the status line: the body of a success is not needed, and one
    /// that is cut off changes nothing.
    pub(super) async fn exchange_status<'call>(
        &self,
        call: &'call Call,
        authorization: &HeaderValue,
    ) -> Result<Answer<'call>, Failure> {
        let mut counted = self.metrics.begin(call);
        let mut response = self.send(call, Some(authorization)).await?;
        let mut answer = head(call, &response);
        counted.answered(answer.status);
        if answer.status == StatusCode::OK {
            // A body read to its end leaves the connection usable for the next call.
            let _ = tokio::time::timeout(DRAIN, body(&mut response, call)).await;
        } else {
            answer.body = beginning(&mut response).await;
        }
        Ok(answer)
    }

    async fn send(
        &self,
        call: &Call,
        authorization: Option<&HeaderValue>,
    ) -> Result<reqwest::Response, Failure> {
        let mut request = self.http.request(call.method.clone(), format!("{}{}", self.address, call.path));
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some((content_type, bytes)) = call.body.content() {
            request = request.header(header::CONTENT_TYPE, content_type).body(bytes);
        }
        let begun = Instant::now();
        let sent = request.send().await;
        let elapsed_ms = begun.elapsed().as_millis();
        match sent {
            Ok(response) => {
                debug!(method = %call.method, path = call.path, status = response.status().as_u16(), elapsed_ms, "answered");
                Ok(response)
            }
            Err(error) => {
                let error = error.without_url();
                debug!(method = %call.method, path = call.path, elapsed_ms, error = with_causes(&error), "not answered");
                Err(Failure {
                    settled: error.is_connect() || error.is_builder(),
                    error: call.no_answer(error.into()),
                })
            }
        }
    }
}

/// A request without an answer.
#[derive(Debug)]
pub(super) struct Failure {
    /// Certainly not carried out: no connection came to be, or there was no valid token.
    pub(super) settled: bool,
    pub(super) error: Error,
}

fn head<'call>(call: &'call Call, response: &reqwest::Response) -> Answer<'call> {
    let headers = response.headers();
    let wait = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    Answer {
        call,
        status: response.status(),
        etag: headers.get(header::ETAG).and_then(ETag::from_header),
        retry_after: wait.and_then(|value| retry_after(value, Timestamp::now())),
        body: Bytes::new(),
    }
}

/// The whole body, at most as long as the call allows.
async fn body(response: &mut reqwest::Response, call: &Call) -> Result<Bytes, Error> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut whole = BytesMut::with_capacity(announced.min(call.limit));
    while let Some(part) =
        response.chunk().await.map_err(|error| call.no_answer(error.without_url().into()))?
    {
        if whole.len() + part.len() > call.limit {
            return Err(call.too_large());
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

/// As much of a refusal's body as comes and is worth reading. The status already tells the outcome.
async fn beginning(response: &mut reqwest::Response) -> Bytes {
    let mut start = BytesMut::new();
    while let Ok(Some(part)) = response.chunk().await {
        start.extend_from_slice(part.get(..part.len().min(REFUSAL - start.len())).unwrap_or_default());
        if start.len() == REFUSAL {
            break;
        }
    }
    start.freeze()
}
