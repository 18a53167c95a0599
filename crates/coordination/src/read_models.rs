//! The read models: one SQLite file per node, folded from the log, read by every request.
//!
//! A batch of events and the checkpoint that says how far they go are one transaction, so the
//! effects are there exactly once. A request reads one [`Snapshot`]. The file holds sealed cells
//! and facts without permissions; it can be thrown away and comes out the same again.
//!
//! To add a read model: 1. a file beside these with its tables, its fold, its row, the row's
//! `Redact` and `Opens`, its queries, its tests; 2. its line in the list below; 3. a method of the
//! reader that asks the policy before it shows a row. To add what a kind of thread shows, see
//! `lifecycle.rs`.

pub(crate) mod activity;
pub(crate) mod care_teams;
pub(crate) mod cells;
pub(crate) mod companions;
pub(crate) mod connections;
pub(crate) mod counter;
pub(crate) mod delegations;
pub(crate) mod directives;
pub(crate) mod drafts;
pub(crate) mod entities;
mod fold;
pub(crate) mod inbox;
pub(crate) mod legal_authorities;
pub mod lifecycle;
pub(crate) mod messages;
pub(crate) mod organizations;
pub(crate) mod outside_messages;
pub(crate) mod participants;
pub(crate) mod patients;
pub(crate) mod people;
mod progress;
mod read_model;
pub(crate) mod snapshot;
#[cfg(test)]
mod testing;
pub(crate) mod thread_lists;
pub(crate) mod threads;
pub(crate) mod timeline;
pub(crate) mod worklist;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use care::ids::{EventId, Id};
use chrono::{DateTime, Utc};
use journal::{LogIdentity, Position, Recorded, SecondLook, Trouble, Troubles};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::OwnedSemaphorePermit;

use crate::access_head::{AccessHead, KnownHead};
use crate::fault::Fault;
use crate::lock::locked;
use crate::recorded_event::{RecordedEvent, Unreadable};
use crate::sqlite_error::may_pass;
use connections::{
    Found, Readers, configure, connect, empty_write_ahead_log, found_by_check, found_twice, prove_whole,
};
use fold::{Fold, Folded};
pub use progress::Checkpoint;
use read_model::{ReadModel, Shape};
pub(crate) use snapshot::Snapshot;

/// Makes of the list of read models: their shapes, and the fold of an event into all of them.
macro_rules! read_models {
    ($($model:ty,)+) => {
        fn shapes() -> impl Iterator<Item = &'static Shape> {
            [$(<$model as ReadModel>::SHAPES),+].into_iter().flatten()
        }

        fn fold_into_all(fold: &Fold<'_>) -> Folded {
            $(<$model as ReadModel>::fold(fold)?;)+
            Ok(())
        }
    };
}

// In the order in which an event is folded: a model may read the tables of those before it.
read_models! {
    progress::Progress,
    entities::DecidingEntities,
    organizations::Organizations,
    people::People,
    patients::Patients,
    delegations::Delegations,
    legal_authorities::LegalAuthorities,
    outside_messages::OutsideMessages,
    threads::Threads,
    participants::Participants,
    companions::Companions,
    messages::Messages,
    activity::Activities,
    inbox::Inbox,
    worklist::Worklists,
    lifecycle::Lifecycles,
    drafts::Drafts,
    timeline::Timeline,
}

/// The file, within the data directory.
pub const FILE: &str = "read-models.db";
/// The file in which they are folded again. A rebuild that was killed leaves it behind; the next start removes it.
const FILE_IN_MAKING: &str = "read-models.rebuild.db";

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
    readers: Arc<Readers>,
    /// The head of the access log.
    pub access_head: Arc<KnownHead>,
    /// The failures of what writes.
    pub writing: Trouble,
    look: SecondLook,
}

/// What defines the file: every table and the version of every fold.
fn fingerprint() -> Vec<u8> {
    let parts = shapes().flat_map(|Shape { schema, fold_version }| [schema.as_bytes(), &[0, *fold_version]].concat());
    let parts: Vec<u8> = parts.chain(crate::authorization::shapes().into_bytes()).collect();
    digest(&SHA256, &parts).as_ref().to_vec()
}

impl ReadModels {
    /// Opens the read models in a data directory for a log, and begins them again when they are of another shape or
    /// damaged. What a rebuild that was killed has left is removed.
    pub fn open(directory: &Path, identity: LogIdentity) -> Result<Self, OpenReadModelsError> {
        remove(&directory.join(FILE_IN_MAKING))?;
        Self::open_file(directory.join(FILE), identity)
    }

    /// Opens a second file beside the read models in force, empty, to build them again.
    pub fn open_beside(directory: &Path, identity: LogIdentity) -> Result<Self, OpenReadModelsError> {
        let path = directory.join(FILE_IN_MAKING);
        remove(&path)?;
        Self::open_file(path, identity)
    }

    /// Puts this file in the place of the read models in force.
    pub fn put_in_force(self, directory: &Path) -> Result<(), OpenReadModelsError> {
        let Self { path, writer, readers, access_head: _, writing: _, look: _ } = self;
        drop(readers);
        let connection = writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Everything into the one file, so that renaming it is the whole swap: there is one file or the other at every
        // moment, also when the process is killed here.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)?;
        std::fs::File::open(&path)?.sync_all()?;
        // These would be taken for those of the new file. The log holds what is only in them.
        remove_beside(&directory.join(FILE))?;
        std::fs::rename(&path, directory.join(FILE))?;
        std::fs::File::open(directory)?.sync_all()?;
        Ok(remove(&path)?)
    }

    fn open_file(path: PathBuf, identity: LogIdentity) -> Result<Self, OpenReadModelsError> {
        journal::private(&path)?;
        let found: Result<_, OpenReadModelsError> = found_twice("the read models", &path, || find(&path));
        let connection = match found? {
            Some(connection) => connection,
            None => {
                remove(&path)?;
                Self::begin(&path, identity)?
            }
        };
        let readers = Arc::new(Readers::of(path.clone(), progress::parked_count(&connection)? > 0));
        let (writer, look) = (Mutex::new(connection), SecondLook::at(path.clone()));
        Ok(Self { path, writer, readers, access_head: Arc::default(), writing: Trouble::default(), look })
    }

    /// Makes an empty file.
    fn begin(path: &Path, identity: LogIdentity) -> Result<Connection, OpenReadModelsError> {
        journal::private(path)?;
        let mut connection = connect(path)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for Shape { schema, fold_version: _ } in shapes() {
            transaction.execute_batch(schema)?;
        }
        progress::begin(&transaction, &fingerprint(), identity)?;
        transaction.commit()?;
        Ok(connection)
    }

    /// How far the read models of a data directory are, without opening them for writing; none when
    /// there are none, or of another shape.
    pub fn status(directory: &Path) -> rusqlite::Result<Option<(Checkpoint, u64)>> {
        let Some(connection) = read_only(directory).transpose()? else { return Ok(None) };
        configure(&connection)?;
        if !in_shape(&connection)? {
            return Ok(None);
        }
        Ok(Some((progress::checkpoint(&connection)?, progress::parked_count(&connection)?)))
    }

    /// How far a read models' file of whatever shape has folded: it may know of events that the log has
    /// lost, also when it is about to be folded again. None when there is no such file to read.
    pub fn found(directory: &Path) -> Option<Checkpoint> {
        let read = read_only(directory)?.and_then(|connection| progress::checkpoint_of_any_shape(&connection));
        if read.is_err() {
            tracing::warn!("the read models' file that lies here says nothing of the log");
        }
        read.ok()
    }

    /// The last record of the access log that a read models' file of whatever shape knows of.
    pub fn found_access_head(directory: &Path) -> Option<AccessHead> {
        read_only(directory)?.and_then(|connection| progress::access_head(&connection)).ok().flatten()
    }

    /// Notes the head of the access log, if there is a newer one than what is noted. Whether it noted one.
    pub fn note_access_head(&self) -> rusqlite::Result<bool> {
        let Some(head) = self.access_head.to_note() else { return Ok(false) };
        progress::note_access_head(&locked(&self.writer), head)?;
        self.access_head.is_noted(head);
        Ok(true)
    }

    /// How far the read models are.
    pub fn checkpoint(&self) -> rusqlite::Result<Checkpoint> {
        progress::checkpoint(&locked(&self.writer))
    }

    /// The directory of the file.
    pub fn directory(&self) -> Option<&Path> {
        self.path.parent()
    }

    /// Why the file failed when it was used last, until [`Self::prove`] finds that it works.
    pub fn troubles(&self) -> Troubles {
        Troubles { reading: self.readers.reading.reason(), writing: self.writing.reason() }
    }

    /// Proves that the file takes a change, and that all of it can be read if that failed before. It waits for the disk.
    pub fn prove(&self) -> rusqlite::Result<()> {
        let (written, read) = (self.writing.count(), self.readers.reading.count());
        {
            let mut connection = locked(&self.writer);
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            progress::change_nothing(&transaction)?;
            transaction.commit()?;
        }
        // What was written for this alone stays in no write-ahead log.
        self.empty_write_ahead_log()?;
        self.writing.ended(written);
        if self.readers.reading.reason().is_some() {
            prove_whole(&self.readers.open()?)?;
            self.readers.reading.ended(read);
        }
        Ok(())
    }

    /// A second look at a file that SQLite calls damaged: whether it is, and not only hard to read just now. Where it is
    /// not, it is written by a new connection from now on, which has no page of it in memory.
    pub fn is_damaged(&self) -> bool {
        let looked = || -> rusqlite::Result<bool> {
            let fresh = connect(&self.path)?;
            let is_whole = found_by_check(&fresh)?.is_none();
            if is_whole {
                *locked(&self.writer) = fresh;
            }
            Ok(is_whole)
        };
        match self.look.read_all().map(|()| looked()) {
            // The system does not read it.
            Err(_) => false,
            Ok(Ok(is_whole)) => !is_whole,
            Ok(Err(error)) => !may_pass(&error),
        }
    }

    /// Folds a batch with its checkpoint, as one transaction. An event that cannot be folded
    /// parks its stream, and the rest goes on.
    pub fn fold(&self, batch: &mut [Entry]) -> rusqlite::Result<()> {
        self.fold_now(batch).inspect_err(|error| self.writing.note(error.to_string()))
    }

    fn fold_now(&self, batch: &mut [Entry]) -> rusqlite::Result<()> {
        let mut connection = locked(&self.writer);
        // As a writer from the start: a reader that becomes one is refused at once when another process wrote meanwhile.
        let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for entry in &mut *batch {
            if fold_one(&mut transaction, entry)? == Folding::Parked {
                self.readers.note_parked();
            }
        }
        if let Some((position, event)) = batch.last().map(Entry::place) {
            let newest = batch.iter().filter_map(Entry::recorded_at).max();
            let recorded = batch.last().and_then(Entry::recorded_at);
            progress::advance(&transaction, position, event, newest, recorded)?;
        }
        let access_head = self.access_head.to_note();
        if let Some(head) = access_head {
            progress::note_access_head(&transaction, head)?;
        }
        transaction.commit()?;
        if let Some(head) = access_head {
            self.access_head.is_noted(head);
        }
        Ok(())
    }

    /// Empties the write-ahead log, unless somebody reads: it waits for nobody. Whether it is empty.
    pub fn empty_write_ahead_log(&self) -> rusqlite::Result<bool> {
        empty_write_ahead_log(&locked(&self.writer))
    }

    /// Lets the file grow up to so many pages, and not below what it has: the rest of the disk is full.
    #[cfg(test)]
    pub fn limit_pages(&self, pages: u32) -> rusqlite::Result<()> {
        locked(&self.writer).pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
    }

    /// Takes another file for that which the system reads at a second look.
    #[cfg(test)]
    pub fn look_at(&mut self, file: PathBuf) {
        self.look = SecondLook::at(file);
    }

    /// A view of everything at one moment, for one request.
    pub fn snapshot(&self) -> rusqlite::Result<Snapshot> {
        Snapshot::begin(&self.readers)
    }

    /// The slot of an answer, for [`Self::snapshot_in`]: it keeps its view while it waits for something else, so a bounded
    /// number of them is open at once.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if none of the others ends in time.
    pub async fn slot(&self) -> Result<OwnedSemaphorePermit, Fault> {
        self.readers.slot().await
    }

    /// The view of an answer, which gives its slot back.
    pub fn snapshot_in(&self, slot: OwnedSemaphorePermit) -> rusqlite::Result<Snapshot> {
        Ok(self.snapshot()?.in_slot(slot))
    }

    /// The streams whose keys were destroyed, each with the event that says so.
    pub fn keys_destroyed(&self) -> rusqlite::Result<Vec<(String, uuid::Uuid)>> {
        progress::keys_destroyed(&locked(&self.writer))
    }

    /// The first key named by an event that `missing` says is nowhere to be found.
    pub fn first_key(&self, mut missing: impl FnMut(&str) -> bool) -> rusqlite::Result<Option<String>> {
        progress::first_key(&locked(&self.writer), &mut missing)
    }
}

/// Opens the read models' file of a data directory, of whatever shape it is; none if there is no such file.
fn read_only(directory: &Path) -> Option<rusqlite::Result<Connection>> {
    let path = directory.join(FILE);
    path.exists().then(|| Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY))
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
            Err(newer @ (Unreadable::Unknown { .. } | Unreadable::NewerMetadata { .. })) => Err(newer),
        }
    }

    /// When it was recorded; none if that cannot be read.
    fn recorded_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Recorded(recorded) => Some(recorded.metadata.recorded_at),
            Self::Malformed { .. } => None,
        }
    }

    pub fn place(&self) -> (Position, EventId) {
        match self {
            Self::Recorded(recorded) => (recorded.position, recorded.id),
            Self::Malformed { position, id, .. } => (*position, *id),
        }
    }
}

/// What became of an event's stream when the event was to be folded.
#[derive(PartialEq, Eq)]
enum Folding {
    GoesOn,
    Parked,
}

fn fold_one(transaction: &mut Transaction<'_>, entry: &mut Entry) -> rusqlite::Result<Folding> {
    let (position, stream) = match entry {
        Entry::Malformed { position, stream, .. } => (*position, stream.clone()),
        Entry::Recorded(recorded) => {
            let stream = recorded.stream.to_string();
            if progress::is_parked(transaction, &stream)? {
                return Ok(Folding::Parked);
            }
            let savepoint = transaction.savepoint()?;
            match fold_into_all(&Fold::of(&savepoint, recorded)) {
                Ok(()) => {
                    savepoint.commit()?;
                    return Ok(Folding::GoesOn);
                }
                Err(fold::FoldError::Store(error)) if !is_constraint(&error) => return Err(error),
                Err(fold::FoldError::Store(_) | fold::FoldError::Sealing(_) | fold::FoldError::State(_)) => {}
            }
            drop(savepoint);
            (recorded.position, stream)
        }
    };
    tracing::error!(position = position.0, "an event cannot be folded; its stream is parked");
    match entities::park(transaction, &stream) {
        Ok(()) => {}
        Err(fold::FoldError::Store(error)) => return Err(error),
        // What cannot be read permits nothing either.
        Err(fold::FoldError::Sealing(_) | fold::FoldError::State(_)) => {}
    }
    progress::park(transaction, &stream, position)?;
    Ok(Folding::Parked)
}

/// A broken constraint is the event's fault; anything else (disk full, damage) is the store's.
fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

/// The file, if it was made with these tables and folds, and SQLite finds no damage in it.
fn find(path: &Path) -> rusqlite::Result<Found<Connection>> {
    let connection = connect(path)?;
    if !in_shape(&connection)? {
        return Ok(Found::OtherShape);
    }
    Ok(match found_by_check(&connection)? {
        None => Found::Whole(connection),
        Some(damage) => Found::Damaged(damage),
    })
}

fn in_shape(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(progress::fingerprint(connection)? == Some(fingerprint()))
}

/// Removes a database. The file itself goes first, so that what is left by a kill is never half of one.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    remove_file(path)?;
    remove_beside(path)
}

/// Removes the files that SQLite keeps beside a database.
fn remove_beside(path: &Path) -> std::io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        remove_file(&PathBuf::from(name))?;
    }
    Ok(())
}

fn remove_file(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use rusqlite::ffi;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_proof_that_the_file_takes_a_change_writes() {
        let place = tempfile::tempdir().expect("a directory");
        let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
        let read_models = ReadModels::open(place.path(), identity).expect("read models");
        assert!(read_models.empty_write_ahead_log().expect("a file"));
        // While somebody reads, what is written stays in the write-ahead log.
        let reader = rusqlite::Connection::open(place.path().join(FILE)).expect("the file");
        reader.execute_batch("BEGIN; SELECT count(*) FROM checkpoint").expect("a view");
        read_models.prove().expect("the disk takes it");
        let written = std::fs::metadata(place.path().join(format!("{FILE}-wal"))).expect("a file").len();
        assert!(written > 0);
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_answers_read_at_once_and_further_ones_wait_a_bounded_time() {
        let place = tempfile::tempdir().expect("a directory");
        let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
        let read_models = ReadModels::open(place.path(), identity).expect("read models");
        let mut kept = Vec::new();
        for _ in 0..connections::ANSWERS_MAX {
            let slot = read_models.slot().await.expect("a slot");
            kept.push(read_models.snapshot_in(slot).expect("a view"));
        }
        let refused = read_models.slot().await.err();
        assert!(matches!(refused, Some(Fault::Unavailable("the read models"))), "{refused:?}");
        assert!(read_models.snapshot().is_ok(), "what waits for nothing else takes no slot");
        kept.pop();
        assert!(read_models.slot().await.is_ok());
    }

    #[test]
    fn damage_is_told_from_a_file_that_the_system_does_not_read_and_stays_until_it_is_gone() {
        let place = tempfile::tempdir().expect("a directory");
        let identity = LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() };
        let mut read_models = ReadModels::open(place.path(), identity).expect("read models");
        assert!(!read_models.is_damaged());
        read_models.readers.note(&rusqlite::Error::QueryReturnedNoRows);
        assert_eq!(read_models.troubles(), Troubles::default(), "a query without a row is not a failure of the file");
        let unread = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), None);
        read_models.readers.note(&unread);
        assert!(read_models.troubles().reading.is_some());
        read_models.prove().expect("the file is whole");
        assert_eq!(read_models.troubles(), Troubles::default());

        read_models.empty_write_ahead_log().expect("emptied");
        let file = std::fs::File::options().write(true).open(place.path().join(FILE)).expect("the file");
        // Not the page of the checkpoint, which the proof writes anew.
        file.write_all_at(&[0xA5; 4096], 9 * 4096).expect("its tenth page");
        read_models.readers.note(&unread);
        assert!(read_models.prove().is_err(), "it is damaged");
        assert!(read_models.troubles().reading.is_some());
        assert!(read_models.is_damaged());
        // A directory in its place cannot be read as a file, also not by root.
        read_models.look_at(place.path().to_owned());
        assert!(!read_models.is_damaged(), "nothing is known of it");
    }
}
