//! Invites (API reference, section 4). Their links are secrets and are not read.

use jiff::Timestamp;
use serde::Deserialize;

use super::lenient;
use super::user::role;
use crate::tailnet::Invite;
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InviteJson {
    #[serde(default, deserialize_with = "lenient::text")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    role: String,
    #[serde(default, deserialize_with = "lenient::text")]
    email: String,
    #[serde(default, deserialize_with = "lenient::time")]
    last_email_sent_at: Option<Timestamp>,
}

/// The answer of `GET /tailnet/{t}/user-invites`: an array, or `null` when there are none.
pub(in crate::tailscale) fn invites(answer: &Answer<'_>) -> Result<Vec<Invite>, Error> {
    let list: Option<Vec<InviteJson>> = answer.json()?;
    list.unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, invite)| noun(answer, index, invite))
        .collect()
}

fn noun(answer: &Answer<'_>, index: usize, invite: InviteJson) -> Result<Invite, Error> {
    if invite.id.is_empty() {
        return Err(answer.unreadable(format!("invite {index} (for {:?}) has no id", invite.email).into()));
    }
    let email = invite.email.trim();
    Ok(Invite {
        id: invite.id,
        role: role(&invite.role),
        email: (!email.is_empty()).then(|| email.to_owned()),
        last_email_sent: invite.last_email_sent_at,
    })
}
