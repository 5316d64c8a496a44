//! A governance platform: calls Grant and Revoke, and keeps what it was told.

use std::time::Duration;

use prost::Message;
use prost_types::{Any, Timestamp};
use tailgrant::proto::annotation::find;
use tailgrant::proto::c1::connector::v2 as pb;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::pb::ErrorInfo;

use pb::grant_manager_service_client::GrantManagerServiceClient;

use crate::checker::{Answer, Op};
use crate::tailnet::resource;

/// How long a caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as it takes.
    Endless,
    /// With a deadline that the daemon knows.
    Deadline(Duration),
    /// Leaves without a word.
    Leaves(Duration),
}

/// What a caller was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) answer: Answer,
    /// In a word: `changed`, `held`, the reason or code of a refusal, `deadline`, `left`, `connection`.
    pub(crate) word: String,
    /// What a refusal said.
    pub(crate) message: String,
}

impl Told {
    fn new(answer: Answer, word: impl Into<String>) -> Self {
        Self { answer, word: word.into(), message: String::new() }
    }

    /// The connection broke, or there was none.
    pub(crate) fn is_cut(&self) -> bool {
        self.word == "connection"
    }

    /// The daemon takes no more calls.
    pub(crate) fn is_draining(&self) -> bool {
        self.word == "draining"
    }
}

/// Makes one call, for a person with this id.
pub(crate) async fn ask(
    channel: Channel,
    token: &str,
    op: Op,
    entitlement: pb::Entitlement,
    person: &str,
    patience: Patience,
) -> Told {
    let mut client = GrantManagerServiceClient::new(channel);
    let principal = Some(resource("user", person));
    let call = async {
        match op {
            Op::Revoke => {
                // What a client that does not know a grant's id sends instead.
                let id = "🧸_UNKNOWN_GRANT_ID".to_owned();
                let grant = pb::Grant { id, entitlement: Some(entitlement), principal, ..Default::default() };
                let message =
                    pb::GrantManagerServiceRevokeRequest { grant: Some(grant), ..Default::default() };
                let answer = client.revoke(request(message, token, patience)).await?.into_inner();
                Ok(find::<pb::GrantAlreadyRevoked>(&answer.annotations).unwrap().is_some())
            }
            Op::Grant | Op::Lease { .. } | Op::End { .. } => {
                let annotations = if let Op::Lease { until } = op { vec![lease(until)] } else { Vec::new() };
                let message = pb::GrantManagerServiceGrantRequest {
                    entitlement: Some(entitlement),
                    principal,
                    annotations,
                };
                let answer = client.grant(request(message, token, patience)).await?.into_inner();
                Ok(find::<pb::GrantAlreadyExists>(&answer.annotations).unwrap().is_some())
            }
        }
    };
    let answer = match patience {
        Patience::Leaves(after) => match tokio::time::timeout(after, call).await {
            Ok(answer) => answer,
            Err(_) => return Told::new(Answer::Gone, "left"),
        },
        Patience::Endless | Patience::Deadline(_) => call.await,
    };
    match answer {
        Ok(false) => Told::new(Answer::Changed, "changed"),
        Ok(true) => Told::new(Answer::Held, "held"),
        Err(status) => refusal(&status),
    }
}

fn request<M>(message: M, token: &str, patience: Patience) -> Request<M> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    if let Patience::Deadline(deadline) = patience {
        request.set_timeout(deadline);
    }
    request
}

/// `tailgrant.v1.Lease { expires_at }`, written by hand: what is on the wire is the promise.
fn lease(until: i64) -> Any {
    let expires_at = Timestamp { seconds: until, nanos: 0 }.encode_to_vec();
    let length = u8::try_from(expires_at.len()).unwrap();
    Any {
        type_url: "type.googleapis.com/tailgrant.v1.Lease".to_owned(),
        value: [&[1 << 3 | 2, length][..], &expires_at].concat(),
    }
}

/// What a status means for the checker. Without details of ours it need not be the daemon's own.
fn refusal(status: &Status) -> Told {
    let reason = reason(status);
    let told = match (reason.as_deref(), status.code()) {
        (Some("outcome_unknown"), _) => Told::new(Answer::Unknown, "outcome_unknown"),
        (Some(reason), _) => Told::new(Answer::Refused, reason),
        (None, Code::DeadlineExceeded) => Told::new(Answer::Gone, "deadline"),
        // How the client tells of a deadline that came before the answer.
        (None, Code::Cancelled) if status.message().contains("Timeout expired") => {
            Told::new(Answer::Gone, "deadline")
        }
        (None, Code::FailedPrecondition | Code::InvalidArgument | Code::NotFound) => {
            Told::new(Answer::Refused, format!("{:?}", status.code()))
        }
        (None, _) => Told::new(Answer::Gone, "connection"),
    };
    Told { message: format!("{:?}: {}", status.code(), status.message()), ..told }
}

/// The reason in a status of tailgrant's.
fn reason(status: &Status) -> Option<String> {
    let details = tonic_types::Status::decode(status.details()).ok()?.details;
    let info = details.iter().find(|detail| detail.type_url.ends_with("google.rpc.ErrorInfo"))?;
    Some(ErrorInfo::decode(info.value.as_slice()).ok()?.reason)
}
