//! GraphQL over WebSocket, by the protocol `graphql-transport-ws`: subscriptions only.
//!
//! One task reads and writes a socket. Each subscription has a task of its own, whose messages wait in one bounded
//! queue: a socket that is not read stops its subscriptions, and only them. Notices have no content, so no access record
//! is made; queries and mutations are sent by POST, where their answers are recorded.
//!
//! Most sockets are idle, and there are thousands of them. So what only a message of the client or a notice needs is in a
//! box for as long as that takes, and the large arguments of a future are boxed: an async function keeps its arguments twice.
//!
//! The credential is in the header of the upgrade or in the payload of `connection_init`, and never in a cookie.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Response as Executed};
use care::words::Channel;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, SinkExt, StreamExt};
use poem::Request;
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::connections::Connection;
use crate::fault::{ErrorCode, Refused};
use crate::graphql_request::{BODY_BYTES_MAX, GraphqlRequest};
use crate::http::IsFromOwnOrigin;
use crate::live::{Live, StreamPlace};
use crate::operations::{Admitted, Asked, Operations, Session};
use crate::response::Response;
use crate::trace::TraceId;
use crate::upgrade::{CloseCode, Message, SocketShape, WebSocketStream, upgrade};

/// The only protocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// How many subscriptions one socket has at once.
pub const SUBSCRIPTIONS_MAX: usize = 50;
/// How many messages a client sends within a second.
pub const MESSAGES_A_SECOND_MAX: u32 = 100;
/// The longest id of a subscription, in bytes.
pub const ID_BYTES_MAX: usize = 128;
/// How many messages wait for a socket that is written.
const WAITING_MAX: usize = 64;
/// The buffers of a socket, in bytes: a notice has some hundred.
const BUFFER_BYTES: usize = 4 * 1024;

/// The times of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketTimes {
    /// Until `connection_init` must have come.
    pub init_max: Duration,
    /// Between two pings of the server.
    pub ping: Duration,
    /// Without any message from the client, its pongs included.
    pub silence_max: Duration,
    /// For one message to be taken by the network.
    pub write_max: Duration,
    /// For the client to answer the close of the server.
    pub close_max: Duration,
}

impl Default for SocketTimes {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            init_max: seconds(5),
            ping: seconds(20),
            silence_max: seconds(60),
            write_max: seconds(30),
            close_max: seconds(5),
        }
    }
}

/// Why the server closes a socket. The codes are those of the protocol, those of its own between 4400 and 4429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Close {
    Stopping,
    Malformed(&'static str),
    Unauthorized,
    Forbidden,
    Expired,
    InitTimeout,
    Silent,
    SecondInit,
    DuplicateId,
    TooManyMessages,
    TooManyStreams,
    /// The server has no place now, or stops. A client takes 4429 for a refusal for ever, and comes back after this.
    Unavailable,
}

impl Close {
    const fn code(self) -> u16 {
        match self {
            Self::Stopping => 1001,
            Self::Unavailable => 1013,
            Self::Malformed(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden | Self::Expired => 4403,
            Self::InitTimeout | Self::Silent => 4408,
            Self::DuplicateId => 4409,
            Self::SecondInit | Self::TooManyMessages | Self::TooManyStreams => 4429,
        }
    }

    /// At most 123 bytes, and nothing of what the client sent.
    const fn reason(self) -> &'static str {
        match self {
            Self::Stopping => "the server stops; connect again",
            Self::Malformed(reason) => reason,
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::Expired => "the credential has expired",
            Self::InitTimeout => "Connection initialisation timeout",
            Self::Silent => "no message for too long",
            Self::SecondInit => "Too many initialisation requests",
            Self::DuplicateId => "Subscriber for this id already exists",
            Self::TooManyMessages => "too many messages within a second",
            Self::TooManyStreams => "too many streams of one person; close some",
            Self::Unavailable => "the server has no place now; try again later",
        }
    }
}

/// What a client sends.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Received {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Value>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Value>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: GraphqlRequest,
    },
    Complete {
        id: String,
    },
}

/// What the server sends.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Sent<'a> {
    ConnectionAck {},
    Ping {},
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Next {
        id: &'a str,
        payload: &'a Executed,
    },
    Error {
        id: &'a str,
        payload: &'a [async_graphql::ServerError],
    },
    Complete {
        id: &'a str,
    },
}

/// What the task of a subscription has for the socket. It waits in a box: the queue has the room for its first 32 elements
/// from the beginning.
struct Outgoing {
    id: Arc<str>,
    /// Which of the subscriptions that ever had the id.
    number: u64,
    what: What,
}

enum What {
    Next(Executed),
    Error(Vec<async_graphql::ServerError>),
    Complete,
}

/// Leads an upgrade to a socket.
pub(crate) struct Sockets<E, S> {
    pub operations: Arc<Operations<E, S>>,
    pub live: Arc<Live>,
    pub times: SocketTimes,
}

/// Whether a request asks for a socket.
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

impl<E: Executor, S: Session> Sockets<E, S> {
    /// Opens a socket, or says why not.
    pub async fn respond(&self, request: &Request, trace: TraceId) -> Response {
        let refused =
            |status, message| Response::refused(status, Refused::new(ErrorCode::BadUserInput, message), trace);
        if request.data::<IsFromOwnOrigin>() != Some(&IsFromOwnOrigin(true)) {
            return refused(StatusCode::FORBIDDEN, "this server takes no socket of a page of this origin");
        }
        let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let mut offered = offered.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        if !offered.any(|protocol| protocol.trim() == PROTOCOL) {
            return refused(StatusCode::BAD_REQUEST, "the only protocol of a socket is graphql-transport-ws");
        }
        if !self.live.is_accepting() {
            return refused(StatusCode::SERVICE_UNAVAILABLE, "the server stops; try again in a moment");
        }
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let open = Box::new(Open {
            operations: Arc::clone(&self.operations),
            live: Arc::clone(&self.live),
            times: self.times,
            credential: copied(request.headers(), &header::AUTHORIZATION),
            client: copied(request.headers(), &header::USER_AGENT),
            address: request.remote_addr().as_socket_addr().map(SocketAddr::ip),
            trace,
            connection: request.data::<Arc<Connection>>().cloned(),
            caller: None,
            subscriptions: HashMap::new(),
            numbers: 0,
            queue,
            messages: Messages { since: Instant::now(), count: 0 },
        });
        let tasks = self.live.sockets().clone();
        let shape = SocketShape { protocol: PROTOCOL, buffer_bytes: BUFFER_BYTES, message_bytes_max: BODY_BYTES_MAX };
        let upgraded = upgrade(request, shape, move |stream| async move {
            // The server waits for the task at its end.
            drop(tasks.spawn(open.run(Box::new(stream), waiting)));
        });
        let not_a_handshake =
            || refused(StatusCode::BAD_REQUEST, "this is not a handshake of a WebSocket of version 13");
        upgraded.await.unwrap_or_else(not_a_handshake)
    }
}

/// The first header of this name. It is a copy: the value itself keeps the buffer of all headers of the request.
fn copied(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    HeaderValue::from_bytes(headers.get(name)?.as_bytes()).ok()
}

/// An open socket.
struct Open<E, S: Session> {
    operations: Arc<Operations<E, S>>,
    live: Arc<Live>,
    times: SocketTimes,
    /// That of the upgrade, until somebody has signed in.
    credential: Option<HeaderValue>,
    /// The name of the client program.
    client: Option<HeaderValue>,
    address: Option<IpAddr>,
    trace: TraceId,
    /// That which became the socket.
    connection: Option<Arc<Connection>>,
    caller: Option<(Admitted<S::Caller>, StreamPlace)>,
    subscriptions: HashMap<Arc<str>, Subscribed>,
    numbers: u64,
    queue: mpsc::Sender<Box<Outgoing>>,
    messages: Messages,
}

struct Subscribed {
    number: u64,
    task: AbortHandle,
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The messages of a client within one second.
struct Messages {
    since: Instant,
    count: u32,
}

impl Messages {
    /// Counts one more, and says whether it is within the limit.
    fn count(&mut self) -> bool {
        let now = Instant::now();
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self { since: now, count: 0 };
        }
        self.count = self.count.saturating_add(1);
        self.count <= MESSAGES_A_SECOND_MAX
    }
}

/// The network failed, or did not take a message in time.
struct Broken;

impl<E: Executor, S: Session> Open<E, S> {
    async fn run(mut self: Box<Self>, mut stream: Box<WebSocketStream>, mut waiting: mpsc::Receiver<Box<Outgoing>>) {
        let end = self.serve(&mut stream, &mut waiting).await;
        self.subscriptions.clear();
        let Some(close) = end else { return };
        let goodbye = async {
            // No subscription is completed: a client takes that for its end, and does not subscribe again.
            let frame = Message::Close(Some((CloseCode::from(close.code()), close.reason().to_owned())));
            stream.send(frame).await.map_err(|_| Broken)?;
            // The client answers with its own close; what it sent before is not read any more.
            while let Some(Ok(message)) = stream.next().await {
                if matches!(message, Message::Close(_)) {
                    break;
                }
            }
            Ok::<_, Broken>(())
        };
        // A client that does not answer is left.
        drop(timeout(self.times.close_max, goodbye).await);
    }

    /// Serves the socket until it ends. None if the client closed it, or the network failed.
    async fn serve(
        &mut self,
        stream: &mut WebSocketStream,
        waiting: &mut mpsc::Receiver<Box<Outgoing>>,
    ) -> Option<Close> {
        let begun = Instant::now();
        let (mut heard, mut pinged) = (begun, begun);
        let mut expires = None;
        let stopped = self.live.stopped();
        tokio::pin!(stopped);
        loop {
            let init = self.caller.is_none().then(|| begun + self.times.init_max);
            let wake = [Some(pinged + self.times.ping), Some(heard + self.times.silence_max), init, expires];
            let wake = wake.into_iter().flatten().min().unwrap_or(begun);
            tokio::select! {
                biased;
                () = &mut stopped => return Some(Close::Stopping),
                () = sleep_until(wake) => {
                    let now = Instant::now();
                    if expires.is_some_and(|at| at <= now) {
                        return Some(Close::Expired);
                    }
                    if init.is_some_and(|at| at <= now) {
                        return Some(Close::InitTimeout);
                    }
                    if heard + self.times.silence_max <= now {
                        return Some(Close::Silent);
                    }
                    pinged = now;
                    if self.caller.is_some() {
                        Box::pin(self.send(stream, &Sent::Ping {})).await.ok()?;
                    }
                }
                message = stream.next() => {
                    heard = Instant::now();
                    match Box::pin(self.heard(stream, message?.ok()?)).await {
                        Ok(()) => {}
                        Err(Ended::Broken) => return None,
                        Err(Ended::Close(close)) => return Some(close),
                    }
                    if expires.is_none() {
                        expires = self.caller.as_ref().map(|(caller, _)| heard + caller.time_left);
                    }
                }
                outgoing = waiting.recv() => Box::pin(self.pass_on(stream, *outgoing?)).await.ok()?,
            }
        }
    }

    /// Sends what a subscription has, unless it has been ended meanwhile.
    async fn pass_on(
        &mut self,
        stream: &mut WebSocketStream,
        Outgoing { id, number, what }: Outgoing,
    ) -> Result<(), Broken> {
        if self.subscriptions.get(&id).is_none_or(|subscribed| subscribed.number != number) {
            return Ok(());
        }
        match what {
            What::Next(executed) => self.send(stream, &Sent::Next { id: &id, payload: &executed }).await,
            What::Error(errors) => {
                self.subscriptions.remove(&id);
                self.send(stream, &Sent::Error { id: &id, payload: &errors }).await
            }
            What::Complete => {
                self.subscriptions.remove(&id);
                self.send(stream, &Sent::Complete { id: &id }).await
            }
        }
    }

    async fn heard(&mut self, stream: &mut WebSocketStream, message: Message) -> Result<(), Ended> {
        if !self.messages.count() {
            return Err(Close::TooManyMessages.into());
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Close::Malformed("send text").into()),
            // The WebSocket library answers a ping by itself.
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => {
                // The library answers it, as a ping, when it reads on.
                drop(timeout(self.times.write_max, stream.next()).await);
                return Err(Ended::Broken);
            }
        };
        let malformed =
            |_| Close::Malformed("this is not a message of graphql-transport-ws, or its id or query is missing");
        match serde_json::from_str(&text).map_err(malformed)? {
            Received::ConnectionInit { payload } => self.init(stream, payload).await,
            Received::Ping { payload } => Ok(self.send(stream, &Sent::Pong { payload }).await?),
            Received::Pong {} => Ok(()),
            Received::Subscribe { id, payload } => self.subscribe(stream, &id, payload).await,
            Received::Complete { id } => {
                self.subscriptions.remove(id.as_str());
                Ok(())
            }
        }
    }

    async fn init(&mut self, stream: &mut WebSocketStream, payload: Option<Value>) -> Result<(), Ended> {
        if self.caller.is_some() {
            return Err(Close::SecondInit.into());
        }
        let given = payload.as_ref().and_then(|payload| {
            let named = |name| payload.get(name)?.as_str();
            named("authorization").or_else(|| named("Authorization"))
        });
        let given = given.map(HeaderValue::from_str).transpose().map_err(|_| Close::Forbidden)?;
        let mut headers = self.headers();
        // Two credentials are none, as in a request.
        for credential in self.credential.take().into_iter().chain(given) {
            headers.append(header::AUTHORIZATION, credential);
        }
        let admitted = self.operations.authenticate(&headers).await.map_err(|_| Close::Forbidden)?;
        let no_place = |refused: Refused| {
            if refused.code() == ErrorCode::Unavailable { Close::Unavailable } else { Close::TooManyStreams }
        };
        let place = self.live.place(admitted.person).map_err(no_place)?;
        self.caller = Some((admitted, place));
        if let Some(connection) = &self.connection {
            connection.admit();
        }
        Ok(self.send(stream, &Sent::ConnectionAck {}).await?)
    }

    async fn subscribe(
        &mut self,
        stream: &mut WebSocketStream,
        id: &str,
        request: GraphqlRequest,
    ) -> Result<(), Ended> {
        let caller = self.caller.as_ref().map(|(admitted, _)| admitted.caller.clone()).ok_or(Close::Unauthorized)?;
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            return Err(Close::Malformed("the id is empty or too long").into());
        }
        if self.subscriptions.contains_key(id) {
            return Err(Close::DuplicateId.into());
        }
        let started = if self.subscriptions.len() >= SUBSCRIPTIONS_MAX {
            Err(Refused::new(ErrorCode::RateLimited, "a socket has at most 50 subscriptions"))
        } else {
            self.start(caller, request).await
        };
        let mut notices = match started {
            Ok(notices) => notices,
            Err(refused) => {
                let errors = refused.into_errors(self.trace);
                return Ok(self.send(stream, &Sent::Error { id, payload: &errors }).await?);
            }
        };
        // It begins here, so that whatever the client sends next comes after its beginning.
        let first = notices.next().now_or_never();
        let (id, number): (Arc<str>, _) = (id.into(), self.numbers);
        self.numbers = number.wrapping_add(1);
        let queue = self.queue.clone();
        let mut subscription = Subscription { id: Arc::clone(&id), number, has_begun: false, notices, queue };
        let first = first.map(|executed| subscription.outgoing(executed));
        let task = tokio::spawn(subscription.pass_on(first));
        self.subscriptions.insert(id, Subscribed { number, task: task.abort_handle() });
        Ok(())
    }

    async fn start(
        &self,
        caller: S::Caller,
        GraphqlRequest { query, operation_name, variables, .. }: GraphqlRequest,
    ) -> Result<BoxStream<'static, Executed>, Refused> {
        let document = self.operations.read(&query).await?;
        let operation = document.operation(operation_name.as_deref())?;
        if operation.kind != OperationType::Subscription {
            return Err(Refused::new(ErrorCode::BadUserInput, "a socket takes subscriptions; send others by POST"));
        }
        let (headers, address, trace) = (&self.headers(), self.address, self.trace);
        let asked = Asked { headers, address, trace, channel: Channel::GraphQl, variables };
        self.operations.subscribe(caller, operation, asked)
    }

    /// The headers of the upgrade that a subscription is asked with.
    fn headers(&self) -> HeaderMap {
        self.client.iter().map(|client| (header::USER_AGENT, client.clone())).collect()
    }

    async fn send(&self, stream: &mut WebSocketStream, message: &Sent<'_>) -> Result<(), Broken> {
        let text = serde_json::to_string(message).map_err(|error| {
            tracing::error!(error_id = %self.trace, %error, "a message to a socket could not be written");
            Broken
        })?;
        let sent = timeout(self.times.write_max, stream.send(Message::Text(text))).await;
        sent.map_err(|_| Broken)?.map_err(|_| Broken)
    }
}

/// Why a socket is not served any more.
enum Ended {
    Broken,
    Close(Close),
}

impl From<Close> for Ended {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

impl From<Broken> for Ended {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

/// One subscription, which its task has.
struct Subscription {
    id: Arc<str>,
    number: u64,
    has_begun: bool,
    notices: BoxStream<'static, Executed>,
    queue: mpsc::Sender<Box<Outgoing>>,
}

impl Subscription {
    /// Passes the notices to the socket, of which the first may be there already. While the socket takes nothing, nothing is
    /// taken from the notices, which end the subscription when too many of them wait.
    async fn pass_on(mut self, mut first: Option<Box<Outgoing>>) {
        loop {
            let outgoing = match first.take() {
                Some(outgoing) => outgoing,
                None => {
                    let executed = self.notices.next().await;
                    self.outgoing(executed)
                }
            };
            let is_last = !matches!(outgoing.what, What::Next(_));
            if self.queue.send(outgoing).await.is_err() || is_last {
                return;
            }
        }
    }

    /// A notice, or the end, as it waits for the socket.
    fn outgoing(&mut self, executed: Option<Executed>) -> Box<Outgoing> {
        let what = match executed {
            // An error before the first notice is that of the subscription itself.
            Some(Executed { errors, data, .. })
                if !self.has_begun && !errors.is_empty() && data == Default::default() =>
            {
                What::Error(errors)
            }
            Some(executed) => What::Next(executed),
            None => What::Complete,
        };
        self.has_begun = true;
        Box::new(Outgoing { id: Arc::clone(&self.id), number: self.number, what })
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Schema};
    use bytes::Bytes;

    use super::*;
    use crate::session::SignedIn;

    type Opened = Open<Schema<crate::graphql::Query, EmptyMutation, EmptySubscription>, SignedIn>;

    /// The size of the future that a function makes.
    fn future_bytes<A, F: Future>(_: impl FnOnce(A) -> F) -> usize {
        size_of::<F>()
    }

    /// The size of an element of a queue.
    fn element_bytes<T>(_: fn(&Opened) -> &mpsc::Sender<T>) -> usize {
        size_of::<T>()
    }

    #[test]
    fn what_an_idle_socket_keeps_is_small() {
        let socket = future_bytes(|(open, stream, waiting)| Opened::run(open, stream, waiting));
        assert!(socket <= 768, "a socket: {socket} bytes");
        let subscription = future_bytes(|(subscription, first)| Subscription::pass_on(subscription, first));
        assert!(subscription <= 384, "a subscription: {subscription} bytes");
        assert_eq!(
            element_bytes(|open| &open.queue),
            size_of::<usize>(),
            "the queue has room for 32 from the beginning"
        );
    }

    #[test]
    fn a_kept_header_does_not_keep_the_buffer_of_its_request() {
        let buffer = Bytes::from(vec![b'a'; 8_192]);
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_maybe_shared(buffer.slice(..10)).unwrap());
        let kept = copied(&headers, &header::USER_AGENT);
        drop(headers);
        assert_eq!(kept.unwrap(), "aaaaaaaaaa");
        assert!(buffer.is_unique());
        assert_eq!(copied(&HeaderMap::new(), &header::USER_AGENT), None);
    }
}
