//! Live notices: the memory of idle subscriptions, and the time until all subscribers of a thread know of a message.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, http};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::ROUNDS;
use crate::clinic::{BODY_BYTES, Clinic};
use crate::http::Connection;
use crate::posting;

/// The sockets of the largest figure, with room for those of the others.
pub const STREAMS_MAX: usize = 12_000;
/// Subscriptions in all, in each of the figures of memory.
const IDLE: usize = 10_000;
/// How the idle subscriptions are spread over sockets.
const OF_SOCKET: [usize; 2] = [50, 1];
/// The subscribers of a thread to which a message is posted.
const MANY: usize = 1_000;
/// Sockets that are opened at once.
const OPENING: usize = 64;
/// Descriptors that this process and the server need besides those of the sockets.
const RESERVE: usize = 500;
/// The server has let go of closed sockets by then.
const CLOSED_MAX: Duration = Duration::from_secs(30);
/// Descriptors that the server may have opened for something else meanwhile.
const OTHERS: usize = 10;
/// How often its descriptors are counted meanwhile.
const POLL: Duration = Duration::from_millis(50);

/// The memory of idle subscriptions.
pub struct Idle {
    pub sockets: usize,
    pub of_socket: usize,
    /// KiB for each subscription.
    pub kib: f64,
    /// KiB for each that the server still holds after all sockets were closed.
    pub kept_kib: f64,
}

/// The figures.
pub struct Live {
    pub idle: Vec<Idle>,
    /// Microseconds from the post until one subscriber knows of it, by round.
    pub one: Vec<f64>,
    /// The same until the last of a thousand knows of it.
    pub many: Vec<f64>,
}

type Socket = WebSocketStream<TcpStream>;

/// Measures.
///
/// # Errors
/// If the server does not do as the protocol says.
pub async fn measured(clinic: &Clinic) -> anyhow::Result<Live> {
    let mut idle = Vec::new();
    for of_socket in OF_SOCKET {
        if IDLE / of_socket + RESERVE < descriptors()? {
            idle.push(idle_of(clinic, of_socket).await?);
        }
    }
    let (mut one, mut many) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        one.push(until_known(clinic, 1, round).await?);
        many.push(until_known(clinic, MANY, round).await?);
    }
    Ok(Live { idle, one, many })
}

/// How many files this process may have open.
fn descriptors() -> anyhow::Result<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").context("no limits in /proc")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("no such limit")?;
    Ok(line.split_whitespace().next().and_then(|soft| soft.parse().ok()).unwrap_or(usize::MAX))
}

async fn idle_of(clinic: &Clinic, of_socket: usize) -> anyhow::Result<Idle> {
    let sockets = IDLE / of_socket;
    let (before, descriptors) = (clinic.server.resident_kib()?, clinic.server.descriptors()?);
    let open = subscribed(clinic, sockets, of_socket, |number| {
        clinic.post_threads.get(number % clinic.post_threads.len()).cloned().unwrap_or_default()
    })
    .await?;
    let after = clinic.server.resident_kib()?;
    for mut socket in open {
        socket.close(None).await?;
    }
    let mut again = tokio::time::interval(POLL);
    let closed = async {
        while clinic.server.descriptors()? > descriptors + OTHERS {
            again.tick().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(CLOSED_MAX, closed).await.context("the server keeps closed sockets open")??;
    let kept = clinic.server.resident_kib()?;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let each = |kib: f64| kib / IDLE as f64;
    Ok(Idle { sockets, of_socket, kib: each(after - before), kept_kib: each(kept - before) })
}

/// Microseconds from sending a message until all subscribers of its thread have a notice of it.
async fn until_known(clinic: &Clinic, subscribers: usize, round: usize) -> anyhow::Result<f64> {
    let thread = clinic.read_threads.get(round).context("a thread")?.clone();
    let of_socket = subscribers.min(50);
    let open = subscribed(clinic, subscribers / of_socket, of_socket, |_| thread.clone()).await?;
    let request =
        posting::request(&clinic.requester, &thread, &format!("live/{subscribers}/{round}"), &"x".repeat(BODY_BYTES));
    let mut connection = Connection::open(clinic.address).await?;
    let begun = Instant::now();
    connection.ask(&request).await?;
    let told = open.into_iter().map(|mut socket| async move {
        let mut messages = 0;
        while messages < of_socket {
            if let Message::Text(text) = socket.next().await.context("the socket was closed")?? {
                messages += usize::from(text.contains("MESSAGE"));
            }
        }
        anyhow::Ok((Instant::now(), socket))
    });
    let mut last = begun;
    for told in futures_util::future::join_all(told).await {
        let (at, mut socket) = told?;
        last = last.max(at);
        socket.close(None).await?;
    }
    Ok(last.duration_since(begun).as_secs_f64() * 1e6)
}

/// Sockets of the requester, each with some subscriptions, whose threads are asked by their number.
async fn subscribed(
    clinic: &Clinic,
    sockets: usize,
    of_socket: usize,
    thread: impl Fn(usize) -> String,
) -> anyhow::Result<Vec<Socket>> {
    let wanted = (0..sockets).map(|socket| {
        let threads: Vec<_> = (0..of_socket).map(|number| thread(socket * of_socket + number)).collect();
        opened(clinic.address, &clinic.requester, threads)
    });
    let mut open = Vec::with_capacity(sockets);
    let mut opening = futures_util::stream::iter(wanted).buffer_unordered(OPENING);
    while let Some(socket) = opening.next().await {
        open.push(socket?);
    }
    Ok(open)
}

async fn opened(address: SocketAddr, token: &str, threads: Vec<String>) -> anyhow::Result<Socket> {
    let mut request = format!("ws://{address}/graphql").into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", http::HeaderValue::from_static("graphql-transport-ws"));
    headers.insert("authorization", http::HeaderValue::from_str(&format!("Bearer {token}"))?);
    let stream = TcpStream::connect(address).await.context("the server takes no connection")?;
    let config = WebSocketConfig::default().read_buffer_size(4_096).write_buffer_size(4_096);
    let (mut socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    say(&mut socket, &json!({ "type": "connection_init" })).await?;
    ensure!(said(&mut socket).await? == "connection_ack", "the server does not acknowledge");
    let query = "subscription Bench($id: ID!) { threadEvents(threadId: $id) { position topic isOwn } }";
    for (number, thread) in threads.iter().enumerate() {
        let payload = json!({ "query": query, "variables": { "id": thread } });
        say(&mut socket, &json!({ "type": "subscribe", "id": number.to_string(), "payload": payload })).await?;
    }
    // Messages are taken in their order, so the answer to this says that all of them were.
    say(&mut socket, &json!({ "type": "ping" })).await?;
    ensure!(said(&mut socket).await? == "pong", "the server does not answer a ping");
    Ok(socket)
}

async fn say(socket: &mut Socket, message: &Value) -> anyhow::Result<()> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

/// The type of the next message.
async fn said(socket: &mut Socket) -> anyhow::Result<String> {
    let message = socket.next().await.context("the socket was closed")??;
    let message: Value = serde_json::from_str(message.to_text()?)?;
    message.get("type").and_then(Value::as_str).map(str::to_owned).context("not a message of the protocol")
}
