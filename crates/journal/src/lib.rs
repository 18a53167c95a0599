//! The event log: named streams of bytes with one order over all of them. It knows nothing about care.
//!
//! [`open`] gives a [`Journal`]: append to one stream at an expected revision, read a stream, read the log
//! after a position, follow it. The contract of a backend is written once as cases in `testing/contract.rs`.
//!
//! Three rules:
//! - An event is never changed and never removed; the stores themselves refuse it.
//! - A repeat of an append with the same ids and the same expectation is answered like the first time, however
//!   late. So a caller that gets [`AppendError::Indeterminate`], or no answer, repeats the append.
//! - Positions are in the order of commit: a reader that has seen position n never finds a lower one later.
//!
//! To add a backend:
//! 1. Implement [`Journal`] in a file named after the store. Begin `append` with [`Limits::check`], let
//!    `append_decision.rs` decide about repeats and conflicts, store [`Digest::of_new`] and compare it at each read.
//!    `feed.rs` makes `follow` out of `read_log` and a wake-up.
//!    One in files of this machine also notes its [`Troubles`] and proves that it works.
//! 2. Give it a URL in `open.rs`.
//! 3. In its tests, describe it as a `contract::Backend` with the classes it claims, and call `contract::run`.

mod access;
mod append_decision;
mod clock;
mod digest;
mod export;
mod feed;
mod import;
#[cfg(feature = "kurrent")]
mod kurrent;
mod log_scan;
mod memory;
mod name;
mod open;
mod position;
#[cfg(feature = "postgres")]
mod postgres;
mod problem;
mod row;
mod sequence;
mod serving;
mod sqlite;
mod trouble;
mod verify;

#[cfg(test)]
mod testing;

use std::num::NonZeroU32;
use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use uuid::Uuid;

pub use access::Access;
pub use clock::Clock;
pub use digest::Digest;
pub use export::{ExportProblem, Exported, export};
pub use import::{At, Flaw, ImportProblem, Imported, Lines, Source, Step, import};
pub use name::{EventType, NameProblem, Namespace, StreamName};
pub use open::{check_writable, init, open, renew_epoch};
pub use position::{Expected, LogIdentity, Position, Revision};
pub use problem::{AppendError, Fatal, Measured, OpenError, ReadError};
pub use sequence::{Damage, Verified};
pub use serving::{Serving, ServingError};
pub use sqlite::file::{on_local_disk, private, writable};
pub use sqlite::second_look::SecondLook;
pub use trouble::{Trouble, Troubles};
pub use verify::verify;

/// A log that can be appended to and read. Cheap to share: `Arc<dyn Journal>`.
///
/// `after` is exclusive everywhere. Dropping a journal in a file waits until what was asked of it is on disk, and
/// gives its lock back. A future that is dropped may still have its effect.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
    /// The largest append it takes.
    fn limits(&self) -> Limits;

    /// Which log this is. The epoch changes when the log was restored and may have lost its end.
    async fn identity(&self) -> Result<LogIdentity, ReadError>;

    /// Appends all events to one stream, or none. When it returns they are durable.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// Appends several in their order, and stops at the first that fails: what is needed to move a log. Nothing after
    /// it is written; what comes before it is durable. The caller repeats from where it stopped.
    async fn append_in_order(&self, appends: Vec<Append>) -> Result<(), Stopped> {
        for (done, append) in appends.into_iter().enumerate() {
            self.append(append).await.map_err(|error| Stopped { done, error })?;
        }
        Ok(())
    }

    /// Reads at most `max` events of a stream, from `from` on and including it.
    ///
    /// Without `from`, forward begins at the first event and backward at the last. A page may be shorter
    /// than `max`; only `at_end` says that nothing comes after. A missing stream is empty.
    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError>;

    /// Reads at most `max` events of the whole log in the order of their positions.
    ///
    /// A page may be shorter than `max`; only `at_head` says that nothing came after when it was read.
    async fn read_log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError>;

    /// Reads the log and goes on as it grows. The stream ends with its first error; that is `Unavailable` when the
    /// journal was dropped.
    async fn follow(&self, after: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError>;

    /// The position of the last event; `None` for an empty log.
    async fn head(&self) -> Result<Option<Position>, ReadError>;

    /// Whether the event with this id is at this position: what proves a checkpoint.
    async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError>;

    /// The directory of its files; none for a log that is in no file of this machine.
    fn directory(&self) -> Option<&Path> {
        None
    }

    /// Why the file of the log failed when it was used last, until it is proved to work. A log that is in no file of this
    /// machine is watched by its store.
    fn troubles(&self) -> Troubles {
        Troubles::default()
    }

    /// Proves that the file can be read, if it could not be when it was read last. It reads all of the file in that case.
    async fn prove_reading(&self) -> Result<(), ReadError> {
        Ok(())
    }

    /// Proves that the file takes a write, by a commit of no event.
    async fn prove_writing(&self) -> Result<(), AppendError> {
        Ok(())
    }
}

/// An event to be appended. Its id is made by the caller, so that a repeat has the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Unique in the log.
    pub id: Uuid,
    /// What happened.
    pub event_type: EventType,
    /// Its contents; opaque here.
    pub data: Bytes,
    /// What is said about it; opaque here.
    pub meta: Bytes,
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: StreamName,
    /// Its place in that stream.
    pub revision: Revision,
    /// The id its writer gave it.
    pub id: Uuid,
    /// What happened.
    pub event_type: EventType,
    /// Its contents.
    pub data: Bytes,
    /// What is said about it.
    pub meta: Bytes,
    /// When it was stored, in whole microseconds. Never earlier than that of an event that the same node stored
    /// before it; where the store itself keeps the time, of any event before it.
    pub stored_at: DateTime<Utc>,
}

/// Events for one stream, written all or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The stream.
    pub stream: StreamName,
    /// Where it must be.
    pub expected: Expected,
    /// At least one.
    pub events: Vec<NewEvent>,
}

/// The answer to a durable append and to each repeat of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The revision of its first event.
    pub first: Revision,
    /// The revision of its last event.
    pub last: Revision,
    /// The position of its last event.
    pub position: Position,
}

/// Where [`Journal::append_in_order`] stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// How many appends are durable.
    pub done: usize,
    /// Why the one after them is not, or not known to be.
    pub error: AppendError,
}

/// Which way a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards newer events.
    Forward,
    /// Towards older events.
    Backward,
}

/// A piece of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPage {
    /// In the direction asked for.
    pub events: Vec<Recorded>,
    /// Nothing more in that direction.
    pub at_end: bool,
}

/// A piece of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// In the order of their positions.
    pub events: Vec<Recorded>,
    /// How far was looked, which may be beyond the last event in a store that others share: read on after this.
    pub scanned: Option<Position>,
    /// Nothing came after, when it was read.
    pub at_head: bool,
}

/// What comes out of [`Journal::follow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// The next event.
    Event(Recorded),
    /// Nothing for this log up to here: a backend that shares its store with others says so.
    Scanned(Position),
    /// All events up to here were given, and there was no more at that moment. Said whenever that is so anew. It is
    /// the last event's position, or a later one in a store that others share.
    CaughtUp(Option<Position>),
}

/// The largest append, the same for every backend so that a log can move from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Data and metadata of one event: 512 KiB.
    pub event_bytes_max: usize,
    /// Data and metadata of all events of one append: 900 KiB.
    pub append_bytes_max: usize,
    /// Events in one append: 100.
    pub append_events_max: usize,
}

/// The limits of the port.
pub const LIMITS: Limits = Limits { event_bytes_max: 512 * 1024, append_bytes_max: 900 * 1024, append_events_max: 100 };

impl Limits {
    /// What every backend asks before it does anything: some events, not too many, not too large, no id twice.
    pub fn check(&self, append: &Append) -> Result<(), AppendError> {
        if append.events.is_empty() {
            return Err(AppendError::Empty);
        }
        at_most(Measured::AppendEvents, append.events.len(), self.append_events_max)?;
        let mut append_bytes = 0;
        for (index, event) in append.events.iter().enumerate() {
            let event_bytes = event.data.len() + event.meta.len();
            at_most(Measured::EventBytes, event_bytes, self.event_bytes_max)?;
            append_bytes += event_bytes;
            // At most a hundred events: comparing each with those before is cheaper than a set.
            if append.events.iter().take(index).any(|before| before.id == event.id) {
                return Err(AppendError::IdReused { id: event.id });
            }
        }
        at_most(Measured::AppendBytes, append_bytes, self.append_bytes_max)
    }
}

fn at_most(what: Measured, size: usize, size_max: usize) -> Result<(), AppendError> {
    if size > size_max {
        return Err(AppendError::TooLarge { what, size, size_max });
    }
    Ok(())
}
