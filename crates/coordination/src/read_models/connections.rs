//! The connections to the read models' file, and how any file that is folded from a log is opened and checked.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use journal::{SecondLook, Trouble};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::fault::Fault;
use crate::lock::locked;
use crate::sqlite_error::{is_of_file, may_pass};
use crate::waiting::aside;

/// Idle reading connections that are kept.
const READERS_MAX: usize = 64;
/// Answers that may read at once. Each keeps a connection, with two descriptors, also while it waits for something else; all of
/// them fit into the descriptors that the server keeps from its clients.
pub(super) const ANSWERS_MAX: usize = 96;
/// How long an answer waits for another one to end, before the sender is told to try again.
const ANSWERS_WAIT: Duration = Duration::from_secs(2);
/// How long a connection waits for the lock of another process, before the sender is told to try again.
const BUSY_WAIT: Duration = Duration::from_secs(1);

/// The reading connections, made as they are needed.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    answers: Arc<Semaphore>,
    /// Whether the read models have parked a stream.
    parked: AtomicBool,
    /// The failures of what reads.
    pub reading: Trouble,
}

impl Readers {
    pub fn of(path: PathBuf, parked: bool) -> Self {
        Self {
            path,
            idle: Mutex::new(Vec::new()),
            answers: Arc::new(Semaphore::new(ANSWERS_MAX)),
            parked: AtomicBool::new(parked),
            reading: Trouble::default(),
        }
    }

    /// Notes that a stream is about to be parked; no connection sees it parked before.
    pub fn note_parked(&self) {
        self.parked.store(true, Ordering::Release);
    }

    /// Whether a stream is parked.
    pub fn has_parked(&self) -> bool {
        self.parked.load(Ordering::Acquire)
    }

    /// Waits until one more answer may read.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if none of the others ends in time.
    pub async fn slot(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let slot = timeout(ANSWERS_WAIT, Arc::clone(&self.answers).acquire_owned()).await;
        slot.ok().and_then(Result::ok).ok_or(Fault::Unavailable("the read models"))
    }

    /// A connection that nobody else uses.
    pub fn take(&self) -> rusqlite::Result<Connection> {
        if let Some(connection) = locked(&self.idle).pop() {
            return Ok(connection);
        }
        // A new one reads the tables' shapes from the disk.
        let mut opened = None;
        aside(&mut || opened = Some(self.open()));
        opened.unwrap_or_else(|| self.open())
    }

    /// Notes what failed, if it was the file. A lack of rows or tables is not its fault.
    pub fn note(&self, error: &rusqlite::Error) {
        if is_of_file(error) {
            self.reading.note(error.to_string());
        }
    }

    /// A new connection.
    pub fn open(&self) -> rusqlite::Result<Connection> {
        connect_reading(&self.path)
    }

    pub fn give_back(&self, connection: Connection) {
        let mut idle = locked(&self.idle);
        if idle.len() < READERS_MAX {
            idle.push(connection);
        }
    }
}

/// Opens a file of this program that is folded from a log, to write it; makes it if there is none.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    configure(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A lost tail is folded again from the log.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

/// Opens such a file to read it.
pub(crate) fn connect_reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    Ok(connection)
}

/// Such a file as it was found at the start.
pub(crate) enum Found<T> {
    /// It can be used.
    Whole(T),
    /// It was made by other software, or is empty.
    OtherShape,
    /// So SQLite says.
    Damaged(String),
}

/// What `find` finds, which opens the file by itself; none if the file is of no use and is to be folded again. It is not
/// thrown away for what may pass. SQLite calls it damaged also where the disk does not read it, so damage is believed once the
/// system has read the whole file and it is found again.
///
/// # Errors
/// If the file cannot be used now.
pub(crate) fn found_twice<T, E>(
    what: &'static str,
    path: &Path,
    find: impl Fn() -> rusqlite::Result<Found<T>>,
) -> Result<Option<T>, E>
where
    E: From<rusqlite::Error> + From<io::Error>,
{
    for is_second in [false, true] {
        let damage = match find() {
            Ok(Found::Whole(found)) => return Ok(Some(found)),
            Ok(Found::OtherShape) => return Ok(None),
            Ok(Found::Damaged(damage)) => damage,
            Err(error) if may_pass(&error) => return Err(error.into()),
            Err(error) => error.to_string(),
        };
        if is_second {
            tracing::error!(what, %damage, "a file is damaged; it is folded again from its log");
        } else {
            SecondLook::at(path.to_owned()).read_all()?;
        }
    }
    Ok(None)
}

/// Reads all pages of a file.
///
/// # Errors
/// Also if SQLite finds that it is damaged.
pub(crate) fn prove_whole(connection: &Connection) -> rusqlite::Result<()> {
    match found_by_check(connection)? {
        None => Ok(()),
        Some(found) => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(found))),
    }
}

/// Empties the write-ahead log, unless somebody reads: it waits for nobody. Whether it is empty.
pub(crate) fn empty_write_ahead_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(Duration::ZERO)?;
    let emptied = empty(connection);
    connection.busy_timeout(BUSY_WAIT)?;
    emptied
}

fn empty(connection: &Connection) -> rusqlite::Result<bool> {
    let checkpoint = |mode: &str| {
        connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            Ok(row.get::<_, i64>(0)? == 0 && row.get::<_, i64>(1)? == row.get::<_, i64>(2)?)
        })
    };
    // It is cut off only when all of it was moved before.
    Ok(checkpoint("PASSIVE")? && checkpoint("TRUNCATE")?)
}

/// What SQLite finds first when it reads all pages of a file; none if it is whole. It names pages and tables, never what is
/// in them.
pub(crate) fn found_by_check(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(Some(found).filter(|found| found != "ok"))
}

/// Sets what every connection to a file of this program has.
pub(crate) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_WAIT)?;
    // Neither a file descriptor nor a directory for temporary files is needed in the middle of a fold or a read.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(128);
    // Otherwise a kept statement on a table with partial indexes is planned again for each id it is asked about.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs;

    use super::*;
    use crate::read_models::OpenReadModelsError;

    #[test]
    fn a_file_is_thrown_away_for_damage_that_is_found_twice_and_never_for_a_disk_that_does_not_read() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("file");
        fs::write(&file, "something").expect("a file");
        let asked = Cell::new(0);
        let found = |path: &Path, damaged: u32| {
            asked.set(0);
            let find = || {
                let before = asked.replace(asked.get() + 1);
                Ok(if before < damaged { Found::Damaged("a page".to_owned()) } else { Found::Whole(7) })
            };
            found_twice::<_, OpenReadModelsError>("a file", path, find)
        };
        assert!(matches!(found(&file, 0), Ok(Some(7))) && asked.get() == 1);
        assert!(matches!(found(&file, 1), Ok(Some(7))) && asked.get() == 2, "it was read by then");
        assert!(matches!(found(&file, 2), Ok(None)) && asked.get() == 2);
        // A directory cannot be read as a file, also not by root.
        assert!(matches!(found(place.path(), 1), Err(OpenReadModelsError::Io(_))));
    }
}
