//! The store behind a connection that is replaced when it fails, and verified before it is used again.
//!
//! The client does not recover from every failure: it stays with a node that died, and after a failed first connect it
//! never connects again. So if it does not recover at once, a new client is made from the same URL, after a pause that
//! doubles while none works.
//!
//! After a failure the URL may lead to another node or to a store that was restored. So the first request checks that
//! the log is the one that was opened and still holds the last event that was seen. If it does not, every later request
//! gets this error. The client may also reconnect without reporting it, so the same is checked whenever the end of the
//! log is read, which is before every page and every head.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::address::Address;
use super::connection::{Connection, Timeouts};
use super::encoding::StreamNames;
use super::failure::{Failure, Help};
use super::identity;
use crate::{Fatal, LogIdentity, Position, ReadError};

/// The pause before a new connection; each further one that cannot be proved doubles it.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// A namespace's log in a KurrentDB, over whatever connection works.
pub(super) struct Store {
    address: Address,
    names: StreamNames,
    identity: LogIdentity,
    timeouts: Timeouts,
    slot: tokio::sync::Mutex<Slot>,
    known: Mutex<Known>,
}

/// The connection in use.
struct Slot {
    connection: Connection,
    /// Counts failures, so that all who were asking when it failed are one failure.
    number: u64,
    state: State,
    /// How often in a row it could not be proved.
    unproved: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It works.
    Proved,
    /// Something failed; the client may have found another way.
    Doubtful,
    /// It is of no use; another may be made from then on.
    Useless(Instant),
}

#[derive(Default)]
struct Known {
    /// The last event that was seen.
    last: Option<(u64, Uuid)>,
    /// Why nothing more can be asked.
    ended: Option<ReadError>,
}

/// A connection for one call, and which it is.
struct NumberedConnection {
    connection: Connection,
    number: u64,
}

impl Store {
    /// Goes on with the connection over which this identity was just read.
    pub(super) fn new(
        address: Address,
        names: StreamNames,
        identity: LogIdentity,
        connection: Connection,
        timeouts: Timeouts,
    ) -> Self {
        Self {
            address,
            names,
            identity,
            timeouts,
            slot: tokio::sync::Mutex::new(Slot { connection, number: 0, state: State::Proved, unproved: 0 }),
            known: Mutex::default(),
        }
    }

    pub(super) fn identity(&self) -> LogIdentity {
        self.identity
    }

    pub(super) fn names(&self) -> &StreamNames {
        &self.names
    }

    /// Notes an event that was seen or written.
    pub(super) fn saw(&self, position: Position, id: Uuid) {
        let mut known = self.known();
        if known.last.is_none_or(|(last, _)| last < position.0) {
            known.last = Some((position.0, id));
        }
    }

    /// The position of the last event that was seen.
    pub(super) fn last_seen(&self) -> Option<u64> {
        self.known().last.map(|(position, _)| position)
    }

    /// Asks something that has no effect, again and over other connections until it is answered or the time for that is over.
    pub(super) async fn read<T, F>(&self, ask: impl Fn(Connection) -> F + Send + Sync) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send,
    {
        self.asked(ask, |failure| !matches!(failure.help(), Help::None)).await
    }

    /// Asks something that has an effect: again only where it certainly had none.
    pub(super) async fn write<T, F>(&self, ask: impl Fn(Connection) -> F + Send + Sync) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send,
    {
        self.asked(ask, |failure| matches!(failure, Failure::NotSent(_) | Failure::Moved)).await
    }

    /// Ends the log permanently if it is not the one that was opened any more, or has lost its end.
    pub(super) async fn prove(&self, connection: &Connection) -> Result<(), Failure> {
        let last = self.known().last;
        let held = async {
            match last {
                Some((position, _)) => connection.at(position).await,
                None => Ok(None),
            }
        };
        let (now, held) = tokio::join!(identity::now(connection, &self.names), held);
        let now = now?;
        if now != self.identity {
            return Err(self.end(ReadError::EpochChanged { seen: self.identity, now }));
        }
        match (last, held?) {
            (Some((_, id)), Some(event)) if event.id == id => Ok(()),
            (Some((position, _)), _) => Err(self.end(Fatal::LostTail { position: Position(position) }.into())),
            (None, _) => Ok(()),
        }
    }

    async fn asked<T, F>(
        &self,
        ask: impl Fn(Connection) -> F + Send + Sync,
        again: impl Fn(&Failure) -> bool + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send,
    {
        let until = Instant::now() + self.timeouts.retry;
        loop {
            let (outcome, again) = match timeout_at(until, self.current()).await {
                Ok(Ok(current)) => {
                    let outcome = ask(current.connection.clone()).await;
                    if let Err(failure) = &outcome {
                        self.learn(&current, failure).await;
                    }
                    let repeat = outcome.as_ref().is_err_and(&again);
                    (outcome, repeat)
                }
                Ok(Err(failure)) => {
                    let repeat = matches!(failure, Failure::NotSent(_));
                    (Err(failure), repeat)
                }
                Err(_elapsed) => (Err(Failure::NotSent("it cannot be reached".into())), false),
            };
            if !again || Instant::now() >= until {
                return outcome;
            }
        }
    }

    /// The connection in use; a new one where that is of no use. It is proved.
    async fn current(&self) -> Result<NumberedConnection, Failure> {
        if let Some(ended) = self.known().ended.clone() {
            return Err(Failure::Found(ended));
        }
        let mut slot = self.slot.lock().await;
        if let State::Useless(until) = slot.state {
            sleep_until(until).await;
            slot.connection = Connection::new(&self.address, self.timeouts).await.map_err(Failure::NotSent)?;
            slot.state = State::Doubtful;
        }
        if slot.state == State::Doubtful {
            if let Err(failure) = self.prove(&slot.connection).await {
                let helps = failure.help();
                slot.unproved = slot.unproved.saturating_add(1);
                // A caller that has just learnt the leader gets one attempt to reach it.
                if helps == Help::Connection || helps == Help::Leader && slot.unproved > 1 {
                    slot.state = self.useless(slot.unproved);
                }
                // Nothing was asked yet but for the proof.
                return Err(if helps == Help::None { failure } else { Failure::NotSent(failure.reason()) });
            }
            (slot.state, slot.unproved) = (State::Proved, 0);
        }
        Ok(NumberedConnection { connection: slot.connection.clone(), number: slot.number })
    }

    /// What an answer says of the connection.
    async fn learn(&self, current: &NumberedConnection, failure: &Failure) {
        let state = match failure.help() {
            Help::None => return,
            Help::Leader => State::Doubtful,
            Help::Connection if failure.may_pass() => State::Doubtful,
            Help::Connection => self.useless(0),
        };
        let mut slot = self.slot.lock().await;
        if slot.number == current.number {
            slot.number += 1;
            slot.state = state;
        }
    }

    /// When another connection may be made.
    fn useless(&self, unproved: u32) -> State {
        let pause = PAUSE.saturating_mul(2_u32.saturating_pow(unproved)).min(self.timeouts.pause);
        State::Useless(Instant::now() + pause)
    }

    fn end(&self, why: ReadError) -> Failure {
        Failure::Found(self.known().ended.get_or_insert(why).clone())
    }

    /// The state is consistent at any moment, so it is valid after a panic.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
