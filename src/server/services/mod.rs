//! The services: each method hands its message on to [`rpc::Api`] and its answer back.

mod asset;
mod deadline;
mod header;

use std::time::Instant;

use prost::Message;
use tonic::service::{Routes, RoutesBuilder};
use tonic::{Code, Request, Response, Status};
use tracing::Span;

use super::caller::Caller;
use crate::proto::FILE_DESCRIPTOR_SET;
use crate::proto::c1::connector::v2 as connector;
use crate::proto::c1::ratelimit::v1 as ratelimit;
use crate::rpc;

/// Largest message either way: what gRPC clients take unless told otherwise.
const LARGEST_MESSAGE: usize = 4 * 1024 * 1024;

/// The one implementation of all services.
#[derive(Clone)]
struct Face {
    api: rpc::Api,
}

/// Implements a service of unary methods. `of` says what a call is about, for its span.
macro_rules! serve {
    ($service:path { $($method:ident($request:ty) -> $response:ty $(, of $subject:expr)?;)+ }) => {
        #[tonic::async_trait]
        impl $service for Face {
            $(
                async fn $method(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                    $(record(request.get_ref(), $subject);)?
                    let (message, call) = incoming(request);
                    outgoing(self.api.$method(message, &call).await)
                }
            )+
        }
    };
}

serve! { connector::connector_service_server::ConnectorService {
    get_metadata(connector::ConnectorServiceGetMetadataRequest) -> connector::ConnectorServiceGetMetadataResponse;
    validate(connector::ConnectorServiceValidateRequest) -> connector::ConnectorServiceValidateResponse;
    cleanup(connector::ConnectorServiceCleanupRequest) -> connector::ConnectorServiceCleanupResponse;
}}

serve! { connector::resource_types_service_server::ResourceTypesService {
    list_resource_types(connector::ResourceTypesServiceListResourceTypesRequest)
        -> connector::ResourceTypesServiceListResourceTypesResponse;
}}

serve! { connector::resources_service_server::ResourcesService {
    list_resources(connector::ResourcesServiceListResourcesRequest)
        -> connector::ResourcesServiceListResourcesResponse, of |message| Some(message.resource_type_id.clone());
}}

serve! { connector::resource_getter_service_server::ResourceGetterService {
    get_resource(connector::ResourceGetterServiceGetResourceRequest)
        -> connector::ResourceGetterServiceGetResourceResponse, of |message| message.resource_id.as_ref().map(name);
}}

serve! { connector::entitlements_service_server::EntitlementsService {
    list_entitlements(connector::EntitlementsServiceListEntitlementsRequest)
        -> connector::EntitlementsServiceListEntitlementsResponse, of |message| named(message.resource.as_ref());
    list_static_entitlements(connector::EntitlementsServiceListStaticEntitlementsRequest)
        -> connector::EntitlementsServiceListStaticEntitlementsResponse,
        of |message| Some(message.resource_type_id.clone());
}}

serve! { connector::grants_service_server::GrantsService {
    list_grants(connector::GrantsServiceListGrantsRequest)
        -> connector::GrantsServiceListGrantsResponse, of |message| named(message.resource.as_ref());
}}

serve! { connector::grant_manager_service_server::GrantManagerService {
    grant(connector::GrantManagerServiceGrantRequest) -> connector::GrantManagerServiceGrantResponse,
        of |message| message.entitlement.as_ref().map(|entitlement| entitlement.id.clone());
    revoke(connector::GrantManagerServiceRevokeRequest) -> connector::GrantManagerServiceRevokeResponse,
        of |message| message.grant.as_ref()?.entitlement.as_ref().map(|entitlement| entitlement.id.clone());
}}

serve! { connector::resource_manager_service_server::ResourceManagerService {
    create_resource(connector::CreateResourceRequest) -> connector::CreateResourceResponse;
    delete_resource(connector::DeleteResourceRequest) -> connector::DeleteResourceResponse,
        of |message| message.resource_id.as_ref().map(name);
}}

serve! { connector::resource_deleter_service_server::ResourceDeleterService {
    delete_resource_v2(connector::DeleteResourceV2Request) -> connector::DeleteResourceV2Response,
        of |message| message.resource_id.as_ref().map(name);
}}

serve! { connector::account_manager_service_server::AccountManagerService {
    create_account(connector::CreateAccountRequest) -> connector::CreateAccountResponse;
}}

serve! { connector::credential_manager_service_server::CredentialManagerService {
    rotate_credential(connector::RotateCredentialRequest) -> connector::RotateCredentialResponse,
        of |message| message.resource_id.as_ref().map(name);
    issue_credential(connector::IssueCredentialRequest) -> connector::IssueCredentialResponse;
}}

serve! { connector::event_service_server::EventService {
    list_events(connector::ListEventsRequest) -> connector::ListEventsResponse;
    list_event_feeds(connector::ListEventFeedsRequest) -> connector::ListEventFeedsResponse;
}}

serve! { connector::action_service_server::ActionService {
    invoke_action(connector::InvokeActionRequest) -> connector::InvokeActionResponse;
    get_action_status(connector::GetActionStatusRequest) -> connector::GetActionStatusResponse;
    get_action_schema(connector::GetActionSchemaRequest) -> connector::GetActionSchemaResponse;
    list_action_schemas(connector::ListActionSchemasRequest) -> connector::ListActionSchemasResponse;
}}

serve! { connector::tickets_service_server::TicketsService {
    create_ticket(connector::TicketsServiceCreateTicketRequest) -> connector::TicketsServiceCreateTicketResponse;
    get_ticket(connector::TicketsServiceGetTicketRequest) -> connector::TicketsServiceGetTicketResponse;
    list_ticket_schemas(connector::TicketsServiceListTicketSchemasRequest)
        -> connector::TicketsServiceListTicketSchemasResponse;
    get_ticket_schema(connector::TicketsServiceGetTicketSchemaRequest)
        -> connector::TicketsServiceGetTicketSchemaResponse;
    bulk_create_tickets(connector::TicketsServiceBulkCreateTicketsRequest)
        -> connector::TicketsServiceBulkCreateTicketsResponse;
    bulk_get_tickets(connector::TicketsServiceBulkGetTicketsRequest)
        -> connector::TicketsServiceBulkGetTicketsResponse;
}}

serve! { ratelimit::rate_limiter_service_server::RateLimiterService {
    r#do(ratelimit::DoRequest) -> ratelimit::DoResponse;
    report(ratelimit::ReportRequest) -> ratelimit::ReportResponse;
}}

/// Routes to all services of the protocol, and reflection.
///
/// # Errors
///
/// Fails when the descriptors that the build made cannot be read.
pub(super) fn routes(api: &rpc::Api) -> Result<Routes, tonic_reflection::server::Error> {
    let mut routes = RoutesBuilder::default();
    macro_rules! add {
        ($($server:path),+ $(,)?) => {
            $(
                routes.add_service(
                    <$server>::new(Face { api: api.clone() })
                        .max_decoding_message_size(LARGEST_MESSAGE)
                        .max_encoding_message_size(LARGEST_MESSAGE),
                );
            )+
        };
    }
    add!(
        connector::connector_service_server::ConnectorServiceServer<Face>,
        connector::resource_types_service_server::ResourceTypesServiceServer<Face>,
        connector::resources_service_server::ResourcesServiceServer<Face>,
        connector::resource_getter_service_server::ResourceGetterServiceServer<Face>,
        connector::entitlements_service_server::EntitlementsServiceServer<Face>,
        connector::grants_service_server::GrantsServiceServer<Face>,
        connector::grant_manager_service_server::GrantManagerServiceServer<Face>,
        connector::resource_manager_service_server::ResourceManagerServiceServer<Face>,
        connector::resource_deleter_service_server::ResourceDeleterServiceServer<Face>,
        connector::account_manager_service_server::AccountManagerServiceServer<Face>,
        connector::credential_manager_service_server::CredentialManagerServiceServer<Face>,
        connector::event_service_server::EventServiceServer<Face>,
        connector::action_service_server::ActionServiceServer<Face>,
        connector::tickets_service_server::TicketsServiceServer<Face>,
        connector::asset_service_server::AssetServiceServer<Face>,
        ratelimit::rate_limiter_service_server::RateLimiterServiceServer<Face>,
    );
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    routes.add_service(reflection().build_v1()?).add_service(reflection().build_v1alpha()?);
    Ok(routes.routes())
}

/// What a call brings besides its message.
fn incoming<Q>(request: Request<Q>) -> (Q, rpc::Call) {
    let deadline = deadline::timeout(request.metadata()).and_then(|left| Instant::now().checked_add(left));
    let caller = request.extensions().get::<Caller>().map(Caller::asking).unwrap_or_default();
    let request_id = header::joined(request.metadata(), "x-request-id");
    let expires_in = header::joined(request.metadata(), "tailgrant-expires-in");
    (request.into_inner(), rpc::Call { deadline, caller, request_id, expires_in })
}

/// A status of the protocol becomes the transport's: code and message in headers of their own, and all of
/// it, with its details, in `grpc-status-details-bin`.
fn outgoing<A>(answer: Result<A, rpc::Status>) -> Result<Response<A>, Status> {
    answer.map(Response::new).map_err(|status| {
        let details = status.encode_to_vec().into();
        Status::with_details(Code::from_i32(status.code), status.message, details)
    })
}

/// Notes in the call's span what the call is about.
fn record<Q>(message: &Q, subject: impl FnOnce(&Q) -> Option<String>) {
    if let Some(subject) = subject(message) {
        Span::current().record("resource", subject);
    }
}

fn named(resource: Option<&connector::Resource>) -> Option<String> {
    resource.and_then(|resource| resource.id.as_ref()).map(name)
}

fn name(id: &connector::ResourceId) -> String {
    format!("{}:{}", id.resource_type, id.resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_with_its_caller() {
        let mut request = Request::new(());
        request.extensions_mut().insert(Caller::default().with_token(2));
        let expected = rpc::Caller { words: "unknown address, token 2".into(), identity: "token 2".into() };
        assert_eq!(incoming(request).1.caller, expected);
        assert_eq!(incoming(Request::new(())).1.caller, rpc::Caller::default());
    }
}
