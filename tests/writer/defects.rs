//! Tasks that break off. What breaks them here no configuration allows: times that reach past the end of the clock.

use tailgrant::connector::Alarm;
use tailgrant::sandbox::{Fault, Scope};

use super::*;

/// No moment that is so far away can be told.
const ENDLESS: Duration = Duration::from_secs(u64::MAX - 1_000);

/// The part that breaks off; whatever does not in time never will.
async fn broken(alarm: &Alarm) -> &'static str {
    tokio::time::timeout(Duration::from_secs(60), alarm.raised()).await.unwrap()
}

#[tokio::test]
async fn a_writer_that_breaks_off_raises_the_alarm_and_leaves_nobody_waiting() {
    let settings = Settings { settle: ENDLESS, ..settings() };
    let alarm = settings.alarm.clone();
    let rig = Rig::with(sandbox::Settings::default(), settings).await.warm().await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    let (ines, mei) = (rig.user("ines"), rig.user("mei"));
    check_refused(rig.grant("group:group:ops:member", &ines).await, "outcome_unknown", "did not say");
    assert_eq!(broken(&alarm).await, "the policy writer");
    check_refused(rig.grant("group:group:ops:member", &mei).await, "draining", "nothing was written");
    assert_eq!(rig.connector.drain(Duration::from_secs(60)).await, 0);
}

#[tokio::test]
async fn a_keeper_that_breaks_off_raises_the_alarm() {
    let settings = Settings { lease_poll: ENDLESS, ..settings() };
    let alarm = settings.alarm.clone();
    let rig = Rig::with(sandbox::Settings::default(), settings).await;
    rig.connector.keep_leases();
    assert_eq!(broken(&alarm).await, "the keeper of leases");
    assert_eq!(rig.connector.drain(Duration::from_secs(60)).await, 0);
}
