//! Forbidden and missing: whether the time of an answer tells that there is something behind an id.
//!
//! A person who may find none of them asks for ids of things that are there, in turns with ids of nothing. Ids of nothing are
//! asked for twice, to see how far two times that should be equal are apart. Each try is a refused one, of which a session
//! may have so many in a minute: hence a new session for each round, and short turns.

use std::time::Instant;

use anyhow::{Context, ensure};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::ROUNDS;
use crate::clinic::{Clinic, call};
use crate::http::{self, Connection};
use crate::load::median;

/// Ids in one document: as many as a query has fields of its root.
pub const IDS: usize = 30;
/// Turns of a session. The first is not measured: the document is parsed in it, and each try has a record of its own.
/// All of a session together are less than 600 tries.
const TURNS: usize = 6;
/// Sessions for each kind.
const SESSIONS: usize = 2 * ROUNDS;
/// Who may find none of it: a physician of another specialty.
const READER: &str = "dermatologist";

/// A kind of thing that is asked for by its id.
pub struct Kind {
    pub name: &'static str,
    pub sessions: Vec<Session>,
}

/// The medians of one session, in microseconds.
pub struct Session {
    pub forbidden_us: f64,
    pub missing_us: f64,
    pub other_missing_us: f64,
}

/// Measures in turns.
///
/// # Errors
/// If something is found, or the session waits.
pub async fn measured(clinic: &Clinic) -> anyhow::Result<Vec<Kind>> {
    let mut connection = Connection::open(clinic.address).await?;
    let threads = clinic.read_threads.clone();
    let of_thread = "query($id: ID!) { thread(id: $id) { messages(last: 30) { nodes { id } } } }";
    let thread = clinic.read_threads.first().context("a thread")?;
    let found = call(&mut connection, &clinic.requester, of_thread, json!({ "id": thread })).await?;
    let messages = ids(&found, "/thread/messages/nodes")?;
    let of_viewer = "{ viewer { patients(first: 100) { nodes { id } } } }";
    let found = call(&mut connection, &clinic.requester, of_viewer, json!({})).await?;
    let patients = ids(&found, "/viewer/patients/nodes")?;
    let mut kinds = Vec::new();
    for (name, field, ids) in
        [("thread", "thread", threads), ("message", "node", messages), ("patient", "patient", patients)]
    {
        let mut sessions = Vec::with_capacity(SESSIONS);
        for first in 0..SESSIONS {
            let reader = clinic.token(READER)?;
            sessions.push(session(&mut connection, &Asked { reader, field, ids: &ids }, first).await?);
        }
        kinds.push(Kind { name, sessions });
    }
    Ok(kinds)
}

fn ids(found: &Value, place: &str) -> anyhow::Result<Vec<String>> {
    let nodes = found.pointer(place).and_then(Value::as_array).with_context(|| format!("no {place} in {found}"))?;
    Ok(nodes.iter().filter_map(|node| node.pointer("/id")?.as_str()).map(str::to_owned).collect())
}

/// Who asks for what.
struct Asked<'a> {
    reader: String,
    /// The field of the query.
    field: &'static str,
    ids: &'a [String],
}

impl Asked<'_> {
    /// A document with these ids, each changed so that it is another one of the same type; by nothing, it stays as it is.
    fn request(&self, change: u8) -> anyhow::Result<Vec<u8>> {
        let mut document = String::from("{");
        for (number, id) in self.ids.iter().cycle().take(IDS).enumerate() {
            let mut bytes = BASE64URL_NOPAD.decode(id.as_bytes())?;
            // The first byte says the type.
            bytes.iter_mut().skip(1).for_each(|byte| *byte ^= change);
            let id = BASE64URL_NOPAD.encode(&bytes);
            document.push_str(&format!(" f{number}: {}(id: \"{id}\") {{ id }}", self.field));
        }
        document.push_str(" }");
        Ok(http::post(&self.reader, &json!({ "query": document }).to_string()))
    }
}

async fn session(connection: &mut Connection, asked: &Asked<'_>, first: usize) -> anyhow::Result<Session> {
    let requests = [asked.request(0)?, asked.request(0x5a)?, asked.request(0xa5)?];
    let mut took: [Vec<f64>; 3] = Default::default();
    for turn in 0..TURNS {
        // Forth and back, so that none of them always comes first or last.
        for place in 0..requests.len() {
            let place = if turn % 2 == 0 { place } else { requests.len() - 1 - place };
            let number = (first + place) % requests.len();
            let (Some(request), Some(took)) = (requests.get(number), took.get_mut(number)) else { continue };
            let begun = Instant::now();
            let answer = connection.ask(request).await?;
            let us = begun.elapsed().as_secs_f64() * 1e6;
            check(answer)?;
            if turn > 0 {
                took.push(us);
            }
        }
    }
    let [forbidden_us, missing_us, other_missing_us] = took.map(|took| median(took.into_iter()));
    Ok(Session { forbidden_us, missing_us, other_missing_us })
}

/// Checks that everything is null, and nothing an error.
fn check(answer: &[u8]) -> anyhow::Result<()> {
    let answer: Value = serde_json::from_slice(answer)?;
    let data = answer.pointer("/data").and_then(Value::as_object).with_context(|| format!("no data: {answer}"))?;
    ensure!(answer.get("errors").is_none() && data.len() == IDS && data.values().all(Value::is_null), "{answer}");
    Ok(())
}
