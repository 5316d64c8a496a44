//! `GrantsService`.

use super::api::{Api, Call, admit, page_request, sync_id};
use super::page;
use super::status::{self, Status};
use crate::proto::c1::connector::v2 as pb;
use crate::proto::to_pb;

impl Api {
    /// `ListGrants`: who holds the entitlements of one resource. Grants to groups are annotated for
    /// expansion; the client expands them.
    ///
    /// # Errors
    ///
    /// As [`Api::list_entitlements`].
    pub async fn list_grants(
        &self,
        request: pb::GrantsServiceListGrantsRequest,
        _call: &Call,
    ) -> Result<pb::GrantsServiceListGrantsResponse, Status> {
        admit(&request)?;
        let resource = self.listed(request.resource.as_ref())?;
        let asked = page_request(request.page_size, &request.page_token);
        let sync = sync_id(&request.active_sync_id);
        let page =
            self.connector.grants(&resource, &asked, sync).await.map_err(|error| status::of(&error))?;
        let (list, next_page_token) = page::fit(page, self.settings.max_response_bytes, to_pb::grant);
        Ok(pb::GrantsServiceListGrantsResponse { list, next_page_token, ..Default::default() })
    }
}
