//! An event as a row of a table: its columns, and how a changed byte in it is noticed.
//!
//! The digest covers what the writer said. `row_check` covers the rest, position and time of storing, and the digest
//! itself. Every reading of events goes through [`recorded`], so nothing is given out unchecked.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::Uuid;

use crate::digest::row_check;
use crate::{Digest, EventType, Fatal, NameProblem, Position, Recorded, Revision, StreamName};

/// The columns of an event, in the order in which a backend reads them.
pub(crate) const COLUMNS: &str =
    "position, event_id, stream, revision, event_type, data, meta, stored_at, digest, row_check";

/// The columns after the position, as a backend has read them.
pub(crate) struct Row<'a> {
    pub id: Uuid,
    pub stream: &'a str,
    pub revision: i64,
    pub event_type: &'a str,
    pub data: &'a [u8],
    pub meta: &'a [u8],
    pub stored_at_us: i64,
    pub digest: &'a [u8],
    pub row_check: &'a [u8],
}

/// What does not fit in a row. It names the column, never its contents.
#[derive(Debug, Error)]
pub(crate) enum Flaw {
    #[error("a column has the wrong type")]
    Type,
    #[error("a number is out of its range")]
    Range,
    #[error("a name is malformed")]
    Name(#[from] NameProblem),
    #[error("the digest does not fit the contents")]
    Digest,
    #[error("the row check does not fit position and time")]
    RowCheck,
}

/// The event in a row, or what is wrong with it.
pub(crate) fn recorded(position: Result<i64, Flaw>, row: Result<Row<'_>, Flaw>) -> Result<Recorded, Fatal> {
    let corrupt = |position: Option<Position>| move |flaw: Flaw| Fatal::Corrupt { position, detail: flaw.to_string() };
    let position = Position(position.and_then(natural).map_err(corrupt(None))?);
    row.and_then(|row| checked(&row, position)).map_err(corrupt(Some(position)))
}

fn checked(row: &Row<'_>, position: Position) -> Result<Recorded, Flaw> {
    let event = Recorded {
        position,
        id: row.id,
        stream: StreamName::parse(row.stream)?,
        revision: Revision(natural(row.revision)?),
        event_type: EventType::parse(row.event_type)?,
        data: Bytes::copy_from_slice(row.data),
        meta: Bytes::copy_from_slice(row.meta),
        stored_at: DateTime::<Utc>::from_timestamp_micros(row.stored_at_us).ok_or(Flaw::Range)?,
    };
    let digest = Digest::of(&event);
    if row.digest != digest.as_bytes() {
        return Err(Flaw::Digest);
    }
    if row.row_check != row_check(&digest, position, row.stored_at_us) {
        return Err(Flaw::RowCheck);
    }
    Ok(event)
}

fn natural(number: i64) -> Result<u64, Flaw> {
    u64::try_from(number).map_err(|_| Flaw::Range)
}
