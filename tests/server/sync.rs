//! A full sync, call by call as the Go syncer makes it.

use std::collections::BTreeMap;

use prost::Message;
use tailgrant::proto::c1::connector::v2 as pb;
use tonic::transport::Channel;

use pb::connector_service_client::ConnectorServiceClient;
use pb::entitlements_service_client::EntitlementsServiceClient;
use pb::grants_service_client::GrantsServiceClient;
use pb::resource_types_service_client::ResourceTypesServiceClient;
use pb::resources_service_client::ResourcesServiceClient;

/// What gRPC clients take at most.
const LARGEST: usize = 4 * 1024 * 1024;

/// What a sync gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Synced {
    pub(crate) resources: BTreeMap<String, Vec<pb::Resource>>,
    pub(crate) entitlements: Vec<pb::Entitlement>,
    pub(crate) grants: Vec<pb::Grant>,
    /// Encoded size of the largest response.
    pub(crate) largest: usize,
    /// Calls made.
    pub(crate) calls: usize,
}

impl Synced {
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.resources.get(kind).map_or(0, Vec::len)
    }

    fn note(&mut self, response: &impl Message) {
        assert!(response.encoded_len() < LARGEST, "a response of {} bytes", response.encoded_len());
        self.largest = self.largest.max(response.encoded_len());
        self.calls += 1;
    }
}

/// Syncs everything, and ends the sync.
pub(crate) async fn full(channel: Channel, sync: &str) -> Result<Synced, tonic::Status> {
    let mut synced = Synced::default();
    let mut connector = ConnectorServiceClient::new(channel.clone());
    let validated = connector.validate(pb::ConnectorServiceValidateRequest::default()).await?.into_inner();
    synced.note(&validated);
    for resource_type in types(&mut synced, channel.clone(), sync).await? {
        let resources = list(&mut synced, channel.clone(), &resource_type.id, sync).await?;
        if !skips(&resource_type) {
            for resource in &resources {
                entitlements(&mut synced, channel.clone(), resource, sync).await?;
                grants(&mut synced, channel.clone(), resource, sync).await?;
            }
        }
        synced.resources.insert(resource_type.id, resources);
    }
    let cleanup =
        pb::ConnectorServiceCleanupRequest { active_sync_id: sync.to_owned(), ..Default::default() };
    connector.cleanup(cleanup).await?;
    Ok(synced)
}

async fn types(
    synced: &mut Synced,
    channel: Channel,
    sync: &str,
) -> Result<Vec<pb::ResourceType>, tonic::Status> {
    let request = pb::ResourceTypesServiceListResourceTypesRequest {
        active_sync_id: sync.to_owned(),
        ..Default::default()
    };
    let answer = ResourceTypesServiceClient::new(channel).list_resource_types(request).await?.into_inner();
    synced.note(&answer);
    assert_eq!(answer.next_page_token, "");
    Ok(answer.list)
}

/// Repeats a call until its listing ends.
macro_rules! pages {
    ($synced:expr, $client:expr, $method:ident, $request:expr) => {{
        let (mut client, mut request, mut all) = ($client, $request, Vec::new());
        loop {
            let answer = client.$method(request.clone()).await?.into_inner();
            $synced.note(&answer);
            all.extend(answer.list);
            if answer.next_page_token.is_empty() {
                break all;
            }
            assert_ne!(answer.next_page_token, request.page_token, "the listing stands still");
            request.page_token = answer.next_page_token;
        }
    }};
}

/// All resources of a type.
pub(crate) async fn list(
    synced: &mut Synced,
    channel: Channel,
    kind: &str,
    sync: &str,
) -> Result<Vec<pb::Resource>, tonic::Status> {
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: kind.to_owned(),
        active_sync_id: sync.to_owned(),
        ..Default::default()
    };
    Ok(pages!(synced, ResourcesServiceClient::new(channel), list_resources, request))
}

/// All entitlements of a resource, added to what was synced.
pub(crate) async fn entitlements(
    synced: &mut Synced,
    channel: Channel,
    resource: &pb::Resource,
    sync: &str,
) -> Result<(), tonic::Status> {
    let request = pb::EntitlementsServiceListEntitlementsRequest {
        resource: Some(resource.clone()),
        active_sync_id: sync.to_owned(),
        ..Default::default()
    };
    let list = pages!(synced, EntitlementsServiceClient::new(channel), list_entitlements, request);
    synced.entitlements.extend(list);
    Ok(())
}

/// All grants of a resource's entitlements, added to what was synced.
pub(crate) async fn grants(
    synced: &mut Synced,
    channel: Channel,
    resource: &pb::Resource,
    sync: &str,
) -> Result<(), tonic::Status> {
    let request = pb::GrantsServiceListGrantsRequest {
        resource: Some(resource.clone()),
        active_sync_id: sync.to_owned(),
        ..Default::default()
    };
    let list = pages!(synced, GrantsServiceClient::new(channel), list_grants, request);
    synced.grants.extend(list);
    Ok(())
}

fn skips(resource_type: &pb::ResourceType) -> bool {
    resource_type
        .annotations
        .iter()
        .any(|annotation| annotation.type_url.ends_with(".SkipEntitlementsAndGrants"))
}

mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rig::{Plan, Rig, generated};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_sync_costs_six_calls_of_the_api() {
        let rig = Rig::start(Plan { sandbox: generated(1_000, 200, 400, 2_000), ..Plan::default() }).await;
        let synced = full(rig.channel().await, "sync-1").await.unwrap();
        let stats = rig.sandbox.stats();
        assert_eq!(stats.total(), 6, "{stats:?}");

        assert!(synced.count("user") >= 1_000, "{}", synced.count("user"));
        assert_eq!(synced.count("device"), 2_000);
        let rules = ["aclrule", "sshrule", "grantrule"].map(|kind| synced.count(kind)).iter().sum::<usize>();
        assert!(rules > 300, "{rules} rules; equal rules are one");
        assert!(synced.count("group") >= 200 && synced.grants.len() > 1_000);
        all_different(synced.resources.values().flatten().map(|resource| format!("{:?}", resource.id)));
        all_different(synced.entitlements.iter().map(|entitlement| entitlement.id.clone()));
        all_different(synced.grants.iter().map(|grant| grant.id.clone()));

        for (kind, resources) in &synced.resources {
            let again = list(&mut Synced::default(), rig.channel().await, kind, "sync-2").await.unwrap();
            assert!(again == *resources, "{kind}: another sync gives the same");
        }
        assert_eq!(rig.sandbox.stats().total(), 6, "and joins the first one's load");
    }

    #[track_caller]
    fn all_different(ids: impl Iterator<Item = String>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            assert!(seen.insert(id.clone()), "{id} is there twice");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn more_devices_than_fit_one_answer() {
        let rig = Rig::start(Plan { sandbox: generated(50, 5, 10, 16_000), ..Plan::default() }).await;
        let mut synced = Synced::default();
        let devices = list(&mut synced, rig.channel().await, "device", "sync-1").await.unwrap();
        assert_eq!(devices.len(), 16_000);
        all_different(devices.iter().map(|device| format!("{:?}", device.id)));
        assert!(synced.calls > 1, "{} calls", synced.calls);
    }
}
