//! What goes wrong on purpose.

use std::error::Error;
use std::io;

use http::StatusCode;
use tailgrant::sandbox::{Fault, ForeignEdit, Scope, Settings};

use crate::{ACL, Rig, USERS, answer, refusal, tag};

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let rig = Rig::small().await;
    rig.sandbox.fail_next(Scope::Users, Fault::RateLimited { seconds: 7 });
    let response = rig.get(USERS).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(answer(rig.get(USERS)).await.0, 200, "once only");
}

#[tokio::test]
async fn a_failing_status_leaves_the_call_undone_unless_asked_otherwise() {
    let rig = Rig::verbatim("{}\n").await;
    let write = || rig.post(ACL).body("{\"groups\": {}}\n");
    for status in [500, 502, 503, 504] {
        let status = StatusCode::from_u16(status).unwrap();
        rig.sandbox.fail_next(Scope::WritePolicy, Fault::Status(status));
        assert_eq!(refusal(write()).await.0, status.as_u16());
        assert_eq!(rig.sandbox.policy(), b"{}\n");
    }
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT));
    assert_eq!(refusal(write()).await.0, 504);
    assert_eq!(rig.sandbox.policy(), b"{\"groups\": {}}\n");
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
}

#[tokio::test]
async fn a_lost_answer_was_stored_and_never_sent() {
    let rig = Rig::verbatim("{}\n").await;
    rig.sandbox.set_faults("acl.post:lost-answer=1".parse().unwrap());
    rig.post(ACL).body("{} // new\n").send().await.unwrap_err();
    assert_eq!(rig.sandbox.policy(), b"{} // new\n");
    assert_eq!(rig.sandbox.stats().ended("POST /tailnet/{tailnet}/acl", "none"), 1);
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
    assert_eq!(answer(rig.get(ACL)).await.0, 200);
}

#[tokio::test]
async fn a_held_answer_was_stored_and_leaves_its_caller_waiting() {
    let rig = Rig::verbatim("{}\n").await;
    rig.sandbox.set_faults("acl.post:lost-answer=1/hold".parse().unwrap());
    let limit = std::time::Duration::from_millis(300);
    let error = rig.post(ACL).body("{} // new\n").timeout(limit).send().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(rig.sandbox.policy(), b"{} // new\n");
    assert_eq!(rig.sandbox.fault_hits()["acl.post:lost-answer/hold"], 1);
    assert_eq!(answer(rig.get(ACL)).await.0, 200);
}

#[tokio::test]
async fn a_scheduled_status_may_come_after_the_effect() {
    let rig = Rig::verbatim("{}\n").await;
    rig.sandbox.set_faults("acl.post:503=1/after".parse().unwrap());
    assert_eq!(refusal(rig.post(ACL).body("{} // new\n")).await.0, 503);
    assert_eq!(rig.sandbox.policy(), b"{} // new\n");
}

fn is_reset(error: &reqwest::Error) -> bool {
    std::iter::successors(error.source(), |&error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

#[tokio::test]
async fn resets_come_before_or_after_the_effect() {
    for (fault, text) in [(Fault::ResetBefore, "{}\n"), (Fault::ResetAfter, "{} // new\n")] {
        let rig = Rig::verbatim("{}\n").await;
        rig.sandbox.fail_next(Scope::WritePolicy, fault);
        let error = rig.post(ACL).body("{} // new\n").send().await.unwrap_err();
        assert!(is_reset(&error), "{error:?}");
        assert_eq!(rig.sandbox.policy(), text.as_bytes());
    }
}

#[tokio::test]
async fn a_truncated_answer_has_its_status_and_half_its_body() {
    let rig = Rig::small().await;
    rig.sandbox.fail_next(Scope::ReadPolicy, Fault::Truncate);
    let mut response = rig.get(ACL).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_length(), Some(rig.sandbox.policy().len() as u64));
    let mut read = 0;
    let error = loop {
        match response.chunk().await {
            Ok(chunk) => read += chunk.unwrap().len(),
            Err(error) => break error,
        }
    };
    assert_eq!(read, rig.sandbox.policy().len() / 2, "{error:?}");
    assert_eq!(rig.sandbox.stats().ended("GET /tailnet/{tailnet}/acl", "200"), 1);
}

#[tokio::test]
async fn a_late_effect_is_tried_after_the_connection_has_closed() {
    let rig = Rig::verbatim("{}\n").await;
    let tag = rig.tag().await;
    rig.sandbox.set_faults("acl.post:late-effect=1/20ms".parse().unwrap());
    rig.post(ACL).header("if-match", &tag).body("{} // late\n").send().await.unwrap_err();
    while rig.sandbox.stats().policy_writes == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(rig.sandbox.policy(), b"{} // late\n");
}

#[tokio::test]
async fn somebody_else_edits_after_a_read_or_before_a_write() {
    let rig = Rig::small().await;
    rig.sandbox.fail_next(Scope::ReadPolicy, Fault::ForeignEdit(ForeignEdit::Remark));
    let read = rig.get(ACL).send().await.unwrap();
    let seen = tag(&read);
    assert_ne!(seen, rig.tag().await);
    assert_eq!(refusal(rig.post(ACL).header("if-match", seen).body("{}")).await.0, 412);
    let current = rig.tag().await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::ForeignEdit(ForeignEdit::Remark));
    assert_eq!(refusal(rig.post(ACL).header("if-match", current).body("{}")).await.0, 412);
    let text = String::from_utf8(rig.sandbox.policy()).unwrap();
    assert_eq!(text.matches("Edited by somebody else").count(), 1, "{text}");
}

#[tokio::test]
async fn what_was_sent_is_carried_out_though_its_sender_has_gone() {
    let settings = Settings { faults: "latency=30ms".parse().unwrap(), ..Settings::default() };
    let rig = Rig::start(settings).await;
    let sent = tokio::spawn(rig.post(ACL).body("{}").send());
    while rig.sandbox.calls_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    sent.abort();
    while rig.sandbox.stats().policy_writes == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(rig.sandbox.policy(), b"{}\n");
}
