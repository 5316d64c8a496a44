use prost_types::Duration;

use super::Bounded;
use crate::proto::annotation::pack;
use crate::proto::c1::connector::v2::{self as pb, user_trait};
use crate::proto::c1::ratelimit::v1 as ratelimit;

/// `Ok` or the words for the first field out of bounds.
#[track_caller]
fn check(message: &impl Bounded, expected: Result<(), &str>) {
    assert_eq!(message.check().map_err(|error| error.to_string()), expected.map_err(str::to_owned));
}

fn id(resource_type: &str, resource: &str) -> pb::ResourceId {
    let (resource_type, resource) = (resource_type.to_owned(), resource.to_owned());
    pb::ResourceId { resource_type, resource, baton_resource: false }
}

fn resource(resource: &str) -> pb::Resource {
    pb::Resource { id: Some(id("user", resource)), ..Default::default() }
}

fn entitlement() -> pb::Entitlement {
    pb::Entitlement { resource: Some(resource("r")), id: "e".to_owned(), ..Default::default() }
}

fn list(page_size: u32, page_token: &str) -> pb::GrantsServiceListGrantsRequest {
    pb::GrantsServiceListGrantsRequest {
        resource: Some(resource("r")),
        page_size,
        page_token: page_token.to_owned(),
        ..Default::default()
    }
}

#[test]
fn bytes_and_numbers() {
    check(&list(0, ""), Ok(()));
    check(&list(250, &"x".repeat(1_048_576)), Ok(()));
    check(&list(251, ""), Err("page_size: must be at most 250, is 251"));
    check(&list(0, &"x".repeat(1_048_577)), Err("page_token: must be at most 1048576 bytes, has 1048577"));
    let long = "ä".repeat(513);
    check(&id("user", &long), Err("resource: must be 1 to 1024 bytes, has 1026"));
    let length = |length| pb::credential_options::RandomPassword { length, constraints: Vec::new() };
    check(&length(8), Ok(()));
    check(&length(7), Err("length: must be 8 to 64, is 7"));
    check(&length(-1), Err("length: must be 8 to 64, is -1"));
}

#[test]
fn messages_that_must_be_set() {
    check(&pb::GrantsServiceListGrantsRequest::default(), Err("resource: must be set"));
    // The tables do not demand it here; the operation does.
    check(&pb::EntitlementsServiceListEntitlementsRequest::default(), Ok(()));
    check(&pb::AssetServiceGetAssetResponse::default(), Err("msg: must be set"));
}

#[test]
fn nested_messages() {
    let mut request = list(0, "");
    request.resource = Some(resource(""));
    check(&request, Err("resource.id.resource: must be 1 to 1024 bytes, has 0"));

    let granted = pb::Grant {
        entitlement: Some(entitlement()),
        principal: Some(pb::Resource { display_name: "x".repeat(1025), ..resource("p") }),
        id: "g".to_owned(),
        ..Default::default()
    };
    let revoke = pb::GrantManagerServiceRevokeRequest { grant: Some(granted), annotations: Vec::new() };
    check(&revoke, Err("grant.principal.display_name: must be at most 1024 bytes, has 1025"));

    let types = vec![
        pb::ResourceType { id: "user".to_owned(), ..Default::default() },
        pb::ResourceType { id: "group".to_owned(), traits: vec![2, 99], ..Default::default() },
    ];
    let granting = pb::GrantManagerServiceGrantRequest {
        entitlement: Some(pb::Entitlement { grantable_to: types, ..entitlement() }),
        principal: Some(resource("p")),
        annotations: Vec::new(),
    };
    check(&granting, Err("entitlement.grantable_to[1].traits[1]: must be a declared value, is 99"));
}

#[test]
fn members_of_a_oneof() {
    use pb::key_generation_profile::Parameters;
    let profile = |crv: String| pb::KeyGenerationProfile {
        kty: "EC".to_owned(),
        parameters: Some(Parameters::Crv(crv)),
    };
    check(&profile("P-256".to_owned()), Ok(()));
    check(&profile("x".repeat(65)), Err("crv: must be at most 64 bytes, has 65"));
}

#[test]
fn lists() {
    let expandable = |ids: &[&str]| pb::GrantExpandable {
        entitlement_ids: ids.iter().map(|&id| id.to_owned()).collect(),
        ..Default::default()
    };
    check(&expandable(&["a", "b"]), Ok(()));
    check(&expandable(&[]), Err("entitlement_ids: must be at least 1 entries, has 0"));
    check(&expandable(&["a", "b", "a"]), Err("entitlement_ids[2]: must not be there twice"));
    let aliases = |ids: Vec<String>| pb::Aliases { ids };
    check(&aliases(vec!["ä".repeat(256)]), Ok(()));
    check(&aliases(vec!["ä".repeat(257)]), Err("ids[0]: must be 1 to 256 characters, has 257"));

    let entry =
        |key: &str| ratelimit::rate_limit_descriptors::Entry { key: key.to_owned(), value: "v".to_owned() };
    let asked = |entries| ratelimit::DoRequest {
        descriptors: Some(ratelimit::RateLimitDescriptors { entries }),
        ..Default::default()
    };
    check(&asked(vec![entry("k")]), Ok(()));
    check(&asked(Vec::new()), Err("descriptors.entries: must be at least 1 entries, has 0"));
    check(
        &asked(vec![entry("k"), entry("")]),
        Err("descriptors.entries[1].key: must be at least 1 characters, has 0"),
    );
    check(&ratelimit::DoRequest::default(), Ok(()));
}

#[test]
fn declared_numbers() {
    check(&pb::Status { status: 3, details: String::new() }, Ok(()));
    check(&pb::Status { status: 4, details: String::new() }, Err("status: must be a declared value, is 4"));
}

#[test]
fn forms_of_text() {
    let email = |address: &str| user_trait::Email { address: address.to_owned(), is_primary: true };
    check(&email("ada@example.com"), Ok(()));
    check(&email("ada"), Err("address: must be a mail address"));
    check(&email(""), Err("address: must be a mail address"));

    let link = |url: &str| pb::ExternalLink { url: url.to_owned() };
    check(&link(""), Ok(()));
    check(&link("https://example.com/a?b=c#d"), Ok(()));
    for url in ["http://example.com", "https://", "https:///a", "HTTPS://example.com", "https://exa mple.com"]
    {
        check(&link(url), Err("url: must be an absolute URI that begins with https://"));
    }

    let issue = |request_id: &str| pb::IssueCredentialRequest {
        request_id: request_id.to_owned(),
        ..Default::default()
    };
    check(&issue("Az09_-"), Ok(()));
    check(&issue("a.b"), Err("request_id: must be letters, digits, `_` and `-`"));
    let money = |code: &str| pb::Money { amount_minor: 1, currency_code: code.to_owned() };
    check(&money("EUR"), Ok(()));
    check(&money("E-R"), Err("currency_code: must be letters and digits"));
}

#[test]
fn durations() {
    let wait = |seconds, nanos| pb::InvokeActionRequest {
        inline_wait: Some(Duration { seconds, nanos }),
        ..Default::default()
    };
    check(&wait(0, 0), Ok(()));
    check(&wait(86_400, 0), Ok(()));
    check(&wait(86_400, 1), Err("inline_wait: must be 0 to 86400 seconds"));
    check(&wait(0, -1), Err("inline_wait: must be 0 to 86400 seconds"));
    check(&pb::InvokeActionRequest::default(), Ok(()));
}

#[test]
fn annotations_are_not_opened() {
    let bad = pack(&user_trait::Email { address: "ada".to_owned(), is_primary: true });
    let annotated = pb::Resource { annotations: vec![bad], ..resource("r") };
    check(&annotated, Ok(()));
}
