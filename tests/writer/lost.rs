//! Calls that end in no answer, or in the wrong one.

use http::StatusCode;
use tailgrant::sandbox::{Fault, Scope};

use super::*;

/// Lost requests live for half a second.
fn hasty() -> Settings {
    Settings { request_timeout: Duration::from_millis(300), settle: Duration::from_millis(200), ..settings() }
}

async fn rig() -> Rig {
    Rig::with(sandbox::Settings::default(), hasty()).await.warm().await
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_next_read() {
    for fault in [Fault::LostAnswer, Fault::ResetAfter, Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT)] {
        let rig = rig().await;
        rig.sandbox.fail_next(Scope::WritePolicy, fault);
        let ines = rig.user("ines");
        assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);
        let stats = rig.sandbox.stats();
        assert_eq!((stats.policy_writes, stats.of(READ), stats.of(WRITE)), (1, 2, 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_canonical_layout_too() {
    let formatted = sandbox::Settings { store: Store::Formatted, ..sandbox::Settings::default() };
    let rig = Rig::with(formatted, hasty()).await.warm().await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    let ines = rig.user("ines");
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);
    assert_eq!(rig.sandbox.stats().of(WRITE), 1);
}

#[tokio::test]
async fn a_write_that_failed_is_repeated_and_told_after_its_lifetime() {
    let rig = rig().await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::Status(StatusCode::INTERNAL_SERVER_ERROR));
    let (ines, begun) = (rig.user("ines"), Instant::now());
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);
    assert!(begun.elapsed() >= Duration::from_millis(500), "a lost request may still be carried out");
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
}

#[tokio::test]
async fn a_write_that_takes_effect_late_does_no_harm() {
    let rig = rig().await;
    let ines = rig.user("ines");
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::LateEffect(Duration::from_millis(250)));
    let (granted, revoked) =
        tokio::join!(rig.grant("group:group:eng:member", &ines), rig.revoke("group:group:eng:member", &ines));
    assert_eq!((granted.unwrap(), revoked.unwrap()), (GrantOutcome::Added, RevokeOutcome::Removed));
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn a_deadline_with_a_lost_request_is_told_as_unknown() {
    let rig = rig().await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::ResetBefore);
    let request =
        GrantRequest { deadline: Some(soon(450)), ..grant("group:group:eng:member", &rig.user("ines")) };
    check_refused(rig.connector.grant(request).await, "outcome_unknown", "look at the policy file");
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_or_told() {
    let rig = rig().await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::RateLimited { seconds: 1 });
    let ines = rig.user("ines");
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);

    rig.sandbox.fail_next(Scope::WritePolicy, Fault::RateLimited { seconds: 600 });
    let begun = Instant::now();
    let request =
        RevokeRequest { deadline: Some(soon(30_000)), ..revoke("group:group:eng:member", &ines, &[]) };
    check_refused(rig.connector.revoke(request).await, "rate limited", "60 s");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_service_that_is_down_or_limits_is_told_at_the_deadline() {
    let rig = Rig::patient(sandbox::Settings::default(), settings(), Duration::from_mins(1)).await;
    let rig = rig.warm().await;
    let ines = rig.user("ines");
    let request = || GrantRequest { deadline: Some(soon(600)), ..grant("group:group:eng:member", &ines) };
    rig.sandbox.set_faults("acl.get:503=1".parse().unwrap());
    check_refused(rig.connector.grant(request()).await, "upstream_unavailable", "try again");
    rig.sandbox.set_faults("acl.get:429=1/7".parse().unwrap());
    check_refused(rig.connector.grant(request()).await, "rate limited", "7 s");
}

#[tokio::test]
async fn a_token_that_was_revoked_is_renewed_for_writes() {
    let rig = Rig::as_oauth_client(&["all"]).await;
    for scope in [Scope::WritePolicy, Scope::Role] {
        rig.sandbox.fail_next(scope, Fault::Status(StatusCode::UNAUTHORIZED));
    }
    let (ines, mei) = (rig.user("ines"), rig.user("mei"));
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);
    let outcome = rig.grant("role:auditor:member", &mei).await.unwrap();
    assert!(matches!(outcome, GrantOutcome::Replaced(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_caller_who_is_gone_changes_nothing() {
    let sandbox = sandbox::Settings {
        latency: Duration::from_millis(100)..Duration::from_millis(100),
        ..sandbox::Settings::default()
    };
    let rig = Rig::with(sandbox, settings()).await.warm().await;
    let (ines, tomas) = (rig.user("ines"), rig.user("tomas"));
    let gone = {
        let (connector, request) = (Arc::clone(&rig.connector), grant("group:group:eng:member", &ines));
        tokio::spawn(async move { connector.grant(request).await })
    };
    while rig.sandbox.calls_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(rig.grant("group:group:eng:member", &tomas).await.unwrap(), GrantOutcome::Added);
    assert!(!rig.policy().contains("ines@example.com"));
}
