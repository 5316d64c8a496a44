//! Who is meant by a principal.

use tailgrant::sandbox::{Invite, User};

use super::*;

const AUDIT_LOG: &str = "GET /tailnet/{tailnet}/logging/configuration";

#[tokio::test]
async fn a_login_is_written_as_the_tailnet_spells_it_and_removed_in_all_spellings() {
    let rig = Rig::start().await;
    assert_eq!(rig.grant("group:group:ops:member", &rig.user("priya")).await.unwrap(), GrantOutcome::Added);
    assert!(rig.policy().contains("\"Priya@example.com\""), "{}", rig.policy());

    rig.edit_policy("\"Mei@Example.com\"", "\"Mei@Example.com\", \" mei@example.com\"");
    let mei = rig.user("mei");
    assert_eq!(rig.grant(ENG, &mei).await.unwrap(), GrantOutcome::AlreadyExists);
    assert_eq!(rig.revoke(ENG, &mei).await.unwrap(), RevokeOutcome::Removed);
    assert!(!rig.policy().to_lowercase().contains("mei@"), "{}", rig.policy());
}

#[tokio::test]
async fn somebody_who_just_joined_is_found() {
    let rig = Rig::start().await.warm().await;
    let id = rig.sandbox.change(|world| world.add_user("New@example.com", "member"));
    assert_eq!(rig.grant(ENG, &format!("user:{id}")).await.unwrap(), GrantOutcome::Added);
    check_refused(rig.grant(ENG, "user:u-nobody").await, "not found", "user u-nobody");
}

#[tokio::test]
async fn an_invited_person_goes_by_address_and_a_link_by_nothing() {
    let rig = Rig::start().await;
    rig.sandbox.change(|world| {
        world.invites = vec![Invite::mailed("i7", "lee@example.com", "member"), Invite::link("i8", "member")];
    });
    assert_eq!(rig.grant(ENG, "user:i7").await.unwrap(), GrantOutcome::Added);
    assert!(rig.policy().contains("\"lee@example.com\""));
    assert_eq!(rig.revoke(ENG, "user:i7").await.unwrap(), RevokeOutcome::Removed);
    check_refused(rig.grant(ENG, "user:i8").await, "cancelled", "anybody may accept");
    check_refused(rig.revoke(ENG, "user:i8").await, "refused", "anybody may accept");
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn an_address_only_the_policy_knows_can_be_granted_and_revoked() {
    let rig = Rig::start().await;
    rig.edit_policy("\"Mei@Example.com\"", "\"Mei@Example.com\", \"Old@example.net\"");
    let old = "user:policy:old@example.net";
    assert_eq!(rig.grant("group:group:ops:member", old).await.unwrap(), GrantOutcome::Added);
    assert_eq!(rig.revoke("group:group:ops:member", old).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.revoke(ENG, old).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.revoke(ENG, old).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    assert_eq!(rig.policy(), POLICY);
    check_refused(rig.grant(ENG, "user:policy:never@example.net").await, "not found", "never@example.net");
}

#[tokio::test]
async fn who_has_left_is_removed_by_the_names_in_the_request() {
    let rig = Rig::start().await;
    let mei = rig.user("mei");
    rig.sandbox.change(|world| assert!(world.remove_user("mei@example.com")));
    let named = revoke(ENG, &mei, &["mei@example.com", "not a login"]);
    assert_eq!(rig.connector.revoke(named.clone()).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.connector.revoke(named).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    assert_eq!(rig.sandbox.stats().of(AUDIT_LOG), 0, "the request said enough");
}

#[tokio::test]
async fn who_has_left_is_removed_by_the_name_in_the_audit_log() {
    let rig = Rig::start().await;
    let mei = rig.user("mei");
    rig.edit_policy("\"Mei@Example.com\"", "\"Mei@Example.com\", \" mei@example.com\"");
    rig.sandbox.change(|world| assert!(world.remove_user("mei@example.com")));
    assert_eq!(rig.revoke(ENG, &mei).await.unwrap(), RevokeOutcome::Removed);
    assert!(!rig.policy().to_lowercase().contains("mei@"), "{}", rig.policy());
    assert_eq!(rig.revoke(ENG, &mei).await.unwrap(), RevokeOutcome::AlreadyRevoked);
    assert_eq!(rig.sandbox.stats().of(AUDIT_LOG), 2);
}

#[tokio::test]
async fn who_has_left_without_a_trace_is_not_called_revoked() {
    let rig = Rig::start().await;
    check_refused(rig.revoke(ENG, "user:u-nobody").await, "refused", "the audit log does not know one");
    assert_eq!(rig.sandbox.stats().of(AUDIT_LOG), 1);
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn an_audit_log_that_may_not_be_read_names_what_it_needs() {
    let rig = Rig::as_oauth_client(&["users:read", "devices:core", "policy_file"]).await;
    let mei = rig.user("mei");
    rig.sandbox.change(|world| assert!(world.remove_user("mei@example.com")));
    let (kind, message) = refusal(rig.revoke(ENG, &mei).await);
    assert_eq!(kind, "refused");
    for words in ["logs:configuration:read", "or remove it there", "not in the tailnet any more"] {
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn a_name_that_is_somebody_elses_now_is_left_alone() {
    let rig = Rig::start().await;
    let mei = rig.user("mei");
    rig.sandbox.change(|world| {
        assert!(world.remove_user("mei@example.com"));
        world.users.push(User::new("u-other", "mei@example.com"));
    });
    let named = revoke(ENG, &mei, &["mei@example.com"]);
    check_refused(rig.connector.revoke(named).await, "refused", "theirs alone");
    check_refused(rig.revoke(ENG, &mei).await, "refused", "theirs alone");
    assert_eq!(rig.policy(), POLICY);
}

#[tokio::test]
async fn groups_tags_and_networks_are_their_selectors() {
    let rig = Rig::start().await;
    let (web, team) = ("aclrule:acl:web:member", "aclrule:acl:team:member");
    assert_eq!(rig.grant(team, "group:group:ops").await.unwrap(), GrantOutcome::Added);
    check_refused(rig.grant(team, "group:group:gone").await, "cancelled", "group not found: \"group:gone\"");
    check_refused(rig.grant(team, "tag:tag:gone").await, "cancelled", "tag not found: \"tag:gone\"");
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
    assert_eq!(rig.grant(team, "tag:tag:db").await.unwrap(), GrantOutcome::Added);
    assert_eq!(
        rig.grant("tag:tag:db:owner", "autogroup:autogroup:admin").await.unwrap(),
        GrantOutcome::Added
    );
    for principal in ["network:host:office", "network:ip:10.1.0.0/16", "autogroup:*", "group:group:eng"] {
        assert_eq!(rig.revoke(web, principal).await.unwrap(), RevokeOutcome::Removed, "{principal}");
        assert_eq!(rig.revoke(web, principal).await.unwrap(), RevokeOutcome::AlreadyRevoked, "{principal}");
    }
    assert!(rig.policy().contains("\"src\": []"), "{}", rig.policy());
}

#[tokio::test]
async fn an_id_of_one_kind_does_not_name_another() {
    let rig = Rig::start().await.warm().await;
    let team = "aclrule:acl:team:member";
    check_refused(rig.grant(team, "group:ada@example.com").await, "invalid", "not the id of a group");
    check_refused(rig.grant(team, "tag:group:eng").await, "invalid", "not the id of a tag");
    check_refused(
        rig.revoke(team, "network:host:ada@example.com").await,
        "invalid",
        "not the id of a network",
    );
    check_refused(rig.grant(team, "network:host:office").await, "invalid", "principals of type network");
    check_refused(rig.grant(team, "device:n1").await, "invalid", "principals of type device");
    check_refused(rig.grant(ENG, "group:group:ops").await, "invalid", "principals of type group");
    assert_eq!(rig.sandbox.stats().total(), 0);
}

#[tokio::test]
async fn inherited_access_is_not_called_revoked() {
    let rig = Rig::start().await;
    let ada = rig.user("ada");
    check_refused(rig.revoke("aclrule:acl:team:member", &ada).await, "refused", "group:eng");
    check_refused(rig.revoke("aclrule:acl:web:member", &rig.user("ines")).await, "refused", "*");
    assert_eq!(rig.policy(), POLICY);
}
