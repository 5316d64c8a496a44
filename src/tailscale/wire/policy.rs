//! The policy file's text (API reference, 7.1).

use crate::tailscale::answer::Answer;
use crate::tailscale::{Error, PolicyFile};

/// The answer of `GET /tailnet/{t}/acl`: text, not JSON. No policy is empty, and none begins like the
/// page of a gateway that answers 200.
pub(in crate::tailscale) fn policy_file(answer: &Answer<'_>) -> Result<PolicyFile, Error> {
    match answer.body.trim_ascii_start().first() {
        None => Err(answer.unreadable("it is empty".into())),
        Some(b'<') => Err(answer.page()),
        Some(_) => Ok(PolicyFile { text: answer.body.clone(), etag: answer.etag.clone() }),
    }
}
