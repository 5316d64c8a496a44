//! An answer as it came, and the refusals read from it.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::de::DeserializeOwned;

use super::call::Call;
use super::wire::problem;
use super::{BoxError, ETag, Error};

/// A whole answer to a [`Call`], whatever its status. Its body may hold an access token, so it is not
/// made to be printed.
pub(super) struct Answer<'call> {
    pub(super) call: &'call Call,
    pub(super) status: StatusCode,
    pub(super) etag: Option<ETag>,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Bytes,
}

impl Answer<'_> {
    /// The answer itself where it is 200, else what was refused.
    pub(super) fn success(self) -> Result<Self, Error> {
        if self.status == StatusCode::OK { Ok(self) } else { Err(self.refusal()) }
    }

    /// This answer as an error.
    pub(super) fn refusal(&self) -> Error {
        let call = self.call;
        let mut message = problem::words(&self.body);
        if self.status.is_redirection() {
            "the API does not redirect; check its address (--api-url)".clone_into(&mut message);
        } else if self.status == StatusCode::NOT_FOUND && call.names_tailnet() {
            if !message.is_empty() {
                message.push_str("; ");
            }
            message.push_str("check the tailnet's name (--tailnet)");
        }
        Error::Refused {
            tailnet: call.tailnet.to_string(),
            method: call.method.clone(),
            path: call.path.as_str().into(),
            status: self.status,
            message,
            retry_after: self.retry_after,
            needs: call.needs(self.status),
        }
    }

    /// The body as JSON of this shape. The error says where in the document the shape is broken.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| self.not_json(error))?;
        reader.end().map_err(|error| self.unreadable(error.into()))?;
        Ok(value)
    }

    /// A success that does not hold what it should.
    pub(super) fn unreadable(&self, cause: BoxError) -> Error {
        self.call.unreadable(cause)
    }

    /// A gateway's page is shown, because it says more than "expected value at line 1".
    pub(super) fn page(&self) -> Error {
        self.unreadable(format!("it is a page: {}", problem::excerpt(&self.body)).into())
    }

    fn not_json(&self, error: serde_path_to_error::Error<serde_json::Error>) -> Error {
        if self.body.trim_ascii_start().starts_with(b"<") {
            self.page()
        } else {
            self.unreadable(error.into())
        }
    }
}

/// Longest wait that is taken from a header: a day.
const LONGEST_WAIT: u64 = 86_400;

/// Reads `Retry-After`: seconds, or an HTTP date seen from `now`.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let seconds = if header.bytes().all(|byte| byte.is_ascii_digit()) && !header.is_empty() {
        header.parse().unwrap_or(LONGEST_WAIT)
    } else {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
        u64::try_from(date.as_second().saturating_sub(now.as_second())).unwrap_or(0)
    };
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, seconds: Option<u64>) {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after(header, now), seconds.map(Duration::from_secs), "{header}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        check("1", Some(1));
        check(" 120 ", Some(120));
        check("0", Some(0));
        check("99999999999999999999999", Some(LONGEST_WAIT));
        check("Mon, 04 May 2026 10:00:30 GMT", Some(30));
        check("Mon, 04 May 2026 09:00:00 GMT", Some(0));
        check("Mon, 04 May 2099 09:00:00 GMT", Some(LONGEST_WAIT));
        check("soon", None);
        check("-1", None);
        check("1.5", None);
        check("", None);
    }
}
