//! Ends that are gone from the policy file, and what was granted anew.

use super::*;

#[tokio::test]
async fn an_end_that_vanished_is_told_again_after_a_restart_until_the_access_is_revoked() {
    let folder = TempDir::new().unwrap();
    let rig = rig(LINES, recorded(&folder, "journal")).await;
    rig.connector.keep_leases();
    let (ines, end) = (rig.user("ines"), in_seconds(3600));
    assert_eq!(rig.lease(ENG, &ines, LeaseEnd::At(end)).await, GrantOutcome::Added);
    rig.strip(end);
    let policy = rig.policy();
    let told = |connector: &Connector| {
        let words = format!("\"ines@example.com\" to group:eng was granted until {end} by REQ-7");
        connector.critical().iter().any(|critical| critical.contains(&words))
    };
    until(async || told(&rig.connector)).await;
    assert_eq!(rig.connector.validate().await.unwrap().critical.len(), 1);
    std::fs::copy(folder.path().join("journal"), folder.path().join("copy")).unwrap();
    let restarted = rig.another(recorded(&folder, "copy"));
    restarted.keep_leases();
    until(async || told(&restarted)).await;
    assert_eq!(rig.policy(), policy, "nothing is put back");
    assert_eq!(rig.revoke(ENG, &ines).await.unwrap(), RevokeOutcome::Removed);
    until(async || !told(&rig.connector) && !told(&restarted)).await;
}

#[tokio::test]
async fn an_end_that_vanished_is_put_back_where_that_is_wanted() {
    let folder = TempDir::new().unwrap();
    let rig = rig(LINES, Settings { restore_leases: true, ..recorded(&folder, "journal") }).await;
    rig.connector.keep_leases();
    let (ines, end) = (rig.user("ines"), in_seconds(3600));
    assert_eq!(rig.lease(ENG, &ines, LeaseEnd::At(end)).await, GrantOutcome::Added);
    let leased = rig.policy();
    rig.strip(end);
    until(async || rig.policy() == leased).await;
    until(async || rig.connector.critical().is_empty()).await;
    assert_eq!(rig.grant(ENG, &ines).await.unwrap(), GrantOutcome::Added, "its end has gone");
    let reads = rig.reads();
    until(async || rig.reads() >= reads + 4).await;
    assert!(!rig.policy().contains("until="), "what was granted for good is no end that vanished");
}

/// Nobody edits the policy by hand here: what stands without an end was granted so, whatever the journal missed.
#[tokio::test]
async fn what_was_granted_for_good_is_not_taken_back_by_an_old_end() {
    let folder = TempDir::new().unwrap();
    let rig = rig(LINES, Settings { restore_leases: true, ..recorded(&folder, "journal") }).await;
    let (ines, end) = (rig.user("ines"), in_seconds(3600));
    assert_eq!(rig.lease(ENG, &ines, LeaseEnd::At(end)).await, GrantOutcome::Added);
    // As a request leaves it that was stored, whose caller was told that its outcome is unknown.
    rig.strip(end);
    assert_eq!(rig.grant(ENG, &ines).await.unwrap(), GrantOutcome::AlreadyExists);
    let policy = rig.policy();
    rig.connector.keep_leases();
    let reads = rig.reads();
    until(async || rig.reads() >= reads + 6).await;
    assert_eq!(rig.policy(), policy);
    assert!(rig.connector.critical().is_empty());
    let journal = std::fs::read_to_string(folder.path().join("journal")).unwrap();
    assert!(journal.lines().last().unwrap().contains("\"outcome\":\"held\""), "{journal}");
}

#[tokio::test]
async fn the_end_that_is_put_back_is_the_newest_of_all_replicas() {
    let folder = TempDir::new().unwrap();
    let rig = rig(LINES, Settings { restore_leases: true, ..recorded(&folder, "journal") }).await;
    rig.connector.keep_leases();
    let (ines, end) = (rig.user("ines"), in_seconds(3600));
    assert_eq!(rig.lease(ENG, &ines, LeaseEnd::At(end)).await, GrantOutcome::Added);
    let later = in_seconds(7200);
    rig.another(drowsy()).grant(leased(ENG, &ines, LeaseEnd::At(later), "REQ-7")).await.unwrap();
    let renewed = rig.policy();
    let journal = || std::fs::read_to_string(folder.path().join("journal")).unwrap();
    until(async || journal().contains("\"outcome\":\"seen\"")).await;
    rig.strip(later);
    until(async || rig.policy().contains("until=")).await;
    assert_eq!(rig.policy(), renewed);
}
