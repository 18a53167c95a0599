//! A minimal HTTP/1.1 client: one request and one answer per connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

const WAIT_MAX: Duration = Duration::from_secs(20);

/// An answer.
pub struct Answer {
    pub body: String,
}

/// Asks, and reads until the server closes.
pub fn ask(address: SocketAddr, head: &str, body: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(WAIT_MAX))?;
    let length = body.len();
    write!(stream, "{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let unread = || io::Error::new(io::ErrorKind::UnexpectedEof, "half an answer");
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(unread)?;

    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    // An answer that a kill cut short is none.
    if length.and_then(|length| length.parse().ok()) != Some(body.len()) {
        return Err(unread());
    }
    Ok(Answer { body: body.to_owned() })
}

/// Sends a document with its variables, and gives the whole answer.
pub fn graphql(address: SocketAddr, token: &str, query: &str, variables: &Value) -> io::Result<Value> {
    let head = format!(
        "POST /graphql HTTP/1.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\naccept: application/json"
    );
    let answer = ask(address, &head, &json!({ "query": query, "variables": variables }).to_string())?;
    serde_json::from_str(&answer.body).map_err(io::Error::other)
}
