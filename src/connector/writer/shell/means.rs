//! Carrying out what the machine wants.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::StatusCode;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use crate::connector::Error;
use crate::connector::record::{self, Change, Record};
use crate::connector::topology;
use crate::connector::with_causes;
use crate::connector::writer::Origin;
use crate::connector::writer::foresight::{Foresight, JUDGING, SURVEY, Survey, foresee};
use crate::connector::writer::machine::{Input, Posted, Request};
use crate::connector::writer::queue::Ticket;
use crate::journal::{self, Diff};
use crate::policy::{Intent, Topology};
use crate::tailnet::Tailnet;
use crate::tailscale::{self, Sent, Verdict};

/// The people and devices of a tailnet, and when their load began.
pub(in crate::connector) type Surveyed = (Arc<Tailnet>, Instant);

/// Tells people and devices whose load began at a time or later; without one, as fresh as reads need them.
pub(in crate::connector::writer) type Surveyor =
    Arc<dyn Fn(Option<Instant>) -> BoxFuture<'static, Result<Surveyed, Error>> + Send + Sync>;

/// What requests are carried out with.
#[derive(Clone)]
pub(in crate::connector::writer) struct Means {
    pub(in crate::connector::writer) client: tailscale::Client,
    pub(in crate::connector::writer) surveyor: Surveyor,
    /// Told of each write that is sent.
    pub(in crate::connector::writer) record: Record,
    /// What would be stored is judged by the service and not stored (`--dry-run`).
    pub(in crate::connector::writer) rehearses: bool,
}

/// How a request ended.
pub(super) struct Ended {
    pub(super) input: Input,
    /// What a write carried, in the journal's words.
    pub(super) carried: Vec<(Ticket, journal::Intent)>,
}

impl Means {
    /// Carries a request out and tells how it ended. `origins` are those of the members of a write.
    pub(super) async fn carry_out(self, request: Request, origins: Vec<Origin>) -> Ended {
        let Self { client, surveyor, record, rehearses } = self;
        let mut carried = Vec::new();
        let input = match request {
            Request::Read => Input::Read(client.policy_uncached().await.map_err(Error::from)),
            Request::Foresee { base, members, survey, patience } => {
                let warn = |obstacle: String| {
                    let tailnet = client.tailnet();
                    tracing::warn!(tailnet, obstacle, "what tests of the policy would fail is not foreseen");
                };
                match known(&surveyor, survey, patience.min(SURVEY)).await {
                    Ok((topology, surveyed)) => {
                        let foresight = look_ahead(base, members, topology, patience.min(JUDGING)).await;
                        let foresight = foresight.map_err(warn).unwrap_or_default();
                        Input::Foreseen(Foresight { surveyed, ..foresight })
                    }
                    Err(obstacle) => {
                        warn(obstacle);
                        Input::Unsurveyed
                    }
                }
            }
            Request::Write { base, text, .. } if rehearses => {
                Input::Posted(rehearse(&client, base, text).await)
            }
            Request::Write { base, text, etag, members } => {
                let gives_access = members.iter().any(|(_, intent)| intent.gives_access());
                match in_words(base.clone(), members, origins).await {
                    Ok(intents) => carried = intents,
                    Err(defect) => {
                        let (tailnet, message) = (client.tailnet().to_owned(), defect.to_string());
                        let error = Error::Internal { tailnet, message };
                        return Ended { input: Input::Posted(Posted::NotSent(error)), carried };
                    }
                }
                let change = Change::Policy { etag: etag.clone(), before: base, after: text.clone() };
                let mut attempt =
                    record.attempt(change, carried.iter().map(|(_, intent)| intent.clone()).collect());
                match attempt.announce(gives_access).await {
                    Ok(()) => {
                        let sent = client.put_policy(text, &etag).await;
                        attempt.end(&sent).await;
                        Input::Posted(posted(sent))
                    }
                    Err(error) => Input::Posted(Posted::Unrecorded(error)),
                }
            }
            Request::Validate { text } => {
                Input::Judged(client.validate_policy(text).await.map_err(Error::from))
            }
        };
        Ended { input, carried }
    }
}

/// What the journal says of the members of a write, found out on a thread that may take its time.
async fn in_words(
    base: Bytes,
    members: Vec<(Ticket, Intent)>,
    origins: Vec<Origin>,
) -> Result<Vec<(Ticket, journal::Intent)>, JoinError> {
    tokio::task::spawn_blocking(move || {
        let told = record::journal_intents(&base, members.iter().map(|(_, intent)| intent).zip(&origins));
        members.iter().map(|(ticket, _)| *ticket).zip(told).collect()
    })
    .await
}

/// Has a text judged that would be stored, and tells how storing it would have ended. A judgement changes
/// nothing, so one that fails is as good as a request that was not sent.
async fn rehearse(client: &tailscale::Client, base: Bytes, text: Bytes) -> Posted {
    match client.validate_policy(text.clone()).await.map_err(Error::from) {
        Ok(Verdict::Accepted) => {
            let tailnet = client.tailnet();
            let (before, after) = (base.len(), text.len());
            // Large policies take milliseconds to compare.
            let compared = tokio::task::spawn_blocking(move || Diff::of(&base, &text)).await;
            let Diff { added, removed, .. } = compared.unwrap_or_default();
            tracing::info!(
                tailnet,
                lines_added = added,
                lines_removed = removed,
                bytes_before = before,
                bytes_after = after,
                "dry run: the policy file would be written"
            );
            Posted::Stored
        }
        Ok(Verdict::Refused(words)) => Posted::Unacceptable(words),
        Err(error @ Error::Unavailable { .. }) => Posted::NotSent(error),
        Err(error) => Posted::Refused(error),
    }
}

/// People and devices, and when their load began, where they matter.
async fn known(
    surveyor: &Surveyor,
    survey: Survey,
    patience: Duration,
) -> Result<(Topology, Option<Instant>), String> {
    let begun_after = match survey {
        Survey::Needless => return Ok((Topology::default(), None)),
        Survey::Recent => None,
        Survey::BegunAfter(earliest) => Some(earliest),
    };
    let surveyed = tokio::time::timeout(patience, surveyor(begun_after)).await;
    let (tailnet, begun) = surveyed.map_err(|_| too_long())?.map_err(|error| with_causes(&error))?;
    Ok((topology::of(&tailnet)?, Some(begun)))
}

/// Foresees on a thread that may take its time; dropped, it stops there soon.
async fn look_ahead(
    base: Bytes,
    members: Vec<(Ticket, Intent)>,
    topology: Topology,
    patience: Duration,
) -> Result<Foresight, String> {
    let stop = CancellationToken::new();
    let _stops = stop.clone().drop_guard();
    let judged =
        tokio::task::spawn_blocking(move || foresee(&base, &members, &topology, || !stop.is_cancelled()));
    let judged = tokio::time::timeout(patience, judged).await.map_err(|_| too_long())?;
    judged.map_err(|defect| defect.to_string())
}

fn too_long() -> String {
    "it takes too long".to_owned()
}

fn posted(sent: Sent) -> Posted {
    match sent {
        Sent::Stored(_) => Posted::Stored,
        Sent::Stale => Posted::Stale,
        Sent::Refused(tailscale::Error::Refused {
            status: StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY,
            message,
            ..
        }) => Posted::Unacceptable(message),
        Sent::Refused(error) => Posted::Refused(error.into()),
        Sent::NotSent(error) => Posted::NotSent(error.into()),
        Sent::Lost(error) => {
            let server_error = error.status().is_some_and(|status| status.is_server_error());
            Posted::Lost { server_error, error: error.into() }
        }
    }
}
