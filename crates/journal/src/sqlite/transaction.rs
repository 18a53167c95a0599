//! The appends of one transaction: what each request is answered, and the rows that it leaves.
//!
//! Each append is checked before its first row is written. Nothing here begins a transaction or commits it.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::readers::tail;
use crate::append_decision::{AppendDecision, EventLocation, decide_append};
use crate::digest::{Hashed, row_check};
use crate::{Append, AppendError, Appended, Position, Revision, Stopped, StreamName};

/// The outcome of a request's last append, or its first failed append. None of a request without appends, which was
/// committed.
pub(crate) type Answer = Result<Option<Appended>, Stopped>;

/// An open transaction, with the last position and time that it has assigned.
pub(crate) struct Transaction<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) position: u64,
    pub(crate) stored_at_us: i64,
    pub(crate) bytes: usize,
}

impl Transaction<'_> {
    /// Writes the appends of a request, up to the first that is refused.
    pub(crate) fn take(&mut self, appends: &[Hashed]) -> rusqlite::Result<Answer> {
        let mut last = None;
        for (done, next) in appends.iter().enumerate() {
            match self.append(next)? {
                Ok(appended) => last = Some(appended),
                Err(error) => return Ok(Err(Stopped { done, error })),
            }
        }
        Ok(Ok(last))
    }

    fn append(&mut self, hashed: &Hashed) -> rusqlite::Result<Result<Appended, AppendError>> {
        let tail = tail(self.connection, &hashed.append.stream)?;
        match decide_append(&hashed.append, tail, |id| location(self.connection, id))? {
            AppendDecision::Write => self.insert(hashed).map(Ok),
            AppendDecision::Duplicate(appended) => Ok(Ok(appended)),
            AppendDecision::Refuse(error) => Ok(Err(error)),
        }
    }

    fn insert(&mut self, hashed: &Hashed) -> rusqlite::Result<Appended> {
        let Append { stream, expected, events } = &hashed.append;
        let first = expected.first();
        let mut last = first;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO event (position, event_id, stream, revision, event_type, data, meta, stored_at, digest, row_check)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        for (revision, (event, digest)) in (first.0..).zip(events.iter().zip(&hashed.digests)) {
            last = Revision(revision);
            self.position += 1;
            let check = row_check(digest, Position(self.position), self.stored_at_us);
            insert.execute(params![
                self.position.cast_signed(),
                event.id.as_bytes(),
                stream.as_str(),
                revision.cast_signed(),
                event.event_type.as_str(),
                &event.data[..],
                &event.meta[..],
                self.stored_at_us,
                digest.as_bytes(),
                check,
            ])?;
            self.bytes += event.data.len() + event.meta.len();
        }
        Ok(Appended { first, last, position: Position(self.position) })
    }
}

fn location(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<EventLocation>> {
    let mut asked = connection.prepare_cached("SELECT stream, revision, position FROM event WHERE event_id = ?1")?;
    let found = asked
        .query_row(params![id.as_bytes()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })
        .optional()?;
    found
        .map(|(stream, revision, position)| {
            let stream = StreamName::parse(&stream).map_err(|problem| {
                rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(problem))
            })?;
            let (revision, position) = (Revision(revision.unsigned_abs()), Position(position.unsigned_abs()));
            Ok(EventLocation { stream, revision, position })
        })
        .transpose()
}
