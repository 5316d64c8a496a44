//! Errors over gRPC. The only place that knows the codes.

use std::collections::HashMap;

use jiff::Timestamp;
use prost_types::Any;
pub use tonic_types::Status;
use tonic_types::pb::{BadRequest, ErrorInfo, bad_request::FieldViolation};

use crate::connector::{Error, with_causes};
use crate::proto::annotation::{pack, pack_as};
use crate::proto::bounds::OutOfBounds;
use crate::proto::c1::connector::v2::{RateLimitDescription, rate_limit_description};
use crate::proto::from_pb::NotAnId;
use crate::proto::to_pb;

/// Domain of the reasons that clients of this connector know.
const DOMAIN: &str = "tailgrant";

/// Domain and reason of a grant that is refused for good, as the Baton SDK has them.
const BATON_DOMAIN: &str = "github.com/conductorone/baton-sdk";
const GRANT_CANCELLED: &str = "grant_cancelled";

/// The codes in use, with their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Code {
    /// What the Go SDK answers for a feature that is switched off without saying more.
    Unknown = 2,
    /// The request makes no sense, whatever the state of the tailnet.
    InvalidArgument = 3,
    /// What the request names is not there.
    NotFound = 5,
    /// Not in the present state of the tailnet or its settings.
    FailedPrecondition = 9,
    /// This connector does not do that.
    Unimplemented = 12,
    /// A defect of ours.
    Internal = 13,
    /// Worth another attempt.
    Unavailable = 14,
}

/// The answer to a failed operation, with the chain of its causes.
#[must_use]
pub fn of(error: &Error) -> Status {
    at(error, Timestamp::now())
}

fn at(error: &Error, now: Timestamp) -> Status {
    let (code, details) = match error {
        Error::NotFound { .. } => (Code::NotFound, Vec::new()),
        Error::Invalid(_) => (Code::InvalidArgument, Vec::new()),
        Error::Refused { cancelled: true, reason, .. } => {
            let metadata = HashMap::from([("reason".to_owned(), reason.clone())]);
            (Code::FailedPrecondition, vec![error_info(BATON_DOMAIN, GRANT_CANCELLED, metadata)])
        }
        Error::Refused { cancelled: false, .. }
        | Error::ProvisioningOff { .. }
        | Error::Credential { .. } => (Code::FailedPrecondition, Vec::new()),
        Error::RateLimited { retry_after, .. } => {
            let reset_at = now.checked_add(*retry_after).unwrap_or(Timestamp::MAX);
            let info = error_info(DOMAIN, "rate_limited", HashMap::new());
            (Code::Unavailable, vec![info, over_limit(reset_at)])
        }
        Error::Unavailable { reason, .. } => {
            (Code::Unavailable, vec![error_info(DOMAIN, reason.reason(), HashMap::new())])
        }
        Error::Internal { .. } => (Code::Internal, Vec::new()),
    };
    Status { code: code as i32, message: with_causes(error), details }
}

/// Any other answer: a feature that is absent.
pub(super) fn plain(code: Code, message: impl Into<String>) -> Status {
    Status { code: code as i32, message: message.into(), details: Vec::new() }
}

/// `INVALID_ARGUMENT` for one field.
pub(super) fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Status {
    let (field, description) = (field.into(), problem.into());
    let message = format!("{field}: {description}");
    let violation = FieldViolation { field, description, ..Default::default() };
    let details = BadRequest { field_violations: vec![violation] };
    Status {
        code: Code::InvalidArgument as i32,
        message,
        details: vec![pack_as("google.rpc.BadRequest", &details)],
    }
}

pub(super) fn out_of_bounds(error: &OutOfBounds) -> Status {
    invalid(&error.field, &error.problem)
}

/// `INVALID_ARGUMENT` for what was read below `field`.
pub(super) fn not_an_id(field: &str, error: &NotAnId) -> Status {
    invalid(format!("{field}.{}", error.field), error.problem.to_string())
}

fn error_info(domain: &str, reason: &str, metadata: HashMap<String, String>) -> Any {
    let info = ErrorInfo { reason: reason.to_owned(), domain: domain.to_owned(), metadata };
    pack_as("google.rpc.ErrorInfo", &info)
}

fn over_limit(reset_at: Timestamp) -> Any {
    pack(&RateLimitDescription {
        status: rate_limit_description::Status::Overlimit.into(),
        limit: 1,
        remaining: 0,
        reset_at: Some(to_pb::timestamp(reset_at)),
    })
}

#[cfg(test)]
mod tests;
