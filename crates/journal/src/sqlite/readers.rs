//! The reading side: two threads, each with a connection that cannot write, and the queries they run.
//!
//! The runtime's threads never wait for the disk: a read is sent to these threads and its answer awaited. A read whose
//! caller is gone is not run. What is found damaged is looked at a second time before that is said (`second_look.rs`).

use std::num::NonZeroU32;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::{Connection, OptionalExtension, Params, params};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::file::{Store, identity, refused, unread};
use super::row::recorded;
use super::store_troubles::StoreTroubles;
use crate::row::COLUMNS;
use crate::{
    Direction, Fatal, LogIdentity, LogPage, OpenError, Position, ReadError, Recorded, Revision, StreamName, StreamPage,
};

/// How many threads read. Two are enough, because most queries read the read models and not the log.
const THREADS: usize = 2;
/// The payload after which a page ends early, so that a page of large events stays bounded.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

type Job = Box<dyn FnOnce(&mut Reading) + Send>;

/// What a reading thread has.
struct Reading {
    connection: Connection,
    store: Store,
    troubles: Arc<StoreTroubles>,
}

/// A handle to the reading threads. They end when the last handle is gone.
#[derive(Clone)]
pub(crate) struct Readers {
    identity: LogIdentity,
    jobs: mpsc::Sender<Job>,
}

/// What the threads begin with.
struct Opened {
    identity: LogIdentity,
    /// One for each thread.
    connections: Vec<Connection>,
}

impl Opened {
    fn of(store: &Store) -> Result<Self, OpenError> {
        let first = store.reading()?;
        let identity = identity(&first).map_err(refused)?;
        let mut connections = vec![first];
        while connections.len() < THREADS {
            connections.push(store.reading()?);
        }
        Ok(Self { identity, connections })
    }
}

impl Readers {
    /// Starts the threads for a log that exists.
    pub(crate) fn start(store: &Store, troubles: &Arc<StoreTroubles>) -> Result<Self, OpenError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let Opened { identity, connections } = troubles.opened_twice(|| Opened::of(store))?;
        for connection in connections {
            let queue = Arc::clone(&queue);
            let mut reading = Reading { connection, store: store.clone(), troubles: Arc::clone(troubles) };
            thread::Builder::new().name(format!("{}-reader", store.namespace)).spawn(move || {
                while let Some(job) = next(&queue) {
                    job(&mut reading);
                }
            })?;
        }
        Ok(Self { identity, jobs })
    }

    /// Which log this was when it was opened.
    pub(crate) fn identity(&self) -> LogIdentity {
        self.identity
    }

    /// The page of the log after a position.
    pub(crate) async fn log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        self.ask(move |connection| read_log(connection, after, max)).await
    }

    /// A page of a stream.
    pub(crate) async fn stream(
        &self,
        stream: StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        self.ask(move |connection| read_stream(connection, &stream, from, direction, max)).await
    }

    /// The last position.
    pub(crate) async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.ask(|connection| head(connection).map_err(unread)).await
    }

    /// Whether an event is at a position.
    pub(crate) async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        let Ok(at) = i64::try_from(position.0) else { return Ok(false) };
        let holds = move |connection: &Connection| {
            let mut asked = connection.prepare_cached("SELECT 1 FROM event WHERE position = ?1 AND event_id = ?2")?;
            asked.exists(params![at, id.as_bytes()])
        };
        self.ask(move |connection| holds(connection).map_err(unread)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (answer, answered) = oneshot::channel();
        let seen = self.identity;
        let job = Box::new(move |reading: &mut Reading| {
            if !answer.is_closed() {
                let asked = |connection: &Connection| same_epoch(connection, seen).and_then(|()| work(connection));
                // The caller may be gone; then nobody needs the answer.
                drop(answer.send(reading.answer(asked)));
            }
        });
        let gone = || ReadError::Unavailable { reason: "the readers of the journal ended".into() };
        self.jobs.send(job).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl Reading {
    /// The answer to what is asked; damage only where a second look finds it too.
    fn answer<T>(&mut self, asked: impl Fn(&Connection) -> Result<T, ReadError>) -> Result<T, ReadError> {
        let troubles = Arc::clone(&self.troubles);
        let ask = |reading: &mut Self| asked(&reading.connection);
        let answer = troubles.asked_twice(self, ask, |reading| {
            reading.connection = reading.store.reading()?;
            Ok(())
        });
        if let Err(ReadError::Unavailable { reason }) = &answer {
            troubles.reading.note(reason.as_str());
        }
        answer
    }
}

/// The position of the last event.
pub(crate) fn head(connection: &Connection) -> rusqlite::Result<Option<Position>> {
    let mut asked = connection.prepare_cached("SELECT max(position) FROM event")?;
    let last: Option<i64> = asked.query_row([], |row| row.get(0))?;
    Ok(last.map(|last| Position(last.unsigned_abs())))
}

/// The last revision of a stream.
pub(crate) fn tail(connection: &Connection, stream: &StreamName) -> rusqlite::Result<Option<Revision>> {
    let mut asked =
        connection.prepare_cached("SELECT revision FROM event WHERE stream = ?1 ORDER BY revision DESC LIMIT 1")?;
    let last: Option<i64> = asked.query_row(params![stream.as_str()], |row| row.get(0)).optional()?;
    Ok(last.map(|last| Revision(last.unsigned_abs())))
}

fn next(queue: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn same_epoch(connection: &Connection, seen: LogIdentity) -> Result<(), ReadError> {
    let now = identity(connection).map_err(unread)?;
    if now == seen { Ok(()) } else { Err(ReadError::EpochChanged { seen, now }) }
}

fn read_log(connection: &Connection, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
    let start = after.map_or(0, |after| after.0);
    let sql = format!("SELECT {COLUMNS} FROM event WHERE position > ?1 ORDER BY position");
    let bound = i64::try_from(start).unwrap_or(i64::MAX);
    let (events, at_head) = page(connection, &sql, params![bound], max)?;
    // Positions have no holes in this store, so a hole is an event that is gone.
    for (event, expected) in events.iter().zip(start.saturating_add(1)..) {
        if event.position.0 != expected {
            return Err(missing(Some(Position(expected)), "the log has a hole"));
        }
    }
    Ok(LogPage { scanned: events.last().map(|event| event.position).or(after), at_head, events })
}

fn read_stream(
    connection: &Connection,
    stream: &StreamName,
    from: Option<Revision>,
    direction: Direction,
    max: NonZeroU32,
) -> Result<StreamPage, ReadError> {
    let from = from.map(|from| i64::try_from(from.0).unwrap_or(i64::MAX));
    let (comparison, from) = match direction {
        Direction::Forward => (">= ?2 ORDER BY revision", from.unwrap_or(0)),
        Direction::Backward => ("<= ?2 ORDER BY revision DESC", from.unwrap_or(i64::MAX)),
    };
    let sql = format!("SELECT {COLUMNS} FROM event WHERE stream = ?1 AND revision {comparison}");
    let (events, at_end) = page(connection, &sql, params![stream.as_str(), from], max)?;
    let mut pairs = events.iter().zip(events.iter().skip(1));
    let hole = pairs.find(|(one, other)| match direction {
        Direction::Forward => other.revision.0 != one.revision.0 + 1,
        Direction::Backward => other.revision.0 + 1 != one.revision.0,
    });
    match hole {
        Some((before, _)) => Err(missing(Some(before.position), "its stream has a hole beside it")),
        None => Ok(StreamPage { events, at_end }),
    }
}

/// The rows of a query, bounded in number and bytes, and whether there was no more.
fn page(
    connection: &Connection,
    sql: &str,
    bounds: impl Params,
    max: NonZeroU32,
) -> Result<(Vec<Recorded>, bool), ReadError> {
    let max = usize::try_from(max.get()).unwrap_or(usize::MAX);
    let mut statement = connection.prepare_cached(sql).map_err(unread)?;
    let mut rows = statement.query(bounds).map_err(unread)?;
    let (mut events, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next().map_err(unread)? {
        if events.len() == max || bytes >= PAGE_BYTES_MAX {
            return Ok((events, false));
        }
        let event = recorded(row)?;
        bytes += event.data.len() + event.meta.len();
        events.push(event);
    }
    Ok((events, true))
}

fn missing(position: Option<Position>, detail: &str) -> ReadError {
    Fatal::Corrupt { position, detail: detail.into() }.into()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::Namespace;

    fn damaged() -> ReadError {
        missing(None, "a page")
    }

    /// What a thread has of a new log in a directory.
    fn reading(directory: &TempDir) -> Reading {
        let namespace = Namespace::parse("care").expect("a namespace");
        let store = Store { directory: directory.path().to_path_buf(), namespace };
        let identity = LogIdentity { log: Uuid::from_u128(1), epoch: Uuid::from_u128(2) };
        drop(store.writing(identity).expect("a log"));
        let connection = store.reading().expect("a connection");
        Reading { connection, troubles: Arc::new(StoreTroubles::of(store.path())), store }
    }

    #[test]
    fn damage_is_said_only_where_a_new_connection_finds_it_too() {
        let directory = TempDir::new().expect("a directory");
        let mut reading = reading(&directory);
        let asked = std::cell::Cell::new(0);
        let once = |_: &Connection| match asked.replace(asked.get() + 1) {
            0 => Err(damaged()),
            _ => Ok(7),
        };
        assert_eq!(reading.answer(once), Ok(7));
        assert_eq!(asked.get(), 2);
        assert_eq!(reading.answer(|_| Err::<(), _>(damaged())), Err(damaged()));
        assert_eq!(reading.troubles.now(), crate::Troubles::default(), "damage is no trouble that passes");
    }

    #[test]
    fn a_file_that_the_system_does_not_read_is_unavailable_until_it_is_read() {
        let directory = TempDir::new().expect("a directory");
        let mut reading = reading(&directory);
        // A directory in its place cannot be read as a file, also not by root.
        reading.troubles = Arc::new(StoreTroubles::of(directory.path().to_path_buf()));
        let answer = reading.answer(|_| Err::<(), _>(damaged()));
        assert!(matches!(answer, Err(ReadError::Unavailable { .. })), "{answer:?}");
        assert!(reading.troubles.now().reading.is_some());
        assert!(reading.troubles.prove_reading().is_err(), "it still is not read");
        assert_eq!(reading.answer(|_| Ok(())), Ok(()));
        assert!(reading.troubles.now().reading.is_some(), "what is in memory proves nothing of the disk");
        let troubles = StoreTroubles::of(reading.store.path());
        troubles.reading.note("it was not read");
        assert_eq!((troubles.prove_reading(), troubles.now()), (Ok(()), crate::Troubles::default()));
    }
}
