//! Whether a log is written or only read.

/// What a log is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading and appending. A log in a file is made where there is none, and has one journal at a time.
    Write,
    /// Reading only, also beside a running writer. What others commit is seen within half a second.
    ReadOnly,
}
