//! What all operations share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::status::{self, Status};
use crate::access::{ResourceId, ResourceKind};
use crate::connector::{Caller, Connector, Error, Health, PageRequest, SyncId};
use crate::proto::bounds::Bounded;
use crate::proto::c1::connector::v2 as pb;

/// Size that a response keeps below: gRPC clients take 4 MiB, framing and annotations included.
pub const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024 - 64 * 1024;

/// What an operator may choose about the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Grant and Revoke are served. The connector's own setting must be the same.
    pub provisioning: bool,
    /// Resource types carry traits that old clients do not know (enum numbers above 5).
    pub new_traits: bool,
    /// Size that a page of a listing keeps below, in bytes.
    pub max_response_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { provisioning: false, new_traits: true, max_response_bytes: MAX_RESPONSE_BYTES }
    }
}

/// What a transport knows of a call besides its request.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// When the caller stops waiting, if it said so.
    pub deadline: Option<Instant>,
    /// Who calls, without secrets.
    pub caller: Caller,
    /// What the caller calls the request, where the transport carries that (gRPC: `x-request-id`).
    pub request_id: Option<String>,
    /// So many seconds from now the granted access ends, as the transport carries it (gRPC:
    /// `tailgrant-expires-in`); read by Grant.
    pub expires_in: Option<String>,
}

/// The operations on one tailnet. Cheap to clone; all calls may run at the same time.
#[derive(Clone)]
pub struct Api {
    pub(super) connector: Arc<Connector>,
    pub(super) settings: Settings,
}

impl Api {
    /// The operations that `connector` carries out.
    #[must_use]
    pub fn new(connector: Arc<Connector>, settings: Settings) -> Self {
        Self { connector, settings }
    }

    /// Refuses further changes and waits for those under way. Returns how many callers were cut off when
    /// `grace` ran out.
    pub async fn drain(&self, grace: Duration) -> usize {
        self.connector.drain(grace).await
    }

    /// How the tailnet's connector does, for operators. Wants a thread that may block.
    #[must_use]
    pub fn health(&self) -> Health {
        self.connector.health()
    }

    /// The part that has broken off inside, so that the process has to be started anew.
    #[must_use]
    pub fn broken_off(&self) -> Option<&'static str> {
        self.connector.alarm().part()
    }

    /// `NOT_FOUND`, naming the tailnet.
    pub(super) fn not_found(&self, what: String) -> Status {
        status::of(&Error::NotFound { tailnet: self.connector.tailnet().to_owned(), what })
    }

    /// The resource type of a listing. Clients take `NOT_FOUND` for "skip this one", which is right here.
    pub(super) fn kind(&self, resource_type: &str) -> Result<ResourceKind, Status> {
        resource_type.parse().map_err(|_| self.not_found(format!("resource type {resource_type:?}")))
    }

    /// The resource of a listing, from the request's field `resource`.
    pub(super) fn listed(&self, resource: Option<&pb::Resource>) -> Result<ResourceId, Status> {
        let resource = required("resource", resource)?;
        self.named("resource.id", resource.id.as_ref())
    }

    /// The resource whose key a request's field holds.
    pub(super) fn named(&self, field: &str, id: Option<&pb::ResourceId>) -> Result<ResourceId, Status> {
        let id = required(field, id)?;
        Ok(ResourceId::new(self.kind(&id.resource_type)?, id.resource.as_str()))
    }
}

/// Refuses a request that is out of bounds.
pub(super) fn admit(request: &impl Bounded) -> Result<(), Status> {
    request.check().map_err(|error| status::out_of_bounds(&error))
}

/// A part that the operation needs although the tables do not demand it.
pub(super) fn required<'a, T>(field: &str, part: Option<&'a T>) -> Result<&'a T, Status> {
    part.ok_or_else(|| status::invalid(field, "must be set"))
}

/// The page a request asks for.
pub(super) fn page_request(size: u32, token: &str) -> PageRequest {
    PageRequest { size: usize::try_from(size).unwrap_or(usize::MAX), token: token.to_owned() }
}

/// The sync a request belongs to.
pub(super) fn sync_id(active_sync_id: &str) -> SyncId<'_> {
    Some(active_sync_id).filter(|id| !id.is_empty())
}
