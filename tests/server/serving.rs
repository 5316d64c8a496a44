//! Health, reflection, and the end of a server.

use std::time::Duration;

use tailgrant::proto::c1::connector::v2 as pb;
use tailgrant::sandbox;
use tailgrant::server::Stopped;
use tokio::task::JoinSet;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use pb::connector_service_client::ConnectorServiceClient;
use pb::grant_manager_service_client::GrantManagerServiceClient;
use pb::resources_service_client::ResourcesServiceClient;

use crate::rig::{Plan, Rig, in_time, resource};

async fn reflect(channel: Channel, request: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(request) };
    let mut answers = ServerReflectionClient::new(channel)
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap()
        .into_inner();
    let ServerReflectionResponse { message_response, .. } = answers.next().await.unwrap().unwrap();
    message_response.unwrap()
}

#[tokio::test]
async fn an_address_set_of_any_size_is_listed() {
    let items: Vec<_> = (0..300_000).map(|at| format!("\"fd7a:115c:a1e0::{at:x}\"")).collect();
    let items = items.join(",");
    let policy =
        format!("{{\"ipsets\": {{\"ipset:vast\": [{items}]}}, \"hosts\": {{\"zone\": \"192.0.2.0/24\"}}}}");
    let sandbox = sandbox::Settings { policy: Some(policy.into_bytes()), ..sandbox::Settings::default() };
    let rig = Rig::start(Plan { sandbox, ..Plan::default() }).await;
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "network".to_owned(),
        ..Default::default()
    };
    let listed = ResourcesServiceClient::new(rig.channel().await).list_resources(request).await;
    let listed = listed.unwrap().into_inner();
    assert_eq!(listed.next_page_token, "");
    let ids: Vec<_> = listed.list.iter().map(|it| it.id.as_ref().unwrap().resource.as_str()).collect();
    assert_eq!(ids, ["host:zone", "ipset:vast"]);
}

#[tokio::test]
async fn every_service_is_served_and_reflected() {
    let rig = Rig::small().await;
    let answer = reflect(rig.channel().await, MessageRequest::ListServices(String::new())).await;
    let MessageResponse::ListServicesResponse(services) = answer else { unreachable!("{answer:?}") };
    let mut names: Vec<_> = services.service.into_iter().map(|service| service.name).collect();
    names.sort();
    let connector = [
        "AccountManager",
        "Action",
        "Asset",
        "Connector",
        "CredentialManager",
        "Entitlements",
        "Event",
        "GrantManager",
        "Grants",
        "ResourceDeleter",
        "ResourceGetter",
        "ResourceManager",
        "ResourceTypes",
        "Resources",
        "Tickets",
    ];
    let mut expected: Vec<_> =
        connector.iter().map(|name| format!("c1.connector.v2.{name}Service")).collect();
    expected.push("c1.ratelimit.v1.RateLimiterService".to_owned());
    expected.push("grpc.health.v1.Health".to_owned());
    names.retain(|name| !name.starts_with("grpc.reflection."));
    assert_eq!(names, expected);
    for name in expected {
        let answer = reflect(rig.channel().await, MessageRequest::FileContainingSymbol(name.clone())).await;
        assert!(matches!(answer, MessageResponse::FileDescriptorResponse(_)), "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn the_rate_limiter_always_lets_calls_go_ahead() {
    use tailgrant::proto::c1::ratelimit::v1 as ratelimit;
    let rig = Rig::small().await;
    let mut client =
        ratelimit::rate_limiter_service_client::RateLimiterServiceClient::new(rig.channel().await);
    let request = ratelimit::DoRequest { service: "connector".to_owned(), ..Default::default() };
    let answer = client.r#do(request).await.unwrap().into_inner();
    assert_eq!(answer.description.unwrap().status(), ratelimit::rate_limit_description::Status::Ok);
}

#[tokio::test]
async fn an_idle_server_stops_at_once_and_tells_who_watches() {
    let rig = Rig::small().await;
    let mut health = HealthClient::new(rig.channel().await);
    let mut watch = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    let serving = |status: ServingStatus| status as i32;
    assert_eq!(watch.next().await.unwrap().unwrap().status, serving(ServingStatus::Serving));
    rig.stop.cancel();
    assert_eq!(watch.next().await.unwrap().unwrap().status, serving(ServingStatus::NotServing));
    assert!(in_time(watch.next()).await.is_none(), "the watch ends");
    assert_eq!(rig.ended().await, Stopped::default());
}

async fn metadata(channel: Channel) -> Result<(), tonic::Status> {
    let request = pb::ConnectorServiceGetMetadataRequest::default();
    ConnectorServiceClient::new(channel).get_metadata(request).await.map(drop)
}

/// How many users there are.
async fn users(channel: Channel) -> Result<usize, tonic::Status> {
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "user".to_owned(),
        ..Default::default()
    };
    ResourcesServiceClient::new(channel)
        .list_resources(request)
        .await
        .map(|answer| answer.into_inner().list.len())
}

/// A call under way that waits for the tailnet.
async fn slow(
    grace: Duration,
    latency: Duration,
) -> (Rig, tokio::task::JoinHandle<Result<usize, tonic::Status>>) {
    let sandbox = sandbox::Settings { latency: latency..latency, ..Plan::default().sandbox };
    let mut plan = Plan { sandbox, ..Plan::default() };
    plan.server.grace = grace;
    let rig = Rig::start(plan).await;
    let channel = rig.channel().await;
    let call = tokio::spawn(users(channel.clone()));
    // The task sends its call first; what is answered on the same connection came in after it.
    tokio::task::yield_now().await;
    metadata(channel).await.unwrap();
    (rig, call)
}

#[tokio::test]
async fn calls_under_way_finish_and_new_ones_are_turned_away() {
    let (rig, call) = slow(Duration::from_secs(20), Duration::from_millis(800)).await;
    let channel = rig.channel().await;
    rig.stop.cancel();
    let refused = loop {
        if let Err(refused) = metadata(channel.clone()).await {
            break refused;
        }
    };
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(call.await.unwrap().unwrap() > 0);
    assert_eq!(rig.ended().await, Stopped::default());
}

#[tokio::test]
async fn what_outlasts_the_grace_time_is_cut_off_and_counted() {
    let (rig, call) = slow(Duration::from_millis(10), Duration::from_secs(10)).await;
    rig.stop.cancel();
    assert_eq!(rig.ended().await, Stopped { calls: 1, writes: 0 });
    call.abort();
}

#[tokio::test]
async fn calls_that_wait_hold_up_no_other_of_their_connection() {
    let (rig, call) = slow(Duration::ZERO, Duration::from_secs(20)).await;
    let channel = rig.channel().await;
    let mut waiting = JoinSet::new();
    for _ in 0..2_000 {
        waiting.spawn(users(channel.clone()));
    }
    // Tasks begin in the order in which they were made.
    in_time(tokio::spawn(metadata(channel))).await.unwrap().unwrap();
    assert!(waiting.try_join_next().is_none(), "they wait for the tailnet");
    call.abort();
}

/// A grant whose first call to the tailnet has been sent and not answered.
async fn granting(
    grace: Duration,
    latency: &str,
) -> (Rig, tokio::task::JoinHandle<Result<usize, tonic::Status>>) {
    let sandbox = sandbox::Settings { store: sandbox::Store::Verbatim, ..Plan::default().sandbox };
    let mut plan = Plan { sandbox, ..Plan::default() };
    plan.server.grace = grace;
    let rig = Rig::start(plan).await;
    let user = rig.sandbox.change(|world| world.add_user("newcomer@example.com", "member"));
    let channel = rig.channel().await;
    ConnectorServiceClient::new(channel.clone())
        .validate(pb::ConnectorServiceValidateRequest {})
        .await
        .unwrap();
    rig.sandbox.set_faults(format!("latency={latency}").parse().unwrap());
    let call = tokio::spawn(async move {
        let group = resource("group", "group:engineering");
        let entitlement = pb::Entitlement {
            id: "group:group:engineering:member".to_owned(),
            resource: Some(group),
            ..pb::Entitlement::default()
        };
        let request = pb::GrantManagerServiceGrantRequest {
            entitlement: Some(entitlement),
            principal: Some(resource("user", &user)),
            ..pb::GrantManagerServiceGrantRequest::default()
        };
        GrantManagerServiceClient::new(channel)
            .grant(request)
            .await
            .map(|answer| answer.into_inner().grants.len())
    });
    while rig.sandbox.calls_under_way() == 0 {
        tokio::task::yield_now().await;
    }
    (rig, call)
}

#[tokio::test]
async fn a_grant_under_way_is_written_and_answered() {
    let (rig, call) = granting(Duration::from_secs(20), "300ms").await;
    rig.stop.cancel();
    assert_eq!(call.await.unwrap().unwrap(), 1);
    let policy = String::from_utf8(rig.sandbox.policy()).unwrap();
    assert!(policy.contains("newcomer@example.com"), "{policy}");
    assert_eq!(rig.ended().await, Stopped::default());
}

#[tokio::test]
async fn a_grant_that_outlasts_the_grace_time_is_counted() {
    let (rig, call) = granting(Duration::from_millis(10), "10s").await;
    rig.stop.cancel();
    let stopped = rig.ended().await;
    assert_eq!(stopped.writes, 1, "{stopped:?}");
    call.abort();
}
