//! Reading, writing and validating the policy file.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tailgrant::hujson;
use tailgrant::sandbox::{Sandbox, Settings, Store};

use crate::{ACL, Rig, VALIDATE, answer, json, refusal, tag};

const RAGGED: &str = "{\"groups\":{  \"group:a\":[\"ada@example.com\"] ,}, // who\n}";

fn digest(text: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

#[tokio::test]
async fn the_tag_is_the_quoted_digest_of_the_canonical_layout() {
    let canonical = hujson::format(RAGGED.as_bytes()).unwrap();
    let wanted = format!("\"{}\"", digest(&canonical));
    for (store, stored) in [(Store::Formatted, canonical), (Store::Verbatim, RAGGED.into())] {
        let rig = Rig::start(Settings { policy: Some(RAGGED.into()), store, ..Settings::default() }).await;
        let response = rig.get(ACL).send().await.unwrap();
        assert_eq!(tag(&response), wanted);
        assert_eq!(response.headers()["content-type"], "application/hujson");
        assert_eq!(response.bytes().await.unwrap(), stored);
        assert_eq!(rig.sandbox.policy(), stored);
    }
}

#[tokio::test]
async fn json_and_details_carry_the_same_tag() {
    let rig = Rig::verbatim("{\"groups\": {\"group:a\": [\"gone@example.com\",],},} // end\n").await;
    let wanted = rig.tag().await;
    let response = rig.get(ACL).header("accept", "application/json").send().await.unwrap();
    assert_eq!(tag(&response), wanted);
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = response.text().await.unwrap();
    assert_eq!(text.len(), rig.sandbox.policy().len());
    let parsed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed, json!({"groups": {"group:a": ["gone@example.com"]}}));

    let details = json(rig.get("/tailnet/-/acl?details=1")).await;
    let text = BASE64.decode(details["acl"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(text, rig.sandbox.policy());
    assert_eq!(details["warnings"], json!(["\"group:a\": user not found: \"gone@example.com\""]));
    assert_eq!(details["errors"], Value::Null);
}

#[tokio::test]
async fn a_write_answers_what_is_stored_and_its_tag() {
    let rig = Rig::small().await;
    let sent = rig.post(ACL).header("if-match", rig.tag().await).body(RAGGED).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    assert_eq!(tag(&sent), rig.tag().await);
    let canonical = hujson::format(RAGGED.as_bytes()).unwrap();
    assert_eq!(sent.bytes().await.unwrap(), canonical);
    assert_eq!(rig.sandbox.policy(), canonical);
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
}

#[tokio::test]
async fn only_the_quoted_current_tag_matches() {
    let rig = Rig::small().await;
    let tag = rig.tag().await;
    for stale in [tag.trim_matches('"'), "\"\"", "\"ts-default\"", "*", "\"0000\""] {
        let (status, message) = refusal(rig.post(ACL).header("if-match", stale).body("{}")).await;
        assert_eq!((status, message.as_str()), (412, "precondition failed, invalid old hash"), "{stale}");
    }
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
    assert_eq!(answer(rig.post(ACL).header("if-match", tag).body("{}")).await.0, 200);
    assert_eq!(answer(rig.post(ACL).body("{} // unconditional\n")).await.0, 200);
    assert_eq!(rig.sandbox.stats().policy_writes, 2);
}

#[tokio::test]
async fn somebody_elses_edit_makes_the_tag_stale() {
    let rig = Rig::small().await;
    let tag = rig.tag().await;
    rig.sandbox.edit_policy(b"{ /* mine now */ }\n".to_vec());
    assert_eq!(refusal(rig.post(ACL).header("if-match", tag).body("{}")).await.0, 412);
    assert_eq!(rig.sandbox.policy(), b"{ /* mine now */ }\n");
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
}

#[tokio::test]
async fn an_empty_text_resets_the_policy_to_the_untouched_default() {
    let rig = Rig::small().await;
    assert_eq!(answer(rig.post(ACL).body(" \n")).await.0, 200);
    let text = String::from_utf8(rig.sandbox.policy()).unwrap();
    assert!(text.contains(r#""src": ["*"]"#), "{text}");
    assert_eq!(text.as_bytes(), hujson::format(text.as_bytes()).unwrap());
    let untouched = || rig.post(ACL).header("if-match", "\"ts-default\"");
    assert_eq!(answer(untouched().body("{}")).await.0, 200);
    assert_eq!(answer(untouched().body("{}")).await.0, 412);
}

#[tokio::test]
async fn text_that_cannot_be_read_is_refused_with_its_place() {
    let rig = Rig::small().await;
    let before = rig.sandbox.policy();
    for path in [ACL, VALIDATE] {
        let (status, message) = refusal(rig.post(path).body("{\n  \"a\" 1}")).await;
        assert_eq!(status, 400);
        assert!(message.contains("line 2, column 7"), "{message}");
    }
    assert_eq!(refusal(rig.post(ACL).body("[]")).await.0, 400);
    assert_eq!(refusal(rig.post(VALIDATE)).await, (400, "unexpected end of JSON input".to_owned()));
    assert_eq!(rig.sandbox.policy(), before);
}

#[tokio::test]
async fn validate_answers_200_and_says_in_the_body_what_is_wrong() {
    let rig = Rig::small().await;
    let before = rig.sandbox.policy();
    assert_eq!(answer(rig.post(VALIDATE).body(before.clone())).await, (200, "{}".to_owned()));

    let nested = r#"{"groups": {"group:a": ["group:b"], "group:b": []}}"#;
    let message = r#"groups["group:a"]: "group:b": group members cannot be recursive"#.to_owned();
    assert_eq!(refusal(rig.post(VALIDATE).body(nested)).await, (200, message.clone()));
    assert_eq!(refusal(rig.post(ACL).body(nested)).await, (400, message));

    let unsynced = r#"{"acls": [{"action": "accept", "src": ["group:x@example.com"], "dst": ["*:*"]}]}"#;
    let body = json(rig.post(VALIDATE).body(unsynced)).await;
    assert_eq!(body["message"], "warning(s) found");
    assert_eq!(body["data"][0]["user"], "group:x@example.com");
    assert_eq!(answer(rig.post(ACL).body(unsynced)).await.0, 200);
}

#[tokio::test]
async fn known_mistakes_are_refused_in_the_services_words() {
    let rig = Rig::small().await;
    for (policy, message) in [
        (r#"{"acls": [{"action": "deny", "src": [], "dst": []}]}"#, r#"action="deny" is not supported"#),
        (r#"{"acls": [{"action": "accept", "src": ["tag:x"], "dst": []}]}"#, r#"src=tag not found: "tag:x""#),
        (
            r#"{"grants": [{"src": ["autogroup:self"], "dst": ["*"], "ip": ["*"]}]}"#,
            r#""autogroup:self" not valid on the src side of a rule"#,
        ),
        (r#"{"grants": [{"src": ["*"], "dst": ["*"]}]}"#, "ip and app can not both be empty"),
        (r#"{"ssh": [{"src": [], "dst": [], "users": ["root"]}]}"#, "action must be specified"),
        (r#"{"ssh": [{"action": "deny", "users": ["root"]}]}"#, r#""deny" is not a valid action"#),
        (r#"{"ssh": [{"action": "accept", "src": [], "dst": []}]}"#, "users must be specified"),
        (
            r#"{"ssh": [{"action": "accept", "src": ["user:*@example.net"], "dst": [], "users": ["root"]}]}"#,
            "[ssh] example.net is not associated with this Tailnet and cannot be used in user:*@<domain> expressions",
        ),
        (
            r#"{"sshTests": [{"src": "ada@example.com", "dst": ["tag:x:22"], "accept": ["root"]}]}"#,
            r#"SSH tests dst contains unknown tag "tag:x:22""#,
        ),
    ] {
        assert_eq!(refusal(rig.post(ACL).body(policy)).await, (400, message.to_owned()));
    }
}

/// Priya may not reach the database, and Ada must.
const TESTED: &str = r#"{
    "groups": {"group:dba": ["ada@example.com"]},
    "tagOwners": {"tag:db": [], "tag:web": []},
    "acls": [{"action": "accept", "src": ["group:dba", "tag:web"], "dst": ["tag:db:5432"]}],
    "ssh": [{"action": "check", "src": ["group:dba"], "dst": ["tag:db"], "users": ["postgres"]}],
    "tests": [
        {"src": "priya@example.com", "deny": ["tag:db:5432", "100.64.0.11:5432"]},
        {"src": "ada@example.com", "accept": ["tag:db:5432"]},
    ],
    "sshTests": [{"src": "ada@example.com", "dst": ["tag:db"], "check": ["postgres"], "deny": ["root"]}],
}"#;

#[tokio::test]
async fn tests_in_the_policy_are_run_against_its_users_and_devices() {
    let rig = Rig::small().await;
    assert_eq!(answer(rig.post(VALIDATE).body(TESTED)).await, (200, "{}".to_owned()));
    assert_eq!(answer(rig.post(ACL).body(TESTED)).await.0, 200);

    let granted = TESTED.replace(r#"["ada@example.com"]}"#, r#"["ada@example.com", "PRIYA@example.com"]}"#);
    let stored = rig.sandbox.policy();
    let told = json!({"message": "test(s) failed", "data": [{
        "user": "priya@example.com",
        "errors": [
            r#"address "tag:db:5432": want: Drop, got: Accept"#,
            r#"address "100.64.0.11:5432": want: Drop, got: Accept"#,
        ],
    }]});
    for (path, status) in [(ACL, 400), (VALIDATE, 200)] {
        let (answered, text) = answer(rig.post(path).body(granted.clone())).await;
        assert_eq!((answered, serde_json::from_str::<Value>(&text).unwrap()), (status, told.clone()));
    }
    assert_eq!(rig.sandbox.policy(), stored);

    let revoked = TESTED.replace(r#"["ada@example.com"]}"#, "[]}");
    let body = json(rig.post(VALIDATE).body(revoked)).await;
    assert_eq!(
        body["data"],
        json!([
            {"user": "ada@example.com", "errors": [r#"address "tag:db:5432": want: Accept, got: Drop"#]},
            {"user": "ada@example.com", "errors": [r#"user "postgres" on "tag:db": want: Check, got: Drop"#]},
        ])
    );

    // Whoever is named in a test and leaves breaks the next save, whatever it changes.
    rig.sandbox.change(|world| world.remove_user("Priya@example.com"));
    let body = json(rig.post(ACL).body(TESTED)).await;
    assert_eq!(
        body["data"],
        json!([{
            "user": "priya@example.com", "errors": [r#"src "priya@example.com": no such user"#],
        }])
    );
}

#[tokio::test]
async fn an_array_of_tests_is_run_against_the_stored_policy() {
    let rig = Rig::small().await;
    let web = r#"[{"src": "tag:ci", "accept": ["tag:staging:443"], "deny": ["tag:db:5432"]}]"#;
    assert_eq!(answer(rig.post(VALIDATE).body(web)).await, (200, "{}".to_owned()));
    let body =
        json(rig.post(VALIDATE).body(r#"[{"user": "tag:ci", "allow": ["tag:db:5432"]}] // old"#)).await;
    assert_eq!(body["data"][0]["errors"], json!([r#"address "tag:db:5432": want: Accept, got: Drop"#]));
    assert_eq!(refusal(rig.post(VALIDATE).body("[{]")).await.0, 400);
}

#[tokio::test]
async fn the_service_stumbles_where_it_does() {
    let rig = Rig::small().await;
    let policy = r#"{"nodeAttrs": [{"target": ["autogroup:self"], "attr": ["funnel"]}]}"#;
    for path in [ACL, VALIDATE] {
        assert_eq!(refusal(rig.post(path).body(policy)).await, (500, "internal server error".to_owned()));
    }
}

#[tokio::test]
async fn a_test_can_have_policies_refused() {
    let rig = Rig::small().await;
    rig.sandbox.change(|world| world.refuse_policies_with("mallory", "test(s) failed"));
    let policy = r#"{"groups": {"group:a": ["mallory@example.com"]}}"#;
    assert_eq!(refusal(rig.post(ACL).body(policy)).await, (400, "test(s) failed".to_owned()));
    assert_eq!(refusal(rig.post(VALIDATE).body(policy)).await, (200, "test(s) failed".to_owned()));
    rig.sandbox.change(tailgrant::sandbox::World::refuse_no_policies);
    assert_eq!(answer(rig.post(ACL).body(policy)).await.0, 200);
}

#[tokio::test]
async fn a_leading_comment_stumbles_over_the_json_content_type() {
    let rig = Rig::small().await;
    let validate = |kind: &str| rig.post(VALIDATE).header("content-type", kind).body("// a\n{}");
    let (status, message) = refusal(validate("application/json")).await;
    assert_eq!((status, message.as_str()), (400, "invalid character '/' looking for beginning of value"));
    assert_eq!(answer(validate("application/hujson")).await, (200, "{}".to_owned()));
}

#[tokio::test]
async fn a_broken_policy_can_be_there_but_not_at_the_start() {
    let settings = Settings { policy: Some(b"{".to_vec()), ..Settings::default() };
    let error = Sandbox::start(settings).await.unwrap_err();
    assert_eq!(error.to_string(), "the policy file given to the sandbox cannot be parsed");

    let rig = Rig::small().await;
    rig.sandbox.edit_policy(b"{ broken".to_vec());
    assert_eq!(answer(rig.get(ACL)).await, (200, "{ broken".to_owned()));
}
