//! What `/_sandbox/` offers.

use reqwest::Method;
use serde_json::{Value, json};
use tailgrant::sandbox::{Fault, Scope};

use crate::{ACL, Rig, USERS, answer, json};

#[tokio::test]
async fn the_statistics_have_their_documented_shape() {
    let rig = Rig::small().await;
    let control = |method: Method, path: &str| {
        rig.client.request(method, format!("{}/_sandbox/{path}", rig.sandbox.url()))
    };
    for _ in 0..3 {
        answer(rig.get("/tailnet/example.com/acl?nocache=1")).await;
    }
    answer(rig.post(ACL).body("{}")).await;
    answer(rig.post(ACL).header("if-match", "\"no\"").body("{}")).await;
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    rig.post(ACL).body("{}").send().await.unwrap_err();
    answer(rig.get("/users/u1CNTRL")).await;
    answer(rig.get("/users/nobody")).await;
    let stats = json(control(Method::GET, "stats")).await;
    assert_eq!(
        stats,
        json!({
            "requests": {
                "GET /tailnet/{tailnet}/acl": {"200": 3},
                "POST /tailnet/{tailnet}/acl": {"200": 1, "412": 1, "none": 1},
                "GET /users/{id}": {"200": 1, "404": 1},
            },
            "policy_writes": 2,
        })
    );
    assert_eq!(rig.sandbox.stats().total(), 8);
    assert_eq!(rig.sandbox.stats().of("GET /tailnet/{tailnet}/acl"), 3);
    assert_eq!(rig.sandbox.stats().ended("POST /tailnet/{tailnet}/acl", "none"), 1);

    assert_eq!(answer(control(Method::POST, "reset-stats")).await.0, 200);
    assert_eq!(json(control(Method::GET, "stats")).await, json!({"requests": {}, "policy_writes": 0}));
}

#[tokio::test]
async fn somebody_else_reads_and_edits_the_policy_uncounted() {
    let rig = Rig::small().await;
    let url = format!("{}/_sandbox/policy", rig.sandbox.url());
    assert_eq!(answer(rig.client.get(&url)).await, (200, String::from_utf8(rig.sandbox.policy()).unwrap()));
    assert_eq!(answer(rig.client.put(&url).body("{ }")).await.0, 200);
    assert_eq!(answer(rig.client.get(&url)).await, (200, "{}\n".to_owned()));
    assert_eq!(rig.sandbox.stats().total(), 0);
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
    assert_eq!(answer(rig.client.delete(&url)).await.0, 404);
}

#[tokio::test]
async fn a_path_that_is_not_simulated_is_counted_without_its_text() {
    let rig = Rig::small().await;
    answer(rig.get("/tailnet/-/webhooks")).await;
    let stats: Value = serde_json::to_value(rig.sandbox.stats()).unwrap();
    assert_eq!(stats["requests"], json!({"GET (unknown path)": {"404": 1}}));
}

#[tokio::test]
async fn stopping_closes_at_once() {
    let rig = Rig::small().await;
    let Rig { sandbox, client } = rig;
    sandbox.set_faults("latency=1h".parse().unwrap());
    let url = format!("{}/api/v2{USERS}", sandbox.url());
    let asked = tokio::spawn(client.get(&url).bearer_auth("k").send());
    while sandbox.calls_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    sandbox.stop().await;
    asked.await.unwrap().unwrap_err();
    client.get(&url).send().await.unwrap_err();
}
