//! A client with little overhead: one persistent connection, prepared requests, no parsing except the length of the
//! answer.

use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::net::TcpStream;

/// The largest answer with its headers, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// One persistent connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// If the server does not accept the connection.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("the server takes no connection")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024] })
    }

    /// Sends a request and returns the body of its answer.
    ///
    /// # Errors
    /// If the connection breaks, or the status is not 200.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        self.send(request).await?;
        let mut filled = 0;
        let mut expected = None;
        loop {
            filled += self.receive(filled).await?;
            let received = self.buffer.get(..filled).unwrap_or_default();
            if expected.is_none() {
                expected = body_of(received)?;
            }
            if let Some((start, end)) = expected
                && filled >= end
            {
                return self.buffer.get(start..end).context("an answer without a body");
            }
            if filled == self.buffer.len() {
                anyhow::ensure!(filled < ANSWER_BYTES_MAX, "the answer is too long");
                self.buffer.resize(filled * 2, 0);
            }
        }
    }

    async fn send(&self, mut rest: &[u8]) -> anyhow::Result<()> {
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn receive(&mut self, filled: usize) -> anyhow::Result<usize> {
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(self.buffer.get_mut(filled..).unwrap_or_default()) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The range of the body, once the headers are complete.
fn body_of(received: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(head_end) = received.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(received.get(..head_end).unwrap_or_default())?;
    if !head.starts_with("HTTP/1.1 200 ") {
        let body = String::from_utf8_lossy(received.get(head_end..).unwrap_or_default());
        bail!("refused: {}: {}", head.lines().next().unwrap_or_default(), body.trim());
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    let length = length.context("an answer without a length")??;
    let start = head_end + 4;
    Ok(Some((start, start + length)))
}

/// The bytes of a GET request.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

/// The bytes of a POST request of JSON to `/graphql`.
pub fn post(token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
