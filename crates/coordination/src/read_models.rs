//! The read models: one SQLite file per node, folded from the log, read by everybody who asks.
//!
//! A batch of events and the checkpoint that says how far they go are one transaction, so the
//! effects are there exactly once. A request reads one [`Snapshot`]. The file holds sealed cells
//! and policy-free facts; it can be thrown away and comes out the same again.
//!
//! To add a view: 1. its tables in `read_models/schema.sql`; 2. its arms in `read_models/fold.rs`; 3. a file
//! beside these with its row, its `redact` below the field list, and its query; 4. a method of
//! the reader that asks the policy before it shows a row.

pub(crate) mod cells;
mod fold;
pub(crate) mod inbox;
pub(crate) mod load;
pub(crate) mod patient;
pub(crate) mod people;
pub(crate) mod snapshot;
pub(crate) mod thread;
pub(crate) mod worklist;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use care::ids::{EventId, Id};
use journal::{LogIdentity, Position, Recorded};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};
use uuid::Uuid;

use crate::recorded_event::{RecordedEvent, Unreadable};
pub(crate) use snapshot::Snapshot;

/// The tables.
const SCHEMA: &str = include_str!("read_models/schema.sql");
/// Counted up whenever the fold means something else by the same events.
const FOLD_VERSION: u8 = 1;
/// The file, within the data directory.
const FILE: &str = "read-models.db";
/// Idle reading connections that are kept.
const READERS_MAX: usize = 64;

/// How far the read models have folded the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub identity: LogIdentity,
    /// The last event folded, by place and id; none before the first.
    pub last: Option<(Position, EventId)>,
}

/// Why the read models cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenReadModelsError {
    /// SQLite failed.
    #[error("the read models cannot be opened")]
    Store(#[from] rusqlite::Error),
    /// The directory cannot be used.
    #[error("the read models' file cannot be used")]
    Io(#[from] std::io::Error),
}

/// The read models' file: one writing connection, and reading ones as they are needed.
pub(crate) struct ReadModels {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
}

fn fingerprint() -> Vec<u8> {
    digest(&SHA256, &[SCHEMA.as_bytes(), &[FOLD_VERSION]].concat()).as_ref().to_vec()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves SQLite's own state whole: an open transaction is rolled back.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(128);
    // Otherwise a kept statement on a table with partial indexes is planned again for each id it is asked about.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

impl ReadModels {
    /// Opens the read models in a data directory for a log, again when they are of another shape.
    pub fn open(directory: &Path, identity: LogIdentity) -> Result<Self, OpenReadModelsError> {
        Self::open_file(directory.join(FILE), identity)
    }

    /// Opens a second file beside the read models in force, empty, to build them again.
    pub fn open_beside(directory: &Path, identity: LogIdentity) -> Result<Self, OpenReadModelsError> {
        let path = directory.join("read-models.rebuild.db");
        remove(&path)?;
        Self::open_file(path, identity)
    }

    /// Puts this file in the place of the read models in force.
    pub fn put_in_force(self, directory: &Path) -> Result<(), OpenReadModelsError> {
        let Self { path, writer, idle } = self;
        drop(idle);
        let connection = writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Everything into the one file, so that renaming it is the whole swap.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)?;
        remove(&directory.join(FILE))?;
        std::fs::rename(&path, directory.join(FILE))?;
        Ok(remove(&path)?)
    }

    fn open_file(path: PathBuf, identity: LogIdentity) -> Result<Self, OpenReadModelsError> {
        let mut connection = Self::connect(&path)?;
        if !in_shape(&connection)? {
            drop(connection);
            remove(&path)?;
            connection = Self::connect(&path)?;
            let transaction = connection.transaction()?;
            transaction.execute_batch(SCHEMA)?;
            transaction.execute(
                "INSERT INTO checkpoint (one, fingerprint, log, epoch) VALUES (1, ?1, ?2, ?3)",
                params![fingerprint(), identity.log.as_bytes(), identity.epoch.as_bytes()],
            )?;
            transaction.commit()?;
        }
        Ok(Self { path, writer: Mutex::new(connection), idle: Mutex::new(Vec::new()) })
    }

    fn connect(path: &Path) -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A lost tail of the read models is folded again from the log.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        configure(&connection)?;
        Ok(connection)
    }

    /// How far the read models of a data directory are, without opening them for writing; none when
    /// there are none, or of another shape.
    pub fn status(directory: &Path) -> rusqlite::Result<Option<(Checkpoint, u64)>> {
        let path = directory.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        if !in_shape(&connection)? {
            return Ok(None);
        }
        let parked: i64 = connection.query_row("SELECT count(*) FROM parked", [], |row| row.get(0))?;
        Ok(Some((checkpoint(&connection)?, parked.cast_unsigned())))
    }

    /// How far a read models' file of whatever shape has folded: it may know of events that the log has
    /// lost, also when it is about to be folded again. None when there is no such file to read.
    pub fn found(directory: &Path) -> Option<Checkpoint> {
        let path = directory.join(FILE);
        if !path.exists() {
            return None;
        }
        let read = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(|connection| checkpoint(&connection));
        if read.is_err() {
            tracing::warn!("the read models' file that lies here says nothing of the log");
        }
        read.ok()
    }

    /// How far the read models are.
    pub fn checkpoint(&self) -> rusqlite::Result<Checkpoint> {
        checkpoint(&locked(&self.writer))
    }

    /// Folds a batch with its checkpoint, as one transaction. An event that cannot be folded
    /// parks its stream, and the rest goes on.
    pub fn fold(&self, batch: &mut [Entry]) -> rusqlite::Result<()> {
        let mut connection = locked(&self.writer);
        let mut transaction = connection.transaction()?;
        for entry in &mut *batch {
            fold_one(&mut transaction, entry)?;
        }
        if let Some((position, event)) = batch.last().map(Entry::place) {
            transaction
                .prepare_cached("UPDATE checkpoint SET position = ?1, event = ?2")?
                .execute(params![position.0.cast_signed(), event.uuid().as_bytes()])?;
        }
        transaction.commit()
    }

    /// A view of everything at one moment, for one request.
    pub fn snapshot(self: &Arc<Self>) -> rusqlite::Result<Snapshot> {
        let idle = locked(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = Connection::open_with_flags(
                    &self.path,
                    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
                )?;
                configure(&connection)?;
                connection
            }
        };
        Snapshot::begin(Arc::clone(self), connection)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = locked(&self.idle);
        if idle.len() < READERS_MAX {
            idle.push(connection);
        }
    }

    /// The first key named by an event that `missing` says is nowhere to be found.
    pub fn first_key(&self, mut missing: impl FnMut(&str) -> bool) -> rusqlite::Result<Option<String>> {
        let connection = locked(&self.writer);
        let mut statement = connection.prepare("SELECT key FROM key_named")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            if missing(&key) {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

/// What the log gives to fold.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// An event that can be read.
    Recorded(Box<RecordedEvent>),
    /// An event of a known kind that cannot: its stream is parked.
    Malformed { position: Position, id: EventId, stream: String },
}

impl Entry {
    /// Reads a recorded event; one of newer software is nobody's to skip.
    pub fn read(stored: &Recorded) -> Result<Self, Unreadable> {
        match RecordedEvent::read(stored) {
            Ok(recorded) => Ok(Self::Recorded(Box::new(recorded))),
            Err(Unreadable::Malformed { position }) => {
                tracing::error!(position, "a malformed event; its stream is parked");
                let stream = stored.stream.as_str().to_owned();
                Ok(Self::Malformed { position: stored.position, id: EventId::from_uuid(stored.id), stream })
            }
            Err(unknown @ Unreadable::Unknown { .. }) => Err(unknown),
        }
    }

    pub fn place(&self) -> (Position, EventId) {
        match self {
            Self::Recorded(recorded) => (recorded.position, recorded.id),
            Self::Malformed { position, id, .. } => (*position, *id),
        }
    }
}

fn fold_one(transaction: &mut Transaction<'_>, entry: &mut Entry) -> rusqlite::Result<()> {
    let (position, stream) = match entry {
        Entry::Malformed { position, stream, .. } => (*position, stream.clone()),
        Entry::Recorded(recorded) => {
            let stream = recorded.stream.to_string();
            let parked =
                transaction.prepare_cached("SELECT 1 FROM parked WHERE stream = ?1")?.exists(params![stream])?;
            if parked {
                return Ok(());
            }
            let savepoint = transaction.savepoint()?;
            match fold::event(&savepoint, recorded) {
                Ok(()) => return savepoint.commit(),
                Err(fold::FoldError::Store(error)) if !is_constraint(&error) => return Err(error),
                Err(fold::FoldError::Store(_) | fold::FoldError::Sealing(_)) => {}
            }
            drop(savepoint);
            (recorded.position, stream)
        }
    };
    tracing::error!(position = position.0, "an event cannot be folded; its stream is parked");
    transaction
        .prepare_cached("INSERT OR IGNORE INTO parked (stream, position) VALUES (?1, ?2)")?
        .execute(params![stream, position.0.cast_signed()])?;
    Ok(())
}

/// A broken constraint is the event's fault; anything else (disk full, damage) is the store's.
fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

fn in_shape(connection: &Connection) -> rusqlite::Result<bool> {
    if !connection.table_exists(None, "checkpoint")? {
        return Ok(false);
    }
    let found: Option<Vec<u8>> =
        connection.query_row("SELECT fingerprint FROM checkpoint", [], |row| row.get(0)).optional()?;
    Ok(found == Some(fingerprint()))
}

fn checkpoint(connection: &Connection) -> rusqlite::Result<Checkpoint> {
    // Every request asks this first, so the statement is kept.
    let mut asked = connection.prepare_cached("SELECT log, epoch, position, event FROM checkpoint")?;
    asked.query_row([], |row| {
        let uuid = |bytes: [u8; 16]| Uuid::from_bytes(bytes);
        let identity = LogIdentity { log: uuid(row.get(0)?), epoch: uuid(row.get(1)?) };
        let position: Option<i64> = row.get(2)?;
        let event: Option<[u8; 16]> = row.get(3)?;
        let last = position.zip(event);
        Ok(Checkpoint {
            identity,
            last: last.map(|(position, event)| (Position(position.cast_unsigned()), EventId::from_uuid(uuid(event)))),
        })
    })
}

fn remove(path: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(PathBuf::from(name)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
