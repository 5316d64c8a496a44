use std::time::Duration;

use tailgrant::tailnet::Role;
use tailgrant::tailscale::{Client, ETag, Error, Sent, Settings};

use crate::service::{Reply, Request, Service, reply, reply_with, settings};

const POST: &str = "POST /api/v2/tailnet/example.com/acl";
const ROLE: &str = "POST /api/v2/users/u1/role";

/// An address at which nobody listens: the port was free a moment ago.
#[expect(clippy::unwrap_used, reason = "tests")]
pub(crate) async fn unused_address() -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// Reads are answered with a policy, the POST as given.
async fn service(to_post: Reply) -> Service {
    Service::start(move |request: &Request| match request.line.as_str() {
        POST => to_post.clone(),
        _ => reply_with(200, "ETag: \"a1\"", "{}"),
    })
    .await
}

#[expect(clippy::unwrap_used, reason = "tests")]
async fn tag(client: &Client) -> ETag {
    client.policy().await.unwrap().etag.unwrap()
}

/// How a POST ends that is answered like this, and that it came once.
#[expect(clippy::unwrap_used, reason = "tests")]
async fn sent(to_post: Reply) -> Sent {
    let service = service(to_post).await;
    let settings = Settings { timeout: Duration::from_secs(2), ..service.settings() };
    let client = Client::new(settings).unwrap();
    let sent = client.put_policy("{}".into(), &tag(&client).await).await;
    assert_eq!(service.count(POST), 1, "sent once, whatever comes");
    sent
}

#[tokio::test]
async fn a_write_carries_text_tag_and_type() {
    let service = service(reply(200, "")).await;
    let client = service.client();
    let sent = client.put_policy("// ours\n{}\n".into(), &tag(&client).await).await;
    assert!(matches!(sent, Sent::Stored(_)), "{sent:?}");
    let post = service.seen().pop().unwrap();
    assert_eq!(post.line, POST);
    assert_eq!(post.header("if-match"), Some("\"a1\""));
    assert_eq!(post.header("content-type"), Some("application/hujson"));
    assert_eq!(post.body, b"// ours\n{}\n");
}

#[tokio::test]
async fn the_status_line_decides() {
    for answer in [reply(200, "{}"), Reply::Cut, Reply::Stall] {
        let outcome = sent(answer.clone()).await;
        assert!(matches!(outcome, Sent::Stored(_)), "{answer:?}: {outcome:?}");
    }
    let stale = sent(reply(412, r#"{"message":"precondition failed, invalid old hash"}"#)).await;
    assert!(matches!(stale, Sent::Stale), "{stale:?}");
}

#[tokio::test]
async fn a_refusal_is_certain() {
    for status in [400, 401, 403, 404, 409, 413, 429] {
        let Sent::Refused(error) = sent(reply(status, "")).await else { panic!("{status}") };
        assert_eq!(error.status().unwrap().as_u16(), status);
    }
    let failing = r#"{"message":"test(s) failed","data":[{"user":"a","errors":["e"]}]}"#;
    let Sent::Refused(error) = sent(reply(400, failing)).await else { panic!() };
    assert!(error.to_string().ends_with("400 Bad Request: test(s) failed; a: e"), "{error}");
    let Sent::Refused(error) = sent(reply_with(429, "Retry-After: 7", "")).await else { panic!() };
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    let Sent::Refused(error) = sent(reply(403, "")).await else { panic!() };
    assert!(error.needs().unwrap().contains("network admin"), "{error:?}");
}

#[tokio::test]
async fn everything_else_is_lost() {
    for status in [201, 204, 302, 500, 502, 503, 504] {
        let Sent::Lost(error) = sent(reply(status, "")).await else { panic!("{status}") };
        assert_eq!(error.status().unwrap().as_u16(), status);
    }
    for answer in [Reply::Close, Reply::Silence] {
        let outcome = sent(answer.clone()).await;
        assert!(matches!(outcome, Sent::Lost(Error::NoAnswer { .. })), "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let tag = tag(&service(reply(200, "")).await.client()).await;
    let client = Client::new(settings(&format!("http://{}", unused_address().await))).unwrap();
    let outcome = client.put_policy("{}".into(), &tag).await;
    assert!(matches!(outcome, Sent::NotSent(Error::NoAnswer { .. })), "{outcome:?}");
    let outcome = client.set_role("u1", &Role::ItAdmin).await;
    assert!(matches!(outcome, Sent::NotSent(Error::NoAnswer { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_text_that_would_reset_the_policy_stays_here() {
    let service = service(reply(200, "")).await;
    let client = service.client();
    let tag = tag(&client).await;
    for text in ["", " \n", "// nothing", "[]"] {
        let outcome = client.put_policy(text.into(), &tag).await;
        assert!(matches!(outcome, Sent::Refused(Error::EmptyPolicy { .. })), "{text:?}: {outcome:?}");
    }
    assert_eq!(service.count(POST), 0);
}

/// How a role change ends that is answered like this, and that it came once.
#[expect(clippy::unwrap_used, reason = "tests")]
async fn role_set(answer: Reply) -> Sent {
    let service = Service::start(move |_| answer.clone()).await;
    let settings = Settings { timeout: Duration::from_secs(2), ..service.settings() };
    let outcome = Client::new(settings).unwrap().set_role("u1", &Role::ItAdmin).await;
    let seen: Vec<_> = service.seen().into_iter().map(|request| (request.line, request.body)).collect();
    assert_eq!(seen, [(ROLE.to_owned(), br#"{"role":"it-admin"}"#.to_vec())], "sent once, whatever comes");
    outcome
}

#[tokio::test]
async fn a_role_is_set_by_one_request() {
    for answer in [reply(200, ""), reply(200, "{}"), reply(200, "null"), reply(204, ""), Reply::Stall] {
        let outcome = role_set(answer.clone()).await;
        assert!(matches!(outcome, Sent::Stored(_)), "{answer:?}: {outcome:?}");
    }
    for answer in [reply(500, ""), reply(503, ""), Reply::Close, Reply::Silence] {
        let outcome = role_set(answer.clone()).await;
        assert!(matches!(outcome, Sent::Lost(_)), "{answer:?}: {outcome:?}");
    }
    for status in [401, 403, 404, 412, 429] {
        let Sent::Refused(error) = role_set(reply(status, "")).await else { panic!("{status}") };
        assert_eq!(error.status().unwrap().as_u16(), status);
    }
    let Sent::Refused(error) = role_set(reply(403, r#"{"message":"forbidden"}"#)).await else { panic!() };
    assert!(error.needs().unwrap().contains("IT admin"), "{error:?}");
}
