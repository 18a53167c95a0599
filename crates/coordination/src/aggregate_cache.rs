//! Folded aggregates, kept so that a command need not read its stream from the start.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use care::ids::CommandId;
use care::stream::Stream;
use journal::{Expected, Position, Revision};
use lru::LruCache;

/// Folded aggregates of one type that are kept.
const AGGREGATES_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(8_191);

/// What a stream remembers of a command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessedCommand {
    pub position: Position,
    pub input: Option<[u8; 32]>,
}

/// An aggregate with its place and the commands that made it.
#[derive(Debug, Clone)]
pub(crate) struct CachedAggregate<D> {
    pub state: D,
    pub last: Option<Revision>,
    pub commands: HashMap<CommandId, ProcessedCommand>,
}

impl<D> CachedAggregate<D> {
    pub fn expected(&self) -> Expected {
        self.last.map_or(Expected::NoStream, Expected::Exact)
    }
}

type Slot<D> = Arc<tokio::sync::Mutex<Option<CachedAggregate<D>>>>;

/// Folded aggregates of one type. The lock of a slot makes commands on one stream wait for each
/// other on this node; between nodes the journal's expected revision decides.
pub(crate) struct AggregateCache<D>(Mutex<LruCache<Stream, Slot<D>>>);

impl<D> Default for AggregateCache<D> {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(AGGREGATES_MAX)))
    }
}

impl<D> AggregateCache<D> {
    pub fn slot(&self, stream: Stream) -> Slot<D> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.get_or_insert(stream, Slot::<D>::default))
    }
}
