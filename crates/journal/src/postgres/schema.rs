//! Creates a log in a database, opens an existing one, gives it a new epoch, and verifies that it has the published schema.
//!
//! [`open_existing`] is called before any other use of a log and creates nothing. [`init`] and [`renew_epoch`] need the
//! rights of the schema's owner, which a server does not have.

use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::address::Address;
use super::connection::{Connection, Schema, timed};
use super::failure::Failure;
use crate::{Access, Damage, LogIdentity, Namespace, OpenError};

/// The published schema.
const SCHEMA: &str = include_str!("../../../../schema/journal-postgres.sql");
/// The published roles and their rights.
const ROLES: &str = include_str!("../../../../schema/journal-postgres-roles.sql");
/// The format that this program writes and reads.
const FORMAT: i32 = 1;
/// How long opening or creating a log may take.
const OPEN_TIME_MAX: Duration = Duration::from_secs(15);

/// Connects and verifies that this is the log of the namespace, in a known format.
pub(crate) async fn open_existing(
    address: &Address,
    schema: &Schema,
    namespace: &Namespace,
    access: Access,
) -> Result<(Connection, LogIdentity), OpenError> {
    let at = format!("schema {schema} of {address} (carefold journal init makes it)");
    let recognising = async {
        let connection = Connection::open(address, &watch::Sender::new(())).await.map_err(Found::Failed)?;
        let queries = SchemaQueries { connection: &connection, schema };
        if queries.rows("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", schema.as_str()).await?.is_empty() {
            return Err(Found::Nothing);
        }
        let identity = queries.identity(namespace).await?;
        if access == Access::Write {
            queries.may_append().await?;
        }
        Ok((connection, identity))
    };
    // While opening, a timeout means that nothing was changed.
    let late = |_| OpenError::Unavailable { reason: format!("no answer within {} s", OPEN_TIME_MAX.as_secs()) };
    let recognised = tokio::time::timeout(OPEN_TIME_MAX, recognising).await.map_err(late)?;
    recognised.map_err(|found| match found {
        Found::Nothing => OpenError::Missing { place: at },
        Found::Failed(failure) => failure.opening(&format!("{address}")),
        Found::Other(found) => OpenError::Foreign { place: format!("schema {schema} of {address}"), found },
        Found::Format(found) => OpenError::Format { found: found.into(), known: FORMAT.into() },
    })
}

/// Creates the log and the roles if they are missing; verifies an existing log.
pub(crate) async fn init(url: &str, namespace: Namespace, identity: LogIdentity) -> Result<LogIdentity, OpenError> {
    let address = Address::parse(url, Access::Write)?;
    let schema = Schema::of(&namespace);
    let making = async {
        let connection = Connection::open(&address, &watch::Sender::new(())).await?;
        make(&connection, &schema, &namespace, identity).await
    };
    timed(OPEN_TIME_MAX, making).await.map_err(|failure| failure.opening(&address.to_string()))?;
    open_existing(&address, &schema, &namespace, Access::ReadOnly).await.map(|(_, identity)| identity)
}

async fn make(
    connection: &Connection,
    schema: &Schema,
    namespace: &Namespace,
    identity: LogIdentity,
) -> Result<(), Failure> {
    let failed = |error: tokio_postgres::Error| Failure::of(&error);
    let run = async |statements: &str| connection.client.batch_execute(statements).await.map_err(failed);
    run("BEGIN").await?;
    // Concurrent callers run one after the other; the second one finds the log.
    run("SELECT pg_advisory_xact_lock(hashtext('carefold journal init'))").await?;
    let queries = SchemaQueries { connection, schema };
    let there = queries.rows("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", schema.as_str()).await;
    if there.map_err(Found::failure)?.is_empty() {
        run(&schema.within(SCHEMA)).await?;
        let head =
            schema.within("INSERT INTO {schema}.log_head (format, namespace, log_id, epoch) VALUES ($1, $2, $3, $4)");
        let values: [(&(dyn ToSql + Sync), Type); 4] = [
            (&FORMAT, Type::INT4),
            (&namespace.as_str(), Type::TEXT),
            (&identity.log, Type::UUID),
            (&identity.epoch, Type::UUID),
        ];
        connection.client.execute_typed(&head, &values).await.map_err(failed)?;
        run(&schema.within(ROLES)).await?;
    } else if queries.identity(namespace).await.is_ok() {
        run(&schema.within(ROLES)).await?;
    }
    // All of it is rolled back if the connection is dropped before this.
    run("COMMIT").await
}

/// Begins a new epoch. Events and positions stay as they are.
pub(crate) async fn renew_epoch(url: &str, namespace: Namespace, epoch: Uuid) -> Result<LogIdentity, OpenError> {
    let address = Address::parse(url, Access::Write)?;
    let schema = Schema::of(&namespace);
    let (connection, _) = open_existing(&address, &schema, &namespace, Access::ReadOnly).await?;
    let renewing = async {
        let sql = schema.within("UPDATE {schema}.log_head SET epoch = $1 RETURNING log_id, epoch");
        let rows = connection.client.query_typed(&sql, &[(&epoch, Type::UUID)]).await;
        let rows = rows.map_err(|error| Failure::of(&error))?;
        rows.first().and_then(identity_in).ok_or_else(|| Failure::damaged("the log has no head".into()))
    };
    timed(OPEN_TIME_MAX, renewing).await.map_err(|failure| failure.opening(&address.to_string()))
}

/// Verifies that the published schema is in force: its tables, its constraints, its triggers, and the exact text of its
/// functions. The error names what an owner has removed or changed.
pub(crate) async fn structure(url: &str, namespace: &Namespace) -> Result<(), Damage> {
    let address = Address::parse(url, Access::ReadOnly)?;
    let schema = Schema::of(namespace);
    let (connection, _) = open_existing(&address, &schema, namespace, Access::ReadOnly).await?;
    let queries = SchemaQueries { connection: &connection, schema: &schema };
    let found = timed(OPEN_TIME_MAX, async { queries.structure().await.map_err(Found::failure) }).await;
    let found = found.map_err(|failure| failure.opening(&address.to_string()))?;
    for published in published(&schema) {
        if !found.contains(&published) {
            return Err(Damage::Structure { page: None, detail: published.missing() });
        }
    }
    Ok(())
}

/// Why the place of a log does not hold the expected log.
enum Found {
    Nothing,
    /// Another object with that name.
    Other(String),
    Format(i32),
    Failed(Failure),
}

impl Found {
    fn failure(self) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::Nothing => Failure::Missing("there is no log".into()),
            Self::Other(found) => Failure::damaged(found),
            Self::Format(found) => Failure::damaged(format!("it has format {found}")),
        }
    }
}

/// Part of a schema: its type, its name, and its content.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    what: String,
    name: String,
    says: String,
}

impl Part {
    fn new(what: &str, name: &str, says: &str) -> Self {
        Self { what: what.into(), name: name.into(), says: says.into() }
    }

    fn missing(&self) -> String {
        format!("the {} {} is not as published", self.what, self.name)
    }
}

/// The required parts. Functions are compared by their text, everything else by name and state.
fn published(schema: &Schema) -> Vec<Part> {
    let text = schema.within(SCHEMA);
    let functions = ["append", "refuse", "only_appended", "only_forward"].map(|name| {
        let body = text.split(&format!("${name}$")).nth(1).unwrap_or_default();
        Part::new("function", name, body)
    });
    let triggers = ["event_never_changes", "event_only_appended", "log_head_stays", "log_head_only_forward"];
    let constraints = [
        "event_pkey",
        "event_event_id_key",
        "event_stream_revision_key",
        "event_digest_check",
        "event_row_check_check",
    ];
    let columns = [
        ("event.position", "bigint"),
        ("event.event_id", "uuid"),
        ("event.stream", "text"),
        ("event.revision", "bigint"),
        ("event.event_type", "text"),
        ("event.data", "bytea"),
        ("event.meta", "bytea"),
        ("event.stored_at", "bigint"),
        ("event.digest", "bytea"),
        ("event.row_check", "bytea"),
        ("log_head.position", "bigint"),
        ("log_head.epoch", "uuid"),
    ];
    let mut parts = Vec::from(functions);
    parts.extend(triggers.map(|name| Part::new("trigger", name, "fires always")));
    parts.extend(constraints.map(|name| Part::new("constraint", name, "valid")));
    parts.extend(columns.map(|(name, data_type)| Part::new("column", name, &format!("{data_type} not null"))));
    parts
}

/// Queries about a schema.
struct SchemaQueries<'a> {
    connection: &'a Connection,
    schema: &'a Schema,
}

impl SchemaQueries<'_> {
    async fn rows(&self, sql: &str, name: &str) -> Result<Vec<Row>, Found> {
        let sql = self.schema.within(sql);
        let params: &[(&(dyn ToSql + Sync), Type)] = &[(&name, Type::TEXT)];
        let params = if sql.contains("$1") { params } else { &[] };
        self.connection.client.query_typed(&sql, params).await.map_err(|error| Found::Failed(Failure::of(&error)))
    }

    async fn identity(&self, namespace: &Namespace) -> Result<LogIdentity, Found> {
        let other = || Found::Other("a schema that holds no log of ours".into());
        let rows = self.rows("SELECT log_id, epoch, format, namespace FROM {schema}.log_head", "").await;
        let is_other = |found: &Found| matches!(found, Found::Failed(Failure::Missing(_)));
        let rows = rows.map_err(|found| if is_other(&found) { other() } else { found })?;
        let row = rows.first().ok_or_else(other)?;
        let (Ok(format), Ok(of)) = (row.try_get::<_, i32>(2), row.try_get::<_, &str>(3)) else { return Err(other()) };
        if of != namespace.as_str() {
            return Err(Found::Other(format!("the log of the namespace {of}")));
        }
        if format != FORMAT {
            return Err(Found::Format(format));
        }
        identity_in(row).ok_or_else(other)
    }

    /// Refuses a role that may not append, and warns of a role with more rights than needed.
    async fn may_append(&self) -> Result<(), Found> {
        let rows = self
            .rows(
                "SELECT has_function_privilege(p.oid, 'EXECUTE'), r.rolsuper OR pg_has_role(c.relowner, 'USAGE')
                 FROM pg_catalog.pg_proc p, pg_catalog.pg_class c, pg_catalog.pg_roles r
                 WHERE p.pronamespace = $1::regnamespace AND p.proname = 'append'
                   AND c.relnamespace = p.pronamespace AND c.relname = 'event' AND r.rolname = current_user",
                self.schema.as_str(),
            )
            .await?;
        let says = |column| rows.first().and_then(|row| row.try_get(column).ok()).unwrap_or(false);
        if rows.is_empty() {
            return Err(Found::Other("a schema that holds no log of ours".into()));
        }
        if !says(0) {
            let reason = "the role may not append; grant it carefold_server".to_owned();
            return Err(Found::Failed(Failure::denied(reason)));
        }
        if says(1) {
            tracing::warn!(
                schema = self.schema.as_str(),
                "the journal's role could change stored events; let the server sign in with one that is granted carefold_server"
            );
        }
        Ok(())
    }

    async fn structure(&self) -> Result<Vec<Part>, Found> {
        let rows = self
            .rows(
                "SELECT 'function', proname::text, prosrc FROM pg_catalog.pg_proc
                  WHERE pronamespace = $1::regnamespace AND (proname <> 'append' OR prosecdef)
                 UNION ALL
                 SELECT 'trigger', t.tgname::text, CASE t.tgenabled WHEN 'A' THEN 'fires always' ELSE 'does not' END
                  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
                  WHERE c.relnamespace = $1::regnamespace AND NOT t.tgisinternal
                 UNION ALL
                 SELECT 'constraint', conname::text, CASE WHEN convalidated THEN 'valid' ELSE 'not valid' END
                  FROM pg_catalog.pg_constraint WHERE connamespace = $1::regnamespace
                 UNION ALL
                 SELECT 'column', c.relname || '.' || a.attname,
                        format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
                  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                  WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped",
                self.schema.as_str(),
            )
            .await?;
        let part = |row: &Row| Ok(Part::new(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        let parts: Result<Vec<Part>, tokio_postgres::Error> = rows.iter().map(part).collect();
        parts.map_err(|error| Found::Failed(Failure::damaged(error.to_string())))
    }
}

fn identity_in(row: &Row) -> Option<LogIdentity> {
    Some(LogIdentity { log: row.try_get(0).ok()?, epoch: row.try_get(1).ok()? })
}
