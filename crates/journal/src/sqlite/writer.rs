//! The one writer of a log: a thread with the only connection that appends.
//!
//! It takes all waiting requests, up to a limit, into one transaction, commits once, and then answers all of them. So
//! requests share a flush under load, and a single request does not wait for others. Each append is checked before its
//! first row is written (`transaction.rs`), and any later failure rolls back the whole transaction, so no append is stored
//! in part. A sequence of appends is one request and is stored up to its first refusal.
//!
//! After a commit that failed, the writer opens the log again and proves by a commit of its own that the disk takes writes.
//! Until then the log is not available, for appends and for reads. It ends only when the log is damaged or gone, and
//! damage is believed only at a second look (`second_look.rs`).

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension};
use tokio::sync::{mpsc, oneshot, watch};

use super::checkpoint::{Checkpoints, EVERY_BYTES, cut_off};
use super::file::{BUSY_WAIT, Origin, Store, refused, shows_damage, touch, touch_page};
use super::readers::head;
use super::store_troubles::{MayBeDamage, StoreTroubles};
use super::transaction::{Answer, Transaction};
use crate::clock::Clock;
use crate::digest::Hashed;
use crate::{Append, AppendError, Appended, Fatal, LogIdentity, OpenError, Position, ReadError, Stopped};

/// Requests that may share one transaction.
const BATCH: usize = 256;
/// Requests that may wait for the next transaction; further callers wait before they are queued.
const QUEUE: usize = 256;
/// The most events of a sequence in one request, and so in one transaction; a longer sequence is split.
const SEQUENCE_EVENTS_MAX: usize = 1_000;
/// The most payload of a sequence in one request.
const SEQUENCE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Pause before a log that could not be opened again is tried once more.
const RETRY: Duration = Duration::from_millis(250);

/// A handle of the writing thread. Dropping it waits until all requests are durable and the files are closed.
pub(crate) struct Writer {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    state: watch::Receiver<State>,
}

/// The published state of the writer.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The last position that is durable.
    pub head: Option<Position>,
    /// Why the writer ended.
    pub ended: Option<Fatal>,
    /// Why it is not known what is durable, until the log was opened again.
    pub unsure: Option<String>,
}

impl State {
    /// What a commit that failed has written is not known to be durable, so nothing is shown meanwhile.
    pub(crate) fn sound(&self) -> Result<(), ReadError> {
        if let Some(fatal) = &self.ended {
            return Err(fatal.clone().into());
        }
        self.unsure.clone().map_or(Ok(()), |reason| Err(ReadError::Unavailable { reason }))
    }
}

/// Appends that are written in order up to the first that is refused. None at all asks for a proof that the disk takes
/// writes.
struct Request {
    appends: Vec<Hashed>,
    answer: oneshot::Sender<Answer>,
}

/// What a writer begins with.
struct Opened {
    connection: Connection,
    /// That of the checkpoints.
    checkpointing: Connection,
    head: Option<Position>,
    stored_at_us: i64,
}

impl Opened {
    /// Opens a log, or makes it with this identity.
    fn of(store: &Store, identity: LogIdentity) -> Result<Self, OpenError> {
        let connection = store.writing(identity)?;
        let head = head(&connection).map_err(refused)?;
        let stored_at_us = last_stored_at(&connection).map_err(refused)?;
        Ok(Self { connection, checkpointing: store.writing(identity)?, head, stored_at_us })
    }
}

impl Writer {
    /// Opens the log for writing, creates it if it is missing, and starts its threads.
    pub(crate) fn start(store: &Store, origin: Origin, troubles: &Arc<StoreTroubles>) -> Result<Self, OpenError> {
        store.prepare()?;
        let lock = store.lock()?;
        let Opened { connection, checkpointing, head, stored_at_us } =
            troubles.opened_twice(|| Opened::of(store, origin.identity))?;
        let checkpoints =
            Checkpoints::start(format!("{}-checkpoint", store.namespace), checkpointing).map_err(refused)?;
        let (state_sender, state) = watch::channel(State { head, ..State::default() });
        let (requests, queue) = mpsc::channel(QUEUE);
        let writing = Writing {
            store: store.clone(),
            connection,
            clock: origin.clock,
            position: head.map_or(0, |head| head.0),
            stored_at_us,
            state: state_sender,
            troubles: Arc::clone(troubles),
            #[cfg(test)]
            faults: origin.faults,
        };
        let thread = thread::Builder::new().name(format!("{}-writer", store.namespace)).spawn(move || {
            run(writing, queue, checkpoints);
            // Another writer may open these files only now.
            drop(lock);
        })?;
        Ok(Self { requests: Some(requests), thread: Some(thread), state })
    }

    /// The latest published state of the writer.
    pub(crate) fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Sends an append to the writer and waits for its outcome.
    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let appended = self.ask(vec![Hashed::of(append)]).await.map_err(|stopped| stopped.error)?;
        // Only a request without appends has none.
        appended.ok_or(AppendError::Empty)
    }

    /// Commits a page as it is, or what others append meanwhile.
    pub(crate) async fn prove(&self) -> Result<(), AppendError> {
        self.ask(Vec::new()).await.map(drop).map_err(|stopped| stopped.error)
    }

    /// Sends a sequence of appends to the writer, one transaction at a time, and waits for each.
    pub(crate) async fn append_in_order(&self, appends: Vec<Append>) -> Result<(), Stopped> {
        let mut done = 0;
        let mut waiting = appends.into_iter().peekable();
        while let Some(first) = waiting.next() {
            let (mut events, mut bytes) = size(&first);
            let mut together = vec![Hashed::of(first)];
            let mut fits = |next: &Append| {
                let (more_events, more_bytes) = size(next);
                events += more_events;
                bytes += more_bytes;
                events <= SEQUENCE_EVENTS_MAX && bytes <= SEQUENCE_BYTES_MAX
            };
            while let Some(next) = waiting.next_if(&mut fits) {
                together.push(Hashed::of(next));
            }
            let asked = together.len();
            let told = self.ask(together).await;
            told.map_err(|stopped| Stopped { done: done + stopped.done, ..stopped })?;
            done += asked;
        }
        Ok(())
    }

    async fn ask(&self, appends: Vec<Hashed>) -> Answer {
        let none = |error| Stopped { done: 0, error };
        let (answer, answered) = oneshot::channel();
        match &self.requests {
            Some(requests) if requests.send(Request { appends, answer }).await.is_ok() => {}
            Some(_) | None => return Err(none(self.ended().into())),
        }
        // The thread that had taken the request ended before it answered.
        let unknown = |_| none(AppendError::Indeterminate { reason: "the writer of the journal ended".into() });
        answered.await.map_err(unknown)?
    }

    fn ended(&self) -> Fatal {
        let said = self.state.borrow().ended.clone();
        said.unwrap_or_else(|| Fatal::Ended { reason: "its thread is gone".into() })
    }
}

/// The events of an append, and their bytes.
fn size(append: &Append) -> (usize, usize) {
    (append.events.len(), append.events.iter().map(|event| event.data.len() + event.meta.len()).sum())
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.requests = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer of the journal ended in a panic");
        }
    }
}

fn run(mut writing: Writing, mut queue: mpsc::Receiver<Request>, checkpoints: Checkpoints) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut bytes = 0;
    while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
        let (answers, failure) = match writing.write_looking_twice(&batch) {
            Ok(written) => {
                bytes += written.bytes;
                (written.answers, None)
            }
            Err(failure) => {
                writing.troubles.writing.note(failure.reason());
                (vec![Err(Stopped { done: 0, error: failure.answer() }); batch.len()], Some(failure))
            }
        };
        // The state is published before the answers, so the head includes every answered append.
        let ended = match failure {
            Some(Failure::Unknown(reason)) => writing.settle(&reason).err(),
            Some(failure) => failure.ends(),
            None => None,
        };
        writing.publish(ended.clone());
        answer(&mut batch, answers);
        if ended.is_none() && writing.is_unsure() {
            if let Err(fatal) = writing.settle_in_the_end(&mut queue) {
                writing.publish(Some(fatal.clone()));
                return end(queue, &fatal);
            }
            writing.publish(None);
        }
        if let Some(fatal) = ended {
            return end(queue, &fatal);
        }
        checkpoints.committed();
        if bytes >= EVERY_BYTES {
            bytes = 0;
            checkpoints.grown();
        }
        if checkpoints.take_is_long()
            && let Err(error) = cut_off(&writing.connection, BUSY_WAIT)
        {
            tracing::warn!(%error, "the write-ahead log of the journal was not cut off");
        }
    }
}

fn answer(batch: &mut Vec<Request>, answers: Vec<Answer>) {
    for (request, answer) in batch.drain(..).zip(answers) {
        // The caller may have stopped waiting; its append is stored nevertheless.
        drop(request.answer.send(answer));
    }
}

/// Answers the requests that are still waiting. None of them was begun.
fn end(mut queue: mpsc::Receiver<Request>, fatal: &Fatal) {
    queue.close();
    while let Some(request) = queue.blocking_recv() {
        drop(request.answer.send(Err(Stopped { done: 0, error: fatal.clone().into() })));
    }
}

/// The state of the writing thread.
struct Writing {
    store: Store,
    connection: Connection,
    clock: Clock,
    /// The last position that is durable; 0 before the first.
    position: u64,
    /// The time of that event.
    stored_at_us: i64,
    state: watch::Sender<State>,
    troubles: Arc<StoreTroubles>,
    #[cfg(test)]
    faults: Arc<crate::testing::fault::Faults>,
}

struct Written {
    answers: Vec<Answer>,
    bytes: usize,
}

/// How a transaction failed as a whole.
enum Failure {
    /// It was rolled back. The next may succeed.
    Undone(String),
    /// It was rolled back, and the content of the log is not as expected.
    Damaged(String),
    /// The content of the disk is unknown.
    Unknown(String),
}

impl MayBeDamage for Failure {
    fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_))
    }

    fn unavailable(reason: String) -> Self {
        Self::Undone(reason)
    }
}

impl Failure {
    fn reason(&self) -> &str {
        match self {
            Self::Undone(reason) | Self::Damaged(reason) | Self::Unknown(reason) => reason,
        }
    }

    fn answer(&self) -> AppendError {
        match self {
            Self::Undone(reason) => AppendError::Unavailable { reason: reason.clone() },
            Self::Damaged(detail) => Fatal::Corrupt { position: None, detail: detail.clone() }.into(),
            Self::Unknown(reason) => AppendError::Indeterminate { reason: reason.clone() },
        }
    }

    fn ends(&self) -> Option<Fatal> {
        match self {
            Self::Undone(_) | Self::Unknown(_) => None,
            Self::Damaged(detail) => Some(Fatal::Corrupt { position: None, detail: detail.clone() }),
        }
    }
}

impl Writing {
    fn is_unsure(&self) -> bool {
        self.state.borrow().unsure.is_some()
    }

    fn publish(&self, ended: Option<Fatal>) {
        let head = Some(Position(self.position)).filter(|head| head.0 > 0);
        self.state.send_modify(|state| {
            state.head = head;
            state.ended = ended;
        });
    }

    /// Opens the log again after a commit of unknown outcome, and finds out what it holds. The log stays unavailable if
    /// that fails in a way that may pass.
    fn settle(&mut self, reason: &str) -> Result<(), Fatal> {
        self.state.send_modify(|state| state.unsure = Some(reason.to_owned()));
        tracing::error!(reason, "a commit of the journal failed; the log is opened again");
        self.try_to_settle()
    }

    /// Tries until it is settled, and answers meanwhile what is asked. Ends also when nobody can ask any more.
    fn settle_in_the_end(&mut self, queue: &mut mpsc::Receiver<Request>) -> Result<(), Fatal> {
        while self.is_unsure() && !queue.is_closed() {
            thread::sleep(RETRY);
            while let Ok(request) = queue.try_recv() {
                let error = AppendError::Unavailable { reason: "the log is being opened again".into() };
                drop(request.answer.send(Err(Stopped { done: 0, error })));
            }
            self.try_to_settle()?;
        }
        Ok(())
    }

    /// Opens the log again after a commit that failed, and gives its last position. A commit whose frames are not known to be
    /// durable is overwritten by the next one, or was complete: what the other connections of this process see decides. A
    /// commit of no event then shows that the disk takes writes and flushes.
    fn open_again(&mut self) -> Result<u64, OpenError> {
        let connection = self.store.writing_again()?;
        // The one before may hold a transaction that it could not end.
        self.connection = connection;
        touch(&self.connection)?;
        let head = head(&self.connection).map_err(refused)?;
        self.stored_at_us = self.stored_at_us.max(last_stored_at(&self.connection).map_err(refused)?);
        Ok(head.map_or(0, |head| head.0))
    }

    fn try_to_settle(&mut self) -> Result<(), Fatal> {
        let troubles = Arc::clone(&self.troubles);
        match troubles.asked_twice(self, Self::open_again, |_| Ok(())) {
            Ok(position) if position < self.position => Err(Fatal::LostTail { position: Position(self.position) }),
            Ok(position) => {
                self.position = position;
                self.state.send_modify(|state| state.unsure = None);
                tracing::info!("the journal is written again");
                Ok(())
            }
            Err(OpenError::Damaged { detail }) => Err(Fatal::Corrupt { position: None, detail }),
            Err(error @ (OpenError::Missing { .. } | OpenError::Foreign { .. } | OpenError::Format { .. })) => {
                Err(Fatal::Ended { reason: error.to_string() })
            }
            Err(error) => {
                tracing::warn!(%error, "the journal cannot be opened again yet");
                Ok(())
            }
        }
    }

    /// Writes a batch. Where the log seems to be damaged, nothing was written, and it is written again by a new connection at
    /// the second look.
    fn write_looking_twice(&mut self, batch: &[Request]) -> Result<Written, Failure> {
        let troubles = Arc::clone(&self.troubles);
        let write = |writing: &mut Self| writing.write(batch);
        troubles.asked_twice(self, write, |writing| {
            writing.connection = writing.store.writing_again()?;
            Ok(())
        })
    }

    fn write(&mut self, batch: &[Request]) -> Result<Written, Failure> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| failed(&error))?;
        let stored_at_us = (self.clock)().timestamp_micros().max(self.stored_at_us);
        let mut transaction =
            Transaction { connection: &self.connection, position: self.position, stored_at_us, bytes: 0 };
        let answers: rusqlite::Result<Vec<Answer>> =
            batch.iter().map(|request| transaction.take(&request.appends)).collect();
        let Transaction { position, bytes, .. } = transaction;
        #[cfg(test)]
        let answers = self.full_disk(answers);
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => return Err(self.undo(failed(&error))),
        };
        if position == self.position {
            if batch.iter().any(|request| request.appends.is_empty()) {
                touch_page(&self.connection).map_err(|error| self.undo(failed(&error)))?;
                self.commit()?;
            } else {
                // There were only repeats and refusals: there is nothing to make durable.
                self.connection.execute_batch("ROLLBACK").map_err(|error| Failure::Unknown(error.to_string()))?;
            }
            return Ok(Written { answers, bytes });
        }
        self.commit()?;
        self.position = position;
        self.stored_at_us = stored_at_us;
        Ok(Written { answers, bytes })
    }

    /// A full disk is detected before the commit is marked in the write-ahead log, so the transaction can be rolled back.
    /// After any other failure, above all of a flush, the kernel may or may not have kept the written data.
    fn commit(&mut self) -> Result<(), Failure> {
        #[cfg(test)]
        self.lost_commit()?;
        let Err(error) = self.connection.execute_batch("COMMIT") else { return Ok(()) };
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Err(self.undo(failed(&error))),
            Some(_) | None => Err(Failure::Unknown(error.to_string())),
        }
    }

    /// Rolls back the open transaction, unless SQLite already has.
    fn undo(&self, failure: Failure) -> Failure {
        if self.connection.is_autocommit() {
            return failure;
        }
        match self.connection.execute_batch("ROLLBACK") {
            Ok(()) => failure,
            Err(error) => Failure::Unknown(error.to_string()),
        }
    }

    #[cfg(test)]
    fn full_disk<T>(&self, outcome: rusqlite::Result<T>) -> rusqlite::Result<T> {
        use rusqlite::ffi;
        if self.faults.strikes(crate::testing::fault::Fault::DiskFull) {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None));
        }
        outcome
    }

    #[cfg(test)]
    fn lost_commit(&self) -> Result<(), Failure> {
        use crate::testing::fault::Fault;
        let lost = |statement| {
            self.connection.execute_batch(statement).expect("a statement that SQLite takes");
            Err(Failure::Unknown("the flush failed".into()))
        };
        if self.faults.strikes(Fault::AcknowledgementLost) {
            return lost("COMMIT");
        }
        if self.faults.strikes(Fault::CommitLost) {
            return lost("ROLLBACK");
        }
        Ok(())
    }
}

fn last_stored_at(connection: &Connection) -> rusqlite::Result<i64> {
    let last = connection
        .query_row("SELECT stored_at FROM event ORDER BY position DESC LIMIT 1", [], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(i64::MIN))
}

/// Classifies a failure before the commit. A constraint that refuses a checked append shows that index and table, or the
/// log and the state of this writer, do not agree.
fn failed(error: &rusqlite::Error) -> Failure {
    if shows_damage(error) || error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        return Failure::Damaged(error.to_string());
    }
    Failure::Undone(error.to_string())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::{DateTime, Utc};
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::{EventType, Expected, Namespace, NewEvent, StreamName};

    /// A stream of its own with three events of this size.
    fn request(number: u128, size: usize) -> Request {
        let events = (0..3).map(|index| NewEvent {
            id: Uuid::from_u128(number << 8 | index),
            event_type: EventType::parse("note.taken").expect("an event type"),
            data: Bytes::from(vec![7; size]),
            meta: Bytes::new(),
        });
        let stream = StreamName::parse(&format!("note-{number}")).expect("a name");
        let append = Append { stream, expected: Expected::NoStream, events: events.collect() };
        Request { appends: vec![Hashed::of(append)], answer: oneshot::channel().0 }
    }

    /// A writer of a new log in a directory.
    fn writing(directory: &TempDir) -> Writing {
        let namespace = Namespace::parse("care").expect("a namespace");
        let store = Store { directory: directory.path().to_path_buf(), namespace };
        let (log, epoch) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let connection = store.writing(LogIdentity { log, epoch }).expect("a log");
        Writing {
            troubles: Arc::new(StoreTroubles::of(store.path())),
            store,
            connection,
            clock: Arc::new(|| DateTime::<Utc>::UNIX_EPOCH),
            position: 0,
            stored_at_us: i64::MIN,
            state: watch::Sender::new(State::default()),
            faults: Arc::default(),
        }
    }

    /// SQLite itself says that there is no room, in the middle of a batch: the second request still fits, the fourth does not.
    #[test]
    fn a_full_store_keeps_nothing_of_the_batch_and_recovers_when_there_is_room() {
        let directory = TempDir::new().expect("a directory");
        let mut writing = writing(&directory);
        let kept = |writing: &Writing| -> (i64, i64) {
            let asked = "SELECT count(*), coalesce(max(position), 0) FROM event";
            writing.connection.query_row(asked, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a count")
        };
        assert!(writing.write(&[request(1, 100)]).is_ok_and(|written| written.answers[0].is_ok()));
        let pages: i64 = writing.connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("pages");
        let room = |writing: &Writing, pages: i64| {
            let set =
                writing.connection.pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0));
            assert_eq!(set, Ok(pages));
        };
        room(&writing, pages + 30);
        let batch = || [request(2, 4_000), request(3, 4_000), request(4, 60_000), request(5, 100)];
        for _ in 0..2 {
            let Err(failure) = writing.write(&batch()) else { panic!("there is no room for it") };
            assert!(matches!(failure.answer(), AppendError::Unavailable { .. }));
            assert_eq!(failure.ends(), None, "the writer goes on");
            assert_eq!((kept(&writing), writing.position), ((3, 3), 3), "nothing of the batch is kept");
        }
        assert!(writing.write(&[request(2, 100)]).is_ok(), "what is small still fits");
        room(&writing, pages + 1_000);
        let written = writing.write(&batch()).map_err(|failure| failure.answer()).expect("there is room");
        assert!(written.answers.iter().all(Result::is_ok), "the first is there already");
        assert_eq!(kept(&writing), (15, 15));
    }

    /// The file is as it was, and only this connection finds it otherwise: what a disk that did not read for a moment leaves.
    #[test]
    fn damage_that_a_second_look_does_not_find_ends_no_writer_and_what_it_finds_does() {
        let directory = TempDir::new().expect("a directory");
        let mut writing = writing(&directory);
        assert!(writing.write_looking_twice(&[request(1, 100)]).is_ok());
        let elsewhere = TempDir::new().expect("a directory");
        let path = elsewhere.path().join("text");
        std::fs::write(&path, "x".repeat(5_000)).expect("a file");
        writing.connection = Connection::open(&path).expect("it is read later");
        assert!(matches!(writing.write(&[request(2, 100)]), Err(Failure::Damaged(_))), "it is no database");
        writing.connection = Connection::open(&path).expect("it is read later");
        assert!(writing.write_looking_twice(&[request(2, 100)]).is_ok(), "the log itself is whole");
        assert_eq!(writing.position, 6);

        // The writer and the log do not agree: no second look changes that.
        writing.position = 0;
        let damaged = writing.write_looking_twice(&[request(3, 100)]);
        assert!(damaged.is_err_and(|failure| failure.ends().is_some()));
    }

    #[test]
    fn a_file_that_the_system_does_not_read_is_unavailable_and_no_damage() {
        let directory = TempDir::new().expect("a directory");
        let mut writing = writing(&directory);
        assert!(writing.write_looking_twice(&[request(1, 100)]).is_ok());
        // A directory in its place cannot be read as a file, also not by root.
        writing.troubles = Arc::new(StoreTroubles::of(directory.path().to_path_buf()));
        writing.position = 0;
        let Err(failure) = writing.write_looking_twice(&[request(2, 100)]) else { panic!("its positions are taken") };
        assert_eq!(failure.ends(), None);
        assert!(matches!(failure.answer(), AppendError::Unavailable { .. }));
        assert!(writing.troubles.now().reading.is_some(), "readiness says so");
    }

    #[test]
    fn a_request_of_no_append_commits_and_changes_no_event() {
        let directory = TempDir::new().expect("a directory");
        let mut writing = writing(&directory);
        assert!(writing.write(&[request(1, 100)]).is_ok());
        let wal = || std::fs::metadata(directory.path().join("care.journal-wal")).expect("a file").len();
        let before = wal();
        let proof = || Request { appends: Vec::new(), answer: oneshot::channel().0 };
        assert!(writing.write(&[proof()]).is_ok_and(|written| written.answers[0].is_ok()));
        assert!(wal() > before, "a page was written");
        assert_eq!(writing.position, 3);
        let holder = Connection::open(writing.store.path()).expect("another connection");
        holder.execute_batch("BEGIN IMMEDIATE").expect("the lock");
        writing.connection.busy_timeout(Duration::ZERO).expect("a setting");
        assert!(writing.write(&[proof()]).is_err(), "another process holds the lock");
        holder.execute_batch("ROLLBACK").expect("the lock is given back");
        assert!(writing.write(&[proof()]).is_ok());
    }
}
