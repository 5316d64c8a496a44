//! What a sync sees while the tailnet changes.

use std::time::Duration;

use futures_util::future::join_all;
use tailgrant::connector;
use tailgrant::proto::c1::connector::v2 as pb;
use tonic::transport::Channel;
use tonic::{Code, Status};

use pb::grant_manager_service_client::GrantManagerServiceClient;
use pb::resources_service_client::ResourcesServiceClient;

use crate::rig::{Plan, Rig, resource};
use crate::sync::{self, Synced};

/// Every read that is not pinned loads the tailnet anew.
fn always_fresh() -> Plan {
    let connector = connector::Settings { freshness: Duration::ZERO, ..Plan::default().connector };
    Plan { connector, ..Plan::default() }
}

async fn groups(rig: &Rig, sync: &str) -> usize {
    sync::list(&mut Synced::default(), rig.channel().await, "group", sync).await.unwrap().len()
}

async fn members(rig: &Rig, group: &str, sync: &str) -> Vec<String> {
    let mut synced = Synced::default();
    sync::grants(&mut synced, rig.channel().await, &resource("group", group), sync).await.unwrap();
    synced.grants.into_iter().map(|grant| grant.id).collect()
}

/// Somebody else adds a group.
fn add_group(rig: &Rig) {
    let text = String::from_utf8(rig.sandbox.policy()).unwrap();
    rig.sandbox
        .edit_policy(text.replacen("\"groups\": {", "\"groups\": { \"group:new\": [],", 1).into_bytes());
}

#[tokio::test]
async fn a_sync_does_not_change_while_it_runs() {
    let rig = Rig::start(always_fresh()).await;
    let before = groups(&rig, "first").await;
    add_group(&rig);
    assert_eq!(groups(&rig, "").await, before + 1, "unpinned reads see it");
    assert_eq!(groups(&rig, "second").await, before + 1, "so does a sync that begins");
    assert_eq!(groups(&rig, "first").await, before, "the sync under way does not");
}

#[tokio::test]
async fn the_end_of_a_sync_lets_its_snapshot_go() {
    let rig = Rig::start(always_fresh()).await;
    let before = groups(&rig, "first").await;
    add_group(&rig);
    let request =
        pb::ConnectorServiceCleanupRequest { active_sync_id: "first".to_owned(), ..Default::default() };
    let channel = rig.channel().await;
    pb::connector_service_client::ConnectorServiceClient::new(channel).cleanup(request).await.unwrap();
    assert_eq!(groups(&rig, "first").await, before + 1);
}

#[tokio::test]
async fn syncs_that_begin_together_share_one_load() {
    let rig = Rig::small().await;
    let channel = rig.channel().await;
    let syncs: Vec<String> = (0..20).map(|number| format!("sync-{number}")).collect();
    let listings = syncs.iter().map(|sync| {
        let channel = channel.clone();
        async move { sync::list(&mut Synced::default(), channel, "user", sync).await.unwrap().len() }
    });
    let counts = join_all(listings).await;
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    assert_eq!(rig.sandbox.stats().total(), 5, "{:?}", rig.sandbox.stats());
}

#[tokio::test]
async fn our_own_write_shows_at_once_but_not_in_a_sync_under_way() {
    let rig = Rig::small().await;
    let before = members(&rig, "group:oncall", "first").await;
    let people = sync::list(&mut Synced::default(), rig.channel().await, "user", "first").await.unwrap();
    let ada = people.into_iter().find(|user| user.display_name.starts_with("Ada")).unwrap();
    let grant = pb::GrantManagerServiceGrantRequest {
        entitlement: Some(pb::Entitlement {
            id: "group:group:oncall:member".to_owned(),
            slug: "member".to_owned(),
            resource: Some(resource("group", "group:oncall")),
            ..Default::default()
        }),
        principal: Some(ada),
        ..Default::default()
    };
    GrantManagerServiceClient::new(rig.channel().await).grant(grant).await.unwrap();
    assert_eq!(members(&rig, "group:oncall", "first").await, before);
    assert_eq!(members(&rig, "group:oncall", "").await.len(), before.len() + 1);
    let stats = rig.sandbox.stats();
    assert_eq!(stats.of("GET /tailnet/{tailnet}/users"), 1, "people are not read again: {stats:?}");
}

async fn group_exists(rig: &Rig, group: &str, sync: &str) -> bool {
    let request = pb::ResourceGetterServiceGetResourceRequest {
        resource_id: resource("group", group).id,
        active_sync_id: sync.to_owned(),
        ..Default::default()
    };
    let mut client =
        pb::resource_getter_service_client::ResourceGetterServiceClient::new(rig.channel().await);
    match client.get_resource(request).await {
        Ok(_) => true,
        Err(refused) => {
            assert_eq!(refused.code(), Code::NotFound, "{refused:?}");
            false
        }
    }
}

#[tokio::test]
async fn nothing_is_missing_before_the_tailnet_was_asked_again() {
    let rig = Rig::small().await;
    assert!(!group_exists(&rig, "group:new", "first").await);
    add_group(&rig);
    assert!(group_exists(&rig, "group:new", "").await, "it came after the last load");
    assert!(!group_exists(&rig, "group:new", "first").await, "the sync under way does not change");
}

#[tokio::test]
async fn what_another_replica_has_listed_is_not_missing() {
    let rig = Rig::small().await;
    let before = groups(&rig, "first").await;
    let listed = async |group| {
        let mut synced = Synced::default();
        let outcome = sync::entitlements(&mut synced, rig.channel().await, &group, "first").await;
        let again = sync::grants(&mut synced, rig.channel().await, &group, "first").await;
        assert_eq!(outcome.as_ref().err().map(Status::code), again.err().map(|refused| refused.code()));
        outcome.map(|()| synced.entitlements.len()).map_err(|refused| refused.code())
    };
    add_group(&rig);
    assert_eq!(listed(resource("group", "group:new")).await, Ok(1), "its sync began later there");
    assert_eq!(listed(resource("group", "group:gone")).await, Err(Code::NotFound));
    assert_eq!(groups(&rig, "first").await, before, "the sync under way does not change");
}

async fn page(channel: Channel, token: &str, sync: &str) -> (Vec<String>, String) {
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "user".to_owned(),
        page_size: 5,
        page_token: token.to_owned(),
        active_sync_id: sync.to_owned(),
        ..Default::default()
    };
    let answer = ResourcesServiceClient::new(channel).list_resources(request).await.unwrap().into_inner();
    (answer.list.into_iter().map(|user| user.id.unwrap().resource).collect(), answer.next_page_token)
}

#[tokio::test]
async fn a_listing_continues_on_another_replica() {
    let (one, other) = (Rig::small().await, Rig::small().await);
    let all = sync::list(&mut Synced::default(), one.channel().await, "user", "").await.unwrap();
    let (mut seen, mut token, mut replicas) = (Vec::new(), String::new(), [&one, &other].into_iter().cycle());
    loop {
        let (users, next) = page(replicas.next().unwrap().channel().await, &token, "sync-1").await;
        assert!(users.len() <= 5);
        seen.extend(users);
        token = next;
        if token.is_empty() {
            break;
        }
    }
    let all: Vec<String> = all.into_iter().map(|user| user.id.unwrap().resource).collect();
    assert_eq!(seen, all);
}
