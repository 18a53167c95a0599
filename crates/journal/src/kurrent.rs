//! The log on KurrentDB (or EventStoreDB, as it was called): for those who outgrow one database.
//!
//! A namespace is the streams whose names begin with it, in a store that others share; its positions are the store's, and
//! have gaps. Several nodes may write: the store itself refuses all but one append at each revision, and answers a repeat
//! like the first time.
//!
//! - `address.rs`: the URL; `connection.rs`: single calls; `store.rs`: connections that fail and are replaced
//! - `form.rs`: events and their names; `identity.rs`: which log it is; `failure.rs`: what an error means
//! - `reading.rs`: pages of the log and its head; `stamp.rs`: the time of storing

mod address;
mod connection;
mod failure;
#[cfg(test)]
mod faults;
mod form;
mod identity;
mod reading;
mod stamp;
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
use crate::feed::{self, PAGE_EVENTS_MAX, Source};
use crate::{
    Append, AppendError, Appended, Direction, Expected, Fatal, Feed, Journal, LIMITS, Limits, LogIdentity, LogPage,
    Namespace, OpenError, Position, ReadError, Revision, StreamName, StreamPage,
};
use address::Address;
use connection::{Connection, Patience};
use failure::Failure;
use form::Names;
use reading::{POLL, Reading};
use stamp::Stamp;
use store::Store;

/// The highest number that the store can count to, for positions and revisions. Above it, it takes numbers for something
/// else: the highest of all is to it the revision of a stream that is not there.
const NUMBER_MAX: u64 = i64::MAX as u64;

/// Opens the log of a namespace; makes it when opened for writing.
pub(crate) async fn open(
    url: &str,
    namespace: Namespace,
    writing: Option<Writing>,
) -> Result<Arc<dyn Journal>, OpenError> {
    Ok(Arc::new(Kurrent::open(url, Names::of(namespace), writing, Patience::USUAL).await?))
}

/// What a log needs from outside when it is opened for writing.
pub(crate) struct Writing {
    /// The identity of the log, if it must be made.
    pub identity: LogIdentity,
    pub clock: Clock,
}

/// Begins a new epoch.
pub(crate) async fn renew_epoch(url: &str, namespace: Namespace, epoch: Uuid) -> Result<LogIdentity, OpenError> {
    let (address, names) = (Address::parse(url)?, Names::of(namespace));
    let connection = connected(&address, Patience::USUAL).await?;
    let known = known(&connection, &address, &names).await?.ok_or_else(|| missing(&address, &names))?;
    let identity = LogIdentity { epoch, ..known.identity };
    let written = identity::write(&connection, &names, identity, Expected::Exact(known.revision)).await;
    written.map_err(identity::of_open)?;
    Ok(identity)
}

/// A log in a KurrentDB.
struct Kurrent {
    reading: Arc<Reading>,
    /// `None` when it was opened for reading only.
    stamp: Option<Stamp>,
    /// Gone with the journal, whereupon its followers end.
    alive: watch::Sender<()>,
}

impl Kurrent {
    async fn open(url: &str, names: Names, writing: Option<Writing>, patience: Patience) -> Result<Self, OpenError> {
        let address = Address::parse(url)?;
        let connection = connected(&address, patience).await?;
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
        let store = Store::new(address, names, known.identity, (connection, patience));
        let (reading, last) = Reading::begin(store, known.made_at).await.map_err(identity::of_open)?;
        let stamp = writing.map(|writing| Stamp::after(writing.clock, last.map(|event| event.stored_at)));
        Ok(Self { reading: Arc::new(reading), stamp, alive: watch::Sender::new(()) })
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
            return Err(broken("an append was committed apart from its writing").into());
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
        let stamp = self.stamp.as_ref().ok_or(Fatal::ReadOnly)?;
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
        let turn = stamp.take().await;
        let events = form::encoded(&append, turn.stored_at_us())?;
        let written = store.write(|connection| {
            let (name, expected, events) = (name.clone(), append.expected, events.clone());
            async move { connection.append(name, expected, events).await }
        });
        let written = written.await;
        drop(turn);
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
impl Source for Tail {
    async fn page(&mut self, after: Option<Position>) -> Result<LogPage, ReadError> {
        if self.alive.has_changed().is_err() {
            return Err(closed());
        }
        let page = self.reading.log(after, PAGE_EVENTS_MAX).await.map_err(Failure::of_read)?;
        self.scanned = page.scanned;
        Ok(page)
    }

    async fn grown(&mut self) -> Result<(), ReadError> {
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

async fn connected(address: &Address, patience: Patience) -> Result<Connection, OpenError> {
    Connection::new(address, patience).await.map_err(|reason| OpenError::Url { reason })
}

async fn known(
    connection: &Connection,
    address: &Address,
    names: &Names,
) -> Result<Option<identity::Known>, OpenError> {
    let read = identity::read(connection, names).await;
    read.map_err(|unread| unread.of_open(&place(address, names)))
}

fn missing(address: &Address, names: &Names) -> OpenError {
    OpenError::Missing { place: place(address, names) }
}

fn place(address: &Address, names: &Names) -> String {
    format!("{} of {}", names.namespace(), address.hosts())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use test_stores::kurrent::{Options, Refusal, StandIn};

    use super::*;
    use crate::Access;
    use crate::contract::fault::Fault;
    use crate::contract::{self, Backend, Class, Manners, Site};

    const MANNERS: Manners = Manners { dense: false, unique_ids: false, one_writer: false, ends_when_unsure: false };
    const NO_DISK: (Class, &str) = (Class::Durable, "the stand-in keeps nothing on a disk");
    const NOT_UNIQUE: (Class, &str) =
        (Class::Unique, "the server looks for an id only where the stream is past the expectation");

    fn namespace(name: &str) -> Namespace {
        Namespace::parse(name).expect("a namespace")
    }

    /// A stand-in, gone with its test.
    struct Aside {
        stand_in: Arc<StandIn>,
        options: Options,
    }

    impl Aside {
        fn start(options: Options) -> Arc<dyn Site> {
            Arc::new(Self { stand_in: Arc::new(StandIn::start(options.clone())), options })
        }
    }

    #[async_trait]
    impl Site for Aside {
        fn fresh(&self) -> Arc<dyn Site> {
            Self::start(self.options.clone())
        }

        fn manners(&self) -> Manners {
            MANNERS
        }

        async fn open_as(&self, name: &str, access: Access, clock: Clock) -> Result<Arc<dyn Journal>, OpenError> {
            crate::open(&self.stand_in.url(), namespace(name), access, clock).await
        }

        async fn renew_epoch(&self) -> LogIdentity {
            crate::renew_epoch(&self.stand_in.url(), namespace("care")).await.expect("a new epoch")
        }

        fn arm(&self, fault: Fault) {
            match fault {
                Fault::AcknowledgementLost => self.stand_in.lose_next_answer(),
                Fault::CommitLost => self.stand_in.lose_next_request(),
                // With a full disk a server ends. What it refuses and then takes again is what it has no room for just now.
                Fault::DiskFull => {
                    let (stand_in, before) = (Arc::clone(&self.stand_in), self.stand_in.appends());
                    stand_in.refuse_writes(Some(Refusal::Busy));
                    std::thread::spawn(move || {
                        while stand_in.appends() == before {
                            std::thread::yield_now();
                        }
                        stand_in.refuse_writes(None);
                    });
                }
            }
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn kurrentdb_keeps_the_contract_as_its_stand_in_shows() {
        contract::run(&Backend {
            name: "kurrentdb (stand-in)",
            claims: &[Class::Core, Class::Reopened, Class::Faults],
            unclaimed: &[NO_DISK, NOT_UNIQUE],
            start: || Aside::start(Options::default()),
        })
        .await;
    }

    /// Beyond what a float can count, since positions pass through JSON elsewhere.
    const FAR: u64 = (1 << 53) + 1;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn kurrentdb_keeps_the_contract_over_tls_and_far_into_a_store() {
        contract::run(&Backend {
            name: "kurrentdb (stand-in, TLS)",
            claims: &[Class::Core, Class::Reopened, Class::Faults],
            unclaimed: &[NO_DISK, NOT_UNIQUE],
            start: || Aside::start(Options { tls: true, first_position: FAR, ..Options::default() }),
        })
        .await;
    }

    /// A server that somebody has; each site is a namespace that nobody had.
    struct Elsewhere {
        url: String,
        prefix: String,
    }

    impl Elsewhere {
        fn fresh() -> Option<Arc<dyn Site>> {
            static SITES: AtomicU32 = AtomicU32::new(0);
            let url = std::env::var("CAREFOLD_TEST_KURRENTDB_URL").ok()?;
            let begun = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_micros());
            let mut number = begun << 16 | u128::from(SITES.fetch_add(1, Ordering::Relaxed) & 0xffff);
            let mut prefix = String::from("t");
            while number > 0 {
                prefix.push(char::from(b'a' + (number % 26) as u8));
                number /= 26;
            }
            Some(Arc::new(Self { url, prefix }))
        }
    }

    #[async_trait]
    impl Site for Elsewhere {
        fn fresh(&self) -> Arc<dyn Site> {
            Self::fresh().expect("the URL stays")
        }

        fn manners(&self) -> Manners {
            MANNERS
        }

        async fn open_as(&self, name: &str, access: Access, clock: Clock) -> Result<Arc<dyn Journal>, OpenError> {
            crate::open(&self.url, namespace(&format!("{}{name}", self.prefix)), access, clock).await
        }

        async fn renew_epoch(&self) -> LogIdentity {
            crate::renew_epoch(&self.url, namespace(&format!("{}care", self.prefix))).await.expect("a new epoch")
        }
    }

    /// `just contract-kurrentdb URL` runs this against a server of yours. It leaves its streams behind.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn kurrentdb_keeps_the_contract_at_the_url_that_is_given() {
        if Elsewhere::fresh().is_none() {
            eprintln!("not run: CAREFOLD_TEST_KURRENTDB_URL names no KurrentDB");
            return;
        }
        contract::run(&Backend {
            name: "kurrentdb (server)",
            claims: &[Class::Core, Class::Reopened],
            unclaimed: &[
                (Class::Durable, "the server is not ours to stop or to change"),
                (Class::Faults, "the server is not ours to break"),
                NOT_UNIQUE,
            ],
            start: || Elsewhere::fresh().expect("the URL stays"),
        })
        .await;
    }

    #[tokio::test]
    async fn a_store_that_is_away_is_unavailable_and_a_later_open_works() {
        let mut stand_in = StandIn::start(Options::default());
        let url = stand_in.url();
        stand_in.kill(0);
        let open = async |patience| {
            let (log, epoch) = (Uuid::from_u128(1), Uuid::from_u128(2));
            let writing = Writing { identity: LogIdentity { log, epoch }, clock: Arc::new(chrono::Utc::now) };
            Kurrent::open(&url, Names::of(namespace("care")), Some(writing), patience).await.map(drop)
        };
        let patience = Patience { answer: Duration::from_secs(1), ..Patience::USUAL };
        assert!(matches!(open(patience).await, Err(OpenError::Unavailable { .. })));
        stand_in.revive(0);
        assert_eq!(open(patience).await, Ok(()));
    }
}
