//! The use cases of one tailnet.
//!
//! Reading: a [`Connector`] keeps a `snapshot` of the tailnet for each sync, and hands
//! out pages of it. Writing: `provision` turns grants and revokes into changes.
//! What is kept in memory is convenience, never truth: any replica can serve any call.

mod alarm;
mod caller;
mod deadline;
mod direction;
mod error;
mod external;
mod health;
mod leases;
mod load;
mod metrics;
mod objection;
mod overlay;
mod pace;
mod page;
mod pins;
mod provision;
mod reading;
mod record;
mod role;
mod settings;
mod shrink;
mod snapshot;
mod snapshots;
mod topology;
mod upstream;
mod validate;
mod writer;

pub use alarm::Alarm;
pub use caller::Caller;
pub use error::{Error, Unavailable};
pub use health::{Health, Journaling};
pub use metrics::Metrics;
pub use page::{Listed, Page, PageRequest, token_after};
pub use provision::{BadEnd, GrantOutcome, GrantRequest, Granted, LeaseEnd, RevokeOutcome, RevokeRequest};
pub use reading::{Connector, Metadata, SyncId};
pub use settings::Settings;
pub use topology::topology;
pub use validate::Validation;

pub use crate::tailscale::with_causes;
