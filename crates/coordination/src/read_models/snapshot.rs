//! A snapshot: everything that one request reads, as it was at one moment.
//!
//! It runs on the thread of the request. A query of an indexed row takes some ten microseconds;
//! handing it to another thread and back would cost more than the query.

use std::cell::Cell;
use std::sync::Arc;

use rusqlite::{Connection, Params};
use tokio::sync::OwnedSemaphorePermit;

use crate::fault::Fault;
use crate::meter::Meter;
use crate::read_models::cells::Cells;
use crate::read_models::connections::Readers;
use crate::read_models::progress::{self, Checkpoint};

/// One moment of the read models. Dropping it gives its connection back.
pub(crate) struct Snapshot {
    readers: Arc<Readers>,
    connection: Option<Connection>,
    rows_read: Cell<u64>,
    /// Those of them that were read only to decide.
    rows_to_decide: Cell<u64>,
    meter: Option<Arc<Meter>>,
    /// Whether its rows count against the limits of the answer now.
    is_counted: Cell<bool>,
    /// The slot of an answer, until the connection is given back.
    slot: Option<OwnedSemaphorePermit>,
}

impl Snapshot {
    pub(super) fn begin(readers: &Arc<Readers>) -> rusqlite::Result<Self> {
        let begun = readers.take().and_then(|connection| {
            connection.prepare_cached("BEGIN")?.execute([])?;
            Ok(connection)
        });
        let connection = begun.inspect_err(|error| readers.note(error))?;
        Ok(Self {
            readers: Arc::clone(readers),
            connection: Some(connection),
            rows_read: Cell::new(0),
            rows_to_decide: Cell::new(0),
            meter: None,
            is_counted: Cell::new(true),
            slot: None,
        })
    }

    /// The same, which keeps the slot of an answer.
    pub(super) fn in_slot(mut self, slot: OwnedSemaphorePermit) -> Self {
        self.slot = Some(slot);
        self
    }

    /// The same, whose rows count against the limits of an answer.
    pub fn counted_by(mut self, meter: &Arc<Meter>) -> Self {
        self.meter = Some(Arc::clone(meter));
        self
    }

    /// From here on rows count against the limits of the answer, or do not; says which it was before.
    pub fn count(&self, is_counted: bool) -> bool {
        self.is_counted.replace(is_counted)
    }

    /// Reads what only decides and is shown to nobody. Its rows count against no limit, not even with what is shown by the
    /// decision: where the state in memory has the same, none is read, and what decides may be none of the reader's business.
    pub fn to_decide<T>(&self, read: impl FnOnce(&Self) -> T) -> T {
        let (before, was_counted) = (self.rows_read(), self.count(false));
        let found = read(self);
        self.count(was_counted);
        let read_now = self.rows_read().saturating_sub(before);
        self.rows_to_decide.set(self.rows_to_decide.get().saturating_add(read_now));
        found
    }

    fn connection(&self) -> Result<&Connection, Fault> {
        self.connection.as_ref().ok_or(Fault::Row("the snapshot has ended"))
    }

    /// How far the log was folded at this moment. Reading it first fixes the moment.
    pub fn checkpoint(&self) -> Result<Checkpoint, Fault> {
        progress::checkpoint(self.connection()?).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: rusqlite::Error) -> Fault {
        self.readers.note(&error);
        error.into()
    }

    /// Whether the read models have parked a stream, at this moment or since.
    pub fn has_parked(&self) -> bool {
        self.readers.has_parked()
    }

    /// How many rows were read, to compare the work of answers that must look alike.
    pub fn rows_read(&self) -> u64 {
        self.rows_read.get()
    }

    /// How many of them can count against the limits of an answer: all but those that only decide.
    pub fn rows_countable(&self) -> u64 {
        self.rows_read().saturating_sub(self.rows_to_decide.get())
    }

    /// Reads each row of a query.
    pub fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&mut Cells<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut statement = self.connection()?.prepare_cached(sql).map_err(|error| self.failed(error))?;
        let mut rows = statement.query(params).map_err(|error| self.failed(error))?;
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            self.rows_read.set(self.rows_read.get() + 1);
            if let Some(meter) = self.meter.as_ref().filter(|_| self.is_counted.get()) {
                meter.add_rows(1)?;
            }
            read(&mut Cells::of(row))?;
        }
        Ok(())
    }

    /// Reads at most one row.
    pub fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&mut Cells<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut found = None;
        self.each(sql, params, |cells| {
            found = Some(read(cells)?);
            Ok(())
        })?;
        Ok(found)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let ended = connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
            if ended.is_ok() {
                self.readers.give_back(connection);
            }
        }
        drop(self.slot.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::AnswerLimits;
    use crate::read_models::testing::Log;

    #[test]
    fn rows_that_only_decide_count_against_no_limit_and_with_nothing_that_is_shown() {
        let log = Log::new();
        let meter = Meter::of(AnswerLimits { rows_max: 3, ..AnswerLimits::none() });
        let snapshot = log.snapshot().counted_by(&meter);
        let read = |snapshot: &Snapshot| {
            let two = "SELECT 1 UNION ALL SELECT 2";
            snapshot.each(two, [], |_| Ok(()))
        };
        read(&snapshot).expect("two of three rows");
        snapshot.to_decide(read).expect("no limit");
        assert_eq!((snapshot.rows_read(), snapshot.rows_countable()), (4, 2));
        // What is read afterwards counts again.
        assert!(matches!(read(&snapshot), Err(Fault::TooMuch { of: "rows", .. })));
    }
}
