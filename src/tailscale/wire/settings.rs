//! Tailnet settings (API reference, section 8). A field that the credential may not see is `null`.

use serde::Deserialize;

use super::lenient;
use crate::tailnet::{Part, PolicyPipeline};
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingsJson {
    acls_externally_managed_on: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text")]
    acls_external_link: String,
}

/// What the answer of `GET /tailnet/{t}/settings` says about the policy file; `forbidden` where it does not say.
pub(in crate::tailscale) fn policy_pipeline(
    answer: &Answer<'_>,
    forbidden: &str,
) -> Result<Part<Option<PolicyPipeline>>, Error> {
    let settings: SettingsJson = answer.json()?;
    Ok(match settings.acls_externally_managed_on {
        None => Part::Unreadable(forbidden.to_owned()),
        Some(false) => Part::Read(None),
        Some(true) => Part::Read(Some(PolicyPipeline { link: settings.acls_external_link })),
    })
}
