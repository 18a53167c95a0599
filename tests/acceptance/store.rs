//! The stores in which a story's logs are kept: files, PostgreSQL, the stand-in for KurrentDB.
//!
//! A story that is about logs takes a [`Home`] and is named in [`on_each_store`], which makes a test of it for each
//! store. On PostgreSQL the server signs in as a role that may append and read, and nothing else.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use test_stores::kurrent::{Options, StandIn};
use test_stores::postgres::{Cluster, SUPERUSER, Stop};
use test_stores::relay::Relay;
use tokio::runtime::Runtime;

use crate::clinic::{Place, ended};

/// Makes tests of stories: each of them on each of the stores.
macro_rules! on_each_store {
    ($($story:ident),+ $(,)?) => {
        crate::store::on_stores!(new, sqlite Sqlite, postgres Postgres, kurrent Kurrent; $($story)+);
    };
}

/// The same, on those that are reached over a network, each for the story alone.
macro_rules! on_each_network_store {
    ($($story:ident),+ $(,)?) => { crate::store::on_stores!(alone, postgres Postgres, kurrent Kurrent; $($story)+); };
}

macro_rules! on_stores {
    ($new:ident, $($name:ident $kind:ident),+; $($story:ident)+) => {
        crate::store::on_stores!(@ $new, [$($name $kind),+] $($story)+);
    };
    (@ $new:ident, $stores:tt $($story:ident)+) => { $(crate::store::on_stores!(@@ $new, $stores $story);)+ };
    (@@ $new:ident, [$($name:ident $kind:ident),+] $story:ident) => {
        mod $story {
            $(#[test]
            fn $name() {
                if let Some(home) = crate::store::Home::$new(crate::store::Kind::$kind) {
                    super::$story(&home);
                }
            })+
        }
    };
}

pub(crate) use {on_each_network_store, on_each_store, on_stores};

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
    Kurrent,
}

/// A store of a story's own, and directories for clinics in it.
pub struct Home {
    directory: TempDir,
    store: Store,
}

enum Store {
    Sqlite,
    Postgres(Postgres),
    Kurrent { stand_in: Mutex<StandIn>, another: StandIn },
}

/// A database behind a network that can fail.
struct Postgres {
    cluster: Arc<Cluster>,
    relay: Relay,
    /// Carries the relay's bytes.
    _runtime: Runtime,
    database: String,
}

/// Makes both logs, as who may.
fn init(url: &str) {
    let mut init = Command::new(env!("CARGO_BIN_EXE_carefold"));
    init.args(["journal", "init"]).env("CAREFOLD_JOURNAL", url).env("CAREFOLD_LOG", "error");
    assert_eq!(ended(&init.output().expect("it runs")), (0, String::new()));
}

/// The role that a server of this database signs in as.
pub fn server_of(database: &str) -> String {
    format!("server_of_{database}")
}

impl Home {
    /// Nothing where PostgreSQL is asked for, is missing, and may be.
    pub fn new(kind: Kind) -> Option<Self> {
        Self::with(kind, Cluster::shared)
    }

    /// One that may go away: no other story is in it.
    pub fn alone(kind: Kind) -> Option<Self> {
        Self::with(kind, || Cluster::start().map(Arc::new))
    }

    fn with(kind: Kind, cluster: fn() -> Option<Arc<Cluster>>) -> Option<Self> {
        let store = match kind {
            Kind::Sqlite => Store::Sqlite,
            Kind::Postgres => Store::Postgres(Postgres::new(cluster()?)),
            Kind::Kurrent => {
                let [one, another] = [(); 2].map(|()| StandIn::start(Options::default()));
                Store::Kurrent { stand_in: Mutex::new(one), another }
            }
        };
        Some(Self { directory: TempDir::new().expect("a directory"), store })
    }

    /// A clinic in the store; of this name, whose directory is made when it is started.
    pub fn place(&self, name: &str) -> Place {
        let journal = match &self.store {
            Store::Sqlite => None,
            Store::Postgres(postgres) => Some(postgres.url(&postgres.database)),
            Store::Kurrent { stand_in, .. } => Some(stand_in.lock().expect("a stand-in").url()),
        };
        Place { directory: self.directory.path().join(name), journal }
    }

    /// A file of a story's own.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The store ends, as its process would by a kill.
    pub fn goes_away(&self) {
        match &self.store {
            Store::Sqlite => panic!("files do not go away"),
            Store::Postgres(postgres) => postgres.cluster.stop(Stop::Immediate),
            Store::Kurrent { stand_in, .. } => stand_in.lock().expect("a stand-in").kill(0),
        }
    }

    /// It is started again.
    pub fn comes_back(&self) {
        match &self.store {
            Store::Sqlite => panic!("files do not come back"),
            Store::Postgres(postgres) => postgres.cluster.start_again(),
            Store::Kurrent { stand_in, .. } => stand_in.lock().expect("a stand-in").revive(0),
        }
    }

    /// The network swallows everything and tells nobody, or carries again.
    pub fn goes_silent(&self, silent: bool) {
        match &self.store {
            Store::Sqlite => panic!("files are not reached over a network"),
            Store::Postgres(postgres) if silent => postgres.relay.go_half_open(),
            Store::Postgres(postgres) => postgres.relay.heal(),
            Store::Kurrent { stand_in, .. } => stand_in.lock().expect("a stand-in").silence(0, silent),
        }
    }

    /// All connections are cut once.
    pub fn cuts_connections(&self) {
        match &self.store {
            Store::Sqlite => panic!("files are not reached over a network"),
            Store::Postgres(postgres) => postgres.relay.cut(),
            Store::Kurrent { stand_in, .. } => stand_in.lock().expect("a stand-in").cut_connections(0),
        }
    }

    /// The next append reaches the log, and its answer is lost.
    pub fn loses_next_answer(&self) {
        match &self.store {
            Store::Sqlite => panic!("files answer"),
            Store::Postgres(postgres) => postgres.relay.lose_answer(b"append"),
            Store::Kurrent { stand_in, .. } => stand_in.lock().expect("a stand-in").lose_next_answer(),
        }
    }

    /// Everything that lies in the store outside of directories, by where it was found.
    pub fn stored(&self) -> Vec<(String, Vec<u8>)> {
        match &self.store {
            Store::Sqlite => Vec::new(),
            Store::Postgres(postgres) => postgres.stored(),
            Store::Kurrent { stand_in, .. } => {
                let records = stand_in.lock().expect("a stand-in").records();
                let bytes = |record: &test_stores::kurrent::Record| {
                    let event = &record.event;
                    [record.stream.as_bytes(), event.event_type.as_bytes(), &event.data, &event.metadata].concat()
                };
                records.iter().map(|record| (format!("record {}", record.position), bytes(record))).collect()
            }
        }
    }

    /// The database, for what only PostgreSQL has.
    pub fn postgres(&self) -> (&Cluster, &str) {
        match &self.store {
            Store::Postgres(postgres) => (&postgres.cluster, &postgres.database),
            Store::Sqlite | Store::Kurrent { .. } => panic!("this is no PostgreSQL"),
        }
    }

    /// The URL of another log in a store of the same kind, with nothing in it.
    pub fn another_log(&self) -> String {
        let url = match &self.store {
            Store::Sqlite => format!("sqlite:{}", self.file("another").display()),
            Store::Postgres(postgres) => return postgres.url(&postgres.new_log()),
            Store::Kurrent { another, .. } => another.url(),
        };
        init(&url);
        url
    }
}

impl Postgres {
    fn new(cluster: Arc<Cluster>) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let relay = runtime.block_on(Relay::to(cluster.address()));
        let mut postgres = Self { cluster, relay, _runtime: runtime, database: String::new() };
        postgres.database = postgres.new_log();
        postgres
    }

    /// A new database in which its owner has made the logs.
    fn new_log(&self) -> String {
        let database = self.cluster.database();
        let owner = self.cluster.url_of(&database, SUPERUSER);
        init(&owner);
        let server = server_of(&database);
        self.cluster.sql(&database, &format!("CREATE ROLE {server} LOGIN IN ROLE carefold_server"));
        database
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{}@{}/{database}?sslmode=disable", server_of(database), self.relay.address())
    }

    fn stored(&self) -> Vec<(String, Vec<u8>)> {
        let mut stored = Vec::new();
        for schema in ["carefold_care", "carefold_access"] {
            for column in ["data", "meta"] {
                let hex =
                    self.cluster.sql(&self.database, &format!("SELECT encode({column}, 'hex') FROM {schema}.event"));
                for row in hex.lines() {
                    let bytes = data_encoding::HEXLOWER.decode(row.as_bytes()).expect("hex");
                    stored.push((format!("{schema}.event.{column}"), bytes));
                }
            }
            let rest = self.cluster.sql(&self.database, &format!("SELECT e::text FROM {schema}.event e"));
            stored.push((format!("{schema}.event"), rest.into_bytes()));
        }
        stored
    }
}
