//! A schedule of faults over HTTP: each fault at each endpoint, and that a seed repeats a run.

use reqwest::{Method, RequestBuilder};
use tailgrant::sandbox::{Settings, Store};

use crate::{ACL, Rig, USERS, VALIDATE, json};

/// The endpoints with a scope, and a call that succeeds there.
const CALLS: [(&str, Method, &str, &str); 9] = [
    ("acl.get", Method::GET, ACL, ""),
    ("acl.post", Method::POST, ACL, "{} // written\n"),
    ("acl.validate", Method::POST, VALIDATE, "{}"),
    ("users", Method::GET, USERS, ""),
    ("invites", Method::GET, "/tailnet/-/user-invites", ""),
    ("devices", Method::GET, "/tailnet/-/devices", ""),
    ("role", Method::POST, "/users/ID/role", "{\"role\": \"auditor\"}"),
    ("key", Method::GET, "/tailnet/-/keys/kTestCNTRL", ""),
    ("oauth", Method::POST, "/oauth/token", "client_id=c&client_secret=s&grant_type=client_credentials"),
];

/// A sandbox with this schedule, and what [`CALLS`] need.
async fn rig(faults: &str) -> (Rig, String) {
    let settings =
        Settings { faults: faults.parse().unwrap(), store: Store::Verbatim, ..Settings::default() };
    let rig = Rig::start(settings).await;
    let id = rig.sandbox.change(|world| world.user("mei@example.com").unwrap().id.clone());
    (rig, id)
}

fn call(rig: &Rig, id: &str, (_, method, path, body): &(&str, Method, &str, &'static str)) -> RequestBuilder {
    let request = rig.bare(method.clone(), &path.replace("ID", id)).body(*body);
    if *path == "/oauth/token" { request } else { request.bearer_auth(crate::KEY) }
}

/// What a caller sees: a status, with `cut` where the body broke off; else `none`.
async fn seen(request: RequestBuilder) -> String {
    match request.send().await {
        Err(_) => "none".to_owned(),
        Ok(response) => {
            let status = response.status().as_u16();
            if response.text().await.is_err() { format!("{status} cut") } else { status.to_string() }
        }
    }
}

#[tokio::test]
async fn each_fault_strikes_each_endpoint_as_it_says() {
    let faults = [
        ("429=1/3", "429"),
        ("500=1", "500"),
        ("502=1", "502"),
        ("503=1", "503"),
        ("504=1", "504"),
        ("reset-before=1", "none"),
        ("reset-after=1", "none"),
        ("truncate=1", "200 cut"),
        ("lost-answer=1", "none"),
        ("late-effect=1/1ms", "none"),
    ];
    let mut struck = 0;
    for one in &CALLS {
        let healthy = rig("").await;
        assert_eq!(seen(call(&healthy.0, &healthy.1, one)).await, "200", "{}", one.0);
        for (fault, expected) in faults {
            let Ok(faults) = format!("{}:{fault}", one.0).parse() else { continue };
            let (rig, id) = rig("").await;
            rig.sandbox.set_faults(faults);
            // A change of role is answered without a body, of which nothing can be cut.
            let expected = if one.0 == "role" && fault == "truncate=1" { "200" } else { expected };
            assert_eq!(seen(call(&rig, &id, one)).await, expected, "{}:{fault}", one.0);
            let name = format!("{}:{}", one.0, fault.split_once('=').unwrap().0);
            assert_eq!(rig.sandbox.fault_hits().into_iter().collect::<Vec<_>>(), [(name, 1)]);
            let others = CALLS.iter().find(|other| other.0 != one.0).unwrap();
            assert_eq!(seen(call(&rig, &id, others)).await, "200", "{}:{fault} strikes nothing else", one.0);
            struck += 1;
        }
    }
    assert_eq!(struck, 8 * 9 + 2 * 2, "a late or lost effect needs a change");
}

/// Runs the same calls under a schedule; what was seen, stored and struck.
async fn run(faults: &str) -> (Vec<String>, Vec<String>, String) {
    let settings = Settings {
        faults: faults.parse().unwrap(),
        store: Store::Verbatim,
        history: 1_000,
        ..Settings::default()
    };
    let rig = Rig::start(settings).await;
    let mut outcomes = Vec::new();
    for number in 0..60 {
        outcomes.push(seen(rig.get(ACL)).await);
        let mut text = rig.sandbox.policy();
        text.extend_from_slice(format!("// {number}\n").as_bytes());
        outcomes.push(seen(rig.post(ACL).body(text)).await);
    }
    let texts = rig.sandbox.history().into_iter().map(|stored| stored.text).collect();
    let hits = json(rig.client.get(format!("{}/_sandbox/faults", rig.sandbox.url()))).await;
    (outcomes, texts, hits.to_string())
}

#[tokio::test]
async fn a_seed_repeats_a_run() {
    let faults = "acl.post:lost-answer=0.1,acl.post:reset-before=0.05,acl.get:500=0.05,\
                  foreign-edit=0.3/any,acl.post:truncate=0.1,latency=0ms..1ms";
    let first = run(&format!("seed=7,{faults}")).await;
    assert_eq!(first, run(&format!("seed=7,{faults}")).await);
    let other = run(&format!("seed=8,{faults}")).await;
    assert_ne!(first.0, other.0);
    assert_ne!(first.1, other.1);
    for fault in ["acl.post:lost-answer", "acl.get:500", "acl.get:foreign-edit", "acl.post:foreign-edit"] {
        assert!(first.2.contains(fault), "{fault}: {}", first.2);
    }
}

#[test]
fn the_example_of_the_manual_is_read() {
    let schedule = "seed=7,acl.post:lost-answer=0.1,acl.post:late-effect=0.05/2s,acl.post:reset-before=0.05,\
                    acl.get:500=0.05,acl.post:foreign-edit=0.2,latency=1ms..80ms";
    schedule.parse::<tailgrant::sandbox::Faults>().unwrap();
}
