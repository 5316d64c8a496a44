//! Tailnet settings (API reference, section 8). A field that the credential may not see is `null`.

use serde::Deserialize;

use super::lenient;
use crate::tailnet::PolicyPipeline;
use crate::tailscale::Error;
use crate::tailscale::answer::Answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingsJson {
    #[serde(default, deserialize_with = "lenient::flag")]
    acls_externally_managed_on: bool,
    #[serde(default, deserialize_with = "lenient::text")]
    acls_external_link: String,
}

/// What the answer of `GET /tailnet/{t}/settings` says about the policy file.
pub(in crate::tailscale) fn policy_pipeline(answer: &Answer<'_>) -> Result<Option<PolicyPipeline>, Error> {
    let settings: SettingsJson = answer.json()?;
    Ok(settings.acls_externally_managed_on.then_some(PolicyPipeline { link: settings.acls_external_link }))
}
