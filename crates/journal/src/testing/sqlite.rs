//! SQLite as the contract sees it: a log in a directory that is removed with its test.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::open::new_identity;
use crate::sqlite::Sqlite;
use crate::sqlite::file::{Origin, Store};
use crate::testing::contract::{self, Backend, Class, Site, StoreTraits};
use crate::testing::fault::{Fault, Faults};
use crate::{Access, Clock, Journal, LogIdentity, Namespace, OpenError};

/// A directory that vanishes with its test.
struct Directory {
    directory: TempDir,
    faults: Arc<Faults>,
}

impl Directory {
    fn new() -> Self {
        Self { directory: TempDir::new().expect("a directory"), faults: Arc::default() }
    }

    fn store(&self, namespace: &str) -> Store {
        Store {
            directory: self.directory.path().to_path_buf(),
            namespace: Namespace::parse(namespace).expect("a namespace"),
        }
    }

    fn origin(&self, clock: Clock) -> Origin {
        let identity = new_identity().expect("randomness");
        Origin { identity, clock, faults: Arc::clone(&self.faults) }
    }
}

#[async_trait]
impl Site for Directory {
    fn fresh(&self) -> Arc<dyn Site> {
        Arc::new(Self::new())
    }

    fn traits(&self) -> StoreTraits {
        StoreTraits { dense: true, unique_ids: true, one_writer: true }
    }

    async fn open_as(&self, namespace: &str, access: Access, clock: Clock) -> Result<Arc<dyn Journal>, OpenError> {
        let store = self.store(namespace);
        Ok(Arc::new(match access {
            Access::Write => Sqlite::write(&store, self.origin(clock))?,
            Access::ReadOnly => Sqlite::read_only(&store)?,
        }))
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.directory.path().display())
    }

    async fn flip_byte_of(&self, mark: &[u8]) {
        let path = self.store("care").path();
        let mut file = std::fs::read(&path).expect("the file");
        let at = file.windows(mark.len()).position(|window| window == mark).expect("the mark");
        file[at + mark.len() / 2] ^= 0x20;
        std::fs::write(&path, file).expect("the file");
    }

    async fn rewrite(&self) -> Vec<&'static str> {
        let connection = Connection::open(self.store("care").path()).expect("the file");
        connection.pragma_update(None, "recursive_triggers", true).expect("a setting");
        let attempts = [
            "UPDATE event SET event_type = 'note.changed' WHERE position = 1",
            "DELETE FROM event WHERE position = 2",
            "DELETE FROM event",
            "INSERT OR REPLACE INTO event SELECT * FROM event WHERE position = 2",
            "INSERT INTO event SELECT 7, x'00112233445566778899aabbccddeeff', stream, 7, event_type, data, meta,
             stored_at, digest, row_check FROM event WHERE position = 1",
            "INSERT INTO event SELECT 3, x'00112233445566778899aabbccddeeff', 'A-1', 0, event_type, data, meta,
             stored_at, digest, row_check FROM event WHERE position = 1",
            "INSERT INTO event SELECT 3, x'00112233445566778899aabbccddeeff', 'b-1', 0, 'nodot', data, meta,
             stored_at, digest, row_check FROM event WHERE position = 1",
        ];
        attempts.into_iter().filter(|attempt| connection.execute(attempt, []).is_ok()).collect()
    }

    async fn renew_epoch(&self) -> LogIdentity {
        crate::renew_epoch(&self.url(), self.store("care").namespace).await.expect("a new epoch")
    }

    fn arm(&self, fault: Fault) {
        self.faults.arm(fault);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_the_contract() {
    contract::run(&Backend {
        name: "sqlite",
        claims: &[Class::Core, Class::Reopened, Class::Durable, Class::Faults, Class::Unique],
        unclaimed: &[],
        start: || Arc::new(Directory::new()),
    })
    .await;
}
