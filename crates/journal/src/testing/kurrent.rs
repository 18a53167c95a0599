//! KurrentDB as the contract sees it: its stand-in, and a server that a developer has.

mod failures;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use test_stores::kurrent::{Options, Refusal, StandIn};
use uuid::Uuid;

use crate::kurrent::connection::Timeouts;
use crate::kurrent::encoding::StreamNames;
use crate::kurrent::{Kurrent, Writing};
use crate::testing::contract::{self, Backend, Class, Site, StoreTraits};
use crate::testing::fault::Fault;
use crate::{Access, Clock, Journal, LogIdentity, Namespace, OpenError};

const TRAITS: StoreTraits = StoreTraits { dense: false, unique_ids: false, one_writer: false, ends_when_unsure: false };
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
