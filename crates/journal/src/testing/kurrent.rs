//! KurrentDB as the contract sees it: its stand-in, and a server that a developer has.

mod failures;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use test_stores::kurrent::{Options, Refusal, StandIn};
use uuid::Uuid;

use crate::kurrent::connection::Timeouts;
use crate::kurrent::encoding::StreamNames;
use crate::kurrent::{Kurrent, Writing};
use crate::testing::contract::{self, Backend, Class, Site, StoreTraits};
use crate::testing::fault::Fault;
use crate::{
    Access, Append, Clock, Direction, EventType, Expected, Feed, Journal, LogIdentity, Namespace, NewEvent, OpenError,
    Revision, StreamName,
};

const TRAITS: StoreTraits = StoreTraits { dense: false, unique_ids: false, one_writer: false };
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

    fn traits(&self) -> StoreTraits {
        TRAITS
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
async fn the_stand_in_of_kurrentdb_keeps_the_contract() {
    contract::run(&Backend {
        name: "kurrentdb (stand-in)",
        claims: &[Class::Core, Class::Reopened, Class::Faults],
        unclaimed: &[NO_DISK, NOT_UNIQUE],
        start: || Aside::start(Options::default()),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_installations_in_one_cluster_see_nothing_of_each_other() {
    let stand_in = StandIn::start(Options::default());
    let opened = async |prefix: &str| {
        let url = stand_in.url();
        let url = format!("{url}{}prefix={prefix}", if url.contains('?') { '&' } else { '?' });
        crate::open(&url, namespace("care"), Access::Write, Arc::new(chrono::Utc::now)).await.expect("a log")
    };
    let stream = StreamName::parse("thread-1").expect("a name");
    let append = |id: u128, expected, text: &'static str| Append {
        stream: stream.clone(),
        expected,
        events: vec![NewEvent {
            id: Uuid::from_u128(id),
            event_type: EventType::parse("note.taken").expect("a kind"),
            data: text.into(),
            meta: "{}".into(),
        }],
    };
    // The name of one begins like that of the other.
    let (north, northern) = (opened("north").await, opened("northern").await);
    assert_ne!(north.identity().await, northern.identity().await);
    let one = north.append(append(1, Expected::NoStream, "north")).await.expect("appended");
    assert_eq!(northern.head().await, Ok(None), "nothing of the other is its own");
    // The same stream and the same id are another event there.
    let other = northern.append(append(1, Expected::NoStream, "northern")).await.expect("appended");
    let next = northern.append(append(2, Expected::Exact(Revision(0)), "northern")).await.expect("appended");
    let max = NonZeroU32::new(10).expect("some");
    for (log, expected) in [(&north, &[one][..]), (&northern, &[other, next])] {
        let text = if expected.len() == 1 { "north" } else { "northern" };
        let read = log.read_log(None, max).await.expect("the log").events;
        let in_stream = log.read_stream(&stream, None, Direction::Forward, max).await.expect("the stream").events;
        assert_eq!(read, in_stream);
        assert_eq!(
            read.iter().map(|event| event.position).collect::<Vec<_>>(),
            expected.iter().map(|one| one.position).collect::<Vec<_>>()
        );
        assert!(read.iter().all(|event| event.data == text), "{read:?}");
        assert_eq!(log.head().await, Ok(expected.last().map(|last| last.position)));
        let mut feed = log.follow(None).await.expect("a feed");
        let mut followed = Vec::new();
        loop {
            match feed.next().await.expect("it goes on").expect("no error") {
                Feed::Event(event) => followed.push(event),
                Feed::Scanned(_) => {}
                Feed::CaughtUp(_) => break,
            }
        }
        assert_eq!(followed, read);
    }
    assert_eq!(north.holds(other.position, Uuid::from_u128(1)).await, Ok(false), "an event of the other");
    // A log without a prefix is a third one.
    let url = stand_in.url();
    let plain = crate::open(&url, namespace("care"), Access::Write, Arc::new(chrono::Utc::now)).await.expect("a log");
    assert_eq!(plain.head().await, Ok(None));
}

/// Beyond what a float can count, since positions pass through JSON elsewhere.
const FAR: u64 = (1 << 53) + 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrentdb_keeps_the_contract_over_tls_and_with_high_positions() {
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

    fn traits(&self) -> StoreTraits {
        TRAITS
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
    let open = async |timeouts| {
        let (log, epoch) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let writing = Writing { identity: LogIdentity { log, epoch }, clock: Arc::new(chrono::Utc::now) };
        Kurrent::open(&url, StreamNames::of(namespace("care")), Some(writing), timeouts).await.map(drop)
    };
    let timeouts = Timeouts { answer: Duration::from_secs(1), ..Timeouts::USUAL };
    assert!(matches!(open(timeouts).await, Err(OpenError::Unavailable { .. })));
    stand_in.revive(0);
    assert_eq!(open(timeouts).await, Ok(()));
}
