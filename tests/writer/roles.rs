//! Roles.

use http::StatusCode;
use tailgrant::sandbox::{Fault, Invite, Scope};

use super::*;

/// Lost requests live for half a second.
async fn rig() -> Rig {
    let settings = Settings {
        request_timeout: Duration::from_millis(300),
        settle: Duration::from_millis(200),
        ..settings()
    };
    Rig::with(sandbox::Settings::default(), settings).await.warm().await
}

fn role_of(rig: &Rig, name: &str) -> String {
    rig.sandbox.change(|world| world.user(&format!("{name}@example.com")).unwrap().role.clone())
}

#[tokio::test]
async fn a_role_replaces_another_by_one_post() {
    let rig = rig().await;
    let mei = rig.user("mei");
    let outcome = rig.grant("role:auditor:member", &mei).await.unwrap();
    let GrantOutcome::Replaced(replaced) = outcome else { panic!("{outcome:?}") };
    assert_eq!(replaced.to_string(), format!("role:member:member:{mei}"));
    assert_eq!(role_of(&rig, "mei"), "auditor");
    let stats = rig.sandbox.stats();
    assert_eq!((stats.of(SET_ROLE), stats.of(READ_USER)), (1, 2), "{stats:?}");

    assert_eq!(rig.grant("role:auditor:member", &mei).await.unwrap(), GrantOutcome::AlreadyExists);
    assert_eq!(rig.sandbox.stats().of(SET_ROLE), 1);

    let page = rig.connector.grants(&resource("role:auditor"), &PageRequest::default(), None).await.unwrap();
    let principals: Vec<String> = page.items.iter().map(|grant| grant.principal.to_string()).collect();
    assert!(principals.contains(&mei), "an unpinned listing sees it at once: {principals:?}");
}

#[tokio::test]
async fn a_revoked_role_is_taken_only_from_who_still_has_it() {
    let rig = rig().await;
    let kofi = rig.user("kofi");
    assert_eq!(rig.revoke("role:admin:member", &kofi).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    assert_eq!(role_of(&rig, "kofi"), "auditor");
    assert_eq!(rig.revoke("role:auditor:member", &kofi).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(role_of(&rig, "kofi"), "member");
    assert_eq!(rig.revoke("role:auditor:member", &kofi).await.unwrap(), RevokeOutcome::AlreadyRevoked);
}

#[tokio::test]
async fn owners_members_and_our_own_user_stay_what_they_are() {
    let rig = rig().await;
    let (ada, grace, mei) = (rig.user("ada"), rig.user("grace"), rig.user("mei"));
    rig.sandbox.change(|world| {
        assert_eq!(format!("user:{}", world.key.user_id), grace);
    });
    check_refused(rig.grant("role:owner:member", &mei).await, "cancelled", "never granted");
    check_refused(rig.grant("role:admin:member", &ada).await, "cancelled", "transfer the ownership");
    check_refused(rig.revoke("role:owner:member", &ada).await, "refused", "never revoked");
    check_refused(rig.revoke("role:member:member", &mei).await, "refused", "delete or suspend");
    check_refused(rig.revoke("role:admin:member", &grace).await, "refused", "owns the API key");
    check_refused(rig.grant("role:auditor:member", &grace).await, "cancelled", "owns the API key");
    assert_eq!(rig.sandbox.stats().of(SET_ROLE), 0);
}

#[tokio::test]
async fn only_members_of_the_tailnet_hold_roles() {
    let rig = rig().await;
    rig.sandbox.change(|world| world.invites = vec![Invite::mailed("i7", "lee@example.com", "member")]);
    let robin = rig.sandbox.change(|world| world.user("robin@example.net").unwrap().id.clone());
    let auditor = "role:auditor:member";
    check_refused(rig.grant(auditor, &format!("user:{robin}")).await, "cancelled", "another tailnet");
    check_refused(rig.grant(auditor, "user:i1CNTRL").await, "cancelled", "has not joined");
    check_refused(rig.grant(auditor, "user:policy:old@example.com").await, "cancelled", "has not joined");
    check_refused(rig.grant(auditor, "user:nobody").await, "not found", "user nobody");
    check_refused(rig.revoke(auditor, "user:nobody").await, "refused", "sync again");
    check_refused(rig.grant(auditor, "group:group:eng").await, "invalid", "type group");
    check_refused(rig.revoke(auditor, "group:group:eng").await, "invalid", "type group");
    check_refused(rig.grant("role:king:member", &rig.user("mei")).await, "not found", "role king");
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_reading_the_user() {
    let rig = rig().await;
    rig.sandbox.fail_next(Scope::Role, Fault::LostAnswer);
    let mei = rig.user("mei");
    let outcome = rig.grant("role:auditor:member", &mei).await.unwrap();
    assert!(matches!(outcome, GrantOutcome::Replaced(_)), "{outcome:?}");
    assert_eq!(rig.sandbox.stats().of(SET_ROLE), 1);
}

#[tokio::test]
async fn a_post_that_failed_is_repeated_after_its_lifetime() {
    let rig = rig().await;
    rig.sandbox.fail_next(Scope::Role, Fault::Status(StatusCode::BAD_GATEWAY));
    let (mei, begun) = (rig.user("mei"), Instant::now());
    let outcome = rig.grant("role:auditor:member", &mei).await.unwrap();
    assert!(matches!(outcome, GrantOutcome::Replaced(_)), "{outcome:?}");
    assert!(begun.elapsed() >= Duration::from_millis(500));
    assert_eq!(rig.sandbox.stats().of(SET_ROLE), 2);
}

#[tokio::test]
async fn a_lost_post_is_unknown_at_the_deadline_and_waited_for_by_the_next_call() {
    let rig = rig().await;
    rig.sandbox.fail_next(Scope::Role, Fault::LateEffect(Duration::from_millis(250)));
    let mei = rig.user("mei");
    let request = GrantRequest { deadline: Some(soon(350)), ..grant("role:auditor:member", &mei) };
    check_refused(rig.connector.grant(request).await, "outcome_unknown", "try again");
    // It takes effect while the next call waits, which then has nothing to take away.
    assert_eq!(rig.revoke("role:auditor:member", &mei).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(role_of(&rig, "mei"), "member");
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_or_told() {
    let rig = rig().await;
    rig.sandbox.fail_next(Scope::Role, Fault::RateLimited { seconds: 1 });
    let mei = rig.user("mei");
    assert!(rig.grant("role:auditor:member", &mei).await.is_ok());

    rig.sandbox.fail_next(Scope::Role, Fault::RateLimited { seconds: 600 });
    check_refused(rig.revoke("role:auditor:member", &mei).await, "rate limited", "600 s");
}

#[tokio::test]
async fn failing_reads_of_a_user_are_repeated_until_the_deadline() {
    let rig = rig().await;
    let mei = rig.user("mei");
    // More than the client repeats by itself.
    for _ in 0..6 {
        rig.sandbox.fail_next(Scope::Users, Fault::Status(StatusCode::BAD_GATEWAY));
    }
    assert!(rig.grant("role:auditor:member", &mei).await.is_ok());

    rig.sandbox.set_faults("users:503=1".parse().unwrap());
    let (begun, deadline) = (Instant::now(), Some(soon(800)));
    let request = RevokeRequest { deadline, ..revoke("role:auditor:member", &mei, &[]) };
    check_refused(rig.connector.revoke(request).await, "upstream_unavailable", "failing");
    assert!(begun.elapsed() < Duration::from_millis(800), "{:?}", begun.elapsed());
    assert_eq!(role_of(&rig, "mei"), "auditor");
}

#[tokio::test]
async fn a_role_that_only_a_load_can_tell_keeps_to_the_deadline() {
    let rig = Rig::start().await;
    rig.sandbox.set_faults("latency=1h".parse().unwrap());
    let (mei, begun) = (rig.user("mei"), Instant::now());
    let request = GrantRequest { deadline: Some(soon(700)), ..grant("role:king:member", &mei) };
    check_refused(rig.connector.grant(request).await, "upstream_unavailable", "before the deadline");
    assert!(begun.elapsed() < Duration::from_millis(700), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn changes_of_one_user_come_one_after_the_other() {
    let rig = rig().await;
    let mei = rig.user("mei");
    let (first, second) =
        tokio::join!(rig.grant("role:auditor:member", &mei), rig.grant("role:it-admin:member", &mei));
    assert!(matches!(first.unwrap(), GrantOutcome::Replaced(_)));
    let GrantOutcome::Replaced(replaced) = second.unwrap() else { panic!("nothing was replaced") };
    assert_eq!(replaced.entitlement.to_string(), "role:auditor:member");
    assert_eq!(role_of(&rig, "mei"), "it-admin");
}
