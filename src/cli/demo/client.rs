//! A Baton client, as a governance platform is one: syncs page by page, grants, revokes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::ProgressBar;
use tonic::transport::{Channel, Endpoint};

use crate::proto::annotation;
use crate::proto::c1::connector::v2::connector_service_client::ConnectorServiceClient;
use crate::proto::c1::connector::v2::entitlements_service_client::EntitlementsServiceClient;
use crate::proto::c1::connector::v2::grant_manager_service_client::GrantManagerServiceClient;
use crate::proto::c1::connector::v2::grants_service_client::GrantsServiceClient;
use crate::proto::c1::connector::v2::resource_types_service_client::ResourceTypesServiceClient;
use crate::proto::c1::connector::v2::resources_service_client::ResourcesServiceClient;
use crate::proto::c1::connector::v2::status::ResourceStatus;
use crate::proto::c1::connector::v2::{
    ConnectorServiceCleanupRequest, ConnectorServiceValidateRequest, Entitlement,
    EntitlementsServiceListEntitlementsRequest, Grant, GrantExpandable, GrantManagerServiceGrantRequest,
    GrantManagerServiceGrantResponse, GrantManagerServiceRevokeRequest, GrantManagerServiceRevokeResponse,
    GrantsServiceListGrantsRequest, Resource, ResourceType, ResourceTypesServiceListResourceTypesRequest,
    ResourcesServiceListResourcesRequest, SkipEntitlementsAndGrants,
};

/// Deepest chain of expandable grants that is followed, as Baton clients do.
const DEEPEST_EXPANSION: usize = 20;

/// A connection to the daemon.
pub(super) struct Client {
    channel: Channel,
}

/// What one sync brought.
pub(super) struct Synced {
    pub(super) types: Vec<ResourceType>,
    pub(super) resources: Vec<Resource>,
    pub(super) entitlements: Vec<Entitlement>,
    pub(super) grants: Vec<Grant>,
    pub(super) took: Duration,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
        Ok(Self { channel: endpoint.connect().await.context("the daemon cannot be reached")? })
    }

    /// A full sync in the order of the Go syncer: validate, types, resources, entitlements, grants.
    pub(super) async fn sync(&self, id: &str, progress: &ProgressBar) -> anyhow::Result<Synced> {
        let begin = Instant::now();
        let mut connector = ConnectorServiceClient::new(self.channel.clone());
        connector.validate(ConnectorServiceValidateRequest {}).await?;
        let types = self.types(id).await?;
        let mut resources = Vec::new();
        for kind in &types {
            progress.set_message(format!("listing {}", kind.display_name));
            resources.extend(self.resources(id, &kind.id).await?);
        }
        let skipped: BTreeSet<&str> = types
            .iter()
            .filter(|kind| {
                matches!(annotation::find::<SkipEntitlementsAndGrants>(&kind.annotations), Ok(Some(_)))
            })
            .map(|kind| kind.id.as_str())
            .collect();
        let asked: Vec<&Resource> = resources.iter().filter(|one| !skipped.contains(kind_of(one))).collect();
        progress.set_length(asked.len() as u64);
        progress.set_message("listing entitlements and grants");
        let (mut entitlements, mut grants) = (Vec::new(), Vec::new());
        for resource in asked {
            entitlements.extend(self.entitlements(id, resource).await?);
            grants.extend(self.grants(id, resource).await?);
            progress.inc(1);
        }
        let cleanup = ConnectorServiceCleanupRequest { active_sync_id: id.to_owned(), ..Default::default() };
        connector.cleanup(cleanup).await?;
        progress.finish_and_clear();
        Ok(Synced { types, resources, entitlements, grants, took: begin.elapsed() })
    }

    pub(super) async fn grant(
        &self,
        entitlement: &Entitlement,
        principal: &Resource,
    ) -> anyhow::Result<GrantManagerServiceGrantResponse> {
        let request = GrantManagerServiceGrantRequest {
            entitlement: Some(entitlement.clone()),
            principal: Some(principal.clone()),
            ..Default::default()
        };
        Ok(GrantManagerServiceClient::new(self.channel.clone()).grant(request).await?.into_inner())
    }

    pub(super) async fn revoke(&self, grant: &Grant) -> anyhow::Result<GrantManagerServiceRevokeResponse> {
        let request = GrantManagerServiceRevokeRequest { grant: Some(grant.clone()), ..Default::default() };
        Ok(GrantManagerServiceClient::new(self.channel.clone()).revoke(request).await?.into_inner())
    }

    async fn types(&self, id: &str) -> anyhow::Result<Vec<ResourceType>> {
        all_pages(async |page_token| {
            let request = ResourceTypesServiceListResourceTypesRequest {
                page_token,
                active_sync_id: id.to_owned(),
                ..Default::default()
            };
            let mut client = ResourceTypesServiceClient::new(self.channel.clone());
            let page = client.list_resource_types(request).await?.into_inner();
            Ok((page.list, page.next_page_token))
        })
        .await
    }

    async fn resources(&self, id: &str, kind: &str) -> anyhow::Result<Vec<Resource>> {
        all_pages(async |page_token| {
            let request = ResourcesServiceListResourcesRequest {
                resource_type_id: kind.to_owned(),
                page_token,
                active_sync_id: id.to_owned(),
                ..Default::default()
            };
            let mut client = ResourcesServiceClient::new(self.channel.clone());
            let page = client.list_resources(request).await?.into_inner();
            Ok((page.list, page.next_page_token))
        })
        .await
    }

    async fn entitlements(&self, id: &str, resource: &Resource) -> anyhow::Result<Vec<Entitlement>> {
        all_pages(async |page_token| {
            let request = EntitlementsServiceListEntitlementsRequest {
                resource: Some(resource.clone()),
                page_token,
                active_sync_id: id.to_owned(),
                ..Default::default()
            };
            let mut client = EntitlementsServiceClient::new(self.channel.clone());
            let page = client.list_entitlements(request).await?.into_inner();
            Ok((page.list, page.next_page_token))
        })
        .await
    }

    async fn grants(&self, id: &str, resource: &Resource) -> anyhow::Result<Vec<Grant>> {
        all_pages(async |page_token| {
            let request = GrantsServiceListGrantsRequest {
                resource: Some(resource.clone()),
                page_token,
                active_sync_id: id.to_owned(),
                ..Default::default()
            };
            let mut client = GrantsServiceClient::new(self.channel.clone());
            let page = client.list_grants(request).await?.into_inner();
            Ok((page.list, page.next_page_token))
        })
        .await
    }
}

/// All items of a listing. `page` fetches what follows a token, which is empty at the beginning, and gives
/// the next token, which is empty at the end.
async fn all_pages<T>(
    page: impl AsyncFn(String) -> anyhow::Result<(Vec<T>, String)>,
) -> anyhow::Result<Vec<T>> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let (items, next) = page(token).await?;
        all.extend(items);
        if next.is_empty() {
            return Ok(all);
        }
        token = next;
    }
}

impl Synced {
    /// Resources of a type, in the order in which they were listed.
    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| kind_of(resource) == kind)
    }

    /// The `member` entitlement of a resource.
    pub(super) fn membership(&self, resource: &Resource) -> Option<&Entitlement> {
        self.entitlements.iter().find(|entitlement| {
            entitlement.slug == "member"
                && entitlement.resource.as_ref().is_some_and(|on| on.id == resource.id)
        })
    }

    /// Whether a user holds a role of the tailnet.
    pub(super) fn has_role(&self, user: &Resource) -> bool {
        let mut roles = self.grants.iter().filter(|grant| entitlement_of(grant).starts_with("role:"));
        roles.any(|grant| grant.principal.as_ref().is_some_and(|principal| principal.id == user.id))
    }

    /// Direct holders of an entitlement: the principal, and what it stands for.
    pub(super) fn holders<'a>(&'a self, entitlement: &'a str) -> impl Iterator<Item = Holder<'a>> {
        let grants = self.grants.iter();
        grants
            .filter(move |grant| entitlement_of(grant) == entitlement)
            .filter_map(|grant| self.holder(grant))
    }

    /// Names of everybody who holds an entitlement, directly or through what its holders stand for; with
    /// the reason where somebody cannot use it now.
    pub(super) fn people(&self, entitlement: &str) -> BTreeSet<String> {
        let mut people = BTreeSet::new();
        let mut seen = BTreeSet::from([entitlement.to_owned()]);
        let mut todo = vec![(entitlement.to_owned(), 0)];
        while let Some((entitlement, depth)) = todo.pop() {
            for holder in self.holders(&entitlement) {
                if kind_of(holder.principal) == "user" {
                    people.insert(name_of(holder.principal));
                }
                for inner in holder.stands_for {
                    if depth < DEEPEST_EXPANSION && seen.insert(inner.clone()) {
                        todo.push((inner, depth + 1));
                    }
                }
            }
        }
        people
    }

    /// Resources, entitlements and grants of each type, in the order of the types.
    pub(super) fn counts(&self) -> Vec<(&str, [usize; 3])> {
        let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        let listed = [
            self.resources.iter().map(kind_of).collect::<Vec<_>>(),
            self.entitlements
                .iter()
                .filter_map(|entitlement| entitlement.resource.as_ref())
                .map(kind_of)
                .collect(),
            self.grants
                .iter()
                .filter_map(|grant| grant.entitlement.as_ref()?.resource.as_ref())
                .map(kind_of)
                .collect(),
        ];
        for (column, kinds) in listed.into_iter().enumerate() {
            for kind in kinds {
                if let Some(count) = counts.entry(kind).or_default().get_mut(column) {
                    *count += 1;
                }
            }
        }
        self.types
            .iter()
            .map(|kind| (kind.id.as_str(), counts.remove(kind.id.as_str()).unwrap_or_default()))
            .collect()
    }

    fn holder(&self, grant: &Grant) -> Option<Holder<'_>> {
        let id = grant.principal.as_ref()?.id.as_ref()?;
        let principal = self.resources.iter().find(|resource| resource.id.as_ref() == Some(id))?;
        let expandable = annotation::find::<GrantExpandable>(&grant.annotations).ok()?;
        Some(Holder {
            principal,
            stands_for: expandable.map(|found| found.entitlement_ids).unwrap_or_default(),
        })
    }
}

/// A principal of a grant.
pub(super) struct Holder<'a> {
    pub(super) principal: &'a Resource,
    /// Entitlements whose holders hold this one too.
    pub(super) stands_for: Vec<String>,
}

/// A user's name, and what keeps them out if something does.
fn name_of(user: &Resource) -> String {
    match &user.status {
        Some(status) if status.status() != ResourceStatus::Enabled && !status.details.is_empty() => {
            format!("{} ({})", user.display_name, status.details)
        }
        _ => user.display_name.clone(),
    }
}

/// The type of a resource; empty when the message lacks one.
pub(super) fn kind_of(resource: &Resource) -> &str {
    resource.id.as_ref().map_or("", |id| &id.resource_type)
}

fn entitlement_of(grant: &Grant) -> &str {
    grant.entitlement.as_ref().map_or("", |entitlement| &entitlement.id)
}
