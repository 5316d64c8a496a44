//! A running sandbox.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::DropGuard;

use super::exchange::{Cut, Exchange};
use super::faults::Weather;
use super::policy::PolicyFile;
use super::{Error, Fault, Faults, RoleChange, Scope, Settings, Stats, Stored, World, generate};

/// A running sandbox. Dropping it stops it, too, but does not wait.
#[derive(Debug)]
pub struct Sandbox {
    exchange: Arc<Exchange>,
    address: SocketAddr,
    _stop_on_drop: DropGuard,
}

impl Sandbox {
    /// Generates the tailnet and listens.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on, or the given policy is no HuJSON.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        let now = Timestamp::now();
        let (population, text) = generate::tailnet(&settings.generate, &settings.tailnet, now);
        let text = settings.policy.unwrap_or(text);
        let policy = PolicyFile::new(text, settings.store).map_err(Error::Policy)?;
        let seed = settings.generate.seed;
        let mut world = World::new(&settings.tailnet, population, policy, settings.api_key, seed, now);
        world.remember(settings.history);
        let failed = |cause| Error::Listen { address: settings.listen, cause };
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let exchange = Exchange::new(world, Weather::new(settings.faults, settings.latency));
        exchange.tasks.spawn(accept(listener, Arc::clone(&exchange)));
        exchange.tasks.close();
        let stop_on_drop = exchange.stopped.clone().drop_guard();
        Ok(Self { exchange, address, _stop_on_drop: stop_on_drop })
    }

    /// `http://ADDRESS`, what an API client takes as its base.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked of it so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.exchange.stats().clone()
    }

    /// Counts calls and faults from zero.
    pub fn reset_stats(&self) {
        self.exchange.reset_stats();
    }

    /// The stored policy text.
    #[must_use]
    pub fn policy(&self) -> Vec<u8> {
        self.exchange.world().policy().text().to_vec()
    }

    /// Somebody else edits the policy: whatever it is, without a condition, and uncounted. Text that is no
    /// HuJSON is kept as it is, so that a test can break the stored policy.
    pub fn edit_policy(&self, text: Vec<u8>) {
        self.exchange.world().force_policy(text);
    }

    /// The texts stored so far, the newest [`Settings::history`] of them.
    #[must_use]
    pub fn history(&self) -> Vec<Stored> {
        self.exchange.world().history().texts().cloned().collect()
    }

    /// The roles that callers gave to others so far, the newest [`Settings::history`] of them.
    #[must_use]
    pub fn role_changes(&self) -> Vec<RoleChange> {
        self.exchange.world().history().roles().cloned().collect()
    }

    /// Time since the start, by which the history is dated.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.exchange.world().history().elapsed()
    }

    /// How often each fault struck, by scope and fault: `acl.post:lost-answer`.
    #[must_use]
    pub fn fault_hits(&self) -> BTreeMap<String, u64> {
        self.exchange.weather().hits().clone()
    }

    /// Looks into the tailnet or changes it, between two requests.
    pub fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.exchange.world();
        let result = change(&mut world);
        world.forget_rendered();
        result
    }

    /// From now on these faults strike, from the start of their schedule.
    pub fn set_faults(&self, faults: Faults) {
        self.exchange.weather().change(faults);
    }

    /// The next call of this scope suffers this fault, before any schedule. Several wait in line.
    pub fn fail_next(&self, scope: Scope, fault: Fault) {
        self.exchange.weather().ask(scope, fault);
    }

    /// Calls that have arrived and are not answered yet.
    #[must_use]
    pub fn calls_under_way(&self) -> usize {
        self.exchange.under_way()
    }

    /// Closes the listener and all connections at once; late effects still outstanding are forgotten.
    pub async fn stop(self) {
        self.exchange.stopped.cancel();
        self.exchange.tasks.wait().await;
    }
}

async fn accept(listener: TcpListener, exchange: Arc<Exchange>) {
    while let Some(accepted) = exchange.stopped.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                let serving = Arc::clone(&exchange);
                exchange.tasks.spawn(async move {
                    let stopped = serving.stopped.clone();
                    stopped.run_until_cancelled(converse(stream, serving)).await;
                });
            }
            // Out of file descriptors, mostly: the connections at hand must end first.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Serves one connection. A cut call is an error of the service function, on which hyper gives the
/// connection up without sending anything; a reset is then made of it here.
async fn converse(stream: TcpStream, exchange: Arc<Exchange>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| Box::pin(Arc::clone(&exchange).serve(request)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let cut = ended.err().and_then(|error| std::error::Error::source(&error)?.downcast_ref::<Cut>().copied());
    if cut == Some(Cut::Reset) {
        // Fails only when the peer is gone already.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}
