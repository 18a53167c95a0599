//! The listening socket: loopback only, with an idle timeout and a graceful shutdown.
//!
//! The server has no TLS and no proxy protocol, so an address that other machines can reach is refused
//! before it is bound.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use poem::Server;
use poem::listener::TcpAcceptor;

use crate::http::HttpEndpoint;

/// A bound socket before the server runs on it.
pub struct Bound {
    acceptor: TcpAcceptor,
    address: SocketAddr,
    idle_max: Duration,
}

/// Why the server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address can be reached from other machines.
    #[error("{0} is not a loopback address; the demonstration server listens on this machine only")]
    NotLoopback(SocketAddr),
    /// The operating system refused the socket.
    #[error("cannot listen on {address}")]
    Io {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// A connection without traffic for this long is closed.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// The longest time that running requests have after the stop signal.
const DRAIN_MAX: Duration = Duration::from_secs(20);

impl Bound {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// If the address is not loopback, or the system refuses it.
    pub async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        let failed = |source| ListenError::Io { address, source };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let acceptor = TcpAcceptor::from_tokio(listener).map_err(failed)?;
        Ok(Self { acceptor, address, idle_max: IDLE_MAX })
    }

    /// The address, with the port that was taken.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same, where a connection without traffic is closed after this time. A socket has its own times.
    #[must_use]
    pub fn with_idle_max(self, idle_max: Duration) -> Self {
        Self { idle_max, ..self }
    }

    /// Serves `routes` until `stop` completes. Then accepts no further connection and returns when the
    /// running requests have ended, or after twenty seconds, when it aborts them. Readiness should become
    /// false before `stop` completes.
    ///
    /// # Errors
    /// If the socket fails.
    pub async fn run(self, routes: HttpEndpoint, stop: impl Future<Output = ()>) -> io::Result<()> {
        Server::new_with_acceptor(self.acceptor)
            .idle_timeout(self.idle_max)
            .run_with_graceful_shutdown(routes, stop, Some(DRAIN_MAX))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_other_machines_can_reach_is_refused() {
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let refused = Bound::bind(address.parse().unwrap()).await;
            assert!(matches!(refused, Err(ListenError::NotLoopback(_))), "{address}");
        }
        let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        assert_ne!(bound.address().port(), 0);
    }
}
