//! Where a server is in its life.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Whether a server takes calls. Clones tell of the same server.
#[derive(Clone, Debug, Default)]
pub struct Phase(Arc<AtomicU8>);

/// What a new one is.
const STARTING: u8 = 0;
const SERVING: u8 = 1;
const DRAINING: u8 = 2;

impl Phase {
    /// From now on calls are taken.
    pub(super) fn serve(&self) {
        self.0.store(SERVING, Ordering::SeqCst);
    }

    /// From now on calls are turned away, and those under way finish.
    pub(super) fn drain(&self) {
        self.0.store(DRAINING, Ordering::SeqCst);
    }

    /// Whether calls are turned away because the server stops.
    pub(super) fn is_draining(&self) -> bool {
        self.0.load(Ordering::SeqCst) == DRAINING
    }

    /// Why no call should be sent here; `None` where calls are taken.
    pub(super) fn obstacle(&self) -> Option<&'static str> {
        match self.0.load(Ordering::SeqCst) {
            SERVING => None,
            STARTING => Some("starting: no calls are taken yet"),
            _ => Some("draining: calls under way finish, new ones are turned away"),
        }
    }
}
