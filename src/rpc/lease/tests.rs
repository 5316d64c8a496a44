use super::*;
use crate::proto::annotation::pack;

const NOW: i64 = 1_800_000_000;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn call(expires_in: Option<&str>) -> Call {
    Call { expires_in: expires_in.map(str::to_owned), ..Call::default() }
}

fn at(seconds: i64, nanos: i32) -> Any {
    pack(&Lease { end: Some(End::ExpiresAt(prost_types::Timestamp { seconds, nanos })) })
}

fn after(seconds: i64, nanos: i32) -> Any {
    pack(&Lease { end: Some(End::Duration(prost_types::Duration { seconds, nanos })) })
}

/// The end in whole seconds from now.
#[track_caller]
fn check(annotations: &[Any], expires_in: Option<&str>, expected: Option<i64>) {
    let end = end(annotations, &call(expires_in), now()).unwrap();
    let until = end.map(|end| end.until(now()).unwrap());
    assert_eq!(until.map(Timestamp::as_second), expected.map(|seconds| NOW + seconds));
    assert!(until.is_none_or(|until| until.subsec_nanosecond() == 0));
}

#[track_caller]
fn check_refused(annotations: &[Any], expires_in: Option<&str>, expected: &str) {
    let status = end(annotations, &call(expires_in), now()).unwrap_err();
    assert_eq!((status.code, status.message.as_str()), (3, expected));
}

#[test]
fn an_end_is_a_moment_or_so_long_from_now() {
    check(&[], None, None);
    check(&[pack(&RequestId { request_id: "r".to_owned() })], None, None);
    check(&[at(NOW + 60, 0)], None, Some(60));
    check(&[at(NOW, 1)], None, Some(1));
    check(&[at(NOW + 59, 999_999_999)], None, Some(60));
    check(&[after(3600, 0)], None, Some(3600));
    check(&[after(0, 1)], None, Some(1));
    check(&[after(90, 500_000_000)], None, Some(91));
}

#[test]
fn metadata_give_an_end_in_decimal_seconds() {
    check(&[], Some("3600"), Some(3600));
    check(&[], Some("90.5"), Some(91));
    check(&[], Some("0.000000001"), Some(1));
    check(&[], Some("007"), Some(7));
    for text in ["", ".5", "5.", "1e3", "-1", "+1", " 1", "1,5", "60,60", "1.0000000001", "NaN", "\u{661}"] {
        let expected = format!("tailgrant-expires-in: {text:?} are no decimal seconds such as 3600 or 90.5");
        check_refused(&[], Some(text), &expected);
    }
    check_refused(&[], Some("0"), "tailgrant-expires-in: must be in the future");
    check_refused(&[], Some("0.0"), "tailgrant-expires-in: must be in the future");
    let too_far = "tailgrant-expires-in: is too far in the future: the last year is 9999";
    for text in ["300000000000", "18446744073709551615", "99999999999999999999999"] {
        check_refused(&[], Some(text), too_far);
    }
}

#[test]
fn an_end_is_given_once() {
    let twice = "annotations[tailgrant.v1.Lease]: is there more than once";
    check_refused(&[at(NOW + 60, 0), after(60, 0)], None, twice);
    check_refused(
        &[after(60, 0)],
        Some("60"),
        "annotations[tailgrant.v1.Lease]: the metadata tailgrant-expires-in gives an end too: send one",
    );
    check_refused(
        &[pack(&Lease { end: None })],
        None,
        "annotations[tailgrant.v1.Lease]: needs one of expires_at and duration",
    );
    let mut torn = after(3600, 0);
    torn.value.pop();
    let status = end(&[torn], &call(None), now()).unwrap_err();
    assert!(status.message.starts_with("annotations[tailgrant.v1.Lease]: cannot be read: "), "{status:?}");
}

#[test]
fn an_end_lies_ahead() {
    let field = |field: &str, problem: &str| format!("annotations[tailgrant.v1.Lease].{field}: {problem}");
    let past = "must be in the future";
    for annotation in [at(NOW, 0), at(NOW - 60, 0), at(0, 0), at(i64::MIN, 0)] {
        check_refused(&[annotation], None, &field("expires_at", past));
    }
    for annotation in [after(0, 0), after(-1, 0), after(0, -1), after(i64::MIN, -1)] {
        check_refused(&[annotation], None, &field("duration", past));
    }
    let far = "is too far in the future: the last year is 9999";
    check_refused(&[at(253_402_300_800, 0)], None, &field("expires_at", far));
    check_refused(&[at(i64::MAX, 0)], None, &field("expires_at", far));
    check_refused(&[after(i64::MAX, 0)], None, &field("duration", far));
}

#[test]
fn times_have_their_form() {
    let nanos = |nanos: i32| {
        format!("annotations[tailgrant.v1.Lease].expires_at: nanos are from 0 to 999999999, not {nanos}")
    };
    check_refused(&[at(NOW + 60, -1)], None, &nanos(-1));
    check_refused(&[at(NOW + 60, 1_000_000_000)], None, &nanos(1_000_000_000));
    for (seconds, nanos) in [(60, -1), (-60, 1), (60, 1_000_000_000), (0, i32::MIN)] {
        let expected = format!(
            "annotations[tailgrant.v1.Lease].duration: {seconds} seconds and {nanos} nanos are no duration"
        );
        check_refused(&[after(seconds, nanos)], None, &expected);
    }
}

#[test]
fn a_request_is_called_as_its_annotation_says_else_as_the_metadata_do() {
    let named = |request_id: &str| pack(&RequestId { request_id: request_id.to_owned() });
    let call = |id: &str| Call { request_id: Some(id.to_owned()), ..Call::default() };
    let read = |annotations: &[Any], call: &Call| request_id(annotations, call).unwrap();
    assert_eq!(read(&[], &Call::default()), None);
    assert_eq!(read(&[named("")], &call("")), None);
    assert_eq!(read(&[named("")], &call("m-1")).as_deref(), Some("m-1"));
    assert_eq!(read(&[named("r-1")], &call("m-1")).as_deref(), Some("r-1"));
    assert_eq!(read(&[], &call(&"x".repeat(300))).map(|id| id.len()), Some(256));
    let mut torn = named("r-1");
    torn.value.truncate(2);
    assert_eq!(request_id(&[torn], &Call::default()).unwrap_err().code, 3);
}
