use std::time::{Duration, Instant};

use tailgrant::tailscale::{Client, Error, Settings, Verdict};

use crate::service::{Reply, Service, reply, reply_with, settings};

const USERS: &str = "GET /api/v2/tailnet/example.com/users";
const NOBODY: &str = r#"{"users":[]}"#;

/// A service whose first answer is this one, and good ones after it.
async fn first(reply_: Reply) -> Service {
    Service::start(move |request| if request.nth == 0 { reply_.clone() } else { reply(200, NOBODY) }).await
}

#[tokio::test]
async fn what_passes_is_waited_out() {
    let page = reply(200, "<html>Back soon</html>");
    let mut faults =
        vec![Reply::Close, Reply::Cut, page, reply(200, "{}"), reply_with(429, "Retry-After: 0", "")];
    faults.extend([429, 500, 502, 503, 504].map(|status| reply(status, "<html>oops</html>")));
    for fault in faults {
        let service = first(fault.clone()).await;
        assert_eq!(service.client().users().await.unwrap(), [], "{fault:?}");
        assert_eq!(service.count(USERS), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn silence_ends_at_the_timeout() {
    for fault in [Reply::Silence, Reply::Stall] {
        let service = first(fault).await;
        let settings = Settings { timeout: Duration::from_millis(300), ..service.settings() };
        assert_eq!(Client::new(settings).unwrap().users().await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_wait_of_a_second_takes_a_second() {
    let service = first(reply_with(429, "Retry-After: 1", "")).await;
    let begun = Instant::now();
    service.client().users().await.unwrap();
    let elapsed = begun.elapsed();
    assert!(elapsed >= Duration::from_secs(1) && elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[tokio::test]
async fn a_wait_beyond_the_patience_is_handed_on_at_once() {
    let service = first(reply_with(429, "Retry-After: 60", r#"{"message":"too many requests"}"#)).await;
    let begun = Instant::now();
    let error = service.client().users().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(error.is_rate_limit() && !error.is_upstream() && !error.is_forbidden(), "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(service.count(USERS), 1);
}

#[tokio::test]
async fn patience_ends() {
    let service = Service::start(|_| reply(503, "upstream connect error")).await;
    let settings = Settings { patience: Duration::from_secs(2), ..service.settings() };
    let begun = Instant::now();
    let error = Client::new(settings).unwrap().users().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(error.is_upstream() && error.to_string().ends_with(": upstream connect error"), "{error}");
    assert!((2..=9).contains(&service.count(USERS)), "{}", service.count(USERS));
}

#[tokio::test]
async fn nobody_listens() {
    let address = crate::writing::unused_address().await;
    let settings =
        Settings { patience: Duration::from_millis(200), ..settings(&format!("http://{address}")) };
    let error = Client::new(settings).unwrap().users().await.unwrap_err();
    assert!(matches!(error, Error::NoAnswer { .. }) && error.is_upstream(), "{error:?}");
}

#[tokio::test]
async fn what_does_not_pass_is_asked_once() {
    for status in [301, 400, 401, 403, 404, 409, 412] {
        let service = Service::start(move |_| reply(status, "")).await;
        let error = service.client().users().await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), service.count(USERS)), (status, 1));
    }
}

#[tokio::test]
async fn validation_is_asked_for_once_and_its_verdict_read() {
    let refused = |words: &str| Verdict::Refused(words.to_owned());
    let cases = [
        (reply(200, ""), Verdict::Accepted),
        (reply(200, r#"{"message":"warning(s) found","data":[]}"#), Verdict::Accepted),
        (
            reply(200, r#"{"message":"test(s) failed","data":[{"user":"a","errors":["e"]}]}"#),
            refused("test(s) failed; a: e"),
        ),
        (reply(400, r#"{"message":"line 1, column 2: bad"}"#), refused("line 1, column 2: bad")),
    ];
    for (answer, expected) in cases {
        let service = Service::start(move |_| answer.clone()).await;
        let verdict = service.client().validate_policy("// ours\n{}".into()).await.unwrap();
        assert_eq!(verdict, expected);
        let seen = service.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].header("content-type"), Some("application/hujson"));
        assert_eq!(seen[0].body, b"// ours\n{}");
    }
}

#[tokio::test]
async fn the_policy_writer_repeats_at_its_own_pace() {
    for status in [429, 503] {
        let service = Service::start(move |_| reply(status, "")).await;
        let client = service.client();
        assert_eq!(client.policy_uncached().await.unwrap_err().status().unwrap(), status);
        assert_eq!(client.validate_policy("{}".into()).await.unwrap_err().status().unwrap(), status);
        assert_eq!(service.seen().len(), 2);
    }
}

#[tokio::test]
async fn validation_that_is_not_allowed_is_no_verdict() {
    let service = Service::start(|_| reply(403, r#"{"message":"forbidden"}"#)).await;
    let error = service.client().validate_policy("{}".into()).await.unwrap_err();
    assert!(error.is_forbidden() && error.needs().unwrap().contains("policy_file:read"), "{error:?}");
}
