//! Reads the columns of an event from SQLite. Types are read strictly, since one flipped bit turns a blob into a text of
//! the same bytes.

use rusqlite::types::FromSqlError;
use uuid::Uuid;

use crate::row::{self, Flaw, Row};
use crate::{Fatal, Recorded};

/// The event in a row of [`row::COLUMNS`], or what is wrong with it.
pub(crate) fn recorded(found: &rusqlite::Row<'_>) -> Result<Recorded, Fatal> {
    // Without a position there is no row: SQLite takes it from the tree, not from the record.
    let position = found.get_ref(0).map_err(Flaw::from).and_then(|value| Ok(value.as_i64()?));
    row::recorded(position, columns(found))
}

fn columns<'a>(found: &'a rusqlite::Row<'_>) -> Result<Row<'a>, Flaw> {
    Ok(Row {
        id: Uuid::from_slice(found.get_ref(1)?.as_blob()?).map_err(|_| Flaw::Type)?,
        stream: found.get_ref(2)?.as_str()?,
        revision: found.get_ref(3)?.as_i64()?,
        event_type: found.get_ref(4)?.as_str()?,
        data: found.get_ref(5)?.as_blob()?,
        meta: found.get_ref(6)?.as_blob()?,
        stored_at_us: found.get_ref(7)?.as_i64()?,
        digest: found.get_ref(8)?.as_blob()?,
        row_check: found.get_ref(9)?.as_blob()?,
    })
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
