//! A client that follows a worklist live, over a WebSocket with the protocol `graphql-transport-ws`.
//!
//! `cargo run --example live_worklist -- http://127.0.0.1:8080 TOKEN` prints what waits for you, and prints it again
//! whenever it changes; `carefold token --as HANDLE` makes a token of the demo. Queries are sent by POST: a socket carries
//! subscriptions only.
//!
//! What every client that follows something does:
//!
//! 1. Read first. The subscription starts at the position of that answer, so nothing is missed in between.
//! 2. A notice has no content. Read again at each one, at least as far as its position.
//! 3. Keep the last position. A lost connection and a restart are no errors: connect again, and go on from there.
//! 4. A credential that is refused stays so: stop, and get another.

#![expect(clippy::print_stdout, reason = "an example says what it does")]

use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// The server pings every 20 seconds. A socket that is silent for longer than this has no server any more.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// The wait before the next connection. Many clients wait for a random time, so that they do not all come at once.
const RETRY: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().context("usage: live_worklist URL TOKEN")?;
    let token = arguments.next().context("usage: live_worklist URL TOKEN")?;
    let authority = url.strip_prefix("http://").context("the URL begins with http://")?.trim_end_matches('/').to_owned();
    let client = Client { authority, token };
    let mut position = client.show(None).await?;
    loop {
        match client.follow(&mut position).await? {
            Ended::Disconnected => println!("not connected; trying again"),
            Ended::Expired => {
                println!("the server was restored from a backup; reading anew");
                position = client.show(None).await?;
            }
        }
        sleep(RETRY).await;
    }
}

struct Client {
    authority: String,
    token: String,
}

/// Why a socket has ended, if the client goes on.
enum Ended {
    Disconnected,
    /// The position is from before a restore.
    Expired,
}

impl Client {
    /// Prints what waits for you, read at least as far as a position. Returns how far it was read.
    async fn show(&self, read_after: Option<&str>) -> anyhow::Result<String> {
        let query = include_str!("queries/worklist.graphql");
        let answer = self.ask(query, json!({ "list": "MINE" }), read_after).await?;
        let rows = answer.pointer("/data/viewer/worklist/nodes").and_then(Value::as_array).context("no worklist")?;
        println!("{} wait for you", rows.len());
        for row in rows {
            let text = |pointer| row.pointer(pointer).and_then(Value::as_str).unwrap_or("-");
            println!("  {:12} {:24} {}", text("/kind"), text("/waitingOn/due"), text("/subject/text"));
        }
        text_at(&answer, "/extensions/position").context("an answer without a position")
    }

    /// Follows the worklists until the socket ends, and moves the position on with each notice.
    ///
    /// # Errors
    /// If the server refuses the credential or the subscription.
    async fn follow(&self, position: &mut String) -> anyhow::Result<Ended> {
        let Some(mut socket) = self.connect().await? else { return Ok(Ended::Disconnected) };
        if send(&mut socket, json!({ "type": "connection_init" })).await.is_err() {
            return Ok(Ended::Disconnected);
        }
        loop {
            let message = match timeout(SILENCE_MAX, socket.next()).await {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(_)) | None) | Err(_) => return Ok(Ended::Disconnected),
            };
            let message: Value = match message {
                Message::Text(text) => serde_json::from_str(&text)?,
                // Other codes, such as 1001 of a server that stops, are no refusal.
                Message::Close(Some(frame)) if u16::from(frame.code) >= 4400 && u16::from(frame.code) != 4408 => {
                    bail!("the server closed the socket: {}", frame.reason)
                }
                Message::Close(_) => return Ok(Ended::Disconnected),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            let answer = match message.get("type").and_then(Value::as_str) {
                Some("connection_ack") => {
                    let query = include_str!("queries/worklist_events.graphql");
                    let payload = json!({ "query": query, "variables": { "after": *position } });
                    Some(json!({ "type": "subscribe", "id": "worklist", "payload": payload }))
                }
                Some("ping") => Some(json!({ "type": "pong" })),
                Some("next") => {
                    if let Some(slow) = text_at(&message, "/payload/errors/0/extensions/position") {
                        // The notices came faster than they were read here. The rest comes after this position.
                        *position = slow;
                        return Ok(Ended::Disconnected);
                    }
                    if let Some(errors) = message.pointer("/payload/errors") {
                        bail!("the subscription has ended: {errors}");
                    }
                    *position = text_at(&message, "/payload/data/worklistEvents/position").context("no position")?;
                    self.show(Some(position.as_str())).await?;
                    None
                }
                Some("error") => match text_at(&message, "/payload/0/extensions/code").as_deref() {
                    Some("POSITION_EXPIRED") => return Ok(Ended::Expired),
                    Some("UNAVAILABLE") => return Ok(Ended::Disconnected),
                    _ => bail!("the subscription was refused: {message}"),
                },
                Some("complete") => return Ok(Ended::Disconnected),
                _ => None,
            };
            if let Some(answer) = answer
                && send(&mut socket, answer).await.is_err()
            {
                return Ok(Ended::Disconnected);
            }
        }
    }

    /// A socket, or none if the server cannot be reached now.
    async fn connect(&self) -> anyhow::Result<Option<WebSocketStream<TcpStream>>> {
        let Ok(stream) = TcpStream::connect(&self.authority).await else { return Ok(None) };
        let mut request = format!("ws://{}/graphql", self.authority).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {}", self.token))?);
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Some(socket)),
            Err(Error::Http(answer)) if answer.status().is_client_error() => {
                bail!("the server refused the socket: {}", answer.status())
            }
            Err(_) => Ok(None),
        }
    }

    /// Asks by POST. A program uses an HTTP client here.
    async fn ask(&self, query: &str, variables: Value, read_after: Option<&str>) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let Self { authority, token } = self;
        let read_after = read_after.map(|position| format!("x-read-after: {position}\r\n")).unwrap_or_default();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {token}\r\n{read_after}\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        // A query has no effect, so it is asked until it is answered.
        let answer = loop {
            match exchange(authority, &request).await {
                Ok(answer) if answer.contains("\r\n\r\n") => break answer,
                Ok(_) | Err(_) => println!("not connected; trying again"),
            }
            sleep(RETRY).await;
        };
        let (_, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
        let answer: Value = serde_json::from_str(body).context("no GraphQL answer")?;
        match answer.get("errors") {
            Some(errors) => bail!("the query was refused: {errors}"),
            None => Ok(answer),
        }
    }
}

async fn exchange(authority: &str, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(authority).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn send(socket: &mut WebSocketStream<TcpStream>, message: Value) -> Result<(), Error> {
    socket.send(Message::text(message.to_string())).await
}

fn text_at(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
