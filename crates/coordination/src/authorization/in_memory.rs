//! Entities in memory: asking cannot fail, and what is found by marks is kept in the index.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;

use care::ids::DelegationId;
use uuid::Uuid;

use super::entity::{Entities, Entity};
use super::{AuthorizationState, Kept};

impl Entities for AuthorizationState {
    type Fault = Infallible;

    fn get<E: Entity>(&self, id: Uuid) -> Result<Option<Cow<'_, E>>, Infallible> {
        Ok(self.entity(id).map(Cow::Borrowed))
    }

    fn ages(&self, delegation: DelegationId) -> Option<care::age::AgeInstants> {
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
