//! Changes that the policy's own tests forbid, as a caller sees them.

use prost::Message;
use tailgrant::proto::c1::connector::v2 as pb;
use tailgrant::sandbox;
use tonic::{Code, Status};
use tonic_types::pb::ErrorInfo;

use pb::grant_manager_service_client::GrantManagerServiceClient;

use crate::rig::{Plan, Rig, resource};
use crate::sync::{self, Synced};

const POLICY: &str = r#"{
  "groups": { "group:eng": ["mei@example.com"] },
  "acls": [{ "action": "accept", "src": ["group:eng"], "dst": ["192.0.2.7:22"] }],
  "tests": [
    { "src": "mei@example.com", "accept": ["192.0.2.7:22"] },
    { "src": "ines@example.com", "deny": ["192.0.2.7:22"] },
  ],
}
"#;

fn reasons(status: &Status) -> Vec<String> {
    let details = tonic_types::Status::decode(status.details()).unwrap().details;
    let infos = details.iter().filter(|detail| detail.type_url.ends_with("google.rpc.ErrorInfo"));
    infos.map(|info| ErrorInfo::decode(info.value.as_slice()).unwrap().reason).collect()
}

#[tokio::test]
async fn what_would_break_a_test_is_a_failed_precondition_that_names_the_test() {
    let sandbox = sandbox::Settings { policy: Some(POLICY.into()), ..sandbox::Settings::default() };
    let rig = Rig::start(Plan { sandbox, ..Plan::default() }).await;
    let people = sync::list(&mut Synced::default(), rig.channel().await, "user", "").await.unwrap();
    let person = |name: &str| people.iter().find(|user| user.display_name == name).cloned();
    let entitlement = pb::Entitlement {
        id: "group:group:eng:member".to_owned(),
        slug: "member".to_owned(),
        resource: Some(resource("group", "group:eng")),
        ..Default::default()
    };
    let mut client = GrantManagerServiceClient::new(rig.channel().await);

    let grant = pb::GrantManagerServiceGrantRequest {
        entitlement: Some(entitlement.clone()),
        principal: person("Ines"),
        ..Default::default()
    };
    let refused = client.grant(grant).await.unwrap_err();
    assert_eq!(
        (refused.code(), reasons(&refused)),
        (Code::FailedPrecondition, vec!["grant_cancelled".to_owned()])
    );
    assert!(
        refused.message().contains("number 2 (line 6), source \"ines@example.com\""),
        "{}",
        refused.message()
    );

    let revoke = pb::GrantManagerServiceRevokeRequest {
        grant: Some(pb::Grant {
            id: "group:group:eng:member:user:mei".to_owned(),
            entitlement: Some(entitlement),
            principal: person("Mei"),
            ..Default::default()
        }),
        ..Default::default()
    };
    let refused = client.revoke(revoke).await.unwrap_err();
    assert_eq!((refused.code(), reasons(&refused)), (Code::FailedPrecondition, Vec::new()));
    assert!(
        refused.message().contains("number 1 (line 5), source \"mei@example.com\""),
        "{}",
        refused.message()
    );

    let stats = rig.sandbox.stats();
    let sent =
        ["POST /tailnet/{tailnet}/acl", "POST /tailnet/{tailnet}/acl/validate"].map(|call| stats.of(call));
    assert_eq!((sent, stats.policy_writes), ([0, 0], 0), "{stats:?}");
}
