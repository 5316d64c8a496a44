//! The configuration audit log.

use tailgrant::sandbox::Settings;

use crate::{Rig, answer, json, refusal};

const LOG: &str = "/tailnet/-/logging/configuration";
const LATELY: &str = "start=2020-01-01T00:00:00Z&end=2999-01-01T00:00:00Z";

/// The logins of the users whose departure is found.
async fn found(rig: &Rig, query: &str) -> Vec<String> {
    let answer = json(rig.get(&format!("{LOG}?{query}"))).await;
    assert_eq!((&answer["version"], &answer["tailnet"]), (&"1.1".into(), &"example.com".into()));
    let logs = answer["logs"].as_array().cloned().unwrap_or_default();
    logs.iter().map(|entry| entry["target"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn who_leaves_is_logged() {
    let rig = Rig::small().await;
    assert!(json(rig.get(&format!("{LOG}?{LATELY}"))).await["logs"].is_null());
    let (mei, grace) = rig.sandbox.change(|world| {
        let id = |login: &str| world.user(login).unwrap().id.clone();
        let ids = (id("mei@example.com"), id("grace@example.com"));
        assert!(world.remove_user("MEI@example.com") && world.remove_user("kofi@example.com"));
        ids
    });
    let entry = &json(rig.get(&format!("{LOG}?{LATELY}&target={mei}"))).await["logs"][0];
    assert_eq!(entry["target"], serde_json::json!({"id": mei, "name": "mei@example.com", "type": "USER"}));
    assert_eq!((&entry["action"], &entry["type"]), (&"DELETE".into(), &"CONFIG".into()));
    assert_eq!(entry["actor"]["id"], grace.as_str());
}

#[tokio::test]
async fn filters_of_one_name_are_alternatives() {
    let rig = Rig::small().await;
    rig.sandbox.change(|world| assert!(world.remove_user("mei@example.com")));
    for (filters, finds) in [
        ("", true),
        ("event=USER.DELETE", true),
        ("event=USER.CREATE&event=USER.DELETE", true),
        ("event=USER.CREATE", false),
        ("target=mei%40&event=USER.DELETE", true),
        ("target=nobody", false),
        ("actor=~grace", true),
        ("actor=grace", false),
    ] {
        let expected: &[&str] = if finds { &["mei@example.com"] } else { &[] };
        assert_eq!(found(&rig, &format!("{LATELY}&{filters}")).await, expected, "{filters}");
    }
    let before = "start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z";
    assert_eq!(found(&rig, before).await, [""; 0]);
    for query in ["", "start=2020-01-01T00:00:00Z", "start=2020-01-01T00:00:00Z&end=tomorrow"] {
        assert_eq!(answer(rig.get(&format!("{LOG}?{query}"))).await.0, 400, "{query}");
    }
    let stats = rig.sandbox.stats();
    assert_eq!(stats.of("GET /tailnet/{tailnet}/logging/configuration"), 12);
}

#[tokio::test]
async fn the_log_takes_its_scope_or_a_role() {
    let rig = Rig::start(Settings::default()).await;
    let log = format!("{LOG}?{LATELY}");
    for (login, status) in [
        ("ada@example.com", 200),
        ("grace@example.com", 200),
        ("lin@example.com", 200),
        ("noor@example.com", 200),
        ("kofi@example.com", 200),
        ("tomas@example.com", 403),
    ] {
        rig.sandbox.change(|world| world.key.user_id = world.user(login).unwrap().id.clone());
        assert_eq!(answer(rig.get(&log)).await.0, status, "{login}");
    }
    rig.sandbox.change(|world| world.add_oauth_client("c", "s", &["logs:configuration:read", "users"]));
    for (scope, status) in [("logs:configuration:read", 200), ("users", 403)] {
        let form = [("client_id", "c"), ("client_secret", "s"), ("scope", scope)];
        let minted = json(rig.bare(reqwest::Method::POST, "/oauth/token").form(&form)).await;
        let token = minted["access_token"].as_str().unwrap();
        let asked = rig.bare(reqwest::Method::GET, &log).bearer_auth(token);
        assert_eq!(answer(asked).await.0, status, "{scope}");
    }
    rig.sandbox.change(|world| world.key.user_id = world.user("tomas@example.com").unwrap().id.clone());
    assert_eq!(refusal(rig.get(&log)).await, (403, "forbidden".to_owned()));
}
