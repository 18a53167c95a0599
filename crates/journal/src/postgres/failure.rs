//! What an error of PostgreSQL means: whether it was done, whether a retry can help, or whether an operator must act.
//!
//! A statement that the server answers with an error of severity ERROR was undone. Anything graver ended the session,
//! perhaps while the commit waited for a standby, so nobody knows. Only the server's message is passed on, never its
//! detail, which quotes rows.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::{AppendError, Fatal, LogIdentity, OpenError, ReadError};

/// The code with which `append()` refuses an epoch that has ended.
const OTHER_EPOCH: &str = "CF001";

const RESTORED: &str = "the log was restored since it was opened";
/// How the driver's errors begin when the credentials are not enough.
const UNPROVED: [&str; 2] = ["invalid configuration", "authentication error"];

/// Why something asked of PostgreSQL was not done, or is not known to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It was not done; a later try may succeed.
    Unavailable(String),
    /// It was asked, and no answer came.
    Unknown(String),
    /// What was looked for is not there: a database, a schema, a table.
    Missing(String),
    /// The log was restored since it was opened.
    Restored { seen: LogIdentity, now: LogIdentity },
    /// An operator must act.
    Fatal(Fatal),
}

impl Failure {
    /// What an error means to a request that was sent.
    pub(crate) fn of(error: &Error) -> Self {
        match error.as_db_error() {
            // A pooler reports the loss of its server as a failed connection with severity ERROR.
            Some(said) if said.code().code().starts_with("08") => Self::Unknown(text(said)),
            Some(said) if said.parsed_severity() == Some(Severity::Error) => Self::said(said),
            Some(said) => Self::Unknown(text(said)),
            None => Self::Unknown(reason(error)),
        }
    }

    /// What an error means that came before any query was sent.
    pub(crate) fn of_connecting(error: &Error) -> Self {
        match error.as_db_error() {
            Some(said) => Self::said(said),
            // The driver has no password to give, or the server could not prove that it knows it.
            None if UNPROVED.iter().any(|begins| error.to_string().starts_with(begins)) => Self::denied(reason(error)),
            None => Self::Unavailable(reason(error)),
        }
    }

    fn said(said: &DbError) -> Self {
        let text = text(said);
        if said.code().code() == OTHER_EPOCH {
            return Self::Fatal(Fatal::Ended { reason: RESTORED.into() });
        }
        let is_one_of = |classes: &[&str], codes: &[SqlState]| {
            classes.iter().any(|class| said.code().code().starts_with(class)) || codes.contains(said.code())
        };
        if is_one_of(&["28"], &[SqlState::INSUFFICIENT_PRIVILEGE]) {
            return Self::denied(text);
        }
        let undefined = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::UNDEFINED_FUNCTION];
        if is_one_of(&["3D", "3F"], &undefined) {
            return Self::Missing(text);
        }
        // Everything was judged before it was written: where a constraint refuses it, index and table do not agree.
        if is_one_of(&["23"], &[SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED]) {
            return Self::damaged(text);
        }
        Self::Unavailable(text)
    }

    /// The server refuses the credentials or the right.
    pub(crate) fn denied(reason: String) -> Self {
        Self::Fatal(Fatal::Denied { reason })
    }

    /// The store does not hold what it should.
    pub(crate) fn damaged(detail: String) -> Self {
        Self::Fatal(Fatal::Corrupt { position: None, detail })
    }

    /// What it is where nothing was asked that could have an effect.
    pub(crate) fn unasked(self) -> Self {
        if let Self::Unknown(reason) = self { Self::Unavailable(reason) } else { self }
    }

    /// What it means for an append.
    pub(crate) fn appending(self) -> AppendError {
        match self {
            Self::Unavailable(reason) => AppendError::Unavailable { reason },
            Self::Unknown(reason) => AppendError::Indeterminate { reason },
            Self::Missing(detail) => Fatal::Corrupt { position: None, detail }.into(),
            Self::Restored { .. } => Fatal::Ended { reason: RESTORED.into() }.into(),
            Self::Fatal(fatal) => fatal.into(),
        }
    }

    /// What it means for a read, which has no effect.
    pub(crate) fn reading(self) -> ReadError {
        match self {
            Self::Unavailable(reason) | Self::Unknown(reason) => ReadError::Unavailable { reason },
            Self::Missing(detail) => Fatal::Corrupt { position: None, detail }.into(),
            Self::Restored { seen, now } => ReadError::EpochChanged { seen, now },
            Self::Fatal(fatal) => fatal.into(),
        }
    }

    /// What it means for opening the log at `place`.
    pub(crate) fn opening(self, place: &str) -> OpenError {
        match self {
            Self::Unavailable(reason) | Self::Unknown(reason) => OpenError::Unavailable { reason },
            Self::Missing(_) => OpenError::Missing { place: place.into() },
            Self::Restored { .. } => OpenError::Unavailable { reason: RESTORED.into() },
            Self::Fatal(Fatal::Denied { reason }) => OpenError::Denied { reason },
            Self::Fatal(fatal) => OpenError::Damaged { detail: fatal.to_string() },
        }
    }
}

fn text(said: &DbError) -> String {
    format!("{} ({})", said.message(), said.code().code())
}

/// The error and what caused it, in one line.
fn reason(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
