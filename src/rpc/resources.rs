//! `ResourcesService` and `ResourceGetterService`.

use super::api::{Api, Call, admit, page_request, sync_id};
use super::page;
use super::status::{self, Status};
use crate::proto::c1::connector::v2 as pb;
use crate::proto::to_pb;

impl Api {
    /// `ListResources`: the resources of one type. No resource has children, so with a parent the list
    /// is empty.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds or a token that is not ours; `NOT_FOUND` for an
    /// unknown resource type, and for nothing else; otherwise what the tailnet's failure means.
    pub async fn list_resources(
        &self,
        request: pb::ResourcesServiceListResourcesRequest,
        _call: &Call,
    ) -> Result<pb::ResourcesServiceListResourcesResponse, Status> {
        admit(&request)?;
        let kind = self.kind(&request.resource_type_id)?;
        if request.parent_resource_id.is_some() {
            return Ok(pb::ResourcesServiceListResourcesResponse::default());
        }
        let asked = page_request(request.page_size, &request.page_token);
        let sync = sync_id(&request.active_sync_id);
        let page = self.connector.resources(kind, &asked, sync).await.map_err(|error| status::of(&error))?;
        let (list, next_page_token) = page::fit(page, self.settings.max_response_bytes, to_pb::resource);
        Ok(pb::ResourcesServiceListResourcesResponse { list, next_page_token, ..Default::default() })
    }

    /// `GetResource`: one resource, whatever parent the caller has on record.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds or without a resource id; `NOT_FOUND` for an unknown
    /// resource or resource type; otherwise what the tailnet's failure means.
    pub async fn get_resource(
        &self,
        request: pb::ResourceGetterServiceGetResourceRequest,
        _call: &Call,
    ) -> Result<pb::ResourceGetterServiceGetResourceResponse, Status> {
        admit(&request)?;
        let id = self.named("resource_id", request.resource_id.as_ref())?;
        let sync = sync_id(&request.active_sync_id);
        let resource = self.connector.resource(&id, sync).await.map_err(|error| status::of(&error))?;
        Ok(pb::ResourceGetterServiceGetResourceResponse {
            resource: Some(to_pb::resource(&resource)),
            annotations: Vec::new(),
        })
    }
}
