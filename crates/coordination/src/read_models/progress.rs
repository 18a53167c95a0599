//! How far the log was folded, which streams are parked, and which keys its events name.

use care::event::Event;
use care::ids::{EventId, Id};
use care::key::{KeyDestroyed, KeyEvent};
use chrono::{DateTime, Utc};
use journal::{LogIdentity, Position};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::access_head::AccessHead;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::read_model::{ReadModel, Shape};

/// How far the read models have folded the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub identity: LogIdentity,
    /// The last event folded, by place and id; none before the first.
    pub last: Option<(Position, EventId)>,
    /// The newest instant at which an event folded was recorded; none before the first.
    pub newest: Option<DateTime<Utc>>,
    /// When the last event was recorded, as far as that can be read.
    pub recorded: Option<DateTime<Utc>>,
}

const SCHEMA: &str = "
CREATE TABLE checkpoint (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  fingerprint BLOB NOT NULL,           -- of all tables and folds; another one means: build anew
  log BLOB NOT NULL, epoch BLOB NOT NULL,
  position INTEGER, event BLOB,        -- null before the first event
  newest INTEGER,                      -- when an event was recorded, in microseconds; null before the first event
  recorded INTEGER                     -- when the last one was
) STRICT;
CREATE TABLE access_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  log BLOB NOT NULL, epoch BLOB NOT NULL,
  position INTEGER NOT NULL, event BLOB NOT NULL   -- the last record of the access log that is known
) STRICT;
CREATE TABLE parked (stream TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE key_named (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE key_destroyed (stream TEXT PRIMARY KEY, event BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// The checkpoint, the parked streams, the keys.
pub(super) struct Progress;

impl ReadModel for Progress {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 3 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        for key in fold.keys() {
            fold.run("INSERT OR IGNORE INTO key_named (key) VALUES (?1)", params![key])?;
        }
        if let Event::Key(KeyEvent::KeyDestroyed(KeyDestroyed {})) = fold.event() {
            let (stream, event) = (fold.stream().to_string(), fold.id());
            fold.run(
                "INSERT OR IGNORE INTO key_destroyed (stream, event) VALUES (?1, ?2)",
                params![stream, event.uuid().as_bytes()],
            )?;
        }
        // Drafts are many, and the key of one that has ended need not be there any more.
        if let Some(node) = fold.ended_node() {
            let (from, before) = (format!("{node}:"), format!("{node};"));
            fold.run("DELETE FROM key_named WHERE key >= ?1 AND key < ?2", params![from, before])?;
        }
        Ok(())
    }
}

/// Writes the checkpoint of an empty file.
pub(super) fn begin(connection: &Connection, fingerprint: &[u8], identity: LogIdentity) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO checkpoint (one, fingerprint, log, epoch) VALUES (1, ?1, ?2, ?3)",
        params![fingerprint, identity.log.as_bytes(), identity.epoch.as_bytes()],
    )?;
    Ok(())
}

/// The fingerprint of a file; none if it has no checkpoint.
pub(super) fn fingerprint(connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    if !connection.table_exists(None, "checkpoint")? {
        return Ok(None);
    }
    connection.query_row("SELECT fingerprint FROM checkpoint", [], |row| row.get(0)).optional()
}

/// Notes the last event folded, and the newest instant of those folded with it.
pub(super) fn advance(
    connection: &Connection,
    position: Position,
    event: EventId,
    newest: Option<DateTime<Utc>>,
    recorded: Option<DateTime<Utc>>,
) -> rusqlite::Result<()> {
    let [newest, recorded] = [newest, recorded].map(|at| at.map(|at| at.timestamp_micros()));
    connection
        .prepare_cached(
            "UPDATE checkpoint SET position = ?1, event = ?2,
               newest = max(coalesce(newest, ?3), coalesce(?3, newest)),
               recorded = coalesce(?4, recorded)",
        )?
        .execute(params![position.0.cast_signed(), event.uuid().as_bytes(), newest, recorded])?;
    Ok(())
}

/// How far the log was folded, by a file of whatever shape.
pub(super) fn checkpoint_of_any_shape(connection: &Connection) -> rusqlite::Result<Checkpoint> {
    if connection.column_exists(None, "checkpoint", "recorded")? {
        return checkpoint(connection);
    }
    let mut asked = connection.prepare("SELECT log, epoch, position, event, NULL, NULL FROM checkpoint")?;
    asked.query_row([], read)
}

/// How far the log was folded.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<Checkpoint> {
    // Every request asks this first, so the statement is kept.
    let mut asked =
        connection.prepare_cached("SELECT log, epoch, position, event, newest, recorded FROM checkpoint")?;
    asked.query_row([], read)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Checkpoint> {
    let uuid = |bytes: [u8; 16]| Uuid::from_bytes(bytes);
    let identity = LogIdentity { log: uuid(row.get(0)?), epoch: uuid(row.get(1)?) };
    let position: Option<i64> = row.get(2)?;
    let event: Option<[u8; 16]> = row.get(3)?;
    let last = position.zip(event);
    Ok(Checkpoint {
        identity,
        last: last.map(|(position, event)| (Position(position.cast_unsigned()), EventId::from_uuid(uuid(event)))),
        newest: row.get::<_, Option<i64>>(4)?.and_then(DateTime::from_timestamp_micros),
        recorded: row.get::<_, Option<i64>>(5)?.and_then(DateTime::from_timestamp_micros),
    })
}

/// Notes the last record of the access log that is known.
pub(super) fn note_access_head(connection: &Connection, head: AccessHead) -> rusqlite::Result<()> {
    let AccessHead { identity: LogIdentity { log, epoch }, position, event } = head;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO access_head (one, log, epoch, position, event) VALUES (1, ?1, ?2, ?3, ?4)",
        )?
        .execute(params![log.as_bytes(), epoch.as_bytes(), position.0.cast_signed(), event.as_bytes()])?;
    Ok(())
}

/// The last record of the access log that is known; none if none was noted, or the file is of before it was.
pub(super) fn access_head(connection: &Connection) -> rusqlite::Result<Option<AccessHead>> {
    if !connection.table_exists(None, "access_head")? {
        return Ok(None);
    }
    let asked = connection.query_row("SELECT log, epoch, position, event FROM access_head", [], |row| {
        let identity = LogIdentity { log: Uuid::from_bytes(row.get(0)?), epoch: Uuid::from_bytes(row.get(1)?) };
        let position = Position(row.get::<_, i64>(2)?.cast_unsigned());
        Ok(AccessHead { identity, position, event: Uuid::from_bytes(row.get(3)?) })
    });
    asked.optional()
}

/// Whether an event of the stream could not be folded.
pub(super) fn is_parked(connection: &Connection, stream: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM parked WHERE stream = ?1")?.exists(params![stream])
}

/// Folds nothing more of a stream.
pub(super) fn park(connection: &Connection, stream: &str, position: Position) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO parked (stream, position) VALUES (?1, ?2)")?
        .execute(params![stream, position.0.cast_signed()])?;
    Ok(())
}

/// How many streams are parked.
pub(super) fn parked_count(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT count(*) FROM parked", [], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
}

/// Writes the first page as it is. A row that is updated to what it was would not be written.
pub(super) fn change_nothing(connection: &Connection) -> rusqlite::Result<()> {
    // The fingerprint says what the tables are, so this number is always that of a new file.
    connection.pragma_update(None, "user_version", 0)
}

/// The streams whose keys were destroyed, each with the event that says so.
pub(super) fn keys_destroyed(connection: &Connection) -> rusqlite::Result<Vec<(String, Uuid)>> {
    let mut statement = connection.prepare("SELECT stream, event FROM key_destroyed")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?))))?;
    rows.collect()
}

/// The first key named by an event that `missing` says is nowhere to be found.
pub(super) fn first_key(
    connection: &Connection,
    missing: &mut dyn FnMut(&str) -> bool,
) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare("SELECT key FROM key_named")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        if missing(&key) {
            return Ok(Some(key));
        }
    }
    Ok(None)
}
