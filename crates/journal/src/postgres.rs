//! The log on PostgreSQL: for several nodes, and for a database that is backed up and replicated already.
//!
//! - `postgres/address.rs`: the URL, TLS; `postgres/failure.rs`: what an error means
//! - `postgres/connection.rs`: a connection, proved to lead to the log that was opened
//! - `postgres/writer.rs`: group commit by `append()`; `postgres/readers.rs`: the queries; `postgres/row.rs`: a row
//! - `postgres/notifications.rs`: waking the followers of other nodes
//! - `postgres/schema.rs`: making a log, recognising one, a new epoch, and whether the published schema is in force
//!
//! The schema is `schema/journal-postgres.sql`. Any number of nodes may write; the row that each append holds puts
//! them in one order. What a journal that is dropped was asked before, its task still writes.

mod address;
mod connection;
mod failure;
mod notifications;
mod readers;
mod row;
mod schema;
mod writer;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use crate::clock::Clock;
use crate::feed::{self, PAGE_EVENTS_MAX, PageSource};
use crate::{
    Access, Append, AppendError, Appended, Direction, Fatal, Feed, Journal, LIMITS, Limits, LogIdentity, LogPage,
    Namespace, OpenError, Position, ReadError, Revision, Stopped, StreamName, StreamPage,
};
use connection::{Log, Pauses, Schema};
use notifications::Notifications;
use readers::Readers;
use writer::Writer;

pub(crate) use schema::{init, renew_epoch, structure};

/// How often followers look, whether they are woken or not.
pub(crate) const POLL: Duration = Duration::from_millis(500);

/// Opens the log of a namespace; makes nothing.
pub(crate) async fn open(
    url: &str,
    namespace: Namespace,
    access: Access,
    clock: Clock,
) -> Result<Arc<dyn Journal>, OpenError> {
    let address = address::Address::parse(url, access)?;
    let schema = Schema::of(&namespace);
    let (connection, identity) = schema::open_existing(&address, &schema, &namespace, access).await?;
    let log = Log::new(address, schema, identity, clock);
    let (committed, commits) = watch::channel(None);
    let writer = match access {
        Access::Write => Some(Writer::start(Arc::clone(&log), committed)),
        Access::ReadOnly => None,
    };
    let notifications = Notifications::start(Arc::clone(&log), commits);
    Ok(Arc::new(Postgres {
        readers: Readers::new(log, connection),
        writer,
        _notifications: notifications,
        open: watch::Sender::new(()),
    }))
}

/// A log in a schema of a database.
struct Postgres {
    readers: Readers,
    /// `None` when opened for reading only.
    writer: Option<Writer>,
    _notifications: Notifications,
    /// Goes with the journal, and the followers with it.
    open: watch::Sender<()>,
}

#[async_trait]
impl Journal for Postgres {
    fn limits(&self) -> Limits {
        LIMITS
    }

    async fn identity(&self) -> Result<LogIdentity, ReadError> {
        Ok(self.readers.shared().identity)
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        LIMITS.check(&append)?;
        self.writer.as_ref().ok_or(Fatal::ReadOnly)?.append(append).await
    }

    async fn append_in_order(&self, mut appends: Vec<Append>) -> Result<(), Stopped> {
        let refused = (0..).zip(&appends).find_map(|(done, append)| match LIMITS.check(append) {
            Ok(()) => None,
            Err(error) => Some(Stopped { done, error }),
        });
        let Some(writer) = &self.writer else { return Err(Stopped { done: 0, error: Fatal::ReadOnly.into() }) };
        if let Some(refused) = &refused {
            appends.truncate(refused.done);
        }
        writer.append_in_order(appends).await?;
        refused.map_or(Ok(()), Err)
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        self.readers.stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        self.readers.log(after, max).await
    }

    async fn follow(&self, after: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError> {
        let grown = self.readers.shared().grown.subscribe();
        Ok(feed::follow(Tail { readers: self.readers.clone(), grown, open: self.open.subscribe() }, after))
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.readers.head().await
    }

    async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        self.readers.holds(position, id).await
    }
}

struct Tail {
    readers: Readers,
    grown: watch::Receiver<()>,
    /// Never says anything; ends with the journal.
    open: watch::Receiver<()>,
}

#[async_trait]
impl PageSource for Tail {
    /// A server that is away for a while does not end a feed: it goes on where it was.
    async fn page(&mut self, after: Option<Position>) -> Result<LogPage, ReadError> {
        let readers = self.readers.clone();
        let mut pauses = Pauses::new(&readers.shared().clock);
        loop {
            self.grown.mark_unchanged();
            let read = tokio::select! {
                read = readers.log(after, PAGE_EVENTS_MAX) => read,
                _ = self.open.changed() => return Err(closed()),
            };
            match read {
                Err(ReadError::Unavailable { .. }) => {}
                read => return read,
            }
            tokio::select! {
                () = sleep(pauses.next()) => {}
                _ = self.open.changed() => return Err(closed()),
            }
        }
    }

    async fn wait_for_more(&mut self) -> Result<(), ReadError> {
        tokio::select! {
            _ = self.grown.changed() => Ok(()),
            () = sleep(POLL) => Ok(()),
            _ = self.open.changed() => Err(closed()),
        }
    }
}

fn closed() -> ReadError {
    ReadError::Unavailable { reason: "the journal was closed".into() }
}
