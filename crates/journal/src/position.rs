//! Positions in the log and in a stream, and which log a position belongs to.

use std::fmt;

use uuid::Uuid;

/// A place in the log. Ordered, not contiguous, and comparable only within one [`LogIdentity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// A place in a stream: contiguous, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the writer expects a stream to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// It has no event.
    NoStream,
    /// This is its last event.
    Exact(Revision),
}

impl Expected {
    /// The revision that the first event of an append gets. Saturates, where no stream can be.
    pub fn first(self) -> Revision {
        match self {
            Self::NoStream => Revision(0),
            Self::Exact(last) => Revision(last.0.saturating_add(1)),
        }
    }
}

/// Which log, and which epoch of it: a restore keeps the log and begins a new epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogIdentity {
    /// Made once with the log.
    pub log: Uuid,
    /// Made anew by each restore.
    pub epoch: Uuid,
}
