//! `RateLimiterService`. The Go client asks it before each call and makes none without an answer.

use super::api::{Api, Call, admit};
use super::status::Status;
use crate::proto::c1::ratelimit::v1 as pb;

#[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
impl Api {
    /// `Do`: always go ahead. Any other status makes the client skip its call without a word; limits of
    /// the tailnet are waited for inside the calls.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds.
    pub async fn r#do(&self, request: pb::DoRequest, _call: &Call) -> Result<pb::DoResponse, Status> {
        admit(&request)?;
        Ok(pb::DoResponse {
            request_token: request.request_token,
            description: Some(pb::RateLimitDescription {
                status: pb::rate_limit_description::Status::Ok.into(),
                ..Default::default()
            }),
        })
    }

    /// `Report`: what became of a call. There is nothing to learn from it.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds.
    pub async fn report(
        &self,
        request: pb::ReportRequest,
        _call: &Call,
    ) -> Result<pb::ReportResponse, Status> {
        admit(&request)?;
        Ok(pb::ReportResponse {})
    }
}
