//! `EntitlementsService`.

use super::api::{Api, Call, admit, page_request, sync_id};
use super::page;
use super::status::{self, Status};
use crate::proto::c1::connector::v2 as pb;
use crate::proto::to_pb;

impl Api {
    /// `ListEntitlements`: what one resource has to give.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds, without a resource, or with a token that is not
    /// ours; `NOT_FOUND` for an unknown resource type and for a resource that the sync's snapshot does not
    /// have; otherwise what the tailnet's failure means.
    pub async fn list_entitlements(
        &self,
        request: pb::EntitlementsServiceListEntitlementsRequest,
        _call: &Call,
    ) -> Result<pb::EntitlementsServiceListEntitlementsResponse, Status> {
        admit(&request)?;
        let resource = self.listed(request.resource.as_ref())?;
        let asked = page_request(request.page_size, &request.page_token);
        let sync = sync_id(&request.active_sync_id);
        let page =
            self.connector.entitlements(&resource, &asked, sync).await.map_err(|error| status::of(&error))?;
        let types = self.connector.resource_types();
        let (list, next_page_token) = page::fit(page, self.settings.max_response_bytes, |of| {
            to_pb::entitlement(of, types, self.settings.new_traits)
        });
        Ok(pb::EntitlementsServiceListEntitlementsResponse { list, next_page_token, ..Default::default() })
    }

    /// `ListStaticEntitlements`: none. Every sync asks, and fails if this is not answered.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds; `NOT_FOUND` for an unknown resource type.
    #[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
    pub async fn list_static_entitlements(
        &self,
        request: pb::EntitlementsServiceListStaticEntitlementsRequest,
        _call: &Call,
    ) -> Result<pb::EntitlementsServiceListStaticEntitlementsResponse, Status> {
        admit(&request)?;
        self.kind(&request.resource_type_id)?;
        Ok(pb::EntitlementsServiceListStaticEntitlementsResponse::default())
    }
}
