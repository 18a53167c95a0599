//! Why a log was not imported whole, and where.

use std::fmt;

use thiserror::Error;

use crate::{AppendError, Namespace, Position, ReadError};

/// A place in what is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A line of the file, from 1.
    Line(u64),
    /// A position in the log that it comes from.
    Position(Position),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Position(position) => write!(f, "position {position} of the source"),
        }
    }
}

/// Why a log was not moved whole. No contents of an event are in it.
///
/// Unless it says that nothing was written, a beginning of the log may be in the target: repeat the import, and it goes on.
#[derive(Debug, Error)]
pub enum ImportProblem {
    /// The log that it comes from could not be read on.
    #[error("the source: {0}")]
    Source(ReadError),
    /// The file could not be read on.
    #[error("the export cannot be read")]
    File(#[from] std::io::Error),
    /// The file ends before the export does.
    #[error("the export was cut: it ends after line {line}")]
    Cut {
        /// The last whole line, from 1; 0 when there is none.
        line: u64,
    },
    /// A line of the file is not what was written.
    #[error("line {line} of the export is damaged: {flaw}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The file has the export of another log here. Nothing was written.
    #[error("line {line} begins the {found} log, where the {wanted} log is wanted")]
    OtherLog {
        /// Which line, from 1.
        line: u64,
        /// The log that it begins.
        found: Namespace,
        /// The log that is wanted.
        wanted: Namespace,
    },
    /// The target could not be read.
    #[error("the target: {0}")]
    Target(ReadError),
    /// The target holds something else, so it is another log. Nothing was written.
    #[error("the target is another log: its event at position {position} is not that of {at}; nothing was written")]
    Foreign {
        /// Where in the target.
        position: Position,
        /// What is there in the source.
        at: At,
    },
    /// The target goes on where the source has ended: it is another log, or somebody else writes it.
    #[error("the target holds more than the source, from position {position} on")]
    Longer {
        /// The first event that the source does not have.
        position: Position,
    },
    /// The target did not take an event: it is above its limits, it cannot be reached, or somebody else writes it.
    #[error("the target does not take the event of {at}: {error}")]
    Refused {
        /// Which event.
        at: At,
        /// What the target said.
        error: AppendError,
    },
    /// What was read again from the target is not what was moved.
    #[error("the target differs from the source after position {} and up to position {}", shown(.after), shown(.until))]
    Differs {
        /// Up to here it is the same; `None`: not even the beginning is.
        after: Option<Position>,
        /// The difference is not after this.
        until: Option<Position>,
    },
}

/// What is wrong with a line. It repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Flaw {
    /// It is longer than the line of any event.
    #[error("it is too long")]
    TooLong,
    /// It does not say what a line of an export says, or is a last line that says it in other bytes.
    #[error("it is no line of an export")]
    Shape,
    /// It may not stand here: an export is its first line, events of rising positions, its last line.
    #[error("it does not belong here")]
    Misplaced,
    /// This program reads another format.
    #[error("the export was made by {} software: it has format {found}, and this program reads format {known}", if found > known { "newer" } else { "older" })]
    Format {
        /// The format of the file.
        found: u32,
        /// The one format that is read.
        known: u32,
    },
    /// The event is not the one that was written.
    #[error("the digest does not fit the event")]
    Digest,
    /// The number or the sum of the lines before it is another.
    #[error("the lines before it are not those that were written")]
    Sums,
    /// Something follows the last export.
    #[error("it comes after the end")]
    Trailing,
}

pub(super) fn shown(position: &Option<Position>) -> u64 {
    position.map_or(0, |position| position.0)
}
