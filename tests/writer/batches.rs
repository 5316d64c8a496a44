//! What one change costs, and what many at once cost.

use tailgrant::sandbox::{Fault, ForeignEdit, Generate, Scope};

use super::*;

#[tokio::test]
async fn a_first_change_is_written_on_what_was_loaded_for_it() {
    let rig = Rig::start().await;
    let ines = rig.user("ines");
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);
    let stats = rig.sandbox.stats();
    assert_eq!((stats.of(READ), stats.of(WRITE)), (1, 1), "{stats:?}");
    assert_eq!(rig.revoke("group:group:eng:member", &ines).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.sandbox.stats().of(READ), 2, "the load was another one's");
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn a_lone_grant_is_one_read_and_one_write() {
    let rig = Rig::start().await.warm().await;
    let before = rig.policy();
    let ines = rig.user("ines");
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);
    assert_eq!(rig.sandbox.stats().total(), 2);
    assert_eq!(
        changed_lines(&before, &rig.policy()),
        [
            r#"-"group:eng": ["ada@example.com",   "Mei@Example.com"], // the builders"#,
            r#"+"group:eng": ["ada@example.com",   "Mei@Example.com",   "ines@example.com"], // the builders"#,
        ]
    );
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::AlreadyExists);
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
}

#[tokio::test]
async fn what_was_granted_is_listed_at_once() {
    let rig = Rig::start().await.warm().await;
    let group = resource("group:group:eng");
    let listed = rig.connector.grants(&group, &PageRequest::default(), None).await.unwrap().items.len();
    rig.grant("group:group:eng:member", &rig.user("ines")).await.unwrap();
    let page = rig.connector.grants(&group, &PageRequest::default(), None).await.unwrap();
    assert_eq!(page.items.len(), listed + 1);
}

#[tokio::test]
async fn a_granted_grant_is_the_one_that_is_listed() {
    let rig = Rig::start().await.warm().await;
    for (entitlement, principal) in [
        ("group:group:ops:member", rig.user("ines")),
        ("aclrule:acl:team:member", "group:group:ops".to_owned()),
        ("aclrule:acl:team:member", "tag:tag:db".to_owned()),
        ("tag:tag:db:owner", "autogroup:autogroup:member".to_owned()),
        ("tag:tag:db:owner", "autogroup:autogroup:admin".to_owned()),
        ("role:admin:member", rig.user("noor")),
        ("role:member:member", rig.user("noor")),
    ] {
        let granted = rig.connector.grant(grant(entitlement, &principal)).await.unwrap().grant;
        let listed = rig
            .connector
            .grants(&granted.entitlement.resource, &PageRequest::default(), None)
            .await
            .unwrap()
            .items
            .into_iter()
            .find(|listed| listed.id() == granted.id());
        assert_eq!(listed, Some(granted));
    }
}

#[tokio::test]
async fn a_revoke_gives_back_the_original_bytes() {
    let rig = Rig::start().await.warm().await;
    let ines = rig.user("ines");
    for entitlement in
        ["group:group:eng:member", "group:group:ops:member", "tag:tag:db:owner", "aclrule:acl:team:member"]
    {
        assert_eq!(rig.grant(entitlement, &ines).await.unwrap(), GrantOutcome::Added, "{entitlement}");
        assert_ne!(rig.policy(), POLICY);
        assert_eq!(rig.revoke(entitlement, &ines).await.unwrap(), RevokeOutcome::Removed, "{entitlement}");
        assert_eq!(rig.policy(), POLICY, "{entitlement}");
        assert_eq!(rig.revoke(entitlement, &ines).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_grants_at_once_are_few_writes() {
    let sandbox = sandbox::Settings {
        generate: Generate { users: 60, ..Generate::default() },
        latency: Duration::from_millis(20)..Duration::from_millis(20),
        ..sandbox::Settings::default()
    };
    let rig = Rig::with(sandbox, settings()).await.warm().await;
    let people: Vec<(String, String)> = rig.sandbox.change(|world| {
        let members = world.users.iter().filter(|user| user.login_name.ends_with("@example.com"));
        members.take(50).map(|user| (format!("user:{}", user.id), user.login_name.clone())).collect()
    });
    assert_eq!(people.len(), 50);
    let grants = people.iter().map(|(id, _)| rig.grant("group:group:ops:member", id));
    for outcome in futures_util::future::join_all(grants).await {
        assert_eq!(outcome.unwrap(), GrantOutcome::Added);
    }
    let stats = rig.sandbox.stats();
    assert!(stats.policy_writes <= 4, "{stats:?}");
    for (_, login) in people {
        assert!(rig.policy().contains(&login), "{login}");
    }
}

#[tokio::test]
async fn somebody_elses_edit_is_kept() {
    let rig = Rig::start().await.warm().await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::ForeignEdit(ForeignEdit::Remark));
    let ines = rig.user("ines");
    assert_eq!(rig.grant("group:group:eng:member", &ines).await.unwrap(), GrantOutcome::Added);
    let stats = rig.sandbox.stats();
    assert_eq!((stats.ended(WRITE, "412"), stats.ended(WRITE, "200")), (1, 1), "{stats:?}");
    let granted = rig.policy();
    assert_eq!(rig.revoke("group:group:eng:member", &ines).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(changed_lines(&rig.policy(), &granted).len(), 2);
    assert_ne!(rig.policy(), POLICY, "the edit is still there");
}

#[tokio::test]
async fn opposite_wishes_keep_their_order() {
    let rig = Rig::start().await.warm().await;
    let ines = rig.user("ines");
    let (granted, revoked) =
        tokio::join!(rig.grant("group:group:eng:member", &ines), rig.revoke("group:group:eng:member", &ines));
    assert_eq!((granted.unwrap(), revoked.unwrap()), (GrantOutcome::Added, RevokeOutcome::Removed));
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn draining_finishes_what_was_begun() {
    let sandbox = sandbox::Settings {
        latency: Duration::from_millis(100)..Duration::from_millis(100),
        ..sandbox::Settings::default()
    };
    let rig = Rig::with(sandbox, settings()).await.warm().await;
    let begun = {
        let (connector, ines) = (Arc::clone(&rig.connector), rig.user("ines"));
        tokio::spawn(async move { connector.grant(grant("group:group:eng:member", &ines)).await })
    };
    while rig.sandbox.calls_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(rig.connector.drain(Duration::from_secs(10)).await, 0);
    assert_eq!(begun.await.unwrap().unwrap().outcome, GrantOutcome::Added);
    check_refused(rig.grant("group:group:ops:member", &rig.user("ines")).await, "draining", "stopping");
    check_refused(rig.grant("role:auditor:member", &rig.user("ines")).await, "draining", "stopping");
}

#[tokio::test]
async fn who_cannot_be_finished_is_counted() {
    let sandbox = sandbox::Settings {
        latency: Duration::from_secs(4)..Duration::from_secs(4),
        ..sandbox::Settings::default()
    };
    let rig = Rig::with(sandbox, Settings { allow_external: true, ..settings() }).await;
    let group = |name: &str| {
        let connector = Arc::clone(&rig.connector);
        let request = grant("aclrule:acl:team:member", &format!("group:group:{name}"));
        tokio::spawn(async move { connector.grant(request).await })
    };
    let begun = [group("ops"), group("new")];
    while rig.sandbox.calls_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(rig.connector.drain(Duration::from_millis(50)).await, 2);
    for cut_off in begun {
        check_refused(cut_off.await.unwrap(), "draining", "nothing was written");
    }
}

#[tokio::test]
async fn without_provisioning_nothing_is_asked() {
    let rig = Rig::with(sandbox::Settings::default(), Settings::default()).await;
    check_refused(rig.grant("group:group:eng:member", "user:u1").await, "off", "--provisioning");
    check_refused(rig.revoke("group:group:eng:member", "user:u1").await, "off", "--provisioning");
    assert_eq!(rig.sandbox.stats().total(), 0);
}
