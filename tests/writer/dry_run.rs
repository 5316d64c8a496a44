//! What is answered while nothing is to be changed.

use tailgrant::connector::LeaseEnd;
use tailgrant::sandbox::{Fault, Scope};

use super::*;

async fn rehearsal() -> Rig {
    let settings = Settings { dry_run: true, ..settings() };
    Rig::with(sandbox::Settings::default(), settings).await.warm().await
}

#[track_caller]
fn check_nothing_was_written(rig: &Rig) {
    let stats = rig.sandbox.stats();
    assert_eq!((stats.policy_writes, stats.of(WRITE), stats.of(SET_ROLE)), (0, 0, 0), "{stats:?}");
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn a_change_is_answered_with_what_would_happen() {
    let rig = rehearsal().await;
    let (ines, ada) = (rig.user("ines"), rig.user("ada"));
    assert_eq!(rig.grant(ENG, &ines).await.unwrap(), GrantOutcome::Added);
    let stats = rig.sandbox.stats();
    assert_eq!((stats.of(READ), stats.of(VALIDATE), stats.total()), (1, 1, 2), "{stats:?}");
    assert_eq!(rig.grant(ENG, &ines).await.unwrap(), GrantOutcome::Added, "it was not there");
    assert_eq!(rig.grant(ENG, &ada).await.unwrap(), GrantOutcome::AlreadyExists);
    assert_eq!(rig.revoke(ENG, &ada).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.revoke(ENG, &ines).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    check_nothing_was_written(&rig);
}

#[tokio::test]
async fn access_for_a_time_is_answered_with_its_end() {
    let rig = rehearsal().await;
    let (ines, ada) = (rig.user("ines"), rig.user("ada"));
    let lease = async |principal: &str| {
        let until = "2999-01-31T12:00:00.5Z".parse().unwrap();
        let (end, request_id) = (Some(LeaseEnd::At(until)), Some("REQ-7".to_owned()));
        let granted =
            rig.connector.grant(GrantRequest { end, request_id, ..grant(ENG, principal) }).await.unwrap();
        let facts: Vec<_> =
            granted.grant.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (granted.outcome, facts.join(" "))
    };
    let asked = "expires_at=2999-01-31T12:00:01Z requested_by=REQ-7".to_owned();
    assert_eq!(lease(&ines).await, (GrantOutcome::Added, asked.clone()));
    assert_eq!(lease(&ada).await, (GrantOutcome::AlreadyExists, String::new()), "a permanent member");
    let end = "/* tailgrant: until=2999-01-31T12:00:01Z by=REQ-7 */";
    rig.edit_policy("/* nobody yet */", &format!("\"ines@example.com\" {end}"));
    let standing = GrantRequest {
        end: Some(LeaseEnd::At("2999-01-31T12:00:01Z".parse().unwrap())),
        ..grant(OPS, &ines)
    };
    let granted = rig.connector.grant(standing).await.unwrap();
    assert!(
        granted.grant.metadata.contains(&("expires_at", "2999-01-31T12:00:01Z".to_owned())),
        "{granted:?}"
    );
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
}

#[tokio::test]
async fn what_was_only_rehearsed_is_listed_nowhere() {
    let rig = rehearsal().await;
    let group = resource("group:group:eng");
    let listed = rig.connector.grants(&group, &PageRequest::default(), None).await.unwrap().items.len();
    assert_eq!(rig.grant(ENG, &rig.user("ines")).await.unwrap(), GrantOutcome::Added);
    let page = rig.connector.grants(&group, &PageRequest::default(), None).await.unwrap();
    assert_eq!(page.items.len(), listed);
}

#[tokio::test]
async fn refusals_are_the_same() {
    let rig = rehearsal().await;
    let ines = rig.user("ines");
    check_refused(rig.grant("group:group:none:member", &ines).await, "not found", "group:none");
    check_refused(rig.grant("aclrule:acl:closed:member", &ines).await, "cancelled", "grant=never");
    check_refused(rig.revoke("aclrule:acl:web:member", &rig.user("noor")).await, "refused", "inherited");
    // What only the service can tell: the offender is found, the others would be written.
    rig.sandbox.change(|world| world.refuse_policies_with("\"ines@example.com\"", "test(s) failed"));
    let lin = rig.user("lin");
    let (refused, added) = tokio::join!(rig.grant(ENG, &ines), rig.grant(ENG, &lin));
    check_refused(refused, "cancelled", "test(s) failed");
    assert_eq!(added.unwrap(), GrantOutcome::Added);
    let stats = rig.sandbox.stats();
    assert_eq!((stats.policy_writes, stats.of(WRITE)), (0, 0), "{stats:?}");
    assert!(stats.of(VALIDATE) > 0, "{stats:?}");
}

#[tokio::test]
async fn a_judgement_that_fails_is_repeated() {
    let rig = rehearsal().await;
    rig.sandbox.fail_next(Scope::ValidatePolicy, Fault::ResetBefore);
    assert_eq!(rig.grant(ENG, &rig.user("ines")).await.unwrap(), GrantOutcome::Added);
    check_nothing_was_written(&rig);
}

#[tokio::test]
async fn roles_are_read_and_not_set() {
    let rig = rehearsal().await;
    let (mei, kofi) = (rig.user("mei"), rig.user("kofi"));
    let outcome = rig.grant("role:auditor:member", &mei).await.unwrap();
    let GrantOutcome::Replaced(replaced) = outcome else { panic!("{outcome:?}") };
    assert_eq!(replaced.to_string(), format!("role:member:member:{mei}"));
    assert_eq!(rig.revoke("role:auditor:member", &kofi).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.revoke("role:admin:member", &kofi).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    assert_eq!(rig.sandbox.stats().of(READ_USER), 3);
    check_nothing_was_written(&rig);
    let role = rig.sandbox.change(|world| world.user("mei@example.com").unwrap().role.clone());
    assert_eq!(role, "member");
}

#[tokio::test]
async fn it_is_said_to_those_who_ask() {
    let note = |notes: &[String]| notes.iter().any(|note| note.contains("dry run: nothing is changed"));
    let rig = rehearsal().await;
    assert!(note(&rig.connector.validate().await.unwrap().notes));
    assert!(note(&rig.connector.metadata().notes));
    let rig = Rig::start().await;
    assert!(!note(&rig.connector.metadata().notes));
}
