//! The one writer of a journal: a task with the only connection on which it appends.
//!
//! It sends all waiting requests, up to a limit, in one call of `append()`: one statement, one round trip, one commit
//! (group commit). Under load the appends share a flush; a single append does not wait for others. The log, which other
//! nodes append to as well, is locked for one statement only. The server decides each append separately.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::connection::{Connection, Log, timed};
use super::failure::Failure;
use crate::digest::Hashed;
use crate::{Append, AppendError, Appended, Position, Revision, Stopped};

/// What may share one statement: beyond any of these, the next waits for the next.
const BATCH_MAX: Size = Size { appends: 256, events: 2_000, bytes: 4 * 1024 * 1024 };
/// What may be handed over as one request, when many appends are to be in order.
const CHUNK_MAX: Size = Size { appends: 256, events: 1_000, bytes: 2 * 1024 * 1024 };
/// Requests that may wait for the next statement; further callers wait before they are queued.
const QUEUE: usize = 256;
/// How long an answer is waited for. The server gives up waiting for the log after 5 s, and says so.
const APPEND_TIME_MAX: Duration = Duration::from_secs(8);
/// How long a request waits for a connection before it is said that the log is not available.
const PATIENCE: Duration = Duration::from_secs(3);

const APPEND: &str = "SELECT answer_to, answer, answer_revision, answer_position, answer_id
    FROM {schema}.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ORDER BY answer_to";
const APPEND_TYPES: [Type; 11] = [
    Type::UUID,
    Type::INT8,
    Type::INT4_ARRAY,
    Type::TEXT_ARRAY,
    Type::INT8_ARRAY,
    Type::INT4_ARRAY,
    Type::UUID_ARRAY,
    Type::TEXT_ARRAY,
    Type::BYTEA_ARRAY,
    Type::BYTEA_ARRAY,
    Type::BYTEA_ARRAY,
];

/// The way to the writing task. When the last of it is gone, the task writes what was asked and ends.
pub(crate) struct Writer(mpsc::Sender<Request>);

/// Appends in their order; after the first that does not fit, none is written.
struct Request {
    appends: Vec<Hashed>,
    answer: oneshot::Sender<Answer>,
}

/// The outcome of the appends of a request, in their order: those that are in the log, and why the next one is not.
struct Answer {
    held: Vec<Appended>,
    stopped: Option<AppendError>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    appends: usize,
    events: usize,
    bytes: usize,
}

impl Size {
    fn of(append: &Append) -> Self {
        let bytes = append.events.iter().map(|event| event.data.len() + event.meta.len()).sum();
        Self { appends: 1, events: append.events.len(), bytes }
    }

    fn and(self, more: Self) -> Self {
        Self { appends: self.appends + more.appends, events: self.events + more.events, bytes: self.bytes + more.bytes }
    }

    fn is_within(self, max: Self) -> bool {
        self.appends <= max.appends && self.events <= max.events && self.bytes <= max.bytes
    }
}

impl Writer {
    /// Starts the task. `committed` receives the last committed position.
    pub(crate) fn start(log: Arc<Log>, committed: watch::Sender<Option<Position>>) -> Self {
        let (requests, queue) = mpsc::channel(QUEUE);
        tokio::spawn(Writing { log, connection: None, committed }.run(queue));
        Self(requests)
    }

    /// Hands an append over and waits for its outcome.
    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let Answer { held, stopped } = self.ask(vec![append]).await;
        match (held.first(), stopped) {
            (_, Some(error)) => Err(error),
            (Some(appended), None) => Ok(*appended),
            (None, None) => Err(unanswered()),
        }
    }

    /// Hands appends over in pieces, each of which holds the log for a short time, and stops at the first that fails.
    pub(crate) async fn append_in_order(&self, appends: Vec<Append>) -> Result<(), Stopped> {
        let (mut done, mut chunk, mut size) = (0, Vec::new(), Size::default());
        for append in appends {
            let more = size.and(Size::of(&append));
            if !more.is_within(CHUNK_MAX) && !chunk.is_empty() {
                done += self.chunk(std::mem::take(&mut chunk), done).await?;
                size = Size::default();
            }
            size = size.and(Size::of(&append));
            chunk.push(append);
        }
        self.chunk(chunk, done).await?;
        Ok(())
    }

    async fn chunk(&self, appends: Vec<Append>, before: usize) -> Result<usize, Stopped> {
        if appends.is_empty() {
            return Ok(0);
        }
        let Answer { held, stopped } = self.ask(appends).await;
        stopped.map_or(Ok(held.len()), |error| Err(Stopped { done: before + held.len(), error }))
    }

    async fn ask(&self, appends: Vec<Append>) -> Answer {
        let (answer, answered) = oneshot::channel();
        let request = Request { appends: appends.into_iter().map(Hashed::of).collect(), answer };
        let gone = |error| Answer { held: Vec::new(), stopped: Some(error) };
        if self.0.send(request).await.is_err() {
            return gone(AppendError::Unavailable { reason: "the writer of the journal ended".into() });
        }
        answered.await.unwrap_or_else(|_| gone(unanswered()))
    }
}

fn unanswered() -> AppendError {
    AppendError::Indeterminate { reason: "the writer of the journal gave no answer".into() }
}

/// The writing task's own.
struct Writing {
    log: Arc<Log>,
    connection: Option<(Connection, Statement)>,
    committed: watch::Sender<Option<Position>>,
}

impl Writing {
    async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(first) = queue.recv().await {
            let batch = Batch::gather(first, &mut queue);
            let answers = match self.write(&batch.requests).await {
                Ok(answers) => answers,
                Err(failure) => {
                    let error = failure.appending();
                    let failed = || Answer { held: Vec::new(), stopped: Some(error.clone()) };
                    batch.requests.iter().map(|_| failed()).collect()
                }
            };
            for (request, answer) in batch.requests.into_iter().zip(answers) {
                // The caller may have gone; its append is in the log in any case.
                drop(request.answer.send(answer));
            }
        }
    }

    /// One statement for all of it; on failure nothing is known to be written.
    async fn write(&mut self, requests: &[Request]) -> Result<Vec<Answer>, Failure> {
        self.log.sound()?;
        if self.connection.as_ref().is_none_or(|(connection, _)| connection.is_gone()) {
            self.connection = None;
            self.connection = Some(self.connect().await?);
        }
        let Some((connection, statement)) = &self.connection else {
            return Err(Failure::Unavailable("no connection".into()));
        };
        let written = timed(APPEND_TIME_MAX, call(&self.log, connection, statement, requests)).await;
        match &written {
            Ok(rows) => self.answers(requests, rows),
            Err(failure) => {
                let failure = failure.clone();
                // Also after an error that the server survives: it may be that it only follows another by now.
                self.connection = None;
                Err(failure)
            }
        }
    }

    async fn connect(&self) -> Result<(Connection, Statement), Failure> {
        let connection = self.log.connect_until(Instant::now() + PATIENCE).await?;
        let sql = self.log.schema.within(APPEND);
        let preparing =
            async { connection.client.prepare_typed(&sql, &APPEND_TYPES).await.map_err(|error| Failure::of(&error)) };
        let statement = timed(APPEND_TIME_MAX, preparing).await.map_err(Failure::unasked)?;
        Ok((connection, statement))
    }

    /// Reads the answers and sends them to the callers. The head is set first, so it includes every append that was answered.
    fn answers(&self, requests: &[Request], rows: &[Row]) -> Result<Vec<Answer>, Failure> {
        let mut rows = rows.iter().peekable();
        let mut answers = Vec::with_capacity(requests.len());
        let (mut number, mut last) = (0, None);
        for request in requests {
            let mut answer = Answer { held: Vec::with_capacity(request.appends.len()), stopped: None };
            for Hashed { append, .. } in &request.appends {
                number += 1;
                let Some(row) = rows.next_if(|row| row.try_get(0).is_ok_and(|of: i32| of == number)) else {
                    continue;
                };
                match said(append, row).map_err(|error| Failure::Unknown(error.to_string()))? {
                    Ok(appended) => {
                        last = last.max(append.events.last().map(|event| (appended.position, event.id)));
                        answer.held.push(appended);
                    }
                    Err(refused) => answer.stopped = Some(refused),
                }
            }
            if answer.held.len() < request.appends.len() && answer.stopped.is_none() {
                answer.stopped = Some(unanswered());
            }
            answers.push(answer);
        }
        if let Some((position, id)) = last {
            self.log.saw(position, id);
            self.log.grown.send_replace(());
            self.committed.send_replace(Some(position));
        }
        Ok(answers)
    }
}

struct Batch {
    requests: Vec<Request>,
}

impl Batch {
    /// What waits, up to the bound, which the last of it may exceed.
    fn gather(first: Request, queue: &mut mpsc::Receiver<Request>) -> Self {
        let size = |request: &Request| {
            request.appends.iter().fold(Size::default(), |size, hashed| size.and(Size::of(&hashed.append)))
        };
        let mut total = size(&first);
        let mut requests = vec![first];
        while total.is_within(BATCH_MAX)
            && let Ok(more) = queue.try_recv()
        {
            total = total.and(size(&more));
            requests.push(more);
        }
        Self { requests }
    }
}

/// One call of `append()`: everything as arrays, the events of all appends one after the other.
async fn call(
    log: &Log,
    connection: &Connection,
    statement: &Statement,
    requests: &[Request],
) -> Result<Vec<Row>, Failure> {
    let appends = || requests.iter().flat_map(|request| &request.appends);
    let events = || appends().flat_map(|hashed| hashed.append.events.iter().zip(&hashed.digests));
    let number = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
    let groups: Vec<i32> =
        (0..).zip(requests).flat_map(|(group, request)| vec![group; request.appends.len()]).collect();
    let streams: Vec<&str> = appends().map(|hashed| hashed.append.stream.as_str()).collect();
    // No stream has so many events that the largest number is a place in it.
    let firsts: Vec<i64> =
        appends().map(|hashed| i64::try_from(hashed.append.expected.first().0).unwrap_or(i64::MAX)).collect();
    let counts: Vec<i32> = appends().map(|hashed| number(hashed.append.events.len())).collect();
    let ids: Vec<Uuid> = events().map(|(event, _)| event.id).collect();
    let event_types: Vec<&str> = events().map(|(event, _)| event.event_type.as_str()).collect();
    let datas: Vec<&[u8]> = events().map(|(event, _)| &event.data[..]).collect();
    let metas: Vec<&[u8]> = events().map(|(event, _)| &event.meta[..]).collect();
    let digests: Vec<&[u8]> = events().map(|(_, digest)| &digest.as_bytes()[..]).collect();
    let now_us = (log.clock)().timestamp_micros();
    connection
        .client
        .query(
            statement,
            &[
                &log.identity.epoch,
                &now_us,
                &groups,
                &streams,
                &firsts,
                &counts,
                &ids,
                &event_types,
                &datas,
                &metas,
                &digests,
            ],
        )
        .await
        .map_err(|error| Failure::of(&error))
}

/// What the server says of an append. The words are those of the published `append()`.
fn said(append: &Append, row: &Row) -> Result<Result<Appended, AppendError>, tokio_postgres::Error> {
    let first = append.expected.first();
    let last = Revision(first.0.saturating_add(append.events.len() as u64).saturating_sub(1));
    Ok(match row.try_get::<_, &str>(1)? {
        "held" => Ok(Appended { first, last, position: Position(row.try_get::<_, i64>(3)?.unsigned_abs()) }),
        "used" => Err(AppendError::IdReused { id: row.try_get(4)? }),
        _ => {
            let actual: Option<i64> = row.try_get(2)?;
            Err(AppendError::Conflict {
                stream: append.stream.clone(),
                expected: append.expected,
                actual: actual.map(|last| Revision(last.unsigned_abs())),
            })
        }
    })
}
