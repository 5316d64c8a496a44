//! What a sandbox is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use super::Faults;

/// What a sandbox is started with. The default is the small hand-made tailnet on a free port of the
/// loopback interface, open to every key, without faults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The tailnet's name; also the domain of its logins when it looks like one.
    pub tailnet: String,
    /// The policy file to begin with, instead of the generated one.
    pub policy: Option<Vec<u8>>,
    /// What happens to the text of a policy when it is stored.
    pub store: Store,
    /// The size of the tailnet.
    pub generate: Generate,
    /// The one API key that is accepted. `None`: any key, and any OAuth client until the
    /// [`World`](super::World) has one.
    pub api_key: Option<SecretString>,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// How long each call takes: drawn from the range, or its start when the range is empty. A latency
    /// among the faults takes precedence.
    pub latency: Range<Duration>,
    /// How many of the newest stored policy texts are remembered, and how many changes of roles, for whoever checks
    /// what became of them; 0: none.
    pub history: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tailnet: "example.com".to_owned(),
            policy: None,
            store: Store::default(),
            generate: Generate::default(),
            api_key: None,
            faults: Faults::default(),
            latency: Duration::ZERO..Duration::ZERO,
            history: 0,
        }
    }
}

/// What happens to the text of a policy when it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Store {
    /// The canonical layout is stored, as the service seems to do.
    #[default]
    Formatted,
    /// The bytes are stored as they came.
    Verbatim,
}

/// A word that is no [`Store`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither `formatted` nor `verbatim`")]
pub struct StoreError(String);

impl FromStr for Store {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text {
            "formatted" => Ok(Self::Formatted),
            "verbatim" => Ok(Self::Verbatim),
            other => Err(StoreError(other.to_owned())),
        }
    }
}

/// The size of a generated tailnet. The default sizes give the hand-made one, whatever the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generate {
    /// People, the few from other tailnets included; at least one, the owner.
    pub users: usize,
    /// Groups that the policy defines.
    pub groups: usize,
    /// ACL rules, SSH rules and grant rules together.
    pub rules: usize,
    /// Devices of all kinds.
    pub devices: usize,
    /// Equal seeds and sizes give equal tailnets.
    pub seed: u64,
}

impl Default for Generate {
    fn default() -> Self {
        Self { users: 12, groups: 4, rules: 8, devices: 16, seed: 1 }
    }
}

impl Generate {
    /// Whether these are the sizes of the hand-made tailnet.
    pub(super) fn is_small(&self) -> bool {
        Self { seed: 0, ..*self } == Self { seed: 0, ..Self::default() }
    }
}
