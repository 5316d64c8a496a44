//! Services that every Baton client expects and a tailnet has no use for (yet). They answer as the Go
//! SDK does where a connector lacks the feature.
#![expect(clippy::missing_errors_doc, reason = "each answers one thing, which its first line tells")]

use super::api::{Api, Call, admit};
use super::status::{Code, Status, plain};
use crate::proto::bounds::Bounded;
use crate::proto::c1::connector::v2 as pb;

/// Accounts, credentials, and resources that a client makes or deletes.
#[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
impl Api {
    /// `CreateResource`: not offered.
    pub async fn create_resource(
        &self,
        request: pb::CreateResourceRequest,
        _call: &Call,
    ) -> Result<pb::CreateResourceResponse, Status> {
        self.not_offered(&request, "creating resources")
    }

    /// `DeleteResource`: not offered.
    pub async fn delete_resource(
        &self,
        request: pb::DeleteResourceRequest,
        _call: &Call,
    ) -> Result<pb::DeleteResourceResponse, Status> {
        self.not_offered(&request, "deleting resources")
    }

    /// `DeleteResourceV2`: not offered.
    pub async fn delete_resource_v2(
        &self,
        request: pb::DeleteResourceV2Request,
        _call: &Call,
    ) -> Result<pb::DeleteResourceV2Response, Status> {
        self.not_offered(&request, "deleting resources")
    }

    /// `CreateAccount`: not offered.
    pub async fn create_account(
        &self,
        request: pb::CreateAccountRequest,
        _call: &Call,
    ) -> Result<pb::CreateAccountResponse, Status> {
        self.not_offered(&request, "creating accounts")
    }

    /// `RotateCredential`: not offered.
    pub async fn rotate_credential(
        &self,
        request: pb::RotateCredentialRequest,
        _call: &Call,
    ) -> Result<pb::RotateCredentialResponse, Status> {
        self.not_offered(&request, "rotating credentials")
    }

    /// `IssueCredential`: not offered.
    pub async fn issue_credential(
        &self,
        request: pb::IssueCredentialRequest,
        _call: &Call,
    ) -> Result<pb::IssueCredentialResponse, Status> {
        self.not_offered(&request, "issuing credentials")
    }

    /// With provisioning UNIMPLEMENTED, without it `FAILED_PRECONDITION` like Grant and Revoke.
    fn not_offered<T>(&self, request: &impl Bounded, what: &str) -> Result<T, Status> {
        admit(request)?;
        self.provisioning()?;
        let tailnet = self.connector.tailnet();
        Err(plain(Code::Unimplemented, format!("tailnet {tailnet}: {what} is not offered")))
    }
}

/// Actions: there are none.
#[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
impl Api {
    /// `ListActionSchemas`: an empty list.
    pub async fn list_action_schemas(
        &self,
        request: pb::ListActionSchemasRequest,
        _call: &Call,
    ) -> Result<pb::ListActionSchemasResponse, Status> {
        admit(&request)?;
        Ok(pb::ListActionSchemasResponse::default())
    }

    /// `GetActionSchema`: `NOT_FOUND`.
    pub async fn get_action_schema(
        &self,
        request: pb::GetActionSchemaRequest,
        _call: &Call,
    ) -> Result<pb::GetActionSchemaResponse, Status> {
        admit(&request)?;
        Err(self.not_found(format!("action {:?}", request.name)))
    }

    /// `InvokeAction`: `NOT_FOUND`.
    pub async fn invoke_action(
        &self,
        request: pb::InvokeActionRequest,
        _call: &Call,
    ) -> Result<pb::InvokeActionResponse, Status> {
        admit(&request)?;
        Err(self.not_found(format!("action {:?}", request.name)))
    }

    /// `GetActionStatus`: `NOT_FOUND`.
    pub async fn get_action_status(
        &self,
        request: pb::GetActionStatusRequest,
        _call: &Call,
    ) -> Result<pb::GetActionStatusResponse, Status> {
        admit(&request)?;
        Err(self.not_found(format!("invoked action {:?}", request.id)))
    }
}

/// Event feeds: there are none.
#[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
impl Api {
    /// `ListEventFeeds`: an empty list.
    pub async fn list_event_feeds(
        &self,
        request: pb::ListEventFeedsRequest,
        _call: &Call,
    ) -> Result<pb::ListEventFeedsResponse, Status> {
        admit(&request)?;
        Ok(pb::ListEventFeedsResponse::default())
    }

    /// `ListEvents`: `NOT_FOUND`, also for the feed without a name that older clients read.
    pub async fn list_events(
        &self,
        request: pb::ListEventsRequest,
        _call: &Call,
    ) -> Result<pb::ListEventsResponse, Status> {
        admit(&request)?;
        Err(self.not_found(format!("event feed {:?}", request.event_feed_id)))
    }
}

/// Tickets: switched off.
#[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
impl Api {
    /// `CreateTicket`: UNKNOWN.
    pub async fn create_ticket(
        &self,
        request: pb::TicketsServiceCreateTicketRequest,
        _call: &Call,
    ) -> Result<pb::TicketsServiceCreateTicketResponse, Status> {
        no_tickets(&request)
    }

    /// `GetTicket`: UNKNOWN.
    pub async fn get_ticket(
        &self,
        request: pb::TicketsServiceGetTicketRequest,
        _call: &Call,
    ) -> Result<pb::TicketsServiceGetTicketResponse, Status> {
        no_tickets(&request)
    }

    /// `ListTicketSchemas`: UNKNOWN.
    pub async fn list_ticket_schemas(
        &self,
        request: pb::TicketsServiceListTicketSchemasRequest,
        _call: &Call,
    ) -> Result<pb::TicketsServiceListTicketSchemasResponse, Status> {
        no_tickets(&request)
    }

    /// `GetTicketSchema`: UNKNOWN.
    pub async fn get_ticket_schema(
        &self,
        request: pb::TicketsServiceGetTicketSchemaRequest,
        _call: &Call,
    ) -> Result<pb::TicketsServiceGetTicketSchemaResponse, Status> {
        no_tickets(&request)
    }

    /// `BulkCreateTickets`: UNKNOWN.
    pub async fn bulk_create_tickets(
        &self,
        request: pb::TicketsServiceBulkCreateTicketsRequest,
        _call: &Call,
    ) -> Result<pb::TicketsServiceBulkCreateTicketsResponse, Status> {
        no_tickets(&request)
    }

    /// `BulkGetTickets`: UNKNOWN.
    pub async fn bulk_get_tickets(
        &self,
        request: pb::TicketsServiceBulkGetTicketsRequest,
        _call: &Call,
    ) -> Result<pb::TicketsServiceBulkGetTicketsResponse, Status> {
        no_tickets(&request)
    }
}

fn no_tickets<T>(request: &impl Bounded) -> Result<T, Status> {
    admit(request)?;
    Err(plain(Code::Unknown, "ticketing is not enabled"))
}

/// Assets: nothing here refers to any.
#[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
impl Api {
    /// `GetAsset`: an empty stream.
    pub async fn get_asset(
        &self,
        request: pb::AssetServiceGetAssetRequest,
        _call: &Call,
    ) -> Result<Vec<pb::AssetServiceGetAssetResponse>, Status> {
        admit(&request)?;
        Ok(Vec::new())
    }
}
