//! The policy file with its tag, and how writing and validating it can end.

use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use super::Error;
use super::answer::Answer;
use super::transport::Failure;

/// The policy file's text (`HuJSON`, as stored) and the tag it had. Only a read makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// The text, byte for byte.
    pub text: Bytes,
    /// The tag; without one nothing may be written (API reference, 7.5).
    pub etag: Option<ETag>,
}

/// Version tag of a policy text, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// The tag without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads an `ETag` header. A weak tag (a compressing proxy makes those of strong ones) counts as
    /// the tag it was made of. `None` where the header holds nothing that could be sent back.
    pub(crate) fn from_header(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?.trim();
        let text = text.strip_prefix("W/").unwrap_or(text);
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        (!bare.is_empty() && !bare.contains('"')).then(|| Self(bare.to_owned()))
    }

    /// The quoted form that `If-Match` demands.
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// How one POST that changes something ended. The client never repeats it.
#[derive(Debug)]
pub enum Sent {
    /// Answered 200: the change is stored. The status line suffices; the tag of the stored policy comes along
    /// where the answer tells it.
    Stored(Option<ETag>),
    /// Answered 412 to a policy: the tag is not the current one, nothing was stored.
    Stale,
    /// Another 4xx (429 included), or refused here before sending: certainly not stored, and the same
    /// change will not fare better, except after a rate limit.
    Refused(Error),
    /// No connection, no valid access token for now, or one that had been revoked: certainly not carried
    /// out, and worth another try after the next safe call, which renews the token.
    NotSent(Error),
    /// Time-out, reset, 5xx or an answer that means nothing: may have been stored, or may be stored yet.
    Lost(Error),
}

impl From<Result<Answer<'_>, Failure>> for Sent {
    fn from(outcome: Result<Answer<'_>, Failure>) -> Self {
        match outcome {
            Ok(answer) => match answer.status {
                StatusCode::OK => Self::Stored(answer.etag),
                StatusCode::PRECONDITION_FAILED => Self::Stale,
                status if status.is_client_error() => Self::Refused(answer.refusal()),
                _ => Self::Lost(answer.refusal()),
            },
            Err(Failure { settled: false, error }) => Self::Lost(error),
            Err(Failure { error, .. }) => Self::NotSent(error),
        }
    }
}

/// What the service's validation said about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would be stored; warnings do not matter.
    Accepted,
    /// It would not be stored; the service's words, with the failing tests.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Option<&str>) {
        let tag = ETag::from_header(&HeaderValue::from_str(header).unwrap());
        assert_eq!(tag.as_ref().map(ETag::as_str), expected, "{header}");
    }

    #[test]
    fn etag_loses_quotes_and_weakness() {
        check("\"e0b2816b\"", Some("e0b2816b"));
        check("W/\"e0b2816b\"", Some("e0b2816b"));
        check("e0b2816b", Some("e0b2816b"));
        check(" \"ts-default\" ", Some("ts-default"));
        check("", None);
        check("\"\"", None);
        check("\"a\"b\"", None);
        check("\"a", None);
    }

    #[test]
    fn etag_is_sent_with_quotes() {
        let tag = ETag::from_header(&HeaderValue::from_static("W/\"a1\"")).unwrap();
        assert_eq!(tag.quoted(), "\"a1\"");
    }
}
