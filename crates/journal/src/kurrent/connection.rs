//! One connection to KurrentDB and the requests over it. Every request has a timeout; a panic of the client is a failure.
//!
//! The client runs on its own thread, which ends when the connection is dropped. Without this, tasks of the client would
//! outlive it, and a failure in them would block our threads.
//!
//! Every call requires the leader, whichever node the URL prefers, since only the leader certainly returns what was
//! acknowledged. The client's subscriptions are not used: when one ends without an error, its loop never ends.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use eventstore::{
    AppendToStreamOptions, Client, Credentials, EventData, Position, ReadAllOptions, ReadStream, ReadStreamOptions,
    RecordedEvent, StreamPosition, StreamState, SubscriptionFilter, WriteResult,
};
use futures_util::FutureExt;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

use super::address::Address;
use super::encoding::{StreamNames, retention_of};
use super::failure::Failure;
use crate::{Direction, Expected};

/// How long each kind of request may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// A request that the store answers quickly.
    pub answer: Duration,
    /// An append, which the store may first have to replicate.
    pub append: Duration,
    /// A search for the next event, among many events of others.
    pub search: Duration,
    /// How long a read, or an append that certainly had no effect, is retried.
    pub retry: Duration,
    /// The longest pause between two connections.
    pub pause: Duration,
}

impl Timeouts {
    pub(crate) const USUAL: Self = Self {
        answer: Duration::from_secs(3),
        append: Duration::from_secs(10),
        search: Duration::from_secs(60),
        retry: Duration::from_secs(5),
        pause: Duration::from_secs(5),
    };
}

/// Some events of a stream or of the log, as the store returned them.
pub(super) struct Piece {
    pub events: Vec<RecordedEvent>,
    /// There were no further events at the time of the read.
    pub complete: bool,
}

/// The last event of the whole store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    pub position: u64,
    /// The name of its stream, which may belong to another program.
    pub stream: String,
}

/// The most events of one read.
pub(super) const PIECE_EVENTS_MAX: usize = 1_000;
/// A read ends with the event that exceeds this size.
const PIECE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many events the server filters before it checks whether to continue.
const SEARCH_WINDOW: u32 = 500;

/// A client with its own thread. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connection {
    line: Arc<Line>,
    credentials: Option<Credentials>,
    timeouts: Timeouts,
}

struct Line {
    client: Client,
    runtime: Option<Runtime>,
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Connection {
    /// Creates a client. It connects at its first request.
    ///
    /// Fails if the certificates that the URL names cannot be read.
    pub(super) async fn new(address: &Address, timeouts: Timeouts) -> Result<Self, String> {
        let settings = address.settings.clone();
        let made = spawn_blocking(move || {
            let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("kurrentdb").enable_all().build();
            let runtime = runtime.map_err(|error| error.to_string())?;
            let client = Client::with_runtime_handle(runtime.handle().clone(), settings);
            let line = |client| Line { client, runtime: Some(runtime) };
            client.map(line).map_err(|error| format!("its client cannot begin: {error}"))
        });
        // The client panics on a file that is not a certificate.
        let line =
            made.await.unwrap_or_else(|_| Err("its client cannot begin: a certificate is not understood".into()))?;
        Ok(Self { line: Arc::new(line), credentials: address.credentials.clone(), timeouts })
    }

    /// Appends to a stream; returns its last revision and the position, as the server reports them.
    pub(super) async fn append(
        &self,
        stream: String,
        expected: Expected,
        events: Vec<EventData>,
    ) -> Result<WriteResult, Failure> {
        let state = match expected {
            Expected::NoStream => StreamState::NoStream,
            Expected::Exact(revision) => StreamState::StreamRevision(revision.0),
        };
        let options = AppendToStreamOptions::default().stream_state(state).requires_leader(true);
        let options = options.deadline(self.timeouts.append);
        let options = match &self.credentials {
            Some(credentials) => options.authenticated(credentials.clone()),
            None => options,
        };
        guarded(self.timeouts.append, self.line.client.append_to_stream(stream, &options, events)).await
    }

    /// The last event of the whole store; `None` if the store is empty.
    pub(super) async fn end(&self) -> Result<Option<End>, Failure> {
        let options = ReadAllOptions::default().position(StreamPosition::End).max_count(1);
        let piece = self.all(options, 1, self.timeouts.answer).await?;
        let end = |event: &RecordedEvent| End { position: event.position.commit, stream: event.stream_id().into() };
        Ok(piece.events.first().map(end))
    }

    /// The last event of this namespace; `None` if there is none.
    pub(super) async fn last_of_ours(&self, names: &StreamNames) -> Result<Option<RecordedEvent>, Failure> {
        let filter = SubscriptionFilter::on_stream_name().add_prefix(&names.prefix).max(SEARCH_WINDOW);
        let options = ReadAllOptions::default().position(StreamPosition::End).max_count(1).filter(filter);
        Ok(self.all(options, 1, self.timeouts.search).await?.events.pop())
    }

    /// The events at and after a position: those of this namespace, retention settings of its streams, and events in the
    /// stream of the store's last event. A caller that finds this last event knows that the read reached it.
    pub(super) async fn at_and_after(
        &self,
        names: &StreamNames,
        position: u64,
        end: &End,
        max: usize,
    ) -> Result<Piece, Failure> {
        let prefixes = SubscriptionFilter::on_stream_name().add_prefix(&names.prefix);
        let prefixes = prefixes.add_prefix(&names.retention_prefix).add_prefix(&end.stream);
        let filter = prefixes.max(SEARCH_WINDOW);
        let max = max.min(PIECE_EVENTS_MAX);
        let options = ReadAllOptions::default().position(place(position)).max_count(max).filter(filter);
        self.all(options, max, self.timeouts.search).await
    }

    /// The event at a position, of any stream; `None` if no event begins there.
    pub(super) async fn at(&self, position: u64) -> Result<Option<RecordedEvent>, Failure> {
        let options = ReadAllOptions::default().position(place(position)).max_count(1);
        match self.all(options, 1, self.timeouts.answer).await {
            Ok(mut piece) => Ok(piece.events.pop().filter(|event| event.position.commit == position)),
            Err(Failure::NoSuchPlace) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The last event of a stream; `None` if there is no such stream.
    pub(super) async fn last_of(&self, stream: &str) -> Result<Option<RecordedEvent>, Failure> {
        match self.stream(stream, None, Direction::Backward, 1).await {
            Ok(mut piece) => Ok(piece.events.pop()),
            Err(Failure::Missing) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The retention settings of a stream, if it has any.
    pub(super) async fn retention_of(&self, stream: &str) -> Result<Option<RecordedEvent>, Failure> {
        self.last_of(&retention_of(stream)).await
    }

    /// Some events of a stream, from a revision on, inclusive, or from the start of the direction.
    pub(super) async fn stream(
        &self,
        stream: &str,
        from: Option<u64>,
        direction: Direction,
        max: usize,
    ) -> Result<Piece, Failure> {
        let max = max.min(PIECE_EVENTS_MAX);
        let options = ReadStreamOptions::default().max_count(max).requires_leader(true);
        let options = match direction {
            Direction::Forward => {
                options.forwards().position(from.map_or(StreamPosition::Start, StreamPosition::Position))
            }
            Direction::Backward => {
                options.backwards().position(from.map_or(StreamPosition::End, StreamPosition::Position))
            }
        };
        let options = match &self.credentials {
            Some(credentials) => options.authenticated(credentials.clone()),
            None => options,
        };
        let read = guarded(self.timeouts.answer, self.line.client.read_stream(stream, &options)).await?;
        collected(read, max, self.timeouts.answer).await
    }

    async fn all(&self, options: ReadAllOptions, max: usize, wait: Duration) -> Result<Piece, Failure> {
        let options = options.requires_leader(true);
        let options = match &self.credentials {
            Some(credentials) => options.authenticated(credentials.clone()),
            None => options,
        };
        let read = guarded(wait, self.line.client.read_all(&options)).await?;
        collected(read, max, wait).await
    }
}

fn place(position: u64) -> StreamPosition<Position> {
    StreamPosition::Position(Position { commit: position, prepare: position })
}

/// Collects events until the server has no more, or there are enough. Links are omitted, since they are not events.
async fn collected(mut read: ReadStream, max: usize, wait: Duration) -> Result<Piece, Failure> {
    let (mut events, mut seen, mut bytes) = (Vec::new(), 0, 0);
    while seen < max && bytes <= PIECE_BYTES_MAX {
        let Some(resolved) = guarded(wait, read.next()).await? else {
            return Ok(Piece { events, complete: true });
        };
        seen += 1;
        if let (Some(event), None) = (resolved.event, resolved.link) {
            bytes += event.data.len() + event.custom_metadata.len();
            events.push(event);
        }
    }
    Ok(Piece { events, complete: false })
}

async fn guarded<T>(wait: Duration, call: impl Future<Output = eventstore::Result<T>>) -> Result<T, Failure> {
    match tokio::time::timeout(wait, AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(answer)) => answer.map_err(Failure::from),
        Ok(Err(_panic)) => Err(Failure::Broken("its client does not understand the answer".into())),
        Err(_elapsed) => Err(Failure::Silent(format!("it did not answer within {wait:?}"))),
    }
}
