//! What is answered while nothing is to be changed.

use tailgrant::sandbox::{Fault, Scope};

use super::*;

const ENG: &str = "group:group:eng:member";

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
