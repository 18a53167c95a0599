//! The log on KurrentDB (formerly EventStoreDB): for installations that one database does not serve.
//!
//! A namespace is the streams whose names begin with it, in a store that others share; its positions are the store's, and
//! have gaps. Several nodes may write: the store itself refuses all but one append at each revision, and answers a repeat
//! like the first time.
//!
//! - `address.rs`: the URL; `connection.rs`: single calls; `store.rs`: connections that fail and are replaced
//! - `encoding.rs`: events and their names; `identity.rs`: which log it is; `failure.rs`: what an error means
//! - `reading.rs`: pages of the log and its head; `storage_clock.rs`: the time of storing

mod address;
pub(crate) mod connection;
pub(crate) mod encoding;
mod failure;
mod identity;
mod reading;
mod storage_clock;
mod store;

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use eventstore::WriteResult;
use futures_util::stream::BoxStream;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use crate::clock::Clock;
use crate::feed::{self, PAGE_EVENTS_MAX, PageSource};
use crate::{
    Append, AppendError, Appended, Direction, Expected, Fatal, Feed, Journal, LIMITS, Limits, LogIdentity, LogPage,
    Namespace, OpenError, Position, ReadError, Revision, StreamName, StreamPage,
};
use address::Address;
use connection::{Connection, Timeouts};
use encoding::{NUMBER_MAX, StreamNames};
use failure::Failure;
use reading::{POLL, Reading};
use storage_clock::StorageClock;
use store::Store;

/// Opens the log of a namespace; makes it when opened for writing.
pub(crate) async fn open(
    url: &str,
    namespace: Namespace,
    writing: Option<Writing>,
) -> Result<Arc<dyn Journal>, OpenError> {
    Ok(Arc::new(Kurrent::open(url, StreamNames::of(namespace), writing, Timeouts::USUAL).await?))
}

/// What a log needs from outside when it is opened for writing.
pub(crate) struct Writing {
    /// The identity of the log, if it must be made.
    pub identity: LogIdentity,
    pub clock: Clock,
}

/// Begins a new epoch.
pub(crate) async fn renew_epoch(url: &str, namespace: Namespace, epoch: Uuid) -> Result<LogIdentity, OpenError> {
    let (address, names) = (Address::parse(url)?, StreamNames::of(namespace));
    let connection = connected(&address, Timeouts::USUAL).await?;
    let known = known(&connection, &address, &names).await?.ok_or_else(|| missing(&address, &names))?;
    let identity = LogIdentity { epoch, ..known.identity };
    let written = identity::write(&connection, &names, identity, Expected::Exact(known.revision)).await;
    written.map_err(identity::of_open)?;
    Ok(identity)
}

/// A log in a KurrentDB.
pub(crate) struct Kurrent {
    reading: Arc<Reading>,
    /// `None` when it was opened for reading only.
    storage_clock: Option<StorageClock>,
    /// Gone with the journal, whereupon its followers end.
    alive: watch::Sender<()>,
}

impl Kurrent {
    pub(crate) async fn open(
        url: &str,
        names: StreamNames,
        writing: Option<Writing>,
        timeouts: Timeouts,
    ) -> Result<Self, OpenError> {
        let address = Address::parse(url)?;
        let connection = connected(&address, timeouts).await?;
        let known = match (known(&connection, &address, &names).await?, &writing) {
            (Some(known), _) => known,
            (None, None) => return Err(missing(&address, &names)),
            (None, Some(writing)) => {
                let made = identity::write(&connection, &names, writing.identity, Expected::NoStream).await;
                match made {
                    // Another may make it at the same time: what is there then is the log.
                    Ok(()) | Err(Failure::Conflict(_)) => {}
                    Err(failure) => return Err(identity::of_open(failure)),
                }
                known(&connection, &address, &names).await?.ok_or_else(|| missing(&address, &names))?
            }
        };
        let store = Store::new(address, names, known.identity, connection, timeouts);
        let (reading, last) = Reading::begin(store, known.made_at).await.map_err(identity::of_open)?;
        let storage_clock =
            writing.map(|writing| StorageClock::after(writing.clock, last.map(|event| event.stored_at)));
        Ok(Self { reading: Arc::new(reading), storage_clock, alive: watch::Sender::new(()) })
    }

    /// What the store said of an append, or what it holds where it said too little.
    async fn acknowledged(&self, append: &Append, written: WriteResult, before: u64) -> Result<Appended, AppendError> {
        let first = append.expected.first();
        let last = Revision(first.0 + append.events.len() as u64 - 1);
        let broken = |detail: &str| Fatal::Corrupt { position: None, detail: detail.into() };
        if written.next_expected_version != last.0 {
            return Err(broken("a stream of it goes on where it should begin: events were removed").into());
        }
        let id = append.events.last().map(|event| event.id);
        let mut position = Position(written.position.commit);
        if written.position.commit != written.position.prepare {
            return Err(broken("the commit position of an append differs from its prepare position").into());
        }
        // A position that is not new is a repeat's, of which the store may know less than it knew at first.
        if position.0 <= before {
            let stream = self.reading.store().names().of_stream(&append.stream);
            let read = |connection: Connection| {
                let stream = stream.clone();
                async move { connection.stream(&stream, Some(last.0), Direction::Forward, 1).await }
            };
            // It is written; where, a repeat will be told.
            let piece = self.reading.store().read(read).await.map_err(|failure| match failure.of_read() {
                ReadError::Fatal(fatal) => fatal.into(),
                error @ (ReadError::Unavailable { .. } | ReadError::EpochChanged { .. }) => {
                    AppendError::Indeterminate { reason: error.to_string() }
                }
            })?;
            let event = piece.events.first().filter(|event| Some(event.id) == id && event.revision == last.0);
            let event = event.ok_or_else(|| broken("an event that it has is not in its stream"))?;
            position = Position(event.position.commit);
        }
        if let Some(id) = id {
            self.reading.store().saw(position, id);
        }
        self.reading.wake(position);
        Ok(Appended { first, last, position })
    }
}

#[async_trait]
impl Journal for Kurrent {
    fn limits(&self) -> Limits {
        LIMITS
    }

    async fn identity(&self) -> Result<LogIdentity, ReadError> {
        let store = self.reading.store();
        store.read(|connection| async move { store.prove(&connection).await }).await.map_err(Failure::of_read)?;
        Ok(store.identity())
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        LIMITS.check(&append)?;
        let storage_clock = self.storage_clock.as_ref().ok_or(Fatal::ReadOnly)?;
        let conflict = |actual: Option<u64>| AppendError::Conflict {
            stream: append.stream.clone(),
            expected: append.expected,
            actual: actual.map(Revision),
        };
        let (store, name) = (self.reading.store(), self.reading.store().names().of_stream(&append.stream));
        if append.expected.first().0 > NUMBER_MAX - LIMITS.append_events_max as u64 {
            let last = store.read(|connection| {
                let name = name.clone();
                async move { connection.last_of(&name).await }
            });
            return Err(conflict(last.await.map_err(Failure::of_append)?.map(|event| event.revision)));
        }
        let before = store.last_seen().unwrap_or(0);
        let time = storage_clock.take().await;
        let events = encoding::encode(&append, time.stored_at_us())?;
        let written = store.write(|connection| {
            let (name, expected, events) = (name.clone(), append.expected, events.clone());
            async move { connection.append(name, expected, events).await }
        });
        let written = written.await;
        drop(time);
        match written {
            Ok(written) => self.acknowledged(&append, written, before).await,
            Err(Failure::Conflict(actual)) => Err(conflict(actual)),
            Err(failure) => Err(failure.of_append()),
        }
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        self.reading.stream(stream, from, direction, max).await.map_err(Failure::of_read)
    }

    async fn read_log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        self.reading.log(after, max).await.map_err(Failure::of_read)
    }

    async fn follow(&self, after: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError> {
        let (reading, grown) = (Arc::clone(&self.reading), self.reading.woken());
        Ok(feed::follow(Tail { reading, grown, alive: self.alive.subscribe(), scanned: after }, after))
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.reading.head().await.map_err(Failure::of_read)
    }

    async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        self.reading.holds(position, id).await.map_err(Failure::of_read)
    }
}

/// A follower: pages, and between them waiting until the store has grown.
struct Tail {
    reading: Arc<Reading>,
    grown: watch::Receiver<u64>,
    alive: watch::Receiver<()>,
    scanned: Option<Position>,
}

#[async_trait]
impl PageSource for Tail {
    async fn page(&mut self, after: Option<Position>) -> Result<LogPage, ReadError> {
        if self.alive.has_changed().is_err() {
            return Err(closed());
        }
        let page = self.reading.log(after, PAGE_EVENTS_MAX).await.map_err(Failure::of_read)?;
        self.scanned = page.scanned;
        Ok(page)
    }

    async fn wait_for_more(&mut self) -> Result<(), ReadError> {
        let scanned = self.scanned.map_or(0, |scanned| scanned.0);
        loop {
            if *self.grown.borrow_and_update() > scanned {
                return Ok(());
            }
            tokio::select! {
                gone = self.alive.changed() => if gone.is_err() {
                    return Err(closed());
                },
                // The sender lives in `reading`, which is held here.
                _ = self.grown.changed() => {}
                () = sleep(POLL) => self.reading.look().await.map_err(Failure::of_read)?,
            }
        }
    }
}

fn closed() -> ReadError {
    ReadError::Unavailable { reason: "the journal was closed".into() }
}

async fn connected(address: &Address, timeouts: Timeouts) -> Result<Connection, OpenError> {
    Connection::new(address, timeouts).await.map_err(|reason| OpenError::Url { reason })
}

async fn known(
    connection: &Connection,
    address: &Address,
    names: &StreamNames,
) -> Result<Option<identity::Known>, OpenError> {
    let read = identity::read(connection, names).await;
    read.map_err(|unread| unread.of_open(&place(address, names)))
}

fn missing(address: &Address, names: &StreamNames) -> OpenError {
    OpenError::Missing { place: place(address, names) }
}

fn place(address: &Address, names: &StreamNames) -> String {
    format!("{} of {}", names.namespace(), address.hosts())
}
