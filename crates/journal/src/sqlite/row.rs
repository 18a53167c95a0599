//! One event as a row: how it is read, and how a changed byte in it is noticed.
//!
//! The digest covers what the writer said. `row_check` covers the rest, position and time of storing, and the
//! digest itself. Types are read strictly, since one flipped bit turns a blob into a text of the same bytes.
//! Every reading of events goes through [`recorded`], so nothing is given out unchecked.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rusqlite::Row;
use rusqlite::types::FromSqlError;
use uuid::Uuid;

use crate::digest::row_check;
use crate::{DIGEST_BYTES, Digest, EventType, Fatal, NameProblem, Position, Recorded, Revision, StreamName};

/// The columns that [`recorded`] reads, in its order.
pub(crate) const COLUMNS: &str =
    "position, event_id, stream, revision, event_type, data, meta, stored_at, digest, row_check";

/// The event in a row of [`COLUMNS`], or what is wrong with it.
pub(crate) fn recorded(row: &Row<'_>) -> Result<Recorded, Fatal> {
    let position = row.get_ref(0).map_err(Flaw::from).and_then(|value| natural(value.as_i64()?));
    // Without a position there is no row: SQLite takes it from the tree, not from the record.
    let position = position.map_err(|flaw| Fatal::Corrupt { position: None, detail: flaw.to_string() })?;
    checked(row, Position(position))
        .map_err(|flaw| Fatal::Corrupt { position: Some(Position(position)), detail: flaw.to_string() })
}

/// What does not fit in a row. It names the column, never its contents.
#[derive(Debug, thiserror::Error)]
enum Flaw {
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

fn checked(row: &Row<'_>, position: Position) -> Result<Recorded, Flaw> {
    let stored_at_us = row.get_ref(7)?.as_i64()?;
    let event = Recorded {
        position,
        id: Uuid::from_slice(row.get_ref(1)?.as_blob()?).map_err(|_| Flaw::Type)?,
        stream: StreamName::parse(row.get_ref(2)?.as_str()?)?,
        revision: Revision(natural(row.get_ref(3)?.as_i64()?)?),
        event_type: EventType::parse(row.get_ref(4)?.as_str()?)?,
        data: Bytes::copy_from_slice(row.get_ref(5)?.as_blob()?),
        meta: Bytes::copy_from_slice(row.get_ref(6)?.as_blob()?),
        stored_at: DateTime::<Utc>::from_timestamp_micros(stored_at_us).ok_or(Flaw::Range)?,
    };
    let digest = Digest::of(&event);
    if row.get_ref(8)?.as_blob()? != digest.as_bytes() as &[u8; DIGEST_BYTES] {
        return Err(Flaw::Digest);
    }
    if row.get_ref(9)?.as_blob()? != row_check(&digest, position, stored_at_us) {
        return Err(Flaw::RowCheck);
    }
    Ok(event)
}

fn natural(number: i64) -> Result<u64, Flaw> {
    u64::try_from(number).map_err(|_| Flaw::Range)
}

impl From<FromSqlError> for Flaw {
    fn from(_: FromSqlError) -> Self {
        Self::Type
    }
}

impl From<rusqlite::Error> for Flaw {
    fn from(_: rusqlite::Error) -> Self {
        Self::Type
    }
}
