//! Pages of the log and of its streams, and the end of the log.
//!
//! The log is read with a filter on the names of its streams, since a shared store may have many events of others between
//! two events of this log. Such a read does not report how far it scanned, and the client cannot distinguish a read that a
//! proxy cut short from a complete one. So the last event of the whole store is read first, and the filter includes its
//! stream as well: a read that returned it has scanned up to it, and the next read begins there.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use eventstore::RecordedEvent;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::connection::{End, PIECE_EVENTS_MAX, Piece};
use super::encoding::{NUMBER_MAX, allows_removal, decode};
use super::failure::Failure;
use super::store::Store;
use crate::{Direction, Fatal, LogPage, Position, ReadError, Recorded, Revision, StreamName, StreamPage};

/// How long a follower may miss what another node committed.
pub(super) const POLL: Duration = Duration::from_millis(200);

/// The fewest events of one read, since some of them may be from the stream of the store's last event.
const SEARCH_EVENTS_MIN: usize = 64;

/// Reads the log.
pub(super) struct Reading {
    store: Store,
    /// The position at which the log was created: it has no events before.
    made_at: u64,
    /// The highest known position, of this log or of others.
    grown: watch::Sender<u64>,
    /// When the end was last read.
    looked_at: Mutex<Instant>,
    ends: Shared<End>,
    heads: Shared<Head>,
}

/// The last event of this log, and how far the store was scanned for it.
#[derive(Clone, Copy)]
struct Head {
    last: Option<Position>,
    scanned: u64,
}

/// The events after a position.
struct Looked {
    /// Events of this log, as the store returned them.
    events: Vec<RecordedEvent>,
    /// The position up to which the store was scanned.
    scanned: u64,
    /// There were no further events at the time of the read.
    complete: bool,
}

impl Reading {
    /// Reads the end of the log. Returns its last event, if that is undamaged.
    pub(super) async fn begin(store: Store, made_at: u64) -> Result<(Self, Option<Recorded>), Failure> {
        let names = store.names();
        let end = store.read(|connection| async move { connection.end().await }).await?;
        let end = end.unwrap_or(End { position: made_at, stream: String::new() });
        let last = store.read(|connection| async move { connection.last_of_ours(names).await }).await?;
        if let Some(last) = &last {
            store.saw(Position(last.position.commit), last.id);
        }
        let head = Head { last: last.as_ref().map(|last| Position(last.position.commit)), scanned: end.position };
        // A damaged event is reported to the reader of that event.
        let recorded = last.and_then(|last| decode(names, &last).ok());
        let reading = Self {
            store,
            made_at,
            grown: watch::Sender::new(end.position),
            looked_at: Mutex::new(Instant::now()),
            ends: Shared::new(end),
            heads: Shared::new(head),
        };
        Ok((reading, recorded))
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Is notified when the store has grown.
    pub(super) fn woken(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// Notifies that the store has grown to this position.
    pub(super) fn wake(&self, position: Position) {
        self.grown.send_if_modified(|known| {
            let grown = *known < position.0;
            *known = position.0.max(*known);
            grown
        });
    }

    /// Checks whether the store has grown, unless this was checked just before.
    pub(super) async fn look(&self) -> Result<(), Failure> {
        let looked_at = *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        if looked_at.elapsed() >= POLL {
            self.end().await?;
        }
        Ok(())
    }

    /// The next events of the log.
    pub(super) async fn log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, Failure> {
        let end = self.end().await?;
        let from = after.map_or(self.made_at, |after| after.0.max(self.made_at));
        if end.position <= from {
            return Ok(LogPage { events: Vec::new(), scanned: after, at_head: true });
        }
        let max = usize::try_from(max.get()).unwrap_or(usize::MAX);
        let mut looked = self.after(from, &end, max.saturating_add(2).max(SEARCH_EVENTS_MIN)).await?;
        if looked.events.len() > max {
            looked.events.truncate(max);
            looked.complete = false;
            looked.scanned = looked.events.last().map_or(from, |last| last.position.commit);
        }
        let events = looked.events.iter().map(|event| decode(self.store.names(), event)).collect::<Result<_, _>>()?;
        Ok(LogPage { events, scanned: Some(Position(looked.scanned)), at_head: looked.complete })
    }

    /// The position of the last event of the log.
    pub(super) async fn head(&self) -> Result<Option<Position>, Failure> {
        let topped_up = |mut head: Head| async move {
            let end = self.end().await?;
            while head.scanned < end.position {
                let looked = self.after(head.scanned, &end, PIECE_EVENTS_MAX).await?;
                head.last = looked.events.last().map(|last| Position(last.position.commit)).or(head.last);
                head.scanned = looked.scanned;
            }
            Ok(head)
        };
        Ok(self.heads.fresh(topped_up).await?.last)
    }

    /// Whether the event with this id is at this position and belongs to this log.
    pub(super) async fn holds(&self, position: Position, id: Uuid) -> Result<bool, Failure> {
        if position.0 > self.end().await?.position {
            return Ok(false);
        }
        let found = self.store.read(|connection| async move { connection.at(position.0).await }).await?;
        Ok(found.is_some_and(|event| event.id == id && event.stream_id().starts_with(&self.store.names().prefix)))
    }

    /// A page of a stream.
    pub(super) async fn stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, Failure> {
        let name = self.store.names().of_stream(stream);
        let max = usize::try_from(max.get()).unwrap_or(usize::MAX).min(PIECE_EVENTS_MAX - 1);
        let from = from.map(|from| from.0);
        let mut piece = match (direction, from) {
            (Direction::Forward, Some(beyond)) if beyond > NUMBER_MAX => Piece { events: Vec::new(), complete: true },
            (Direction::Forward, from) => {
                let piece = self.part(&name, from, direction, max + 1).await?;
                contiguous(&piece.events, from.unwrap_or(0))?;
                piece
            }
            (Direction::Backward, from) => {
                let asked = from.filter(|from| *from <= NUMBER_MAX);
                let mut piece = self.part(&name, asked, direction, max + 1).await?;
                if piece.events.is_empty() && asked.is_some() {
                    // The stream is shorter than that, so all of it is wanted.
                    piece = self.part(&name, None, direction, max + 1).await?;
                }
                piece.events.retain(|event| from.is_none_or(|from| event.revision <= from));
                let oldest = piece.events.last().map_or(0, |last| last.revision);
                contiguous(piece.events.iter().rev(), if piece.complete { 0 } else { oldest })?;
                piece
            }
        };
        let at_end = piece.complete && piece.events.len() <= max;
        piece.events.truncate(max);
        if let Some(event) = piece.events.iter().max_by_key(|event| event.position.commit) {
            self.store.saw(Position(event.position.commit), event.id);
        }
        let decoded = piece.events.iter().map(|event| decode(self.store.names(), event));
        let events: Vec<Recorded> = decoded.collect::<Result<_, _>>()?;
        let at_first = direction == Direction::Backward && events.last().is_some_and(|last| last.revision.0 == 0);
        Ok(StreamPage { events, at_end: at_end || at_first })
    }

    /// Some events of a stream as the store returns them; none if the stream has never existed.
    async fn part(&self, name: &str, from: Option<u64>, direction: Direction, max: usize) -> Result<Piece, Failure> {
        let read = self.store.read(|connection| async move {
            match connection.stream(name, from, direction, max).await {
                Err(Failure::Missing) => match connection.retention_of(name).await? {
                    Some(said) if allows_removal(&said) => Err(removed(None)),
                    Some(_) | None => Ok(None),
                },
                Ok(piece) if piece.events.is_empty() && piece.complete && from.is_none_or(|from| from == 0) => {
                    Err(removed(None))
                }
                Ok(piece) => Ok(Some(piece)),
                Err(other) => Err(other),
            }
        });
        Ok(read.await?.unwrap_or(Piece { events: Vec::new(), complete: true }))
    }

    /// The events after a position that is before the end.
    async fn after(&self, from: u64, end: &End, max: usize) -> Result<Looked, Failure> {
        let names = self.store.names();
        let read = self.store.read(|connection| async move {
            let piece = match connection.at_and_after(names, from, end, max).await {
                // The position is within another event: it belongs to a log that continued differently.
                Err(Failure::NoSuchPlace) => return Err(Fatal::LostTail { position: Position(from) }.into()),
                read => read?,
            };
            let last = piece.events.last().map_or(from, |last| last.position.commit);
            if piece.complete && last < end.position {
                return Err(Failure::Broken("it left out its last event".into()));
            }
            Ok(piece)
        });
        let piece = read.await?;
        let mut looked = Looked { events: Vec::new(), scanned: from, complete: piece.complete };
        // The read begins with the event at the position, if one of ours is there.
        for event in piece.events.into_iter().skip_while(|event| event.position.commit == from) {
            let position = event.position.commit;
            if position <= looked.scanned {
                let detail = "the store gives it out of order".into();
                return Err(Fatal::Corrupt { position: Some(Position(position)), detail }.into());
            }
            looked.scanned = position;
            if event.stream_id().starts_with(&names.prefix) {
                self.store.saw(Position(position), event.id);
                looked.events.push(event);
            } else if event.stream_id().starts_with(&names.retention_prefix) && allows_removal(&event) {
                return Err(removed(Some(Position(position))));
            }
        }
        if looked.complete {
            looked.scanned = looked.scanned.max(end.position);
        }
        Ok(looked)
    }

    /// The end of the whole store, read after the call began. Checks that this is still the log that was opened.
    async fn end(&self) -> Result<End, Failure> {
        let asked = |_| async {
            let seen = self.store.last_seen();
            let look = self.store.read(|connection| async move {
                let (proved, end) = tokio::join!(self.store.prove(&connection), connection.end());
                proved?;
                let end = end?.unwrap_or(End { position: 0, stream: String::new() });
                if seen.is_some_and(|seen| end.position < seen) {
                    return Err(Failure::Broken("it shows less than it showed".into()));
                }
                Ok(end)
            });
            look.await
        };
        let end = self.ends.fresh(asked).await?;
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.wake(Position(end.position));
        Ok(end)
    }
}

/// Checks that the revisions are consecutive.
fn contiguous<'a>(events: impl IntoIterator<Item = &'a RecordedEvent>, first: u64) -> Result<(), Failure> {
    for (expected, event) in (first..).zip(events) {
        if event.revision != expected {
            return Err(removed(Some(Position(event.position.commit))));
        }
    }
    Ok(())
}

fn removed(position: Option<Position>) -> Failure {
    Fatal::Corrupt { position, detail: "events of its stream were removed, or may be".into() }.into()
}

/// One answer for all callers that asked before the request was sent. A later caller gets a later answer.
struct Shared<T> {
    begun: AtomicU64,
    said: tokio::sync::Mutex<Said<T>>,
}

struct Said<T> {
    /// The number of the request that this answers.
    number: u64,
    known: T,
    outcome: Result<(), Failure>,
}

impl<T: Clone> Shared<T> {
    fn new(known: T) -> Self {
        Self { begun: AtomicU64::new(0), said: tokio::sync::Mutex::new(Said { number: 0, known, outcome: Ok(()) }) }
    }

    /// An answer to a request that was sent after this call began.
    async fn fresh<F: Future<Output = Result<T, Failure>>>(&self, ask: impl FnOnce(T) -> F) -> Result<T, Failure> {
        let before = self.begun.load(Ordering::SeqCst);
        let mut said = self.said.lock().await;
        if said.number <= before {
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let outcome = ask(said.known.clone()).await;
            said.outcome = outcome.map(|known| said.known = known);
            // Only now: a cancelled request has no answer for others.
            said.number = number;
        }
        said.outcome.clone().map(|()| said.known.clone())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Found(error)
    }
}
