//! What is answered when something is wrong with a call, or with the tailnet behind it.

use std::sync::Arc;

use tailgrant::connector::Error;
use tailgrant::proto::annotation::{find, pack};

use super::*;

const INVALID_ARGUMENT: i32 = 3;
const NOT_FOUND: i32 = 5;
const FAILED_PRECONDITION: i32 = 9;
const UNAVAILABLE: i32 = 14;

fn entitlement(id: &str, on: pb::Resource) -> pb::Entitlement {
    pb::Entitlement { id: id.to_owned(), resource: Some(on), ..Default::default() }
}

fn granting(entitlement: pb::Entitlement, principal: pb::Resource) -> pb::GrantManagerServiceGrantRequest {
    pb::GrantManagerServiceGrantRequest {
        entitlement: Some(entitlement),
        principal: Some(principal),
        annotations: Vec::new(),
    }
}

#[tokio::test]
async fn requests_out_of_bounds() {
    let rig = Rig::start(provisioning()).await;
    let check =
        |answer: (i32, String), message: &str| assert_eq!(answer, (INVALID_ARGUMENT, message.to_owned()));

    let request =
        pb::GrantsServiceListGrantsRequest { resource: Some(resource("group", "")), ..Default::default() };
    check(
        bad(rig.api.list_grants(request, &call()).await),
        "resource.id.resource: must be 1 to 1024 bytes, has 0",
    );
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "user".to_owned(),
        page_size: 251,
        ..Default::default()
    };
    check(bad(rig.api.list_resources(request, &call()).await), "page_size: must be at most 250, is 251");
    let request = pb::EntitlementsServiceListEntitlementsRequest::default();
    check(bad(rig.api.list_entitlements(request, &call()).await), "resource: must be set");
    let request = pb::ResourceGetterServiceGetResourceRequest::default();
    check(bad(rig.api.get_resource(request, &call()).await), "resource_id: must be set");
    let request = pb::GrantManagerServiceGrantRequest::default();
    check(bad(rig.api.grant(request, &call()).await), "entitlement: must be set");

    let user = resource("user", "u1");
    let on = resource("group", "group:eng");
    let request = granting(entitlement("group:group:eng:boss", on.clone()), user.clone());
    check(
        bad(rig.api.grant(request, &call()).await),
        "entitlement.id: entitlement slug \"boss\" is not known here",
    );
    let request = granting(entitlement("group:group:eng:member", on), resource("robot", "r1"));
    check(
        bad(rig.api.grant(request, &call()).await),
        "principal.id.resource_type: resource type \"robot\" is not known here",
    );
    let revoke = pb::GrantManagerServiceRevokeRequest {
        grant: Some(pb::Grant {
            entitlement: Some(entitlement("group:group:eng:member", resource("group", "group:ops"))),
            principal: Some(user),
            id: "🧸_UNKNOWN_GRANT_ID".to_owned(),
            ..Default::default()
        }),
        annotations: Vec::new(),
    };
    check(
        bad(rig.api.revoke(revoke, &call()).await),
        "grant.entitlement.id: group:group:eng:member is not on the resource group:group:ops that stands \
         beside it",
    );
    assert_eq!(rig.sandbox.stats().requests.len(), 0, "the tailnet is not asked");
}

#[tokio::test]
async fn tokens_that_are_not_ours() {
    let rig = Rig::start(rpc::Settings::default()).await;
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "user".to_owned(),
        page_token: "page-2".to_owned(),
        ..Default::default()
    };
    assert_eq!(bad(rig.api.list_resources(request, &call()).await).0, INVALID_ARGUMENT);
}

#[tokio::test]
async fn unknown_types_and_resources_are_not_found() {
    let rig = Rig::start(rpc::Settings::default()).await;
    let unknown = (NOT_FOUND, "tailnet example.com: resource type \"team\" does not exist".to_owned());
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "team".to_owned(),
        ..Default::default()
    };
    assert_eq!(bad(rig.api.list_resources(request, &call()).await), unknown);
    let request = pb::EntitlementsServiceListStaticEntitlementsRequest {
        resource_type_id: "team".to_owned(),
        ..Default::default()
    };
    assert_eq!(bad(rig.api.list_static_entitlements(request, &call()).await), unknown);
    let list = |of| pb::GrantsServiceListGrantsRequest { resource: Some(of), ..Default::default() };
    assert_eq!(bad(rig.api.list_grants(list(resource("team", "t1")), &call()).await), unknown);
    let gone = bad(rig.api.list_grants(list(resource("group", "group:gone")), &call()).await);
    assert_eq!(gone, (NOT_FOUND, "tailnet example.com: group group:gone does not exist".to_owned()));
}

#[tokio::test]
async fn a_tailnet_that_does_not_answer_is_unavailable_never_empty() {
    let rig = Rig::start(rpc::Settings::default()).await;
    rig.sandbox.stop().await;
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "user".to_owned(),
        ..Default::default()
    };
    let (code, message) = bad(rig.api.list_resources(request, &call()).await);
    assert_eq!(code, UNAVAILABLE);
    assert!(message.starts_with("tailnet example.com: "), "{message}");
}

#[tokio::test]
async fn without_provisioning_nothing_is_changed() {
    let rig = Rig::start(rpc::Settings::default()).await;
    let off = (
        FAILED_PRECONDITION,
        "tailnet example.com: provisioning is not enabled (start tailgrant with --provisioning)".to_owned(),
    );
    let user = resource("user", "u1");
    let on = entitlement("group:group:eng:member", resource("group", "group:eng"));
    let grant = pb::Grant {
        entitlement: Some(on.clone()),
        principal: Some(user.clone()),
        id: "g".to_owned(),
        ..Default::default()
    };
    assert_eq!(bad(rig.api.grant(granting(on, user), &call()).await), off);
    let revoke = pb::GrantManagerServiceRevokeRequest { grant: Some(grant), annotations: Vec::new() };
    assert_eq!(bad(rig.api.revoke(revoke, &call()).await), off);
    assert_eq!(bad(rig.api.create_account(pb::CreateAccountRequest::default(), &call()).await), off);
    assert_eq!(bad(rig.api.delete_resource(pb::DeleteResourceRequest::default(), &call()).await), off);
    assert_eq!(rig.sandbox.stats().requests.len(), 0);
}

#[test]
fn a_refused_credential_is_no_failure_of_the_caller() {
    let refused = tailscale::Error::Refused {
        tailnet: "example.com".to_owned(),
        method: http::Method::GET,
        path: "/api/v2/tailnet/example.com/acl".into(),
        status: http::StatusCode::FORBIDDEN,
        message: "calling actor does not have enough permissions".to_owned(),
        retry_after: None,
        needs: "policy_file:read",
    };
    let status = rpc::status::of(&Error::Credential {
        tailnet: "example.com".to_owned(),
        needs: "the scope policy_file:read".to_owned(),
        cause: Arc::new(refused),
    });
    assert_eq!(status.code, FAILED_PRECONDITION);
    assert_eq!(
        status.message,
        "tailnet example.com: the credential is refused; it needs the scope policy_file:read: \
         GET /api/v2/tailnet/example.com/acl was refused: 403 Forbidden: \
         calling actor does not have enough permissions",
        "the chain of causes and the tailnet are printed once"
    );
}

#[tokio::test]
async fn annotations_of_a_request_are_read_not_trusted() {
    let rig = Rig::start(provisioning()).await;
    let mut broken = pack(&pb::UserTrait { login: "ada@example.com".to_owned(), ..Default::default() });
    broken.value.truncate(3);
    assert!(find::<pb::UserTrait>(std::slice::from_ref(&broken)).is_err());
    let principal = pb::Resource { annotations: vec![broken], ..resource("user", "u1") };
    let revoke = pb::GrantManagerServiceRevokeRequest {
        grant: Some(pb::Grant {
            entitlement: Some(entitlement("group:group:eng:member", resource("group", "group:eng"))),
            principal: Some(principal),
            id: "g".to_owned(),
            ..Default::default()
        }),
        annotations: Vec::new(),
    };
    assert_eq!(bad(rig.api.revoke(revoke, &call()).await).0, INVALID_ARGUMENT);
}
