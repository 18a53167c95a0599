//! The listening socket: loopback only, with bounded connections and a graceful shutdown.
//!
//! The server has no TLS and no proxy protocol, so an address that other machines can reach is refused
//! before it is bound.
//!
//! Each connection is served by hyper, with the endpoints of poem. poem's own server (3.1) sets neither a deadline for
//! headers nor bounds of connections, headers and writes; here they are those of `connections`, `exchange` and the constants below.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use coordination::seldom::Seldom;
use hyper::body::{Body as _, Incoming};
use hyper::http::uri::Scheme;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use poem::http::{HeaderValue, StatusCode, Version, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Body, Endpoint, Request, RequestParts};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connections::{Connection, ConnectionLimits, ConnectionTimes, Connections};
use crate::counted_socket::CountedSocket;
use crate::exchange::{AnswerBody, RequestBody, Unread};
use crate::http::HttpEndpoint;

/// A bound socket before the server runs on it.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    limits: ConnectionLimits,
    times: ConnectionTimes,
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

/// The line and the headers of a request; longer documents are sent by POST.
pub const HEADERS_BYTES_MAX: u32 = 32 * 1024;
/// Requests in progress on one connection of HTTP/2.
pub const REQUESTS_OF_CONNECTION_MAX: u32 = 100;
/// Of HTTP/2: what a client may send of one body, and of all, before the server reads it.
const BODY_WINDOW_BYTES: u32 = 64 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;
/// Of HTTP/2: how much of an answer is taken into the connection's buffer.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// Of HTTP/2: streams that a client has reset and the server has not noticed yet.
const RESETS_MAX: usize = 20;
/// The longest time that running requests have after the stop signal.
const DRAIN_MAX: Duration = Duration::from_secs(20);
/// The pause after the system could not accept a connection, such as for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How often this is said.
const SAID_EVERY: Duration = Duration::from_secs(60);

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
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, limits: ConnectionLimits::of_process(), times: ConnectionTimes::default() })
    }

    /// The address, with the port that was taken.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there may be.
    #[must_use]
    pub const fn limits(&self) -> ConnectionLimits {
        self.limits
    }

    /// The same with other limits of connections.
    #[must_use]
    pub fn with_limits(self, limits: ConnectionLimits) -> Self {
        Self { limits, ..self }
    }

    /// The same with other times of connections. A socket has its own times.
    #[must_use]
    pub fn with_times(self, times: ConnectionTimes) -> Self {
        Self { times, ..self }
    }

    /// Serves `routes` until `stop` completes. Then accepts no further connection and returns when the
    /// running requests have ended, or after twenty seconds, when it aborts them. Readiness should become
    /// false before `stop` completes.
    ///
    /// It does not fail: what fails is one connection, or is tried again.
    pub async fn run(self, routes: HttpEndpoint, stop: impl Future<Output = ()>) {
        let Self { listener, address, limits, times } = self;
        let connections = Connections::new(limits, times);
        let watch = tokio::spawn(Arc::clone(&connections).watch());
        let server = Arc::new(Server { routes, address, protocol: protocol() });
        let (served, abort) = (TaskTracker::new(), CancellationToken::new());
        let mut failures = Seldom::every(SAID_EVERY);
        tracing::info!(%address, connections = limits.all, "listening");
        tokio::pin!(stop);
        loop {
            let next = next_connection(&listener, &connections, &mut failures);
            let (socket, remote) = tokio::select! {
                () = &mut stop => break,
                next = next => next,
            };
            let serve = Arc::clone(&server).serve(socket, remote);
            let abort = abort.clone();
            served.spawn(async move { abort.run_until_cancelled(serve).await });
        }
        drop(listener);
        connections.close_all();
        served.close();
        if timeout(DRAIN_MAX, served.wait()).await.is_err() {
            tracing::warn!(connections = served.len(), "some requests did not end in time");
            abort.cancel();
            served.wait().await;
        }
        watch.abort();
    }
}

/// The next connection that has a place.
async fn next_connection(
    listener: &TcpListener,
    connections: &Arc<Connections>,
    failures: &mut Seldom,
) -> (CountedSocket, SocketAddr) {
    loop {
        let (socket, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                sleep(pause_after(&error, failures, Instant::now())).await;
                continue;
            }
        };
        // A notice is a few bytes that nothing follows: it would wait for the acknowledgement of the one before.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it began");
            continue;
        }
        let socket = Arc::new(socket);
        if let Some(place) = connections.admit(&socket, remote.ip()).await {
            return (CountedSocket::new(socket, place), remote);
        }
    }
}

/// How long no connection is accepted after an error, so that the want of descriptors does not take all of the processor's
/// time as well.
fn pause_after(error: &io::Error, failures: &mut Seldom, now: Instant) -> Duration {
    if is_of_one_connection(error) {
        return Duration::ZERO;
    }
    if let Some(times) = failures.say(now) {
        tracing::warn!(%error, times, "no connection can be accepted");
    }
    ACCEPT_PAUSE
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    [ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted].contains(&error.kind())
}

/// HTTP/1.1 and HTTP/2, with bounds.
fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(usize::try_from(HEADERS_BYTES_MAX).unwrap_or(usize::MAX));
    builder
        .http2()
        .max_concurrent_streams(REQUESTS_OF_CONNECTION_MAX)
        .max_header_list_size(HEADERS_BYTES_MAX)
        .max_pending_accept_reset_streams(RESETS_MAX)
        .initial_stream_window_size(BODY_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES);
    builder
}

/// What all connections have.
struct Server {
    routes: HttpEndpoint,
    address: SocketAddr,
    protocol: Builder<TokioExecutor>,
}

impl Server {
    /// Serves a connection until it ends.
    async fn serve(self: Arc<Self>, socket: CountedSocket, remote: SocketAddr) {
        let connection = Arc::clone(socket.place().connection());
        let service = service_fn(|request| {
            let (server, connection) = (Arc::clone(&self), Arc::clone(&connection));
            async move { server.answer(request, remote, connection).await }
        });
        let mut served = std::pin::pin!(self.protocol.serve_connection_with_upgrades(TokioIo::new(socket), service));
        let ended = tokio::select! {
            ended = served.as_mut() => ended,
            () = connection.closing() => {
                served.as_mut().graceful_shutdown();
                served.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection failed");
        }
    }

    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        remote: SocketAddr,
        connection: Arc<Connection>,
    ) -> Result<hyper::Response<impl hyper::body::Body<Data = bytes::Bytes, Error = io::Error> + use<>>, Infallible>
    {
        let in_progress = connection.begin();
        let (parts, incoming) = request.into_parts();
        let is_http1 = parts.version < Version::HTTP_2;
        let awaits = parts.headers.contains_key(header::EXPECT);
        let local = LocalAddr(Addr::SocketAddr(self.address));
        let remote = RemoteAddr(Addr::SocketAddr(remote));
        let unread = Unread::default();
        let body = if incoming.is_end_stream() {
            Body::empty()
        } else {
            Body::from_bytes_stream(RequestBody::new(incoming, unread.clone(), Arc::clone(&in_progress)))
        };
        let parts = RequestParts::from((parts, local, remote, Scheme::HTTP));
        let mut request = Request::from_parts(parts, body);
        request.set_data(Arc::clone(&connection));
        let mut response = self.routes.get_response(request).await;
        in_progress.goes_on();
        if is_http1 && !unread.is_dropped(awaits).await {
            connection.leave_unread();
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            connection.upgrade();
        }
        let response: hyper::Response<_> = response.into();
        Ok(response.map(|body| AnswerBody::new(body, in_progress)))
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

    #[tokio::test]
    async fn a_notice_does_not_wait_for_the_one_before() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let connections = Connections::new(ConnectionLimits::of_process(), ConnectionTimes::default());
        let (socket, _) = next_connection(&listener, &connections, &mut Seldom::every(SAID_EVERY)).await;
        assert!(socket.socket().nodelay().unwrap());
    }

    #[test]
    fn a_want_of_descriptors_pauses_and_is_said_once() {
        let (began, mut failures) = (Instant::now(), Seldom::every(SAID_EVERY));
        let mut pause = |error: io::Error| pause_after(&error, &mut failures, began);
        // One connection that has ended already is no reason to wait.
        assert_eq!(pause(io::ErrorKind::ConnectionAborted.into()), Duration::ZERO);
        for _ in 0..50 {
            let full = io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error());
            assert_eq!(pause(full), ACCEPT_PAUSE);
        }
        assert_eq!(failures.say(began + SAID_EVERY), Some(50), "it was said once, at the first");
    }
}
