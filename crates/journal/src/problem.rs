//! The errors of a log, distinguished by what the caller may do next.
//!
//! Each error of an append says whether the append was written. No error contains data of an event.

use std::path::PathBuf;

use thiserror::Error;
use uuid::Uuid;

use crate::{Expected, LogIdentity, Position, Revision, StreamName};

/// Why an append was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AppendError {
    /// The stream is elsewhere than expected. Nothing was written: read it again and decide anew.
    #[error("the stream {stream} is at {actual:?}, not at {expected:?}")]
    Conflict {
        /// The stream appended to.
        stream: StreamName,
        /// What the caller expected.
        expected: Expected,
        /// Its last revision; `None` when it has no event.
        actual: Option<Revision>,
    },
    /// An event id is already in the log at another place, or twice in this append. Nothing was written.
    #[error("the event id {id} is already used")]
    IdReused {
        /// The first id found used.
        id: Uuid,
    },
    /// The append has no event. Nothing was written.
    #[error("an append needs at least one event")]
    Empty,
    /// The append is above a limit of the port. Nothing was written.
    #[error("{what} is {size}, above the limit of {size_max}")]
    TooLarge {
        /// What was measured.
        what: Measured,
        /// What it is: bytes, or a number of events.
        size: usize,
        /// What it may be at most, in the same unit.
        size_max: usize,
    },
    /// The store could not take it just now, as when its disk is full. Nothing was written: try again later.
    #[error("the log is not available: {reason}")]
    Unavailable {
        /// What the store said.
        reason: String,
    },
    /// It may or may not be written: repeat with the same ids and the same expectation, then it is there once.
    #[error("it is not known whether the append was written: {reason}")]
    Indeterminate {
        /// What the store said.
        reason: String,
    },
    /// The journal cannot go on. Nothing was written.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// What was above a limit of the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Measured {
    /// Data and metadata of one event, in bytes.
    #[error("the size of an event in bytes")]
    EventBytes,
    /// Data and metadata of all events of the append, in bytes.
    #[error("the size of an append in bytes")]
    AppendBytes,
    /// The number of events of the append.
    #[error("the number of events in an append")]
    AppendEvents,
}

/// Why a read gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The store could not answer just now: try again later.
    #[error("the log is not available: {reason}")]
    Unavailable {
        /// What the store said.
        reason: String,
    },
    /// The log was restored since this journal was opened; what was learnt from it must be proved again.
    #[error("the log was restored: its epoch was {}, and is {}", .seen.epoch, .now.epoch)]
    EpochChanged {
        /// The identity at opening.
        seen: LogIdentity,
        /// The identity now.
        now: LogIdentity,
    },
    /// The journal cannot go on.
    #[error(transparent)]
    Fatal(#[from] Fatal),
}

/// Why a journal cannot continue. A repeat does not help; an operator must act.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fatal {
    /// What is stored is not what was written.
    #[error("the log is damaged{}: {detail}", place(.position))]
    Corrupt {
        /// The first event known to be damaged; `None` when the damage is not in one event.
        position: Option<Position>,
        /// What does not fit.
        detail: String,
    },
    /// An event that was read from the log is not in it any more: the store lost its end, as when a standby without it
    /// was promoted. What was learnt from the log must be proved again, under a new epoch.
    #[error("the log no longer holds the event that was at position {position}: its end is lost")]
    LostTail {
        /// Where the event was.
        position: Position,
    },
    /// The store refuses the credentials, or the right to read or append.
    #[error("the store refuses: {reason}")]
    Denied {
        /// What the store said.
        reason: String,
    },
    /// The journal was opened for reading only.
    #[error("the journal was opened for reading only")]
    ReadOnly,
    /// The writer ended, since after a failed commit nobody knows what is durable. Open the journal again.
    #[error("the writer of the journal ended: {reason}")]
    Ended {
        /// What ended it.
        reason: String,
    },
}

fn place(position: &Option<Position>) -> String {
    position.map_or_else(String::new, |position| format!(" at position {position}"))
}

/// Why a journal was not opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The URL names no backend, or lacks what its backend needs.
    #[error("the journal's URL is not understood: {reason}")]
    Url {
        /// What is wrong with it; never with a password.
        reason: String,
    },
    /// The URL is that of a store that this program was built without.
    #[error("this program was built without {store} (the feature {feature} of the crate journal)")]
    NotBuilt {
        /// The store.
        store: &'static str,
        /// The feature of this crate that adds it.
        feature: &'static str,
    },
    /// There is no log there, and one is not made here: not by a reader, and not in a database, where
    /// `carefold journal init` makes it.
    #[error("there is no log at {place}")]
    Missing {
        /// Where it was looked for; never with a password.
        place: String,
    },
    /// The store cannot be reached just now: try again later.
    #[error("the log is not available: {reason}")]
    Unavailable {
        /// What the store or the network said.
        reason: String,
    },
    /// The store is there and refuses the credentials, or the right to read or append.
    #[error("the store refuses: {reason}")]
    Denied {
        /// What the store said.
        reason: String,
    },
    /// Another process, or another journal of this one, has it open for writing.
    #[error("the log is being written by another: its lock {} is held", .path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// What is there is no log, or the log of another namespace.
    #[error("{place} is not this log: {found}")]
    Foreign {
        /// Where it was found; never with a password.
        place: String,
        /// What it seems to be.
        found: String,
    },
    /// The log was made by an older or a newer version of this program.
    #[error("the log was made by {} software: it has format {found}, and this program knows format {known}", if found > known { "newer" } else { "older" })]
    Format {
        /// The log's format.
        found: i64,
        /// The one format that is known.
        known: i64,
    },
    /// The SQLite library loses commits (its WAL-reset fault).
    #[error("SQLite {found} can lose commits; 3.51.3 or later is needed")]
    SqliteTooOld {
        /// The library's version.
        found: String,
    },
    /// The directory is on a file system whose locks and flushes cannot be trusted.
    #[error("{} is on {kind}, whose locks and flushes cannot be trusted; use a local disk", .path.display())]
    NetworkFileSystem {
        /// The directory.
        path: PathBuf,
        /// The kind of file system.
        kind: &'static str,
    },
    /// The log is damaged so that it cannot even be opened.
    #[error("the log is damaged: {detail}")]
    Damaged {
        /// What the store said.
        detail: String,
    },
    /// A file or a directory of the log cannot be written.
    #[error("cannot write {}: {reason}", .path.display())]
    NotWritable {
        /// The file or the directory.
        path: PathBuf,
        /// What the system or the store said.
        reason: String,
    },
    /// The system refused.
    #[error("the log could not be opened: {reason}")]
    Io {
        /// What the system said.
        reason: String,
    },
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self::Io { reason: error.to_string() }
    }
}
