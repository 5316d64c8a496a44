use super::*;

fn calls() -> Calls {
    Calls::new("example.com").unwrap()
}

fn tag() -> ETag {
    ETag::from_header(&http::HeaderValue::from_static("\"a1\"")).unwrap()
}

#[track_caller]
fn check(call: &Call, method: &Method, path: &str, query: &[(&str, &str)]) {
    assert_eq!((&call.method, call.path.as_str()), (method, path));
    let got: Vec<_> = call.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(got, query);
}

fn header<'call>(call: &'call Call, name: &http::HeaderName) -> Option<&'call str> {
    call.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}

#[test]
fn each_endpoint_has_its_request() {
    let calls = calls();
    let tailnet = "/api/v2/tailnet/example.com";
    check(&calls.users(), &Method::GET, &format!("{tailnet}/users"), &[("type", "all")]);
    check(&calls.devices(), &Method::GET, &format!("{tailnet}/devices"), &[("fields", "all")]);
    check(&calls.invites(), &Method::GET, &format!("{tailnet}/user-invites"), &[]);
    check(&calls.policy(), &Method::GET, &format!("{tailnet}/acl"), &[]);
    check(&calls.key("k1CNTRL").unwrap(), &Method::GET, &format!("{tailnet}/keys/k1CNTRL"), &[]);
    check(&calls.user("u1").unwrap(), &Method::GET, "/api/v2/users/u1", &[]);
    check(&calls.set_role("u1", &Role::ItAdmin).unwrap(), &Method::POST, "/api/v2/users/u1/role", &[]);
    check(&calls.validate_policy(Bytes::new()), &Method::POST, &format!("{tailnet}/acl/validate"), &[]);
    check(&calls.token("id", "secret"), &Method::POST, "/api/v2/oauth/token", &[]);
}

#[test]
fn every_call_is_known_beforehand() {
    let calls = calls();
    let made = [
        calls.users(),
        calls.user("u1").unwrap(),
        calls.invites(),
        calls.devices(),
        calls.settings(),
        calls.policy(),
        calls.put_policy("{}".into(), &tag()).unwrap(),
        calls.validate_policy(Bytes::new()),
        calls.set_role("u1", &Role::ItAdmin).unwrap(),
        calls.audit_log("u1", Timestamp::UNIX_EPOCH),
        calls.key("k1").unwrap(),
        calls.token("id", "secret"),
    ];
    assert_eq!(made.map(|call| (call.method, call.endpoint)), ENDPOINTS);
}

#[test]
fn the_audit_log_is_asked_for_one_user_and_all_it_keeps() {
    let call = calls().audit_log("u1", "2026-05-04T10:00:00.5Z".parse().unwrap());
    let events = USER_EVENTS.map(|event| ("event", event));
    let query: Vec<_> =
        [("start", "2026-02-03T10:00:00.5Z"), ("end", "2026-05-04T10:00:00.5Z"), ("target", "u1")]
            .into_iter()
            .chain(events)
            .collect();
    check(&call, &Method::GET, "/api/v2/tailnet/example.com/logging/configuration", &query);
}

#[test]
fn the_policy_is_asked_for_with_its_comments() {
    assert_eq!(header(&calls().policy(), &http::header::ACCEPT), Some("application/hujson"));
}

#[test]
fn an_uncached_read_has_a_query_of_its_own() {
    let call = calls().policy_uncached(0xab);
    assert_eq!(call.query, [("nonce", "00000000000000ab".to_owned())]);
    assert_eq!(header(&call, &http::header::CACHE_CONTROL), Some("no-cache"));
    assert_eq!(header(&call, &http::header::ACCEPT), Some("application/hujson"));
}

#[test]
fn a_policy_is_stored_under_its_quoted_tag() {
    let call = calls().put_policy(Bytes::from_static(b"// ours\n{}"), &tag()).unwrap();
    check(&call, &Method::POST, "/api/v2/tailnet/example.com/acl", &[]);
    assert_eq!(header(&call, &http::header::IF_MATCH), Some("\"a1\""));
    assert_eq!(call.body.content(), Some(("application/hujson", Bytes::from_static(b"// ours\n{}"))));
}

#[test]
fn a_text_that_would_reset_the_policy_is_no_request() {
    for text in ["", " \n\t", "// nothing", "[]", "null"] {
        let refused = calls().put_policy(Bytes::from(text), &tag());
        assert!(matches!(refused, Err(Error::EmptyPolicy { .. })), "{text:?}");
    }
}

#[test]
fn ids_are_one_path_segment() {
    let path = |id: &str| calls().user(id).map(|call| call.path);
    assert_eq!(path("a/b?c#d:e@f%g h").unwrap(), "/api/v2/users/a%2Fb%3Fc%23d%3Ae%40f%25g%20h");
    assert_eq!(path("ü").unwrap(), "/api/v2/users/%C3%BC");
    assert_eq!(path("...").unwrap(), "/api/v2/users/...");
    for id in ["", ".", ".."] {
        assert!(path(id).unwrap_err().is_not_found(), "{id:?}");
        assert!(calls().set_role(id, &Role::Member).unwrap_err().is_not_found(), "{id:?}");
        assert!(calls().key(id).is_none(), "{id:?}");
    }
}

#[test]
fn a_tailnet_is_a_name_or_a_dash() {
    let path = |name: &str| Calls::new(name).map(|calls| calls.invites().path);
    assert_eq!(path("-").unwrap(), "/api/v2/tailnet/-/user-invites");
    assert_eq!(path("ada@example.com").unwrap(), "/api/v2/tailnet/ada%40example.com/user-invites");
    for name in ["", ".", ".."] {
        assert!(path(name).unwrap_err().to_string().contains("--tailnet"), "{name:?}");
    }
}

#[test]
fn a_role_is_sent_as_json() {
    let call = calls().set_role("u1", &Role::Other("odd \"role\"".to_owned())).unwrap();
    assert_eq!(call.body, Body::Json(Bytes::from_static(br#"{"role":"odd \"role\""}"#)));
}

#[test]
fn an_oauth_client_is_sent_as_a_form() {
    let call = calls().token("k1&x", "s=1+2");
    let form = "grant_type=client_credentials&client_id=k1%26x&client_secret=s%3D1%2B2";
    assert_eq!(call.body.content(), Some(("application/x-www-form-urlencoded", Bytes::from(form))));
    assert!(!format!("{call:?}").contains("s%3D1"));
}

#[test]
fn a_refusal_names_what_would_help() {
    let calls = calls();
    let needs = |call: &Call, status| call.needs(StatusCode::from_u16(status).unwrap());
    assert!(needs(&calls.users(), 403).contains("users:read"));
    assert!(needs(&calls.users(), 401).contains("--api-key"));
    assert_eq!(needs(&calls.users(), 404), "");
    let read = needs(&calls.policy(), 403);
    assert!(
        read.contains("policy_file:read") && read.contains("devices:core:read") && read.contains("posture")
    );
    let write = needs(&calls.put_policy(Bytes::from_static(b"{}"), &tag()).unwrap(), 403);
    assert!(
        write.contains("the scope policy_file (beside it devices:core:read and devices:posture_attributes)")
    );
    for status in [400, 401, 403, 404] {
        assert!(needs(&calls.token("id", "secret"), status).contains("--oauth-client-id"));
    }
    assert_eq!(needs(&calls.token("id", "secret"), 429), "");
    assert_eq!(needs(&calls.token("id", "secret"), 503), "");
}
