//! An HTTP/1.1 client that sends the bytes of a test, so that a request can be malformed. It opens one
//! connection for each request.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::TOKEN;

/// How long a test waits for what is sure to come.
pub const BOUND: Duration = Duration::from_secs(20);

/// The value of the header `authorization` for a token.
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The code of the first error.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
    }
}

/// Sends these bytes and reads until the server closes.
pub async fn send(address: SocketAddr, bytes: &[u8]) -> Answer {
    let exchange = async {
        let mut socket = TcpStream::connect(address).await.unwrap();
        // The server may answer and close before it has read everything.
        let _ = socket.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        answer
    };
    let answer = tokio::time::timeout(Duration::from_secs(60), exchange).await.unwrap();
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// Sends a request with these header lines and `connection: close`. Adds the host and a valid credential
/// unless the header lines have them.
pub async fn request(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> Answer {
    let mut text = format!("{line} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    let names = |name: &str| headers.iter().any(|line| line.to_ascii_lowercase().starts_with(name));
    if !names("host:") {
        text.push_str(&format!("host: {address}\r\n"));
    }
    if !names("authorization:") {
        text.push_str(&format!("authorization: Bearer {TOKEN}\r\n"));
    }
    for header in headers {
        text.push_str(&format!("{header}\r\n"));
    }
    send(address, format!("{text}\r\n{body}").as_bytes()).await
}

pub const JSON: &str = "content-type: application/json";
pub const GRAPHQL: &str = "accept: application/graphql-response+json";

/// A POST of JSON that accepts `application/graphql-response+json`.
pub async fn post(address: SocketAddr, body: &Value) -> Answer {
    request(address, "POST /graphql", &[JSON, GRAPHQL], &body.to_string()).await
}

/// The same with only a document.
pub async fn query(address: SocketAddr, document: &str) -> Answer {
    post(address, &json!({ "query": document })).await
}

/// A subscription over server-sent events.
pub struct Events {
    pub stream: TcpStream,
    pub read: String,
}

impl Events {
    /// `credential` is the value of the header `authorization`.
    pub async fn open(address: SocketAddr, credential: &str, query: &str) -> Self {
        let body = json!({ "query": query }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: {credential}\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        Self { stream, read: String::new() }
    }

    /// Reads until it is enough.
    pub async fn until(&mut self, is_enough: impl Fn(&str) -> bool) {
        let read = async {
            let mut buffer = [0; 4096];
            while !is_enough(&self.read) {
                let count = self.stream.read(&mut buffer).await.unwrap();
                assert_ne!(count, 0, "it ended before: {}", self.read);
                self.read.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        };
        tokio::time::timeout(BOUND, read).await.expect("in time");
    }

    /// Reads until a text is there.
    pub async fn until_text(&mut self, text: &str) {
        self.until(|read| read.contains(text)).await;
    }
}

/// Opens a socket for subscriptions.
pub async fn socket(
    address: SocketAddr,
    headers: &[(&'static str, &str)],
) -> Result<WebSocketStream<TcpStream>, tokio_tungstenite::tungstenite::Error> {
    let mut request = format!("ws://{address}/graphql").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(address).await.unwrap();
    Ok(client_async(request, stream).await?.0)
}
