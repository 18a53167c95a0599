//! The index of the access log: which records concern which patient and which organization, so that they can be listed.
//!
//! One task follows the access log and folds it into a SQLite file of its own; a batch and the checkpoint are one
//! transaction. The file has ids and positions only: a list reads its records from the log (`access_index/records.rs`). It can
//! be thrown away, and is folded again when it is missing, damaged, of another shape or of another log, or ahead of the log.
//!
//! For whom a record is listed, `access_index/listed.rs` says.

mod listed;
mod records;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use care::ids::{PersonId, ThreadId};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use journal::{Feed, Journal, LogIdentity, Position, ReadError, Recorded, Revision, Trouble, Troubles};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

use crate::access::StoredRecord;
use crate::fault::Fault;
use crate::lag::{Lag, reached};
use crate::lock::locked;
use crate::projector::Projector;
use crate::read_models::cells::{Cells, id, limit};
use crate::read_models::connections::{
    Found, connect, connect_reading, empty_write_ahead_log, found_by_check, found_twice, prove_whole,
};
use crate::read_models::remove;
use crate::seldom::Seldom;
use crate::sqlite_error::is_of_file;
use crate::waiting::apart;

use listed::scopes;
pub(crate) use listed::{Scope, Told, Within};

/// The file, within the data directory.
pub const FILE: &str = "access-index.db";
/// What is unavailable while it cannot be read or is behind.
const WHAT: &str = "the index of the access log";
/// Counted up when the tables change, or the fold means something else by the same records.
const SHAPE: i64 = 5;
/// Records folded in one transaction, and held in memory.
const BATCH_MAX: usize = 256;
/// Pause after a batch that was not full, so that what happens meanwhile is folded together.
const MERGED_FOR: Duration = Duration::from_millis(50);
/// Pause before a fold that failed is tried again.
const AGAIN: Duration = Duration::from_millis(250);
/// How often it is said that it fails.
const SAID_EVERY: Duration = Duration::from_secs(60);

const SCHEMA: &str = "
CREATE TABLE checkpoint (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  log BLOB NOT NULL, epoch BLOB NOT NULL,
  position INTEGER, event BLOB               -- the last record folded; null before the first
) STRICT;
CREATE TABLE record (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;
CREATE TABLE listed (
  scope_of TEXT NOT NULL, scope BLOB NOT NULL, -- the patient or the organization for whom it is listed
  position INTEGER NOT NULL,
  for_review INTEGER NOT NULL,
  person BLOB NOT NULL,                      -- who read or tried
  patient BLOB, thread BLOB,                 -- what the list may say that it concerns
  kind TEXT NOT NULL,                        -- in which threads that lies
  PRIMARY KEY (scope_of, scope, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_for_review ON listed (scope_of, scope, position) WHERE for_review = 1;
CREATE INDEX listed_by_person ON listed (scope_of, scope, person, position);
CREATE INDEX listed_in_thread ON listed (scope_of, scope, thread, position);
";

/// Why the index cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenAccessIndexError {
    /// SQLite failed.
    #[error("the index of the access log cannot be opened")]
    Store(#[from] rusqlite::Error),
    /// The file cannot be used.
    #[error("the file of the index of the access log cannot be used")]
    Io(#[from] std::io::Error),
    /// The log cannot be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The index, and the task that folds it.
pub(crate) struct AccessIndex {
    journal: Arc<dyn Journal>,
    identity: LogIdentity,
    projector: Arc<Projector>,
    path: PathBuf,
    /// None once it is closed.
    writer: Mutex<Option<Connection>>,
    reader: Mutex<Connection>,
    /// The failures of what reads the file, and of what writes it.
    pub reading: Trouble,
    pub writing: Trouble,
    /// The last record folded.
    at: watch::Sender<Option<Position>>,
    lag: Lag,
    following: Mutex<Option<JoinHandle<()>>>,
}

/// Which places of a list are asked for.
pub(crate) struct Asked<'a> {
    /// The patient or the organization.
    pub scope: Scope,
    /// Only what the list may say that it concerns this thread.
    pub thread: Option<ThreadId>,
    /// Only what lies within these.
    pub within: &'a [Within],
    /// Only those that are marked for review.
    pub for_review: bool,
    /// Only what this person read or tried.
    pub by: Option<PersonId>,
    /// Only what others than this person read or tried.
    pub not_by: Option<PersonId>,
    /// Only those before this one.
    pub before: Option<Position>,
    pub rows_max: usize,
}

/// Where a record of a list is, and what the list may say that it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub position: Position,
    pub told: Told,
    stream: String,
    revision: Revision,
}

/// A record on its way into the index.
struct Indexed<'a> {
    record: &'a Recorded,
    for_review: bool,
    /// Who read or tried.
    person: PersonId,
    /// For whom it is listed.
    scopes: BTreeMap<Scope, Told>,
}

/// How far a file has folded which log.
#[derive(Debug, Clone, Copy)]
struct Checkpoint {
    identity: LogIdentity,
    last: Option<(Position, Uuid)>,
}

fn of_store(error: rusqlite::Error) -> Fault {
    if is_of_file(&error) { Fault::Unavailable(WHAT) } else { Fault::AccessIndex(error) }
}

impl AccessIndex {
    /// Opens the index of an access log in a data directory, and begins it again where it does not fit the log.
    ///
    /// # Errors
    /// [`OpenAccessIndexError`] if its file or the log cannot be used.
    pub async fn open(
        journal: Arc<dyn Journal>,
        projector: Arc<Projector>,
        directory: &Path,
    ) -> Result<Arc<Self>, OpenAccessIndexError> {
        let identity = journal.identity().await.map_err(Fault::from)?;
        let path = directory.join(FILE);
        let (looked_at, made_at) = (path.clone(), path.clone());
        let found = apart(WHAT, move || found(&looked_at)).await??;
        let is_kept = match found {
            Some(found) => found.is_in(&journal, identity).await.map_err(Fault::from)?,
            None => false,
        };
        if found.is_some() && !is_kept {
            tracing::warn!("the index of the access log is of another log or ahead of it; it is folded again");
        }
        let last = found.filter(|_| is_kept).and_then(|found| found.last).map(|(position, _)| position);
        let Connections { writer, reader } = apart(WHAT, move || connections(&made_at, identity, is_kept)).await??;
        Ok(Arc::new(Self {
            journal,
            identity,
            projector,
            path,
            writer: Mutex::new(Some(writer)),
            reader: Mutex::new(reader),
            reading: Trouble::default(),
            writing: Trouble::default(),
            at: watch::Sender::new(last),
            lag: Lag::default(),
            following: Mutex::new(None),
        }))
    }

    /// Begins to follow the log, once the authorization state has folded the care log.
    pub fn start(index: &Arc<Self>) {
        let following = tokio::spawn(Self::follow(Arc::downgrade(index)));
        *locked(&index.following) = Some(following);
    }

    /// Stops following, and returns once nothing is written any more.
    pub fn close(&self) {
        if let Some(following) = locked(&self.following).take() {
            following.abort();
        }
        if let Some(writer) = locked(&self.writer).take() {
            // What is left beside the file is found again at the next start.
            drop(writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        }
    }

    /// Whether it is behind the records of this node, and has not moved for a while.
    pub fn is_late(&self) -> bool {
        let known = self.projector.read_models.access_head.position_in(self.identity);
        self.lag.is_long(self.at() < known)
    }

    /// The directory of the file.
    pub fn directory(&self) -> Option<&Path> {
        self.path.parent()
    }

    /// Why the file failed when it was used last, until [`Self::prove`] finds that it works.
    pub fn troubles(&self) -> Troubles {
        Troubles { reading: self.reading.reason(), writing: self.writing.reason() }
    }

    /// Proves that the file takes a change, and that all of it can be read if that failed before. It waits for the disk.
    pub fn prove(&self) -> rusqlite::Result<()> {
        let (written, read) = (self.writing.count(), self.reading.count());
        {
            let mut writer = locked(&self.writer);
            let Some(connection) = writer.as_mut() else { return Ok(()) };
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // What it is already.
            transaction.pragma_update(None, "user_version", SHAPE)?;
            transaction.commit()?;
            // What was written for this alone stays in no write-ahead log.
            empty_write_ahead_log(connection)?;
        }
        self.writing.ended(written);
        if self.reading.reason().is_some() {
            prove_whole(&connect_reading(&self.path)?)?;
            self.reading.ended(read);
        }
        Ok(())
    }

    /// Waits until everything is folded that the log holds now, a bounded time: a list that leaves something out is worse
    /// than none.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if it is not folded in time, or the log does not answer.
    pub async fn catch_up(&self) -> Result<(), Fault> {
        let head = self.journal.head().await?;
        if reached(&self.at, head).await { Ok(()) } else { Err(Fault::Unavailable(WHAT)) }
    }

    /// The places of a list, the newest first.
    ///
    /// # Errors
    /// [`Fault`] if the file cannot be read.
    pub fn places(&self, asked: &Asked<'_>) -> Result<Vec<Place>, Fault> {
        let Asked { scope, thread, within, for_review, by, not_by, before, rows_max } = asked;
        let within: Vec<String> = within.iter().map(|within| format!("'{}'", within.word())).collect();
        let within = within.join(", ");
        let only = if *for_review { "AND l.for_review = 1" } else { "" };
        // Without a person or a thread, the condition has no column, so that an index is used where there is one.
        let by_whom = if by.is_some() { "l.person = ?5" } else { "?5 IS NULL" };
        let in_thread = if thread.is_some() { "l.thread = ?7" } else { "?7 IS NULL" };
        let sql = format!(
            "SELECT l.position, l.patient, l.thread, l.kind, r.stream, r.revision
             FROM listed l CROSS JOIN record r ON r.position = l.position
             WHERE l.scope_of = ?1 AND l.scope = ?2 AND l.position < ?3 AND l.kind IN ({within}) {only}
               AND {by_whom} AND (?6 IS NULL OR l.person <> ?6) AND {in_thread}
             ORDER BY l.position DESC LIMIT ?4"
        );
        let before = before.map_or(i64::MAX, |before| before.0.cast_signed());
        let reader = locked(&self.reader);
        let mut statement = reader.prepare_cached(&sql).map_err(|error| self.unread(error))?;
        let (of, scope) = (scope.word(), scope.uuid());
        let (rows_max, by, not_by, thread) = (limit(*rows_max), by.map(id), not_by.map(id), thread.map(id));
        let asked = params![of, scope.as_bytes(), before, rows_max, by, not_by, thread];
        let mut rows = statement.query(asked).map_err(|error| self.unread(error))?;
        let mut places = Vec::new();
        while let Some(row) = rows.next().map_err(|error| self.unread(error))? {
            let mut cells = Cells::of(row);
            places.push(Place {
                position: Position(cells.number()?.cast_unsigned()),
                told: Told {
                    patient: cells.id_or_none()?,
                    thread: cells.id_or_none()?,
                    within: cells.word(Within::parse)?,
                },
                stream: cells.text()?,
                revision: Revision(cells.number()?.cast_unsigned()),
            });
        }
        Ok(places)
    }

    /// The fault of a read, which is noted if it was the file's.
    fn unread(&self, error: rusqlite::Error) -> Fault {
        if is_of_file(&error) {
            self.reading.note(error.to_string());
        }
        of_store(error)
    }

    fn at(&self) -> Option<Position> {
        *self.at.borrow()
    }

    async fn follow(weak: Weak<Self>) {
        let mut failures = Seldom::every(SAID_EVERY);
        loop {
            let Some(index) = weak.upgrade() else { return };
            let (journal, after) = (Arc::clone(&index.journal), index.at());
            drop(index);
            let feed = journal.follow(after).await;
            drop(journal);
            let ended = match feed {
                Ok(feed) => Self::fold_feed(&weak, feed).await,
                Err(error) => Err(error.into()),
            };
            let Err(fault) = ended else { return };
            if let Some(times) = failures.say(Instant::now()) {
                tracing::error!(%fault, times, "the access log is not indexed now; it is tried again");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Folds what the feed gives, until it breaks or the index is gone.
    async fn fold_feed(weak: &Weak<Self>, feed: BoxStream<'static, Result<Feed, ReadError>>) -> Result<(), Fault> {
        let mut feed = feed.ready_chunks(BATCH_MAX);
        while let Some(chunk) = feed.next().await {
            let mut records = Vec::with_capacity(chunk.len());
            let mut broken = None;
            for item in chunk {
                match item {
                    Ok(Feed::Event(record)) => records.push(record),
                    Ok(Feed::Scanned(_) | Feed::CaughtUp(_)) => {}
                    Err(error) => broken = Some(error),
                }
            }
            let is_full = records.len() == BATCH_MAX;
            if !records.is_empty() {
                let Some(index) = weak.upgrade() else { return Ok(()) };
                apart(WHAT, move || index.fold(&records)).await??;
            }
            if let Some(error) = broken {
                return Err(error.into());
            }
            if !is_full {
                tokio::time::sleep(MERGED_FOR).await;
            }
        }
        Err(Fault::Unavailable("the access log"))
    }

    /// Folds records with the checkpoint behind them, as one transaction.
    fn fold(&self, records: &[Recorded]) -> Result<(), Fault> {
        let Some(last) = records.last() else { return Ok(()) };
        let indexed = self.indexed(records)?;
        let mut writer = locked(&self.writer);
        let Some(connection) = writer.as_mut() else { return Ok(()) };
        write(connection, &indexed, last).map_err(|error| {
            self.writing.note(error.to_string());
            of_store(error)
        })?;
        drop(writer);
        self.lag.progressed();
        self.at.send_replace(Some(last.position));
        Ok(())
    }

    fn indexed<'a>(&self, records: &'a [Recorded]) -> Result<Vec<Indexed<'a>>, Fault> {
        let snapshot = self.projector.read_models.snapshot()?;
        let mut indexed = Vec::with_capacity(records.len());
        for record in records {
            let said = match StoredRecord::read(record) {
                Ok(Some(StoredRecord { said, .. })) => said,
                Ok(None) => continue,
                Err(_) => {
                    tracing::error!(position = record.position.0, "an access record cannot be read, and is not listed");
                    continue;
                }
            };
            let scopes = scopes(&self.projector.authorization(), &snapshot, &said)?;
            if !scopes.is_empty() {
                indexed.push(Indexed { record, for_review: said.is_for_review(), person: said.person, scopes });
            }
        }
        Ok(indexed)
    }
}

fn write(connection: &mut Connection, indexed: &[Indexed<'_>], last: &Recorded) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for Indexed { record, for_review, person, scopes } in indexed {
        let position = record.position.0.cast_signed();
        transaction
            .prepare_cached("INSERT OR IGNORE INTO record (position, stream, revision) VALUES (?1, ?2, ?3)")?
            .execute(params![position, record.stream.as_str(), record.revision.0.cast_signed()])?;
        let mut list = transaction.prepare_cached(
            "INSERT OR IGNORE INTO listed (scope_of, scope, position, for_review, person, patient, thread, kind)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for (scope, Told { patient, thread, within }) in scopes {
            let (of, uuid, within) = (scope.word(), scope.uuid(), within.word());
            let (person, patient, thread) = (id(*person), patient.map(id), thread.map(id));
            list.execute(params![of, uuid.as_bytes(), position, *for_review, person, patient, thread, within])?;
        }
    }
    transaction
        .prepare_cached("UPDATE checkpoint SET position = ?1, event = ?2")?
        .execute(params![last.position.0.cast_signed(), last.id.as_bytes()])?;
    transaction.commit()
}

impl Checkpoint {
    /// Whether the last record that was folded lies in this log.
    async fn is_in(self, journal: &Arc<dyn Journal>, identity: LogIdentity) -> Result<bool, ReadError> {
        if self.identity != identity {
            return Ok(false);
        }
        match self.last {
            Some((position, record)) => journal.holds(position, record).await,
            None => Ok(true),
        }
    }
}

/// The checkpoint of a sound file of this shape.
fn found(path: &Path) -> Result<Option<Checkpoint>, OpenAccessIndexError> {
    if !path.exists() {
        return Ok(None);
    }
    found_twice(WHAT, path, || find(&connect(path)?))
}

fn find(connection: &Connection) -> rusqlite::Result<Found<Checkpoint>> {
    let shape: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if shape != SHAPE {
        return Ok(Found::OtherShape);
    }
    if let Some(damage) = found_by_check(connection)? {
        return Ok(Found::Damaged(damage));
    }
    let asked = connection.query_row("SELECT log, epoch, position, event FROM checkpoint", [], |row| {
        let uuid = |bytes: [u8; 16]| Uuid::from_bytes(bytes);
        let identity = LogIdentity { log: uuid(row.get(0)?), epoch: uuid(row.get(1)?) };
        let (position, record): (Option<i64>, Option<[u8; 16]>) = (row.get(2)?, row.get(3)?);
        let last = position.zip(record).map(|(at, record)| (Position(at.cast_unsigned()), uuid(record)));
        Ok(Checkpoint { identity, last })
    });
    Ok(asked.optional()?.map_or_else(|| Found::Damaged("it has no checkpoint".to_owned()), Found::Whole))
}

/// The one connection that writes, and one that reads.
struct Connections {
    writer: Connection,
    reader: Connection,
}

fn connections(path: &Path, identity: LogIdentity, is_kept: bool) -> Result<Connections, OpenAccessIndexError> {
    if !is_kept {
        remove(path)?;
    }
    journal::private(path)?;
    let mut writer = connect(path)?;
    if !is_kept {
        begin(&mut writer, identity)?;
    }
    Ok(Connections { writer, reader: connect_reading(path)? })
}

fn begin(connection: &mut Connection, identity: LogIdentity) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "user_version", SHAPE)?;
    transaction.execute(
        "INSERT INTO checkpoint (one, log, epoch) VALUES (1, ?1, ?2)",
        params![identity.log.as_bytes(), identity.epoch.as_bytes()],
    )?;
    transaction.commit()
}

#[cfg(test)]
mod tests;
