//! The log on SQLite: the embedded default. One file, one writing thread, two reading threads.
//!
//! - `sqlite/file.rs`: where the files lie, who may open them, how a connection is set up
//! - `sqlite/row.rs`: the columns of an event, which `row.rs` checks at each read
//! - `sqlite/writer.rs`: group commit; `sqlite/transaction.rs`: the appends of one; `sqlite/checkpoint.rs`: what follows a commit
//! - `sqlite/readers.rs`: the queries
//! - `sqlite/store_troubles.rs`: what both know of the disk; `sqlite/second_look.rs`: damage, or a disk that does not read
//! - `sqlite/verification.rs`: proving the file
//!
//! Readers see only what is committed, and the writer commits in the order of positions, so a reader never
//! meets a position lower than one it has seen.

pub(crate) mod checkpoint;
pub(crate) mod file;
pub(crate) mod readers;
pub(crate) mod row;
pub(crate) mod second_look;
pub(crate) mod store_troubles;
pub(crate) mod transaction;
pub(crate) mod verification;
pub(crate) mod writer;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use tokio::sync::watch;
use uuid::Uuid;

use crate::feed::{self, PAGE_EVENTS_MAX, PageSource};
use crate::{
    Append, AppendError, Appended, Direction, Fatal, Feed, Journal, LIMITS, Limits, LogIdentity, LogPage, OpenError,
    Position, ReadError, Revision, Stopped, StreamName, StreamPage, Troubles,
};
use file::{Origin, Store};
use readers::Readers;
use store_troubles::StoreTroubles;
use writer::{State, Writer};

/// How often a log that another process writes is looked at.
const POLL: Duration = Duration::from_millis(200);

/// A log in a file.
pub(crate) struct Sqlite {
    directory: PathBuf,
    readers: Readers,
    /// `None` when opened for reading only.
    writer: Option<Writer>,
    troubles: Arc<StoreTroubles>,
}

impl Sqlite {
    /// Opens the log for writing; makes it when there is none.
    pub(crate) fn write(store: &Store, origin: Origin) -> Result<Self, OpenError> {
        let troubles = Arc::new(StoreTroubles::of(store.path()));
        let writer = Some(Writer::start(store, origin, &troubles)?);
        let readers = Readers::start(store, &troubles)?;
        Ok(Self { directory: store.directory.clone(), readers, writer, troubles })
    }

    /// Opens the log for reading. Another process may be writing it.
    pub(crate) fn read_only(store: &Store) -> Result<Self, OpenError> {
        let troubles = Arc::new(StoreTroubles::of(store.path()));
        let readers = Readers::start(store, &troubles)?;
        Ok(Self { directory: store.directory.clone(), readers, writer: None, troubles })
    }

    /// What a writer that has failed committed is not known to be durable, so it is not shown either.
    fn sound(&self) -> Result<(), ReadError> {
        self.writer.as_ref().map_or(Ok(()), |writer| writer.state().borrow().sound())
    }
}

#[async_trait]
impl Journal for Sqlite {
    fn limits(&self) -> Limits {
        LIMITS
    }

    async fn identity(&self) -> Result<LogIdentity, ReadError> {
        Ok(self.readers.identity())
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        LIMITS.check(&append)?;
        self.writer.as_ref().ok_or(Fatal::ReadOnly)?.append(append).await
    }

    async fn append_in_order(&self, mut appends: Vec<Append>) -> Result<(), Stopped> {
        let Some(writer) = &self.writer else { return Err(Stopped { done: 0, error: Fatal::ReadOnly.into() }) };
        let refused = |(done, append)| LIMITS.check(append).err().map(|error| Stopped { done, error });
        let stopped = appends.iter().enumerate().find_map(refused);
        if let Some(stopped) = &stopped {
            appends.truncate(stopped.done);
        }
        writer.append_in_order(appends).await?;
        stopped.map_or(Ok(()), Err)
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        self.sound()?;
        self.readers.stream(stream.clone(), from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        self.sound()?;
        self.readers.log(after, max).await
    }

    async fn follow(&self, after: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError> {
        self.sound()?;
        let state = self.writer.as_ref().map(Writer::state);
        Ok(feed::follow(Tail { readers: self.readers.clone(), state }, after))
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.sound()?;
        match &self.writer {
            Some(writer) => Ok(writer.state().borrow().head),
            None => self.readers.head().await,
        }
    }

    async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        self.sound()?;
        self.readers.holds(position, id).await
    }

    fn directory(&self) -> Option<&Path> {
        Some(&self.directory)
    }

    fn troubles(&self) -> Troubles {
        self.troubles.now()
    }

    async fn prove_reading(&self) -> Result<(), ReadError> {
        let troubles = Arc::clone(&self.troubles);
        let proved = tokio::task::spawn_blocking(move || troubles.prove_reading()).await;
        proved.map_err(|_| ReadError::Unavailable { reason: "the proof panicked".into() })?
    }

    async fn prove_writing(&self) -> Result<(), AppendError> {
        let count = self.troubles.writing.count();
        self.writer.as_ref().ok_or(Fatal::ReadOnly)?.prove().await?;
        self.troubles.writing.ended(count);
        Ok(())
    }
}

struct Tail {
    readers: Readers,
    /// `None` when another process writes.
    state: Option<watch::Receiver<State>>,
}

#[async_trait]
impl PageSource for Tail {
    async fn page(&mut self, after: Option<Position>) -> Result<LogPage, ReadError> {
        if let Some(state) = &mut self.state {
            state.borrow_and_update().sound()?;
        }
        self.readers.log(after, PAGE_EVENTS_MAX).await
    }

    async fn wait_for_more(&mut self) -> Result<(), ReadError> {
        match &mut self.state {
            Some(state) => {
                state.changed().await.map_err(|_| ReadError::Unavailable { reason: "the journal was closed".into() })
            }
            None => {
                tokio::time::sleep(POLL).await;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;

    use chrono::{DateTime, Utc};
    use tempfile::TempDir;

    use super::*;
    use crate::Namespace;

    #[test]
    fn a_log_does_not_open_as_damaged_unless_the_system_reads_it() {
        let directory = TempDir::new().expect("a directory");
        let namespace = Namespace::parse("care").expect("a namespace");
        let store = Store { directory: directory.path().to_path_buf(), namespace };
        let origin = || Origin {
            identity: LogIdentity { log: Uuid::from_u128(1), epoch: Uuid::from_u128(2) },
            clock: Arc::new(|| DateTime::<Utc>::UNIX_EPOCH),
            faults: Arc::default(),
        };
        drop(Sqlite::write(&store, origin()).expect("a log"));
        let file = File::options().write(true).open(store.path()).expect("the file");
        file.write_all_at(&[0xA5; 1_000], 100).expect("its first page, behind its header");
        // A directory in its place cannot be read as a file, also not by root.
        for (looked_at, is_read) in [(store.path(), true), (directory.path().to_path_buf(), false)] {
            let troubles = Arc::new(StoreTroubles::of(looked_at));
            let writing = Writer::start(&store, origin(), &troubles).err();
            for error in [writing, Readers::start(&store, &troubles).err()] {
                let is_damage = matches!(error, Some(OpenError::Damaged { .. }));
                let is_unavailable = matches!(error, Some(OpenError::Unavailable { .. }));
                assert!(is_damage == is_read && is_unavailable != is_read, "{error:?}");
            }
        }
    }
}
