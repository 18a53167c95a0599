//! Moving the write-ahead log into the database, on a thread of its own, so that no commit waits for it.
//!
//! While the writer is busy, a passive checkpoint follows every few megabytes; since a writer that never pauses
//! would keep the write-ahead log from ever starting over, one that grew long is cut off while the writer waits.
//! When the writer pauses, and when it ends, the write-ahead log is emptied.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

/// Payload after which a passive checkpoint is worth its while.
pub(crate) const EVERY_BYTES: usize = 4 * 1024 * 1024;
/// Pages in the write-ahead log above which the writer is made to wait: 64 MiB.
const PAGES_MAX: i64 = 16 * 1024;
/// A pause of the writer after which the write-ahead log is emptied.
const IDLE: Duration = Duration::from_secs(1);

/// The checkpointing thread. It ends, having emptied the write-ahead log, when this is dropped.
pub(crate) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread with a connection of its own.
    pub(crate) fn start(name: String, connection: Connection) -> std::io::Result<Self> {
        let (wake, woken) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name(name).spawn(move || {
            let mut dirty = true;
            loop {
                match woken.recv_timeout(IDLE) {
                    Ok(()) => {
                        dirty = true;
                        passive(&connection);
                    }
                    Err(RecvTimeoutError::Timeout) if dirty => dirty = !truncate(&connection),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
            truncate(&connection);
        })?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
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
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.wake = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the checkpoints of the journal ended in a panic");
        }
    }
}

fn passive(connection: &Connection) {
    if checkpoint(connection, "PASSIVE").is_some_and(|done| done.pages > PAGES_MAX) {
        truncate(connection);
    }
}

/// Whether it succeeded; a reader in the middle of its read, here or elsewhere, puts it off.
fn truncate(connection: &Connection) -> bool {
    checkpoint(connection, "TRUNCATE").is_some_and(|done| !done.busy)
}

struct Done {
    busy: bool,
    pages: i64,
}

/// A checkpoint that fails loses nothing: what is committed stays in the write-ahead log, and the next one tries again.
fn checkpoint(connection: &Connection, mode: &str) -> Option<Done> {
    let done = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Done { busy: row.get::<_, i64>(0)? != 0, pages: row.get(1)? })
    });
    done.inspect_err(|error| tracing::warn!(%error, mode, "a checkpoint of the journal failed")).ok()
}
