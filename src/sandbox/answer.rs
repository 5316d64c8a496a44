//! What the API answers, before it becomes HTTP.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

/// An answer with its body at hand.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// 200 with a body of this type.
    pub(super) fn body(content_type: &'static str, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self { status: StatusCode::OK, headers, body }
    }

    /// 200 with `value` as JSON.
    pub(super) fn json(value: &impl Serialize) -> Self {
        Self::body("application/json", json(value))
    }

    /// 200 and nothing else, as most changes are answered.
    pub(super) fn empty() -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new() }
    }

    pub(super) fn header(mut self, name: header::HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// An error: its status, and the message, which mostly is all the service says.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: Cow<'static, str>,
    /// What stands under `data`; null: there is none.
    data: serde_json::Value,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), data: serde_json::Value::Null }
    }

    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    pub(super) fn with_data(self, data: serde_json::Value) -> Self {
        Self { data, ..self }
    }
}

impl From<Refusal> for Answer {
    fn from(Refusal { status, message, data }: Refusal) -> Self {
        let body = match data {
            serde_json::Value::Null => serde_json::json!({ "message": message }),
            data => serde_json::json!({ "message": message, "data": data }),
        };
        Self { status, ..Self::json(&body) }
    }
}

/// `value` as JSON. What the sandbox serialises are its own structures with string keys, which cannot
/// fail; the empty text stands for the impossible.
pub(super) fn json(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).map(Bytes::from).unwrap_or_default()
}
