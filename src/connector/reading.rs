//! The connector of one tailnet: what a sync reads.

use std::sync::Arc;
use std::time::Instant;

use super::external::External;
use super::leases::{Keeper, Sightings, Task};
use super::page::{self, Page, PageRequest};
use super::provision::Provisioner;
use super::record::Record;
use super::snapshot::Snapshot;
use super::snapshots::Snapshots;
use super::validate::Validator;
use super::{Alarm, Error, Settings, Validation, with_causes};
use crate::access::{Entitlement, Grant, Resource, ResourceId, ResourceKind, ResourceType};
use crate::catalog::{self, Catalog};
use crate::journal::Journal;
use crate::tailnet::Key;
use crate::tailscale;

/// Which snapshot a read goes to: that of a sync under way, or the newest.
pub type SyncId<'a> = Option<&'a str>;

/// The use cases of one tailnet. All calls may run at the same time.
pub struct Connector {
    pub(super) client: tailscale::Client,
    pub(super) settings: Settings,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) provisioner: Provisioner,
    pub(super) external: Arc<External>,
    pub(super) keeper: Keeper,
    sightings: Arc<Sightings>,
    validator: Validator,
}

/// What a connector says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// 1 to 1024 bytes.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// What the credential may not read and is therefore left out, as far as is known; and that nothing is
    /// changed, in a dry run.
    pub notes: Vec<String>,
}

impl Connector {
    /// Makes the connector of the client's tailnet and starts its writer, for which it needs a Tokio runtime.
    /// Nothing is read before the first call needs it. A daemon also wants [`Connector::keep_leases`].
    #[must_use]
    pub fn new(client: tailscale::Client, settings: Settings) -> Self {
        let external = Arc::new(External::new(client.clone(), &settings));
        let sightings = Arc::new(Sightings::default());
        settings.metrics.standing.watch(&sightings);
        // With provisioning the policy is polled past every cache, which knows better than a load.
        let told = (!settings.provisioning).then(|| Arc::clone(&sightings));
        let snapshots = Snapshots::new(client.clone(), &settings, &external, told);
        let provisioner = Provisioner::start(&client, &settings, &snapshots, &sightings, &external);
        Self {
            validator: Validator::default(),
            keeper: Keeper::default(),
            client,
            settings,
            snapshots,
            provisioner,
            external,
            sightings,
        }
    }

    /// From now on, and until it is dropped or drained, ends access whose time is over: reads the policy at
    /// once and at every `lease_poll`, and removes what has ended. Nothing without provisioning. Needs a Tokio
    /// runtime.
    pub fn keep_leases(&self) {
        if !self.settings.provisioning {
            return;
        }
        let task = Task {
            client: self.client.clone(),
            writer: Arc::clone(&self.provisioner.writer),
            external: Arc::clone(&self.external),
            sightings: Arc::clone(&self.sightings),
            record: Record::new(self.tailnet(), &self.settings),
        };
        self.keeper.start(task, &self.settings);
    }

    /// Learns when the credential's key ends, for metrics and [`Connector::health`]. `validate` does so, too.
    pub async fn learn_credential(&self) {
        match self.own_key().await {
            Ok(_) => {}
            Err(error) => {
                let (tailnet, error) = (self.tailnet(), with_causes(&error));
                tracing::warn!(tailnet, error, "when the credential's key ends is not known yet");
            }
        }
    }

    /// The API key in use, if the service shows it.
    pub(super) async fn own_key(&self) -> Result<Option<Key>, Error> {
        let standing = &self.settings.metrics.standing;
        let key = self.client.own_key().await.map_err(Error::from);
        match &key {
            Ok(key) => standing.key_ends(key.as_ref().and_then(|key| key.expires)),
            Err(error) => standing.key_unread(error),
        }
        key
    }

    /// Access that stands although it should have ended, in words for people who may know its holders.
    #[must_use]
    pub fn critical(&self) -> Vec<String> {
        self.keeper.findings().critical
    }

    /// Tells when a part of the connector has broken off. See [`Settings::alarm`].
    #[must_use]
    pub fn alarm(&self) -> &Alarm {
        &self.settings.alarm
    }

    /// The tailnet's name as configured.
    #[must_use]
    pub fn tailnet(&self) -> &str {
        self.client.tailnet()
    }

    /// Everything that can be listed.
    #[must_use]
    pub fn resource_types(&self) -> &'static [ResourceType] {
        catalog::resource_types()
    }

    /// A page of the resources of one kind, sorted by id.
    ///
    /// # Errors
    ///
    /// Fails when the token is not ours, and as [`Connector::validate`] does.
    pub async fn resources(
        &self,
        kind: ResourceKind,
        page: &PageRequest,
        sync: SyncId<'_>,
    ) -> Result<Page<Resource>, Error> {
        page::cut(self.catalog(sync).await?.resources(kind), page)
    }

    /// One resource.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::NotFound`] when the sync's snapshot, or without a sync a load that began after the
    /// call, does not have it, and as [`Connector::validate`] does.
    pub async fn resource(&self, id: &ResourceId, sync: SyncId<'_>) -> Result<Resource, Error> {
        let catalog = match sync {
            Some(_) => self.catalog(sync).await?,
            None => self.catalog_with(id, None).await?,
        };
        catalog.resource(id).cloned().ok_or_else(|| self.not_found(id))
    }

    /// A page of a resource's entitlements, sorted by slug.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::NotFound`] when neither the sync's snapshot nor a load that began after the call has
    /// the resource, when the token is not ours, and as [`Connector::validate`] does.
    pub async fn entitlements(
        &self,
        resource: &ResourceId,
        page: &PageRequest,
        sync: SyncId<'_>,
    ) -> Result<Page<Entitlement>, Error> {
        page::cut(self.catalog_with(resource, sync).await?.entitlements(resource), page)
    }

    /// A page of the grants of a resource's entitlements, sorted by entitlement and principal.
    ///
    /// # Errors
    ///
    /// As [`Connector::entitlements`].
    pub async fn grants(
        &self,
        resource: &ResourceId,
        page: &PageRequest,
        sync: SyncId<'_>,
    ) -> Result<Page<Grant>, Error> {
        page::cut(self.catalog_with(resource, sync).await?.grants(resource), page)
    }

    /// Asks the tailnet whether this connector can do its work. What it reads also serves the sync that
    /// follows, and its answer is kept for a minute, all but what it says of leases and of the journal.
    ///
    /// # Errors
    ///
    /// Fails when the credential is refused or may not read users or policy, when the policy file cannot be
    /// parsed, when a list has shrunk beyond belief, and when Tailscale fails or limits the rate of calls.
    pub async fn validate(&self) -> Result<Validation, Error> {
        let mut validation = self.validator.validate(self).await?;
        let findings = self.keeper.findings();
        validation.critical = findings.critical;
        let journal = self.settings.journal.as_ref().map(Journal::check);
        validation.critical.extend(journal.and_then(Result::err).map(|trouble| {
            format!("no access is given, because that cannot be recorded: {trouble}; revokes go on")
        }));
        validation.notes.extend(findings.notes);
        Ok(validation)
    }

    /// What this connector says about itself. Never asks the tailnet.
    #[must_use]
    pub fn metadata(&self) -> Metadata {
        let tailnet = self.tailnet();
        let display_name = match tailnet {
            "-" => "Tailscale".to_owned(),
            name => format!("Tailscale {name}"),
        };
        Metadata {
            display_name,
            description: "People, devices and access rules of a Tailscale network".to_owned(),
            notes: self.snapshots.unreadable().into_iter().chain(self.settings.dry_run_note()).collect(),
        }
    }

    /// Ends a sync: its snapshot is let go.
    pub fn cleanup(&self, sync: &str) {
        self.snapshots.release(sync);
    }

    /// The catalog that a read goes to.
    pub(super) async fn catalog(&self, sync: SyncId<'_>) -> Result<Arc<Catalog>, Error> {
        let snapshot = match sync {
            Some(sync) => self.snapshots.pinned(sync).await?,
            None => self.snapshots.recent().await?,
        };
        self.catalog_of(&snapshot).await
    }

    /// The catalog that a listing of one resource goes to. What is missing from the snapshot of a sync may
    /// have been listed by another replica from a later one; what is missing from a load that began before
    /// the call may have come since.
    async fn catalog_with(&self, id: &ResourceId, sync: SyncId<'_>) -> Result<Arc<Catalog>, Error> {
        let called = Instant::now();
        let mut catalog = self.catalog(sync).await?;
        if sync.is_some() && catalog.resource(id).is_none() {
            catalog = self.catalog(None).await?;
        }
        if catalog.resource(id).is_none() {
            let snapshot = self.snapshots.load_begun_after(called).await?;
            catalog = self.catalog_of(&snapshot).await?;
        }
        match catalog.resource(id) {
            Some(_) => Ok(catalog),
            None => Err(self.not_found(id)),
        }
    }

    /// A snapshot whose policy cannot be read is not kept: its author may correct it at any moment.
    pub(super) async fn catalog_of(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Catalog>, Error> {
        snapshot
            .catalog(self.settings.catalog)
            .await
            .map(Arc::clone)
            .inspect_err(|_| self.snapshots.discard(snapshot))
    }

    fn not_found(&self, id: &ResourceId) -> Error {
        Error::NotFound { tailnet: self.tailnet().to_owned(), what: format!("{} {}", id.kind(), id.id()) }
    }
}
