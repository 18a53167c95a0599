//! Reading: the newest fifty messages of a thread, in alternating turns with a bare handler that returns the bytes of one
//! such answer.
//!
//! Every reader has read the same messages before in the same session. So each answer is authorised, opened and looked up
//! in the access record, but writes no new record.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::ROUNDS;
use crate::bare::Bare;
use crate::clinic::Clinic;
use crate::http::{self, Connection};
use crate::load::{Client, Load, Numbers, run};
use crate::process::Process;

/// Concurrent connections.
pub const CLIENTS: usize = 32;
/// Messages in an answer.
const MESSAGES: usize = 50;

const QUERY: &str = "query Newest($thread: ID!) {
  consultation(id: $thread) {
    id version state status subject { text withheld }
    viewerCanPost { allowed reason } viewerCanAddParticipant { allowed reason } viewerCanClose { allowed reason }
    messages(last: 50) {
      nodes {
        id author { id name { text withheld } } capacity audience body { text withheld } postedAt
        isRead readReceipts { person { id } at }
      }
      pageInfo { hasPreviousPage startCursor }
    }
  }
}";

/// The results of the turns, by round.
pub struct Reading {
    /// Length of an answer.
    pub answer_bytes: usize,
    /// The server.
    pub here: Vec<Load>,
    /// The bare handler.
    pub bare: Vec<Load>,
}

/// Measures in turns.
///
/// # Errors
/// If an answer is not the expected one.
pub async fn measured(clinic: &Clinic, turn: Duration) -> anyhow::Result<Reading> {
    let requests = requests(clinic);
    let mut connection = Connection::open(clinic.address).await?;
    let mut answer = Vec::new();
    // One request each, so that every measured read is a repeated one.
    for request in &requests {
        answer = connection.ask(request).await?.to_vec();
        check(&answer)?;
    }
    let file = clinic.directory.with_extension("answer");
    std::fs::write(&file, &answer)?;
    let bare = Bare::start(&file)?;
    let mut reading = Reading { answer_bytes: answer.len(), here: Vec::new(), bare: Vec::new() };
    let warm_up = turn / 4;
    one_turn(&requests, clinic.address, &clinic.server, warm_up).await?;
    one_turn(&requests, bare.address, &bare.process, warm_up).await?;
    for _ in 0..ROUNDS {
        reading.here.push(one_turn(&requests, clinic.address, &clinic.server, turn).await?);
        reading.bare.push(one_turn(&requests, bare.address, &bare.process, turn).await?);
    }
    Ok(reading)
}

/// One turn with a server.
///
/// # Errors
/// If an answer is not the expected one.
pub async fn one_turn(
    requests: &[Vec<u8>],
    address: SocketAddr,
    server: &Process,
    turn: Duration,
) -> anyhow::Result<Load> {
    let mut clients = Vec::with_capacity(CLIENTS);
    for request in requests.iter().cycle().take(CLIENTS) {
        clients.push(Client::connect(address, request.clone(), r#""hasPreviousPage":true"#).await?);
    }
    run(clients, &mut Numbers::default(), server, turn).await
}

/// The request for the newest messages of each thread for reading.
pub fn requests(clinic: &Clinic) -> Vec<Vec<u8>> {
    clinic.read_threads.iter().map(|thread| request(clinic, thread)).collect()
}

fn request(clinic: &Clinic, thread: &str) -> Vec<u8> {
    let body = json!({ "query": QUERY, "variables": { "thread": thread } });
    http::post(&clinic.requester, &body.to_string())
}

/// Checks that the answer has fifty messages and that each is open: with less, the figure would be meaningless.
fn check(answer: &[u8]) -> anyhow::Result<()> {
    let answer: Value = serde_json::from_slice(answer)?;
    let messages = answer.pointer("/data/consultation/messages/nodes").and_then(Value::as_array);
    let messages = messages.with_context(|| format!("no messages: {answer}"))?;
    let opened = messages.iter().filter(|message| {
        let has = |part| message.pointer(part).is_some_and(Value::is_string);
        has("/body/text") && has("/author/name/text") && has("/readReceipts/0/at")
    });
    let count = opened.count();
    ensure!(count == MESSAGES, "{count} messages were opened, and {MESSAGES} should be");
    Ok(())
}
