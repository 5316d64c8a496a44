//! The calls of a sync.

use std::collections::BTreeSet;

use tailgrant::proto::annotation::find;

use super::*;

/// Follows a listing to its end; `list` makes the request for a page token.
macro_rules! all_pages {
    ($api:expr, $operation:ident, $request:expr) => {{
        let mut request = $request;
        let mut all = Vec::new();
        loop {
            let page = good($api.$operation(request.clone(), &call()).await);
            assert!(request.page_size == 0 || page.list.len() <= request.page_size as usize);
            all.extend(page.list);
            if page.next_page_token.is_empty() {
                break all;
            }
            assert_ne!(page.next_page_token, request.page_token);
            request.page_token = page.next_page_token;
        }
    }};
}

/// Everything a sync lists, with pages of `page_size`.
struct Listed {
    types: Vec<pb::ResourceType>,
    resources: Vec<pb::Resource>,
    entitlements: Vec<pb::Entitlement>,
    grants: Vec<pb::Grant>,
}

async fn list_all(api: &Api, page_size: u32, sync: &str) -> Listed {
    let active_sync_id = sync.to_owned();
    let types = all_pages!(
        api,
        list_resource_types,
        pb::ResourceTypesServiceListResourceTypesRequest { page_size, ..Default::default() }
    );
    let (mut resources, mut entitlements, mut grants) = (Vec::new(), Vec::new(), Vec::new());
    for of in &types {
        resources.extend(all_pages!(
            api,
            list_resources,
            pb::ResourcesServiceListResourcesRequest {
                resource_type_id: of.id.clone(),
                page_size,
                active_sync_id: active_sync_id.clone(),
                ..Default::default()
            }
        ));
    }
    for resource in &resources {
        let resource = Some(resource.clone());
        entitlements.extend(all_pages!(
            api,
            list_entitlements,
            pb::EntitlementsServiceListEntitlementsRequest {
                resource: resource.clone(),
                page_size,
                active_sync_id: active_sync_id.clone(),
                ..Default::default()
            }
        ));
        grants.extend(all_pages!(
            api,
            list_grants,
            pb::GrantsServiceListGrantsRequest {
                resource,
                page_size,
                active_sync_id: active_sync_id.clone(),
                ..Default::default()
            }
        ));
    }
    Listed { types, resources, entitlements, grants }
}

fn key(of: Option<&pb::ResourceId>) -> (String, String) {
    let id = of.unwrap();
    (id.resource_type.clone(), id.resource.clone())
}

#[tokio::test]
async fn a_sync_is_whole_whatever_the_page_size() {
    let rig = Rig::start(rpc::Settings::default()).await;
    let validated = good(rig.api.validate(pb::ConnectorServiceValidateRequest {}, &call()).await);
    assert_eq!(validated.sdk_version, "0.25.0");
    let whole = list_all(&rig.api, 0, "s1").await;
    assert!(!whole.grants.is_empty() && !whole.entitlements.is_empty());

    // What is referred to is listed, and every trait that clients demand is there.
    let resources: BTreeSet<_> = whole.resources.iter().map(|it| key(it.id.as_ref())).collect();
    assert_eq!(resources.len(), whole.resources.len(), "listed once");
    let entitlements: BTreeSet<_> = whole.entitlements.iter().map(|it| it.id.as_str()).collect();
    for grant in &whole.grants {
        assert!(entitlements.contains(grant.entitlement.as_ref().unwrap().id.as_str()), "{}", grant.id);
        assert!(resources.contains(&key(grant.principal.as_ref().unwrap().id.as_ref())), "{}", grant.id);
        let expandable = find::<pb::GrantExpandable>(&grant.annotations).unwrap().unwrap_or_default();
        for source in &expandable.entitlement_ids {
            let (kind, id) = key(grant.principal.as_ref().unwrap().id.as_ref());
            assert!(entitlements.contains(source.as_str()), "{} expands {source}", grant.id);
            assert!(source.starts_with(&format!("{kind}:{id}:")), "{} expands {source}", grant.id);
        }
    }
    for resource in &whole.resources {
        let kind = resource.id.as_ref().unwrap().resource_type.as_str();
        let annotations = resource.annotations.as_slice();
        match kind {
            "user" => good(Ok(find::<pb::UserTrait>(annotations).unwrap().unwrap())).check(),
            "group" | "autogroup" => good(Ok(find::<pb::GroupTrait>(annotations).unwrap().unwrap())).check(),
            "role" => good(Ok(find::<pb::RoleTrait>(annotations).unwrap().unwrap())).check(),
            "device" => good(Ok(find::<pb::ManagedDeviceTrait>(annotations).unwrap().unwrap())).check(),
            _ => Ok(()),
        }
        .unwrap();
    }

    for page_size in [1, 3, 250] {
        let paged = list_all(&rig.api, page_size, "s1").await;
        assert_eq!(paged.types, whole.types);
        assert_eq!(paged.resources, whole.resources);
        assert_eq!(paged.entitlements, whole.entitlements);
        assert_eq!(paged.grants, whole.grants);
    }
}

#[tokio::test]
async fn pages_are_cut_by_size_too() {
    let whole = list_all(&Rig::start(rpc::Settings::default()).await.api, 0, "").await;
    let small = Rig::start(rpc::Settings { max_response_bytes: 700, ..Default::default() }).await;
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "user".to_owned(),
        ..Default::default()
    };
    let first = good(small.api.list_resources(request, &call()).await);
    assert!(!first.next_page_token.is_empty());
    assert!(first.list.len() == 1 || first.encoded_len() < 800, "{} bytes", first.encoded_len());
    let cut = list_all(&small.api, 0, "").await;
    assert_eq!((cut.resources.len(), cut.grants.len()), (whole.resources.len(), whole.grants.len()));
}

#[tokio::test]
async fn old_clients_are_spared_new_traits() {
    for (new_traits, expected) in [(true, [12].as_slice()), (false, [].as_slice())] {
        let rig = Rig::start(rpc::Settings { new_traits, ..Default::default() }).await;
        let listed = list_all(&rig.api, 0, "").await;
        let device = listed.types.iter().find(|of| of.id == "device").unwrap();
        assert_eq!(device.traits, expected);
        let of_devices = listed.resources.iter().filter(|it| key(it.id.as_ref()).0 == "device");
        for device in of_devices {
            assert!(find::<pb::ManagedDeviceTrait>(&device.annotations).unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn one_resource() {
    let rig = Rig::start(rpc::Settings::default()).await;
    for listed in list_all(&rig.api, 0, "").await.resources {
        let request = pb::ResourceGetterServiceGetResourceRequest {
            resource_id: listed.id.clone(),
            parent_resource_id: resource("user", "anything").id,
            ..Default::default()
        };
        let one = good(rig.api.get_resource(request, &call()).await);
        assert_eq!(one.resource, Some(listed));
    }
}

#[tokio::test]
async fn nothing_has_children_or_static_entitlements() {
    let rig = Rig::start(rpc::Settings::default()).await;
    let request = pb::ResourcesServiceListResourcesRequest {
        resource_type_id: "user".to_owned(),
        parent_resource_id: resource("group", "group:eng").id,
        ..Default::default()
    };
    assert_eq!(good(rig.api.list_resources(request, &call()).await).list, []);
    let request = pb::EntitlementsServiceListStaticEntitlementsRequest {
        resource_type_id: "user".to_owned(),
        ..Default::default()
    };
    assert_eq!(good(rig.api.list_static_entitlements(request, &call()).await).list, []);
}

#[tokio::test]
async fn metadata_and_cleanup_ask_nobody() {
    let rig = Rig::start(provisioning()).await;
    let metadata = good(rig.api.get_metadata(pb::ConnectorServiceGetMetadataRequest {}, &call()).await);
    let capabilities = metadata.metadata.unwrap().capabilities.unwrap();
    assert_eq!(capabilities.connector_capabilities, [1, 2, 11, 13]);
    let ids: Vec<_> = capabilities
        .resource_type_capabilities
        .iter()
        .map(|it| it.resource_type.as_ref().unwrap().id.as_str())
        .collect();
    assert!(ids.is_sorted() && ids.len() == 10, "{ids:?}");
    let request =
        pb::ConnectorServiceCleanupRequest { active_sync_id: "s1".to_owned(), ..Default::default() };
    good(rig.api.cleanup(request, &call()).await);
    assert_eq!(rig.sandbox.stats().requests.len(), 0);
}
