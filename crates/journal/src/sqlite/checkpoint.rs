//! Moving the write-ahead log into the database, on a thread of its own, so that no commit waits for it.
//!
//! No checkpoint waits for anybody: one that finds a reader in its way leaves the rest to the next. A checkpoint that
//! waited for a reader would hold the lock of the writers meanwhile. While the writer is busy, a passive checkpoint follows
//! every few megabytes. A write-ahead log that grew long is cut off by the writer itself, between two transactions.
//! When the writer has paused for a second, and when it ends, the write-ahead log is emptied.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

/// Payload after which a passive checkpoint is worth its while.
pub(crate) const EVERY_BYTES: usize = 4 * 1024 * 1024;
/// Pages in the write-ahead log above which the writer cuts it off: 64 MiB.
const PAGES_MAX: i64 = 16 * 1024;
/// A pause of the writer after which the write-ahead log is emptied.
const IDLE: Duration = Duration::from_secs(1);

/// The checkpointing thread. It ends, having emptied the write-ahead log, when this is dropped.
pub(crate) struct Checkpoints {
    progress: Arc<Progress>,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the writer and the checkpointing thread tell each other.
#[derive(Default)]
struct Progress {
    /// How many transactions were committed.
    commits: AtomicU64,
    /// Whether the write-ahead log is long.
    is_long: AtomicBool,
}

impl Checkpoints {
    /// Starts the thread with a connection of its own.
    pub(crate) fn start(name: String, connection: Connection) -> rusqlite::Result<Self> {
        connection.busy_timeout(Duration::ZERO)?;
        let (wake, woken) = mpsc::sync_channel(1);
        let progress = Arc::new(Progress::default());
        let seen = Arc::clone(&progress);
        let run = move || {
            let (mut before, mut emptied_at) = (None, None);
            loop {
                match woken.recv_timeout(IDLE) {
                    Ok(()) => {
                        let is_long = checkpoint(&connection, "PASSIVE").is_some_and(|done| done.pages > PAGES_MAX);
                        seen.is_long.store(is_long, Ordering::Relaxed);
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        let commits = Some(seen.commits.load(Ordering::Relaxed));
                        if commits == before && commits != emptied_at && empty(&connection) {
                            emptied_at = commits;
                        }
                        before = commits;
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            empty(&connection);
        };
        let thread = thread::Builder::new().name(name).spawn(run).map_err(|_| rusqlite::Error::InvalidQuery)?;
        Ok(Self { progress, wake: Some(wake), thread: Some(thread) })
    }

    /// Says that a transaction was committed. Never waits.
    pub(crate) fn committed(&self) {
        self.progress.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Says that the write-ahead log has grown. Never waits; a wake-up that is pending is enough.
    pub(crate) fn grown(&self) {
        match self.wake.as_ref().map(|wake| wake.try_send(())) {
            None | Some(Ok(()) | Err(TrySendError::Full(()))) => {}
            Some(Err(TrySendError::Disconnected(()))) => {
                tracing::error!("the checkpoints of the journal have ended; its write-ahead log grows");
            }
        }
    }

    /// Whether the writer is to cut the write-ahead log off; said once for each checkpoint that found it long.
    pub(crate) fn take_is_long(&self) -> bool {
        self.progress.is_long.swap(false, Ordering::Relaxed)
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.wake = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the checkpoints of the journal ended in a panic");
        }
    }
}

/// Cuts the write-ahead log off, on the writing connection, which waits for nobody meanwhile. A passive checkpoint went
/// before, so little is left to be moved.
pub(crate) fn cut_off(writing: &Connection, busy_wait: Duration) -> rusqlite::Result<()> {
    writing.busy_timeout(Duration::ZERO)?;
    checkpoint(writing, "TRUNCATE");
    writing.busy_timeout(busy_wait)
}

/// Whether the write-ahead log was emptied. It is cut off only when all of it was moved before, so that the lock of the
/// writers is held for a moment; a reader in the middle of its read, here or elsewhere, puts it off.
fn empty(connection: &Connection) -> bool {
    let is_moved = checkpoint(connection, "PASSIVE").is_some_and(|done| !done.busy && done.pages == done.moved);
    is_moved && checkpoint(connection, "TRUNCATE").is_some_and(|done| !done.busy)
}

struct Done {
    busy: bool,
    pages: i64,
    moved: i64,
}

/// A checkpoint that fails loses nothing: what is committed stays in the write-ahead log, and the next one tries again.
fn checkpoint(connection: &Connection, mode: &str) -> Option<Done> {
    let done = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Done { busy: row.get::<_, i64>(0)? != 0, pages: row.get(1)?, moved: row.get(2)? })
    });
    done.inspect_err(|error| tracing::warn!(%error, mode, "a checkpoint of the journal failed")).ok()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::time::Instant;

    use tempfile::TempDir;

    use super::*;

    /// Far below the time that a connection waits for a lock, and far above what a checkpoint of a few pages takes.
    const AT_ONCE: Duration = Duration::from_secs(2);

    fn connected(path: &Path) -> Connection {
        let connection = Connection::open(path).expect("a database");
        connection.busy_timeout(Duration::from_secs(5)).expect("a setting");
        connection.pragma_update(None, "journal_mode", "WAL").expect("a setting");
        connection.pragma_update(None, "wal_autocheckpoint", 0).expect("a setting");
        connection
    }

    fn database(directory: &TempDir) -> (PathBuf, Connection) {
        let path = directory.path().join("care.journal");
        let writing = connected(&path);
        writing.execute_batch("CREATE TABLE event (data); INSERT INTO event VALUES (zeroblob(100000))").expect("made");
        (path, writing)
    }

    fn wal_bytes(path: &Path) -> u64 {
        path.with_extension("journal-wal").metadata().map_or(0, |file| file.len())
    }

    #[test]
    fn no_checkpoint_waits_for_a_reader_and_none_delays_a_writer() {
        let directory = TempDir::new().expect("a directory");
        let (path, writing) = database(&directory);
        let reading = connected(&path);
        reading.execute_batch("BEGIN; SELECT count(*) FROM event").expect("a read that goes on");
        writing.execute_batch("INSERT INTO event VALUES (1)").expect("written");
        let began = Instant::now();
        let checkpoints = Checkpoints::start("checkpoint".into(), connected(&path)).expect("started");
        // Ending tries to empty the write-ahead log.
        drop(checkpoints);
        cut_off(&writing, Duration::from_secs(5)).expect("tried");
        assert!(began.elapsed() < AT_ONCE, "it waited for the reader: {:?}", began.elapsed());
        assert!(wal_bytes(&path) > 0, "the reader needs it");
        writing.execute_batch("INSERT INTO event VALUES (2)").expect("written");
        reading.execute_batch("COMMIT").expect("ended");
        cut_off(&writing, Duration::from_secs(5)).expect("tried");
        assert_eq!(wal_bytes(&path), 0);
    }

    #[test]
    fn a_pause_of_the_writer_empties_the_write_ahead_log_each_time() {
        let directory = TempDir::new().expect("a directory");
        let (path, writing) = database(&directory);
        let checkpoints = Checkpoints::start("checkpoint".into(), connected(&path)).expect("started");
        for round in 0..3 {
            writing.execute("INSERT INTO event VALUES (?1)", [round]).expect("written");
            checkpoints.committed();
            let began = Instant::now();
            while wal_bytes(&path) > 0 {
                assert!(began.elapsed() < Duration::from_secs(30), "{round}: it is not emptied");
                thread::yield_now();
            }
        }
    }
}
