//! The inbox: the threads that a person has a place in, by the newest activity that they may
//! know of.

use care::ids::{Id, PersonId};
use chrono::DateTime;

use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::id;
use crate::read_models::thread::{THREAD_COLUMNS, ThreadRow, thread_row};
use crate::tokens::Key;

/// By which activity an inbox is sorted. The self of a patient must not notice what is written to
/// the clinical team, not even by the order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InboxOrder {
    /// Activity for everybody who finds the thread.
    Everyone,
    /// Activity for the clinical team as well.
    Any,
}

/// A page of the inbox after a key; one more row than asked for says that there are more.
pub(crate) fn inbox(
    snapshot: &Snapshot,
    person: PersonId,
    order: InboxOrder,
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<ThreadRow>, Fault> {
    let column = match order {
        InboxOrder::Everyone => "posted_everyone",
        InboxOrder::Any => "posted_any",
    };
    let after = after.unwrap_or(Key { number: i64::MAX, id: uuid::Uuid::nil() });
    let sql = format!(
        "SELECT {THREAD_COLUMNS} FROM inbox_entry s JOIN thread t ON t.thread = s.thread
         WHERE s.person = ?1 AND (s.{column} < ?2 OR (s.{column} = ?2 AND s.thread > ?3))
         ORDER BY s.{column} DESC, s.thread LIMIT ?4"
    );
    let limit = i64::try_from(rows_max).unwrap_or(i64::MAX);
    let mut rows = Vec::new();
    let params = rusqlite::params![id(person), after.number, after.id.into_bytes(), limit];
    snapshot.each(&sql, params, |cells| {
        rows.push(thread_row(cells)?);
        Ok(())
    })?;
    Ok(rows)
}

/// The key of a row in this order.
pub(crate) fn key(row: &ThreadRow, order: InboxOrder) -> Key {
    let at: DateTime<_> = row.activity.for_classes(order == InboxOrder::Any);
    Key { number: at.timestamp_micros(), id: row.thread.uuid() }
}

/// Where a key stands in an inbox: newest first, then by id.
pub(crate) fn place(key: &Key) -> (std::cmp::Reverse<i64>, uuid::Uuid) {
    (std::cmp::Reverse(key.number), key.id)
}
