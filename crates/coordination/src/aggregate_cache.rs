//! The aggregate cache: folded aggregates, so that a command need not read its stream from the start.
//!
//! There is one cache for all aggregates, bounded by its estimated size in bytes.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use care::event::Stream;
use care::ids::CommandId;
use journal::{Expected, Position, Revision};
use lru::LruCache;

use crate::lock::locked;

/// Bytes that all kept aggregates may take, as estimated.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// What one aggregate takes apart from its commands, and what each command adds: its entry and,
/// at most, a message's.
const AGGREGATE_BYTES: usize = 2 * 1024;
const COMMAND_BYTES: usize = 192;

/// A command that a stream has executed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessedCommand {
    pub position: Position,
    pub input: Option<[u8; 32]>,
}

/// An aggregate with its place in the log and the commands that made it.
#[derive(Debug, Clone)]
pub(crate) struct CachedAggregate<A> {
    pub state: A,
    /// The revision of its newest event; none before the first.
    pub last: Option<Revision>,
    /// The revision of its newest transition; none before the first.
    pub last_transition: Option<Revision>,
    pub commands: HashMap<CommandId, ProcessedCommand>,
}

impl<A> CachedAggregate<A> {
    pub fn expected(&self) -> Expected {
        self.last.map_or(Expected::NoStream, Expected::Exact)
    }

    fn bytes(&self) -> usize {
        AGGREGATE_BYTES.saturating_add(self.commands.len().saturating_mul(COMMAND_BYTES))
    }
}

/// The place of one aggregate. Its lock makes commands on one stream wait for each other on this
/// node; between nodes the journal's expected revision decides.
pub(crate) type Slot = Arc<tokio::sync::Mutex<Option<Box<dyn Any + Send>>>>;

/// Takes the aggregate out of its slot while it is worked on: a request that is dropped midway
/// leaves no stale state.
pub(crate) fn take<A: 'static>(slot: &mut Option<Box<dyn Any + Send>>) -> Option<CachedAggregate<A>> {
    slot.take()?.downcast().ok().map(|cached| *cached)
}

#[derive(Default)]
struct Kept {
    slots: Option<LruCache<Stream, (Slot, usize)>>,
    bytes: usize,
}

/// The aggregates that are kept, least recently used first to go.
#[derive(Default)]
pub(crate) struct AggregateCache(Mutex<Kept>);

impl AggregateCache {
    /// The place of a stream's aggregate, made if it is not there.
    pub fn slot(&self, stream: Stream) -> Slot {
        let mut kept = locked(&self.0);
        let slots = kept.slots.get_or_insert_with(LruCache::unbounded);
        Arc::clone(&slots.get_or_insert(stream, || (Slot::default(), 0)).0)
    }

    /// Puts an aggregate back into its slot, and drops others while all take too much.
    pub fn put<A: Send + 'static>(
        &self,
        stream: Stream,
        slot: &mut Option<Box<dyn Any + Send>>,
        cached: CachedAggregate<A>,
    ) {
        let bytes = cached.bytes();
        *slot = Some(Box::new(cached));
        let mut kept = locked(&self.0);
        let Kept { slots, bytes: all } = &mut *kept;
        let Some(slots) = slots else { return };
        if let Some((_, before)) = slots.get_mut(&stream) {
            *all = all.saturating_sub(*before).saturating_add(bytes);
            *before = bytes;
        }
        while *all > BYTES_MAX && slots.len() > 1 {
            let Some((_, (_, freed))) = slots.pop_lru() else { break };
            *all = all.saturating_sub(freed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::ids::{Id, ThreadId};
    use uuid::Uuid;

    fn cached(commands: u128) -> CachedAggregate<u8> {
        let processed = ProcessedCommand { position: Position(1), input: None };
        let commands = (0..commands).map(|bits| (CommandId::from_uuid(Uuid::from_u128(bits)), processed)).collect();
        CachedAggregate { state: 1, last: None, last_transition: None, commands }
    }

    #[tokio::test]
    async fn the_cache_is_bounded_in_bytes_and_keeps_the_newest_aggregate() {
        let cache = AggregateCache::default();
        let stream = |bits| Stream::Thread(ThreadId::from_uuid(Uuid::from_u128(bits)));
        for bits in 0..20 {
            let slot = cache.slot(stream(bits));
            let mut slot = slot.lock().await;
            cache.put(stream(bits), &mut slot, cached(40_000));
        }
        assert!(locked(&cache.0).bytes <= BYTES_MAX);
        let kept = |bits| {
            let slot = cache.slot(stream(bits));
            async move { slot.lock().await.is_some() }
        };
        assert!(kept(19).await && !kept(0).await);
    }
}
