//! Reads the columns of an event from PostgreSQL.

use crate::row::{self, Flaw, Row};
use crate::{Fatal, Recorded};

/// The event in a row that begins with [`row::COLUMNS`], or what is wrong with it.
pub(crate) fn recorded(found: &tokio_postgres::Row) -> Result<Recorded, Fatal> {
    row::recorded(found.try_get(0).map_err(Flaw::from), columns(found))
}

fn columns(found: &tokio_postgres::Row) -> Result<Row<'_>, Flaw> {
    Ok(Row {
        id: found.try_get(1)?,
        stream: found.try_get(2)?,
        revision: found.try_get(3)?,
        event_type: found.try_get(4)?,
        data: found.try_get(5)?,
        meta: found.try_get(6)?,
        stored_at_us: found.try_get(7)?,
        digest: found.try_get(8)?,
        row_check: found.try_get(9)?,
    })
}

impl From<tokio_postgres::Error> for Flaw {
    fn from(_: tokio_postgres::Error) -> Self {
        Self::Type
    }
}
