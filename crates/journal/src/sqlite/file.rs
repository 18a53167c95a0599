//! The files of a log on SQLite: where they are, who may open them, and how a connection is set up.
//!
//! `<namespace>.journal` is the database (with SQLite's own `-wal` and `-shm` beside it),
//! `<namespace>.lock` the lock of the one writer. A log is refused when the library or the file system
//! is known to lose acknowledged commits.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, params};
use uuid::Uuid;

use crate::clock::Clock;
use crate::{Fatal, LogIdentity, Namespace, OpenError, ReadError};

/// The published schema.
pub(crate) const SCHEMA: &str = include_str!("../../../../schema/journal-sqlite.sql");
/// Marks a database as a log of Carefold ("Cfld").
const APPLICATION_ID: i64 = 0x4366_6c64;
/// The format that this program writes, and the newest it reads.
const FORMAT: i64 = 1;
/// 3.51.3 is the first version that does not lose commits when the write-ahead log restarts while two connections are open.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// How long a connection waits for another's lock: longer than any checkpoint holds it, and not so long that who waits for
/// an answer gives up.
pub(crate) const BUSY_WAIT: Duration = Duration::from_secs(2);

/// Where the log of a namespace is.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub directory: PathBuf,
    pub namespace: Namespace,
}

/// The lock of the one writer.
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing the file is not sufficient: a process that is being started shares the open files, and with them the lock,
    /// until it executes its program.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the lock of the journal was not released; it will be when this process ends");
        }
    }
}

/// The inputs for opening a log for writing.
pub(crate) struct Origin {
    /// The identity of the log, if it must be created.
    pub identity: LogIdentity,
    pub clock: Clock,
    #[cfg(test)]
    pub faults: std::sync::Arc<crate::testing::fault::Faults>,
}

impl Store {
    /// The database file.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join(format!("{}.journal", self.namespace))
    }

    /// Takes the lock of the writer; it is released when dropped, and when the process ends in any way.
    pub(crate) fn lock(&self) -> Result<Lock, OpenError> {
        let path = self.directory.join(format!("{}.lock", self.namespace));
        let opened = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| not_writable(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path }),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Creates the directory, and refuses one on an unsafe file system. Called before the lock is taken, which is a file in it.
    pub(crate) fn prepare(&self) -> Result<(), OpenError> {
        trusted_library(rusqlite::version_number())?;
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.directory);
        made.map_err(|error| not_writable(&self.directory, &error))?;
        on_local_disk(&self.directory)
    }

    /// The writing connection. Creates the log if there is none. The caller holds the lock.
    pub(crate) fn writing(&self, identity: LogIdentity) -> Result<Connection, OpenError> {
        self.opened_for_writing(identity).map_err(|error| self.named(error))
    }

    fn opened_for_writing(&self, identity: LogIdentity) -> Result<Connection, OpenError> {
        let path = self.path();
        writable(&path)?;
        private(&path).map_err(|error| not_writable(&path, &error))?;
        let mut connection = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(refused)?;
        guarded(&connection)?;
        if self.is_blank(&connection)? {
            self.create(&mut connection, identity)?;
        }
        self.recognise(&connection)?;
        durable(&connection).map_err(refused)?;
        Ok(connection)
    }

    /// A writing connection to a log that was open before. One that is gone is not made again.
    pub(crate) fn writing_again(&self) -> Result<Connection, OpenError> {
        let path = self.path();
        let missing = || OpenError::Missing { place: path.display().to_string() };
        let open = || {
            if !path.try_exists()? {
                return Err(missing());
            }
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&path, flags).map_err(refused)?;
            guarded(&connection)?;
            if self.is_blank(&connection)? {
                return Err(missing());
            }
            self.recognise(&connection)?;
            durable(&connection).map_err(refused)?;
            Ok(connection)
        };
        open().map_err(|error| self.named(error))
    }

    /// A read-only connection. Another process may be writing meanwhile.
    pub(crate) fn reading(&self) -> Result<Connection, OpenError> {
        self.opened_for_reading().map_err(|error| self.named(error))
    }

    /// Says which file it was that SQLite did not open.
    fn named(&self, error: OpenError) -> OpenError {
        if let OpenError::Io { reason } = error {
            return OpenError::Io { reason: format!("{}: {reason}", self.path().display()) };
        }
        error
    }

    fn opened_for_reading(&self) -> Result<Connection, OpenError> {
        trusted_library(rusqlite::version_number())?;
        let path = self.path();
        if !path.try_exists()? {
            return Err(OpenError::Missing { place: path.display().to_string() });
        }
        on_local_disk(&self.directory)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(refused)?;
        guarded(&connection)?;
        connection.pragma_update(None, "query_only", true).map_err(refused)?;
        if self.is_blank(&connection)? {
            return Err(OpenError::Missing { place: path.display().to_string() });
        }
        self.recognise(&connection)?;
        Ok(connection)
    }

    /// Gives the log a new epoch, in one transaction.
    pub(crate) fn renew_epoch(&self, epoch: Uuid) -> Result<LogIdentity, OpenError> {
        // Fails if the log is missing: it is not created here.
        drop(self.reading()?);
        let _lock = self.lock()?;
        let connection = self.writing(LogIdentity { log: epoch, epoch })?;
        connection.execute("UPDATE log_identity SET epoch = ?1", params![epoch.as_bytes()]).map_err(refused)?;
        identity(&connection).map_err(refused)
    }

    /// Whether the file is empty: new, or left by a process that ended before it had created the schema.
    fn is_blank(&self, connection: &Connection) -> Result<bool, OpenError> {
        let objects: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|error| self.unreadable(error))?;
        Ok(objects == 0 && pragma(connection, "application_id")? == 0)
    }

    fn create(&self, connection: &mut Connection, identity: LogIdentity) -> Result<(), OpenError> {
        durable(connection).map_err(refused)?;
        let making = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        making.execute_batch(SCHEMA).map_err(refused)?;
        making.pragma_update(None, "application_id", APPLICATION_ID).map_err(refused)?;
        making.pragma_update(None, "user_version", FORMAT).map_err(refused)?;
        making
            .execute(
                "INSERT INTO log_identity (one, namespace, log_id, epoch) VALUES (1, ?1, ?2, ?3)",
                params![self.namespace.as_str(), identity.log.as_bytes(), identity.epoch.as_bytes()],
            )
            .map_err(refused)?;
        making.commit().map_err(refused)?;
        // The new file's name must be as durable as its content.
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }

    fn recognise(&self, connection: &Connection) -> Result<(), OpenError> {
        let application = pragma(connection, "application_id")?;
        if application != APPLICATION_ID {
            return Err(self.foreign(format!("a database of another program ({application})")));
        }
        let found = pragma(connection, "user_version")?;
        if found != FORMAT {
            return Err(OpenError::Format { found, known: FORMAT });
        }
        let namespace: String = connection
            .query_row("SELECT namespace FROM log_identity", [], |row| row.get(0))
            .map_err(|error| self.unreadable(error))?;
        if namespace != self.namespace.as_str() {
            return Err(self.foreign("the log of another namespace".into()));
        }
        Ok(())
    }

    fn unreadable(&self, error: rusqlite::Error) -> OpenError {
        if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            return self.foreign("no SQLite database".into());
        }
        refused(error)
    }

    fn foreign(&self, found: String) -> OpenError {
        OpenError::Foreign { place: self.path().display().to_string(), found }
    }
}

/// Writes a page as it is, within a transaction: what shows that the disk takes writes, once it is committed.
pub(crate) fn touch_page(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}"))
}

/// Commits and flushes a page as it is.
pub(crate) fn touch(connection: &Connection) -> Result<(), OpenError> {
    let began = connection.execute_batch("BEGIN IMMEDIATE");
    let touched = began.and_then(|()| touch_page(connection)).and_then(|()| connection.execute_batch("COMMIT"));
    let touched = touched.map_err(refused);
    if touched.is_err() && !connection.is_autocommit() {
        // What could not be committed is tried again with another connection, if this fails too.
        drop(connection.execute_batch("ROLLBACK"));
    }
    touched
}

/// The identity of the log.
pub(crate) fn identity(connection: &Connection) -> rusqlite::Result<LogIdentity> {
    let mut asked = connection.prepare_cached("SELECT log_id, epoch FROM log_identity")?;
    asked.query_row([], |row| {
        Ok(LogIdentity { log: Uuid::from_bytes(row.get(0)?), epoch: Uuid::from_bytes(row.get(1)?) })
    })
}

/// Maps an error of SQLite to that of a read.
pub(crate) fn unread(error: rusqlite::Error) -> ReadError {
    if shows_damage(&error) {
        return Fatal::Corrupt { position: None, detail: error.to_string() }.into();
    }
    ReadError::Unavailable { reason: error.to_string() }
}

/// Whether it shows that what is stored is not what was written: SQLite found the file itself damaged, or a value in it is
/// not of its kind, or a row is missing that every log has.
pub(crate) fn shows_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(
            error,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::QueryReturnedNoRows
        )
}

fn not_writable(path: &Path, reason: &impl ToString) -> OpenError {
    OpenError::NotWritable { path: path.to_path_buf(), reason: reason.to_string() }
}

/// Maps an error of SQLite to that of opening the log.
pub(crate) fn refused(error: rusqlite::Error) -> OpenError {
    if shows_damage(&error) {
        return OpenError::Damaged { detail: error.to_string() };
    }
    OpenError::Io { reason: error.to_string() }
}

/// The settings of every connection: it waits for locks, checks the pages that it reads, and runs no code from the file.
fn guarded(connection: &Connection) -> Result<(), OpenError> {
    connection.busy_timeout(BUSY_WAIT).map_err(refused)?;
    for (name, value) in [("cell_size_check", true), ("trusted_schema", false)] {
        connection.pragma_update(None, name, value).map_err(refused)?;
    }
    // A cached statement keeps its plan for all parameters: there is one way to read a log.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(refused)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// Further settings of the writing connection: each commit is flushed, and no checkpoint delays one.
///
/// The journal mode is stored in the file, and not in a copy that `VACUUM INTO` made. It cannot be changed within a
/// transaction. With `recursive_triggers`, the trigger that refuses deletion also applies to `INSERT OR REPLACE`.
fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    for (name, value) in
        [("fullfsync", 1), ("checkpoint_fullfsync", 1), ("wal_autocheckpoint", 0), ("recursive_triggers", 1)]
    {
        connection.pragma_update(None, name, value)?;
    }
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, OpenError> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(refused)
}

fn trusted_library(version: i32) -> Result<(), OpenError> {
    if version < SQLITE_VERSION_MIN {
        let found = format!("{}.{}.{}", version / 1_000_000, version / 1_000 % 1_000, version % 1_000);
        return Err(OpenError::SqliteTooOld { found });
    }
    Ok(())
}

/// Refuses a database whose directory or files may not be written. SQLite opens such a file for reading, without saying
/// so. The files are not opened for this: closing one would give up the locks that SQLite holds on it in this process.
///
/// # Errors
/// [`OpenError::NotWritable`] with the directory or the file.
pub fn writable(database: &Path) -> Result<(), OpenError> {
    let beside = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let directory = database.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for path in [directory.to_path_buf(), beside(""), beside("-wal"), beside("-shm")] {
        match rustix::fs::access(&path, rustix::fs::Access::WRITE_OK) {
            // What is missing is made in the directory.
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(not_writable(&path, &std::io::Error::from(error))),
        }
    }
    Ok(())
}

/// Makes the file of a database, if there is none, so that only its owner can read it. SQLite gives the files beside it
/// the same mode. A file that is there is not opened: closing it would give up the locks that SQLite holds on it.
///
/// # Errors
/// When the file cannot be made.
pub fn private(database: &Path) -> std::io::Result<()> {
    match File::options().write(true).create_new(true).mode(0o600).open(database) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Refuses file systems that do not share locks between machines, or do not flush to a disk. This applies to every
/// directory with SQLite files, even if the log itself is elsewhere.
///
/// # Errors
/// [`OpenError::NetworkFileSystem`], or [`OpenError::Io`] if the type of the file system is unknown.
#[cfg(target_os = "linux")]
pub fn on_local_disk(directory: &Path) -> Result<(), OpenError> {
    let kind = rustix::fs::statfs(directory).map_err(std::io::Error::from)?.f_type;
    // The platform decides the field's sign and width; the numbers have 32 bits.
    match distrusted(kind as u32) {
        Some(kind) => Err(OpenError::NetworkFileSystem { path: directory.to_path_buf(), kind }),
        None => Ok(()),
    }
}

/// On other systems the file system is not checked; the documentation says to use a local disk.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn on_local_disk(_directory: &Path) -> Result<(), OpenError> {
    Ok(())
}

/// The numbers are those of Linux, `statfs(2)`.
#[cfg(target_os = "linux")]
fn distrusted(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0x6969 => "NFS",
        0x517B => "SMB",
        0xFF53_4D42 => "CIFS",
        0xFE53_4D42 => "SMB2",
        0x6573_5546 => "FUSE",
        0x0102_1997 => "9P",
        0x00C3_6400 => "Ceph",
        0x5346_414F => "AFS",
        0x7375_7245 => "Coda",
        0x0BD0_0BD0 => "Lustre",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_library_that_loses_commits_is_refused() {
        assert_eq!(trusted_library(3_051_003), Ok(()));
        assert_eq!(trusted_library(3_051_002), Err(OpenError::SqliteTooOld { found: "3.51.2".into() }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_named() {
        assert_eq!(distrusted(0x6969), Some("NFS"));
        assert_eq!(distrusted(0xFF53_4D42_u32), Some("CIFS"));
        assert_eq!(distrusted(0xEF53), None, "ext4");
    }

    #[test]
    fn a_lock_is_given_back_though_a_process_that_is_being_started_has_the_file_open() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let namespace = Namespace::parse("care").expect("a namespace");
        let store = Store { directory: directory.path().to_path_buf(), namespace };
        let held = store.lock().expect("the lock");
        assert!(matches!(store.lock().map(drop), Err(OpenError::Locked { .. })));
        let inherited = held.0.try_clone().expect("the file");
        drop(held);
        assert_eq!(store.lock().map(drop), Ok(()));
        drop(inherited);
    }

    #[test]
    fn a_copy_by_vacuum_into_is_the_same_log_whose_readers_delay_no_writer() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let copies = tempfile::TempDir::new().expect("a directory");
        let namespace = Namespace::parse("care").expect("a namespace");
        let [store, copy] = [&directory, &copies]
            .map(|place| Store { directory: place.path().to_path_buf(), namespace: namespace.clone() });
        let made = LogIdentity { log: Uuid::from_u128(1), epoch: Uuid::from_u128(2) };
        let writer = store.writing(made).expect("the log");
        let beside = Connection::open(store.path()).expect("beside its writer");
        let into = copy.path().display().to_string();
        beside.execute("VACUUM INTO ?1", [into]).expect("a copy");
        drop(writer);
        let restored = copy.writing(LogIdentity { log: Uuid::nil(), epoch: Uuid::nil() }).expect("the copy");
        assert_eq!(identity(&restored), Ok(made));
        let reader = copy.reading().expect("the copy");
        reader.execute_batch("BEGIN; SELECT * FROM log_identity").expect("it reads on");
        assert_eq!(touch(&restored), Ok(()));
    }

    #[test]
    fn a_file_that_is_not_this_log_is_refused_and_left_alone() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let store = |name: &str| Store {
            directory: directory.path().to_path_buf(),
            namespace: Namespace::parse(name).expect("a namespace"),
        };
        let identity = LogIdentity { log: Uuid::from_u128(1), epoch: Uuid::from_u128(2) };
        let opened = |name: &str| store(name).writing(identity).map(drop);

        fs::write(store("text").path(), "x".repeat(5_000)).expect("a file");
        assert!(matches!(opened("text"), Err(OpenError::Foreign { .. })));
        assert_eq!(fs::read(store("text").path()).expect("the file"), "x".repeat(5_000).as_bytes());

        let other = Connection::open(store("other").path()).expect("a database");
        other.execute_batch("CREATE TABLE t (x)").expect("a table");
        assert!(matches!(opened("other"), Err(OpenError::Foreign { .. })));

        assert_eq!(opened("care"), Ok(()));
        fs::copy(store("care").path(), store("access").path()).expect("a copy");
        assert!(matches!(opened("access"), Err(OpenError::Foreign { .. })));

        let newer = Connection::open(store("care").path()).expect("the log");
        for found in [0, 2] {
            newer.pragma_update(None, "user_version", found).expect("a format");
            assert_eq!(opened("care"), Err(OpenError::Format { found, known: 1 }));
        }
        let place = store("none").path().display().to_string();
        assert_eq!(store("none").reading().map(drop), Err(OpenError::Missing { place }));
    }
}
