//! While grants cannot be recorded: revokes are not held up by them, however many there are.

use tailgrant::journal::Journal;

use super::*;

#[tokio::test]
async fn a_revoke_amid_grants_that_cannot_be_recorded_takes_a_few_reads() {
    let journal = Journal::begin("/full", Box::new(Full)).unwrap();
    let settings = Settings { journal: Some(journal), ..settings() };
    let latency = Duration::from_millis(20);
    let sandbox = sandbox::Settings { latency: latency..latency, ..sandbox::Settings::default() };
    let rig = Rig::with(sandbox, settings).await.warm().await;
    let (ada, ines) = (rig.user("ada"), rig.user("ines"));
    let entitlements = [ENG, OPS, "aclrule:acl:team:member", "aclrule:acl:web:member"];
    // The journal may need a write to find out.
    drop(rig.grant(OPS, &rig.user("noor")).await);
    let critical = rig.connector.validate().await.unwrap().critical;
    assert!(matches!(&critical[..], [one] if one.contains("/full") && one.contains("no access is given")));
    let before = rig.policy();
    let flood = async {
        futures_util::future::join_all(entitlements.map(|entitlement| {
            let (rig, ines) = (&rig, &ines);
            async move {
                loop {
                    check_refused(rig.grant(entitlement, ines).await, "journal_unavailable", "/full");
                }
            }
        }))
        .await;
    };
    rig.sandbox.reset_stats();
    tokio::select! {
        biased;
        () = flood => unreachable!("the flood does not end"),
        outcome = rig.revoke(ENG, &ada) => assert_eq!(outcome.unwrap(), RevokeOutcome::Removed),
    }
    let stats = rig.sandbox.stats();
    let reads: u64 = stats.requests.get(READ).map_or(0, |answers| answers.values().sum());
    assert!(reads <= 4, "{stats:?}");
    assert_eq!(changed_lines(&before, &rig.policy()).len(), 2);
}
