//! Grants with an end, as a caller asks for them and sees them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost_types::Any;
use prost_types::value::Kind;
use tailgrant::proto::annotation::{find, pack};
use tailgrant::proto::c1::connector::v2 as pb;
use tailgrant::proto::tailgrant::v1::{Lease, lease::End};
use tailgrant::sandbox;
use tonic::{Code, Request, Status};

use pb::grant_manager_service_client::GrantManagerServiceClient;
use pb::grants_service_client::GrantsServiceClient;

use crate::rig::{Plan, Rig, resource};
use crate::sync::{self, Synced};

const POLICY: &str = r#"{
  "groups": {
    "group:eng": [
      "mei@example.com",
    ],
  },
}
"#;

/// Seconds since the epoch of 2100-01-01.
const FAR: i64 = 4_102_444_800;

struct Caller {
    rig: Rig,
    client: GrantManagerServiceClient<tonic::transport::Channel>,
    people: Vec<pb::Resource>,
}

impl Caller {
    async fn start() -> Self {
        let sandbox = sandbox::Settings {
            policy: Some(POLICY.into()),
            store: sandbox::Store::Verbatim,
            ..sandbox::Settings::default()
        };
        let rig = Rig::start(Plan { sandbox, ..Plan::default() }).await;
        let client = GrantManagerServiceClient::new(rig.channel().await);
        let people = sync::list(&mut Synced::default(), rig.channel().await, "user", "").await.unwrap();
        Self { rig, client, people }
    }

    fn person(&self, name: &str) -> Option<pb::Resource> {
        self.people.iter().find(|user| user.display_name == name).cloned()
    }

    /// Grants somebody a group or a role, with these annotations and metadata.
    async fn grant(
        &mut self,
        (name, on): (&str, pb::Resource),
        annotations: Vec<Any>,
        metadata: &[(&'static str, &str)],
    ) -> Result<pb::GrantManagerServiceGrantResponse, Status> {
        let id = on.id.as_ref().map(|id| format!("{}:{}:member", id.resource_type, id.resource));
        let entitlement = pb::Entitlement {
            id: id.unwrap(),
            slug: "member".to_owned(),
            resource: Some(on),
            ..Default::default()
        };
        let mut request = Request::new(pb::GrantManagerServiceGrantRequest {
            entitlement: Some(entitlement),
            principal: self.person(name),
            annotations,
        });
        for (name, value) in metadata {
            request.metadata_mut().append(*name, value.parse().unwrap());
        }
        Ok(self.client.grant(request).await?.into_inner())
    }

    async fn lease(
        &mut self,
        annotations: Vec<Any>,
        metadata: &[(&'static str, &str)],
    ) -> Result<pb::GrantManagerServiceGrantResponse, Status> {
        self.grant(("Ines", resource("group", "group:eng")), annotations, metadata).await
    }

    #[track_caller]
    fn policy(&self) -> String {
        String::from_utf8(self.rig.sandbox.policy()).unwrap()
    }

    /// What `ListGrants` tells of the ends of the group's grants, by the principal's name.
    async fn shown(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let request = pb::GrantsServiceListGrantsRequest {
            resource: Some(resource("group", "group:eng")),
            ..Default::default()
        };
        let mut client = GrantsServiceClient::new(self.rig.channel().await);
        let grants = client.list_grants(request).await.unwrap().into_inner().list;
        let name = |grant: &pb::Grant| {
            let id = &grant.principal.as_ref().unwrap().id;
            self.people.iter().find(|user| user.id == *id).unwrap().display_name.clone()
        };
        grants.iter().map(|grant| (name(grant), facts(grant))).collect()
    }
}

/// What the metadata of a grant say.
fn facts(grant: &pb::Grant) -> BTreeMap<String, String> {
    let metadata = find::<pb::GrantMetadata>(&grant.annotations).unwrap();
    let fields = metadata.and_then(|metadata| metadata.metadata).unwrap_or_default().fields;
    let text = |value: prost_types::Value| match value.kind {
        Some(Kind::StringValue(text)) => text,
        other => format!("{other:?}"),
    };
    fields.into_iter().map(|(name, value)| (name, text(value))).collect()
}

fn at(seconds: i64, nanos: i32) -> Any {
    pack(&Lease { end: Some(End::ExpiresAt(prost_types::Timestamp { seconds, nanos })) })
}

fn after(seconds: i64, nanos: i32) -> Any {
    pack(&Lease { end: Some(End::Duration(prost_types::Duration { seconds, nanos })) })
}

fn named(request_id: &str) -> Any {
    pack(&pb::RequestId { request_id: request_id.to_owned() })
}

fn end(text: &str, request: &str) -> BTreeMap<String, String> {
    let by = Some(("requested_by", request)).filter(|(_, request)| !request.is_empty());
    let facts = [("expires_at", text)].into_iter().chain(by);
    facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn an_end_by_annotation_is_in_the_policy_in_the_answer_and_in_the_listing() {
    let mut caller = Caller::start().await;
    let response = caller.lease(vec![named("REQ-123"), at(FAR, 1)], &[]).await.unwrap();
    assert_eq!(response.annotations, []);
    let expected = end("2100-01-01T00:00:01Z", "REQ-123");
    assert_eq!(facts(response.grants.first().unwrap()), expected);
    let line = "\"ines@example.com\", // tailgrant: until=2100-01-01T00:00:01Z by=REQ-123";
    assert!(caller.policy().contains(line), "{}", caller.policy());
    let shown = caller.shown().await;
    assert_eq!((shown.get("Ines"), shown.get("Mei")), (Some(&expected), Some(&BTreeMap::new())));
}

#[tokio::test]
async fn an_end_by_metadata_is_so_long_after_the_call() {
    let mut caller = Caller::start().await;
    let before = Timestamp::now();
    let metadata = [("tailgrant-expires-in", "90.5"), ("x-request-id", "m-1")];
    let response = caller.lease(Vec::new(), &metadata).await.unwrap();
    let facts = facts(response.grants.first().unwrap());
    assert_eq!(facts.get("requested_by").map(String::as_str), Some("m-1"));
    let ends: Timestamp = facts.get("expires_at").unwrap().parse().unwrap();
    let left = ends.duration_since(before).as_secs_f64();
    assert!((90.5..120.0).contains(&left), "{left}");
}

#[tokio::test]
async fn another_end_is_plain_ok_and_the_same_one_exists_already() {
    let mut caller = Caller::start().await;
    let names = |response: pb::GrantManagerServiceGrantResponse| -> Vec<String> {
        let annotations = response.annotations.iter();
        annotations.map(|any| any.type_url.rsplit('.').next().unwrap().to_owned()).collect()
    };
    let none: [&str; 0] = [];
    let exists = ["GrantAlreadyExists"];
    for (end, expected) in [
        (Some(FAR), none.as_slice()),
        (Some(FAR), exists.as_slice()),
        (Some(FAR + 60), none.as_slice()),
        (None, none.as_slice()),
        (None, exists.as_slice()),
        (Some(FAR), exists.as_slice()),
    ] {
        let annotations = end.map(|end| at(end, 0)).into_iter().collect();
        let response = caller.lease(annotations, &[]).await.unwrap();
        assert_eq!(names(response), expected, "{end:?}");
    }
    assert_eq!(caller.shown().await.get("Ines"), Some(&BTreeMap::new()), "it has become permanent");
}

#[tokio::test]
async fn a_request_id_that_a_comment_cannot_hold_is_left_out() {
    let mut caller = Caller::start().await;
    let long = "x".repeat(65);
    for (request_id, expected) in
        [("a b", ""), ("\u{e4}", ""), (long.as_str(), ""), ("A-z.0_9:@+", "A-z.0_9:@+"), ("", "")]
    {
        let response = caller.lease(vec![named(request_id), at(FAR, 0)], &[]).await.unwrap();
        let shown = facts(response.grants.first().unwrap());
        assert_eq!(shown, end("2100-01-01T00:00:00Z", expected), "{request_id:?}");
        let revoke = pb::GrantManagerServiceRevokeRequest {
            grant: response.grants.first().cloned(),
            ..Default::default()
        };
        caller.client.revoke(revoke).await.unwrap();
    }
    assert_eq!(caller.shown().await.len(), 1, "the last was revoked");
}

#[tokio::test]
async fn ends_that_cannot_be_are_invalid_arguments_that_name_the_field() {
    let mut caller = Caller::start().await;
    let mut torn = after(3_600, 0);
    torn.value.pop();
    let annotation = "annotations[tailgrant.v1.Lease]";
    for (annotations, expires_in, field) in [
        (vec![at(FAR, 0)], Some("60"), annotation),
        (vec![at(FAR, 0), after(60, 0)], None, annotation),
        (vec![pack(&Lease { end: None })], None, annotation),
        (vec![torn], None, annotation),
        (vec![at(1_000_000_000, 0)], None, "annotations[tailgrant.v1.Lease].expires_at"),
        (vec![at(253_402_300_800, 0)], None, "annotations[tailgrant.v1.Lease].expires_at"),
        (vec![at(FAR, -1)], None, "annotations[tailgrant.v1.Lease].expires_at"),
        (vec![after(0, 0)], None, "annotations[tailgrant.v1.Lease].duration"),
        (vec![after(-60, 0)], None, "annotations[tailgrant.v1.Lease].duration"),
        (vec![after(i64::MAX, 0)], None, "annotations[tailgrant.v1.Lease].duration"),
        (Vec::new(), Some("soon"), "tailgrant-expires-in"),
        (Vec::new(), Some("0"), "tailgrant-expires-in"),
        (Vec::new(), Some("-5"), "tailgrant-expires-in"),
        (Vec::new(), Some("1e9"), "tailgrant-expires-in"),
        (Vec::new(), Some("999999999999999"), "tailgrant-expires-in"),
    ] {
        let metadata: Vec<_> = expires_in.map(|text| ("tailgrant-expires-in", text)).into_iter().collect();
        let refused = caller.lease(annotations.clone(), &metadata).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{annotations:?} {expires_in:?}");
        let message = refused.message();
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
    }
    let twice = [("tailgrant-expires-in", "60"), ("tailgrant-expires-in", "90")];
    let refused = caller.lease(Vec::new(), &twice).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{}", refused.message());
    assert_eq!((caller.policy().as_str(), caller.rig.sandbox.stats().policy_writes), (POLICY, 0));
}

#[tokio::test]
async fn roles_cannot_be_leased() {
    let mut caller = Caller::start().await;
    let refused =
        caller.grant(("Ines", resource("role", "auditor")), vec![at(FAR, 0)], &[]).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("roles cannot be leased"), "{}", refused.message());
}
