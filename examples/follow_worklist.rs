//! Follows a worklist live: prints its rows, and prints them again at each notice that something in it has changed.
//!
//! `URL=http://127.0.0.1:8080/graphql TOKEN=… cargo run --example follow_worklist` follows what waits for the person of
//! the token, by the protocol `graphql-transport-ws`. It connects again after a lost connection and a restart of the
//! server, and goes on where it was.

#![expect(clippy::print_stdout, reason = "an example says what it does")]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};

const ROWS: &str = include_str!("queries/worklist.graphql");
const EVENTS: &str = include_str!("queries/worklist_events.graphql");
/// The server pings more often than this: a connection that is silent for longer is lost.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// The longest pause before it connects again.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Where the server is, and the credential.
struct Server {
    host: String,
    path: String,
    token: String,
}

/// Why a connection has ended.
enum End {
    /// Connect again, and go on where it was.
    Lost,
    /// The position is from before a restore: read again, and go on from there.
    PositionExpired,
}

impl Server {
    fn from_environment() -> anyhow::Result<Self> {
        let url = std::env::var("URL").context("URL")?;
        let rest = url.strip_prefix("http://").context("URL begins with http://")?;
        let (host, path) = rest.split_once('/').context("URL has a path")?;
        let token = std::env::var("TOKEN").context("TOKEN")?;
        Ok(Self { host: host.to_owned(), path: format!("/{path}"), token })
    }

    /// Reads the rows and prints them. Returns how far the answer has read.
    async fn print_rows(&self, read_after: Option<&str>) -> anyhow::Result<String> {
        let answer = self.ask(ROWS, &json!({ "list": "MINE" }), read_after).await?;
        let text = |row: &Value, path| row.pointer(path).and_then(Value::as_str).unwrap_or("–").to_owned();
        let rows = answer.pointer("/data/viewer/worklist/nodes").and_then(Value::as_array).context("the rows")?;
        println!("{} rows", rows.len());
        for row in rows {
            println!("  {}  due {}", text(row, "/subject/text"), text(row, "/waitingOn/due"));
        }
        let position = answer.pointer("/extensions/position").and_then(Value::as_str).context("the position")?;
        Ok(position.to_owned())
    }

    /// Asks by POST. HTTP/1.0, so that the answer ends with its connection: a larger program has an HTTP client, and TLS.
    async fn ask(&self, query: &str, variables: &Value, read_after: Option<&str>) -> anyhow::Result<Value> {
        let Self { host, path, token } = self;
        let body = json!({ "query": query, "variables": variables }).to_string();
        let read_after = read_after.map(|position| format!("x-read-after: {position}\r\n")).unwrap_or_default();
        let request = format!(
            "POST {path} HTTP/1.0\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n{read_after}\
             content-type: application/json\r\naccept: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(host.as_str()).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an HTTP answer")?;
        let answer: Value = serde_json::from_str(body)?;
        if let Some(errors) = answer.get("errors") {
            bail!("{errors}");
        }
        Ok(answer)
    }

    /// Follows on one connection. `after` is where the last notice was.
    async fn follow(&self, after: &mut String) -> anyhow::Result<End> {
        let Self { host, path, token } = self;
        let request = ClientRequestBuilder::new(format!("ws://{host}{path}").parse()?)
            .with_header("authorization", format!("Bearer {token}"))
            .with_sub_protocol("graphql-transport-ws");
        let Ok((mut socket, _)) = connect_async(request).await else { return Ok(End::Lost) };
        let mut send = vec![json!({ "type": "connection_init" })];
        loop {
            for message in send.drain(..) {
                if socket.send(Message::text(message.to_string())).await.is_err() {
                    return Ok(End::Lost);
                }
            }
            let Ok(Some(Ok(message))) = tokio::time::timeout(SILENCE_MAX, socket.next()).await else {
                return Ok(End::Lost);
            };
            let text = match message {
                Message::Text(text) => text,
                Message::Close(Some(frame)) if u16::from(frame.code) == 4403 => bail!("{}", frame.reason),
                Message::Close(_) => return Ok(End::Lost),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            let message: Value = serde_json::from_str(&text)?;
            let has = |path: &str| message.pointer(path).and_then(Value::as_str);
            match has("/type") {
                Some("ping") => send.push(json!({ "type": "pong" })),
                Some("connection_ack") => {
                    let payload = json!({ "query": EVENTS, "variables": { "after": after } });
                    send.push(json!({ "type": "subscribe", "id": "1", "payload": payload }));
                }
                Some("next") => {
                    // SLOW_CONSUMER names where to go on, and the subscription completes.
                    let slow = has("/payload/errors/0/extensions/position");
                    let notice = has("/payload/data/worklistEvents/position");
                    let position = notice.or(slow).with_context(|| text.to_string())?;
                    if let Some(topic) = has("/payload/data/worklistEvents/topic") {
                        println!("{topic}");
                        // What could not be read is told again on the next connection.
                        if let Err(error) = self.print_rows(Some(position)).await {
                            println!("not read: {error}");
                            return Ok(End::Lost);
                        }
                    }
                    position.clone_into(after);
                }
                Some("error") if has("/payload/0/extensions/code") == Some("POSITION_EXPIRED") => {
                    return Ok(End::PositionExpired);
                }
                Some("error") => bail!("{text}"),
                // A worklist does not end: the server stops, or it was too slow.
                Some("complete") => return Ok(End::Lost),
                _ => {}
            }
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = Server::from_environment()?;
    // Read first, then follow from there: nothing happens in between unseen.
    let mut after = server.print_rows(None).await?;
    let mut tries = 0;
    loop {
        let before = after.clone();
        if matches!(server.follow(&mut after).await?, End::PositionExpired) {
            after = server.print_rows(None).await?;
        }
        tries = if after == before { tries + 1 } else { 1 };
        // Longer and longer, and not all clients at the same time.
        let most = PAUSE_MAX.min(Duration::from_millis(250) * 2_u32.pow(tries.min(10)));
        let chance = RandomState::new().build_hasher().finish() % 512;
        tokio::time::sleep(most.mul_f64(0.5 + chance as f64 / 1024.0)).await;
    }
}
