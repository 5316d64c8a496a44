use http::{Method, StatusCode};

use super::*;

fn refused(status: u16, retry_after: Option<u64>) -> Error {
    Error::Refused {
        tailnet: "example.com".to_owned(),
        method: Method::GET,
        path: "/api/v2/tailnet/example.com/users".into(),
        status: StatusCode::from_u16(status).unwrap(),
        message: String::new(),
        retry_after: retry_after.map(Duration::from_secs),
        needs: "",
    }
}

fn no_answer() -> Error {
    Error::NoAnswer {
        tailnet: "example.com".to_owned(),
        method: Method::GET,
        path: "/api/v2/tailnet/example.com/users".into(),
        cause: "connection reset".into(),
    }
}

#[track_caller]
fn check(error: &Error, attempts: u32, jitter: f64, millis: Option<u64>) {
    let left = Duration::from_secs(30);
    assert_eq!(wait(error, attempts, left, jitter), millis.map(Duration::from_millis));
}

#[test]
fn what_may_pass_is_repeated() {
    for status in [429, 500, 502, 503, 504] {
        check(&refused(status, None), 1, 1.0, Some(100));
    }
    check(&no_answer(), 1, 1.0, Some(100));
    for status in [301, 400, 401, 403, 404, 409, 412] {
        check(&refused(status, None), 1, 1.0, None);
    }
    check(&Error::Settings("wrong".to_owned()), 1, 1.0, None);
}

#[test]
fn waits_grow_to_a_bound() {
    let waits = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
    for (attempts, millis) in (1..).zip(waits) {
        check(&no_answer(), attempts, 1.0, Some(millis));
        check(&no_answer(), attempts, 0.0, Some(millis / 2));
    }
}

#[test]
fn attempts_are_bounded() {
    check(&no_answer(), ATTEMPTS - 1, 1.0, Some(5000));
    check(&no_answer(), ATTEMPTS, 1.0, None);
    check(&no_answer(), u32::MAX, 1.0, None);
}

#[test]
fn the_wait_asked_for_is_kept() {
    check(&refused(429, Some(1)), 1, 0.0, Some(1000));
    check(&refused(429, Some(1)), 8, 1.0, Some(1100));
    check(&refused(503, Some(2)), 1, 0.0, Some(2000));
    check(&refused(429, Some(0)), 1, 0.0, Some(100));
}

#[test]
fn no_wait_reaches_past_the_patience() {
    let left = Duration::from_secs(10);
    assert_eq!(wait(&refused(429, Some(11)), 1, left, 0.0), None);
    assert_eq!(wait(&refused(429, Some(10)), 1, left, 0.0), Some(left));
    assert_eq!(wait(&no_answer(), 1, Duration::ZERO, 0.0), None);
}
