//! Users, roles, invites, devices and settings.

use serde_json::{Value, json};
use tailgrant::sandbox::{Generate, Settings, UserType};

use crate::{Rig, USERS, answer, json, refusal};

fn logins(listing: &Value) -> Vec<&str> {
    listing["users"].as_array().unwrap().iter().map(|user| user["loginName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn shared_users_are_listed_only_when_asked_for() {
    let rig = Rig::small().await;
    let members = json(rig.get(USERS)).await;
    let all = json(rig.get("/tailnet/-/users?type=all&role=all")).await;
    let shared = json(rig.get("/tailnet/-/users?type=shared")).await;
    assert_eq!((logins(&members).len(), logins(&all).len()), (11, 12));
    assert_eq!(logins(&shared), ["robin@example.net"]);
    assert_eq!(logins(&json(rig.get("/tailnet/-/users?role=owner")).await), ["ada@example.com"]);
    assert_eq!(refusal(rig.get("/tailnet/-/users?type=robots")).await.0, 400);
}

#[tokio::test]
async fn a_user_is_shown_with_its_devices_counted() {
    let rig = Rig::small().await;
    let listed = &json(rig.get(USERS)).await["users"][0];
    assert_eq!(listed["deviceCount"], 2, "tagged devices are not the user's");
    assert_eq!(
        (&listed["role"], &listed["type"], &listed["status"]),
        (&json!("owner"), &json!("member"), &json!("active"))
    );
    let shown = json(rig.get(&format!("/users/{}", listed["id"].as_str().unwrap()))).await;
    assert_eq!(&shown, listed);
    assert_eq!(refusal(rig.get("/users/nobody")).await, (404, "user not found".to_owned()));
}

#[tokio::test]
async fn listings_follow_every_change() {
    let rig = Rig::small().await;
    let id = rig.sandbox.change(|world| {
        let user = world.user_mut("mei@example.com").unwrap();
        user.status = "suspended".to_owned();
        user.id.clone()
    });
    assert_eq!(json(rig.get(&format!("/users/{id}"))).await["status"], "suspended");
    assert!(logins(&json(rig.get(USERS)).await).contains(&"mei@example.com"));
    let new = rig.sandbox.change(|world| {
        assert!(world.remove_user("Mei@example.com"));
        world.add_user("zoe@example.com", "auditor")
    });
    let listing = json(rig.get(USERS)).await;
    assert!(!logins(&listing).contains(&"mei@example.com"));
    assert!(logins(&listing).contains(&"zoe@example.com"));
    assert_eq!(json(rig.get(&format!("/users/{new}"))).await["role"], "auditor");
}

#[tokio::test]
async fn roles_change_within_the_rules() {
    let rig = Rig::small().await;
    let id = |login: &str| rig.sandbox.change(|world| world.user(login).unwrap().id.clone());
    let set = |id: String, body: &'static str| rig.post(&format!("/users/{id}/role")).body(body);
    assert_eq!(answer(set(id("mei@example.com"), r#"{"role":"auditor"}"#)).await, (200, String::new()));
    assert_eq!(
        json(rig.get("/tailnet/-/users?role=auditor")).await["users"][1]["loginName"],
        "mei@example.com"
    );
    // The owner, a new owner, and the user whose key is used.
    assert_eq!(refusal(set(id("ada@example.com"), r#"{"role":"member"}"#)).await.0, 403);
    assert_eq!(refusal(set(id("mei@example.com"), r#"{"role":"owner"}"#)).await.0, 403);
    assert_eq!(refusal(set(id("grace@example.com"), r#"{"role":"member"}"#)).await.0, 403);
    assert_eq!(refusal(set(id("mei@example.com"), r#"{"role":"king"}"#)).await.0, 400);
    assert_eq!(refusal(set(id("mei@example.com"), "role=member")).await.0, 400);
    assert_eq!(refusal(set("nobody".to_owned(), r#"{"role":"member"}"#)).await.0, 404);
}

#[tokio::test]
async fn no_invites_are_null() {
    let rig = Rig::small().await;
    let invites = json(rig.get("/tailnet/-/user-invites")).await;
    assert_eq!(invites[0]["email"], "lee@example.com");
    assert!(invites[0]["inviterId"].is_i64());
    assert!(invites[1].get("email").is_none());
    rig.sandbox.change(|world| world.invites.clear());
    assert_eq!(answer(rig.get("/tailnet/-/user-invites")).await, (200, "null".to_owned()));
}

#[tokio::test]
async fn devices_leave_out_what_the_service_leaves_out() {
    let rig = Rig::small().await;
    let some = json(rig.get("/tailnet/-/devices")).await;
    let all = json(rig.get("/tailnet/-/devices?fields=all")).await;
    let by_name = |listing: &Value, name: &str| -> Value {
        let devices = listing["devices"].as_array().unwrap();
        devices.iter().find(|device| device["hostname"] == name).unwrap().clone()
    };
    let laptop = by_name(&some, "ada-laptop");
    assert!(laptop.get("tags").is_none() && laptop.get("isEphemeral").is_none());
    assert!(laptop.get("enabledRoutes").is_none());
    assert_eq!(by_name(&some, "prod-1")["tags"], json!(["tag:prod"]));
    assert_eq!(by_name(&some, "runner-1")["isEphemeral"], true);
    let router = by_name(&all, "router-1");
    assert_eq!(router["enabledRoutes"], json!(["10.20.0.0/16"]));
    assert_eq!(router["advertisedRoutes"], json!(["10.20.0.0/16", "0.0.0.0/0", "::/0"]));
    let external = by_name(&all, "build-server");
    assert_eq!((&external["isExternal"], &external["created"]), (&json!(true), &json!("")));
    for device in all["devices"].as_array().unwrap() {
        assert_ne!(device["connectedToControl"] == true, device.get("lastSeen").is_some());
    }
    let tagged = json(rig.get("/tailnet/-/devices?tags=tag:prod&cachebuster=17")).await;
    assert_eq!(tagged["devices"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn settings_tell_of_another_pipeline() {
    let rig = Rig::small().await;
    assert_eq!(json(rig.get("/tailnet/-/settings")).await["aclsExternallyManagedOn"], false);
    rig.sandbox.change(|world| {
        world.settings.acls_externally_managed_on = true;
        world.settings.acls_external_link = "https://git.example.com/policy".to_owned();
    });
    let settings = json(rig.get("/tailnet/-/settings")).await;
    assert_eq!(settings["aclsExternallyManagedOn"], true);
    assert_eq!(settings["aclsExternalLink"], "https://git.example.com/policy");
}

#[tokio::test]
async fn a_generated_tailnet_has_the_sizes_asked_for() {
    let generate = Generate { users: 300, groups: 20, rules: 40, devices: 15_000, seed: 3 };
    let rig = Rig::start(Settings { generate, ..Settings::default() }).await;
    assert_eq!(logins(&json(rig.get("/tailnet/-/users?type=all")).await).len(), 300);
    assert_eq!(
        json(rig.get("/tailnet/-/devices?fields=all")).await["devices"].as_array().unwrap().len(),
        15_000
    );
    assert_eq!(
        answer(rig.post("/tailnet/-/acl/validate").body(rig.sandbox.policy())).await,
        (200, "{}".to_owned())
    );
    let (shared, suspended, mixed_case) = rig.sandbox.change(|world| {
        let count = |wanted: fn(&tailgrant::sandbox::User) -> bool| {
            world.users.iter().filter(|user| wanted(user)).count()
        };
        (
            count(|user| user.r#type == UserType::Shared),
            count(|user| user.status == "suspended"),
            count(|user| user.login_name != user.login_name.to_ascii_lowercase()),
        )
    });
    assert_eq!((shared, suspended, mixed_case), (3, 6, 12));
}
