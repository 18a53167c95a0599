//! A log in memory: for tests and trials. It keeps the whole contract, but ends with its process.
//!
//! One lock holds everything, and nothing waits while holding it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use futures_util::stream::BoxStream;
use tokio::sync::watch;
use uuid::Uuid;

use crate::append_decision::{AppendDecision, EventLocation, decide_append};
use crate::clock::Clock;
use crate::feed::{self, PAGE_EVENTS_MAX, PageSource};
use crate::{
    Append, AppendError, Appended, Direction, Feed, Journal, LIMITS, Limits, LogIdentity, LogPage, Position, ReadError,
    Recorded, Revision, StreamName, StreamPage,
};

/// A log that ends with the process.
pub(crate) struct Memory {
    identity: LogIdentity,
    clock: Clock,
    log: Arc<Mutex<Log>>,
    head: watch::Sender<()>,
}

/// Position n is at index n - 1.
#[derive(Default)]
struct Log {
    events: Vec<Recorded>,
    streams: HashMap<StreamName, Vec<Recorded>>,
    ids: HashMap<Uuid, EventLocation>,
}

impl Memory {
    /// An empty log.
    pub(crate) fn new(identity: LogIdentity, clock: Clock) -> Self {
        Self { identity, clock, log: Arc::default(), head: watch::Sender::new(()) }
    }
}

#[async_trait]
impl Journal for Memory {
    fn limits(&self) -> Limits {
        LIMITS
    }

    async fn identity(&self) -> Result<LogIdentity, ReadError> {
        Ok(self.identity)
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        LIMITS.check(&append)?;
        let outcome = held(&self.log).append(append, (self.clock)());
        self.head.send_replace(());
        outcome
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        let log = held(&self.log);
        let whole = log.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let max = usize::try_from(max.get()).unwrap_or(usize::MAX);
        let from = from.map(|revision| usize::try_from(revision.0).unwrap_or(usize::MAX));
        let (events, there): (Vec<_>, usize) = match direction {
            Direction::Forward => {
                let part = whole.get(from.unwrap_or(0)..).unwrap_or_default();
                (part.iter().take(max).cloned().collect(), part.len())
            }
            Direction::Backward => {
                let end = from.map_or(whole.len(), |from| from.saturating_add(1).min(whole.len()));
                let part = whole.get(..end).unwrap_or_default();
                (part.iter().rev().take(max).cloned().collect(), part.len())
            }
        };
        Ok(StreamPage { at_end: events.len() == there, events })
    }

    async fn read_log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        Ok(held(&self.log).page(after, max))
    }

    async fn follow(&self, after: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError> {
        let source = Tail { log: Arc::clone(&self.log), head: self.head.subscribe() };
        Ok(feed::follow(source, after))
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        Ok(held(&self.log).events.last().map(|event| event.position))
    }

    async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        Ok(held(&self.log).ids.get(&id).is_some_and(|location| location.position == position))
    }
}

impl Log {
    fn append(&mut self, append: Append, now: DateTime<Utc>) -> Result<Appended, AppendError> {
        let tail = self.streams.get(&append.stream).and_then(|events| events.last()).map(|event| event.revision);
        let Ok(decision) = decide_append::<Infallible>(&append, tail, |id| Ok(self.ids.get(&id).cloned()));
        match decision {
            AppendDecision::Write => Ok(self.write(append, now)),
            AppendDecision::Duplicate(appended) => Ok(appended),
            AppendDecision::Refuse(error) => Err(error),
        }
    }

    fn write(&mut self, append: Append, now: DateTime<Utc>) -> Appended {
        let now = now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now);
        let stored_at = self.events.last().map_or(now, |last| now.max(last.stored_at));
        let first = append.expected.first();
        let mut appended = Appended { first, last: first, position: Position(0) };
        let stream = self.streams.entry(append.stream.clone()).or_default();
        for (revision, event) in (first.0..).zip(append.events) {
            appended.last = Revision(revision);
            appended.position = Position(self.events.len() as u64 + 1);
            let recorded = Recorded {
                position: appended.position,
                stream: append.stream.clone(),
                revision: appended.last,
                id: event.id,
                event_type: event.event_type,
                data: event.data,
                meta: event.meta,
                stored_at,
            };
            let place =
                EventLocation { stream: append.stream.clone(), revision: appended.last, position: appended.position };
            self.ids.insert(recorded.id, place);
            stream.push(recorded.clone());
            self.events.push(recorded);
        }
        appended
    }

    fn page(&self, after: Option<Position>, max: NonZeroU32) -> LogPage {
        let from = after.map_or(0, |after| usize::try_from(after.0).unwrap_or(usize::MAX));
        let max = usize::try_from(max.get()).unwrap_or(usize::MAX);
        let part = self.events.get(from..).unwrap_or_default();
        let events: Vec<_> = part.iter().take(max).cloned().collect();
        LogPage {
            scanned: events.last().map(|event| event.position).or(after),
            at_head: events.len() == part.len(),
            events,
        }
    }
}

struct Tail {
    log: Arc<Mutex<Log>>,
    head: watch::Receiver<()>,
}

#[async_trait]
impl PageSource for Tail {
    async fn page(&mut self, after: Option<Position>) -> Result<LogPage, ReadError> {
        self.head.mark_unchanged();
        Ok(held(&self.log).page(after, PAGE_EVENTS_MAX))
    }

    async fn wait_for_more(&mut self) -> Result<(), ReadError> {
        self.head.changed().await.map_err(|_| ReadError::Unavailable { reason: "the journal was closed".into() })
    }
}

/// A panic while the lock was held would be a fault of `Log`, whose methods finish or change nothing.
fn held(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
