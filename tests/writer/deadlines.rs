//! What a call does until its deadline while Tailscale fails: a principal is not known without a load.

use http::StatusCode;
use tailgrant::sandbox::{Fault, Scope};

use super::*;

const USERS: &str = "GET /tailnet/{tailnet}/users";

async fn grant_until(rig: &Rig, principal: &str, milliseconds: u64) -> Result<GrantOutcome, Error> {
    let request = GrantRequest { deadline: Some(soon(milliseconds)), ..grant(ENG, principal) };
    rig.connector.grant(request).await.map(|granted| granted.outcome)
}

#[tokio::test]
async fn a_rate_limit_that_ends_in_time_is_waited_out() {
    let rig = Rig::start().await;
    let (kofi, begun) = (rig.user("kofi"), Instant::now());
    rig.sandbox.fail_next(Scope::Users, Fault::RateLimited { seconds: 1 });
    assert_eq!(grant_until(&rig, &kofi, 30_000).await.unwrap(), GrantOutcome::Added);
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(rig.sandbox.stats().of(USERS), 2);
}

#[tokio::test]
async fn a_rate_limit_beyond_the_deadline_is_told_at_once() {
    let rig = Rig::start().await;
    let (kofi, begun) = (rig.user("kofi"), Instant::now());
    rig.sandbox.fail_next(Scope::Users, Fault::RateLimited { seconds: 90 });
    check_refused(grant_until(&rig, &kofi, 60_000).await, "rate limited", "90 s");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_eq!(rig.sandbox.stats().of(USERS), 1);
}

#[tokio::test]
async fn failing_loads_are_repeated() {
    let rig = Rig::start().await;
    let kofi = rig.user("kofi");
    // More than the client repeats by itself.
    for _ in 0..6 {
        rig.sandbox.fail_next(Scope::Users, Fault::Status(StatusCode::BAD_GATEWAY));
    }
    assert_eq!(grant_until(&rig, &kofi, 30_000).await.unwrap(), GrantOutcome::Added);
    assert_eq!(rig.revoke(ENG, &kofi).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn the_last_failure_is_told_before_the_deadline() {
    let rig = Rig::start().await;
    rig.sandbox.set_faults("users:503=1".parse().unwrap());
    let (kofi, begun) = (rig.user("kofi"), Instant::now());
    check_refused(grant_until(&rig, &kofi, 1_000).await, "upstream_unavailable", "failing");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(rig.sandbox.stats().of(USERS) > 2, "{:?}", rig.sandbox.stats());
    let request = RevokeRequest { deadline: Some(soon(1_000)), ..revoke(ENG, &kofi, &[]) };
    check_refused(rig.connector.revoke(request).await, "upstream_unavailable", "failing");
    assert_eq!(rig.sandbox.stats().of(WRITE), 0);
}

#[tokio::test]
async fn a_load_that_takes_too_long_is_not_waited_for() {
    let rig = Rig::start().await;
    rig.sandbox.set_faults("latency=1h".parse().unwrap());
    let (kofi, begun) = (rig.user("kofi"), Instant::now());
    check_refused(grant_until(&rig, &kofi, 700).await, "upstream_unavailable", "before the deadline");
    assert!(begun.elapsed() < Duration::from_millis(700), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stop_ends_the_waiting() {
    let rig = Rig::start().await;
    rig.sandbox.fail_next(Scope::Users, Fault::RateLimited { seconds: 60 });
    let kofi = rig.user("kofi");
    let connector = Arc::clone(&rig.connector);
    let waiting = tokio::spawn(async move { connector.grant(grant(ENG, &kofi)).await });
    while rig.sandbox.stats().of(USERS) == 0 {
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    assert_eq!(rig.connector.drain(Duration::from_secs(30)).await, 0);
    check_refused(waiting.await.unwrap(), "draining", "nothing was written");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}
