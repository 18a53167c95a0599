//! The reading side: a few connections, and the queries they run.
//!
//! Each read also checks that the log still has the epoch in which it was opened, so an answer from a restored log is
//! never returned. A read whose connection is lost is repeated on another, since it has no effect. The server limits
//! pages in number and in bytes, so that it sends no event that is not needed.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::try_join;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::connection::{Connection, Log, held, timed};
use super::failure::Failure;
use super::row::recorded;
use crate::row::COLUMNS;
use crate::{Direction, Fatal, LogIdentity, LogPage, Position, ReadError, Recorded, Revision, StreamName, StreamPage};

/// How many connections read. A few are enough, because most queries read the read models and not the log.
const LINKS: usize = 3;
/// The payload after which a page ends early, so that a page of large events stays bounded.
const PAGE_BYTES_MAX: i64 = 4 * 1024 * 1024;
/// How long the server may take for one read.
const READ_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a read is tried again before it is said that the log is not available.
const PATIENCE: Duration = Duration::from_secs(3);

/// Cheap to share; the connections end with the last of it.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Shared>);

struct Shared {
    log: Arc<Log>,
    idle: Mutex<Vec<Connection>>,
    free: Semaphore,
}

/// Parameters of a query, with their types.
type Params<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// What a query found, and the log's head just before: position 0 where there is no event.
struct Found {
    rows: Vec<Row>,
    head: u64,
}

impl Readers {
    /// Connections are made when they are needed; `first` is one that is there already.
    pub(crate) fn new(log: Arc<Log>, first: Connection) -> Self {
        Self(Arc::new(Shared { log, idle: Mutex::new(vec![first]), free: Semaphore::new(LINKS) }))
    }

    pub(crate) fn shared(&self) -> &Log {
        &self.0.log
    }

    /// The page of the log after a position.
    pub(crate) async fn log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        let start = after.map_or(0, |after| after.0);
        let bound = i64::try_from(start).unwrap_or(i64::MAX);
        let params: Params<'_> = &[(&bound, Type::INT8), (&more(max), Type::INT8)];
        let found = self.ask(&page("e.position > $1", "position"), params).await?;
        let (events, at_head) = events(&found.rows, max)?;
        // Positions have no holes in this store, so a hole is an event that is gone.
        for (event, expected) in events.iter().zip(start.saturating_add(1)..) {
            if event.position.0 != expected {
                return Err(missing(Position(expected), "the log has a hole"));
            }
        }
        let reached = events.last().map_or(start, |last| last.position.0);
        if at_head && reached < found.head {
            return Err(missing(Position(reached + 1), "the log ends before its head"));
        }
        if let Some(last) = events.last() {
            self.0.log.saw(last.position, last.id);
        }
        Ok(LogPage { scanned: events.last().map(|event| event.position).or(after), at_head, events })
    }

    /// A page of a stream.
    pub(crate) async fn stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        let from = from.map(|from| i64::try_from(from.0).unwrap_or(i64::MAX));
        let (within, order, from) = match direction {
            Direction::Forward => ("e.stream = $3 AND e.revision >= $1", "revision", from.unwrap_or(0)),
            Direction::Backward => ("e.stream = $3 AND e.revision <= $1", "revision DESC", from.unwrap_or(i64::MAX)),
        };
        let params: Params<'_> = &[(&from, Type::INT8), (&more(max), Type::INT8), (&stream.as_str(), Type::TEXT)];
        let found = self.ask(&page(within, order), params).await?;
        let (events, at_end) = events(&found.rows, max)?;
        let mut pairs = events.iter().zip(events.iter().skip(1));
        let hole = pairs.find(|(one, other)| match direction {
            Direction::Forward => other.revision.0 != one.revision.0 + 1,
            Direction::Backward => other.revision.0 + 1 != one.revision.0,
        });
        match hole {
            Some((before, _)) => Err(missing(before.position, "its stream has a hole beside it")),
            None => Ok(StreamPage { events, at_end }),
        }
    }

    /// The last position.
    pub(crate) async fn head(&self) -> Result<Option<Position>, ReadError> {
        let found = self.ask("SELECT 1", &[]).await?;
        Ok(Some(Position(found.head)).filter(|head| head.0 > 0))
    }

    /// Whether an event is at a position.
    pub(crate) async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        let Ok(at) = i64::try_from(position.0) else { return Ok(false) };
        let sql = "SELECT 1 FROM {schema}.event e WHERE e.position = $1 AND e.event_id = $2";
        let found = self.ask(sql, &[(&at, Type::INT8), (&id, Type::UUID)]).await?;
        Ok(!found.rows.is_empty())
    }

    /// Runs a query, again on another connection when one is lost.
    async fn ask(&self, sql: &str, params: Params<'_>) -> Result<Found, ReadError> {
        let shared = &self.0;
        let sql = shared.log.schema.within(sql);
        let until = Instant::now() + PATIENCE;
        let free = shared.free.acquire().await;
        let _free = free.map_err(|_| ReadError::Unavailable { reason: "the readers of the journal ended".into() })?;
        loop {
            shared.log.sound().map_err(Failure::reading)?;
            let idle = held(&shared.idle).pop().filter(|connection| !connection.is_gone());
            let connection = match idle {
                Some(connection) => connection,
                None => shared.log.connect_until(until).await.map_err(Failure::reading)?,
            };
            match timed(READ_TIME_MAX, found(&connection.client, &shared.log, &sql, params)).await {
                Ok(found) => {
                    held(&shared.idle).push(connection);
                    return Ok(found);
                }
                Err(failure) => {
                    let is_lost = matches!(failure, Failure::Unknown(_));
                    if is_lost {
                        // What ended one connection has most often ended all.
                        held(&shared.idle).clear();
                    }
                    if !is_lost || Instant::now() >= until {
                        return Err(failure.reading());
                    }
                }
            }
        }
    }
}

/// Asks for the head and for rows in one round trip. The head comes first: what it says is there must be found.
async fn found(client: &Client, log: &Log, sql: &str, params: Params<'_>) -> Result<Found, Failure> {
    let head = log.schema.within("SELECT log_id, epoch, position FROM {schema}.log_head");
    let answers = try_join(client.query_typed(&head, &[]), client.query_typed(sql, params)).await;
    let (head, rows) = answers.map_err(|error| Failure::of(&error))?;
    let head = head.first().ok_or_else(|| Failure::damaged("the log has no head".into()))?;
    let read = |error: tokio_postgres::Error| Failure::damaged(error.to_string());
    log.same(LogIdentity { log: head.try_get(0).map_err(read)?, epoch: head.try_get(1).map_err(read)? })?;
    Ok(Found { rows, head: head.try_get::<_, i64>(2).map_err(read)?.unsigned_abs() })
}

/// One more than is asked for: whether it is there says whether the page is the last.
fn more(max: NonZeroU32) -> i64 {
    i64::from(max.get()) + 1
}

/// A page of `$2` rows, cut before its contents grow beyond what a page may have. Beside the columns of an event it
/// says how many rows there were before the cut.
fn page(within: &str, order: &str) -> String {
    format!(
        "SELECT {COLUMNS}, found FROM (
           SELECT e.*, count(*) OVER () AS found,
                  sum(octet_length(e.data) + octet_length(e.meta)) OVER (ORDER BY {order})
                    - octet_length(e.data) - octet_length(e.meta) AS before
           FROM (SELECT e.* FROM {{schema}}.event e WHERE {within} ORDER BY {order} LIMIT $2) e
         ) e WHERE before < {PAGE_BYTES_MAX} ORDER BY {order}"
    )
}

/// The events of a page, at most `max`, and whether there was no more.
fn events(rows: &[Row], max: NonZeroU32) -> Result<(Vec<Recorded>, bool), ReadError> {
    let max = usize::try_from(max.get()).unwrap_or(usize::MAX);
    let events = rows.iter().take(max).map(recorded).collect::<Result<Vec<_>, Fatal>>()?;
    let found = rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(10));
    let found = found.map_err(|error| Failure::damaged(error.to_string()).reading())?;
    let at_end = usize::try_from(found).is_ok_and(|found| found == events.len());
    Ok((events, at_end))
}

fn missing(position: Position, detail: &str) -> ReadError {
    Fatal::Corrupt { position: Some(position), detail: detail.into() }.into()
}
