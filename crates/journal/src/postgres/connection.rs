//! One connection, verified to lead to the log that was opened, and the state that all connections of a journal share.
//!
//! After a fail-over the same URL may lead to a server that lost the end of the log, or to one that was restored. So
//! every new connection is first checked: it must lead to the same log in the same epoch, and the last event that this
//! journal has seen must still be at its position. Otherwise nothing more is read or appended.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::tls::NoTls;
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Client};
use uuid::Uuid;

use super::address::Address;
use super::failure::Failure;
use crate::clock::Clock;
use crate::{Fatal, LogIdentity, Namespace, Position};

/// How long it may take to try all hosts, sign in, and verify the log.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// The first pause after a failed connection; it doubles.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// The settings of every connection: only committed data is visible, an acknowledged commit is on the disk, and a plan
/// that was made while the log was small does not scan a large log. Compilation would delay the queries that do scan it.
const SETUP: &str = "SET default_transaction_isolation = 'read committed';
    SET jit = off;
    SET enable_seqscan = off;
    SET enable_bitmapscan = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// The schema of a namespace's log.
#[derive(Debug, Clone)]
pub(crate) struct Schema(String);

impl Schema {
    /// `carefold_care` for `care`.
    pub(crate) fn of(namespace: &Namespace) -> Self {
        Self(format!("carefold_{namespace}"))
    }

    /// Replaces `{schema}` in a statement by this schema.
    pub(crate) fn within(&self, statement: &str) -> String {
        statement.replace("{schema}", &self.0)
    }

    /// Its name, which needs no quotes.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The state that all connections of an open log share.
pub(crate) struct Log {
    pub address: Address,
    pub schema: Schema,
    pub identity: LogIdentity,
    pub clock: Clock,
    /// Changes when there may be more to read.
    pub grown: watch::Sender<()>,
    /// The last event that this process appended or read.
    seen: Mutex<Option<(Position, Uuid)>>,
    ended: OnceLock<Fatal>,
}

impl Log {
    pub(crate) fn new(address: Address, schema: Schema, identity: LogIdentity, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            address,
            schema,
            identity,
            clock,
            grown: watch::Sender::new(()),
            seen: Mutex::default(),
            ended: OnceLock::new(),
        })
    }

    /// Notes that this event is in the log.
    pub(crate) fn saw(&self, position: Position, id: Uuid) {
        let mut seen = held(&self.seen);
        if seen.is_none_or(|(last, _)| last < position) {
            *seen = Some((position, id));
        }
    }

    /// Fails permanently once the log has lost its end, since other data that was read may depend on it.
    pub(crate) fn sound(&self) -> Result<(), Failure> {
        self.ended.get().map_or(Ok(()), |fatal| Err(Failure::Fatal(fatal.clone())))
    }

    /// A new connection, verified to lead to this log.
    pub(crate) async fn connect(&self) -> Result<Connection, Failure> {
        self.sound()?;
        let connecting = async {
            let connection = Connection::open(&self.address, &self.grown).await?;
            self.prove(&connection).await?;
            Ok(connection)
        };
        timed(CONNECT_TIME_MAX, connecting).await.map_err(Failure::unasked)
    }

    async fn prove(&self, connection: &Connection) -> Result<(), Failure> {
        let seen = *held(&self.seen);
        let at = seen.map_or(0, |(position, _)| position.0.cast_signed());
        let rows = connection
            .client
            .query_typed(
                &self.schema.within(
                    "SELECT h.log_id, h.epoch, (SELECT e.event_id FROM {schema}.event e WHERE e.position = $1),
                            pg_is_in_recovery()
                     FROM {schema}.log_head h",
                ),
                &[(&at, Type::INT8)],
            )
            .await
            .map_err(|error| Failure::of(&error))?;
        let row = rows.first().ok_or_else(|| Failure::damaged("the log has no head".into()))?;
        let read = |error: tokio_postgres::Error| Failure::damaged(error.to_string());
        let now = LogIdentity { log: row.try_get(0).map_err(read)?, epoch: row.try_get(1).map_err(read)? };
        self.same(now)?;
        let found: Option<Uuid> = row.try_get(2).map_err(read)?;
        let follows: bool = row.try_get(3).map_err(read)?;
        match seen {
            // The standby may receive it later; nothing is read from it until then.
            Some(_) if follows && found.is_none() => {
                Err(Failure::Unavailable("a standby does not have yet what was read before".into()))
            }
            Some((position, id)) if found != Some(id) => {
                let lost = Fatal::LostTail { position };
                tracing::error!(%position, "the log no longer holds its end; nothing more is read from it or written to it");
                Err(Failure::Fatal(self.ended.get_or_init(|| lost).clone()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether this is the log that was opened, in the same epoch.
    pub(crate) fn same(&self, now: LogIdentity) -> Result<(), Failure> {
        if now == self.identity { Ok(()) } else { Err(Failure::Restored { seen: self.identity, now }) }
    }

    /// Retries until it succeeds, fails permanently, or `until` is reached.
    pub(crate) async fn connect_until(&self, until: Instant) -> Result<Connection, Failure> {
        let mut pauses = Pauses::new(&self.clock);
        loop {
            let failure = match self.connect().await {
                Ok(connection) => return Ok(connection),
                Err(failure) => failure,
            };
            let pause = pauses.next();
            let goes_on = matches!(failure, Failure::Unavailable(_)) && Instant::now() + pause < until;
            if !goes_on {
                return Err(failure);
            }
            sleep(pause).await;
        }
    }
}

/// Pauses that double, each shortened by up to a half, so that nodes do not reconnect to a server at the same moment.
pub(crate) struct Pauses<'a> {
    clock: &'a Clock,
    next: Duration,
}

impl<'a> Pauses<'a> {
    pub(crate) fn new(clock: &'a Clock) -> Self {
        Self { clock, next: PAUSE_MIN }
    }

    /// The next pause. The last digits of the clock serve as randomness, since they differ between nodes.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(PAUSE_MAX);
        whole - whole.mul_f64(f64::from((self.clock)().timestamp_subsec_micros() % 1_000) / 2_000.0)
    }
}

/// A connection and its task. Dropping it ends both, even during a request.
pub(crate) struct Connection {
    pub client: Client,
    driver: JoinHandle<()>,
    ended: watch::Receiver<()>,
}

impl Connection {
    /// Connects, without checking which log is there. `grown` is notified when the log has grown.
    pub(crate) async fn open(address: &Address, grown: &watch::Sender<()>) -> Result<Self, Failure> {
        let failed = |error: tokio_postgres::Error| Failure::of_connecting(&error);
        let (ends, ended) = watch::channel(());
        let signals = Signals { grown: grown.clone(), _ends: ends };
        let (client, driver) = match &address.tls {
            None => {
                let (client, connection) = address.config.connect(NoTls).await.map_err(failed)?;
                (client, tokio::spawn(drive(connection, signals)))
            }
            Some(tls) => {
                let (client, connection) = address.config.connect(tls.clone()).await.map_err(failed)?;
                (client, tokio::spawn(drive(connection, signals)))
            }
        };
        let connection = Self { client, driver, ended };
        connection.client.batch_execute(SETUP).await.map_err(failed)?;
        Ok(connection)
    }

    /// Whether it is known to be closed.
    pub(crate) fn is_gone(&self) -> bool {
        self.client.is_closed()
    }

    /// Returns when it is closed.
    pub(crate) async fn gone(&self) {
        // Nothing is ever sent; the sender is dropped with the connection.
        drop(self.ended.clone().changed().await);
    }
}

/// Receives a connection's notifications and its end.
struct Signals {
    grown: watch::Sender<()>,
    _ends: watch::Sender<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

async fn drive<S, T>(mut driven: tokio_postgres::Connection<S, T>, signals: Signals)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    // The callers that wait for an answer get the error that ends this loop.
    while let Some(Ok(message)) = poll_fn(|context| driven.poll_message(context)).await {
        if matches!(message, AsyncMessage::Notification(_)) {
            signals.grown.send_replace(());
        }
    }
}

/// The result, or a failure after `time_max`; after the failure, the work may or may not have had its effect.
pub(crate) async fn timed<T>(time_max: Duration, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let late = |_| Failure::Unknown(format!("no answer within {} s", time_max.as_secs()));
    timeout(time_max, work).await.map_err(late)?
}

pub(crate) fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
