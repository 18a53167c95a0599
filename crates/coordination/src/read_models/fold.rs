//! One event on its way into the tables.

use care::event::{Event, EventSet, Stream};
use care::ids::{EventId, Id, ThreadId};
use care::text::PersonalText;
use care::thread::ThreadEvent;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use vault::Node;

use crate::recorded_event::RecordedEvent;
use crate::sealing::{SealingFault, TextCell, ended_by, keys_named};

/// Why an event cannot be folded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FoldError {
    #[error(transparent)]
    Store(#[from] rusqlite::Error),
    #[error(transparent)]
    Sealing(#[from] SealingFault),
    #[error(transparent)]
    State(#[from] serde_json::Error),
}

pub(super) type Folded = Result<(), FoldError>;

/// One event, with the connection that it is folded into.
pub(super) struct Fold<'a> {
    connection: &'a Connection,
    recorded: &'a RecordedEvent,
    keys: Vec<Box<str>>,
    /// The instant at which it was recorded, in microseconds.
    pub at: i64,
}

impl<'a> Fold<'a> {
    pub fn of(connection: &'a Connection, recorded: &'a mut RecordedEvent) -> Self {
        let keys = keys_named(&mut recorded.event);
        let at = recorded.metadata.recorded_at.timestamp_micros();
        Self { connection, recorded, keys, at }
    }

    pub fn connection(&self) -> &'a Connection {
        self.connection
    }

    pub fn stream(&self) -> Stream {
        self.recorded.stream
    }

    pub fn event(&self) -> &'a Event {
        &self.recorded.event
    }

    pub fn recorded(&self) -> &'a RecordedEvent {
        self.recorded
    }

    pub fn id(&self) -> EventId {
        self.recorded.id
    }

    /// The revision of the event in its stream.
    pub fn revision(&self) -> i64 {
        self.recorded.revision.0.cast_signed()
    }

    /// The keys that the event's texts name.
    pub fn keys(&self) -> &[Box<str>] {
        &self.keys
    }

    /// The event of a thread; none for any other.
    pub fn thread(&self) -> Option<(ThreadId, &'a ThreadEvent)> {
        let (Stream::Thread(thread), Event::Thread(event)) = (self.recorded.stream, &self.recorded.event) else {
            return None;
        };
        Some((thread, event))
    }

    /// The node of the key that the event destroys.
    pub fn ended_node(&self) -> Option<Node> {
        ended_by(&self.recorded.event).map(|draft| Node::Draft(draft.uuid()))
    }

    pub fn run(&self, sql: &str, params: impl Params) -> Folded {
        self.connection.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }

    /// Reads at most one row.
    pub fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, FoldError> {
        Ok(self.connection.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    /// Reads each row.
    pub fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Folded {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            read(row)?;
        }
        Ok(())
    }

    pub fn cell(&self, text: &PersonalText) -> Result<Vec<u8>, FoldError> {
        Ok(TextCell::of(text, self.recorded.id, self.recorded.event.kind())?.bytes()?)
    }

    pub fn cell_or_none(&self, text: Option<&PersonalText>) -> Result<Option<Vec<u8>>, FoldError> {
        text.map(|text| self.cell(text)).transpose()
    }
}
