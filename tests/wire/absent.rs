//! Services that clients expect and a tailnet has no use for.

use tailgrant::proto::c1::ratelimit::v1 as ratelimit;

use super::*;

#[tokio::test]
async fn the_rate_limiter_always_says_go() {
    let rig = Rig::start(rpc::Settings::default()).await;
    let request = ratelimit::DoRequest { request_token: "t1".to_owned(), ..Default::default() };
    let answer = good(rig.api.r#do(request, &call()).await);
    assert_eq!((answer.request_token.as_str(), answer.description.unwrap().status), ("t1", 1));
    good(rig.api.report(ratelimit::ReportRequest::default(), &call()).await);

    let empty = ratelimit::DoRequest {
        descriptors: Some(ratelimit::RateLimitDescriptors::default()),
        ..Default::default()
    };
    assert_eq!(bad(rig.api.r#do(empty, &call()).await).0, 3);
}

#[tokio::test]
async fn lists_of_what_is_absent_are_empty_and_members_are_not_found() {
    let rig = Rig::start(rpc::Settings::default()).await;
    let schemas = rig.api.list_action_schemas(pb::ListActionSchemasRequest::default(), &call()).await;
    assert_eq!(good(schemas).schemas, []);
    let feeds = rig.api.list_event_feeds(pb::ListEventFeedsRequest::default(), &call()).await;
    assert_eq!(good(feeds).list, []);
    let asset = pb::AssetServiceGetAssetRequest { asset: Some(pb::AssetRef { id: "icon".to_owned() }) };
    assert_eq!(rig.api.get_asset(asset, &call()).await, Ok(Vec::new()));

    let schema = pb::GetActionSchemaRequest { name: "lock".to_owned(), ..Default::default() };
    let not_found = (5, "tailnet example.com: action \"lock\" does not exist".to_owned());
    assert_eq!(bad(rig.api.get_action_schema(schema, &call()).await), not_found);
    let invoke = pb::InvokeActionRequest { name: "lock".to_owned(), ..Default::default() };
    assert_eq!(bad(rig.api.invoke_action(invoke, &call()).await), not_found);
    let status = pb::GetActionStatusRequest::default();
    assert_eq!(bad(rig.api.get_action_status(status, &call()).await).0, 5);
    assert_eq!(bad(rig.api.list_events(pb::ListEventsRequest::default(), &call()).await).0, 5);
}

#[tokio::test]
async fn what_is_not_offered_is_unimplemented() {
    let rig = Rig::start(provisioning()).await;
    let issue = pb::IssueCredentialRequest { request_id: "r1".to_owned(), ..Default::default() };
    let api = &rig.api;
    for (code, message) in [
        bad(api.create_resource(pb::CreateResourceRequest::default(), &call()).await),
        bad(api.delete_resource(pb::DeleteResourceRequest::default(), &call()).await),
        bad(api.delete_resource_v2(pb::DeleteResourceV2Request::default(), &call()).await),
        bad(api.create_account(pb::CreateAccountRequest::default(), &call()).await),
        bad(api.rotate_credential(pb::RotateCredentialRequest::default(), &call()).await),
        bad(api.issue_credential(issue, &call()).await),
    ] {
        assert_eq!(code, 12, "{message}");
        assert!(
            message.starts_with("tailnet example.com: ") && message.ends_with(" is not offered"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn tickets_are_switched_off() {
    let rig = Rig::start(provisioning()).await;
    let api = &rig.api;
    for answer in [
        bad(api.create_ticket(pb::TicketsServiceCreateTicketRequest::default(), &call()).await),
        bad(api.get_ticket(pb::TicketsServiceGetTicketRequest::default(), &call()).await),
        bad(api.list_ticket_schemas(pb::TicketsServiceListTicketSchemasRequest::default(), &call()).await),
        bad(api.get_ticket_schema(pb::TicketsServiceGetTicketSchemaRequest::default(), &call()).await),
        bad(api.bulk_create_tickets(pb::TicketsServiceBulkCreateTicketsRequest::default(), &call()).await),
        bad(api.bulk_get_tickets(pb::TicketsServiceBulkGetTicketsRequest::default(), &call()).await),
    ] {
        assert_eq!(answer, (2, "ticketing is not enabled".to_owned()));
    }
}
