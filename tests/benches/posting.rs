//! Posting: messages to many threads, one after another by one client and by many, in alternating turns with a file that
//! is flushed after each page.
//!
//! An answer counts once the message is sealed, durable in the log, folded into the read models and
//! read back from them.

use std::time::Duration;

use serde_json::json;

use crate::ROUNDS;
use crate::clinic::{BODY_BYTES, Clinic};
use crate::flush::{self, Flushing};
use crate::http;
use crate::load::{Client, Load, NUMBER, Numbers, run};

/// The numbers of concurrent clients.
pub const LEVELS: [usize; 4] = [1, 16, 64, 256];

const MUTATION: &str = "mutation Post($thread: ID!, $input: PostMessageInput!) {
  postMessage(threadId: $thread, input: $input) {
    clientMutationId replayed position problems { code message }
    message { id capacity audience body { text withheld } postedAt }
  }
}";

/// The results of the turns with one number of clients, by round.
pub struct Level {
    /// The number of concurrent clients.
    pub clients: usize,
    /// The server.
    pub here: Vec<Load>,
    /// The disk.
    pub disk: Vec<Flushing>,
}

/// Measures in turns.
///
/// # Errors
/// If an answer is not the expected one.
pub async fn measured(clinic: &Clinic, turn: Duration) -> anyhow::Result<Vec<Level>> {
    let mut numbers = Numbers::default();
    let mut levels = LEVELS.map(|clients| Level { clients, here: Vec::new(), disk: Vec::new() });
    one_turn(clinic, LEVELS.iter().copied().max().unwrap_or(1), &mut numbers, turn / 4).await?;
    for _ in 0..ROUNDS {
        for level in &mut levels {
            level.here.push(one_turn(clinic, level.clients, &mut numbers, turn).await?);
            level.disk.push(flush::run(&clinic.directory, turn / 4)?);
        }
    }
    Ok(levels.into())
}

/// One turn with a number of clients.
///
/// # Errors
/// If an answer is not the expected one.
pub async fn one_turn(clinic: &Clinic, count: usize, numbers: &mut Numbers, turn: Duration) -> anyhow::Result<Load> {
    let tokens = [&clinic.requester, &clinic.specialist];
    let mut clients = Vec::with_capacity(count);
    for (thread, token) in clinic.post_threads.iter().cycle().zip(tokens.iter().cycle()).take(count) {
        let request = request(token, thread, NUMBER, &"x".repeat(BODY_BYTES));
        clients.push(Client::connect(clinic.address, request, r#""problems":[],"message":{"id""#).await?);
    }
    run(clients, numbers, &clinic.server, turn).await
}

/// The bytes of a request that posts a message.
pub fn request(token: &str, thread: &str, key: &str, body: &str) -> Vec<u8> {
    let input = json!({ "clientMutationId": key, "body": body, "audience": "CLINICAL_TEAM" });
    http::post(token, &json!({ "query": MUTATION, "variables": { "thread": thread, "input": input } }).to_string())
}
