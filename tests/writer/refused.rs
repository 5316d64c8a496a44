//! Changes that cannot be made.

use tailgrant::sandbox::{Fault, Scope};

use super::*;

#[tokio::test]
async fn what_the_policy_does_not_have_cannot_be_granted_and_need_not_be_revoked() {
    let rig = Rig::start().await;
    let ines = rig.user("ines");
    for (entitlement, words) in [
        ("group:group:gone:member", "group \"group:gone\""),
        ("tag:tag:gone:owner", "tag \"tag:gone\""),
        ("aclrule:acl:gone:member", "rule \"acl:gone\""),
    ] {
        check_refused(rig.grant(entitlement, &ines).await, "not found", words);
        assert_eq!(rig.revoke(entitlement, &ines).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    }
    let unknown = rig.revoke("aclrule:acl:gone:member", &rig.user("ada")).await;
    check_refused(unknown, "refused", "acl:closed");
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
}

#[tokio::test]
async fn what_the_policy_forbids_is_refused_for_good() {
    let rig = Rig::start().await;
    let ines = rig.user("ines");
    for (entitlement, words) in [
        ("group:group:sre@example.com:member", "directory"),
        ("aclrule:acl:closed:member", "grant=never"),
        ("autogroup:autogroup:member:member", "computes"),
        ("tag:tag:db:assigned", "tag it by hand"),
        ("device:n1:assigned", "registered"),
    ] {
        check_refused(rig.grant(entitlement, &ines).await, "cancelled", words);
    }
    check_refused(rig.grant("user:u1:member", &ines).await, "not found", "entitlement user:u1:member");
    let ada = rig.user("ada");
    assert_eq!(rig.revoke("aclrule:acl:closed:member", &ada).await.unwrap(), RevokeOutcome::Removed);
    check_refused(rig.revoke("autogroup:autogroup:member:member", &ada).await, "refused", "computes");
    check_refused(rig.revoke("user:u1:member", &ada).await, "refused", "no entitlement user:u1:member");
}

#[tokio::test]
async fn an_id_with_space_around_it_is_malformed() {
    let rig = Rig::start().await;
    for principal in ["group: group:eng\t", "group:group:eng ", "tag: tag:db", "autogroup:autogroup:member "]
    {
        let granted = rig.connector.grant(grant("tag:tag:db:owner", principal)).await;
        check_refused(granted, "invalid", "is not the id of a");
    }
    let revoked = rig.revoke("aclrule:acl:closed:member", "network:ip: 10.0.0.7").await;
    check_refused(revoked, "invalid", "is not the id of a");
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
}

#[tokio::test]
async fn an_offender_fails_alone_with_the_services_words() {
    let rig = Rig::start().await.warm().await;
    rig.sandbox.change(|world| {
        world.refuse_policies_with("\"ines@example.com\"", "test(s) failed");
    });
    let people = ["tomas", "ines", "noor", "lin"].map(|name| rig.user(name));
    let ada = rig.user("ada");
    let grants = people.iter().map(|person| rig.grant("group:group:ops:member", person));
    let (granted, revoked) =
        tokio::join!(futures_util::future::join_all(grants), rig.revoke("group:group:eng:member", &ada));
    assert_eq!(revoked.unwrap(), RevokeOutcome::Removed);
    for (index, outcome) in granted.into_iter().enumerate() {
        if index == 1 {
            check_refused(outcome, "cancelled", "test(s) failed");
        } else {
            assert_eq!(outcome.unwrap(), GrantOutcome::Added);
        }
    }
    assert!(rig.sandbox.stats().of(VALIDATE) <= 4, "{:?}", rig.sandbox.stats());
}

#[tokio::test]
async fn a_policy_that_was_broken_before_is_told_apart() {
    let rig = Rig::start().await.warm().await;
    rig.sandbox.change(|world| world.refuse_policies_with("Ours", "src=tag not found: \"tag:x\""));
    let outcome = rig.grant("group:group:eng:member", &rig.user("ines")).await;
    check_refused(outcome, "refused", "repaired in the Tailscale admin console: src=tag not found");
}

#[tokio::test]
async fn an_unreadable_policy_is_never_written() {
    let rig = Rig::start().await.warm().await;
    let ines = rig.user("ines");
    for (text, kind, words) in [
        ("{", "refused", "line 1, column 2"),
        ("[]", "refused", "not an object"),
        (" ", "upstream_unavailable", "try again"),
    ] {
        rig.sandbox.edit_policy(text.into());
        let request = GrantRequest { deadline: Some(soon(1_000)), ..grant("group:group:eng:member", &ines) };
        check_refused(rig.connector.grant(request).await, kind, words);
    }
    assert_eq!(rig.sandbox.stats().of(WRITE), 0);
}

#[tokio::test]
async fn a_refused_credential_names_what_it_needs() {
    let rig = Rig::start().await.warm().await;
    let noor = rig.user("noor");
    rig.sandbox.change(|world| {
        let id = world.user("lin@example.com").unwrap().id.clone();
        world.key.user_id = id;
    });
    check_refused(rig.grant("group:group:eng:member", &noor).await, "credential", "policy_file");
    assert_eq!(rig.sandbox.stats().of(WRITE), 1);
}

#[tokio::test]
async fn a_full_queue_refuses_grants_only() {
    let settings = Settings { queue_limit: 1, ..settings() };
    let rig = Rig::with(sandbox::Settings::default(), settings).await.warm().await;
    let (ines, tomas, ada) = (rig.user("ines"), rig.user("tomas"), rig.user("ada"));
    rig.sandbox.fail_next(Scope::ReadPolicy, Fault::RateLimited { seconds: 1 });
    let eng = "group:group:eng:member";
    let (first, second, revoked) =
        tokio::join!(rig.grant(eng, &ines), rig.grant(eng, &tomas), rig.revoke(eng, &ada));
    assert_eq!(first.unwrap(), GrantOutcome::Added);
    check_refused(second, "queue_full", "try again later");
    assert_eq!(revoked.unwrap(), RevokeOutcome::Removed);
}
