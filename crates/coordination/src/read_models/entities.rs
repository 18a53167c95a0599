//! The entities of the authorization state, encoded in one table: the snapshot's copy of the state in memory. The state
//! in memory is loaded from this table at the start.

use std::borrow::Cow;

use care::age::AgeInstants;
use care::event::Stream;
use care::ids::DelegationId;
use journal::Position;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::authorization::{self, AuthorizationState, Entities, Entity, EntityAt};
use crate::fault::Fault;
use crate::read_models::fold::{Fold, FoldError, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};

const SCHEMA: &str = "
CREATE TABLE entity (name TEXT, id BLOB, data BLOB NOT NULL, PRIMARY KEY (name, id)) STRICT, WITHOUT ROWID;
";

/// The entities of the authorization state.
pub(super) struct DecidingEntities;

impl ReadModel for DecidingEntities {
    // The shapes of the entities are also part of the file's fingerprint.
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        authorization::fold(&mut Written(fold.connection()), fold.recorded())
    }
}

/// The entities of the file into which events are being folded.
pub(crate) struct Written<'a>(pub &'a Connection);

impl Entities for Written<'_> {
    type Fault = FoldError;

    fn get<E: Entity>(&self, id: Uuid) -> Result<Option<Cow<'_, E>>, FoldError> {
        let mut asked = self.0.prepare_cached("SELECT data FROM entity WHERE name = ?1 AND id = ?2")?;
        let data = asked.query_row(params![E::TABLE, id.as_bytes()], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        Ok(data.map(|data| serde_json::from_slice(&data).map(Cow::Owned)).transpose()?)
    }

    /// No date of birth is in the file, and a fold asks for none.
    fn ages(&self, _: DelegationId) -> Option<AgeInstants> {
        None
    }

    fn put<E: Entity>(&mut self, id: Uuid, entity: Option<E>) -> Result<(), FoldError> {
        match entity {
            Some(entity) => {
                let data = serde_json::to_vec(&entity)?;
                self.0
                    .prepare_cached("INSERT OR REPLACE INTO entity (name, id, data) VALUES (?1, ?2, ?3)")?
                    .execute(params![E::TABLE, id.as_bytes(), data])?;
            }
            None => {
                self.0
                    .prepare_cached("DELETE FROM entity WHERE name = ?1 AND id = ?2")?
                    .execute(params![E::TABLE, id.as_bytes()])?;
            }
        }
        Ok(())
    }
}

/// Removes the facts of a stream that cannot be read completely.
pub(super) fn park(connection: &Connection, stream: &str) -> Folded {
    match Stream::parse(stream) {
        Ok(stream) => authorization::park(&mut Written(connection), stream),
        Err(_) => Ok(()),
    }
}

/// An entity of the snapshot.
impl Snapshot {
    /// The entity with an id, if there is one.
    pub fn entity<E: Entity>(&self, id: Uuid) -> Result<Option<E>, Fault> {
        self.one("SELECT data FROM entity WHERE name = ?1 AND id = ?2", params![E::TABLE, id.as_bytes()], |cells| {
            serde_json::from_slice(&cells.bytes()?).map_err(|_| Fault::Row("an entity cannot be read"))
        })
    }
}

/// The entities as a snapshot has them. One that the state in memory has not changed since is taken from
/// there, because both fold it by the same function: reading it would find the same. They only decide, so their rows count
/// against no limit.
pub(crate) struct SnapshotEntities<'a> {
    pub snapshot: &'a Snapshot,
    /// The last event that the snapshot has folded.
    pub position: Option<Position>,
    pub memory: &'a AuthorizationState,
}

/// They are only read.
impl Entities for SnapshotEntities<'_> {
    type Fault = Fault;

    fn get<E: Entity>(&self, id: Uuid) -> Result<Option<Cow<'_, E>>, Fault> {
        match self.memory.entity_at(id, self.position) {
            // A stream that only the read models could not fold is missing in the snapshot alone.
            EntityAt::Known(entity) if !self.snapshot.has_parked() => Ok(entity.map(Cow::Borrowed)),
            EntityAt::Known(_) | EntityAt::Unknown => {
                Ok(self.snapshot.to_decide(|snapshot| snapshot.entity(id))?.map(Cow::Owned))
            }
        }
    }

    fn ages(&self, delegation: DelegationId) -> Option<AgeInstants> {
        self.memory.ages.of(delegation)
    }

    fn put<E: Entity>(&mut self, _: Uuid, _: Option<E>) -> Result<(), Fault> {
        Err(Fault::Row("a snapshot is only read"))
    }
}

/// The whole state, read once at the start, so that no events are replayed.
pub(crate) fn load(snapshot: &Snapshot) -> Result<AuthorizationState, Fault> {
    let mut state = AuthorizationState::default();
    let checkpoint = snapshot.checkpoint()?;
    snapshot.each("SELECT name, id, data FROM entity", [], |cells| {
        let (name, id, data) = (cells.text()?, cells.uuid()?, cells.bytes()?);
        authorization::load(&mut state, &name, id, &data).map_err(|_| Fault::Row("an entity cannot be read"))
    })?;
    snapshot.each("SELECT stream FROM parked", [], |cells| {
        state.parked.insert(cells.text()?);
        Ok(())
    })?;
    state.at = checkpoint.last.map(|(position, _)| position);
    state.newest = checkpoint.newest;
    Ok(state)
}
