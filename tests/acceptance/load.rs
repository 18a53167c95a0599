//! Load on a server, from one thread: people who read as much as they may, connections that send nothing or little, and
//! tries that are refused.
//!
//! Each kind is a task that ends at a fixed instant and says what it was answered. Everything is sent as fast as answers
//! come, but connections and tries as fast as [`OPENED_EACH`] and [`TRIED_EVERY`] say: else the clients would take the
//! processor from the server, and the test would measure them.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout, timeout_at};

/// Connections of each person who reads.
const CONNECTIONS_EACH: usize = 4;
/// Connections without a request that are held open; those that the server ends are opened again.
const SILENT: usize = 2_000;
/// The same, which send one byte of a header now and then.
const SLOW: usize = 1_000;
/// Connections that are opened at each look, at most.
const OPENED_EACH: usize = 5;
/// How many connections are looked at together.
const LOOKED_AT: usize = 60;
/// How often: a slow one sends a byte every half second.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How often each of those who try is refused, at most: much more often than the server allows.
const TRIED_EVERY: Duration = Duration::from_millis(5);
/// How often the descriptors are counted, and how long a client waits that was told to ask less often.
const PAUSE: Duration = Duration::from_millis(50);
/// The server has answered by then, or cut the connection.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(60);
/// What is kept of an answer; the rest is taken and dropped.
const KEPT_BYTES: usize = 4 * 1024;

/// The load.
pub struct Load {
    pub address: SocketAddr,
    /// The id of the server's process.
    pub pid: u32,
    /// The tokens of those who read.
    pub readers: Vec<String>,
    /// What each of them asks for, in turns.
    pub documents: Vec<String>,
    /// The token of the person whose tries are refused.
    pub stranger: String,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How often those who read were answered so: `answered`, `ended` if the connection was, or the code of an error.
    pub reads: BTreeMap<String, usize>,
    /// Tries that were refused because there is nothing for the stranger.
    pub tries: u64,
    /// Tries of which it is not known whether they were made, since their connection was ended.
    pub unknown_tries: u64,
    /// How often the stranger was told to wait.
    pub slowed_down: u64,
    /// Requests without an accepted token that were refused.
    pub unauthenticated: u64,
    /// Connections without a request that were opened.
    pub opened: usize,
    /// The most descriptors that the server had open.
    pub descriptors_max: usize,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        let Self { reads, tries, unknown_tries, slowed_down, unauthenticated, opened, descriptors_max } = other;
        for (answer, count) in reads {
            *self.reads.entry(answer).or_default() += count;
        }
        self.tries += tries;
        self.unknown_tries += unknown_tries;
        self.slowed_down += slowed_down;
        self.unauthenticated += unauthenticated;
        self.opened += opened;
        self.descriptors_max = self.descriptors_max.max(descriptors_max);
    }
}

impl Load {
    /// Loads the server for so long.
    pub fn run(self, length: Duration) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let end = Instant::now() + length;
            let mut tasks = JoinSet::new();
            for token in &self.readers {
                let requests: Vec<_> = self.documents.iter().map(|text| request(token, text, &json!({}))).collect();
                for first in 0..CONNECTIONS_EACH {
                    tasks.spawn(reads(self.address, requests.clone(), first, end));
                }
            }
            tasks.spawn(idle_connections(self.address, end));
            for kind in [Try::Read, Try::ReadAgain, Try::Post, Try::Unauthenticated] {
                tasks.spawn(tries(self.address, self.stranger.clone(), kind, end));
            }
            tasks.spawn(descriptors(self.pid, end));
            let mut all = Outcome::default();
            while let Some(outcome) = tasks.join_next().await {
                all.add(outcome.expect("a client does not panic"));
            }
            all
        })
    }
}

fn every(period: Duration) -> Interval {
    let mut every = interval(period);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every
}

/// The bytes of a request.
fn request(token: &str, query: &str, variables: &Value) -> Vec<u8> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         accept: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head, body].concat().into_bytes()
}

/// A connection that is opened when it is needed.
struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Client {
    const fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request, and gives the beginning of the body of its answer. After an error it connects again.
    async fn ask(&mut self, request: &[u8]) -> io::Result<String> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(self.address).await?,
        };
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        let answer = timeout(ANSWER_WAIT_MAX, exchanged(&mut stream, request)).await.map_err(late)??;
        self.stream = Some(stream);
        Ok(answer)
    }
}

async fn exchanged(stream: &mut TcpStream, request: &[u8]) -> io::Result<String> {
    stream.write_all(request).await?;
    let mut kept = vec![0; 2 * KEPT_BYTES];
    let mut filled = 0;
    let mut body: Option<(usize, usize)> = None;
    loop {
        if let Some((start, end)) = body
            && filled >= (start + KEPT_BYTES).min(end)
        {
            drop_rest(stream, end.saturating_sub(filled)).await?;
            return Ok(String::from_utf8_lossy(&kept[start..filled.min(end)]).into_owned());
        }
        let read = stream.read(&mut kept[filled..]).await?;
        // Nothing comes any more, or the headers are longer than any that the server sends.
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += read;
        body = body.or_else(|| body_of(&kept[..filled]));
    }
}

/// Where the body begins and ends, once the headers are there.
fn body_of(answer: &[u8]) -> Option<(usize, usize)> {
    let start = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&answer[..start]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some((start, start + length.trim().parse::<usize>().ok()?))
}

async fn drop_rest(stream: &mut TcpStream, mut left: usize) -> io::Result<()> {
    let mut dropped = vec![0; 64 * 1024];
    while left > 0 {
        let most = left.min(dropped.len());
        match stream.read(&mut dropped[..most]).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => left -= read,
        }
    }
    Ok(())
}

/// The code of the error, if an answer as a whole is one.
fn code(answer: &str) -> Option<&str> {
    let (_, after) = answer.strip_prefix(r#"{"errors":"#)?.split_once(r#""code":""#)?;
    after.split_once('"').map(|(code, _)| code)
}

/// One connection of a person who asks for one document after the other, beginning with the one of a number.
async fn reads(address: SocketAddr, requests: Vec<Vec<u8>>, first: usize, end: Instant) -> Outcome {
    let (mut client, mut pause) = (Client::new(address), every(PAUSE));
    let mut outcome = Outcome::default();
    for request in requests.iter().cycle().skip(first) {
        let Ok(answer) = timeout_at(end, client.ask(request)).await else { break };
        let answer = match &answer {
            Ok(answer) => code(answer).unwrap_or("answered"),
            Err(_) => "ended",
        };
        *outcome.reads.entry(answer.to_owned()).or_default() += 1;
        if answer != "answered" {
            pause.tick().await;
        }
        if Instant::now() >= end {
            break;
        }
    }
    outcome
}

/// The connections without a request. Those that the server has ended are opened again.
async fn idle_connections(address: SocketAddr, end: Instant) -> Outcome {
    let mut open: Vec<Option<TcpStream>> = (0..SILENT + SLOW).map(|_| None).collect();
    let (mut look, mut outcome) = (every(LOOK_EVERY), Outcome::default());
    let mut from = 0;
    while Instant::now() < end {
        look.tick().await;
        let mut opened = 0;
        for number in (from..from + LOOKED_AT).map(|number| number % (SILENT + SLOW)) {
            let is_slow = number >= SILENT;
            let is_open = open[number].as_ref().is_some_and(|stream| is_kept(stream, is_slow));
            if is_open || opened == OPENED_EACH {
                continue;
            }
            opened += 1;
            // A server that is full takes no further connection for a while.
            let connected = timeout(PAUSE, TcpStream::connect(address)).await;
            let stream = connected.ok().and_then(Result::ok);
            if let Some(stream) = &stream {
                outcome.opened += 1;
                if is_slow {
                    // It may have been ended already.
                    _ = stream.try_write(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
                }
            }
            open[number] = stream;
        }
        from = (from + LOOKED_AT) % (SILENT + SLOW);
    }
    outcome
}

/// Whether the server has not ended a connection. One that is slow sends a further byte.
fn is_kept(stream: &TcpStream, is_slow: bool) -> bool {
    let waits = |error: io::Error| error.kind() == io::ErrorKind::WouldBlock;
    if is_slow && stream.try_write(b"x").is_err_and(|error| !waits(error)) {
        return false;
    }
    stream.try_read(&mut [0]).is_err_and(waits)
}

/// What is tried by who may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    Read,
    /// The same thread, which is missing, again and again.
    ReadAgain,
    Post,
    Unauthenticated,
}

impl Try {
    fn request(self, token: &str, number: u64) -> Vec<u8> {
        let read = "query($id: ID!) { thread(id: $id) { id } }";
        let post = "mutation($id: ID!, $input: PostMessageInput!) {
            postMessage(threadId: $id, input: $input) { problems { code } } }";
        match self {
            Self::Read => request(token, read, &json!({ "id": missing_thread(1, number) })),
            Self::ReadAgain => request(token, read, &json!({ "id": missing_thread(2, 0) })),
            Self::Post => {
                let input = json!({ "clientMutationId": number.to_string(), "audience": "EVERYONE", "body": "Hello." });
                request(token, post, &json!({ "id": missing_thread(3, number), "input": input }))
            }
            Self::Unauthenticated => request("a.b.c", "{ viewer { id } }", &json!({})),
        }
    }
}

/// The id of a thread that is not there: as random as any other.
fn missing_thread(series: u8, number: u64) -> String {
    let random = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    BASE64URL_NOPAD.encode(&[&[5, series][..], &random, &random[1..]].concat())
}

async fn tries(address: SocketAddr, token: String, kind: Try, end: Instant) -> Outcome {
    let (mut client, mut next) = (Client::new(address), every(TRIED_EVERY));
    let mut outcome = Outcome::default();
    for number in 0.. {
        next.tick().await;
        if Instant::now() >= end {
            break;
        }
        // Each is waited for, also after the end, so that all are counted.
        let answer = client.ask(&kind.request(&token, number)).await;
        match answer.as_ref().map(|answer| (code(answer), answer.as_str())) {
            Ok((Some("RATE_LIMITED"), _)) => outcome.slowed_down += 1,
            Ok((Some("UNAUTHENTICATED"), _)) if kind == Try::Unauthenticated => outcome.unauthenticated += 1,
            Ok((None, answer)) if answer.contains("NOT_FOUND") || answer.contains(r#""thread":null"#) => {
                outcome.tries += 1;
            }
            // An answer that was not in time was perhaps decided.
            Ok((Some("TIMEOUT"), _)) | Err(_) => outcome.unknown_tries += u64::from(kind != Try::Unauthenticated),
            Ok((_, answer)) => panic!("{kind:?}: {answer}"),
        }
    }
    outcome
}

/// Counts the descriptors of the server.
async fn descriptors(pid: u32, end: Instant) -> Outcome {
    let (mut look, mut outcome) = (every(PAUSE), Outcome::default());
    while Instant::now() < end {
        look.tick().await;
        let open = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("a process").count();
        outcome.descriptors_max = outcome.descriptors_max.max(open);
    }
    outcome
}
