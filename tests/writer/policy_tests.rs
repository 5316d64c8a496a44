//! The policy's own tests: what would break one is refused before anything is sent.

use tailgrant::sandbox::Generate;

use super::*;

const DEVICES: &str = "GET /tailnet/{tailnet}/devices";

/// The builders reach the database by SSH, the only keeper of it by its own port.
const TESTED: &str = r#"{
  "groups": {
    "group:eng": ["ada@example.com"],
    "group:keepers": ["mei@example.com"],
    "group:ops": [],
  },
  "tagOwners": { "tag:db": [] },
  "acls": [
    // tailgrant: id=shell
    { "action": "accept", "src": ["group:eng"], "dst": ["tag:db:22"] },
    { "action": "accept", "src": ["group:keepers"], "dst": ["tag:db:5432"] },
  ],
  "tests": [
    { "src": "mei@example.com", "accept": ["tag:db:5432"] },
    { "src": "ines@example.com", "deny": ["tag:db:22"] },
  ],
}
"#;

const KEPT: &str = r#"tests, number 1 (line 14), source "mei@example.com""#;
const DENIED: &str = r#"tests, number 2 (line 15), source "ines@example.com""#;

fn tested() -> sandbox::Settings {
    sandbox::Settings { policy: Some(TESTED.into()), ..sandbox::Settings::default() }
}

async fn rig() -> Rig {
    Rig::with(tested(), settings()).await.warm().await
}

/// Calls that were made to write or judge a policy.
fn sent(rig: &Rig) -> u64 {
    rig.sandbox.stats().of(WRITE) + rig.sandbox.stats().of(VALIDATE)
}

#[tokio::test]
async fn a_grant_that_a_test_denies_is_refused_for_good_without_a_write() {
    let rig = rig().await;
    let outcome = rig.grant("group:group:eng:member", &rig.user("ines")).await;
    check_refused(outcome, "cancelled", DENIED);
    let nested = rig.grant("aclrule:acl:shell:member", &rig.user("ines")).await;
    check_refused(nested, "cancelled", "want: ");
    assert_eq!((sent(&rig), rig.sandbox.stats().of(DEVICES)), (0, 2), "each was judged by a load of its own");
    assert_eq!(rig.policy(), TESTED);
    assert_eq!(rig.grant("group:group:ops:member", &rig.user("ines")).await.unwrap(), GrantOutcome::Added);
}

#[tokio::test]
async fn a_revoke_that_breaks_a_test_is_refused_and_not_told_as_done() {
    let rig = rig().await;
    let outcome = rig.revoke("group:group:keepers:member", &rig.user("mei")).await;
    check_refused(outcome, "refused", KEPT);
    assert_eq!((sent(&rig), rig.policy().as_str()), (0, TESTED));
    assert_eq!(rig.revoke("group:group:eng:member", &rig.user("ada")).await.unwrap(), RevokeOutcome::Removed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_offender_among_fifty_costs_the_others_nothing() {
    let sandbox = sandbox::Settings {
        generate: Generate { users: 60, devices: 40, ..Generate::default() },
        policy: None,
        latency: Duration::from_millis(20)..Duration::from_millis(20),
        ..sandbox::Settings::default()
    };
    let rig = Rig::with(sandbox, settings()).await;
    let people: Vec<(String, String)> = rig.sandbox.change(|world| {
        let members = world.users.iter().filter(|user| user.login_name.ends_with("@example.com"));
        members.take(50).map(|user| (format!("user:{}", user.id), user.login_name.clone())).collect()
    });
    let (offender, login) = &people[30];
    let policy = r#"{
  "groups": { "group:eng": [] },
  "acls": [{ "action": "accept", "src": ["group:eng"], "dst": ["10.0.0.1:22"] }],
  "tests": [{ "src": "LOGIN", "deny": ["10.0.0.1:22"] }],
}"#;
    rig.sandbox.edit_policy(policy.replace("LOGIN", login).into());
    let rig = rig.warm().await;
    let grants = people.iter().map(|(id, _)| rig.grant("group:group:eng:member", id));
    let outcomes = futures_util::future::join_all(grants).await;
    for ((id, _), outcome) in people.iter().zip(outcomes) {
        if id == offender {
            check_refused(outcome, "cancelled", "tests, number 1 (line 4)");
        } else {
            assert_eq!(outcome.unwrap(), GrantOutcome::Added, "{id}");
        }
    }
    let stats = rig.sandbox.stats();
    assert!(stats.policy_writes <= 4 && stats.of(WRITE) == stats.policy_writes, "{stats:?}");
    assert_eq!((stats.of(VALIDATE), stats.of(DEVICES)), (0, 1), "{stats:?}");
}

#[tokio::test]
async fn people_and_devices_are_read_only_for_tests_and_only_when_they_are_old() {
    let group_to_rule = |rig: Rig, rule: &'static str| async move {
        assert_eq!(rig.grant(rule, "group:group:ops").await.unwrap(), GrantOutcome::Added);
        rig.sandbox.stats().of(DEVICES)
    };
    let old = || Settings { freshness: Duration::ZERO, ..settings() };
    assert_eq!(group_to_rule(rig().await, "aclrule:acl:shell:member").await, 0, "they are known");
    let rig = Rig::with(tested(), old()).await.warm().await;
    assert_eq!(group_to_rule(rig, "aclrule:acl:shell:member").await, 1, "what is known is old");
    let rig = Rig::with(sandbox::Settings::default(), old()).await.warm().await;
    assert_eq!(group_to_rule(rig, "aclrule:acl:team:member").await, 0, "there are no tests");
}

#[tokio::test]
async fn nobody_is_refused_because_of_a_tag_that_was_lost_since_the_last_load() {
    let rig = Rig::with(tested(), settings()).await;
    let is_database = |device: &&mut sandbox::Device| device.tags == ["tag:db"];
    let address =
        rig.sandbox.change(|world| world.devices.iter_mut().find(is_database).unwrap().addresses[0].clone());
    rig.edit_policy(r#""deny": ["tag:db:22"]"#, &format!(r#""deny": ["{address}:22"]"#));
    let rig = rig.warm().await;
    let ines = rig.user("ines");
    let grant = || rig.grant("group:group:eng:member", &ines);
    check_refused(grant().await, "cancelled", DENIED);
    rig.sandbox.change(|world| {
        world.devices.iter_mut().filter(is_database).for_each(|it| it.tags = vec!["tag:web".to_owned()]);
    });
    assert_eq!(grant().await.unwrap(), GrantOutcome::Added);
    assert_eq!((rig.sandbox.stats().of(WRITE), rig.sandbox.stats().of(VALIDATE)), (1, 0));
}

/// As [`rig`], with a credential that may not read devices.
async fn rig_without_devices(settings: Settings) -> Rig {
    let credential = tailscale::Credential::OAuth { client_id: "c".into(), client_secret: "s".into() };
    let rig = Rig::called_by(credential, PATIENCE, tested(), settings).await;
    rig.sandbox.change(|world| world.add_oauth_client("c", "s", &["policy_file", "users:read"]));
    rig.warm().await
}

#[tokio::test]
async fn devices_that_cannot_be_read_are_not_asked_for_again_at_once() {
    let rig = rig_without_devices(Settings { freshness: Duration::ZERO, ..settings() }).await;
    let (rule, ops) = ("aclrule:acl:shell:member", "group:group:ops");
    assert_eq!(rig.grant(rule, ops).await.unwrap(), GrantOutcome::Added);
    assert_eq!(rig.revoke(rule, ops).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.sandbox.stats().of(DEVICES), 1);
}

#[tokio::test]
async fn where_devices_cannot_be_read_the_service_judges() {
    let rig = rig_without_devices(settings()).await;
    let outcome = rig.grant("group:group:eng:member", &rig.user("ines")).await;
    check_refused(outcome, "cancelled", "test(s) failed");
    assert_eq!((rig.sandbox.stats().of(WRITE), rig.sandbox.stats().policy_writes), (1, 0));
}

#[tokio::test]
async fn a_policy_whose_tests_fail_already_is_told_apart_and_told_beforehand() {
    let rig = Rig::with(tested(), settings()).await;
    rig.sandbox.change(|world| assert!(world.remove_user("ines@example.com")));
    let notes = rig.connector.validate().await.unwrap().notes;
    assert!(notes.iter().any(|note| note.contains(DENIED) && note.contains("repair it")), "{notes:?}");
    let outcome = rig.grant("group:group:ops:member", &rig.user("tomas")).await;
    let (kind, message) = refusal(outcome);
    assert_eq!(kind, "refused", "it is not for good: {message}");
    for words in ["repaired in the Tailscale admin console", "test(s) failed", DENIED] {
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
}
