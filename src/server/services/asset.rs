//! The one service whose answer is a stream.

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tonic::{Request, Response, Status};

use super::{Face, incoming, outgoing};
use crate::proto::c1::connector::v2::asset_service_server::AssetService;
use crate::proto::c1::connector::v2::{AssetServiceGetAssetRequest, AssetServiceGetAssetResponse};

#[tonic::async_trait]
impl AssetService for Face {
    type GetAssetStream = BoxStream<'static, Result<AssetServiceGetAssetResponse, Status>>;

    async fn get_asset(
        &self,
        request: Request<AssetServiceGetAssetRequest>,
    ) -> Result<Response<Self::GetAssetStream>, Status> {
        let (message, call) = incoming(request);
        let parts = self.api.get_asset(message, &call).await;
        outgoing(parts.map(|parts| stream::iter(parts).map(Ok).boxed()))
    }
}
