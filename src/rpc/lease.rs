//! What a Grant says beside its entitlement and principal: when the access ends, and what the request is called.

use std::time::Duration;

use jiff::Timestamp;
use prost_types::Any;

use super::api::Call;
use super::status::{self, Status};
use crate::access::fit;
use crate::connector::{BadEnd, LeaseEnd};
use crate::proto::annotation::{all, find};
use crate::proto::c1::connector::v2::RequestId;
use crate::proto::tailgrant::v1::{Lease, lease::End};

/// Metadata of a call that gives an end: decimal seconds from now.
const EXPIRES_IN: &str = "tailgrant-expires-in";

/// Where a request's annotation of ours is, for messages.
const LEASE: &str = "annotations[tailgrant.v1.Lease]";

/// Longest request id that is kept, in bytes; a longer one is cut and ends with `…`.
const LONGEST_REQUEST_ID: usize = 256;

/// Why an end cannot be read: what is wrong, without the name of the field.
type Problem = String;

/// When the access is to end, as the request's annotations or the call's metadata say.
///
/// # Errors
///
/// `INVALID_ARGUMENT`, naming the field, where both do or one does twice, and for what cannot be read, is not
/// in the future, or too far in it.
pub(super) fn end(annotations: &[Any], call: &Call, now: Timestamp) -> Result<Option<LeaseEnd>, Status> {
    let mut leases = all::<Lease>(annotations);
    let annotated = match (leases.next(), leases.next(), &call.expires_in) {
        (None, _, None) => return Ok(None),
        (None, _, Some(text)) => {
            let end = seconds(text).and_then(|end| in_the_future(end, now));
            return end.map(Some).map_err(|problem| status::invalid(EXPIRES_IN, problem));
        }
        (Some(_), Some(_), _) => return Err(status::invalid(LEASE, "is there more than once")),
        (Some(_), None, Some(_)) => {
            return Err(status::invalid(
                LEASE,
                format!("the metadata {EXPIRES_IN} gives an end too: send one"),
            ));
        }
        (Some(annotated), None, None) => annotated,
    };
    let lease = annotated.map_err(|error| status::invalid(LEASE, format!("cannot be read: {error}")))?;
    let (field, end) = match &lease.end {
        None => return Err(status::invalid(LEASE, "needs one of expires_at and duration")),
        Some(End::ExpiresAt(at)) => ("expires_at", moment(at)),
        Some(End::Duration(duration)) => ("duration", length(duration)),
    };
    let end = end.and_then(|end| in_the_future(end, now));
    end.map(Some).map_err(|problem| status::invalid(format!("{LEASE}.{field}"), problem))
}

/// What the caller calls its request: as an annotation says, else the call's metadata.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for an annotation that cannot be read.
pub(super) fn request_id(annotations: &[Any], call: &Call) -> Result<Option<String>, Status> {
    let annotated = find::<RequestId>(annotations).map_err(|error| {
        status::invalid("annotations[c1.connector.v2.RequestId]", format!("cannot be read: {error}"))
    })?;
    let given = annotated.map(|annotated| annotated.request_id).filter(|id| !id.is_empty());
    let given = given.or_else(|| call.request_id.clone().filter(|id| !id.is_empty()));
    Ok(given.map(|id| fit(&id, LONGEST_REQUEST_ID)))
}

fn in_the_future(end: LeaseEnd, now: Timestamp) -> Result<LeaseEnd, Problem> {
    end.until(now).map(|_| end).map_err(|bad| bad.to_string())
}

fn moment(at: &prost_types::Timestamp) -> Result<LeaseEnd, Problem> {
    if !(0..1_000_000_000).contains(&at.nanos) {
        return Err(format!("nanos are from 0 to 999999999, not {}", at.nanos));
    }
    match Timestamp::new(at.seconds, at.nanos) {
        Ok(at) => Ok(LeaseEnd::At(at)),
        Err(_) if at.seconds > 0 => Err(BadEnd::TooFar.to_string()),
        Err(_) => Err(BadEnd::NotAhead.to_string()),
    }
}

fn length(duration: &prost_types::Duration) -> Result<LeaseEnd, Problem> {
    let (seconds, nanos) = (duration.seconds, duration.nanos);
    if !(-999_999_999..1_000_000_000).contains(&nanos)
        || (seconds > 0 && nanos < 0)
        || (seconds < 0 && nanos > 0)
    {
        return Err(format!("{seconds} seconds and {nanos} nanos are no duration"));
    }
    match (u64::try_from(seconds), u32::try_from(nanos)) {
        (Ok(seconds), Ok(nanos)) => Ok(LeaseEnd::After(Duration::new(seconds, nanos))),
        _ => Err(BadEnd::NotAhead.to_string()),
    }
}

/// Decimal seconds: digits, and at most nine more behind a point.
fn seconds(text: &str) -> Result<LeaseEnd, Problem> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return Err(format!("{:?} are no decimal seconds such as 3600 or 90.5", fit(text, 64)));
    }
    match (whole.parse(), format!("{fraction:0<9}").parse()) {
        (Ok(whole), Ok(nanos)) => Ok(LeaseEnd::After(Duration::new(whole, nanos))),
        _ => Err(BadEnd::TooFar.to_string()),
    }
}

#[cfg(test)]
mod tests;
