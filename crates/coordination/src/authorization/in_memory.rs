//! The authorization state in memory: a map of entities for each concept. Asking cannot fail, and what is found by marks is
//! kept in the index.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use care::age::AgeInstants;
use care::event::Stream;
use care::ids::{DelegationId, Id, ThreadId};
use chrono::{DateTime, Utc};
use journal::Position;
use uuid::Uuid;

use super::ages::Ages;
use super::entity::{Entities, Entity};
use super::index::{Changes, Index};
use super::person::PersonFacts;
use super::thread::ThreadFacts;

/// The entities in memory.
#[derive(Default)]
pub(crate) struct AuthorizationState {
    /// The last event folded; none before the first.
    pub at: Option<Position>,
    /// The newest instant at which an event was recorded; none before the first.
    pub newest: Option<DateTime<Utc>>,
    /// How many events that can change authorization were folded, except those of threads.
    pub authority: u64,
    /// The changes since the last round of processes.
    pub changes: Changes,
    tables: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    pub index: Index,
    pub ages: Ages,
    /// Streams that could not be read completely.
    pub parked: BTreeSet<String>,
}

/// An entity in memory.
struct Kept<E> {
    entity: E,
    /// The event that changed it last; none if it is as it was loaded.
    changed_at: Option<Position>,
}

/// An entity at a position of the log, as far as memory knows it.
pub(crate) enum EntityAt<'a, E> {
    /// It was this, or there was none.
    Known(Option<&'a E>),
    /// Memory knows only what it is now.
    Unknown,
}

impl AuthorizationState {
    /// Whether a stream is parked: then a missing fact proves nothing.
    pub fn is_parked(&self, stream: Stream) -> bool {
        !self.parked.is_empty() && self.parked.contains(&stream.to_string())
    }

    fn table<E: Entity>(&self) -> Option<&BTreeMap<Uuid, Kept<E>>> {
        self.tables.get(&TypeId::of::<E>())?.downcast_ref()
    }

    /// All entities of a type.
    pub fn all<E: Entity>(&self) -> impl Iterator<Item = (Uuid, &E)> {
        self.table::<E>().into_iter().flatten().map(|(id, kept)| (*id, &kept.entity))
    }

    /// The entity with an id, by reference.
    pub fn entity<E: Entity>(&self, id: Uuid) -> Option<&E> {
        self.table::<E>()?.get(&id).map(|kept| &kept.entity)
    }

    /// The entity of an id as it was when the log had been folded up to a position; `Unknown` if it has
    /// changed since, or if that cannot be said. An entity goes away only when its stream is parked, so
    /// what is missing now was missing then.
    pub fn entity_at<E: Entity>(&self, id: Uuid, position: Option<Position>) -> EntityAt<'_, E> {
        if self.at < position || !self.parked.is_empty() {
            return EntityAt::Unknown;
        }
        match self.table::<E>().and_then(|table| table.get(&id)) {
            Some(kept) if kept.changed_at > position => EntityAt::Unknown,
            kept => EntityAt::Known(kept.map(|kept| &kept.entity)),
        }
    }

    /// Whether no person is registered yet, so that the installation may register the first.
    pub fn is_empty(&self) -> bool {
        self.all::<PersonFacts>().next().is_none()
    }

    /// The facts of a thread, for questions to the policy.
    pub fn thread(&self, thread: ThreadId) -> Option<&ThreadFacts> {
        self.entity(thread.uuid())
    }
}

impl Entities for AuthorizationState {
    type Fault = Infallible;

    fn get<E: Entity>(&self, id: Uuid) -> Result<Option<Cow<'_, E>>, Infallible> {
        Ok(self.entity(id).map(Cow::Borrowed))
    }

    fn ages(&self, delegation: DelegationId) -> Option<AgeInstants> {
        self.ages.of(delegation)
    }

    fn put<E: Entity>(&mut self, id: Uuid, entity: Option<E>) -> Result<(), Infallible> {
        self.update(id, |_| entity)
    }

    fn update<E: Entity>(&mut self, id: Uuid, fold: impl FnOnce(Option<E>) -> Option<E>) -> Result<(), Infallible> {
        // The facts are moved out and back in, since a copy of a thread's facts for each message would be slow.
        let changed_at = self.at;
        let table = self.tables.entry(TypeId::of::<E>()).or_insert_with(|| Box::new(BTreeMap::<Uuid, Kept<E>>::new()));
        if let Some(table) = table.downcast_mut::<BTreeMap<Uuid, Kept<E>>>() {
            let before = table.remove(&id).map(|kept| kept.entity);
            let marks = before.as_ref().map_or_else(Vec::new, E::marks);
            let after = fold(before);
            self.index.replace(id, marks, after.as_ref().map_or_else(Vec::new, E::marks));
            if let Some(entity) = after {
                table.insert(id, Kept { entity, changed_at });
            }
        }
        Ok(())
    }
}
