//! `ConnectorService`.

use prost_types::Struct;

use super::api::{Api, Call, admit, sync_id};
use super::capabilities::capabilities;
use super::status::{self, Status};
use crate::access::fit;
use crate::connector::{Metadata, Validation};
use crate::proto::annotation::pack_struct;
use crate::proto::c1::connector::v2 as pb;
use crate::proto::to_pb::structs;

/// Where people read what the connector shows them about.
const HELP_URL: &str = "https://tailscale.com/kb/1018/acls";

/// Release of the Baton SDK whose behaviour this connector has. Clients send `active_sync_id` from
/// 0.4.3 on; snapshots need it.
const SDK_VERSION: &str = "0.25.0";

impl Api {
    /// `GetMetadata`: what this connector is and can do. Never asks the tailnet.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds.
    #[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
    pub async fn get_metadata(
        &self,
        request: pb::ConnectorServiceGetMetadataRequest,
        _call: &Call,
    ) -> Result<pb::ConnectorServiceGetMetadataResponse, Status> {
        admit(&request)?;
        let types = self.connector.resource_types();
        let capabilities = capabilities(types, self.settings.provisioning, self.settings.new_traits);
        let metadata = metadata(self.connector.tailnet(), &self.connector.metadata(), capabilities);
        Ok(pb::ConnectorServiceGetMetadataResponse { metadata: Some(metadata) })
    }

    /// `Validate`: asks the tailnet whether this connector can do its work. An annotation
    /// (`google.protobuf.Struct`) tells what is left out or ends soon: `notes`, `key_days_left`, `may_write`, and, if
    /// there is any, what needs somebody at once: `critical`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds; otherwise what keeps the connector from working.
    pub async fn validate(
        &self,
        request: pb::ConnectorServiceValidateRequest,
        _call: &Call,
    ) -> Result<pb::ConnectorServiceValidateResponse, Status> {
        admit(&request)?;
        let validation = self.connector.validate().await.map_err(|error| status::of(&error))?;
        Ok(pb::ConnectorServiceValidateResponse {
            annotations: vec![pack_struct(&findings(&validation))],
            sdk_version: SDK_VERSION.to_owned(),
        })
    }

    /// `Cleanup`: ends a sync; its snapshot may go.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds.
    #[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
    pub async fn cleanup(
        &self,
        request: pb::ConnectorServiceCleanupRequest,
        _call: &Call,
    ) -> Result<pb::ConnectorServiceCleanupResponse, Status> {
        admit(&request)?;
        if let Some(sync) = sync_id(&request.active_sync_id) {
            self.connector.cleanup(sync);
        }
        Ok(pb::ConnectorServiceCleanupResponse::default())
    }
}

fn metadata(tailnet: &str, of: &Metadata, capabilities: pb::ConnectorCapabilities) -> pb::ConnectorMetadata {
    let mut profile = vec![("tailnet", structs::text(tailnet))];
    if !of.notes.is_empty() {
        profile.push(("notes", structs::texts(&of.notes)));
    }
    pb::ConnectorMetadata {
        display_name: fit(&of.display_name, 1024),
        help_url: HELP_URL.to_owned(),
        description: fit(&of.description, 4096),
        profile: Some(structs::of(profile)),
        capabilities: Some(capabilities),
        ..Default::default()
    }
}

fn findings(of: &Validation) -> Struct {
    let critical = (!of.critical.is_empty()).then(|| ("critical", structs::texts(&of.critical)));
    let notes = ("notes", structs::texts(&of.notes));
    let days = of.key_days_left.map(|days| ("key_days_left", structs::number(days)));
    let write = of.may_write.map(|may| ("may_write", structs::flag(may)));
    structs::of([notes].into_iter().chain(critical).chain(days).chain(write))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::bounds::Bounded as _;

    #[test]
    fn metadata_stays_in_bounds_and_tells_what_is_left_out() {
        let of = Metadata {
            display_name: "Tailscale ".repeat(500),
            description: "x".repeat(5_000),
            notes: vec!["devices cannot be read".to_owned()],
        };
        let told = metadata("example.com", &of, pb::ConnectorCapabilities::default());
        assert_eq!(told.check(), Ok(()));
        let profile = told.profile.unwrap();
        assert_eq!(profile.fields.get("notes"), Some(&structs::texts(["devices cannot be read"])));
        assert_eq!(profile.fields.get("tailnet"), Some(&structs::text("example.com")));
    }

    #[test]
    fn findings_tell_what_is_known() {
        let nothing = findings(&Validation::default());
        assert_eq!(nothing.fields.into_keys().collect::<Vec<_>>(), ["notes"]);
        let all = Validation {
            critical: vec!["access stands".to_owned()],
            notes: vec!["the key ends soon".to_owned()],
            key_days_left: Some(3),
            may_write: Some(false),
        };
        let told = findings(&all);
        assert_eq!(told.fields.get("key_days_left"), Some(&structs::number(3)));
        assert_eq!(told.fields.get("critical"), Some(&structs::texts(["access stands"])));
        assert_eq!(told.fields.get("may_write"), Some(&structs::flag(false)));
        assert_eq!(told.fields.get("notes"), Some(&structs::texts(["the key ends soon"])));
    }
}
