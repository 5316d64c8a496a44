//! Metrics and probes over HTTP, on an address of their own.
//!
//! Nobody is asked who they are, so nothing here tells of people or holds a secret. A client that is slow, or
//! sends too much, loses its connection; when there are too many, the oldest has to go, so that nobody can keep
//! others from probing.

mod answer;
mod health;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

pub use self::answer::Subject;
use super::Error;

/// How long a request's head may take.
const HEAD: Duration = Duration::from_secs(5);

/// How long a connection may live. It carries one request.
const CONNECTION: Duration = Duration::from_secs(30);

/// Most bytes of a request's head, and what is buffered of an answer.
const BUFFER: usize = 16 * 1024;

/// Most headers of a request.
const HEADERS: usize = 64;

/// Connections at once.
const MOST_CONNECTIONS: usize = 64;

/// Pause after a connection could not be taken: out of file descriptors, mostly.
const BREATH: Duration = Duration::from_millis(50);

/// A listener for metrics and probes that does not answer yet.
#[derive(Debug)]
pub struct Admin {
    listener: TcpListener,
    address: SocketAddr,
}

impl Admin {
    /// Listens; port 0 takes any free one.
    ///
    /// # Errors
    ///
    /// Fails when the address cannot be had.
    pub async fn bind(address: SocketAddr) -> Result<Self, Error> {
        let unusable = |cause| Error::AdminListen { address, cause };
        let listener = TcpListener::bind(address).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        Ok(Self { listener, address })
    }

    /// The address listened on, with the port that was found where 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the future is dropped, which ends all connections.
    pub async fn serve(self, subject: Subject) {
        let subject = Arc::new(subject);
        let (mut connections, mut oldest_first) = (JoinSet::new(), VecDeque::<AbortHandle>::new());
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            while connections.try_join_next().is_some() {}
            oldest_first.retain(|connection| !connection.is_finished());
            if oldest_first.len() >= MOST_CONNECTIONS
                && let Some(oldest) = oldest_first.pop_front()
            {
                oldest.abort();
            }
            oldest_first.push_back(connections.spawn(converse(stream, Arc::clone(&subject))));
        }
    }
}

/// Answers one request and closes the connection. What goes wrong concerns the client alone.
async fn converse(stream: TcpStream, subject: Arc<Subject>) {
    let service = service_fn(move |request| {
        let subject = Arc::clone(&subject);
        async move { subject.answer(&request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .max_headers(HEADERS)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let ended = tokio::time::timeout(CONNECTION, connection).await;
    tracing::trace!(?ended, "admin connection closed");
}
