//! A database with logs in it, as the tests of this backend see it: made fresh, reached over a relay, harmed on request.
//!
//! The server appends as a role that is granted `carefold_server` and nothing else, as an operator would have it.

mod failures;
mod opening;

use std::sync::Arc;

use async_trait::async_trait;
use test_stores::postgres::{Cluster, SUPERUSER};
use test_stores::relay::Relay;
use tokio::sync::OnceCell;

use crate::testing::contract::{self, Backend, Class, Site, StoreTraits};
use crate::testing::fault::Fault;
use crate::{Access, Clock, Journal, LogIdentity, Namespace, OpenError, init, open};

/// The role that servers sign in with.
pub(crate) const SERVER: &str = "app";
/// A role that may only read.
pub(crate) const READER: &str = "looks_on";

/// A database of its own in a cluster, and the way to it.
pub(crate) struct Database {
    pub cluster: Arc<Cluster>,
    pub name: String,
    relay: OnceCell<Relay>,
}

impl Database {
    /// A new one in the cluster that all tests share.
    pub(crate) fn new() -> Self {
        Self::within(Cluster::shared().expect("it ran before"))
    }

    /// A new one in this cluster.
    pub(crate) fn within(cluster: Arc<Cluster>) -> Self {
        let name = cluster.database();
        Self { cluster, name, relay: OnceCell::new() }
    }

    /// How a role reaches it.
    pub(crate) fn url_of(&self, role: &str) -> String {
        self.cluster.url_of(&self.name, role)
    }

    /// How the server reaches it over the relay.
    pub(crate) async fn relayed(&self) -> String {
        let relay = self.relay().await;
        format!("postgres://{SERVER}@{}/{}?sslmode=disable", relay.address(), self.name)
    }

    pub(crate) async fn relay(&self) -> &Relay {
        self.relay.get_or_init(|| Relay::to(self.cluster.address())).await
    }

    /// Makes the log of a namespace as its owner does, and the roles that programs sign in with.
    pub(crate) async fn make(&self, namespace: &str) -> LogIdentity {
        let made = init(&self.url_of(SUPERUSER), name(namespace), Arc::new(chrono::DateTime::default)).await;
        for (role, group) in [(SERVER, "carefold_server"), (READER, "carefold_reader")] {
            self.sql(&format!(
                "DO $$ BEGIN CREATE ROLE {role} LOGIN IN ROLE {group};
                 EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            ));
        }
        made.expect("a log that is made")
    }

    pub(crate) fn sql(&self, statements: &str) -> String {
        self.cluster.sql(&self.name, statements)
    }
}

pub(crate) fn name(namespace: &str) -> Namespace {
    Namespace::parse(namespace).expect("a namespace")
}

#[async_trait]
impl Site for Database {
    fn fresh(&self) -> Arc<dyn Site> {
        Arc::new(Self::within(Arc::clone(&self.cluster)))
    }

    fn traits(&self) -> StoreTraits {
        StoreTraits { dense: true, unique_ids: true, one_writer: false }
    }

    async fn open_as(&self, namespace: &str, access: Access, clock: Clock) -> Result<Arc<dyn Journal>, OpenError> {
        let schema = format!("SELECT 1 FROM pg_namespace WHERE nspname = 'carefold_{namespace}'");
        if access == Access::Write && self.sql(&schema).is_empty() {
            self.make(namespace).await;
        }
        open(&self.relayed().await, name(namespace), access, clock).await
    }

    fn url(&self) -> String {
        self.url_of(SERVER)
    }

    /// What nobody but an administrator can do, and only with the log's triggers taken away.
    async fn flip_byte_of(&self, mark: &[u8]) {
        let hex: String = mark.iter().map(|byte| format!("{byte:02x}")).collect();
        let at = mark.len() / 2;
        self.sql(&format!(
            "ALTER TABLE carefold_care.event DISABLE TRIGGER ALL;
             UPDATE carefold_care.event SET data = set_byte(data, {at}, get_byte(data, {at}) # 32)
               WHERE data = '\\x{hex}'::bytea;
             ALTER TABLE carefold_care.event ENABLE ALWAYS TRIGGER event_never_changes;
             ALTER TABLE carefold_care.event ENABLE ALWAYS TRIGGER event_only_appended"
        ));
    }

    async fn rewrite(&self) -> Vec<&'static str> {
        let attempts = [
            "UPDATE carefold_care.event SET event_type = 'note.changed' WHERE position = 1",
            "UPDATE carefold_care.event SET event_type = event_type",
            "DELETE FROM carefold_care.event WHERE position = 2",
            "DELETE FROM carefold_care.event",
            "TRUNCATE carefold_care.event",
            "TRUNCATE carefold_care.event, carefold_care.log_head",
            "SET session_replication_role = replica; DELETE FROM carefold_care.event",
            "INSERT INTO carefold_care.event SELECT 3, gen_random_uuid(), stream, 2, event_type, data, meta, stored_at, digest,
             row_check FROM carefold_care.event WHERE position = 1",
            "INSERT INTO carefold_care.event SELECT * FROM carefold_care.event WHERE position = 2
             ON CONFLICT (position) DO UPDATE SET event_type = 'note.changed'",
            "MERGE INTO carefold_care.event e USING (SELECT 1) one ON e.position = 1 WHEN MATCHED THEN DELETE",
            "UPDATE carefold_care.log_head SET position = 1",
            "UPDATE carefold_care.log_head SET stored_at = -1",
            "DELETE FROM carefold_care.log_head",
            "INSERT INTO carefold_care.log_head SELECT false, format, namespace, log_id, epoch FROM carefold_care.log_head",
        ];
        let by_server = ["CREATE TABLE carefold_care.other (n int)", "DROP TABLE carefold_care.event"];
        let by_server = by_server.into_iter().map(|attempt| (SERVER, attempt));
        let by_all = attempts.into_iter().flat_map(|attempt| [(SERVER, attempt), (SUPERUSER, attempt)]);
        let let_happen = |(role, attempt): &(&str, &str)| self.cluster.sql_as(role, &self.name, attempt).is_ok();
        by_all.chain(by_server).filter(let_happen).map(|(_, attempt)| attempt).collect()
    }

    async fn renew_epoch(&self) -> LogIdentity {
        crate::renew_epoch(&self.url_of(SUPERUSER), name("care")).await.expect("a new epoch")
    }

    /// The first two happen on the real connection, to the request whose events begin with the contract's words. A full
    /// disk is simulated by a trigger that raises what PostgreSQL raises; a sequence, which no rollback takes back,
    /// lets it happen once.
    fn arm(&self, fault: Fault) {
        let relay = self.relay.get().expect("the log was opened");
        match fault {
            Fault::AcknowledgementLost => relay.lose_answer(b"note "),
            Fault::CommitLost => relay.lose_request(b"note "),
            Fault::DiskFull => drop(self.sql(
                "CREATE SEQUENCE disk;
                 CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                   IF nextval('public.disk') = 1 THEN
                     RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100';
                   END IF;
                   RETURN NULL;
                 END $$;
                 CREATE TRIGGER full_disk AFTER INSERT ON carefold_care.event EXECUTE FUNCTION full_disk()",
            )),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_the_contract() {
    let Some(_running) = test_stores::postgres::Cluster::shared() else { return };
    contract::run(&Backend {
        name: "postgres",
        claims: &[Class::Core, Class::Reopened, Class::Durable, Class::Faults, Class::Unique],
        unclaimed: &[],
        start: || Arc::new(Database::new()),
    })
    .await;
}
