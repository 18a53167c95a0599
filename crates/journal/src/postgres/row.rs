//! One event as a row: how it is read, and how a changed byte in it is noticed.
//!
//! The digest covers what the writer said; `row_check` covers position and time of storing, and the digest itself. Every
//! reading of events goes through [`recorded`], so nothing is given out unchecked.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio_postgres::Row;

use crate::digest::row_check;
use crate::{Digest, EventType, Fatal, NameProblem, Position, Recorded, Revision, StreamName};

/// The columns that [`recorded`] reads, in its order.
pub(crate) const COLUMNS: &str =
    "position, event_id, stream, revision, event_type, data, meta, stored_at, digest, row_check";

/// The event in a row that begins with [`COLUMNS`], or what is wrong with it.
pub(crate) fn recorded(row: &Row) -> Result<Recorded, Fatal> {
    let position = row.try_get::<_, i64>(0).map_err(Flaw::from).and_then(natural);
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

fn checked(row: &Row, position: Position) -> Result<Recorded, Flaw> {
    let stored_at_us: i64 = row.try_get(7)?;
    let event = Recorded {
        position,
        id: row.try_get(1)?,
        stream: StreamName::parse(row.try_get(2)?)?,
        revision: Revision(natural(row.try_get(3)?)?),
        event_type: EventType::parse(row.try_get(4)?)?,
        data: Bytes::copy_from_slice(row.try_get(5)?),
        meta: Bytes::copy_from_slice(row.try_get(6)?),
        stored_at: DateTime::<Utc>::from_timestamp_micros(stored_at_us).ok_or(Flaw::Range)?,
    };
    let digest = Digest::of(&event);
    if row.try_get::<_, &[u8]>(8)? != digest.as_bytes() {
        return Err(Flaw::Digest);
    }
    if row.try_get::<_, &[u8]>(9)? != row_check(&digest, position, stored_at_us) {
        return Err(Flaw::RowCheck);
    }
    Ok(event)
}

fn natural(number: i64) -> Result<u64, Flaw> {
    u64::try_from(number).map_err(|_| Flaw::Range)
}

impl From<tokio_postgres::Error> for Flaw {
    fn from(_: tokio_postgres::Error) -> Self {
        Self::Type
    }
}
