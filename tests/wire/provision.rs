//! Grant and Revoke.

use tailgrant::proto::annotation::find;
use tailgrant::proto::c1::connector::v2::{GrantAlreadyExists, GrantAlreadyRevoked, GrantReplaced};

use super::*;

/// What a client that does not know a grant's id sends instead.
const UNKNOWN_GRANT_ID: &str = "🧸_UNKNOWN_GRANT_ID";

async fn resources(api: &Api, kind: &str) -> Vec<pb::Resource> {
    let resource_type_id = kind.to_owned();
    let request = pb::ResourcesServiceListResourcesRequest { resource_type_id, ..Default::default() };
    good(api.list_resources(request, &call()).await).list
}

async fn grants(api: &Api, of: &pb::Resource) -> Vec<pb::Grant> {
    let request = pb::GrantsServiceListGrantsRequest { resource: Some(of.clone()), ..Default::default() };
    good(api.list_grants(request, &call()).await).list
}

async fn entitlement(api: &Api, of: &pb::Resource) -> pb::Entitlement {
    let request =
        pb::EntitlementsServiceListEntitlementsRequest { resource: Some(of.clone()), ..Default::default() };
    good(api.list_entitlements(request, &call()).await).list.remove(0)
}

fn id(of: &pb::Resource) -> &str {
    &of.id.as_ref().unwrap().resource
}

fn ids(grants: &[pb::Grant]) -> Vec<&str> {
    grants.iter().map(|grant| grant.id.as_str()).collect()
}

/// A group of the policy file and a member of the tailnet who is not in it.
async fn somebody_outside_a_group(api: &Api) -> (pb::Resource, pb::Resource) {
    let people = resources(api, "user").await;
    for group in resources(api, "group").await {
        let listed = grants(api, &group).await;
        let outside = people.iter().find(|person| {
            let enabled = person.status.as_ref().is_some_and(|status| status.status == 1);
            enabled && !listed.iter().any(|it| it.principal.as_ref().unwrap().id == person.id)
        });
        if let (true, Some(person)) = (!id(&group).contains('@'), outside) {
            return (group, person.clone());
        }
    }
    panic!("everybody is in every group")
}

#[tokio::test]
async fn grant_and_revoke_of_a_group() {
    let rig = Rig::start(provisioning()).await;
    let before = rig.sandbox.policy();
    let (group, person) = somebody_outside_a_group(&rig.api).await;
    let was = grants(&rig.api, &group).await;
    let request = pb::GrantManagerServiceGrantRequest {
        entitlement: Some(entitlement(&rig.api, &group).await),
        principal: Some(person.clone()),
        annotations: Vec::new(),
    };

    let granted = good(rig.api.grant(request.clone(), &call()).await);
    assert_eq!(granted.annotations, []);
    let expected = format!("group:{}:member:user:{}", id(&group), id(&person));
    assert_eq!(ids(&granted.grants), [expected.as_str()]);
    let now = grants(&rig.api, &group).await;
    assert_eq!(now.len(), was.len() + 1, "an unpinned listing sees it at once");
    assert!(ids(&now).contains(&expected.as_str()));

    let again = good(rig.api.grant(request, &call()).await);
    assert!(find::<GrantAlreadyExists>(&again.annotations).unwrap().is_some());
    assert_eq!(ids(&again.grants), [expected.as_str()]);

    let grant = pb::Grant { id: UNKNOWN_GRANT_ID.to_owned(), ..granted.grants[0].clone() };
    let request = pb::GrantManagerServiceRevokeRequest { grant: Some(grant), annotations: Vec::new() };
    let revoked = good(rig.api.revoke(request.clone(), &call()).await);
    assert_eq!(revoked.annotations, []);
    assert_eq!(grants(&rig.api, &group).await, was);
    assert_eq!(rig.sandbox.policy(), before);

    let again = good(rig.api.revoke(request, &call()).await);
    assert!(find::<GrantAlreadyRevoked>(&again.annotations).unwrap().is_some());
}

#[tokio::test]
async fn a_role_takes_the_place_of_another() {
    let rig = Rig::start(provisioning()).await;
    let roles = resources(&rig.api, "role").await;
    let role = |name: &str| roles.iter().find(|role| id(role) == name).unwrap();
    let members = grants(&rig.api, role("member")).await;
    let member = members.first().unwrap();
    let request = pb::GrantManagerServiceGrantRequest {
        entitlement: Some(entitlement(&rig.api, role("auditor")).await),
        principal: member.principal.clone(),
        annotations: Vec::new(),
    };
    let granted = good(rig.api.grant(request, &call()).await);
    let replaced = find::<GrantReplaced>(&granted.annotations).unwrap().unwrap();
    assert_eq!(replaced.check(), Ok(()));
    assert_eq!(replaced.replaced_grant_id, member.id);
    let person = id(member.principal.as_ref().unwrap());
    assert_eq!(ids(&granted.grants), [format!("role:auditor:member:user:{person}")]);
}

#[tokio::test]
async fn a_grant_to_what_is_gone_is_not_found() {
    let rig = Rig::start(provisioning()).await;
    let (group, person) = somebody_outside_a_group(&rig.api).await;
    let gone = pb::Entitlement {
        id: "group:group:gone:member".to_owned(),
        resource: Some(resource("group", "group:gone")),
        ..Default::default()
    };
    for (entitlement, principal) in
        [(gone, person), (entitlement(&rig.api, &group).await, resource("user", "u-gone"))]
    {
        let request = pb::GrantManagerServiceGrantRequest {
            entitlement: Some(entitlement),
            principal: Some(principal),
            annotations: Vec::new(),
        };
        let (code, message) = bad(rig.api.grant(request, &call()).await);
        assert_eq!(code, 5, "{message}");
        assert!(message.starts_with("tailnet example.com: "), "{message}");
    }
    assert_eq!(rig.sandbox.stats().policy_writes, 0);
}

#[tokio::test]
async fn a_refusal_for_good_says_so() {
    let rig = Rig::start(provisioning()).await;
    let roles = resources(&rig.api, "role").await;
    let owner = roles.iter().find(|role| id(role) == "owner").unwrap();
    let (_, person) = somebody_outside_a_group(&rig.api).await;
    let request = pb::GrantManagerServiceGrantRequest {
        entitlement: Some(entitlement(&rig.api, owner).await),
        principal: Some(person),
        annotations: Vec::new(),
    };
    let status = rig.api.grant(request, &call()).await.unwrap_err();
    assert_eq!(status.code, 9, "{}", status.message);
    let [detail] = status.details.as_slice() else { panic!("{:?}", status.details) };
    assert_eq!(detail.type_url, "type.googleapis.com/google.rpc.ErrorInfo");
}
