//! Policy files that belong to another pipeline.

use tailgrant::connector::LeaseEnd;

use super::*;

const PIPELINE: &str = "https://git.example.com/network/policy";

async fn managed(settings: Settings) -> Rig {
    managed_with(sandbox::Settings::default(), settings).await
}

async fn managed_with(sandbox: sandbox::Settings, settings: Settings) -> Rig {
    let rig = Rig::with(sandbox, settings).await;
    rig.sandbox.change(|world| {
        world.settings.acls_externally_managed_on = true;
        PIPELINE.clone_into(&mut world.settings.acls_external_link);
    });
    rig
}

#[tokio::test]
async fn a_policy_that_belongs_to_another_pipeline_is_not_written() {
    let rig = managed(settings()).await;
    let (ines, ada) = (rig.user("ines"), rig.user("ada"));
    check_refused(rig.grant("group:group:ops:member", &ines).await, "cancelled", PIPELINE);
    check_refused(rig.grant("group:group:ops:member", &ines).await, "cancelled", "--allow-external");
    check_refused(rig.revoke("group:group:eng:member", &ada).await, "refused", PIPELINE);
    check_refused(rig.revoke("group:group:eng:member", &ada).await, "refused", "--allow-external");
    let end = Some(LeaseEnd::After(Duration::from_secs(60)));
    let leased = GrantRequest { end, ..grant("group:group:ops:member", &ines) };
    check_refused(rig.connector.grant(leased).await, "cancelled", PIPELINE);
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
    assert!(rig.connector.validate().await.unwrap().notes.iter().any(|note| note.contains(PIPELINE)));
    // Roles are none of that pipeline's business.
    assert!(matches!(rig.grant("role:auditor:member", &ines).await, Ok(GrantOutcome::Replaced(_))));
}

#[tokio::test]
async fn an_end_is_not_carried_out_there_and_somebody_is_told() {
    let ended = POLICY.replace(
        "\"ada@example.com\",   ",
        "\"ada@example.com\" /* tailgrant: until=2024-01-31T12:00:00Z */,   ",
    );
    let sandbox = sandbox::Settings { policy: Some(ended.clone().into()), ..sandbox::Settings::default() };
    let rig = managed_with(sandbox, settings()).await;
    rig.connector.keep_leases();
    let patience = Instant::now() + Duration::from_secs(30);
    while rig.connector.critical().is_empty() {
        assert!(Instant::now() < patience, "nobody is told");
        tokio::task::yield_now().await;
    }
    let critical = rig.connector.critical().join(" ");
    assert!(critical.contains(PIPELINE) && critical.contains("group:eng"), "{critical}");
    assert_eq!((rig.sandbox.stats().policy_writes, rig.policy()), (0, ended));
}

#[tokio::test]
async fn it_is_written_where_the_operator_wants_it() {
    let rig = managed(Settings { allow_external: true, ..settings() }).await;
    assert_eq!(rig.grant("group:group:ops:member", &rig.user("ines")).await.unwrap(), GrantOutcome::Added);
    assert_eq!(rig.sandbox.stats().of("GET /tailnet/{tailnet}/settings"), 0);
}

#[tokio::test]
async fn what_the_settings_said_is_not_asked_again_at_once() {
    let rig = Rig::start().await.warm().await;
    let ines = rig.user("ines");
    assert_eq!(rig.grant("group:group:ops:member", &ines).await.unwrap(), GrantOutcome::Added);
    assert_eq!(rig.revoke("group:group:ops:member", &ines).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.sandbox.stats().of("GET /tailnet/{tailnet}/settings"), 0);
}
