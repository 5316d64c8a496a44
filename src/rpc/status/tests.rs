use std::time::Duration;

use prost::Message as _;

use super::*;
use crate::connector::Unavailable;
use crate::proto::annotation::find;

const TAILNET: &str = "example.com";

/// Code, message, and domain and reason of the error info, for one error.
#[track_caller]
fn check(error: &Error, code: i32, message: &str, info: Option<(&str, &str)>) -> Status {
    let status = of(error);
    assert_eq!((status.code, status.message.as_str()), (code, message));
    let found = error_info_of(&status);
    let found = found.as_ref().map(|info| (info.domain.as_str(), info.reason.as_str()));
    assert_eq!(found, info);
    status
}

fn error_info_of(status: &Status) -> Option<ErrorInfo> {
    let any = status.details.iter().find(|any| any.type_url == "type.googleapis.com/google.rpc.ErrorInfo")?;
    Some(ErrorInfo::decode(any.value.as_slice()).unwrap())
}

#[test]
fn what_the_caller_got_wrong() {
    let error = Error::NotFound { tailnet: TAILNET.to_owned(), what: "user u1".to_owned() };
    check(&error, 5, "tailnet example.com: user u1 does not exist", None);
    let error = Error::Invalid("the page token is not one of this connector".to_owned());
    check(&error, 3, "the page token is not one of this connector", None);
}

#[test]
fn what_the_state_of_the_tailnet_forbids() {
    let refused = |cancelled| Error::Refused {
        tailnet: TAILNET.to_owned(),
        reason: "group:eng is synced from a directory".to_owned(),
        cancelled,
    };
    let message = "tailnet example.com: group:eng is synced from a directory";
    check(&refused(false), 9, message, None);
    let info = Some(("github.com/conductorone/baton-sdk", "grant_cancelled"));
    let status = check(&refused(true), 9, message, info);
    let metadata = error_info_of(&status).unwrap().metadata;
    assert_eq!(metadata.get("reason").map(String::as_str), Some("group:eng is synced from a directory"));

    let off = Error::ProvisioningOff { tailnet: TAILNET.to_owned() };
    let message = "tailnet example.com: provisioning is not enabled (start tailgrant with --provisioning)";
    check(&off, 9, message, None);
}

#[test]
fn what_passes() {
    let unavailable = |reason| Error::Unavailable {
        tailnet: TAILNET.to_owned(),
        reason,
        message: "try again".to_owned(),
        cause: None,
    };
    for (reason, word) in [
        (Unavailable::Upstream, "upstream_unavailable"),
        (Unavailable::Contended, "contended"),
        (Unavailable::OutcomeUnknown, "outcome_unknown"),
        (Unavailable::QueueFull, "queue_full"),
        (Unavailable::Draining, "draining"),
        (Unavailable::Journal, "journal_unavailable"),
    ] {
        let info = Some(("tailgrant", word));
        check(&unavailable(reason), 14, "tailnet example.com: try again", info);
    }
}

#[test]
fn rate_limits_tell_when_to_come_back() {
    let limited = |retry_after| Error::RateLimited { tailnet: TAILNET.to_owned(), retry_after };
    let message = "tailnet example.com: Tailscale limits the rate of calls; try again in 30 s";
    check(&limited(Duration::from_secs(30)), 14, message, Some(("tailgrant", "rate_limited")));

    let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let described =
        |retry_after| find::<RateLimitDescription>(&at(&limited(retry_after), now).details).unwrap().unwrap();
    let description = described(Duration::from_millis(30_500));
    assert_eq!((description.status(), description.remaining), (rate_limit_description::Status::Overlimit, 0));
    let reset_at = description.reset_at.unwrap();
    assert_eq!((reset_at.seconds - now.as_second(), reset_at.nanos), (30, 500_000_000));
    assert!(described(Duration::MAX).reset_at.is_some(), "a wait beyond all time is cut, not a panic");
}

#[test]
fn defects() {
    let error = Error::Internal { tailnet: TAILNET.to_owned(), message: "the edit is not proved".to_owned() };
    check(&error, 13, "tailnet example.com: the edit is not proved", None);
}

#[test]
fn fields_are_named() {
    let status = invalid("page_size", "must be at most 250, is 251");
    assert_eq!((status.code, status.message.as_str()), (3, "page_size: must be at most 250, is 251"));
    let [detail] = status.details.as_slice() else { panic!("one detail: {:?}", status.details) };
    assert_eq!(detail.type_url, "type.googleapis.com/google.rpc.BadRequest");
    let request = BadRequest::decode(detail.value.as_slice()).unwrap();
    assert_eq!(request.field_violations.first().map(|it| it.field.as_str()), Some("page_size"));
}
